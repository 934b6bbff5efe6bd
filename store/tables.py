"""The catalogue's tables, and the triggers that keep history as it was.

Times are ISO text: an as-of is a day or an instant, and must come back as what it was.
"""

from __future__ import annotations

from sqlalchemy import (
    DDL,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    event,
)

SCHEMA = 7
METADATA = MetaData()

FORMAT = Table("format", METADATA, Column("schema", Integer, primary_key=True, autoincrement=False))

LAYERS = Table(
    "layers",
    METADATA,
    Column("name", String(200), primary_key=True),
    Column("kind", String(60), nullable=False),
    Column("exercise", Boolean, nullable=False),
)

VERSIONS = Table(
    "versions",
    METADATA,
    Column("layer", String(200), ForeignKey("layers.name"), primary_key=True),
    Column("version", Integer, CheckConstraint("version >= 1"), primary_key=True, autoincrement=False),
    Column("content_hash", String(64), nullable=False),
    Column("object", String(64), nullable=False),
    Column("rows", Integer, nullable=False),
    Column("as_of", String(40), nullable=False),
    Column("received_at", String(40), nullable=False),
    Column("source", Text, nullable=False),
    Column("marking", String(40), nullable=False),
    Column("id_stable", Boolean, nullable=False),
    Column("originator", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("redistribution", Boolean),
    Column("by", Text, nullable=False),
    Column("note", Text, nullable=False),
)

SHAPES = Table(
    "shapes",
    METADATA,
    Column("shape", String(64), primary_key=True),
    Column("reading", String(80), primary_key=True),
    Column("stem", String(200), primary_key=True),
    Column("exercise", Boolean, primary_key=True),
    Column("kind", String(60), nullable=False),
    Column("layer", String(200), nullable=False),
    Column("mapping", Text, nullable=False),
    Column("at", String(40), nullable=False),
)

RATINGS = Table(
    "ratings",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("layer", String(200), ForeignKey("layers.name"), nullable=False, index=True),
    Column("record", Text, nullable=False),
    Column("likelihood", Integer),
    Column("impact", Integer),
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", String(40), nullable=False),
)

STYLES = Table(
    "styles",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("layer", String(200), ForeignKey("layers.name"), nullable=False, index=True),
    Column("style", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", String(40), nullable=False),
)

VARIANTS = Table(
    "variants",
    METADATA,
    Column("name", String(200), primary_key=True),
    Column("exercise", Boolean, nullable=False),
    Column("edits", Text, nullable=False),
    Column("marking", String(40), nullable=False),
    Column("by", Text, nullable=False),
    Column("at", String(40), nullable=False),
    Column("note", Text, nullable=False),
)

NOTES = Table(
    "notes",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("exercise", Boolean, nullable=False),
    Column("text", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("marking", String(40), nullable=False),
    Column("by", Text, nullable=False),
    Column("at", String(40), nullable=False),
    Column("layer", String(200), nullable=False),
    Column("record", Text, nullable=False),
)

WITHDRAWN_NOTES = Table(
    "withdrawn_notes",
    METADATA,
    Column("number", Integer, ForeignKey("notes.number"), primary_key=True, autoincrement=False),
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", String(40), nullable=False),
)

AUDIT = Table(
    "audit",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", String(40), nullable=False),
    Column("principal", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("action", String(40), nullable=False),
    Column("layer", String(200), nullable=False),
    Column("version", Integer),
    Column("content_hash", String(64), nullable=False),
    Column("note", Text, nullable=False),
    Column("statements", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
)


def _forbid(table: Table, verb: str, message: str, condition: str = "") -> None:
    """Have SQLite refuse a verb on a table; PostgreSQL's own triggers go beside these."""
    trigger = DDL(  # type: ignore[no-untyped-call]
        f"CREATE TRIGGER {table.name}_no_{verb.lower()} BEFORE {verb} ON {table.name} {condition}"
        f" BEGIN SELECT RAISE(ABORT, '{message}'); END"
    )
    event.listen(table, "after_create", trigger.execute_if(dialect="sqlite"))


_forbid(AUDIT, "UPDATE", "audit rows are never changed")
_forbid(AUDIT, "DELETE", "audit rows are never deleted")
_forbid(VERSIONS, "UPDATE", "versions are never changed")
_forbid(
    VERSIONS,
    "DELETE",
    "versions of real layers are never deleted",
    "WHEN NOT (SELECT exercise FROM layers WHERE name = OLD.layer)",
)
_forbid(RATINGS, "UPDATE", "ratings are never changed")
_forbid(
    RATINGS,
    "DELETE",
    "ratings of real layers are never deleted",
    "WHEN NOT (SELECT exercise FROM layers WHERE name = OLD.layer)",
)
_forbid(NOTES, "UPDATE", "notes are never changed")
_forbid(NOTES, "DELETE", "real notes are never deleted", "WHEN NOT OLD.exercise")
_forbid(WITHDRAWN_NOTES, "UPDATE", "a withdrawal is never changed")
_forbid(
    WITHDRAWN_NOTES,
    "DELETE",
    "withdrawals of real notes are never deleted",
    "WHEN NOT (SELECT exercise FROM notes WHERE number = OLD.number)",
)
_forbid(STYLES, "UPDATE", "styles are never changed")
_forbid(
    STYLES,
    "DELETE",
    "styles of real layers are never deleted",
    "WHEN NOT (SELECT exercise FROM layers WHERE name = OLD.layer)",
)
_forbid(VARIANTS, "UPDATE", "variants are never changed")
_forbid(LAYERS, "UPDATE", "a layer keeps its kind and its world")
