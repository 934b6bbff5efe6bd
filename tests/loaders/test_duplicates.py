"""Records that may be one: shown as pairs, kept."""

from __future__ import annotations

import pytest
import shapely

from loaders.duplicates import MOST_PAIRS, Stored

HEADER = ("event_id", "event_date", "event_type", "actor1", "lat", "lon")
FIRST = ("1", "2026-01-02", "Battles", "Group", "4.5000", "18.5000")


def incidents(*rows):
    return {name: [row[i] for row in rows] for i, name in enumerate(HEADER)}


def pairs(result):
    return [f.found for f in result.report.findings if f.code == "possible_duplicate"]


@pytest.mark.parametrize(
    ("other", "alike"),
    [
        (("2", "2026-01-02 18:00", "Battles", "GROUP", "4.5004", "18.5004"), True),
        (("2", "2026-01-03", "Battles", "Group", "4.5", "18.5"), False),
        (("2", "2026-01-02", "Riots", "Group", "4.5", "18.5"), False),
        (("2", "2026-01-02", "Battles", "Other", "4.5", "18.5"), False),
        (("2", "2026-01-02", "Battles", "Group", "4.51", "18.5"), False),
    ],
)
def test_incidents(check, other, alike):
    result = check("incidents", incidents(FIRST, other))
    assert pairs(result) == (["rows 2, 3"] if alike else [])
    assert len(result.frame) == 2
    assert result.report.rows_ok == 2


@pytest.mark.parametrize("step", range(8))
def test_near_does_not_depend_on_where_the_grid_falls(check, step):
    lat, lon = 4.5 + step * 0.00027, 18.5 + step * 0.00031
    rows = [
        ("1", *FIRST[1:4], f"{lat:.5f}", f"{lon:.5f}"),
        ("2", *FIRST[1:4], f"{lat + 8e-4:.5f}", f"{lon - 8e-4:.5f}"),
    ]
    assert pairs(check("incidents", incidents(*rows))) == ["rows 2, 3"]


def test_without_coordinates_by_admin_area(check):
    columns = incidents(FIRST, ("2", *FIRST[1:]), ("3", *FIRST[1:]))
    columns["lat"] = columns["lon"] = [None] * 3
    columns["admin2_code"] = ["CF11", "CF11", "CF12"]
    assert pairs(check("incidents", columns)) == ["rows 2, 3"]


def test_against_what_is_stored(check, stored_frame):
    stored = check("incidents", incidents(FIRST, ("7", *FIRST[1:5], "19.5"))).frame
    result = check("incidents", incidents(("9", *FIRST[1:])), stored=[Stored("events", stored)])
    assert pairs(result) == ["row 2; events, 1"]
    again = check("incidents", incidents(FIRST), stored=[Stored("events", stored)])
    assert pairs(again) == ["row 2; events, 1"], "in another layer the same id is another record"


def test_a_file_that_stands_in_another_layer_is_said_once(check):
    rows = [(str(i), *FIRST[1:4], "4.5", f"{18 + i / 50:.2f}") for i in range(30)]
    stored = [Stored("events", check("incidents", incidents(*rows[:20])).frame)]
    stored.append(Stored("older", check("incidents", incidents(*rows[:12])).frame))
    result = check("incidents", incidents(*rows, ("x", *rows[25][1:])), stored=stored)
    (said,) = [f for f in result.report.findings if f.code == "already_stored"]
    assert "20 of 31 records stand in layer events already" in said.message
    assert pairs(result) == [*[f"row {i + 2}; older, {i}" for i in range(12)], "rows 27, 32"]
    assert len(result.frame) == 31


@pytest.mark.parametrize(("count", "shown"), [(8, 8), (11, 0)])
def test_few_records_are_shown_one_by_one_though_all_are_stored(check, count, shown):
    rows = [(str(i), *FIRST[1:4], "4.5", f"{18 + i / 50:.2f}") for i in range(count)]
    stored = check("incidents", incidents(*rows)).frame
    result = check("incidents", incidents(*rows), stored=[Stored("events", stored)])
    assert len(pairs(result)) == shown
    assert any(f.code == "already_stored" for f in result.report.findings) is (shown == 0)


def test_sites_by_round(check):
    columns = {
        "site_id": ["S1", "S1", "S1", "S2"],
        "name": ["A", "A", "A", "B"],
        "round": ["1", "2", "Round 2", "2"],
        "individuals": ["10", "20", "20", "5"],
        "lat": ["4.5"] * 4,
        "lon": ["18.5"] * 4,
    }
    result = check("idp_sites", columns)
    assert len(result.frame) == 4
    assert [f.found for f in result.report.findings if f.code == "same_site_twice"] == ["S1, rows 3, 4"] * 2


def test_activities_and_anything_else(check):
    activity = {"name": ["P", "p"], "owner": ["O"] * 2, "sector": ["WASH"] * 2, "status": ["active"] * 2}
    places = {"lat": ["4.5"] * 2, "lon": ["18.5"] * 2}
    assert pairs(check("projects", activity | places)) == ["rows 2, 3"]
    facility = {"id": ["1", "2"], "name": ["Clinic"] * 2, "facility_type": ["clinic"] * 2}
    assert pairs(check("facilities", facility | places)) == ["rows 2, 3"]
    apart = places | {"lat": ["4.5", "4.5001"]}
    assert pairs(check("facilities", facility | apart)) == []


def test_the_list_is_capped_and_the_rest_counted(check):
    count = MOST_PAIRS + 50
    columns = incidents(*[(str(i), *FIRST[1:]) for i in range(count)])
    result = check("incidents", columns)
    assert len(pairs(result)) == MOST_PAIRS
    (rest,) = [f for f in result.report.findings if f.code == "possible_duplicates"]
    assert rest.found == str(count - 1)


def test_a_stored_layer_with_no_rows_in_common(check, stored_frame):
    stored = stored_frame("incidents", [shapely.Point(1, 1)], id=["x"])
    assert pairs(check("incidents", incidents(FIRST), stored=[Stored("events", stored)])) == []
