"""GeoParquet 1.0 and 1.1 by pyarrow alone, and Parquet without geometry as a table.

Read in batches. Geometry may be WKB or one of the native encodings; its coordinate
system is PROJJSON, and longitude and latitude where the file says nothing of it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from layers.errors import UnreadableFile
from layers.report import Finding
from loaders.formats import arrow
from loaders.formats.features import from_wkb
from loaders.formats.format import Format, Opened
from loaders.formats.projection import Geometries, crs_of, to_degrees
from loaders.raw import RawLayer, check_width, unique_headers

BATCH = 20_000
DEGREES = "OGC:CRS84"
# Levels of lists above the coordinates, and the type that they make.
NATIVE = {
    "point": (0, shapely.GeometryType.POINT),
    "linestring": (1, shapely.GeometryType.LINESTRING),
    "multipoint": (1, shapely.GeometryType.MULTIPOINT),
    "polygon": (2, shapely.GeometryType.POLYGON),
    "multilinestring": (2, shapely.GeometryType.MULTILINESTRING),
    "multipolygon": (3, shapely.GeometryType.MULTIPOLYGON),
}
REMEDY = "Export or copy the file again."
Json = dict[str, Any]


def sniff(head: bytes, path: Path) -> bool:
    """The magic bytes of Parquet."""
    return head.startswith(b"PAR1")


def read(opened: Opened) -> list[RawLayer]:
    """Read the table, with its primary geometry where it has one.

    Raises
    ------
    UnreadableFile
        When it is cut short, damaged, without rows, or its geometry has no known encoding.
    NoCrs
        When its coordinate system is unknown.
    TooLarge
        Over the limit of columns.
    """
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(opened.path, pre_buffer=False)
        names = list(file.schema_arrow.names)
        check_width(len(names), opened.max_columns, opened.name)
        if not file.metadata.num_rows:
            raise UnreadableFile(opened.name, "a table without rows", "at least one row", "Export it with its rows.")
        return [_layer(opened, file)]
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0][:120]
        raise UnreadableFile(opened.name, f"damaged Parquet ({reason})", "complete Parquet", REMEDY) from error


def _layer(opened: Opened, file: Any) -> RawLayer:
    geo = _geo(file.schema_arrow, opened.name)
    described: Json = geo["columns"]
    primary = str(geo.get("primary_column", ""))
    everything = list(file.schema_arrow.names)
    derived = {primary, *(path[0] for path in _boxes(described.get(primary, {})))}
    kept = [i for i, name in enumerate(everything) if name not in derived]
    names = [everything[i] for i in kept]
    headers, findings = unique_headers(names, opened.name)
    columns: list[list[pa.Array]] = [[] for _ in names]
    shapes: list[Geometries] = []
    rows = 0
    for batch in file.iter_batches(batch_size=BATCH):
        for parts, name, i in zip(columns, names, kept, strict=True):
            column = batch.column(i)
            parts.append(_wkt(column, described[name]) if name in described else arrow.texts(column))
        if primary:
            column = batch.column(everything.index(primary))
            placed, bad = _shapes(column, described[primary], opened.name, rows)
            shapes.append(placed)
            findings += bad
        rows += batch.num_rows
        opened.progress(rows)
    if rows != file.metadata.num_rows:
        found = f"{rows} rows where {file.metadata.num_rows} are declared"
        raise UnreadableFile(opened.name, found, "complete Parquet", REMEDY)
    layer = RawLayer(
        name="",
        columns=headers,
        cells=[pa.concat_arrays(parts) for parts in columns],
        rows=np.arange(1, rows + 1, dtype=np.int64),
        numeric=tuple(
            h for h, i in zip(headers, kept, strict=True) if arrow.is_fraction(file.schema_arrow.field(i).type)
        ),
        findings=findings,
    )
    if primary:
        _place(layer, np.concatenate(shapes), described[primary], opened.name)
        others = [name for name in described if name in names]
        if others:
            layer.findings.append(_other_geometry(opened.name, primary, others))
    return layer


def _geo(schema: pa.Schema, name: str) -> Json:
    """The `geo` metadata, checked; without columns where the file has none.

    Raises
    ------
    UnreadableFile
        When it is no JSON, or speaks of columns that are not there.
    """
    content = (schema.metadata or {}).get(b"geo")
    if content is None:
        return {"columns": {}}
    try:
        geo = json.loads(content)
        described = {str(column): dict(about) for column, about in geo["columns"].items()}
        primary = str(geo.get("primary_column") or next(iter(described)))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, StopIteration) as error:
        raise _undescribed(name) from error
    if primary not in described or not set(described) <= set(schema.names):
        raise _undescribed(name)
    return {"columns": described, "primary_column": primary}


def _undescribed(name: str) -> UnreadableFile:
    return UnreadableFile(name, "geo metadata that do not describe its columns", "GeoParquet", "Export it again.")


def _boxes(about: Json) -> list[list[str]]:
    """Columns that only repeat the bounds of the geometry."""
    covering = about.get("covering")
    box = covering.get("bbox") if isinstance(covering, dict) else None
    return [path for path in box.values() if isinstance(path, list) and path] if isinstance(box, dict) else []


def _place(layer: RawLayer, shapes: Geometries, about: Json, name: str) -> None:
    """Bring the geometry to degrees and lay it into the layer."""
    crs = about.get("crs", DEGREES)
    stated = json.dumps(crs) if isinstance(crs, dict) else None if crs is None else str(crs)
    if isinstance(crs, dict) and crs.get("id") in (
        {"authority": "EPSG", "code": 4326},
        {"authority": "OGC", "code": "CRS84"},
    ):
        stated = DEGREES
    shapes, moved = to_degrees(shapes, stated, name)
    layer.geometry = pa.array(shapely.to_wkb(shapes), pa.large_binary())
    layer.crs = crs_of(shapes) if stated is None else ""
    layer.findings += moved
    if about.get("edges") == "spherical":
        message = f"{name}: its edges are parts of great circles; they are drawn straight in longitude and latitude."
        layer.findings.append(Finding("edges_straight", "warning", message, found="spherical edges"))


def _other_geometry(name: str, primary: str, others: list[str]) -> Finding:
    listed = ", ".join(others)
    return Finding(
        "other_geometry",
        "warning",
        f"{name}: it has {len(others) + 1} geometry columns; {primary} was taken, {listed} stay as text.",
        found=listed,
        remedy="Make the other the primary column, if that is the place.",
    )


def _wkt(column: pa.Array, about: Json) -> pa.Array:
    shapes, _ = _shapes(column, about, "", 0)
    return pa.array(shapely.to_wkt(shapes, rounding_precision=7), pa.large_string())


def _shapes(column: pa.Array, about: Json, name: str, before: int) -> tuple[Geometries, list[Finding]]:
    """The geometries of one batch.

    Raises
    ------
    UnreadableFile
        When the encoding is unknown, or the column is of another type than it needs.
    """
    if isinstance(column.type, pa.BaseExtensionType):
        column = column.storage
    encoding = str(about.get("encoding", "")).lower()
    try:
        if encoding == "wkb":
            rows = range(before + 1, before + len(column) + 1)
            return from_wkb(column.cast(pa.large_binary()).to_pylist(), name, "row", rows)
        levels, kind = NATIVE[encoding]
        return _native(column, levels, kind), []
    except (KeyError, ValueError, TypeError, AttributeError, pa.ArrowException) as error:
        found = f'geometry of the encoding "{encoding[:40]}" in a column of type {str(column.type)[:60]}'
        raise UnreadableFile(name, found, "WKB, or a native encoding of GeoParquet", "Export it as WKB.") from error


def _native(column: pa.Array, levels: int, kind: shapely.GeometryType) -> Geometries:
    """Coordinates in nested lists; nothing where the row has none."""
    there = np.asarray(column.is_valid())
    column = column.filter(pa.array(there))
    offsets = []
    for _ in range(levels):
        lengths = np.asarray(pa.compute.list_value_length(column), dtype=np.int64)
        offsets.append(np.concatenate([[0], np.cumsum(lengths)]))
        column = column.flatten()
    if pa.types.is_struct(column.type):
        axes = [np.asarray(column.field(axis).cast(pa.float64())) for axis in ("x", "y")]
        coordinates = np.column_stack(axes)
    else:
        coordinates = np.asarray(column.flatten()).reshape(len(column), -1)[:, :2]
    result: Geometries = np.full(len(there), None, dtype=object)
    result[there] = shapely.from_ragged_array(kind, coordinates, tuple(offsets[::-1]) or None)
    return result


GEOPARQUET = Format("geoparquet", "GeoParquet", (".parquet", ".geoparquet", ".pq"), sniff, read)
