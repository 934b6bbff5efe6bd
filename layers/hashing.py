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
from typing import Any

import geopandas as gpd
import numpy as np
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
    for name in sorted([*(n for n in kind.names if n in frame), *attribute_columns(frame)]):
        field = kind.field_by_name.get(name)
        _add_column(digest, name, field.type if field else "text", frame[name], order)
    _add_geometry(digest, frame, order)
    return digest.hexdigest()


def _add_column(digest: Any, name: str, type_: FieldType, series: pd.Series, order: pa.Array) -> None:
    storage = STORAGE[type_]
    if type_ in ("date", "moment"):
        values = pa.array(
            series.to_numpy(dtype="datetime64[us]").view(np.int64), mask=series.isna().to_numpy(dtype=bool)
        )
    elif type_ == "number":
        # -0.0 is 0.0, and a NaN is as missing as a null
        plain = series.to_numpy(dtype="float64", na_value=np.nan) + 0.0
        values = pa.array(plain, mask=np.isnan(plain))
    elif type_ in ("integer", "flag"):
        missing = series.isna().to_numpy(dtype=bool)
        values = pa.array(series.to_numpy(dtype="int64", na_value=0), mask=missing)
    else:
        values = _one_chunk(pa.array(series, type=storage, from_pandas=True))
    _add_array(digest, name, storage, values, order)


def _add_geometry(digest: Any, frame: gpd.GeoDataFrame, order: pa.Array) -> None:
    wkb = shapely.to_wkb(frame.geometry.to_numpy(), byte_order=1, flavor="iso")
    _add_array(digest, "geometry", pa.large_binary(), pa.array(wkb, type=pa.large_binary(), from_pandas=True), order)


def _add_array(digest: Any, name: str, storage: pa.DataType, values: pa.Array, order: pa.Array) -> None:
    if values.null_count == len(values):
        return
    ordered = values.take(order)
    filled = np.asarray(ordered.is_valid().to_numpy(zero_copy_only=False), dtype=np.uint8)
    digest.update(f"|{name}|{storage}|".encode())
    digest.update(filled.tobytes())
    present = _one_chunk(ordered.drop_null())
    if pa.types.is_large_string(storage) or pa.types.is_large_binary(storage):
        _, offsets, data = present.buffers()
        bounds = np.frombuffer(offsets, dtype="<i8")[present.offset : present.offset + len(present) + 1]
        digest.update(np.diff(bounds).tobytes())
        if data is not None:
            digest.update(memoryview(data)[bounds[0] : bounds[-1]])
    else:
        digest.update(present.to_numpy().astype(present.to_numpy().dtype.newbyteorder("<"), copy=False).tobytes())


def _one_chunk(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
