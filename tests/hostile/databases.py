"""SQLite: views without end, triggers, virtual tables, damaged pages."""

# ruff: noqa: E501, S608 - the files stand here as they are sent, their SQL among them

from __future__ import annotations

import sqlite3
import struct
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from tests.hostile.form import (
    COLUMNS,
    LANDLOCK,
    MEMORY,
    READER,
    SEPARATE,
    TABLES,
    TIME,
    Form,
    Loads,
    Planted,
    Refused,
    Verdict,
)

FAMILY = "GeoPackage and SQLite"
Fill = Callable[[sqlite3.Connection, Planted], None]
BAD, EITHER = Refused(), Refused(("unreadable_file", "too_large", "no_crs"))


def point(x: float = 20, y: float = 5) -> bytes:
    return b"GP\x00\x01" + struct.pack("<i", 4326) + b"\x01" + struct.pack("<Idd", 1, x, y)


def geopackage(planted: Planted, fill: Fill, rows: int = 2) -> bytes:
    """A GeoPackage of one layer `a`, to which `fill` does harm."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "a.gpkg")
        with closing(sqlite3.connect(file)) as database:
            database.executescript(
                "PRAGMA application_id = 0x47504B47; PRAGMA user_version = 10300;"
                "CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT, srs_id INTEGER PRIMARY KEY, organization TEXT,"
                " organization_coordsys_id INTEGER, definition TEXT, description TEXT);"
                "INSERT INTO gpkg_spatial_ref_sys VALUES ('WGS 84', 4326, 'EPSG', 4326, 'GEOGCS[]', '');"
                "CREATE TABLE gpkg_contents (table_name TEXT PRIMARY KEY, data_type TEXT, identifier TEXT, description TEXT,"
                " last_change TEXT, min_x REAL, min_y REAL, max_x REAL, max_y REAL, srs_id INTEGER);"
                "CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, geometry_type_name TEXT,"
                " srs_id INTEGER, z INTEGER, m INTEGER);"
                "CREATE TABLE a (fid INTEGER PRIMARY KEY, geom BLOB, name TEXT);"
                "INSERT INTO gpkg_contents (table_name, data_type, srs_id) VALUES ('a', 'features', 4326);"
                "INSERT INTO gpkg_geometry_columns VALUES ('a', 'geom', 'POINT', 4326, 0, 0);"
            )
            database.executemany("INSERT INTO a (geom, name) VALUES (?, ?)", [(point(), f"n{i}") for i in range(rows)])
            fill(database, planted)
            database.commit()
        return file.read_bytes()


def _view(select: str) -> Fill:
    def fill(database: sqlite3.Connection, planted: Planted) -> None:
        database.execute("DROP TABLE a")
        database.execute(f"CREATE VIEW a AS {select}")

    return fill


def _script(sql: str) -> Fill:
    return lambda database, planted: database.executescript(sql) and None


def _forged(kind: str, sql: str) -> Fill:
    """The schema says something else than what was made."""

    def fill(database: sqlite3.Connection, planted: Planted) -> None:
        database.execute("PRAGMA writable_schema = ON")
        database.execute(
            "UPDATE sqlite_master SET type = ?, sql = ? WHERE name = 'a'",
            (kind, sql.format(secret=planted.file("secret.db"))),
        )

    return fill


def _blob(blob: bytes) -> Fill:
    return lambda database, planted: database.execute("UPDATE a SET geom = ? WHERE fid = 1", (blob,)) and None


def _nested(depth: int) -> bytes:
    return point()[:8] + b"".join(b"\x01" + struct.pack("<II", 7, 1) for _ in range(depth)) + point()[8:]


def _wide(database: sqlite3.Connection, planted: Planted) -> None:
    for i in range(1_500):
        database.execute(f"ALTER TABLE a ADD COLUMN c{i} TEXT")


def _damaged(at: int, what: bytes) -> Callable[[Planted], bytes]:
    def make(planted: Planted) -> bytes:
        whole = bytearray(geopackage(planted, lambda d, p: None, rows=500))
        whole[at : at + len(what)] = what
        return bytes(whole)

    return make


# Damage in a page that no row lies in does no harm to the rows.
DAMAGED = (Refused(("unreadable_file", "missing_field")), Loads(500))
ENDLESS = (
    "WITH RECURSIVE t(fid) AS (SELECT 1 UNION ALL SELECT fid + 1 FROM t) SELECT fid, NULL AS geom, 'x' AS name FROM t"
)


def forms() -> list[Form]:
    """Every form of this family."""
    views, crash = (TABLES, *TIME), (READER, SEPARATE)
    made: list[tuple[str, str, Fill, Verdict | tuple[Verdict, ...], tuple[str, ...]]] = [
        ("endless_view.gpkg", "a view that never ends", _view(ENDLESS), BAD, views),
        (
            "heavy_view.gpkg",
            "a view that multiplies itself",
            _view("SELECT 1 AS fid, NULL AS geom, count(*) AS name FROM gpkg_contents a, (" + ENDLESS + ")"),
            BAD,
            views,
        ),
        (
            "memory_view.gpkg",
            "a view of very long texts",
            _view("SELECT 1 AS fid, NULL AS geom, hex(randomblob(900000000)) AS name"),
            BAD,
            (TABLES, MEMORY, *TIME),
        ),
        (
            "readfile_view.gpkg",
            "a view that reads a file",
            _view("SELECT 1 AS fid, NULL AS geom, readfile('/etc/passwd') AS name"),
            BAD,
            (TABLES, READER, LANDLOCK),
        ),
        (
            "load_view.gpkg",
            "a view that loads a library",
            _view("SELECT 1 AS fid, NULL AS geom, load_extension('/tmp/x.so') AS name"),
            BAD,
            (TABLES, READER, LANDLOCK),
        ),
        (
            "contents_view.gpkg",
            "the table of contents is a view",
            _script(
                f"ALTER TABLE gpkg_contents RENAME TO b; CREATE VIEW gpkg_contents AS SELECT 'a' AS table_name, 'features' AS data_type FROM ({ENDLESS});"
            ),
            BAD,
            views,
        ),
        (
            "trigger.gpkg",
            "a trigger on every change",
            _script("CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM a; END;"),
            Loads(2),
            crash,
        ),
        (
            "virtual.gpkg",
            "a virtual table over a file",
            _forged("table", "CREATE VIRTUAL TABLE a USING csv(filename='{secret}')"),
            BAD,
            (READER, LANDLOCK),
        ),
        (
            "fts.gpkg",
            "a full-text table with damaged insides",
            _script(
                "CREATE VIRTUAL TABLE b USING fts5(name); DELETE FROM b_data; INSERT INTO gpkg_contents (table_name, data_type) VALUES ('b', 'attributes');"
            ),
            Refused(("unreadable_file", "missing_field")),
            crash,
        ),
        (
            "generated.gpkg",
            "a column that is worked out while it is read",
            _script("ALTER TABLE a ADD COLUMN b TEXT GENERATED ALWAYS AS (hex(zeroblob(400000000))) VIRTUAL;"),
            (EITHER, Loads(2)),
            (READER, MEMORY, *TIME),
        ),
        (
            "view_as_table.gpkg",
            "a view that says it is a table",
            _forged("table", "CREATE VIEW a AS " + ENDLESS),
            BAD,
            (READER, *TIME),
        ),
        ("schema_garbage.gpkg", "a schema that is no SQL", _forged("table", "CREATE TABLE a (((("), BAD, crash),
        (
            "attach.gpkg",
            "a name that is SQL",
            _script(
                "ALTER TABLE a RENAME TO \"a\"\"; ATTACH '/tmp/x' AS b; --\"; UPDATE gpkg_contents SET table_name = 'a\"; ATTACH ''/tmp/x'' AS b; --';"
            ),
            Loads(2, 2),
            crash,
        ),
        ("wide.gpkg", "1,500 columns", _wide, Refused(("too_large",)), (COLUMNS, MEMORY, *TIME)),
        (
            "deep_geometry.gpkg",
            "collections 200,000 deep, which end a process that follows them",
            lambda d, p: _blob(_nested(200_000))(d, p),
            Loads(2, 1),
            (SEPARATE, READER),
        ),
        ("short_geometry.gpkg", "a geometry of three bytes", _blob(b"GP\x00"), Loads(2, 1), crash),
        (
            "count_geometry.gpkg",
            "a geometry that declares four billion points",
            _blob(point()[:8] + b"\x01" + struct.pack("<II", 2, 0xFFFFFFFF)),
            Loads(2, 1),
            (READER, MEMORY),
        ),
        (
            "no_geometry.gpkg",
            "a geometry that is text",
            lambda d, p: d.execute("UPDATE a SET geom = 'POINT(1 2)' WHERE fid = 1") and None,
            Loads(2, 1),
            crash,
        ),
        (
            "srs_bomb.gpkg",
            "a coordinate system of ten megabytes",
            lambda d, p: (
                d.execute(
                    "UPDATE gpkg_spatial_ref_sys SET organization = 'x', definition = ?", ("PROJCS[" * 1_400_000,)
                )
                and None
            ),
            EITHER,
            (READER, *TIME),
        ),
        (
            "srs_file.gpkg",
            "a coordinate system that names a file",
            lambda d, p: (
                d.execute(
                    "UPDATE gpkg_spatial_ref_sys SET organization = 'x', definition = ?",
                    (f"+proj=utm +zone=34 +nadgrids={p.file('secret.csv')}",),
                )
                and None
            ),
            Refused(("no_crs",)),
            (READER, LANDLOCK),
        ),
        (
            "blob_text.gpkg",
            "text that is no UTF-8",
            lambda d, p: d.execute("UPDATE a SET name = CAST(x'fffe00ff' AS TEXT)") and None,
            Loads(2),
            crash,
        ),
    ]
    forms = [
        Form(FAMILY, file, attempt, lambda p, fill=fill: geopackage(p, fill), verdict, by)
        for file, attempt, fill, verdict, by in made
    ]
    pages = [
        ("page_1.gpkg", "a damaged first page", _damaged(100, b"\xff" * 60)),
        ("page_size.gpkg", "a size of pages that does not exist", _damaged(16, b"\xff\xff")),
        ("freelist.gpkg", "a list of free pages that goes round", _damaged(32, b"\x00\x00\x00\x01\x7f\xff\xff\xff")),
        ("header_only.gpkg", "a header and nothing else", lambda p: geopackage(p, lambda d, q: None)[:100]),
        ("encoding.gpkg", "an encoding that does not exist", _damaged(56, b"\x00\x00\x00\x09")),
        (
            "plain.sqlite",
            "SQLite that is no GeoPackage",
            lambda p: _damaged(68, b"\0\0\0\0")(p).replace(b"gpkg_contents", b"gpkg_contentz"),
        ),
    ]
    forms += [Form(FAMILY, file, attempt, make, DAMAGED, crash) for file, attempt, make in pages]
    forms.append(
        Form(
            FAMILY,
            "pages_middle.gpkg",
            "damaged pages in the middle",
            _damaged(9_000, b"\xff" * 8_000),
            Refused(("unreadable_file", "missing_field")),
            crash,
        )
    )
    return forms
