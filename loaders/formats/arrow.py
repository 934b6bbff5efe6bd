"""Arrow columns of any type as text, as a person would write the values."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

LARGEST_WHOLE = 1e15


def texts(column: pa.Array) -> pa.Array:
    """The column as text; nested values as JSON, bytes as their number.

    Parameters
    ----------
    column : pyarrow.Array
        Of any type.
    """
    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        return texts(column.storage)
    if pa.types.is_dictionary(kind):
        return texts(column.dictionary_decode())
    if pa.types.is_floating(kind):
        return _numbers(column)
    if pa.types.is_timestamp(kind):
        return _moments(column)
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return _listed([None if v is None else f"<{len(v)} bytes>" for v in column.to_pylist()])
    if pa.types.is_nested(kind):
        return _listed([None if v is None else _json(v) for v in column.to_pylist()])
    try:
        return column.cast(pa.large_string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return _listed([None if v is None else str(v) for v in column.to_pylist()])


def is_fraction(kind: pa.DataType) -> bool:
    """Whether a column of this type holds fractions."""
    return bool(pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _numbers(column: pa.Array) -> pa.Array:
    """Whole numbers without a point; NaN as missing."""
    if pa.types.is_float16(column.type):
        column = column.cast(pa.float32())
    column = pc.if_else(pc.is_nan(column), None, column)
    small = pc.less(pc.abs(column), LARGEST_WHOLE)
    whole = pc.and_(small, pc.equal(column, pc.floor(column)))
    if pc.all(whole, min_count=0).as_py():
        return column.cast(pa.int64()).cast(pa.large_string())
    return column.cast(pa.large_string())


def _moments(column: pa.Array) -> pa.Array:
    """ISO 8601 without needless zeros; what has a zone is written in UTC."""
    if column.type.tz:
        column = column.cast(pa.timestamp(column.type.unit, "UTC"))
    text = column.cast(pa.large_string())
    text = pc.replace_substring_regex(text, r"\.0+(Z?)$", r"\1")
    return pc.replace_substring_regex(text, r" 00:00:00$", "")


def _listed(values: list[str | None]) -> pa.Array:
    return pa.array(values, pa.large_string())


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
