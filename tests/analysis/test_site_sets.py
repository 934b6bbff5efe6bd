"""Layers of sites as one set, and what lies around sites."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from analysis.site_changes import SITES
from analysis.site_sets import together
from analysis.surroundings import CERTAIN, NO, POSSIBLE
from layers.geodesy import GEOD
from tests.analysis.test_movements import ask
from tests.analysis.worlds import day, layer


def camp(name, *figures, **more):
    """A layer of one camp: a figure for each day on which it was counted."""
    rows = [
        {"id": f"{name}-{on}", "site_id": name, "name": name, "at": (20, 5), "population": people}
        | {"assessment_date": day(on)}
        | more
        for on, people in figures
    ]
    return layer("idp_sites", rows, f"camp_{name}")


def asked(*camps, **values):
    return [ask(SITES, {"sites": one}, **values) for one in camps]


EAST = ("2026-10-01", 100), ("2026-11-01", 140)
WEST = ("2026-10-15", 30), ("2026-10-20", 20), ("2026-12-01", 900)


def test_a_set_has_each_site_by_its_own_latest_list():
    found = together(asked(camp("East", *EAST), camp("West", *WEST)))
    assert (found.people, found.change, found.changed) == (160, 40 - 10, 2)
    assert (str(found.first), str(found.last)) == ("2026-10-20", "2026-11-01")
    assert found.rows[["name", "people", "layer"]].to_numpy().tolist() == [
        ["East", 140, "camp_East"], ["West", 20, "camp_West"]
    ]  # fmt: skip
    assert found.sites["assessed"] == 2


def test_its_course_carries_each_figure_on_and_invents_none_before_the_first():
    days = together(asked(camp("East", *EAST), camp("West", *WEST))).days
    table = days.assign(day=days["day"].dt.strftime("%m-%d")).pivot(index="day", columns="part", values="people")
    assert table.index.tolist() == ["10-01", "10-15", "10-20", "11-01"]
    assert table["East"].tolist() == [100, 100, 100, 140]
    assert table["West"].iloc[1:].tolist() == [30, 20, 20]
    assert pd.isna(table["West"].iloc[0])


def test_camps_of_one_name_stay_two():
    twin = replace(camp("East", *WEST, site_id="another"), layer="camp_other")
    twice = together(asked(camp("East", *EAST), twin))
    assert sorted(twice.days["part"].unique()) == ["East", "East (camp_other)"]
    assert (twice.people, twice.shared) == (160, 0)


def test_a_site_that_two_layers_list_counts_once_by_the_latest_list():
    other = replace(camp("East", *WEST), layer="camp_other")
    third = camp("South", ("2026-10-01", 5))
    for given in ((camp("East", *EAST), other, third), (third, other, camp("East", *EAST))):
        found = together(asked(*given))
        assert (found.people, found.shared, found.change, found.changed) == (145, 1, 40, 1)
        assert found.rows[["people", "layer"]].to_numpy().tolist() == [[140, "camp_East"], [5, "camp_South"]]
        assert sum(found.sites.values()) == 2
        by_day = found.days.groupby("day")["people"].sum()
        assert by_day.tolist() == [105, 35, 25, 145]


def test_a_later_list_that_says_closed_takes_the_figure_of_an_earlier_one_away():
    rows = [{"id": "c", "site_id": "East", "name": "East", "at": (20, 5), "assessment_date": day("2026-11-05"),
             "assessment_status": "closed"},
            {"id": "n", "site_id": "North", "name": "North", "at": (20, 5), "assessment_date": day("2026-11-05"),
             "population": 7}]  # fmt: skip
    found = together(asked(camp("East", *EAST), layer("idp_sites", rows, "master")))
    assert (found.people, found.shared, found.sites["closed"]) == (7, 1, 1)
    assert found.days.groupby("day")["people"].sum().tolist() == [100, 140, 7]


def test_what_lies_around_a_site_is_measured_on_the_ellipsoid():
    sites = layer("idp_sites", [
        {"id": "a-1", "site_id": "a", "at": (20, 5), "population": 10, "assessment_date": day("2026-11-01"),
         "place_precision": "point"},
        {"id": "b-1", "site_id": "b", "at": (20.5, 5), "population": 10, "assessment_date": day("2026-11-01"),
         "place_precision": "point"},
        {"id": "c-1", "site_id": "c", "at": (20, 5), "population": 10, "assessment_date": day("2026-11-01"),
         "place_precision": "area"},
        {"id": "d-1", "site_id": "d", "at": (20, 5), "assessment_date": day("2026-11-01"),
         "assessment_status": "closed"},
    ])  # fmt: skip
    risks = layer("security_risks", [
        {"id": "near", "at": (20.03, 5), "hazard_type": "sha"},
        {"id": "gone", "at": (20.001, 5), "hazard_type": "erw", "status": "cleared", "status_date": day("2026-10-01")},
    ])  # fmt: skip
    clinics = layer("facilities", [
        {"id": "open", "at": (20.6, 5), "facility_type": "clinic"},
        {"id": "school", "at": (20, 5), "facility_type": "school"},
    ])  # fmt: skip
    result = ask(SITES, {"sites": sites, "risks": risks, "services": clinics})
    rows = result.rows.set_index("site_id")
    assert rows.loc["a", "hazard_id"] == "near"
    assert rows.loc["a", "hazard_m"] == pytest.approx(GEOD.inv(20, 5, 20.03, 5)[2], abs=0.1)
    assert rows.loc["b", "service_m"] == pytest.approx(GEOD.inv(20.5, 5, 20.6, 5)[2], abs=0.1)
    assert set(rows["service_id"].dropna()) == {"open"}
    assert pd.isna(rows.loc["c", "hazard_m"])
    assert rows.loc[["a", "b"], "near_hazard"].tolist() == [CERTAIN, NO]
    assert rows.loc[["c", "d"], ["near_hazard", "beyond_service"]].isna().to_numpy().all()
    assert (result.summary["sites_near_hazard"], result.summary["sites_beyond_service"]) == (1, 2)


def test_sites_known_by_area_only_are_not_judged_and_that_is_said():
    clinic = {"services": layer("facilities", [{"id": "a", "at": (20.6, 5), "facility_type": "clinic"}])}
    result = ask(SITES, {"sites": camp("East", *EAST, place_precision="area"), **clinic})
    assert result.summary["sites_beyond_service"] is None
    assert any("1 of 1 sites are known by admin area only" in line for line in result.limits)


def test_what_was_not_looked_at_is_said_and_is_no_number():
    (result,) = asked(camp("East", *EAST))
    assert (result.summary["sites_near_hazard"], result.summary["sites_beyond_service"]) == (None, None)
    assert any("No layer of security risks" in line for line in result.limits)
    assert any("No layer of services" in line for line in result.limits)


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ({"place_precision": "point"}, (CERTAIN, NO)),
        ({"place_radius_m": 1000}, (CERTAIN, NO)),
        ({"place_radius_m": 2000}, (POSSIBLE, POSSIBLE)),
        ({"place_radius_m": 25_000}, (POSSIBLE, POSSIBLE)),
        ({}, (POSSIBLE, NO)),
    ],
)
def test_near_and_beyond_are_certain_or_possible_by_how_closely_the_place_is_known(place, expected):
    around = {
        "risks": layer("security_risks", [{"id": "h", "at": (20.03, 5), "hazard_type": "sha"}]),
        "services": layer("facilities", [{"id": "s", "at": (20.03, 5), "facility_type": "clinic"}]),
    }
    result = ask(SITES, {"sites": camp("East", *EAST, **place), **around}, near_km=5, beyond_km=5)
    row = result.rows.iloc[0]
    assert row["hazard_m"] == pytest.approx(3326, abs=5)
    assert (row["near_hazard"], row["beyond_service"]) == expected
    far = ask(SITES, {"sites": camp("East", *EAST, **place), **around}, near_km=1, beyond_km=1).rows.iloc[0]
    sure = {"near_hazard": NO, "beyond_service": CERTAIN}
    if place.get("place_radius_m") == 25_000:
        sure = dict.fromkeys(sure, POSSIBLE)
    elif not place:
        sure["beyond_service"] = POSSIBLE
    assert far[list(sure)].to_dict() == sure


def test_where_nothing_stands_none_is_near_and_where_no_service_is_active_all_are_beyond():
    gone = {"id": "h", "at": (20, 5), "hazard_type": "erw", "status": "cleared", "status_date": day("2026-10-01")}
    school = {"id": "s", "at": (20, 5), "facility_type": "school"}
    around = {"risks": layer("security_risks", [gone]), "services": layer("facilities", [school])}
    result = ask(SITES, {"sites": camp("East", *EAST), **around})
    assert (result.summary["sites_near_hazard"], result.summary["sites_possibly_near_hazard"]) == (0, 0)
    assert (result.summary["sites_beyond_service"], result.summary["sites_possibly_beyond_service"]) == (1, 0)
    assert any("every site is beyond" in line for line in result.limits)
    assert any("No hazard stands" in line for line in result.limits)
