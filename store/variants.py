"""Variants in the catalogue: edits under a name."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, select

from layers.errors import StoreError
from layers.marking import Marking
from store.audit import Audit, AuditRow, unlike
from store.catalogue import Catalogue
from store.records import Damage, Variant
from store.rules import check_name
from store.tables import VARIANTS

WORLDS = {True: "exercise", False: "real"}


@dataclass(frozen=True)
class Variants:
    """The variants in a catalogue, each with its audit rows; `Access` says what its methods do."""

    catalogue: Catalogue
    audit: Audit

    def all(self, *, exercise: bool | None = None) -> list[Variant]:
        """See `Access.variants`."""
        with self.catalogue.reading() as connection:
            found = variants_of(connection, exercise=exercise)
        self._note_reading(found)
        return found

    def named(self, name: str, *, exercise: bool | None = None) -> Variant:
        """See `Access.variant`."""
        with self.catalogue.reading() as connection:
            found = variant_named(connection, name, exercise=exercise)
        self._note_reading([found])
        return found

    def keep(self, variant: Variant) -> Variant:
        """See `Access.keep_variant`."""
        check_name(variant.name, "variant")
        with self.catalogue.writing() as connection:
            add_variant(connection, variant)
            self._note(connection, "keep_variant", variant, by=variant.by)
        return variant

    def remove(self, name: str, *, by: str = "") -> Variant:
        """See `Access.remove_variant`."""
        with self.catalogue.writing() as connection:
            return self._drop(connection, name, by=by)

    def remove_exercise(self, connection: Connection, *, by: str) -> None:
        """Take away those of the exercise, inside the transaction that removes its layers."""
        for variant in variants_of(connection, exercise=True):
            self._drop(connection, variant.name, by=by)

    def _drop(self, connection: Connection, name: str, *, by: str) -> Variant:
        variant = drop_variant(connection, name)
        self._note(connection, "remove_variant", variant, by=by)
        return variant

    def _note_reading(self, variants: Sequence[Variant]) -> None:
        noted = [v for v in variants if v.marking > Marking.UNCLASSIFIED and not v.exercise]
        if noted:
            with self.catalogue.writing() as connection:
                for variant in noted:
                    self._note(connection, "read_variant", variant)

    def _note(self, connection: Connection, action: str, variant: Variant, *, by: str = "") -> None:
        self.audit.add(
            connection,
            action,
            by=by,
            note="; ".join(filter(None, [f'variant "{variant.name}"', variant.marking.label, variant.note])),
            statements=variant.statements if action == "keep_variant" else {"name": variant.name},
        )


def variants_of(connection: Connection, *, exercise: bool | None = None) -> list[Variant]:
    """The variants (of one world), by name."""
    query = select(VARIANTS).order_by(VARIANTS.c.name)
    if exercise is not None:
        query = query.where(VARIANTS.c.exercise == exercise)
    rows = connection.execute(query).mappings()
    return [_variant_of(row) for row in rows]


def _variant_of(row: RowMapping) -> Variant:
    try:
        return Variant(**{**row, "marking": Marking[row["marking"]], "at": datetime.fromisoformat(row["at"])})
    except (KeyError, ValueError) as error:
        raise StoreError(
            f'variant "{row["name"]}"', f"a statement that cannot be read ({error})", "what was written",
            "The catalogue was changed by hand: restore it from a backup.",
        ) from error  # fmt: skip


def variant_named(connection: Connection, name: str, *, exercise: bool | None = None) -> Variant:
    """One variant; see `Access.variant`."""
    kept = {variant.name: variant for variant in variants_of(connection)}
    if name not in kept:
        names = ", ".join(list(kept)[:20])
        raise StoreError(f'variant "{name}"', "no variant of that name", names or "a variant that was kept",
                         "Keep it first, or choose one that is there.")  # fmt: skip
    if exercise is not None and kept[name].exercise != exercise:
        raise StoreError(f'variant "{name}"', f"one made for {WORLDS[not exercise]} layers",
                         f"one made for {WORLDS[exercise]} layers", "Choose another variant.")  # fmt: skip
    return kept[name]


def add_variant(connection: Connection, variant: Variant) -> None:
    """Write one. Raises StoreError when the name is taken."""
    if connection.execute(select(VARIANTS.c.name).where(VARIANTS.c.name == variant.name)).first():
        raise StoreError(f'variant "{variant.name}"', "a variant of that name", "a name that is not taken",
                         "Remove that one first, or choose another name.")  # fmt: skip
    connection.execute(insert(VARIANTS).values(**variant.statements))


def drop_variant(connection: Connection, name: str) -> Variant:
    """Take one away and return it. Raises StoreError when there is none."""
    variant = variant_named(connection, name)
    connection.execute(delete(VARIANTS).where(VARIANTS.c.name == name))
    return variant


def unlike_kept(rows: Iterable[AuditRow], variants: Iterable[Variant]) -> list[Damage]:
    """Variants that the catalogue tells of in another way than the audit does."""
    told: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row.action == "keep_variant":
            said = json.loads(row.statements)
            told[said["name"]] = said
        elif row.action == "remove_variant":
            told.pop(json.loads(row.statements)["name"], None)
    details = []
    for variant in variants:
        then = told.pop(variant.name, None)
        said = "the audit knows of no such variant" if then is None else unlike(then, variant.statements)
        details.append((variant.name, said))
    details += [(name, "the catalogue has lost it") for name in told]
    return [Damage("", 0, "statements", f'variant "{name}": {said}') for name, said in details if said]
