"""Rows of a stored layer in parts, for processes that read them by themselves."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pytest
import shapely

import store
from layers.errors import StoreError, UnknownLayer
from layers.marking import Marking
from store.parts import lonlat, parts_of, read_points
from tests.store.conftest import make_publication


def test_the_parts_hold_each_row_once(tmp_path):
    lon, lat = np.random.default_rng(1).uniform(-80, 80, (2, 1000))
    frame = gpd.GeoDataFrame({"weight": np.arange(1000.0)}, geometry=gpd.points_from_xy(lon, lat), crs=4326)
    frame.to_parquet(tmp_path / "a.parquet", row_group_size=300)
    parts = parts_of(tmp_path / "a.parquet")
    assert [(p.group, p.rows) for p in parts] == [(0, 300), (1, 300), (2, 300), (3, 100)]
    read = [read_points(p, "weight") for p in parts]
    assert (np.concatenate([r.lon for r in read]) == lon).all()
    assert (np.concatenate([r.lat for r in read]) == lat).all()
    assert (np.concatenate([r.weights for r in read]) == np.arange(1000.0)).all()
    assert [r.left_out for r in read] == [0] * 4
    assert read_points(parts[0]).weights is None


@pytest.mark.parametrize(
    "odd",
    [None, shapely.Point(), shapely.LineString([(0, 0), (1, 1)]), shapely.Point(1, 2, 3), shapely.box(0, 0, 1, 1)],
)
def test_what_is_no_point_is_left_out_and_counted(tmp_path, odd):
    places = [shapely.Point(20, 5), odd, shapely.Point(-20, -5)]
    gpd.GeoDataFrame({"weight": [1.0, 2.0, 3.0]}, geometry=places, crs=4326).to_parquet(tmp_path / "a.parquet")
    lon, lat, weights, left_out = read_points(parts_of(tmp_path / "a.parquet")[0], "weight")
    raised = isinstance(odd, shapely.Point) and not odd.is_empty
    assert lon.tolist() == [20.0, 1.0, -20.0] if raised else [20.0, -20.0]
    assert len(lat) == len(lon) == len(weights) == 3 - left_out


@pytest.mark.parametrize("order", [0, 1])
def test_either_byte_order_and_a_slice_are_read(order):
    wkb = shapely.to_wkb(shapely.points([[1.5, 2.5], [3, 4], [5, 6]]), byte_order=order)
    lon, lat = lonlat(pa.array(wkb, type=pa.binary())[1:])
    assert (lon.tolist(), lat.tolist()) == ([3.0, 5.0], [4.0, 6.0])


def test_the_store_gives_the_parts_of_a_version(access):
    access.publish(make_publication({"A": 1, "B": 2, "C": None}), base=None)
    (part,) = access.parts("sites")
    assert part.rows == 3
    read = read_points(part, "population")
    assert read.lon.tolist() == access.load("sites").frame.geometry.x.tolist()
    assert np.isnan(read.weights[2])
    with pytest.raises(UnknownLayer):
        access.parts("nowhere")
    part.path.unlink()
    with pytest.raises(StoreError, match="nothing there"):
        access.parts("sites@1")


def test_reading_in_parts_is_audited_as_reading(access):
    access.publish(make_publication({"A": 1}, marking=Marking.CONFIDENTIAL), base=None)
    access.parts("sites")
    assert [row.action for row in access.audit()] == ["publish", "read"]
    assert access.audit()[-1].principal == store.OPERATOR.name
