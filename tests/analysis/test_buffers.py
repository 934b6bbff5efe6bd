"""Buffers of any layer: rings, bands, united or not, and what lies inside by distance."""

from __future__ import annotations

from datetime import date
from itertools import combinations

import numpy as np
import pytest
import shapely
from pyproj import Geod
from shapely.geometry import LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon, box

from analysis import BUFFERS
from analysis.method import run_method
from layers.errors import MixedWorlds, NotEnoughData, WrongParameter
from layers.geodesy import distance_m, distances_to, drawn_error_m, inside, pieces, ring
from layers.settings import Settings
from tests.analysis.worlds import layer, scattered

GEOD = Geod(ellps="WGS84")
FEATURES = [
    {"id": "b", "name": "road", "geometry": LineString([(20, 5), (21, 5)])},
    {"id": "a", "name": "well", "at": (20, 5)},
    {"id": "c", "name": "somewhere"},
]
WITH_HOLE = Polygon([(20, 5), (21, 5), (21, 6), (20, 6)], [[(20.3, 5.3), (20.7, 5.3), (20.7, 5.7), (20.3, 5.7)]])
GEOMETRIES = {
    "point": Point(20, 5),
    "point, far north": Point(20, 78),
    "over the pole": Point(30, 89.9),
    "over the other pole": Point(-170, -89.95),
    "on the antimeridian": Point(179.99, -12),
    "line": LineString([(20, 5), (20.5, 5.2), (21, 5)]),
    "line over the antimeridian": LineString([(179.8, 10), (-179.8, 10.1)]),
    "polygon": box(20, 5, 20.5, 5.5),
    "polygon with a hole": WITH_HOLE,
    "points": MultiPoint([(20, 5), (22, 5)]),
    "lines": MultiLineString([[(20, 5), (20.4, 5)], [(20.2, 5.1), (20.2, 5.4)]]),
    "polygons": MultiPolygon([box(20, 5, 20.1, 5.1), box(20.3, 5, 20.4, 5.1)]),
}
ALL = pytest.mark.parametrize("geometry", GEOMETRIES.values(), ids=list(GEOMETRIES))


def run(features, count=None, *, kind="other", **values):
    inputs = {"layer": layer("other", features)}
    if count is not None:
        inputs["count"] = layer(kind, count, "things")
    return run_method(BUFFERS, inputs, values, as_of=None, settings=Settings(), today=date(2026, 11, 12))


def square_km(shape):
    return abs(GEOD.geometry_area_perimeter(shape)[0]) / 1e6


def test_one_row_a_feature_with_its_buffer():
    result = run(FEATURES, radius_km=10)
    assert result.rows["id"].tolist() == ["a", "b"]
    assert {k: result.summary[k] for k in ("features", "without_place")} == {"features": 2, "without_place": 1}
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


def test_several_rings_stand_beside_each_other():
    result = run(FEATURES, radius_km="25, 5,10,5")
    assert result.parameters["radius_km"] == (5.0, 10.0, 25.0)
    assert result.as_dict()["parameters"]["radius_km"] == [5.0, 10.0, 25.0]
    assert list(zip(result.rows["id"], result.rows["radius_km"], strict=True)) == [
        ("a", 5.0), ("a", 10.0), ("a", 25.0), ("b", 5.0), ("b", 10.0), ("b", 25.0)
    ]  # fmt: skip
    assert result.shapes["rings"]["radius_km"].is_monotonic_decreasing
    for number, km in enumerate((5, 10, 25)):
        alone = run(FEATURES, radius_km=km).rows.geometry
        assert shapely.equals(alone.to_numpy(), result.rows.geometry.to_numpy()[number::3]).all()


@pytest.mark.parametrize(
    ("given", "found"), [("5,much", "much"), ("5,600", "600"), ("5,,10", '""'), ("0", "0"), ("", '""')]
)
def test_a_ring_that_is_none_is_refused(given, found):
    with pytest.raises(WrongParameter, match="radius_km") as refused:
        run(FEATURES, radius_km=given)
    assert found in refused.value.found


@ALL
def test_the_area_is_that_of_the_geodesic_truth(geometry):
    """Drawn and measured on the ellipsoid; truth: the same edge by many more vertices, or by distance."""
    (row,) = run([{"id": "x", "geometry": geometry}], radius_km=20).summary["rings"]
    if isinstance(geometry, Point):
        turns = np.linspace(360, 0, 20_000, endpoint=False)
        x, y, _ = GEOD.fwd(*(np.full(20_000, v) for v in (geometry.x, geometry.y)), turns, np.full(20_000, 20_000.0))
        truth = abs(GEOD.polygon_area_perimeter(x, y)[0]) / 1e6
        assert row["area_km2"] == pytest.approx(truth, rel=0.0006)
        assert row["area_km2"] == pytest.approx(np.pi * 400, rel=0.001)
    else:
        assert row["area_km2"] == pytest.approx(_area_by_sampling(geometry, 20_000), rel=0.01)


def _area_by_sampling(geometry, radius_m):
    """Share of a grid of points within the distance, each weighed by its cell."""
    west, south, east, north = geometry.bounds
    if east - west > 180:
        west, east = east, west + 360
    lon = np.linspace(west - 0.35, east + 0.35, 150)
    lat = np.linspace(south - 0.3, north + 0.3, 150)
    x, y = (v.ravel() for v in np.meshgrid(lon, lat))
    turned = (x + 180) % 360 - 180
    metres = np.min([distances_to(piece, turned, y) for piece in pieces(geometry)], axis=0)
    inside_it = (metres <= radius_m) | inside(geometry, turned, y)
    cell = square_km(box(0, south, lon[1] - lon[0], south + lat[1] - lat[0])) / np.cos(np.radians(south))
    return float((inside_it * np.cos(np.radians(y))).sum() * cell)


@ALL
@pytest.mark.parametrize("dissolve", [False, True])
def test_bands_are_disjoint_and_add_up_to_the_outer_ring(geometry, dissolve):
    features = [{"id": "x", "geometry": geometry}, {"id": "y", "geometry": Point(20.1, 5.1)}]
    asked = {"radius_km": "5,10,25", "dissolve": dissolve}
    bands, whole = run(features, bands=True, **asked).rows, run(features, **asked).rows
    assert bands["from_km"].tolist() == [0.0, 5.0, 10.0] * (len(bands) // 3)
    for start in range(0, len(bands), 3):
        three, outer = bands.geometry.to_numpy()[start : start + 3], whole.geometry.to_numpy()[start + 2]
        assert shapely.is_valid(three).all()
        for a, b in combinations(three, 2):
            assert square_km(shapely.intersection(a, b)) < 1e-6
        united = shapely.union_all(three)
        assert square_km(shapely.symmetric_difference(united, outer)) < 1e-4
        assert sum(map(square_km, three)) == pytest.approx(square_km(outer), rel=1e-6)


def test_united_is_what_either_holds():
    features = [{"id": n, "at": at} for n, at in zip("abc", [(20, 5), (20.05, 5), (25, 5)], strict=True)]
    each, united = run(features).rows.geometry, run(features, dissolve=True).rows.geometry.iloc[0]
    assert shapely.equals(shapely.union_all(each.to_numpy()), united)
    assert square_km(united) < sum(map(square_km, each))
    assert united.geom_type == "MultiPolygon"


@ALL
def test_the_error_of_the_edge_is_stated_and_small(geometry):
    result = run([{"id": "x", "geometry": geometry}], radius_km="5,25")
    for stated, km in zip(result.summary["rings"], (5, 25), strict=True):
        assert stated["radius_km"] == km
        beside_pole = km == 5 and geometry.bounds[1] < -89.9  # edges straight in degrees, 600 m from it
        assert 0 < stated["drawn_error_m"] <= (20 if beside_pole else km * 1000 * 0.0004 + 1)
    assert "m at 25 km" in " ".join(result.limits)


def test_the_error_is_measured_not_assumed():
    for vertices, rel in ((8, 0.02), (64, 0.05)):
        drawn = ring(20, 5, 25_000, vertices)
        sagitta = 25_000 * (1 - np.cos(np.pi / vertices))
        assert drawn_error_m(Point(20, 5), drawn, 25_000) == pytest.approx(sagitta, rel=rel)
    assert drawn_error_m(Point(20, 5), ring(20, 5, 24_000), 25_000) == pytest.approx(1_000, abs=10)


POINTS = scattered(5, 120, spread=0.15)
SITES = [
    {"id": f"S{n:03d}", "at": at, "population": None if n % 7 == 0 else 10 * n, "assessment_date": None}
    for n, at in enumerate(POINTS)
]


def brute(geometry, low_m, high_m):
    metres = np.array([distance_m(Point(p), geometry) for p in POINTS])
    return np.flatnonzero((metres <= high_m) & ((metres > low_m) | (low_m == 0)))


@pytest.mark.parametrize("bands", [False, True])
@pytest.mark.parametrize("name", ["point", "line", "polygon with a hole", "points"])
def test_counts_inside_are_by_distance(name, bands):
    geometry = GEOMETRIES[name]
    result = run([{"id": "x", "geometry": geometry}], SITES, kind="idp_sites", radius_km="5,10,25", bands=bands)
    lows = (0, 5_000, 10_000) if bands else (0, 0, 0)
    for row, low, high in zip(result.as_dict()["rows"], lows, (5_000, 10_000, 25_000), strict=True):
        near = brute(geometry, low, high)
        known = [n for n in near if n % 7]
        assert row["count_inside"] == len(near)
        assert row["people_inside"] == sum(10 * n for n in known)
        assert row["people_inside_unknown"] == len(near) - len(known)
    assert result.summary["things"] == 120
    assert "not from the drawing" in " ".join(result.limits)


def test_a_thing_near_two_features_counts_once_when_united():
    features = [{"id": "a", "at": (20.0, 5.0)}, {"id": "b", "geometry": LineString([(20.02, 5), (20.3, 5)])}]
    each = run(features, SITES, kind="idp_sites", radius_km="5,20").rows
    united = run(features, SITES, kind="idp_sites", radius_km="5,20", dissolve=True).rows
    bands = run(features, SITES, kind="idp_sites", radius_km="5,20", dissolve=True, bands=True).rows
    for number, radius in enumerate((5_000, 20_000)):
        near = set(brute(features[1]["geometry"], 0, radius)) | set(brute(Point(20, 5), 0, radius))
        assert united["count_inside"].iloc[number] == len(near)
        assert united["people_inside"].iloc[number] == sum(10 * n for n in near if n % 7)
    assert each["count_inside"].iloc[::2].sum() > united["count_inside"].iloc[0]
    assert bands["count_inside"].sum() == united["count_inside"].iloc[1]


def test_people_that_nobody_knows_are_null_and_nobody_is_0():
    sites = [{"id": "s", "at": (20, 5)}, {"id": "by area", "at": (20, 5), "place_precision": "area", "population": 9}]
    features = [{"id": "a", "at": (20, 5)}, {"id": "b", "at": (30, 5)}]
    result = run(features, sites, kind="idp_sites")
    near, far = result.as_dict()["rows"]
    assert (near["count_inside"], near["people_inside"], near["people_inside_unknown"]) == (1, None, 1)
    assert (far["count_inside"], far["people_inside"], far["people_inside_unknown"]) == (0, 0, 0)
    assert (result.summary["things"], result.summary["things_without_place"]) == (2, 1)


def test_a_layer_without_people_has_counts_alone():
    row = run([{"id": "a", "at": (20, 5)}], FEATURES).as_dict()["rows"][0]
    assert row["count_inside"] == 2
    assert "people_inside" not in row


def test_things_of_another_world_are_refused():
    inputs = {"layer": layer("other", FEATURES), "count": layer("other", FEATURES, "real", exercise=False)}
    with pytest.raises(MixedWorlds):
        run_method(BUFFERS, inputs, {}, as_of=None, settings=Settings(), today=date(2026, 11, 12))
