"""Coverage: who is beyond reach, by distance and by area, and what is not known."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, Polygon, box

from analysis import COVERAGE
from analysis.method import run_method
from layers.errors import NotEnoughData, WrongParameter
from layers.geodesy import distance_m
from layers.settings import Settings
from tests.analysis.worlds import AS_OF, day, layer, scattered

SETTINGS = Settings()
AREAS = [
    {"id": "X1", "name": "West", "admin_level": "2", "geometry": box(19, 4, 20.5, 6)},
    {"id": "X2", "name": "East", "admin_level": "2", "geometry": box(20.5, 4, 22, 6)},
    {"id": "X", "name": "All", "admin_level": "1", "geometry": box(19, 4, 22, 6)},
]


def site(number, at, population=1000, **more):
    base = {"id": f"r{number}", "site_id": f"S-{number}", "name": f"Site {number}", "at": at, "population": population}
    return base | {"reporting_round": "6", "assessment_date": day("2026-11-01")} | more


def project(number, at, **more):
    return {"id": f"P{number}", "name": f"Wells {number}", "at": at, "sector_code": "WSH", "status": "active"} | more


def run(demand, services, areas=None, as_of=AS_OF, kinds=("idp_sites", "projects"), **values):
    inputs = {"demand": layer(kinds[0], demand), "services": layer(kinds[1], services)}
    if areas is not None:
        inputs["areas"] = layer("admin_areas", areas)
    return run_method(COVERAGE, inputs, values, as_of=as_of, settings=SETTINGS, today=date(2030, 1, 1))


def row(result, entity):
    return next(r for r in result.as_dict()["rows"] if r["id"] == entity)


def test_cover_equals_brute_force_for_any_geometry():
    demand = [site(i, at, population=None if i % 5 == 0 else 100 * i) for i, at in enumerate(scattered(1, 40))]
    demand.append(site(90, None, geometry=Polygon(scattered(7, 3))))
    services = [project(i, at) for i, at in enumerate(scattered(2, 15))]
    services.append(project(50, None, geometry=LineString(scattered(8, 3))))
    result = run(demand, services, radius_km=12)
    supply = [s.get("geometry") or Point(s["at"]) for s in services]
    beyond = people = unknown = 0
    for one in demand:
        metres = min(distance_m(one.get("geometry") or Point(one["at"]), s) for s in supply)
        found = row(result, one["site_id"])
        assert found["distance_m"] == pytest.approx(metres, abs=0.1)
        assert found["covered"] is (metres <= 12_000)
        beyond += metres > 12_000
        people += 0 if metres <= 12_000 else one["population"] or 0
        unknown += metres > 12_000 and one["population"] is None
    summary = result.summary
    assert (summary["uncovered_points"], summary["uncovered_people"], summary["uncovered_people_unknown"]) == (
        beyond,
        people,
        unknown,
    )


def test_the_latest_round_at_as_of_counts():
    demand = [
        site(1, (20, 5), 100, id="a", reporting_round="Round 9", assessment_date=day("2026-06-01")),
        site(1, (20, 5), 200, id="b", reporting_round="Round 10", assessment_date=day("2026-09-01")),
        site(1, (20, 5), 300, id="c", reporting_round="Round 11", assessment_date=day("2026-12-01")),
    ]
    assert run(demand, []).summary["people"] == 200
    assert run(demand, [], as_of=date(2026, 12, 1)).summary["people"] == 300
    undated = [d | {"assessment_date": pd.NaT} for d in demand]
    assert run(undated, []).summary["people"] == 300
    with pytest.raises(NotEnoughData, match="nobody"):
        run(demand, [], as_of=date(2026, 1, 1))


def test_not_assessed_is_neither_zero_nor_closed():
    demand = [
        site(29, (20, 5), 4100, id="a", reporting_round="5", assessment_date=day("2026-09-01")),
        site(29, (20, 5), None, id="b", assessment_status="not_assessed"),
        site(30, (20, 5), 500, assessment_status="closed"),
        site(31, (20, 5), 70),
    ]
    result = run(demand, [])
    found = row(result, "S-29")
    assert found["people"] is None
    assert (found["last_known_population"], found["last_known_round"]) == (4100, "5")
    summary = result.summary
    assert (summary["demand_points"], summary["people"], summary["people_unknown_points"]) == (2, 70, 1)
    assert (summary["not_assessed"], summary["closed_sites"]) == (1, 1)
    assert row(result, "S-31")["last_known_population"] is None


def test_an_undated_round_takes_its_place_among_the_dated_ones():
    undated = {"assessment_date": pd.NaT}
    demand = [
        site(1, (20, 5), 100, id="a", reporting_round="5", assessment_date=day("2026-10-01")),
        site(1, (20, 5), None, id="b", assessment_status="not_assessed", **undated),
        site(4, (20, 5), 500, id="c", reporting_round="5", assessment_date=day("2026-10-01")),
        site(4, (20, 5), 900, id="d", **undated),
        site(5, (20, 5), 1, id="e", reporting_round=None, **undated),
        site(5, (20, 5), 7, id="f", reporting_round="4", **undated),
    ]
    result = run(demand, [])
    assert [row(result, s)["people"] for s in ("S-1", "S-4", "S-5")] == [None, 900, 7]
    assert row(result, "S-1")["last_known_population"] == 100
    later = site(9, (20, 5), 3, id="g", assessment_date=day("2026-12-01"))
    before = run([*demand, later], [])
    assert [row(before, s)["people"] for s in ("S-1", "S-4")] == [100, 500], "round 6 is dated after as-of"
    assert before.summary["later_records"] == 3


def test_sites_without_any_round_or_date_count():
    blank = {"reporting_round": None, "assessment_date": pd.NaT}
    assert run([site(1, (20, 5), 7, **blank), site(2, (20, 5), 8, **blank)], []).summary["people"] == 15
    dated = {"reporting_round": None}
    assert run([site(1, (20, 5), 7, **blank), site(1, (20, 5), 8, id="b", **dated)], []).summary["people"] == 8


def test_of_one_site_twice_in_a_round_the_last_row_counts_and_it_is_said():
    demand = [
        site(2, (20, 5), 250, id="r10", row=10),
        site(2, (20, 5), 100, id="r9", row=9),
        site(3, (20, 5), 10, id="u1", reporting_round=None, assessment_date=pd.NaT, row=11),
        site(3, (20, 5), 20, id="u2", reporting_round=None, assessment_date=pd.NaT, row=12),
        site(4, (20, 5), 1, id="old", reporting_round="5", assessment_date=day("2026-10-01"), row=13),
        site(4, (20, 5), 2, id="older", reporting_round="5", assessment_date=day("2026-10-01"), row=14),
        site(4, (20, 5), 3, id="new", row=15),
    ]
    result = run(demand, [])
    assert [row(result, s)["people"] for s in ("S-2", "S-3", "S-4")] == [250, 20, 3]
    assert result.summary["same_site_twice"] == 2, "only the rounds that count"
    assert any(limit.startswith("2 rows do not count") for limit in result.limits)
    assert run(demand[6:], []).summary["same_site_twice"] == 0


def figure(number, people, year, code="X1", group="idp", **more):
    period = {} if year is None else {"reference_period_start": day(f"{year}-01-01")}
    base = {"id": f"G{number}", "name": code, "admin2_code": code, "at": (20, 5), "population": people}
    return base | {"population_group": group} | period | more


def test_of_the_figures_of_an_area_the_latest_period_at_as_of_counts():
    figures = [figure(1, 100, 2024), figure(2, 120, 2025), figure(3, 130, 2027), figure(4, 9, None)]
    figures.append(figure(5, 50, 2024, code="X2"))

    def found(rows, **more):
        return run(rows, [], kinds=("population_groups", "projects"), **more)

    result = found(figures)
    assert result.summary["people"] == 170
    assert (result.summary["older_figures"], result.summary["later_records"]) == (2, 1)
    assert any(limit.startswith("2 figures of an earlier period") for limit in result.limits)
    assert found(figures, as_of=date(2024, 6, 1)).summary["people"] == 150
    beside = found([*figures, figure(6, 1, 2025)])
    assert (beside.summary["people"], beside.summary["same_area_twice"]) == (171, 1)
    with pytest.raises(WrongParameter, match="idp, not stated"):
        found([*figures, figure(7, 1, 2025, group=None)])
    assert found([figure(7, 1, 2025, group=None)]).summary["people"] == 1


def test_only_idps_are_counted():
    demand = [site(1, (20, 5), 100), site(2, (20, 5), 50, population_group="returnee")]
    summary = run(demand, []).summary
    assert (summary["people"], summary["other_population_groups"]) == (100, 1)


def test_population_groups_are_never_added_together():
    figures = [
        {"id": "1", "at": (20, 5), "population": 10, "population_group": "host"},
        {"id": "2", "at": (20, 5), "population": 20, "population_group": "idp"},
    ]
    with pytest.raises(WrongParameter, match="never added"):
        run(figures, [], kinds=("population_groups", "projects"))
    assert run(figures[:1], [], kinds=("population_groups", "projects")).summary["people"] == 10


def test_which_projects_serve():
    here = (20, 5)
    services = [
        project(1, here),
        project(2, here, status="planned"),
        project(3, here, status=None),
        project(4, here, end_date=day("2026-11-11")),
        project(5, here, start_date=day("2026-11-13")),
        project(6, here, sector_code="HEA"),
        project(7, here, activity_class="qip"),
    ]
    summary = run([site(1, here)], services, sector="WASH").summary
    assert summary["services"] == 1
    assert summary["services_left_out"] == {
        "other_sector": 1,
        "status_unknown": 1,
        "not_active": 1,
        "status_contradicted": 2,
    }
    assert run([site(1, here)], services, sector="WSH", status="any", include_qips="yes").summary["services"] == 6


def test_the_gap_grows_by_those_whose_only_project_ends():
    demand = [site(1, (20, 5), 700), site(2, (21, 5), 300)]
    services = [project(1, (20, 5), end_date=day("2026-11-30")), project(2, (21, 5))]
    assert run(demand, services).summary["uncovered_people"] == 0
    assert run(demand, services, as_of=date(2026, 12, 1)).summary["uncovered_people"] == 700


def test_qips_change_only_their_own_line():
    demand = [site(1, (20, 5), 700), site(2, (21, 5), 300)]
    qip = project(9, (20, 5), activity_class="qip")
    without, with_one = (run(demand, s).summary for s in ([project(1, (21, 5))], [project(1, (21, 5)), qip]))
    assert with_one["qip_services"] == 1
    assert (with_one["uncovered_points_with_qips"], with_one["uncovered_people_with_qips"]) == (0, 0)
    own = {"qip_services", "uncovered_points_with_qips", "uncovered_people_with_qips"}
    assert {k: v for k, v in without.items() if k not in own} == {k: v for k, v in with_one.items() if k not in own}
    assert run(demand, [project(1, (21, 5)), qip], include_qips=True).summary["uncovered_people"] == 0


def test_services_known_by_area_cover_that_admin2_alone():
    demand = [site(1, (20, 5)), site(2, (21, 5)), site(3, (20.2, 5.5), admin2_code="X1")]
    by_code = project(1, None, admin2_code="X1")
    at_centroid = project(2, (20, 5), admin2_code="X1", place_precision="area")
    for service in (by_code, at_centroid):
        result = run(demand, [service], AREAS)
        assert [row(result, f"S-{i}")["covered_by"] for i in (1, 2, 3)] == ["area", None, "area"]
        assert [row(result, f"S-{i}")["admin2_code"] for i in (1, 2, 3)] == ["X1", "X2", "X1"]
        assert row(run(demand, [service]), "S-1")["covered"] is False
        assert row(run(demand, [service]), "S-3")["covered"] is True
    assert run(demand, [project(3, None)]).summary["services_without_place"] == 1


def test_protection_is_judged_by_area_only():
    near = project(1, (20.49, 5), sector_code="PRO", admin2_code=None)
    demand = [site(1, (20.51, 5)), site(2, (19.1, 4.1))]
    result = run(demand, [near], AREAS, sector="Protection", radius_km=50)
    assert [row(result, f"S-{i}")["covered_by"] for i in (1, 2)] == [None, "area"]
    assert "in their admin area" in result.summary["sentence"]


def test_facilities_without_status_are_assumed_active_and_said():
    facilities = [
        {"id": "1", "facility_type": "hospital", "at": (20, 5)},
        {"id": "2", "facility_type": "clinic", "status": "closed", "at": (21, 5)},
        {"id": "3", "facility_type": "school", "at": (21, 5)},
    ]
    demand = [site(1, (20, 5)), site(2, (21, 5))]
    result = run(demand, facilities, kinds=("idp_sites", "facilities"), sector="health")
    assert result.summary["status_assumed"] == 1
    assert result.summary["services_left_out"] == {"other_sector": 1, "closed": 1, "status_unknown": 0}
    assert result.summary["uncovered_points"] == 1
    assert result.summary["sentence"] == (
        "1 of 2 IDP sites (1,000 people) has no reported health facility within 5 km."
        " 1 facility, taken as active: it states no status."
    )
    assert "1 of 1 facilities have no status and are taken as active." in result.limits
    stated = [facilities[0] | {"id": "4", "status": "functional"}, *facilities]
    mixed = run(demand, stated, kinds=("idp_sites", "facilities"), sector="health")
    assert mixed.summary["sentence"].endswith("no reported active health facility within 5 km.")
    assert "1 of 2 facilities have no status and are taken as active." in mixed.limits


def test_totals_of_areas_are_not_called_sites():
    total = {"site_type": "area_total", "place_precision": "area"}
    demand = [site(1, (20, 5), **total), site(2, (21, 5), **total)]
    said = run(demand, [project(1, (20, 5))], areas_as_points="yes").summary["sentence"]
    assert said == (
        "1 of 2 areas with IDPs (1,000 people) has no reported active project within 5 km of the point that stands for"
        " the area."
    )
    mixed = run([*demand, site(3, (21, 5))], [project(1, (20, 5))], areas_as_points="yes").summary["sentence"]
    assert mixed.startswith("2 of 3 IDP sites")


def test_a_facility_whose_status_is_not_understood_does_not_serve():
    facilities = [
        {"id": "1", "facility_type": "clinic", "status": "unknown", "at": (20, 5)},
        {"id": "2", "facility_type": "clinic", "status": "partial", "at": (21, 5)},
    ]
    result = run([site(1, (20, 5))], facilities, kinds=("idp_sites", "facilities"))
    assert (result.summary["services"], result.summary["status_assumed"]) == (1, 0)
    assert result.summary["services_left_out"] == {"other_sector": 0, "closed": 0, "status_unknown": 1}
    assert any(limit.startswith("1 facilities have a status that was not understood") for limit in result.limits)


def test_a_place_without_geometry_is_unknown_not_uncovered():
    result = run([site(1, None), site(2, (20, 5))], [project(1, (20, 5))])
    assert row(result, "S-1")["covered"] is None
    assert row(result, "S-1")["distance_m"] is None
    assert (result.summary["uncovered_points"], result.summary["cover_unknown_points"]) == (0, 1)


def test_a_point_that_stands_for_an_area_has_no_distance():
    inside = {"admin2_code": "X1", "place_precision": "area"}
    demand = [site(1, (20, 5), 100, **inside), site(2, (20, 5), 200, place_precision="near")]
    at_the_point = [project(1, (20, 5))]
    result = run(demand, at_the_point, AREAS, radius_km=5)
    assert (row(result, "S-1")["covered"], row(result, "S-1")["distance_m"]) == (None, None)
    assert row(result, "S-2")["covered"] is True
    assert any("known to an area only" in limit for limit in result.as_dict()["limits"])
    for_the_area = [project(1, None, admin2_code="X1")]
    assert row(run(demand, for_the_area, AREAS, radius_km=5), "S-1")["covered_by"] == "area"


def test_nothing_is_claimed_of_places_that_are_not_known():
    nowhere = run([site(1, None, 300), site(2, None)], [project(1, (20, 5))], sector="WSH")
    assert nowhere.summary["sentence"] == (
        "No IDP site can be judged: the place of none of the 2 is known. Load the layer of their admin areas, then this"
        " layer again: it is placed by its codes or names."
    )
    for name in ("uncovered_points", "uncovered_people", "uncovered_people_unknown"):
        assert (nowhere.summary[name], nowhere.summary[f"{name}_with_qips"]) == (None, None)
    assert nowhere.summary["people"] == 1300
    one = run([site(1, None, 300), site(2, (20, 5))], [project(1, (20, 5))], sector="WSH")
    assert one.summary["sentence"] == (
        "The one IDP site whose place is known has a reported active WASH activity within 5 km."
        " The place of 1 more is not known."
    )


def test_where_all_are_known_to_an_area_the_way_out_is_named():
    demand = [site(i, (20 + i, 5), admin2_code=f"X{i}", place_precision="area") for i in range(2)]
    said = run(demand, [project(1, (20, 5))], look_ahead_days=30).summary
    assert (said["uncovered_points"], said["then_uncovered_points"], said["cover_unknown_points"]) == (None, None, 2)
    assert said["sentence"].startswith(
        'No IDP site can be judged: the places of all 2 are known to an area only. Choose "Measure areas from a point"'
        " (areas_as_points=yes)"
    )
    assert run(demand, [project(1, (20, 5))], areas_as_points="yes").summary["uncovered_points"] == 1
    by_code = run(demand, [project(1, None, admin2_code="X1")]).summary
    assert (by_code["uncovered_points"], by_code["cover_unknown_points"]) == (0, 1)


def test_an_area_of_which_nothing_is_known_has_no_gap_in_the_table():
    demand = [site(1, (20, 5), 100), site(2, (21, 5), 300, admin2_code="X2", place_precision="area")]
    table = run(demand, [], AREAS).shapes["by_area"].set_index("area_code")
    assert table["uncovered_people"].fillna(-1).to_dict() == {"X1": 100, "X2": -1}


def test_a_sum_of_unknown_figures_is_unknown():
    unknown = run([site(1, (20, 5), None), site(2, (21, 5), None)], []).summary
    assert (unknown["people"], unknown["uncovered_people"], unknown["uncovered_people_unknown"]) == (None, None, 2)
    assert "number of people not known" in unknown["sentence"]


def test_the_sentence():
    demand = [site(i, (20 + i, 5), 12_740) for i in range(3)] + [site(9, (29, 5), None)]
    services = [project(1, (20, 5))]
    assert run(demand, services, sector="WSH").summary["sentence"] == (
        "3 of 4 IDP sites (at least 25,500 people; 1 IDP site of unknown size) "
        "have no reported active WASH activity within 5 km."
    )
    ahead = run(demand, services, look_ahead_days=30).summary
    assert list(ahead)[:2] == ["sentence", "then_sentence"]
    assert run(demand[:2], services).summary["sentence"] == (
        "1 of 2 IDP sites (12,700 people) has no reported active project within 5 km."
    )
    assert run(demand[:1], services).summary["sentence"] == (
        "The one IDP site has a reported active project within 5 km."
    )


def test_the_radius_of_a_sector_comes_from_the_settings():
    assert run([site(1, (20, 5))], [], sector="SHL").parameters["radius_km"] == 0.5
    assert run([site(1, (20, 5))], [], sector="education").parameters["radius_km"] == 3
    assert run([site(1, (20, 5))], [], sector="SHL", radius_km="7").parameters["radius_km"] == 7
    assert run([site(1, (20, 5))], []).parameters["radius_km"] == 5


@pytest.mark.parametrize("spelling", ["SHL", "shl", "Shelter and NFI", "shelter", "ES/NFI", "abris"])
def test_every_spelling_of_a_sector_has_its_radius(spelling):
    assert run([site(1, (20, 5))], [], sector=spelling).parameters["radius_km"] == 0.5


def facility(number, facility_type, **more):
    return {"id": f"F{number}", "facility_type": facility_type, "status": "functional", "at": (20, 5)} | more


def test_the_radius_of_the_one_type_of_all_facilities_comes_from_the_settings_and_is_said():
    def found(*facilities, **values):
        return run([site(1, (20, 5))], facilities, kinds=("idp_sites", "facilities"), **values)

    hospitals = [facility(1, "hospital"), facility(2, "hospital")]
    of_one_type = found(*hospitals)
    assert of_one_type.parameters["radius_km"] == 25
    assert "Every service is of the type hospital: the settings hold 25 km for it." in of_one_type.limits
    asked = found(*hospitals, radius_km=7)
    assert asked.parameters["radius_km"] == 7
    assert any(limit.endswith("25 km for it, and 7 km was asked.") for limit in asked.limits)
    mixed = found(*hospitals, facility(3, "school"))
    assert (mixed.parameters["radius_km"], any("of the type" in limit for limit in mixed.limits)) == (5, False)
    assert found(*hospitals, facility(3, "school"), sector="health").parameters["radius_km"] == 25
    assert found(facility(1, "water_point")).parameters["radius_km"] == 0.5
    assert found(*hospitals, facility(3, None)).parameters["radius_km"] == 5
    assert found(facility(1, "clinic"), sector="EDU").parameters["radius_km"] == 3


def test_the_mix_of_facilities_that_count_is_said():
    types = ("pharmacy", "pharmacy", "hospital", None, "school")
    facilities = [facility(i, t, sector_code=None if t else "HEA") for i, t in enumerate(types)]
    result = run([site(1, (20, 5))], facilities, kinds=("idp_sites", "facilities"), sector="health")
    assert result.summary["services_by_type"] == {"pharmacy": 2, "hospital": 1, "not_stated": 1}
    assert sum(result.summary["services_by_type"].values()) == result.summary["services"]
    assert (
        "Facilities of every type count alike: pharmacy 2, hospital 1, type not stated 1. Filter by facility type to"
        " ask about some of them (--where services.facility_type=hospital, once for each type)."
    ) in result.limits
    one = run([site(1, (20, 5))], [facility(1, "clinic")], kinds=("idp_sites", "facilities"))
    assert not any("count alike" in limit for limit in one.limits)
    assert run([site(1, (20, 5))], [project(1, (20, 5))]).summary["services_by_type"] == {}


def test_table_and_shapes_by_area():
    demand = [site(1, (20, 5), 100), site(2, (21, 5), 300), site(3, (21, 5.5), None)]
    result = run(demand, [project(1, (20, 5))], AREAS)
    table = result.shapes["by_area"].set_index("area_code")
    assert table.loc["X2", ["name", "demand_points", "people", "uncovered_people"]].tolist() == ["East", 2, 300, 300]
    assert table.loc["X2", "uncovered_people_unknown"] == 1
    assert table.loc["X1", "uncovered_points"] == 0
    assert table["services"].to_dict() == {"X1": 1, "X2": 0}
    told = result.as_dict()["tables"]
    assert list(told) == ["by_admin1", "by_area"]
    assert [(r["area_code"], r["name"], r["uncovered_people"]) for r in told["by_area"]] == [
        ("X2", "East", 300),
        ("X1", "West", 0),
    ]
    assert [(r["area_code"], r["people"], r["services"]) for r in told["by_admin1"]] == [("X", 400, 1)]
    gaps = result.shapes["gaps"]
    assert gaps.geometry.is_valid.all()
    assert not gaps.geometry.contains(Point(20, 5)).any()
    assert gaps.geometry.contains(Point(21, 5)).sum() == 1
    assert set(run(demand, [project(1, (20, 5))]).shapes) == {"reach", "by_area"}


@hypothesis_settings(deadline=None, max_examples=15)
@given(
    st.integers(0, 1000), st.floats(0.5, 60), st.floats(0.5, 60), st.sampled_from([(20, 5), (179.99, -16), (30, 88)])
)
def test_more_never_uncovers(seed, one, other, centre):
    demand = [site(i, at, 10) for i, at in enumerate(scattered(seed, 30, centre, 0.3))]
    services = [project(i, at) for i, at in enumerate(scattered(seed + 1, 8, centre, 0.3))]
    small, large = (run(demand, services, radius_km=r).summary["uncovered_people"] for r in sorted((one, other)))
    assert large <= small
    fewer = run(demand, services[:4], radius_km=one).summary["uncovered_people"]
    assert run(demand, services, radius_km=one).summary["uncovered_people"] <= fewer
    shuffled = run(demand[::-1], services[::-1], radius_km=one)
    assert shuffled.as_dict() == run(demand, services, radius_km=one).as_dict()


def test_a_text_has_a_greatest_length():
    with pytest.raises(WrongParameter) as refused:
        run([site(1, (20, 5))], [], access_zones=", ".join(f"{i}:0.5" for i in range(1, 400)))
    assert "at most 200 characters" in str(refused.value)
    assert len(str(refused.value)) < 200
    run([site(1, (20, 5))], [], access_zones="1:1, 3:0.68, 5:0.22")


def test_an_area_with_places_in_need_and_no_service_is_named():
    places, services = [site(1, (20, 5)), site(2, (21, 5))], [project(1, (20, 5))]
    (said,) = [limit for limit in run(places, services, AREAS).limits if "may be missing data" in limit]
    assert "East" in said
    assert "West" not in said
    assert not any("may be missing" in limit for limit in run(places, services).limits)


def test_figures_of_another_time_than_as_of_are_said_to_be_so():
    places, services = [site(1, (20, 5))], [project(1, (20, 5))]

    def said(as_of):
        limits = run(places, services, as_of=as_of).limits
        return [limit for limit in limits if limit.startswith("The layer of")]

    assert said(AS_OF) == []
    assert any("after as-of" in limit for limit in said(AS_OF - timedelta(days=5)))
    assert any("may be stale" in limit for limit in said(AS_OF + timedelta(days=400)))
