"""The sample files as they stand in the project, as plain frames."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import pandas as pd
import pytest
from pyproj import Geod
from shapely.geometry import shape

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
GEOD = Geod(ellps="WGS84")


@lru_cache
def _frame(layer: str) -> pd.DataFrame:
    document = json.loads((SAMPLE / f"orvane-{layer}.geojson").read_text(encoding="utf-8"))
    rows = [
        f["properties"] | {"geometry": shape(f["geometry"]) if f["geometry"] else None} for f in document["features"]
    ]
    return pd.DataFrame(rows)


@pytest.fixture
def read() -> Callable[[str], pd.DataFrame]:
    """Layer name without `orvane-` -> its rows."""
    return lambda layer: _frame(layer).copy()


@pytest.fixture
def metres() -> Callable:
    """Distance between two points on the ellipsoid, m."""
    return lambda a, b: GEOD.inv(a.x, a.y, b.x, b.y)[2]
