"""Values as JSON has them: missing is null, days and moments are ISO text."""

from __future__ import annotations

import math
from datetime import date, datetime
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd


def plain(value: Any) -> Any:
    """A JSON value for `value`: NaN, NaT and NA become None, numpy types Python's own."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(v) for v in value]
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, pd.Timestamp | datetime):
        midnight = value.tzinfo is None and value.time() == datetime.min.time()
        return value.date().isoformat() if midnight else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return value


def plain_rows(frame: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """One dict a row, without geometry."""
    columns = [c for c in frame.columns if c != frame.geometry.name]
    values = [[plain(v) for v in frame[c].tolist()] for c in columns]
    return [dict(zip(columns, row, strict=True)) for row in zip(*values, strict=True)] if columns else []
