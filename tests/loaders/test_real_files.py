"""The published files load as they are, and every row is accounted for."""

from __future__ import annotations

import json
from datetime import date

import pytest

from loaders.ingest import IngestOptions, inspect, publish, review

TODAY = date(2026, 11, 20)

pytestmark = pytest.mark.real
CAR = "central-african-republic"


def codes(result):
    return {finding.code for finding in result.report.findings}


def test_car_incidents(take, real):
    result = take(real / CAR / "incidents_ucdp_ged_23_1.geojson")
    frame, report = result.frame, result.report
    assert (report.rows_in, report.rows_rejected, result.kind.id) == (1848, 0, "incidents")
    assert result.id_stable
    assert result.as_of == date(2022, 12, 30)
    stated = [
        f["properties"] for f in json.loads((real / CAR / "incidents_ucdp_ged_23_1.geojson").read_text())["features"]
    ]
    words = {1: "point", 2: "near", 3: "area", 4: "region", 5: "region", 6: "region", 7: "region"}
    assert frame["place_precision"].tolist() == [words[p["where_prec"]] for p in stated]
    assert frame["fatalities"].tolist() == [p["best"] for p in stated]
    assert frame.loc[frame["place_precision"] == "near", "place_radius_m"].unique().tolist() == [25000]
    assert frame.loc[frame["place_precision"] == "region", "place_radius_m"].isna().all()
    assert set(frame["incident_type"]) == {"clash", "attack_civilians"}
    assert frame["violent"].all()
    assert (frame["ended_at"] >= frame["occurred_at"]).all()
    assert set(frame["time_precision"]) == {"day", "week", "month", "year"}


def test_car_prefectures(take, real):
    result = take(real / CAR / "admin1_ocha_cod_ab.shp.zip")
    assert (result.kind.id, len(result.frame), result.id_stable) == ("admin_areas", 17, True)
    assert result.frame["id"].str.match("CF[0-9]{2}$").all()
    assert set(result.frame["admin_level"]) == {"1"}
    assert set(result.frame["parent_code"]) == {"CF"}
    assert "Mambéré-Kadéï" in set(result.frame["name"])
    assert {"encoding_guessed", "geometry_repaired"} <= codes(result)
    assert result.frame.is_valid.all()


def test_car_settlements_keep_unknown_population_null(take, real):
    result = take(real / CAR / "settlements_flee.csv")
    assert (result.kind.id, len(result.frame)) == ("settlements", 63)
    assert int(result.frame["population"].isna().sum()) == 11
    assert int((result.frame["population"] == 0).sum()) == 10, "a stated zero stays a zero"
    assert result.frame["row"].tolist()[0] == 2
    bangui = result.frame[result.frame["name"] == "Bangui"].iloc[0]
    assert bangui.geometry.coords[0] == (18.55496, 4.36122)


def test_roads_by_name_only(take, real):
    result = take(real / CAR / "roads_flee.csv")
    assert (result.kind.id, len(result.frame)) == ("roads", 86)
    assert result.frame.geometry.isna().all()


def test_sudan_locality_points_are_settlements_by_pcode(take, real):
    result = take(real / "sudan/locality_points.geojson")
    assert (result.kind.id, len(result.frame), result.id_stable) == ("settlements", 181, True)
    assert result.frame["admin2_code"].equals(result.frame["id"])
    assert result.frame["population"].isna().all()


def test_sudan_locality_points_can_be_idp_sites(take, real):
    result = take(real / "sudan/locality_points.geojson", kind="idp_sites")
    assert (result.kind.id, len(result.frame)) == ("idp_sites", 181)
    assert result.frame["admin2_code"].notna().all()


def test_sudan_localities_without_coordinates_are_kept(take, real):
    result = take(real / "sudan/localities_pcodes.csv")
    assert (result.kind.id, len(result.frame), result.report.rows_rejected) == ("admin_areas", 189, 0)
    assert result.frame.geometry.isna().all()
    first = result.frame.iloc[0]
    assert (first["id"], first["name_local"], first["parent_code"]) == ("SD07090", "العباسية", "SD07")
    assert first["valid_on"].date() == date(2020, 8, 31)


def test_sudan_idps_by_locality_and_state_of_origin(access, real):
    localities = inspect(real / "sudan/locality_points.geojson", access, IngestOptions(as_of=date(2024, 3, 25)))[0]
    publish(localities, access, review(localities, access), base=None, by="t", note="")
    stock, flows = (
        (draft, review(draft, access, today=TODAY))
        for draft in inspect(real / "sudan/idps_dtm_master_list_2024-03-25.csv", access)
    )
    for draft, result in (stock, flows):
        assert draft.source == "dtm_master_list"
        assert (result.report.rows_in, result.report.rows_ok, result.as_of) == (181, 181, date(2024, 3, 25))
    people, moved = stock[1].frame, flows[1].frame
    assert (stock[1].kind.id, len(people), flows[1].kind.id, len(moved)) == ("idp_sites", 181, "idp_flows", 520)
    assert people["row"].tolist()[0] == 6
    assert (people["population"] >= people["households"]).all()
    assert people["population"].sum() == moved["population"].sum() == 6_552_118
    assert (people["place_precision"] == "area").all()
    assert people.geometry.notna().all()
    assert people["name"].notna().all()
    assert moved.geometry.notna().sum() == 510
    assert moved["origin_admin1_code"].notna().all()


def test_sudan_health_facilities(take, real):
    result = take(real / "sudan/health_facilities_hotosm.shp.zip")
    assert (result.kind.id, result.report.rows_in, len(result.frame)) == ("facilities", 1126, 1126)
    assert result.frame["status"].isna().all()
    assert result.frame["id"].is_unique
    assert result.frame["name"].str.contains("[\u0600-\u06ff]").any()
    assert (result.frame["facility_type"] == "hospital").sum() > 100


def test_ethiopia_3w(take, real):
    result = take(real / "ethiopia/projects_3w_2025-08.csv")
    report = result.report
    assert (report.rows_in, report.rows_rejected, len(result.frame)) == (7324, 4202, 3122)
    assert sum(f.code == "empty_row" for f in report.findings) == 4202
    assert result.frame.geometry.notna().all()
    assert result.frame["start_date"].isna().all()
    assert result.as_of == date(2025, 8, 31)
    assert set(result.frame["status"]) == {"active", "completed", "planned", "suspended"}
    assert result.frame["sector_code"].notna().all()
    months = [f for f in report.findings if f.code == "month_without_year"]
    assert len(months) == 1
    assert "3122 rows" in months[0].message
    assert len(result.rejected) == 4202


def test_a_month_of_another_year_makes_no_date(take, real):
    result = take(real / "ethiopia/projects_3w_2025-08.csv", as_of=date(2026, 3, 1))
    assert result.frame["reported_date"].isna().all()
    assert "month_without_year" in codes(result)


def test_all_the_way_into_the_store(access, real):
    (draft,) = inspect(real / CAR / "settlements_flee.csv", access, IngestOptions(layer="towns"))
    info = publish(draft, access, review(draft, access), base=None, by="tester", note="first")
    assert (info.layer, info.version, info.rows) == ("towns", 1, 63)
    assert len(access.load("towns").frame) == 63
    assert list(access.drafts().iterdir()) == []
