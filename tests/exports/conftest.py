"""Layers with everything that a format could get wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from exports import Content, of_dataset
from layers.dataset import Dataset
from layers.kinds import kind_of
from layers.marking import Marking
from layers.schema import conform
from layers.settings import Settings

POINTS = [shapely.Point(0.1 + 0.2, 2), None, shapely.Point(), shapely.Point(-179.9999999, -1 / 3)]
MIXED = [
    shapely.Polygon([(0, 0), (0, 1), (1, 1), (1, 0)]),
    None,
    shapely.LineString([(0, 0), (1, 1)]),
    shapely.Point(18.5, 4.25),
]


def make_incidents(places: list | None = None) -> gpd.GeoDataFrame:
    """Four incidents: missing figures, zeros, formulas, two columns that differ in case."""
    table = pd.DataFrame(
        {
            "id": ["a", "b", "c", "d"],
            "occurred_at": pd.to_datetime(
                ["2026-01-01T06:00Z", None, "2026-01-02T07:00:00.5Z", "2026-01-03T00:00Z"], format="ISO8601"
            ),
            "reported_at": pd.to_datetime(["2026-01-01", None, "2026-01-02", "2026-01-03"], utc=True),
            "fatalities": pd.array([5, None, 0, 2**53 + 1], dtype="Int64"),
            "place_radius_m": pd.array([25000.5, None, 0, 1], dtype="Float64"),
            "violent": pd.array([True, None, False, True], dtype="boolean"),
            "actor1": ['=HYPERLINK("http://x","y")', None, "-1+2", 'a "quoted", one\nof two lines'],
            "src_Name": ["@SUM(A1)", "+236 70 00 00 00", "\tx", "؟ é ＝1"],
            "src_name": ["1", "2", "3", "4"],
            "geometry": POINTS if places is None else places,
        }
    )
    return conform(table, kind_of("incidents"))


def make_content(frame: gpd.GeoDataFrame | None = None, kind: str = "incidents") -> Content:
    """An exercise layer, marked CONFIDENTIAL."""
    rows = make_incidents() if frame is None else frame
    dataset = Dataset(
        kind=kind_of(kind),
        frame=rows,
        layer="CAR incidents",
        version=3,
        content_hash="0" * 64,
        source="UCDP, été",
        as_of=date(2026, 1, 5),
        received_at=datetime(2026, 1, 6, tzinfo=UTC),
        marking=Marking.CONFIDENTIAL,
        exercise=True,
    )
    return of_dataset(dataset, Settings())


@pytest.fixture
def incidents() -> Callable[..., gpd.GeoDataFrame]:
    return make_incidents


@pytest.fixture
def content() -> Callable[..., Content]:
    return make_content


@pytest.fixture
def mixed() -> list:
    return MIXED
