"""Who did what and when: rows that cannot be changed, each sealed with the one before.

A row is written in the transaction of the change that it tells of. Its hash covers its
own content and the hash of the row before, so that a row changed behind the triggers'
back breaks the chain; the last hash, noted elsewhere, also gives away a chain cut short.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from store.records import Principal
from store.tables import AUDIT

FIRST = "0" * 64


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
    action : {"publish", "merge", "roll_back", "remove_exercise", "read"}
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
    previous: str
    hash: str

    @property
    def sealed(self) -> str:
        """The hash that this row's content ought to have."""
        content: dict[str, Any] = asdict(self)
        del content["hash"]
        return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def add_audit_row(
    connection: Connection,
    *,
    at: datetime,
    principal: Principal,
    by: str,
    action: str,
    layer: str,
    version: int | None = None,
    content_hash: str = "",
    note: str = "",
) -> None:
    """Add one row. Call inside the writing transaction of the change itself."""
    last = connection.execute(select(AUDIT.c.number, AUDIT.c.hash).order_by(AUDIT.c.number.desc()).limit(1)).first()
    number, previous = (last.number + 1, last.hash) if last else (1, FIRST)
    row = AuditRow(number, at.isoformat(), principal.name, by, action, layer, version, content_hash, note, previous, "")
    connection.execute(insert(AUDIT).values(**{**asdict(row), "hash": row.sealed}))


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
