"""Rows of a stored layer in parts: the row groups of its GeoParquet file, read one by one.

A part is a path and a number, so that another process can read it. Whoever is handed one
reads past the door: `Access.parts` gives them to the operator alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

Floats = npt.NDArray[np.float64]
POINT_WKB = np.dtype([("order", "u1"), ("type", "<u4"), ("lon", "<f8"), ("lat", "<f8")])
"""A point as ISO WKB writes it, little endian: 21 bytes."""


@dataclass(frozen=True)
class Part:
    """One row group of a GeoParquet file."""

    path: Path
    group: int
    rows: int


class Points(NamedTuple):
    """The rows of a part that stand at a point.

    Attributes
    ----------
    lon, lat : array of float
        Degrees.
    weights : array of float, optional
        The column asked for, beside them.
    left_out : int
        Rows that stand at a line, at an area or nowhere.
    """

    lon: Floats
    lat: Floats
    weights: Floats | None
    left_out: int


def parts_of(path: Path) -> list[Part]:
    """The row groups of a file; only its foot is read."""
    foot = pq.read_metadata(path)
    return [Part(path, group, foot.row_group(group).num_rows) for group in range(foot.num_row_groups)]


def read_points(part: Part, weight: str | None = None) -> Points:
    """The rows that stand at a point, and a column of weights beside them; the others are left out and counted."""
    with pq.ParquetFile(part.path) as file:
        table = file.read_row_group(part.group, columns=["geometry", *([weight] if weight else [])])
    lon, lat = lonlat(table["geometry"].combine_chunks())
    kept = np.isfinite(lon) & np.isfinite(lat)
    weights = None if weight is None else table[weight].to_numpy(zero_copy_only=False).astype(float)[kept]
    return Points(lon[kept], lat[kept], weights, len(kept) - int(kept.sum()))


def lonlat(column: pa.Array) -> tuple[Floats, Floats]:
    """Degrees of a column of WKB; NaN where it is no point."""
    column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    wkb = column.cast(pa.large_binary())
    _, offsets, data = wkb.buffers()
    if wkb.null_count == 0 and data is not None and offsets is not None:
        bounds = np.frombuffer(offsets, np.int64)[wkb.offset : wkb.offset + len(wkb) + 1]
        if (np.diff(bounds) == POINT_WKB.itemsize).all():
            points = np.frombuffer(data, np.uint8)[bounds[0] : bounds[-1]].view(POINT_WKB)
            if (points["order"] == 1).all() and (points["type"] == 1).all():
                return points["lon"].copy(), points["lat"].copy()
    geometries = shapely.from_wkb(wkb.to_numpy(zero_copy_only=False))
    return np.asarray(shapely.get_x(geometries)), np.asarray(shapely.get_y(geometries))
