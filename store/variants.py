"""Variants in the catalogue: edits under a name."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from layers.errors import StoreError
from store.records import Variant
from store.tables import VARIANTS

WORLDS = {True: "exercise", False: "real"}


def variants_of(connection: Connection, *, exercise: bool | None = None) -> list[Variant]:
    """The variants (of one world), by name."""
    query = select(VARIANTS).order_by(VARIANTS.c.name)
    if exercise is not None:
        query = query.where(VARIANTS.c.exercise == exercise)
    rows = connection.execute(query).mappings()
    return [Variant(**{**row, "at": datetime.fromisoformat(row["at"])}) for row in rows]


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
    connection.execute(insert(VARIANTS).values(**asdict(variant) | {"at": variant.at.isoformat()}))


def drop_variant(connection: Connection, name: str) -> Variant:
    """Take one away and return it. Raises StoreError when there is none."""
    variant = variant_named(connection, name)
    connection.execute(delete(VARIANTS).where(VARIANTS.c.name == name))
    return variant
