"""Layers of sites as one set, and what lies around sites."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from analysis.site_changes import SITES
from analysis.site_sets import together
from analysis.surroundings import beyond, near
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
    twice = together(asked(camp("East", *EAST), replace(camp("East", *WEST), layer="camp_other")))
    assert sorted(twice.days["part"].unique()) == ["East", "East (camp_other)"]
    assert twice.people == 160


def test_what_lies_around_a_site_is_measured_on_the_ellipsoid():
    sites = layer("idp_sites", [
        {"id": "a-1", "site_id": "a", "at": (20, 5), "population": 10, "assessment_date": day("2026-11-01")},
        {"id": "b-1", "site_id": "b", "at": (20.5, 5), "population": 10, "assessment_date": day("2026-11-01")},
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
    assert near(rows, 5)[["a", "b", "c", "d"]].tolist() == [True, False, False, False]
    assert beyond(rows, 12)[["a", "b", "c", "d"]].tolist() == [True, False, False, False]
    assert (result.summary["sites_near_hazard"], result.summary["sites_beyond_service"]) == (1, 2)


def test_what_was_not_looked_at_is_said_and_is_no_number():
    (result,) = asked(camp("East", *EAST))
    assert (result.summary["sites_near_hazard"], result.summary["sites_beyond_service"]) == (None, None)
    assert any("No layer of security risks" in line for line in result.limits)
    assert any("No layer of services" in line for line in result.limits)
