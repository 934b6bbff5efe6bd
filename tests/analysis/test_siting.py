"""New places: who would be reached, against every choice by plain distance; risks, pins, bad input."""

from __future__ import annotations

from datetime import date
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pyproj import Proj
from shapely.geometry import Point, box

from analysis import COVERAGE, SITING
from analysis.method import run_method
from analysis.place_text import read_place
from layers.errors import NotEnoughData, WrongParameter
from layers.filters import Where, filter_dataset
from layers.geodesy import GEOD, mgrs_of
from layers.settings import Settings
from tests.analysis.sample import sample
from tests.analysis.test_coverage import AREAS, project, site
from tests.analysis.test_max_cover import spopt_optimum
from tests.analysis.worlds import AS_OF, layer, scattered

SETTINGS = Settings()


def run(demand, services=None, candidates=None, risks=None, areas=None, kinds=("idp_sites", "projects"), **values):
    inputs = {"demand": layer(kinds[0], demand)}
    for role, kind, records in (
        ("services", kinds[1], services),
        ("candidates", "settlements", candidates),
        ("risks", "security_risks", risks),
        ("areas", "admin_areas", areas),
    ):
        if records is not None:
            inputs[role] = layer(kind, records, role)
    return run_method(SITING, inputs, values, as_of=AS_OF, settings=SETTINGS, today=date(2030, 1, 1))


def on_sample(**values):
    inputs = {"demand": sample("idp-sites"), "services": sample("activities"), "areas": sample("admin2")}
    inputs["risks"] = sample("security-risks")
    return run_method(SITING, inputs, {"sector": "WSH"} | values, as_of=AS_OF, settings=SETTINGS, today=AS_OF)


def metres(places, others):
    """Geod distances, shape (places, others)."""
    x, y = np.array(places).T
    u, v = np.array(others).T
    return np.array([GEOD.inv(np.full(len(u), a), np.full(len(u), b), u, v)[2] for a, b in zip(x, y, strict=True)])


@pytest.mark.parametrize("seed", range(4))
def test_the_choice_is_the_best_of_all_and_the_account_is_right(seed):
    at, spots, serving = scattered(seed, 40), scattered(seed + 10, 12), scattered(seed + 20, 5)
    people = [None if i % 6 == 5 else 100 + i for i in range(40)]
    result = run(
        [site(i, p, n) for i, (p, n) in enumerate(zip(at, people, strict=True))],
        [project(i, p) for i, p in enumerate(serving)],
        [{"id": f"C{i:02d}", "name": f"Town {i}", "at": p} for i, p in enumerate(spots)],
        k=3,
        radius_km=20,
    )
    known = np.array([n or 0 for n in people])
    before = (metres(at, serving) <= 20_000).any(axis=1)
    near = metres(spots, at) <= 20_000
    most = max(known[near[list(c)].any(axis=0) & ~before].sum() for c in combinations(range(12), 3))
    said, rows = result.summary, result.as_dict()["rows"]
    assert said["people_gained"] == most > 0
    assert (said["people_covered_before"] or 0) == known[before].sum()
    assert said["people_covered_after"] == known[before].sum() + most
    assert said["people"] == known.sum() == said["people_covered_after"] + said["people_still_uncovered"]
    so_far = before.copy()
    for rank, row in enumerate(rows, 1):
        one = near[int(row["id"][1:])]
        assert row["rank"] == rank
        assert row["people_alone"] == known[one & ~before].sum()
        assert row["people_gained"] == known[one & ~so_far].sum()
        assert row["places_gained"] == (one & ~so_far).sum()
        assert row["people_unknown_places_gained"] == sum(people[i] is None for i in np.flatnonzero(one & ~so_far))
        so_far |= one
    assert sum(row["people_gained"] for row in rows) == most
    assert (said["solver"], said["optimality_gap"]) == ("milp", 0)


def test_the_sample_equals_spopt_and_coverage():
    result = on_sample(k=3, radius_km=5)
    inputs = {"demand": sample("idp-sites"), "services": sample("activities"), "areas": sample("admin2")}
    coverage = run_method(COVERAGE, inputs, {"sector": "WSH"}, as_of=AS_OF, settings=SETTINGS, today=AS_OF)
    said, rows = result.summary, coverage.rows
    assert said["people_still_uncovered"] + said["people_gained"] == coverage.summary["uncovered_people"]
    assert said["people_covered_before"] == coverage.summary["people"] - coverage.summary["uncovered_people"]
    weights = rows["people"].fillna(0).to_numpy(float) * ~rows["covered"].to_numpy(bool)
    at = list(zip(rows.geometry.x, rows.geometry.y, strict=True))
    for k in (1, 3, 6):
        found = on_sample(k=k, radius_km=5).summary["people_gained"]
        assert found == spopt_optimum(metres(at, at), weights, 5000, k) > 0


def test_people_already_reached_do_not_count_again():
    demand = [site(1, (20, 5), 9000), site(2, (21, 5), 100)]
    result = run(demand, [project(1, (20, 5))], k=1)
    assert [row["id"] for row in result.as_dict()["rows"]] == ["S-2"]
    assert result.summary["people_gained"] == 100
    assert run(demand, k=1).as_dict()["rows"][0]["id"] == "S-1"
    assert "No layer of services was given: everybody counts as not reached." in run(demand).limits


def test_services_known_by_area_reach_their_area_here_too():
    demand = [site(1, (20, 5), 9000), site(2, (21, 5), 100)]
    result = run(demand, [project(1, None, admin2_code="X1")], areas=AREAS, k=2)
    assert [row["id"] for row in result.as_dict()["rows"]] == ["S-2"]


def test_risk_areas_are_left_out_on_wish_and_the_people_in_them_always_stated():
    demand = [site(1, (20, 5), 5000), site(2, (20.5, 5), 300), site(3, (20.004, 5), None), site(4, (20.02, 5), 50)]
    mined = {"id": "H1", "hazard_type": "cha", "status": "active", "geometry": box(19.99, 4.99, 20.003, 5.01)}
    cleared = mined | {"id": "H2", "status": "cleared", "geometry": box(20.4, 4.9, 20.6, 5.1)}
    with_them = run(demand, risks=[mined, cleared], k=1, radius_km=1)
    without = run(demand, risks=[mined, cleared], k=1, radius_km=1, exclude_risks=True)
    assert with_them.as_dict()["rows"][0] | {"id": "S-1", "in_risk_area": True} == with_them.as_dict()["rows"][0]
    assert without.as_dict()["rows"][0]["id"] == "S-2"
    for result in (with_them, without):
        said = result.summary
        assert (said["places_in_risk_areas"], said["people_in_risk_areas"]) == (2, 5000)
        assert said["people_in_risk_areas_unknown"] == 1
        assert any("2 places with at least 5,000 people lie in risk areas" in limit for limit in result.limits)
    assert with_them.summary["people_in_risk_areas_uncovered"] == 0
    assert without.summary["people_in_risk_areas_uncovered"] == 5000
    assert without.summary["candidates_excluded"] == 2
    inside = run(demand, risks=[mined], radius_km=1, keep_away_km=0)
    assert inside.summary["places_in_risk_areas"] == 1
    nothing = run(demand, exclude_risks=True)
    assert any("No record is not clearance" in limit for limit in nothing.limits)


def test_everybody_in_a_risk_area_leaves_no_candidate():
    mined = {"id": "H1", "hazard_type": "cha", "status": "active", "geometry": box(19, 4, 21, 6)}
    result = run([site(1, (20, 5), 700)], risks=[mined], exclude_risks=True)
    assert (len(result.rows), result.summary["sites"]) == (0, 0)
    assert "None of the 1 candidates" in result.summary["sentence"]
    assert result.summary["people_in_risk_areas_uncovered"] == 700


def test_a_place_of_ones_own_is_judged_beside_the_chosen():
    demand = [site(1, (20, 5), 900), site(2, (20.5, 5), 300), site(3, (20.53, 5), 40)]
    result = run(demand, k=1, try_at="20.5, 5.0")
    own = result.as_dict()["rows"][-1]
    assert (own["rank"], own["candidate_from"], own["people_alone"], own["people_gained"]) == (None, "own", 340, 340)
    beside = run(demand, k=2, try_at=mgrs_of(20.5, 5.0, "point"))
    assert (beside.summary["tried_people_alone"], beside.summary["tried_people_gained"]) == (340, 0)
    assert beside.summary["people_gained"] == run(demand, k=2).summary["people_gained"], "the pin is no candidate"
    far = run(demand, try_at="10,-5").as_dict()["rows"][-1]
    assert (far["people_gained"], far["places_gained"]) == (0, 0)


@pytest.mark.parametrize("text", ["nowhere", "200,5", "20", "5;95", "34NBK278", "34NBK", "99ZZZ12", "11LJM7030"])
def test_a_pin_that_is_no_place_is_refused_by_name(text):
    with pytest.raises(WrongParameter, match="try_at"):
        run([site(1, (20, 5))], try_at=text)


def test_a_reference_is_read_at_the_centre_of_its_square():
    for lon, lat in ((18.55, 4.36), (-120.2, -8.2), (25.3, 61.1)):
        for precision, side in (("point", 10), ("near", 1000), ("area", 10_000)):
            text = mgrs_of(lon, lat, precision)
            place = read_place("x", text)
            away = GEOD.inv(lon, lat, *place)[2]
            assert away <= side * 0.7072 * 1.001
            assert mgrs_of(*place, precision) == text
            zone = f"EPSG:{32600 + int(text[:2]) + 100 * (text[2] < 'N')}"
            assert [metres % side for metres in Proj(zone)(*place)] == pytest.approx([side / 2, side / 2], abs=0.1)
    assert read_place("x", "34n bk 27 82") == read_place("x", "34NBK2782")


def test_a_grid_lies_on_land_and_no_wider_than_asked():
    demand = [site(1, (19.5, 5), 900), site(2, (20.45, 5), 300)]
    result = run(demand, areas=AREAS[:1], grid_km=4, radius_km=10)
    points = result.shapes["candidates"].query("candidate_from == 'grid'").geometry
    assert len(points) > 20
    assert points.intersects(AREAS[0]["geometry"]).all()
    apart = metres([(p.x, p.y) for p in points], [(p.x, p.y) for p in points])
    np.fill_diagonal(apart, np.inf)
    assert apart.min(axis=1).max() <= 4000
    to_demand = metres([(p.x, p.y) for p in points], [(19.5, 5), (20.45, 5)]).min(axis=1)
    assert to_demand.max() <= 10_000
    with pytest.raises(WrongParameter, match="grid_km"):
        run([site(1, (0, 0)), site(2, (60, 30))], grid_km=1)


def test_a_grid_finds_the_place_between_two():
    demand = [site(1, (20, 5), 500), site(2, (20.06, 5), 500)]  # 6.7 km apart
    assert run(demand, k=1, radius_km=4).summary["people_gained"] == 500
    assert run(demand, k=1, radius_km=4, grid_km=1).summary["people_gained"] == 1000


def test_unknown_numbers_are_counted_as_places_and_said():
    demand = [site(1, (20, 5), 700), site(2, (20.001, 5), None), site(3, (22, 5), None)]
    one = run(demand, k=1)
    assert one.summary["sentence"] == (
        "1 new place would reach 2 more IDP sites within 5 km (at least 700 people): from 0 to 700 of 700 known."
    )
    assert one.as_dict()["rows"][0]["people_unknown_places_gained"] == 1
    none = run([site(1, (20, 5), None), site(2, (20.001, 5), None), site(3, (22, 5), None)], k=1)
    assert (none.summary["people_gained"], none.summary["places_gained"]) == (None, 2)
    assert "the number of people is not known" in none.summary["sentence"]
    assert any("places were counted" in limit for limit in none.limits)


def test_places_left_over_go_to_those_of_unknown_population():
    demand = [site(1, (20, 5), 700), site(2, (21, 5), None), site(3, (21.001, 5), None), site(4, (22, 5), None)]
    result = run(demand, k=2)
    assert [row["places_gained"] for row in result.as_dict()["rows"]] == [1, 2]
    assert run(demand, k=3).summary["places_gained"] == 4


def test_places_known_to_an_area_only_are_said():
    result = run([site(1, (20, 5), 700), site(2, (21, 5), 90, place_precision="area"), site(3, None, 5)])
    assert (result.summary["demand_without_place"], result.summary["people_still_uncovered"]) == (2, 0)
    assert (result.summary["cover_unknown_points"], result.summary["cover_unknown_people"]) == (2, 95)
    assert any(limit.startswith("2 places are known to an area only") for limit in result.limits)
    assert any(limit.startswith("2 places have no place to measure from") for limit in result.limits)
    with pytest.raises(NotEnoughData, match="Load the layer of their admin areas"):
        run([site(1, None, 700)])
    with pytest.raises(NotEnoughData, match="areas_as_points=yes") as refused:
        run([site(1, (20, 5), 700, place_precision="area")])
    assert "admin 2" not in str(refused.value)  # a way out of coverage, not of siting
    with pytest.raises(NotEnoughData, match="candidate"):
        run([site(1, (20, 5), 700)], candidates=[{"id": "1", "at": None}])


def test_the_age_of_layers_is_said():
    inputs = {"demand": layer("idp_sites", [site(1, (20, 5), 700)], as_of=date(2020, 1, 1))}
    result = run_method(SITING, inputs, {}, as_of=AS_OF, settings=Settings(), today=AS_OF)
    assert any(line.startswith("The layer of demand is as of 2020-01-01") for line in result.limits)


def test_what_stays_uncovered_is_what_coverage_calls_so():
    demand = [site(1, (20, 5), 700), site(2, (21, 5), 300), site(3, (22, 5), 90, place_precision="area")]
    demand += [site(4, (20, 5), 50, place_precision="area", admin2_code="X1"), site(5, None, 5)]
    services = [project(1, (20, 5)), project(2, None, admin2_code="X1")]
    gap = run_method(
        COVERAGE,
        {"demand": layer("idp_sites", demand), "services": layer("projects", services)},
        {},
        as_of=AS_OF,
        settings=Settings(),
        today=AS_OF,
    ).summary
    said = run(demand, services, candidates=[{"id": "1", "at": (30, 5)}]).summary
    assert said["places_still_uncovered"] == gap["uncovered_points"] == 1
    assert said["people_still_uncovered"] == gap["uncovered_people"] == 300
    assert said["cover_unknown_points"] == gap["cover_unknown_points"] == 2
    assert said["cover_unknown_people"] == 95


def test_fewer_useful_places_than_asked_for_is_said():
    result = run([site(1, (20, 5), 700)], k=4)
    assert result.summary["sites"] == 1
    assert any(limit.startswith("4 places were asked for") for limit in result.limits)
    nothing_active = run([site(1, (20, 5), 700)], [project(1, (20, 5), status="planned")])
    assert "No service fits: every place counts as not reached." in nothing_active.limits
    no_sector = run([site(1, (20, 5), 700)], [project(1, (20, 5), sector_code=None)], sector="WSH")
    assert any("state no sector" in limit for limit in no_sector.limits)
    too_wide = run([site(1, (20, 5), 700), site(2, (20.1, 5), 700)], radius_km=400)
    assert any("larger than the whole area" in limit for limit in too_wide.limits)
    covered = run([site(1, (20, 5), 700)], [project(1, (20, 5))])
    assert covered.summary["sentence"].startswith("Nothing to gain: every IDP site")


@hypothesis_settings(deadline=None, max_examples=15)
@given(st.integers(0, 1000), st.floats(1, 60), st.floats(1, 60), st.sampled_from([(20, 5), (179.99, -16), (30, 86)]))
def test_more_never_reaches_fewer(seed, one, other, centre):
    demand = [site(i, at, 10 + i) for i, at in enumerate(scattered(seed, 30, centre, 0.3))]
    small, large = (run(demand, radius_km=r, k=3).summary["people_gained"] for r in sorted((one, other)))
    assert small <= large
    grows = [run(demand, radius_km=one, k=k).summary["people_gained"] for k in (1, 2, 4)]
    assert grows == sorted(grows)
    again = run(demand[::-1], radius_km=one, k=3)
    assert again.as_dict() == run(demand, radius_km=one, k=3).as_dict()


def test_shapes_show_what_each_candidate_gains():
    demand = [site(1, (20, 5), 900), site(2, (20.5, 5), 300)]
    result = run(demand, k=1)
    table = result.shapes["candidates"].set_index("id")
    assert table["people_alone"].to_dict() == {"S-1": 900, "S-2": 300}
    assert list(result.shapes["gained"]["id"]) == ["S-1"]
    assert result.shapes["reach"].geometry.iloc[0].contains(Point(20.04, 5))


def test_filters_commute_and_a_filter_is_a_smaller_question():
    inputs = {"demand": sample("idp-sites"), "services": sample("activities")}

    def kept(*fields):
        demand = inputs["demand"]
        for name, values in fields:
            demand = filter_dataset(demand, Where(fields={name: values}))
        return demand

    state, kind = ("admin1_code", ("XO05", "XO02")), ("site_type", ("planned_camp", "informal", "host_community"))
    for method, values in ((SITING, {"k": 2}), (COVERAGE, {"look_ahead_days": 30})):
        answers = [
            run_method(
                method,
                inputs | {"demand": demand},
                {"sector": "WSH"} | values,
                as_of=AS_OF,
                settings=SETTINGS,
                today=AS_OF,
            ).as_dict()
            for demand in (kept(state, kind), kept(kind, state))
        ]
        for answer in answers:
            answer.pop("inputs")  # the words of the filters keep their order
        assert answers[0] == answers[1]
        assert 0 < answers[0]["summary"]["demand_points"] < 43


def test_where_all_are_reached_nothing_is_said_of_unknown_numbers():
    demand = [site(1, (20, 5), 700), site(2, (21, 5), 90, place_precision="area")]
    result = run(demand, services=[project(1, (20, 5))], k=1)
    assert not [limit for limit in result.limits if "counted in their stead" in limit]
    assert "1 places were asked for; none would reach anybody." in result.limits
