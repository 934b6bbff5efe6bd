"""Hexagons: every place in one, equal areas, counts that add up."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from dashboard.hexagons import grid_of, hexagons_of
from dashboard.map_tiles import WIDEST_LATITUDE

GEOD = Geod(ellps="WGS84")
PLACES = st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=1, max_size=60)


@given(PLACES)
@settings(deadline=None)
def test_counts_add_up_and_each_place_lies_in_a_hexagon(places):
    lon, lat = np.array(places).T
    found = hexagons_of(lon, lat, grid_of(lon, lat))
    assert found.counts.sum() == (abs(lat) <= WIDEST_LATITUDE).sum()
    if not len(found.counts):
        return
    assert shapely.is_valid(found.shapes).all()
    sure = (abs(lat) < 60) & (abs(lon) < 179)  # edges are straight on the plane, not in degrees
    away = shapely.distance(shapely.points(lon, lat)[:, None], found.shapes[None, :]).min(axis=1)
    assert away[sure].max(initial=0.0) < 0.5


@pytest.mark.parametrize("middle", [(20.0, 6.0), (30.0, 15.0), (-120.0, -8.0)])
def test_hexagons_have_the_same_true_area(middle):
    spread = np.random.default_rng(1).normal(0, 1.5, (400, 2)) + middle
    found = hexagons_of(*spread.T, grid_of(*spread.T))
    areas = [abs(GEOD.geometry_area_perimeter(shape)[0]) / 1e6 for shape in found.shapes]
    assert np.allclose(areas, found.area_km2, rtol=5e-3)


def test_over_the_antimeridian_no_hexagon_spans_the_world():
    places = np.array([179.99, -179.99, 0.0]), np.array([0.0, 0.1, 0.2])
    found = hexagons_of(*places, grid_of(*places))
    assert found.counts.sum() == 3
    widths = [part.bounds[2] - part.bounds[0] for shape in found.shapes for part in shapely.get_parts(shape)]
    assert max(widths) < 20


def test_nothing_has_no_hexagon():
    nowhere = np.array([np.nan]), np.array([1.0])
    assert len(hexagons_of(*nowhere, grid_of(*nowhere)).counts) == 0


def test_a_filter_moves_no_hexagon():
    spread = np.random.default_rng(2).normal([20.0, 6.0], 1.0, (300, 2))
    grid = grid_of(*spread.T)
    some, all_of_them = hexagons_of(*spread[:100].T, grid), hexagons_of(*spread.T, grid)
    assert some.width_km == all_of_them.width_km
    assert {shape.wkt for shape in some.shapes} <= {shape.wkt for shape in all_of_them.shapes}
