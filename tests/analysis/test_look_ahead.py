"""Coverage on a later day, and services that each reach as far as their type does."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from analysis import COVERAGE
from analysis.method import run_method
from layers.geodesy import GEOD
from layers.settings import Settings
from tests.analysis.sample import sample
from tests.analysis.test_coverage import facility, project, row, run, site
from tests.analysis.worlds import AS_OF, day, scattered

LATER = AS_OF + timedelta(days=30)


def test_the_gap_of_a_later_day_grows_by_those_whose_only_project_ends():
    demand = [site(1, (20, 5), 700), site(2, (21, 5), 300), site(3, (20.01, 5), None), site(4, (29, 5), 50)]
    services = [
        project(1, (20, 5), end_date=day("2026-11-30")),
        project(2, (21, 5), end_date=day("2026-11-30")),
        project(3, (21, 5.01)),
        project(4, (29, 5), start_date=day("2026-12-01")),
        project(5, (29, 5), status="planned", start_date=day("2026-12-01")),
    ]
    result = run(demand, services, look_ahead_days=30)
    said = result.summary
    assert (said["uncovered_people"], said["then_uncovered_people"]) == (50, 700)
    assert (said["then_losing_points"], said["then_losing_people"], said["then_losing_people_unknown"]) == (2, 700, 1)
    assert (said["then_gaining_points"], said["then_gaining_people"]) == (1, 50)
    assert [row(result, f"S-{i}")["covered_then"] for i in (1, 2, 3, 4)] == [False, True, False, True]
    assert result.as_dict()["summary"]["then_ending_services"] == [
        {"id": "P1", "name": "Wells 1", "end_date": "2026-11-30"},
        {"id": "P2", "name": "Wells 2", "end_date": "2026-11-30"},
    ]
    assert (said["then_starting_services"], said["then_planned_services"]) == (1, 1)
    assert said["then_sentence"] == (
        "By 12 December 2026, 2 services end; 2 IDP sites (at least 700 people; 1 IDP site of unknown size)"
        " lose their only one."
    )
    assert list(result.shapes["ending"]["id"]) == ["P1", "P2"]
    assert any(limit.startswith("1 planned services would run") for limit in result.limits)


@pytest.mark.parametrize("days", [1, 17, 18, 19, 60])
def test_a_later_day_is_what_that_day_itself_answers(days):
    demand = [site(i, at, 10 * i) for i, at in enumerate(scattered(3, 30))]
    services = [
        project(i, at, end_date=day("2026-11-12") + np.timedelta64(3 * i, "D")) for i, at in enumerate(scattered(4, 20))
    ]
    ahead = run(demand, services, look_ahead_days=days).summary
    then = run(demand, services, as_of=AS_OF + timedelta(days=days)).summary
    for name in ("uncovered_points", "uncovered_people", "uncovered_people_unknown", "services"):
        assert ahead[f"then_{name}"] == then[name]
    assert ahead["then_uncovered_people"] == ahead["uncovered_people"] + ahead["then_losing_people"]


def test_nothing_is_said_of_a_later_day_that_was_not_asked_for():
    result = run([site(1, (20, 5))], [project(1, (20, 5))])
    assert not any(name.startswith("then_") for name in result.summary)
    assert "covered_then" not in result.rows


def test_facilities_state_no_end():
    result = run([site(1, (20, 5))], [facility(1, "clinic")], kinds=("idp_sites", "facilities"), look_ahead_days=30)
    assert result.summary["then_sentence"] == "By 12 December 2026, no service ends; nobody loses the only one."
    assert "No service states an end: none is seen to end." in result.limits
    anyway = run([site(1, (20, 5))], [project(1, (20, 5))], status="any", look_ahead_days=30)
    assert any("without their dates" in limit for limit in anyway.limits)


def test_the_sample_loses_six_wash_projects_within_thirty_days():
    inputs = {"demand": sample("idp-sites"), "services": sample("activities"), "areas": sample("admin2")}

    def asked(as_of, **values):
        return run_method(COVERAGE, inputs, {"sector": "WASH"} | values, as_of=as_of, settings=Settings(), today=as_of)

    now, then = asked(AS_OF, look_ahead_days=30), asked(LATER)
    assert len(now.summary["then_ending_services"]) == 6
    assert now.summary["then_uncovered_people"] == then.summary["uncovered_people"]
    # The same by hand: sites whose active WASH projects within 5 km all end by then.
    projects = sample("activities").frame
    projects = projects[(projects["sector_code"] == "WSH") & (projects["status"] == "active")]
    projects = projects[(projects["activity_class"] != "qip") & (projects["start_date"] <= "2026-11-12")]
    lost = 0
    for site_row in now.rows.itertuples():
        n = np.ones(len(projects))
        lon, lat = projects.geometry.x.to_numpy(), projects.geometry.y.to_numpy()
        near = GEOD.inv(n * site_row.geometry.x, n * site_row.geometry.y, lon, lat)[2] <= 5000
        ends = projects["end_date"].isna() | (projects["end_date"] >= "2026-11-12")
        stays = projects["end_date"].isna() | (projects["end_date"] >= "2026-12-12")
        if (near & ends.to_numpy()).any() and not (near & stays.to_numpy()).any():
            lost += site_row.people
    assert now.summary["then_losing_people"] == lost > 0
    assert then.summary["uncovered_people"] - now.summary["uncovered_people"] == lost


def test_each_service_reaches_as_far_as_its_type():
    facilities = [facility(1, "hospital", at=(20, 5)), facility(2, "clinic", at=(20.2, 5)), facility(3, "other")]
    demand = [site(1, (20.15, 5)), site(2, (20.3, 5)), site(3, (20.23, 5))]  # 16.6, 33 and 25.5 km from the hospital
    result = run(demand, facilities, kinds=("idp_sites", "facilities"), radius_by_type=True, radius_km=0.05)
    assert [row(result, f"S-{i}")["covered"] for i in (1, 2, 3)] == [True, False, True]
    assert [row(result, f"S-{i}")["serving_id"] for i in (1, 2, 3)] == ["F1", None, "F2"]
    assert row(result, "S-1")["nearest_service_id"] == "F2", "nearer, and not reaching as far"
    assert "within its own radius" in result.summary["sentence"]
    assert any("hospital 25" in limit for limit in result.limits)


def test_own_radii_equal_the_union_of_runs_of_one_radius():
    places = [site(i, at, 100 + i) for i, at in enumerate(scattered(5, 60))]
    kinds = ("hospital", "school", "water_point", "clinic")
    facilities = [facility(i, kinds[i % 4], at=at) for i, at in enumerate(scattered(6, 24))]
    together = run(places, facilities, kinds=("idp_sites", "facilities"), radius_by_type=True)
    radius = {"hospital": 25, "school": 3, "water_point": 0.5, "clinic": 5}
    reached = set()
    for name, km in radius.items():
        own = [f for f in facilities if f["facility_type"] == name]
        alone = run(places, own, kinds=("idp_sites", "facilities"), radius_km=km)
        reached |= set(alone.rows.loc[alone.rows["covered"].to_numpy(bool), "id"])
    assert set(together.rows.loc[together.rows["covered"].to_numpy(bool), "id"]) == reached
    assert 0 < len(reached) < 60


def test_services_without_sector_are_said_where_a_sector_is_asked():
    services = [project(1, (20, 5)), project(2, (20, 5), sector_code=None)]
    asked = run([site(1, (20, 5))], services, sector="WSH")
    assert asked.summary["services_without_sector"] == 1
    assert any(limit.startswith("1 projects state no sector") for limit in asked.limits)
    assert not any("state no sector" in limit for limit in run([site(1, (20, 5))], services).limits)


def test_a_radius_larger_than_the_theatre_is_said():
    demand = [site(1, (20, 5)), site(2, (20.1, 5))]
    said = run(demand, [project(1, (20, 5))], radius_km=500).limits
    assert any("larger than the whole area" in limit for limit in said)
    assert not any("larger than" in limit for limit in run(demand, [project(1, (20, 5))], radius_km=5).limits)


def test_by_state_sums_to_the_whole_and_takes_names_as_written():
    demand = [
        site(1, (20, 5), 700, admin1_code="X1", provider_admin1_name="West"),
        site(2, (29, 5), 50, admin1_code="X2", provider_admin1_name="East"),
        site(3, (29, 5), 7, admin1_code=None),
    ]
    table = run(demand, [project(1, (20, 5))]).shapes["by_admin1"]
    assert table[["name", "people", "uncovered_people"]].fillna("").to_numpy().tolist() == [
        ["East", 50, 50],
        ["", 7, 7],
        ["West", 700, 0],
    ]
