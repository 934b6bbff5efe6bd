"""HDX HAPI: which table it is, and nobody counted twice or left out."""

from __future__ import annotations

import pytest

from loaders.recognise import recognise
from loaders.sources import Look
from tests.loaders.tables import taken_of

HAPI = "location_code,location_name,admin1_code,admin1_name,admin2_code,admin2_name,resource_hdx_id,"
PERIOD = ",reference_period_start,reference_period_end"


@pytest.mark.parametrize(
    ("columns", "kind"),
    [
        ("org_acronym,org_name,org_type_code,sector_code,sector_name", "projects"),
        ("reporting_round,assessment_type,operation,population", "idp_sites"),
        ("event_type,events,fatalities", "other"),
        ("gender,age_range,min_age,max_age,population", "population_groups"),
        ("ipc_phase,ipc_type,population_in_phase", "other"),
    ],
)
def test_hapi_tables_by_kind(columns, kind):
    headers = (HAPI + columns + PERIOD).split(",")
    assert recognise(Look(tuple(headers))).kind.id == kind


def test_hapi_refugees_are_people_of_the_country_that_took_them_in():
    headers = "origin_location_code,asylum_location_code,asylum_location_name,population_group,gender,age_range"
    headers += ",population,resource_hdx_id" + PERIOD
    rows = [
        ["SDN", "TCD", "Chad", "REF", "all", "all", "500", "r", "2024-01-01", "2024-12-31"],
        ["SDN", "TCD", "Chad", "REF", "f", "0-4", "60", "r", "2024-01-01", "2024-12-31"],
    ]
    taken = taken_of(headers, rows)
    assert taken.frame.loc[0, ["population_group", "population", "location_code"]].tolist() == ["refugee", 500, "TCD"]
    assert taken.account == (2, 2, 0, 0, 1), "the row of girls is part of the total"
    assert "breakdown_left_out" in taken.codes


def test_hapi_people_are_not_counted_at_two_levels():
    headers = (HAPI + "reporting_round,assessment_type,operation,population" + PERIOD).split(",")
    rows = [
        ["SDN", "Sudan", None, None, None, None, "r", "3", "BA", "op", "100", "2024-01-01", "2024-01-31"],
        ["SDN", "Sudan", "SD14", "Sennar", None, None, "r", "3", "BA", "op", "100", "2024-01-01", "2024-01-31"],
        ["SDN", "Sudan", "SD14", "Sennar", "SD14040", "Singa", "r", "3", "BA", "op", "100", "2024-01-01", "2024-01-31"],
    ]
    taken = taken_of(headers, rows)
    assert taken.frame["admin2_code"].tolist() == ["SD14040"]
    assert taken.frame["name"].tolist() == ["Singa"]
    assert "totals_left_out" in taken.codes
    assert taken.account == (3, 3, 0, 0, 1)


def test_hapi_displaced_people_need_no_resource_to_be_known():
    headers = "location_code,admin1_code,admin1_name,admin2_code,admin2_name,admin_level,population,reporting_round,"
    headers += "assessment_type,operation" + PERIOD
    days = ["2024-01-01", "2024-01-31"]
    rows = [
        ["SDN", "SD01", "K", "SD01001", "X", "2", "1000", "5", "BA", "Op", *days],
        ["SDN", "SD01", "K", None, None, "1", "1000", "5", "BA", "Op", *days],
    ]
    taken = taken_of(headers, rows)
    assert (taken.seen.source, taken.seen.kind.id) == ("hdx_hapi", "idp_sites")
    assert taken.frame[["population", "site_type"]].to_numpy().tolist() == [[1000, "area_total"]]


@pytest.mark.parametrize(
    ("parts", "people"),
    [
        ([("all", "all", "900"), ("f", "all", "500"), ("m", "all", "400")], 900),
        ([("f", "all", "500"), ("m", "all", "400")], 900),
        ([("f", "all", "500"), ("m", "all", "400"), ("f", "0-4", "60"), ("m", "0-4", "50")], 900),
        ([("all", "0-4", "110"), ("all", "5+", "790"), ("f", "0-4", "60"), ("f", "5+", "440")], 900),
        ([("f", "0-4", "60"), ("f", "5+", "440"), ("m", "all", "400")], 900),
        ([("all", "all", None), ("f", "all", "500"), ("m", "all", "400")], 900),
    ],
)
def test_hapi_people_of_an_area_are_its_total_or_the_sum_of_its_parts(parts, people):
    headers = HAPI + "gender,age_range,population" + PERIOD
    places = (["SDN", "Sudan", "SD01", "K", code, code, "r"] for code in ("SD01001", "SD01002"))
    days = ["2024-01-01", "2024-12-31"]
    rows = [[*next(places), "all", "all", "1000", *days]]
    place = next(places)
    rows += [[*place, *part, *days] for part in parts]
    taken = taken_of(headers, rows)
    assert taken.frame.set_index("admin2_code")["population"].to_dict() == {"SD01001": 1000, "SD01002": people}
    assert taken.account == (len(rows), len(rows), 0, 0, 2)
    assert taken.codes & {"breakdown_left_out", "rows_added_up"}
