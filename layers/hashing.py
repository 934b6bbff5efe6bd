"""The content hash of a layer: over canonical rows, never over file bytes.

Rows are taken in the order of their ids and columns in the order of their names; each
column gives its name, its type, which cells are filled, and the filled values in a
fixed binary form (integers and days as int64, numbers as float64, text as UTF-8,
geometry as ISO WKB). So the order of rows, the form of the file and the versions of the
libraries do not matter, while null and 0 differ.

Two things are left out on purpose. `row` says where a record stood in the sender's
file, not what it says. A column without any value says nothing: a kind can gain a
field without changing the hash of what is stored already.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from layers.kind import FieldType, Kind
from layers.schema import attribute_columns

FORM = b"overlay canonical rows 1"
STORAGE: dict[FieldType, pa.DataType] = {
    "text": pa.large_string(),
    "code": pa.large_string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "flag": pa.int64(),
    "date": pa.int64(),
    "moment": pa.int64(),
    "picture": pa.large_string(),
}


def content_hash(frame: gpd.GeoDataFrame, kind: Kind) -> str:
    """SHA-256 over the canonical rows of a layer.

    Parameters
    ----------
    frame : GeoDataFrame
        Canonical columns (see `layers.schema`), EPSG:4326, ids unique.

    Returns
    -------
    str
        64 hexadecimal digits.

    Raises
    ------
    ValueError
        When an id is missing or stands twice: the order of rows would decide.
    """
    ids = pa.array(frame["id"], type=pa.large_string(), from_pandas=True)
    if ids.null_count or pc.count_distinct(ids).as_py() != len(ids):
        raise ValueError("ids must be filled and unique before rows are hashed")
    order = pc.sort_indices(ids)
    digest = hashlib.sha256(FORM)
    digest.update(f"|{kind.id}|{len(frame)}|".encode())
    names = [*sorted([*(n for n in kind.names if n in frame), *attribute_columns(frame)]), "geometry"]
    with ThreadPoolExecutor(1) as beside:  # one column is put in order while the one before is hashed
        for name, values in zip(names, _ahead(beside, lambda n: _ordered(frame, n, kind, order), names), strict=True):
            _add_array(digest, name, values)
    return digest.hexdigest()


def _ahead(pool: ThreadPoolExecutor, make: Callable[[str], pa.Array], names: Sequence[str]) -> Iterator[pa.Array]:
    """What is made of each name, the next one while this one is looked at."""
    waiting = pool.submit(make, names[0])
    for name in names[1:]:
        made, waiting = waiting.result(), pool.submit(make, name)
        yield made
    yield waiting.result()


def _ordered(frame: gpd.GeoDataFrame, name: str, kind: Kind, order: pa.Array) -> pa.Array:
    """The values of a column in the order of the ids, in their binary form."""
    if name == "geometry":
        return _wkb(frame.geometry.to_numpy()).take(order)
    field = kind.field_by_name.get(name)
    return _values(frame[name], field.type if field else "text").take(order)


def _values(series: pd.Series, type_: FieldType) -> pa.Array:
    if type_ in ("date", "moment"):
        moments = series.to_numpy(dtype="datetime64[us]").view(np.int64)
        return pa.array(moments, mask=series.isna().to_numpy(dtype=bool))
    if type_ == "number":
        # -0.0 is 0.0, and a NaN is as missing as a null
        plain = series.to_numpy(dtype="float64", na_value=np.nan) + 0.0
        return pa.array(plain, mask=np.isnan(plain))
    if type_ in ("integer", "flag"):
        missing = series.isna().to_numpy(dtype=bool)
        return pa.array(series.to_numpy(dtype="int64", na_value=0), mask=missing)
    return _one_chunk(pa.array(series, type=STORAGE[type_], from_pandas=True))


def _wkb(geometries: npt.NDArray[np.object_]) -> pa.Array:
    """ISO WKB, little endian; many points are written out here, which shapely does one by one."""
    places = np.column_stack([shapely.get_x(geometries), shapely.get_y(geometries)])  # NaN but for points
    if np.isnan(places).any() or shapely.has_z(geometries).any() or shapely.has_m(geometries).any():
        wkb = shapely.to_wkb(geometries, byte_order=1, flavor="iso")
        return pa.array(wkb, type=pa.large_binary(), from_pandas=True)
    points = np.empty(len(geometries), np.dtype([("order", "u1"), ("type", "<u4"), ("xy", "<f8", 2)]))
    points["order"], points["type"] = 1, 1
    points["xy"] = places
    bounds = np.arange(len(points) + 1, dtype=np.int64) * points.itemsize
    return pa.Array.from_buffers(
        pa.large_binary(), len(points), [None, pa.py_buffer(bounds), pa.py_buffer(points.tobytes())]
    )


def _add_array(digest: Any, name: str, values: pa.Array) -> None:
    if values.null_count == len(values):
        return
    filled = np.asarray(values.is_valid().to_numpy(zero_copy_only=False), dtype=np.uint8)
    digest.update(f"|{name}|{values.type}|".encode())
    digest.update(filled.tobytes())
    present = _one_chunk(values.drop_null()) if values.null_count else values
    if pa.types.is_large_string(values.type) or pa.types.is_large_binary(values.type):
        _, offsets, data = present.buffers()
        bounds = np.frombuffer(offsets, dtype="<i8")[present.offset : present.offset + len(present) + 1]
        digest.update(np.diff(bounds).tobytes())
        if data is not None:
            digest.update(memoryview(data)[bounds[0] : bounds[-1]])
    else:
        digest.update(present.to_numpy().astype(present.to_numpy().dtype.newbyteorder("<"), copy=False).tobytes())


def _one_chunk(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
