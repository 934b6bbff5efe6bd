"""Areas drawn on a map: one text, true sizes, the antimeridian, and what is refused in words."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pyproj import Geod

from layers.drawn import MOST_CORNERS, DrawnArea, area_of, enclosing, line_of, parse_area
from layers.errors import WrongParameter
from layers.filters import Where, filter_dataset
from tests.analysis.worlds import incident, layer

SQUARE = [(18.0, 4.0), (19.0, 4.0), (19.0, 5.0), (18.0, 5.0)]
LONS, LATS = st.floats(-180, 180), st.floats(-84, 84)
MIDDLES = st.tuples(st.floats(-179, 179), st.floats(-60, 60))


@st.composite
def outlines(draw) -> list[tuple[float, float]]:
    """Corners around a middle, one direction after another: it never crosses itself."""
    lon, lat = draw(MIDDLES)
    turns = sorted(draw(st.lists(st.floats(0, 359), min_size=3, max_size=12, unique_by=round)))
    radii = [draw(st.floats(0.05, 20)) for _ in turns]
    corners = [
        (lon + r * math.cos(math.radians(t)), lat + r * math.sin(math.radians(t)))
        for t, r in zip(turns, radii, strict=True)
    ]
    gaps = np.diff([*turns, turns[0] + 360])
    assume(max(gaps) < 170)
    return corners


@settings(deadline=None)
@given(outlines())
def test_the_text_says_it_all(corners):
    area = area_of(corners)
    assert parse_area(area.text) == area
    assert parse_area(area.text).text == area.text
    assert set(area.text) <= set("0123456789.-_~")  # nothing that an address would have to quote


@settings(deadline=None)
@given(MIDDLES, st.floats(1, 500_000))
def test_a_circle_has_its_radius_on_the_ellipsoid(middle, radius_m):
    area = area_of([middle], radius_m)
    assert parse_area(area.text) == area
    lon, lat = area.places[0]
    edge = shapely.get_coordinates(area.geometry)
    edge = edge[np.abs(edge[:, 0]) < 180]
    metres = Geod(ellps="WGS84").inv(np.full(len(edge), lon), np.full(len(edge), lat), *edge.T)[2]
    assert np.abs(metres - area.radius_m).max() < 1e-3 * max(1, area.radius_m / 1e5) + 1e-3
    assert area.km2 == pytest.approx(math.pi * (area.radius_m / 1000) ** 2, rel=0.01)


def test_the_size_is_that_of_the_ellipsoid():
    degrees = Geod(ellps="WGS84").geometry_area_perimeter(shapely.segmentize(shapely.Polygon(SQUARE), 0.001))[0]
    assert area_of(SQUARE).km2 == pytest.approx(degrees / 1e6, rel=1e-6)
    assert area_of(SQUARE).words == "drawn area, 12,272 km²"
    assert area_of([(18, 4)], 25_000).words == "circle of 25 km, 1,963 km²"


def test_an_outline_over_the_antimeridian_is_taken_the_short_way_round():
    area = area_of([(179, -10), (-179, -10), (-179, -9), (179, -9)])
    assert area == area_of([(179, -10), (181, -10), (181, -9), (179, -9)])
    assert area.km2 == pytest.approx(2 * area_of([(10, -10), (11, -10), (11, -9), (10, -9)]).km2, rel=1e-6)
    assert shapely.intersects_xy(area.geometry, [179.5, -179.5, 180, 0, 178.5], -9.5).tolist() == [1, 1, 1, 0, 0]
    ring = area_of([(179.9, 10)], 50_000)
    assert shapely.intersects_xy(ring.geometry, [-179.8, 179.8, 0], 10).tolist() == [1, 1, 0]


def test_an_outline_that_was_unwrapped_is_still_closed():
    """Floats of continuous longitudes differed by a hair at the closing corner, which was taken for a crossing."""
    corners = [
        (-154.23252, 0.25094), (-168.56244, 0.01871), (-172.00757, 9.74942), (-177.98904, 8.28892),
        (-182.80566, -6.57652), (-176.28754, -5.2929), (-178.15088, -6.89096), (-161.3568, -17.20395),
        (-168.45645, -0.19803),
    ]  # fmt: skip
    assert len(area_of(corners).places) == 9


@pytest.mark.parametrize(
    ("corners", "radius_m", "found"),
    [
        (SQUARE[:2], 0, "2 corners"),
        ([SQUARE[0], SQUARE[0], SQUARE[1]], 0, "2 corners"),
        ([(n / 7, (n * n % 11) / 7) for n in range(MOST_CORNERS + 1)], 0, "101 corners"),
        ([(0, 0), (1, 1), (1, 0), (0, 1)], 0, "crosses itself"),
        ([(0, 0), (1, 1), (2, 2)], 0, "crosses itself"),
        ([(0, 80), (120, 80), (-120, 80)], 0, "round a pole"),
        ([(0, float("nan")), (1, 1), (1, 0)], 0, "no place"),
        ([(0, 91), (1, 1), (1, 0)], 0, "no place"),
        ([(float("inf"), 0)], 1000, "no place"),
        ([(0, 0)], float("nan"), "radius"),
        ([(0, 0)], -5, "radius"),
        ([(0, 0)], 3e6, "radius"),
        (SQUARE, 1000, "radius"),
    ],
)
def test_what_is_no_area_is_refused_in_words(corners, radius_m, found):
    with pytest.raises(WrongParameter, match="drawn area") as refused:
        area_of(corners, radius_m)
    assert found in refused.value.found


@pytest.mark.parametrize(
    "text", ["x", "1_2", "1_2~3_4", "1_2_3_4", "~", "1_2~~3_4~5_6", "nan_2_5", "1_2_1e999", "1_2_0"]
)
def test_junk_in_an_address_is_refused(text):
    with pytest.raises(WrongParameter, match="drawn area"):
        parse_area(text)


@settings(deadline=None)
@given(outlines() | st.tuples(MIDDLES, st.floats(100, 900_000)), st.lists(st.tuples(LONS, LATS), max_size=40))
def test_rows_kept_are_those_whose_place_meets_it(drawn, places):
    area = area_of([drawn[0]], drawn[1]) if isinstance(drawn, tuple) else area_of(drawn)
    points = [*places, *area.places, (area.places[0][0], area.places[0][1] - 0.01)]
    rows = layer("incidents", [incident(n, point) for n, point in enumerate(points)])
    kept = filter_dataset(rows, Where(drawn=area.text))
    truth = [r["id"] for _, r in rows.frame.iterrows() if area.geometry.intersects(r.geometry)]
    assert kept.frame["id"].tolist() == truth
    assert area.text in kept.filtered


def test_lines_and_areas_count_when_they_touch_and_what_has_no_place_is_left_out():
    rows = layer("incidents", [incident(n, (20, 5)) for n in range(4)] + [incident(4, None)])
    shapes = [shapely.LineString([(17, 4.5), (18.2, 4.5)]), shapely.box(18.9, 4.9, 30, 30), shapely.box(19.1, 4, 20, 5)]
    frame = rows.frame.copy()
    frame.geometry = [*shapes, shapely.Point(18.5, 4.5), None]
    kept = filter_dataset(replace(rows, frame=frame), Where(drawn=area_of(SQUARE).text))
    assert kept.frame["id"].tolist() == rows.frame["id"].iloc[[0, 1, 3]].tolist()


def test_a_point_that_stands_for_an_area_is_in_no_drawn_area_and_one_with_a_radius_counts_by_its_place():
    sure = {"place_precision": "near", "place_radius_m": 25_000}
    rows = layer("incidents", [incident(n, (18.5, 4.5), place_precision=p) for n, p in enumerate(["area", "region"])]
                 + [incident(2, (18.5, 4.5), **sure), incident(3, (19.01, 4.5), **sure)])  # fmt: skip
    kept = filter_dataset(rows, Where(drawn=area_of(SQUARE).text))
    assert kept.frame["id"].tolist() == ["I00002"]


@pytest.mark.parametrize("over", [(179, -179), (-179, 179)])
def test_what_runs_over_the_antimeridian_is_met_there_alone(over):
    line, outline = shapely.LineString([(over[0], -9.5), (over[1], -9.5)]), shapely.Polygon(
        [(179, -10), (-179, -10), (-179, -9), (179, -9)]
    )  # fmt: skip
    rows = layer("incidents", [incident(n, None, geometry=shape) for n, shape in enumerate([line, outline])])
    for west, met in ((10, 0), (179.5, 2)):
        square = [(west, -10), (west + 1, -10), (west + 1, -9), (west, -9)]
        assert len(filter_dataset(rows, Where(drawn=area_of(square).text))) == met
        areas = layer("admin_areas", [{"id": "A", "geometry": shapely.box(west, -10, min(west + 1, 180), -9)}])
        assert len(filter_dataset(rows, Where(areas=("A",)), areas=areas.frame)) == met


def test_all_conditions_hold():
    rows = layer("incidents", [incident(1, (18.5, 4.5), violent=False), incident(2, (18.5, 4.5)), incident(3, (20, 5))])
    kept = filter_dataset(rows, Where(fields={"violent": ("true",)}, drawn=area_of(SQUARE).text))
    assert [i[-1] for i in kept.frame["id"]] == ["2"]


def test_it_is_hashable_and_frozen():
    assert len({area_of(SQUARE), area_of(SQUARE), DrawnArea(((0.0, 0.0),), 5.0)}) == 2


@settings(deadline=None)
@given(st.lists(MIDDLES, min_size=1, max_size=1) | outlines())
def test_the_middle_of_some_places_and_how_far_they_go(places):
    lon, lat, metres = enclosing(places)
    far = [Geod(ellps="WGS84").inv(lon, lat, *place)[2] for place in places]
    assert metres == pytest.approx(max(far), abs=3)


def test_a_line_is_cut_at_the_antimeridian():
    line = line_of([(179, 0), (181, 0), (182, 1)])
    assert shapely.equals(line, line_of([(179, 0), (-179, 0), (-178, 1)]))
    assert (line.geom_type, line.bounds) == ("MultiLineString", (-180, 0, 180, 1))
    assert line_of([(1, 2), (3, 4)]).wkt == "LINESTRING (1 2, 3 4)"
