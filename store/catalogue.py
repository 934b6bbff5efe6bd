"""The catalogue: which versions there are. SQLite in WAL mode, each commit on the disk.

SQLAlchemy Core, so that PostgreSQL can stand in SQLite's place: what is SQLite's own is
in `_engine` and in the triggers of `store.tables`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    RowMapping,
    create_engine,
    delete,
    event,
    func,
    insert,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from layers.dataset import SharingTerms
from layers.errors import StoreError, UnknownLayer
from layers.marking import Marking, highest
from store.records import LayerInfo, Shape
from store.tables import (
    AUDIT,
    FORMAT,
    LAYERS,
    METADATA,
    NOTES,
    RATINGS,
    SCHEMA,
    SHAPES,
    STYLES,
    VARIANTS,
    VERSIONS,
    WITHDRAWN_NOTES,
)

WAIT_SECONDS = 30.0
_COLUMNS = (*VERSIONS.columns, LAYERS.c.kind, LAYERS.c.exercise)


class Catalogue:
    """Layers and their versions.

    Parameters
    ----------
    path : Path
        The SQLite file; made when it is not there.

    Raises
    ------
    StoreError
        When the file cannot be opened, or was written by a newer Overlay.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._engine = _engine(path)
        schema = self._schema()
        if schema is None:
            schema = self._create()
        if schema == 1:
            schema = self._add_statements()
        if schema == 2:
            schema = self._add_shapes()
        if schema == 3:
            schema = self._add_ratings_and_variants()
        if schema == 4:
            schema = self._add_marking_of_variants()
        if schema == 5:
            schema = self._add_styles()
        if schema == 6:
            schema = self._add_notes()
        if schema != SCHEMA:
            raise StoreError(
                str(path), f"a catalogue of form {schema}", f"form {SCHEMA}", "Open it with the Overlay that wrote it."
            )

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view of the catalogue."""
        with self._told(), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """The only writer until the block ends; then all of it is on the disk, or none."""
        with self._told(), self._engine.connect().execution_options(writes=True) as connection, connection.begin():
            yield connection

    def _schema(self) -> int | None:
        with self.reading() as connection:
            known = inspect(connection).has_table(FORMAT.name)
            return connection.scalar(select(FORMAT.c.schema)) if known else None

    def _create(self) -> int:
        with self.writing() as connection:  # another process may have been quicker
            if not inspect(connection).has_table(FORMAT.name):
                METADATA.create_all(connection)
                connection.execute(insert(FORMAT).values(schema=SCHEMA))
        return SCHEMA

    def _add_statements(self) -> int:
        """Form 1 had no statements in its audit; its rows stay as they are sealed."""
        with self.writing() as connection:
            if "statements" not in {column["name"] for column in inspect(connection).get_columns(AUDIT.name)}:
                connection.execute(text("ALTER TABLE audit ADD COLUMN statements TEXT NOT NULL DEFAULT ''"))
                connection.execute(update(FORMAT).values(schema=2))
        return 2

    def _add_shapes(self) -> int:
        """Form 2 remembered no mappings."""
        with self.writing() as connection:
            SHAPES.create(connection, checkfirst=True)
            connection.execute(update(FORMAT).values(schema=3))
        return 3

    def _add_ratings_and_variants(self) -> int:
        """Form 3 kept neither."""
        with self.writing() as connection:
            RATINGS.create(connection, checkfirst=True)
            VARIANTS.create(connection, checkfirst=True)
            connection.execute(update(FORMAT).values(schema=4))
        return 4

    def _add_marking_of_variants(self) -> int:
        """Form 4 did not say which layers a variant rests on: it is marked as the highest of its world."""
        with self.writing() as connection:
            columns = {column["name"] for column in inspect(connection).get_columns(VARIANTS.name)}
            if "marking" not in columns:  # another process may have been quicker
                kept = connection.execute(text("SELECT * FROM variants")).mappings().all()
                infos = [info_of(row) for row in rows_of(connection)]
                VARIANTS.drop(connection)
                VARIANTS.create(connection)
                for row in kept:
                    world = bool(row["exercise"])
                    marking = highest(info.marking for info in infos if info.exercise == world)
                    connection.execute(insert(VARIANTS).values({**row, "exercise": world, "marking": marking.name}))
            connection.execute(update(FORMAT).values(schema=5))
        return 5

    def _add_styles(self) -> int:
        """Form 5 kept none."""
        with self.writing() as connection:
            STYLES.create(connection, checkfirst=True)
            connection.execute(update(FORMAT).values(schema=6))
        return 6

    def _add_notes(self) -> int:
        """Form 6 kept none."""
        with self.writing() as connection:
            NOTES.create(connection, checkfirst=True)
            WITHDRAWN_NOTES.create(connection, checkfirst=True)
            connection.execute(update(FORMAT).values(schema=7))
        return 7

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            raise _refusal(self.path, error) from error


def _engine(path: Path) -> Engine:
    # no pool: a connection lives as long as its transaction, in whichever thread asks
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool, connect_args={"timeout": WAIT_SECONDS})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, below
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _refusal(path: Path, error: SQLAlchemyError) -> StoreError:
    cause = getattr(error, "orig", None) or error
    message = str(cause).splitlines()[0]
    if isinstance(cause, sqlite3.OperationalError) and "locked" in message:
        return StoreError(str(path), "another process writing", f"a turn within {WAIT_SECONDS:.0f} s", "Try again.")
    if "readonly" in message or "unable to open" in message:
        remedy = "Give this user the right to write there, or set OVERLAY_HOME to another folder."
    elif "full" in message:
        remedy = "Free some space on the disk. Nothing that was stored is harmed."
    elif "malformed" in message or "not a database" in message:
        remedy = "Restore the catalogue from a backup; the objects beside it are untouched."
    else:
        remedy = "Nothing was changed. Run `python cli.py verify`."
    return StoreError(str(path), message, "a catalogue that can be read and written", remedy)


def current_version(connection: Connection, layer: str) -> int | None:
    """Number of the current version; None when there is no such layer."""
    return connection.scalar(select(func.max(VERSIONS.c.version)).where(VERSIONS.c.layer == layer))


def layer_row(connection: Connection, layer: str) -> RowMapping | None:
    """Kind and world of a layer; None when there is no such layer."""
    return connection.execute(select(LAYERS).where(LAYERS.c.name == layer)).mappings().first()


def rows_of(connection: Connection, layer: str | None = None) -> list[RowMapping]:
    """All versions (of one layer), oldest first."""
    query = select(*_COLUMNS).join(LAYERS).order_by(VERSIONS.c.layer, VERSIONS.c.version)
    if layer is not None:
        query = query.where(VERSIONS.c.layer == layer)
    return list(connection.execute(query).mappings())


def row_of(connection: Connection, layer: str, version: int | None = None) -> RowMapping:
    """One version, or the current one.

    Raises
    ------
    UnknownLayer
        When there is no such layer or version.
    """
    current = current_version(connection, layer)
    if current is None:
        names = ", ".join(connection.scalars(select(LAYERS.c.name).order_by(LAYERS.c.name).limit(20)))
        raise UnknownLayer(
            f'layer "{layer}"', "no layer of that name", names or "a layer", "Load it first, or choose a loaded layer."
        )
    wanted = current if version is None else version
    query = select(*_COLUMNS).join(LAYERS).where(VERSIONS.c.layer == layer, VERSIONS.c.version == wanted)
    row = connection.execute(query).mappings().first() if 1 <= wanted <= current else None
    if row is None:
        raise UnknownLayer(
            f'layer "{layer}"', f"no version {version}", f"a version from 1 to {current}", "Choose one of these."
        )
    return row


def info_of(row: RowMapping) -> LayerInfo:
    """The version that a row of the catalogue stands for.

    Raises
    ------
    StoreError
        When a cell was changed into what Overlay never writes.
    """
    try:
        return _info_of(row)
    except (KeyError, ValueError) as error:
        raise StoreError(
            f"{row['layer']}@{row['version']}", f"a statement that cannot be read ({error})", "what was written",
            "The catalogue was changed by hand: restore it from a backup.",
        ) from error  # fmt: skip


def _info_of(row: RowMapping) -> LayerInfo:
    as_of: date = datetime.fromisoformat(row["as_of"]) if "T" in row["as_of"] else date.fromisoformat(row["as_of"])
    return LayerInfo(
        layer=row["layer"],
        kind=row["kind"],
        version=row["version"],
        content_hash=row["content_hash"],
        rows=row["rows"],
        as_of=as_of,
        received_at=datetime.fromisoformat(row["received_at"]),
        source=row["source"],
        marking=Marking[row["marking"]],
        exercise=row["exercise"],
        id_stable=row["id_stable"],
        sharing=SharingTerms(row["originator"], row["purpose"], row["redistribution"]),
        by=row["by"],
        note=row["note"],
    )


def add_version(connection: Connection, info: LayerInfo, object_name: str) -> None:
    """Write one version; the layer too when it is new."""
    if layer_row(connection, info.layer) is None:
        connection.execute(insert(LAYERS).values(name=info.layer, kind=info.kind, exercise=info.exercise))
    connection.execute(
        insert(VERSIONS).values(
            layer=info.layer,
            version=info.version,
            content_hash=info.content_hash,
            object=object_name,
            rows=info.rows,
            as_of=info.as_of.isoformat(),
            received_at=info.received_at.isoformat(),
            source=info.source,
            marking=info.marking.name,
            id_stable=info.id_stable,
            originator=info.sharing.originator,
            purpose=info.sharing.purpose,
            redistribution=info.sharing.redistribution,
            by=info.by,
            note=info.note,
        )
    )


def remember_shape(connection: Connection, shape: Shape, at: datetime) -> None:
    """Keep how files of this shape were last understood."""
    same = [getattr(SHAPES.c, name) == getattr(shape, name) for name in ("shape", "reading", "stem", "exercise")]
    connection.execute(delete(SHAPES).where(*same))
    said = asdict(shape) | {"mapping": json.dumps(shape.mapping), "at": at.isoformat()}
    connection.execute(insert(SHAPES).values(**said))


def shape_like(connection: Connection, shape: str, reading: str, stem: str, *, exercise: bool) -> Shape | None:
    """How a file of this shape was last understood: one of the same name first, else the latest."""
    same = (SHAPES.c.shape == shape, SHAPES.c.reading == reading, SHAPES.c.exercise == exercise)
    order = (SHAPES.c.stem == stem).desc(), SHAPES.c.at.desc()
    row = connection.execute(select(SHAPES).where(*same).order_by(*order).limit(1)).mappings().first()
    if row is None:
        return None
    known = {name: row[name] for name in ("shape", "reading", "stem", "exercise", "kind", "layer")}
    return Shape(**known, mapping=json.loads(row["mapping"]))


def remove_layer(connection: Connection, layer: str) -> None:
    """Take away an exercise layer with all its versions; a trigger refuses real ones."""
    for kept in (RATINGS, STYLES):
        connection.execute(delete(kept).where(kept.c.layer == layer))
    connection.execute(delete(VERSIONS).where(VERSIONS.c.layer == layer))
    connection.execute(delete(LAYERS).where(LAYERS.c.name == layer))
    connection.execute(delete(SHAPES).where(SHAPES.c.layer == layer, SHAPES.c.exercise))


def objects_in_use(connection: Connection) -> set[str]:
    """Names of all objects that some version holds."""
    return set(connection.scalars(select(VERSIONS.c.object).distinct()))
