"""Columns as the formats write them: missing is None, a whole number stays whole."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from pandas.api import types

from analysis.plain import plain


def is_calendar(series: pd.Series) -> bool:
    """Whether a column holds calendar days: no zone, and every value a midnight."""
    if not types.is_datetime64_dtype(series.dtype):
        return False
    filled = series.dropna()
    return bool((filled == filled.dt.normalize()).all())


def json_column(series: pd.Series) -> list[Any]:
    """The values as JSON has them: days as ``2026-11-12``, moments as ``2026-11-12T06:00:00Z``."""
    if types.is_datetime64_any_dtype(series.dtype):
        values = _time_text(series)
    elif types.is_object_dtype(series.dtype):
        return [plain(value) for value in series.tolist()]
    else:
        values = series.astype(object).to_numpy()
    missing = series.isna().to_numpy(dtype=bool)
    if types.is_float_dtype(series.dtype):
        missing = missing | ~np.isfinite(series.to_numpy(dtype="float64", na_value=np.nan))
    return [None if gone else value for gone, value in zip(missing.tolist(), values.tolist(), strict=True)]


def _time_text(series: pd.Series) -> Any:
    if is_calendar(series):
        return np.datetime_as_string(series.to_numpy(dtype="datetime64[D]")).astype(object)
    zoned = getattr(series.dtype, "tz", None) is not None
    moments = (series.dt.tz_convert(None) if zoned else series).to_numpy(dtype="datetime64[us]")
    whole = moments.astype("datetime64[s]") == moments
    unit = "s" if bool(np.all(whole | np.isnat(moments))) else "us"
    text = np.datetime_as_string(moments.astype(f"datetime64[{unit}]"))
    return np.strings.add(text, "Z").astype(object) if zoned else text.astype(object)
