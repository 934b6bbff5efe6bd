"""Routes: the formula along a line, the worst leg, hazards and road state on the way."""

from __future__ import annotations

import pytest
from shapely.geometry import LineString, Point
from shapely.ops import substring

from analysis import CORRIDOR
from analysis.method import run_method
from analysis.theatre import area_km2
from layers.errors import NotEnoughData
from layers.geodesy import GEOD
from layers.settings import Settings
from tests.analysis.test_expected import by_hand, dated
from tests.analysis.worlds import AS_OF, activity, day, layer, scattered

LINE = LineString([(19.6, 4.8), (20.0, 5.0), (20.4, 5.05)])


def run(routes, incidents, *, kind="roads", risks=None, roads=None, **values):
    inputs = {"routes": layer(kind, routes, "ways"), "incidents": layer("incidents", incidents)}
    for role, kind_id, records in (("risks", "security_risks", risks), ("roads", "roads", roads)):
        if records is not None:
            inputs[role] = layer(kind_id, records)
    return run_method(CORRIDOR, inputs, values, as_of=AS_OF, settings=Settings(), today=AS_OF)


def road(number, geometry, **more):
    return {"id": f"R{number}", "geometry": geometry, "road_type": "road"} | more


@pytest.fixture
def incidents():
    near = [dated(500 + i, at, 5 + i) for i, at in enumerate(scattered(8, 12, (20.3, 5.04), 0.01))]
    return [dated(i, at, 10 * i % 700) for i, at in enumerate(scattered(7, 300, spread=0.4))] + near


def hull_km2(incidents):
    from shapely.geometry import MultiPoint

    return area_km2(MultiPoint([one["at"] for one in incidents]).convex_hull)


def test_expected_along_a_line_and_its_worst_leg_are_those_of_the_formula(incidents):
    (row,) = run([road(1, LINE)], incidents, travel_days=3).as_dict()["rows"]
    days = max(10 * i % 700 for i in range(300)) + 1
    assert row["days"] == 3
    assert row["length_km"] == pytest.approx(GEOD.geometry_length(LINE) / 1000, abs=1e-3)
    assert row["expected"] == pytest.approx(sum(by_hand(LINE, incidents, 3, 2, hull_km2(incidents), days)), rel=1e-4)
    assert row["expected_per_km"] == pytest.approx(row["expected"] / row["length_km"], rel=1e-6)
    assert row["legs"] == round(row["length_km"] / 5)
    cuts = [substring(LINE, i / row["legs"], (i + 1) / row["legs"], normalized=True) for i in range(row["legs"])]
    each = [sum(by_hand(cut, incidents, 3, 2, hull_km2(incidents), days)) for cut in cuts]
    assert row["worst_leg"] == each.index(max(each)) + 1
    assert row["worst_leg_expected"] == pytest.approx(max(each), rel=1e-4)
    worst = cuts[row["worst_leg"] - 1]
    assert worst.distance(Point(20.3, 5.04)) < 0.03
    assert row["worst_leg_to_km"] - row["worst_leg_from_km"] == pytest.approx(
        GEOD.geometry_length(worst) / 1000, abs=0.1
    )
    assert row["worst_leg_mgrs"].startswith("34N")


def test_a_red_flag_is_first_and_the_rest_by_what_is_expected_per_kilometre(incidents):
    ways = [
        road(1, LineString([(20.25, 5.03), (20.35, 5.05)])),
        road(2, LineString([(23.0, 5.0), (23.1, 5.0)])),
        road(3, LineString([(24.0, 5.0), (24.1, 5.0)])),
    ]
    hazard = [{"id": "H", "hazard_type": "erw_spot", "at": (24.05, 5.0)}]
    result = run(ways, incidents, risks=hazard)
    assert [r["id"] for r in result.as_dict()["rows"]] == ["R3", "R1", "R2"]
    assert result.as_dict()["rows"][0]["flag_text"] == "at an ERW spot"
    assert result.summary["flagged_red"] == 1


def test_the_worst_road_state_on_the_way_is_said(incidents):
    bridge = {"id": "B1", "name": "Long bridge", "at": (20.0, 5.0), "road_type": "bridge", "road_state": "closed"}
    far = {"id": "B2", "name": "Far bridge", "at": (20.0, 5.01), "road_type": "bridge", "road_state": "closed"}
    tar = road(9, LINE, name="Tar", road_state="restricted")
    (row,) = run([road(1, LINE)], incidents, roads=[bridge, far, tar]).as_dict()["rows"]
    assert row["road_state"] == "closed"
    assert row["road_text"] == "closed: Long bridge; restricted: Tar"
    (unknown,) = run([road(1, LINE)], incidents, roads=[far]).as_dict()["rows"]
    assert (unknown["road_state"], unknown["road_text"]) == (None, None)


def test_the_state_of_the_way_is_that_of_the_day_and_of_the_vehicle(incidents):
    bridge = {"id": "B1", "name": "Long bridge", "at": (20.0, 5.0), "road_type": "bridge", "road_state": "open"}
    later = bridge | {"id": "B2", "road_id": "B1", "road_state": "closed", "state_since": day("2026-12-24")}
    heavy = bridge | {"id": "B3", "road_id": "B1", "road_state": "closed", "vehicle_class": "heavy_truck"}
    rows = [bridge | {"road_id": "B1"}, later, heavy]

    def state(vehicle):
        return run([road(1, LINE)], incidents, roads=rows, vehicle_class=vehicle).rows["road_state"].iloc[0]

    assert [state(v) for v in ("any", "light", "heavy_truck")] == ["restricted", "open", "closed"]


def test_links_between_named_places_are_said_to_be_straight(incidents):
    drawn, link = road(1, LINE), road(2, LINE, place_precision="area")
    said = "1 of 2 lines are straight links between named places"
    assert any(said in line for line in run([drawn, link], incidents).limits)
    assert not any("straight links" in line for line in run([drawn], incidents).limits)


def test_line_activities_have_days_of_their_own(incidents):
    made = [
        activity(1, None, geometry=LINE, end_date=day("2026-11-16")),
        activity(2, (20, 5)),
        activity(3, None, geometry=LINE, start_date=day("2027-11-16")),
    ]
    result = run(made, incidents, kind="projects")
    (row,) = result.as_dict()["rows"]
    assert (row["id"], row["days"]) == ("P00001", 4)
    assert (result.summary["not_lines"], result.summary["outside_horizon"]) == (1, 1)


def test_no_line_no_history_and_nothing_given_are_said(incidents):
    with pytest.raises(NotEnoughData, match="no line"):
        run([road(1, Point(20, 5))], incidents)
    result = run([road(1, LINE)], [])
    (row,) = result.as_dict()["rows"]
    assert (row["expected"], row["worst_leg_expected"], row["road_state"]) == (None, None, None)
    assert (result.summary["flagged_red"], result.summary["flagged_amber"]) == (None, None)
    for words in ("nothing can be said", "hazards were not looked at", "state of the way was not"):
        assert any(words in limit for limit in result.limits)
