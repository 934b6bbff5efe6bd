"""Ways by road: against a lattice solved another way, joints, closures, the antimeridian."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import floyd_warshall
from shapely.geometry import LineString, MultiLineString, Point, Polygon

from analysis import COVERAGE
from analysis.method import run_method
from analysis.places import Places
from analysis.road_network import RoadNetwork
from layers.errors import NotEnoughData, WrongParameter
from layers.geodesy import GEOD
from layers.settings import Settings
from tests.analysis.sample import sample
from tests.analysis.test_coverage import project, row, site
from tests.analysis.worlds import AS_OF, day, layer, scattered


def road(number, *points, **more):
    return {"id": f"RD{number:03d}", "geometry": LineString(points), "road_state": "open"} | more


def network(*roads):
    return RoadNetwork(layer("roads", list(roads)).frame, AS_OF)


def way(roads, start, end):
    """Metres by road between two points, None where there is no way."""
    places = Places(np.array([Point(start)], dtype=object))
    services = Places(np.array([Point(end)], dtype=object))
    position, metres = network(*roads).ways(places, services).nearest(np.array([0]), 1000.0)
    return None if position[0] < 0 else float(metres[0])


def apart(a, b):
    return GEOD.inv(*a, *b)[2]


def run(demand, services, roads, **values):
    inputs = {"demand": layer("idp_sites", demand), "services": layer("projects", services)}
    inputs["roads"] = layer("roads", roads)
    return run_method(COVERAGE, inputs, values, as_of=AS_OF, settings=Settings(), today=date(2030, 1, 1))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("corner", [(20.0, 5.0), (-0.05, 61.0), (179.97, -16.0)])
def test_ways_equal_floyd_warshall_on_a_lattice(seed, corner):
    rng = np.random.default_rng(seed)
    side = 6
    at = {(i, j): (corner[0] + 0.009 * i, corner[1] + 0.009 * j) for i in range(side) for j in range(side)}
    nodes = list(at)
    edges = [(a, b) for a in nodes for b in ((a[0] + 1, a[1]), (a[0], a[1] + 1)) if b in at]
    edges = [e for e in edges if rng.random() < 0.7]
    table = np.full((len(nodes),) * 2, np.inf)
    for a, b in edges:
        table[nodes.index(a), nodes.index(b)] = apart(at[a], at[b])
    truth = floyd_warshall(np.minimum(table, table.T))
    turned = {n: ((x + 180) % 360 - 180, y) for n, (x, y) in at.items()}
    used = sorted({n for e in edges for n in e})
    ways = network(*(road(i, turned[a], turned[b]) for i, (a, b) in enumerate(edges)))
    points = Places(np.array([Point(turned[n]) for n in used], dtype=object))
    graph = ways.ways(points, points)
    for number, start in enumerate(used):
        position, metres = graph.nearest(np.array([number]), 1000.0)
        expected = truth[[nodes.index(n) for n in used], nodes.index(start)]
        assert (position >= 0).tolist() == np.isfinite(expected).tolist()
        assert metres[position >= 0] == pytest.approx(expected[position >= 0], abs=0.05)


def test_the_nearest_by_road_need_not_be_the_nearest_in_a_straight_line():
    # A river between: the near service is reached over the bridge at the far end only.
    roads = [road(1, (20, 5), (20.2, 5)), road(2, (20, 5.02), (20.2, 5.02)), road(3, (20.2, 5), (20.2, 5.02))]
    demand = [site(1, (20.05, 5))]
    services = [project(1, (20.05, 5.02)), project(2, (20.0, 5))]
    result = run(demand, services, roads, radius_km=4)
    found = row(result, "S-1")
    assert (found["nearest_service_id"], found["nearest_by_road_id"]) == ("P1", "P2")
    assert found["road_m"] == pytest.approx(apart((20.05, 5), (20.0, 5)), abs=0.1)
    assert found["distance_m"] == pytest.approx(apart((20.05, 5), (20.05, 5.02)), abs=0.1)
    assert found["covered"] is True, "measured in a straight line"
    by_road = run(demand, services, roads, radius_km=4, measure="road")
    assert (row(by_road, "S-1")["covered"], by_road.summary["uncovered_people"]) == (False, 1000)
    assert by_road.summary["sentence"].endswith("no reported active project within 4 km by road.")
    assert row(run(demand, services, roads, radius_km=6, measure="road"), "S-1")["covered_by"] == "road"


def test_connectors_are_straight_and_counted():
    roads = [road(1, (20, 5), (20.2, 5))]
    start, end = (20.05, 5.03), (20.15, 4.99)
    expected = apart(start, (20.05, 5)) + apart((20.05, 5), (20.15, 5)) + apart((20.15, 5), end)
    assert way(roads, start, end) == pytest.approx(expected, abs=1)
    beside = (20.06, 5.03)
    assert way(roads, start, beside) == pytest.approx(apart(start, beside), abs=0.1), "nearer than the road"


def test_roads_that_cross_are_joined_and_links_by_name_are_not():
    cross = [road(1, (20, 5), (20.2, 5.2)), road(2, (20, 5.2), (20.2, 5))]
    direct = apart((20, 5), (20.1, 5.1)) + apart((20.1, 5.1), (20.2, 5))
    assert way(cross, (20, 5), (20.2, 5)) == pytest.approx(direct, abs=5)
    named = [r | {"place_precision": "area"} for r in cross]
    assert way(named, (20, 5), (20.2, 5)) is None
    at_ends = [*named, road(3, (20, 5), (20, 5.2), place_precision="area")]
    expected = apart((20, 5), (20, 5.2)) + apart((20, 5.2), (20.2, 5))
    assert way(at_ends, (20, 5), (20.2, 5)) == pytest.approx(expected, abs=30)
    assert any("straight links between named places" in limit for limit in network(*at_ends).account.limits())


@pytest.mark.parametrize(("off_m", "joined"), [(0, True), (20, True), (49, True), (60, False), (200, False)])
def test_an_end_that_all_but_touches_is_joined(off_m, joined):
    degrees = off_m / 110_580
    roads = [road(1, (20, 5), (20.2, 5)), road(2, (20.1033, 5 + degrees), (20.1033, 5.1))]
    found = way(roads, (20, 5), (20.1033, 5.1))
    if joined:
        expected = apart((20, 5), (20.1033, 5)) + apart((20.1033, 5), (20.1033, 5.1))
        assert found == pytest.approx(expected, abs=1)
    else:
        assert found is None


def test_closed_roads_and_bridges_are_left_out():
    ring = [road(1, (20, 5), (20.1, 5)), road(2, (20.1, 5), (20.1, 5.1)), road(3, (20, 5), (20, 5.1), (20.1, 5.1))]
    short = apart((20, 5), (20.1, 5))
    long = apart((20.1, 5), (20.1, 5.1)) + apart((20.1, 5.1), (20, 5.1)) + apart((20, 5.1), (20, 5))

    def found(*roads):
        return way(list(roads), (20, 5), (20.1, 5))

    assert found(*ring) == pytest.approx(short, abs=1)
    assert found(ring[0] | {"road_state": "closed"}, *ring[1:]) == pytest.approx(long, rel=0.001)
    later = ring[0] | {"road_state": "closed", "state_since": day("2026-12-01")}
    assert found(later, *ring[1:]) == pytest.approx(short, abs=1)
    bridge = {"id": "BR1", "road_type": "bridge", "road_state": "closed", "geometry": Point(20.05, 5.0)}
    assert found(*ring, bridge) == pytest.approx(long, rel=0.001)
    assert found(*ring, bridge | {"road_state": "restricted"}) == pytest.approx(short, abs=1)
    assert found(ring[0], bridge) is None


def test_a_road_is_closed_to_some_vehicles_and_until_a_day():
    ring = [road(1, (20, 5), (20.1, 5), road_id="A"), road(3, (20, 5), (20, 5.1), (20.1, 5.1), (20.1, 5))]
    heavy = ring[0] | {"id": "RD001-H", "vehicle_class": "heavy_truck", "road_state": "closed"}

    def found(vehicle, **more):
        frame = layer("roads", [*ring, heavy | more]).frame
        ends = [Places(np.array([Point(end)], dtype=object)) for end in ((20, 5), (20.1, 5))]
        return float(RoadNetwork(frame, AS_OF, vehicle).ways(*ends).nearest(np.array([0]), 1000.0)[1][0])

    short = apart((20, 5), (20.1, 5))
    assert found("light") == found("any") == pytest.approx(short, abs=1)
    assert found("heavy_truck") > 2.9 * short
    assert found("heavy_truck", reopening_date=pd.Timestamp(AS_OF) + pd.Timedelta(1, "D")) > 2.9 * short
    assert found("heavy_truck", reopening_date=pd.Timestamp(AS_OF)) == pytest.approx(short, abs=1)


def test_no_way_is_said_and_is_no_number():
    roads = [road(1, (20, 5), (20.1, 5)), road(2, (21, 5), (21.1, 5))]
    demand = [site(1, (20.02, 5), 700), site(2, (21.02, 5), None), site(3, (21.05, 5), 30), site(4, None, 5)]
    result = run(demand, [project(1, (20, 5))], roads, measure="road", radius_km=500)
    assert [row(result, f"S-{i}")["road_m"] is None for i in (1, 2, 3, 4)] == [False, True, True, True]
    assert [row(result, f"S-{i}")["covered"] for i in (1, 2, 3, 4)] == [True, False, False, None]
    said = result.summary
    assert (said["unreachable_points"], said["unreachable_people"], said["unreachable_people_unknown"]) == (2, 30, 1)
    assert "inf" not in str(result.as_dict()).casefold().replace("information", "")
    assert any(limit.startswith("2 places have no way") for limit in result.limits)
    nothing_serves = run(demand, [], roads, measure="road")
    assert nothing_serves.summary["uncovered_points"] == 3


def test_states_are_accounted_for():
    roads = [
        road(1, (20, 5), (20.1, 5)),
        road(2, (20, 5), (20, 5.1), road_state="restricted"),
        road(3, (20, 5), (19.9, 5), road_state=None),
        road(4, (20, 5), (20, 4.9), road_state="closed"),
    ]
    said = " ".join(run([site(1, (20, 5))], [project(1, (20, 5))], roads).limits)
    assert "3 roads are used; 1 closed" in said
    assert "1 roads are restricted" in said
    assert "1 roads have no state" in said


def test_by_road_needs_roads():
    with pytest.raises(WrongParameter, match="measure"):
        run_method(
            COVERAGE,
            {"demand": layer("idp_sites", [site(1, (20, 5))]), "services": layer("projects", [])},
            {"measure": "road"},
            as_of=AS_OF,
            settings=Settings(),
            today=AS_OF,
        )
    closed = [road(1, (20, 5), (20.1, 5), road_state="closed")]
    with pytest.raises(NotEnoughData, match="open road"):
        run([site(1, (20, 5))], [], closed, measure="road")
    straight = run([site(1, (20, 5))], [], closed)
    assert "road_m" not in straight.rows
    assert "No open road has a line: no way by road is measured." in straight.limits


def test_areas_and_parts_take_part():
    parts = {"id": "M", "geometry": MultiLineString([[(20, 5), (20.1, 5)], [(20.1, 5), (20.1, 5.1)]])}
    square = Polygon([(20.09, 5.1), (20.11, 5.1), (20.11, 5.12), (20.09, 5.12)])
    result = run([site(1, (20, 5))], [project(1, None, geometry=square)], [parts], measure="road", radius_km=30)
    assert row(result, "S-1")["road_m"] > apart((20, 5), (20.1, 5)) + apart((20.1, 5), (20.1, 5.1)) - 1


@hypothesis_settings(deadline=None, max_examples=15)
@given(st.integers(0, 1000), st.sampled_from([(20, 5), (179.99, -16), (30, 84)]))
def test_a_way_is_never_shorter_than_the_straight_line(seed, centre):
    ends = scattered(seed, 24, centre, 0.2)
    roads = [road(i, ends[2 * i], ends[2 * i + 1]) for i in range(12) if abs(ends[2 * i][0] - ends[2 * i + 1][0]) < 180]
    demand = [site(i, at, 10) for i, at in enumerate(scattered(seed + 1, 25, centre, 0.2))]
    services = [project(i, at) for i, at in enumerate(scattered(seed + 2, 6, centre, 0.2))]
    result = run(demand, services, roads)
    by_road = result.rows["road_m"].to_numpy(dtype=float, na_value=np.nan)
    straight = result.rows["distance_m"].to_numpy(dtype=float)
    known = np.isfinite(by_road)
    assert known.any()
    assert (by_road[known] >= straight[known] - 0.5).all()
    again = run(demand[::-1], services[::-1], roads[::-1])
    assert again.as_dict() == result.as_dict()


def test_the_sample_by_road():
    inputs = {"demand": sample("settlements"), "services": sample("facilities"), "roads": sample("roads")}

    def asked(**values):
        values = {"sector": "HEA", "radius_km": 25} | values
        return run_method(COVERAGE, inputs, values, as_of=AS_OF, settings=Settings(), today=AS_OF)

    straight, by_road = asked(), asked(measure="road")
    assert straight.summary["uncovered_points"] < by_road.summary["uncovered_points"]
    assert by_road.summary["unreachable_points"] == 0
    rows = by_road.rows
    assert (rows["road_m"] >= rows["distance_m"] - 0.5).all()
    # From Amber Vale the road to Port Lantern is cut by the ford, the road to Grand Marché is open.
    ford = rows.set_index("name").loc["Amber Vale"]
    assert ford["road_m"] > ford["distance_m"]
