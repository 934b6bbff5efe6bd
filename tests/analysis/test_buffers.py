"""Buffers of any layer."""

from __future__ import annotations

from datetime import date

import pytest
from shapely.geometry import LineString, Point

from analysis import BUFFERS
from analysis.method import run_method
from layers.errors import NotEnoughData
from layers.geodesy import distance_m
from layers.settings import Settings
from tests.analysis.worlds import layer

FEATURES = [
    {"id": "b", "name": "road", "geometry": LineString([(20, 5), (21, 5)])},
    {"id": "a", "name": "well", "at": (20, 5)},
    {"id": "c", "name": "somewhere"},
]


def run(features, **values):
    inputs = {"layer": layer("other", features)}
    return run_method(BUFFERS, inputs, values, as_of=None, settings=Settings(), today=date(2026, 11, 12))


def test_one_row_a_feature_with_its_buffer():
    result = run(FEATURES, radius_km=10)
    assert result.rows["id"].tolist() == ["a", "b"]
    assert result.summary == {"features": 2, "without_place": 1}
    road = result.rows.geometry.iloc[1]
    assert distance_m(Point(road.exterior.coords[0]), FEATURES[0]["geometry"]) == pytest.approx(10_000, abs=5)
    assert result.as_dict()["rows"][0] == {"id": "a", "name": "well", "radius_km": 10.0}


def test_dissolved_is_one_row():
    result = run(FEATURES, dissolve="yes")
    assert len(result.rows) == 1
    assert result.as_dict()["rows"] == [{"features": 2, "radius_km": 5.0}]


def test_a_layer_without_places_says_so():
    with pytest.raises(NotEnoughData, match="no feature with a place"):
        run(FEATURES[2:])
