"""FlatGeobuf, read by GDAL; what its header declares is checked against what comes out."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from layers.errors import UnreadableFile
from layers.report import Finding
from loaders.drivers import import_pyogrio
from loaders.formats import arrow
from loaders.formats.features import from_wkb
from loaders.formats.format import Format, Opened
from loaders.formats.projection import crs_of, to_degrees
from loaders.raw import RawLayer, check_width, unique_headers

MAGIC = b"fgb\x03fgb"
BATCH = 2_000
SMALLEST_FEATURE = 16  # bytes: no feature is shorter
COUNT_FIELD = 8  # of the table `Header`: features_count
REMEDY = "Export or copy the file again."


def sniff(head: bytes, path: Path) -> bool:
    """The magic bytes of version 3."""
    return head.startswith(MAGIC)


def read(opened: Opened) -> list[RawLayer]:
    """Read the features.

    Raises
    ------
    UnreadableFile
        When the header is damaged or lies, or no feature can be read.
    NoCrs
        When its coordinate system is unknown.
    """
    declared = _declared(opened)
    meta, table = _read_with_gdal(opened, declared)
    count, lost = table.num_rows, max(0, (declared or 0) - table.num_rows)
    if not count:
        found = f"{declared} features in its header, and none that can be read" if declared else "no features"
        raise UnreadableFile(opened.name, found, "a complete FlatGeobuf", REMEDY)
    names = [name for name in table.column_names if name != "wkb_geometry"]
    check_width(len(names), opened.max_columns, opened.name)
    headers, findings = unique_headers(names, opened.name)
    blobs = table["wkb_geometry"].to_pylist() if "wkb_geometry" in table.column_names else [None] * count
    shapes, bad = from_wkb(blobs, opened.name, "feature", range(1, count + 1))
    crs = str(meta["crs"]) if meta["crs"] else None
    shapes, moved = to_degrees(shapes, crs, opened.name)
    rows = np.arange(1, count + lost + 1, dtype=np.int64)
    shapes = np.concatenate([shapes, np.full(lost, None, dtype=object)])
    return [
        RawLayer(
            name="",
            columns=headers,
            cells=[_padded(arrow.texts(_one(table[name])), lost) for name in names],
            rows=rows,
            geometry=pa.array(shapely.to_wkb(shapes), pa.large_binary()),
            numeric=tuple(
                h for h, name in zip(headers, names, strict=True) if arrow.is_fraction(table.schema.field(name).type)
            ),
            crs=crs_of(shapes) if crs is None else "",
            findings=[*findings, *_truncated(opened.name, count, lost), *bad, *moved],
        )
    ]


def _declared(opened: Opened) -> int | None:
    """How many features the header declares; None where it does not say.

    Raises
    ------
    UnreadableFile
        When the header is cut short, or declares more than the file can hold.
    """
    size = opened.path.stat().st_size
    with opened.path.open("rb") as stream:
        length = struct.unpack("<I", stream.read(12)[8:].ljust(4, b"\x00"))[0]
        header = stream.read(min(length, size))
    try:
        count = _count(header)
    except struct.error as error:
        raise UnreadableFile(opened.name, "a damaged header", "a complete FlatGeobuf", REMEDY) from error
    if count > size / SMALLEST_FEATURE:
        found = f"a header that declares {count} features in {size} bytes"
        raise UnreadableFile(opened.name, found, "a complete FlatGeobuf", REMEDY)
    return count or None


def _count(header: bytes) -> int:
    """The number of features in the flatbuffer of the header; 0 where it does not stand there."""
    (table,) = struct.unpack_from("<I", header, 0)
    (back,) = struct.unpack_from("<i", header, table)
    (length,) = struct.unpack_from("<H", header, table - back)
    slot = 4 + 2 * COUNT_FIELD
    if slot >= length:
        return 0
    (offset,) = struct.unpack_from("<H", header, table - back + slot)
    return int(struct.unpack_from("<Q", header, table + offset)[0]) if offset else 0


def _read_with_gdal(opened: Opened, declared: int | None) -> tuple[dict[str, Any], pa.Table]:
    """Batches as far as they can be read; where a batch fails, its features one by one."""
    batches: list[pa.RecordBatch] = []
    meta = _take(opened, batches, BATCH)
    read = sum(batch.num_rows for batch in batches)
    if meta["failed"]:
        meta = _take(opened, batches, 1, skip=read)
    if not batches:
        return meta, pa.table({})
    table = pa.Table.from_batches(batches)
    if declared is None and meta["failed"]:
        raise UnreadableFile(
            opened.name,
            f"features that cannot be read after the first {table.num_rows}, and a header that gives no number",
            "a complete FlatGeobuf",
            REMEDY,
        )
    return meta, table


def _take(opened: Opened, batches: list[pa.RecordBatch], size: int, skip: int = 0) -> dict[str, Any]:
    """Add batches of this size until one fails."""
    pyogrio = import_pyogrio()
    failed, read = False, skip
    try:
        with pyogrio.raw.open_arrow(
            opened.path,
            batch_size=size,
            skip_features=skip,
            use_pyarrow=True,
            datetime_as_string=True,
        ) as (meta, stream):
            try:
                for batch in stream:
                    batches.append(batch)
                    read += batch.num_rows
                    opened.progress(read)
            except (OSError, pa.ArrowException):
                failed = True
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, IndexError, ValueError) as error:
        reason = str(error).splitlines()[0][:120]
        raise UnreadableFile(
            opened.name, f"a damaged FlatGeobuf ({reason})", "a complete FlatGeobuf", REMEDY
        ) from error
    return {**meta, "failed": failed}


def _one(column: pa.ChunkedArray) -> pa.Array:
    return pa.concat_arrays(column.chunks)


def _padded(column: pa.Array, lost: int) -> pa.Array:
    return pa.concat_arrays([column, pa.nulls(lost, column.type)]) if lost else column


def _truncated(name: str, count: int, lost: int) -> list[Finding]:
    """What is said of features that the header declares and that cannot be read."""
    if not lost:
        return []
    summary = Finding(
        "truncated",
        "warning",
        f"{name}: the header declares {count + lost} features; {lost} of them cannot be read.",
        found=f"{count} of {count + lost} features",
        remedy=REMEDY,
    )
    rows = [
        Finding(
            "truncated",
            "rejected",
            f"{name}, feature {row}: it is cut off or damaged.",
            row=row,
            field="geometry",
            remedy=REMEDY,
        )
        for row in range(count + 1, count + lost + 1)
    ]
    return [summary, *rows]


FLATGEOBUF = Format("flatgeobuf", "FlatGeobuf", (".fgb",), sniff, read)
