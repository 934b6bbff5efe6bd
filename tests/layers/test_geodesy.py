"""Distances, rings and corridors against Karney's geodesics."""

from __future__ import annotations

from pathlib import Path

import mgrs
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import LineString, MultiPoint, Point, Polygon, box

from layers.geodesy import GEOD, areas_m2, corridor, cut_at_antimeridian, distance_m, inside, mgrs_of, pieces, ring

REAL = Path(__file__).resolve().parents[2] / "../shared/real"
PLACES = [(20.0, 5.0), (179.9, 0.0), (-179.95, -16.0), (25.0, 78.0), (-120.0, -8.0)]


def finely(geometry):
    """A vertex each 0.0005 degree: what is called the true geometry here."""
    return shapely.get_coordinates(shapely.segmentize(geometry, 0.0005))


def brute_m(point, geometry):
    vertices = finely(geometry)
    n = len(vertices)
    return GEOD.inv(np.full(n, point.x), np.full(n, point.y), vertices[:, 0], vertices[:, 1])[2].min()


@pytest.mark.real
def test_karney_geodesic_cases():
    path = REAL / "GeodTest-100.dat"
    if not path.exists():
        pytest.skip("no published data beside the project")
    for line in path.read_text().splitlines():
        lat1, lon1, _, lat2, lon2, _, s12 = (float(v) for v in line.split()[:7])
        assert distance_m(Point(lon1, lat1), Point(lon2, lat2)) == pytest.approx(s12, abs=1e-6)


def test_nothing_has_no_distance():
    with pytest.raises(ValueError, match="empty"):
        distance_m(Point(), Point(0, 0))


@pytest.mark.parametrize(("lon", "lat"), [(20, 5), (20, 50), (20, 75), (-120, -8)])
def test_point_to_line_is_within_a_tenth_of_a_metre(lon, lat):
    line = LineString([(lon - 0.6, lat - 0.2), (lon + 0.4, lat + 0.5), (lon + 0.5, lat - 0.4)])
    rng = np.random.default_rng(3)
    for x, y in rng.uniform((lon - 1, lat - 1), (lon + 1, lat + 1), (8, 2)):
        point = Point(x, y)
        expected = brute_m(point, line)
        # Between the vertices of the brute force lie at most 30 m: near the line it is too long.
        slack = 0.1 + min(30, 30**2 / max(expected, 1))
        assert expected - slack <= distance_m(point, line) <= expected + 0.1
        assert distance_m(line, point) == distance_m(point, line)


def test_a_long_parallel_is_no_geodesic():
    """RFC 7946 edges run along the parallel: at 60 N the geodesic is far from it."""
    edge = LineString([(0, 60), (40, 60)])
    assert distance_m(Point(20, 60), edge) < 0.1
    assert distance_m(Point(20, 60.1), edge) == pytest.approx(distance_m(Point(20, 60), Point(20, 60.1)), abs=0.1)


def test_inside_a_polygon_is_zero_and_holes_are_outside():
    outer = [(20, 5), (21, 5), (21, 6), (20, 6)]
    hole = [(20.4, 5.4), (20.6, 5.4), (20.6, 5.6), (20.4, 5.6)]
    area = Polygon(outer, [hole])
    assert distance_m(Point(20.1, 5.1), area) == 0
    assert distance_m(Point(20.5, 5.5), area) == pytest.approx(brute_m(Point(20.5, 5.5), area.interiors[0]), abs=0.1)
    assert distance_m(LineString([(19, 5.5), (20.2, 5.5)]), area) == 0


def test_between_lines():
    a = LineString([(20, 5), (23, 5)])
    b = LineString([(21.003, 5.1), (21.004, 5.9)])
    assert distance_m(a, b) == pytest.approx(distance_m(Point(21.003, 5.1), a), abs=0.1)
    assert distance_m(a, LineString([(22.222, 4), (22.222, 6)])) == 0


def test_across_the_antimeridian():
    line = LineString([(179.9, 0), (-179.9, 0)])
    assert distance_m(Point(180, 0.01), line) == pytest.approx(distance_m(Point(0, 0.01), Point(0, 0)), abs=0.01)
    area = Polygon([(179, -1), (-179, -1), (-179, 1), (179, 1)])
    assert inside(area, np.array([179.5, -179.5, 0.0]), np.array([0.0, 0.0, 0.0])).tolist() == [True, True, False]
    assert distance_m(Point(-179.5, 0), area) == 0


@pytest.mark.parametrize(
    ("whole", "cut"),
    [
        (
            "POLYGON((178 -17, -178 -17, -178 -16, 178 -16, 178 -17))",
            "MULTIPOLYGON(((178 -17, 180 -17, 180 -16, 178 -16, 178 -17)),"
            " ((-180 -17, -178 -17, -178 -16, -180 -16, -180 -17)))",
        ),
        ("LINESTRING(178 0, -178 2, -170 2)", "MULTILINESTRING((178 0, 180 1), (-180 1, -178 2, -170 2))"),
        (
            "POLYGON((0 80, 120 80, -120 80, 0 80))",
            "POLYGON((-180 80, -120 80, 0 80, 120 80, 180 80, 180 90, -180 90, -180 80))",
        ),
    ],
)
def test_what_runs_over_the_antimeridian_is_cut_there(whole, cut):
    assert cut_at_antimeridian(shapely.from_wkt(whole)).equals(shapely.from_wkt(cut))


@pytest.mark.parametrize(
    "whole",
    [
        "POLYGON((-180 -90, 180 -90, 180 90, -180 90, -180 -90))",
        "MULTIPOLYGON(((179 0, 180 0, 180 1, 179 0)), ((-180 0, -179 0, -180 1, -180 0)))",
        "MULTIPOINT(179 0, -179 0)",
        "LINESTRING(-100 0, 0 0, 100 0)",
    ],
)
def test_what_does_not_run_over_it_stays_as_it_is(whole):
    assert cut_at_antimeridian(shapely.from_wkt(whole)).wkt == shapely.from_wkt(whole).wkt


def test_pieces_are_short_and_whole():
    cut = list(pieces(LineString([(10, 0), (15, 0)])))
    assert len(cut) == 6
    assert all(p.reach_m < 101_000 for p in cut)
    assert sum(p.flat.length for p in cut) == pytest.approx(GEOD.inv(10, 0, 15, 0)[2], rel=1e-6)


@pytest.mark.parametrize(("lon", "lat"), PLACES)
@pytest.mark.parametrize(("radius_m", "vertices"), [(5_000, 128), (25_000, 128), (25_000, 64)])
def test_ring_vertices_lie_on_the_circle(lon, lat, radius_m, vertices):
    circle = ring(lon, lat, radius_m, vertices)
    assert circle.is_valid
    west, _, east, _ = circle.bounds
    assert -180 <= west <= east <= 180
    x, y = shapely.get_coordinates(circle).T
    away = GEOD.inv(np.full(len(x), lon), np.full(len(x), lat), x, y)[2]
    sagitta = radius_m * (1 - np.cos(np.pi / vertices))
    assert away.max() <= radius_m + 1e-3
    assert away.min() >= radius_m - sagitta * 1.05 - 0.1  # only the two where it is cut lie inside


@pytest.mark.parametrize("lat", [89.95, -89.95])
def test_ring_over_a_pole(lat):
    circle = ring(30, lat, 50_000)
    assert circle.is_valid
    assert circle.intersects(Point(-150, np.sign(lat) * 89.99))
    assert not circle.intersects(Point(30, 0))


def test_areas_are_those_of_the_ellipsoid():
    """Against Karney's polygon areas, whose edges are geodesics; all of the earth in zones adds up."""
    drawn = np.array([ring(lon, lat, 25_000) for lon, lat in PLACES], dtype=object)
    truth = [abs(GEOD.geometry_area_perimeter(shape)[0]) for shape in drawn]
    assert areas_m2(drawn) == pytest.approx(truth, rel=2e-5)
    zones = np.array([box(-180, south, 180, south + 10) for south in range(-90, 90, 10)], dtype=object)
    assert areas_m2(zones).sum() == pytest.approx(510_065_621_724_089, rel=1e-12)  # GeographicLib, whole WGS84
    assert areas_m2(np.array([Point(0, 0), LineString([(0, 0), (1, 1)])], dtype=object)).tolist() == [0, 0]


@pytest.mark.parametrize("radius_m", [500, 25_000])
@pytest.mark.parametrize("lat", [5, 60])
def test_corridor_of_a_bent_road(lat, radius_m):
    bends = [(20 + 0.15 * i, lat + 0.03 * np.sin(i)) for i in range(20)]
    road = LineString(bends)
    wide = corridor(road, radius_m)
    assert wide.is_valid
    edge = shapely.get_coordinates(wide)
    away = np.array([distance_m(Point(p), road) for p in edge[:: max(1, len(edge) // 40)]])
    assert away.max() <= radius_m + 1
    assert away.min() >= radius_m * (1 - 0.0005) - 1


def test_corridor_of_polygon_points_and_over_the_antimeridian():
    area = box(20, 5, 21, 6)
    assert corridor(area, 1000).contains(area)
    two = corridor(MultiPoint([(20, 5), (22, 5)]), 1000)
    assert two.geom_type == "MultiPolygon"
    wide = corridor(LineString([(179.5, 10), (-179.5, 10)]), 5000)
    assert wide.is_valid
    assert wide.bounds[0] == -180
    assert wide.bounds[2] == 180
    assert wide.area < 0.2
    assert wide.contains(Point(-179.9, 10.01))


@given(st.floats(-180, 180), st.floats(-85, 85), st.floats(0, 360), st.floats(1, 400_000))
def test_distance_undoes_forward(lon, lat, azimuth, metres):
    x, y, _ = GEOD.fwd(lon, lat, azimuth, metres)
    assert distance_m(Point(lon, lat), Point(x, y)) == pytest.approx(metres, abs=1e-6)


@pytest.mark.parametrize(
    ("precision", "length"), [("point", 13), ("near", 9), ("area", 7), ("region", 5), (None, 11), ("odd", 11)]
)
def test_mgrs_has_the_digits_that_the_place_allows(precision, length):
    assert len(mgrs_of(20.5, 5.5, precision)) == length


def test_mgrs_ends_near_the_poles():
    assert mgrs_of(20, 84.5, "point") is None
    assert mgrs_of(20, -80.5, "point") is None


def test_a_hair_south_of_the_equator_mgrs_names_a_square_that_there_is():
    assert mgrs_of(0.0, -3.9e-9, "region") == "31NAA"
    assert mgrs_of(0.0, -1e-7, "region") == "31MAV"
    assert mgrs_of(20, 83.9, "near") is not None


def test_mgrs_names_the_square_that_holds_the_place():
    lat, lon = mgrs.MGRS().toLatLon(mgrs_of(-120.3, -8.2, "point"))
    assert distance_m(Point(lon, lat), Point(-120.3, -8.2)) < 15
