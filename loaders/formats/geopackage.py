"""GeoPackage (OGC 12-128), read table by table through SQLite.

Only what `sqlite_master` calls a table is read: a view may never end. The schema of
the file is not trusted, and nothing is written.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from layers.errors import NoCrs, UnreadableFile
from layers.report import Finding
from loaders.formats.format import Format, Opened
from loaders.formats.projection import REMEDY, Geometries, crs_of, to_degrees
from loaders.formats.statements import from_metadata
from loaders.raw import RawLayer, check_width, text_array, unique_headers
from loaders.wkb import not_deep

# Bytes of the bounding box in a geometry header, by the envelope code in its flags.
ENVELOPE_BYTES = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}
HEADER_BYTES = 8
REGISTERS = ("gpkg_contents", "gpkg_geometry_columns", "gpkg_spatial_ref_sys")


def sniff(head: bytes, path: Path) -> bool:
    """SQLite with the GeoPackage application id, or with its table of contents."""
    if not head.startswith(b"SQLite format 3\x00"):
        return False
    return head[68:72] in (b"GPKG", b"GP10", b"GP11") or b"gpkg_contents" in head


def read(opened: Opened) -> list[RawLayer]:
    """Read every table of features or attributes.

    Raises
    ------
    UnreadableFile
        When the database is damaged or holds no such table.
    NoCrs
        When a layer's coordinate system is unknown.
    """
    try:
        with closing(sqlite3.connect(f"{opened.path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            database.execute("PRAGMA trusted_schema = OFF")
            database.execute("PRAGMA query_only = ON")
            database.text_factory = lambda value: value.decode("utf-8", errors="replace")
            _check_registers(database, opened.name)
            tables, others = _tables(database)
            layers = [_layer(database, table, opened) for table in tables]
    except sqlite3.Error as error:
        raise UnreadableFile(
            opened.name, f"a damaged GeoPackage ({error})", "a complete GeoPackage", "Export or copy it again."
        ) from error
    if not layers:
        besides = f" ({', '.join(others)})"[:200] if others else ""
        found = f"a GeoPackage without a table of features{besides}"
        raise UnreadableFile(opened.name, found, "at least one layer", "Export the layer again.")
    if others:
        message = f"{opened.name}: it also holds {', '.join(others)}, which was not read."
        remedy = "Save a view as a layer of its own, and pictures as GeoTIFF."
        layers[0].findings.append(Finding("not_read", "warning", message, found=", ".join(others), remedy=remedy))
    return layers


def _check_registers(database: sqlite3.Connection, name: str) -> None:
    """Refuse a file whose own lists are views: they may never end.

    Raises
    ------
    UnreadableFile
        When one is.
    """
    views = f"SELECT name FROM sqlite_master WHERE type = 'view' AND lower(name) IN ({', '.join('?' * len(REGISTERS))})"  # noqa: S608
    if found := database.execute(views, REGISTERS).fetchone():
        raise UnreadableFile(name, f"a GeoPackage whose list {found[0]} is a view", "a table", "Export it again.")


def _tables(database: sqlite3.Connection) -> tuple[list[str], list[str]]:
    """Tables of features or attributes, and in words what else the contents list."""
    query = (
        "SELECT c.table_name, c.data_type, coalesce(m.type, 'no') FROM gpkg_contents c"
        " LEFT JOIN sqlite_master m ON m.name = c.table_name COLLATE NOCASE AND m.type IN ('table', 'view')"
        " ORDER BY c.rowid"
    )
    tables, others = [], []
    for name, kind, stored in database.execute(query):
        if stored == "table" and kind in ("features", "attributes"):
            tables.append(str(name))
        else:
            others.append(f'the {"view" if stored == "view" else kind} "{name}"')
    return tables, others


def _metadata(database: sqlite3.Connection) -> list[str]:
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'gpkg_metadata'"
    if database.execute(query).fetchone() is None:
        return []
    return [str(text) for (text,) in database.execute("SELECT metadata FROM gpkg_metadata LIMIT 100")]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _layer(database: sqlite3.Connection, table: str, opened: Opened) -> RawLayer:
    where = f"{opened.name}, layer {table}"
    columns = [(str(row[1]), bool(row[5])) for row in database.execute(f"PRAGMA table_info({_quoted(table)})")]
    check_width(len(columns), opened.max_columns, where)
    names = [name for name, _ in columns]
    geometry_column, crs = _geometry_column(database, table, where)
    # The table name comes from the file's own list and is quoted.
    cursor = database.execute(f"SELECT {', '.join(map(_quoted, names))} FROM {_quoted(table)}")  # noqa: S608
    records = cursor.fetchall()
    # A whole-number key that nobody named otherwise is the container's, not the sender's.
    counter = next((name for name, key in columns if key and name.lower() in ("fid", "ogc_fid")), None)
    kept = [i for i, name in enumerate(names) if name not in (geometry_column, counter)]
    headers, findings = unique_headers([names[i] for i in kept], where)
    layer = RawLayer(
        name=table,
        columns=headers,
        cells=[text_array([_text(record[i]) for record in records]) for i in kept],
        rows=np.arange(1, len(records) + 1, dtype=np.int64),
        numeric=tuple(
            header
            for header, i in zip(headers, kept, strict=True)
            if any(isinstance(record[i], float) for record in records)
        ),
        overlay=from_metadata(_metadata(database)),
        findings=findings,
    )
    if geometry_column in names:
        position = names.index(geometry_column)
        shapes, bad = _geometries([record[position] for record in records], where)
        shapes, moved = to_degrees(shapes, crs, where)
        layer.crs = crs_of(shapes) if crs is None else ""
        layer.geometry = pa.array(shapely.to_wkb(shapes), pa.large_binary())
        layer.findings += [*bad, *moved]
    return layer


def _geometry_column(database: sqlite3.Connection, table: str, where: str) -> tuple[str, str | None]:
    """Name of the geometry column and its coordinate system; both empty where it has none."""
    query = (
        "SELECT g.column_name, s.organization, s.organization_coordsys_id, s.definition, g.srs_id"
        " FROM gpkg_geometry_columns g LEFT JOIN gpkg_spatial_ref_sys s ON s.srs_id = g.srs_id WHERE g.table_name = ?"
    )
    row = database.execute(query, (table,)).fetchone()
    if row is None:
        return "", None
    column, organisation, code, definition, srs_id = row
    if srs_id in (0, -1):  # "undefined": plausible degrees, or refused
        return str(column), None
    if str(organisation).upper() == "EPSG":
        return str(column), f"EPSG:{code}"
    if not definition:
        raise NoCrs(where, f"the coordinate system {srs_id}, which is not described", "a known one", REMEDY)
    return str(column), str(definition)


def _geometries(blobs: list[Any], where: str) -> tuple[Geometries, list[Finding]]:
    result: Geometries = np.full(len(blobs), None, dtype=object)
    findings = []
    for index, blob in enumerate(blobs):
        if blob is None:
            continue
        try:
            result[index] = shapely.from_wkb(not_deep(_wkb(blob)))
        except (ValueError, TypeError, KeyError, IndexError, NotImplementedError, shapely.errors.ShapelyError) as error:
            reason = str(error).splitlines()[0][:120]
            findings.append(
                Finding(
                    "bad_geometry",
                    "rejected",
                    f"{where}, feature {index + 1}: the geometry cannot be read ({reason}).",
                    row=index + 1,
                    field="geometry",
                    remedy="Correct the geometry of this feature.",
                )
            )
    return result, findings


def _wkb(blob: bytes) -> bytes | None:
    """Geometry behind the GeoPackage header; None for the empty one."""
    if blob[:2] != b"GP":
        raise ValueError("no GeoPackage geometry")
    flags = blob[3]
    if flags & 0b10000:
        return None
    return blob[HEADER_BYTES + ENVELOPE_BYTES[(flags >> 1) & 0b111] :]


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return f"<{len(value)} bytes>"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


GEOPACKAGE = Format("geopackage", "GeoPackage", (".gpkg",), sniff, read)
