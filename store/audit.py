"""Who did what and when: rows that cannot be changed, each sealed with the one before.

A row is written in the transaction of the change that it tells of. Its hash covers its
own content and the hash of the row before, so that a row changed behind the triggers'
back breaks the chain; the last hash, noted elsewhere, also gives away a chain cut short.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from store.records import Damage, LayerInfo, Principal
from store.tables import AUDIT

FIRST = "0" * 64
CHANGES = frozenset({"publish", "merge", "roll_back"})


@dataclass(frozen=True)
class AuditRow:
    """One act.

    Attributes
    ----------
    number : int
        1, 2, 3 ... without a gap.
    at : str
        ISO time in UTC.
    principal, by : str
        Who was signed in (or the system's user), and the name given with the act.
    action : str
        publish, merge, roll_back, remove_exercise, read, rate, style, keep_variant, read_variant, remove_variant,
        note, withdraw_note, read_note or remove_note.
    statements : str
        Of a change: all that the version says of its rows, as JSON; of a rating, a style, a note, its
        withdrawal or a variant kept: all of it; of a variant or note read or removed: its name or number.
        Empty for other acts, and in rows from before statements were kept.
    previous, hash : str
        Seal of the row before, and of this row.
    """

    number: int
    at: str
    principal: str
    by: str
    action: str
    layer: str
    version: int | None
    content_hash: str
    note: str
    statements: str
    previous: str
    hash: str

    @property
    def sealed(self) -> str:
        """The hash that this row's content ought to have."""
        content: dict[str, Any] = asdict(self)
        del content["hash"]
        if not self.statements:
            del content["statements"]
        return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True)
class Audit:
    """Adds rows in the name of who is signed in: inside the writing transaction of the change itself."""

    principal: Principal
    clock: Callable[[], datetime]

    def add(
        self,
        connection: Connection,
        action: str,
        *,
        by: str = "",
        layer: str = "",
        version: int | None = None,
        content_hash: str = "",
        note: str = "",
        statements: Mapping[str, Any] | None = None,
    ) -> None:
        """Add one row; `by` is the principal where nobody is named."""
        said = json.dumps(statements, sort_keys=True, ensure_ascii=False) if statements else ""
        last = connection.execute(select(AUDIT.c.number, AUDIT.c.hash).order_by(AUDIT.c.number.desc()).limit(1)).first()
        number, previous = (last.number + 1, last.hash) if last else (1, FIRST)
        row = AuditRow(
            number=number,
            at=self.clock().isoformat(),
            principal=self.principal.name,
            by=by or self.principal.name,
            action=action,
            layer=layer,
            version=version,
            content_hash=content_hash,
            note=note,
            statements=said,
            previous=previous,
            hash="",
        )
        connection.execute(insert(AUDIT).values(**{**asdict(row), "hash": row.sealed}))

    def add_of(self, connection: Connection, action: str, info: LayerInfo, *, by: str = "") -> None:
        """Add one row about a version of a layer."""
        self.add(
            connection,
            action,
            by=by,
            layer=info.layer,
            version=info.version,
            content_hash=info.content_hash,
            note="; ".join(filter(None, [info.marking.label, info.note])),
            statements=info.statements if action in CHANGES else None,
        )


def audit_rows(connection: Connection) -> list[AuditRow]:
    """All rows, oldest first."""
    return [AuditRow(**row) for row in connection.execute(select(AUDIT).order_by(AUDIT.c.number)).mappings()]


def broken_rows(rows: list[AuditRow]) -> list[int]:
    """Numbers of the rows that do not follow from the one before."""
    broken, previous = [], FIRST
    for position, row in enumerate(rows, start=1):
        if (row.number, row.previous, row.hash) != (position, previous, row.sealed):
            broken.append(row.number)
        previous = row.hash
    return broken


def unlike_audit(rows: Iterable[AuditRow], versions: Iterable[LayerInfo]) -> list[Damage]:
    """Versions that the catalogue tells of in another way than the audit does."""
    told: dict[tuple[str, int | None], AuditRow] = {}
    for row in rows:
        if row.action in CHANGES:
            told[row.layer, row.version] = row
        elif row.action == "remove_exercise":
            told = {key: other for key, other in told.items() if key[0] != row.layer}
    damages = []
    for info in versions:
        then = told.pop((info.layer, info.version), None)
        detail = "the audit knows of no such version" if then is None else _unlike(then, info)
        if detail:
            damages.append(Damage(info.layer, info.version, "statements", detail))
    gone = (Damage(layer, version or 0, "statements", "the catalogue has lost this version") for layer, version in told)
    return [*damages, *gone]


def unlike_histories(
    rows: Iterable[AuditRow], action: str, kept: Iterable[tuple[str, dict[str, Any]]], what: str
) -> list[Damage]:
    """Layers of which something that is only ever added to is not what the audit tells of.

    Parameters
    ----------
    action : str
        Under which the audit tells of each.
    kept : iterable of (layer, statements)
        All that there are, oldest first.
    what : str
        In words, plural.
    """
    told: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        if row.action == action:
            told.setdefault(row.layer, []).append(json.loads(row.statements))
        elif row.action == "remove_exercise":
            told.pop(row.layer, None)
    found: dict[str, list[dict[str, Any]]] = {}
    for layer, statements in kept:
        found.setdefault(layer, []).append(statements)
    return [
        Damage(layer, 0, "statements", f"its {what} are not those that the audit tells of")
        for layer in sorted(told.keys() | found.keys())
        if told.get(layer) != found.get(layer)
    ]


def _unlike(row: AuditRow, info: LayerInfo) -> str:
    return unlike(json.loads(row.statements or "{}") | {"content_hash": row.content_hash}, info.statements)


def unlike(then: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """What is said now in another way than it was written, in words; empty where nothing is."""
    return "; ".join(f"{name} is {now.get(name)!r}, was written as {said!r}"
                     for name, said in then.items() if now.get(name) != said)  # fmt: skip
