"""One table, several records a row: rounds, dates and origins side by side become long, and no row is lost."""

from __future__ import annotations

import json
from collections import Counter

import numpy as np
import pandas as pd
import pytest

from layers.rounds import latest_rounds
from layers.settings import settings
from loaders.reshape import kept, melted, summed
from loaders.sandbox import read_in_sandbox
from loaders.sources.site_list import rounds
from tests.loaders.conftest import TODAY
from tests.loaders.tables import raw_of, readings_of, taken_of

SITES = "Site ID,Site Name,State,Latitude,Longitude"
SIX = ",".join(f"Round {n}" for n in range(1, 7))


def site(number, *figures, lat="13.5", lon="25.3"):
    return [f"S-{number}", f"Site {number}", "North", lat, lon, *figures]


def test_six_rounds_side_by_side():
    rows = [
        site(1, "100", "110", "120", "130", "140", "150"),
        site(2, "90", None, "-", "not assessed", "closed", "0"),
        site(3, None, None, None, None, None, None),
    ]
    taken = taken_of(f"{SITES},{SIX}", rows, "dtm_master_list.xlsx", title="DTM master list", first=5)
    frame = taken.frame
    assert (taken.seen.source, taken.seen.kind.id) == ("site_list", "idp_sites")
    assert taken.account == (3, 3, 0, 0, 10)
    assert frame["id"].is_unique
    assert frame["id"].tolist()[:2] == ["S-1/R1", "S-1/R2"]
    assert frame["row"].tolist() == [5] * 6 + [6] * 4
    second = frame[frame["site_id"] == "S-2"].set_index("reporting_round")
    assert second["population"].isna().tolist() == [False, True, True, False]
    assert second["population"].dropna().tolist() == [90, 0], "a stated zero stays, a word is no zero"
    assert second["assessment_status"].dropna().to_dict() == {"4": "not_assessed", "5": "closed"}
    assert taken.raw.spare == (7,)
    (note,) = [f for f in taken.result.report.findings if f.code == "rounds_to_records"]
    assert "8 blank cells" in note.message


def test_latest_round_of_each_site_counts():
    frame = taken_of(f"{SITES},{SIX}", [site(1, "100", "110", None, None, None, None)], "idps.csv")
    latest = latest_rounds(frame.frame, frame.seen.kind, TODAY)
    assert latest["population"].tolist() == [110]


@pytest.mark.parametrize(
    "headers",
    [
        "R1 IDPs,R1 HHs,R2 IDPs,R2 HHs",
        "IDPs R1,HHs R1,IDPs R2,HHs R2",
        "Round 1 - Individuals,Round 1 - Households,Round 2 - Individuals,Round 2 - Households",
        "IDPs (Round 1),HH (Round 1),IDPs (Round 2),HH (Round 2)",
        "r01_ind,r01_hh,r02_ind,r02_hh",
    ],
)
def test_people_and_households_of_a_round_are_one_record(headers):
    taken = taken_of(f"{SITES},{headers}", [site(1, "500", "100", "600", "120")], "idp_sites.csv")
    assert taken.frame["reporting_round"].tolist() == ["1", "2"]
    assert taken.frame["population"].tolist() == [500, 600]
    assert taken.frame["households"].tolist() == [100, 120]


def test_households_of_no_round_are_of_the_last_one():
    rows = [site(1, "500", "600", "120"), site(2, "50", None, "9")]
    taken = taken_of(f"{SITES},Round 1,Round 2,HHs", rows, "idps.csv")
    assert taken.frame["id"].tolist() == ["S-1/R1", "S-1/R2", "S-2/R1"]
    assert taken.frame["households"].tolist() == [pd.NA, 120, pd.NA]
    assert "figure_without_round" in taken.codes


def test_rounds_may_say_their_day():
    found = rounds(("Site", "Round 1 (2026-01-15)", "Round 2 (Feb 2026)", "Road 4", "Round table"))
    assert [(r.name, r.day) for r in found] == [("1", "2026-01-15"), ("2", "Feb 2026")]


@pytest.mark.parametrize(
    "headers",
    [
        ("name", "Road 1", "Road 2"),
        ("name", "Round 1", "value"),
        ("R1 remarks", "R2 remarks"),
        ("year 2020", "2021", "2022"),
        ("12345", "67890"),
    ],
)
def test_what_is_no_round(headers):
    assert rounds(headers) == ()


def test_south_sudan_matrix_by_excel_dates():
    headers = "Site ID,State,County,Initial_Comb,Settlements,Map_Name,Longitude,Latitude,Site in Settlement,"
    headers += "30 Jan Type of location,30 Jan Count Verfication Status,30 Jan Info Source,UNMISS PoC area or not,"
    headers += "41993,42034"
    row = ["SS1", "Jonglei", "Bor", "x", "Bor Town", "Bor", "31.5", "6.2", "1", "Spontaneous", "ok", "IOM", "no"]
    taken = taken_of(headers, [[*row, "1000", "1200"]], "displaced-count-monitor.xlsx", layer="Displaced Count Matrix")
    assert taken.frame["assessment_date"].dt.strftime("%Y-%m-%d").tolist() == ["2014-12-20", "2015-01-30"]
    assert taken.frame["population"].tolist() == [1000, 1200]
    assert taken.frame["site_id"].tolist() == ["SS1", "SS1"]


def test_a_site_that_stands_twice_keeps_lasting_ids():
    rows = [site(1, "100", "110"), site(1, "100", "110"), site(2, "5", "6")]
    taken = taken_of(f"{SITES},Round 1,Round 2", rows, "idps.csv")
    assert taken.result.id_stable
    assert Counter(taken.frame["id"].str.contains(r"\(2\)")) == {False: 4, True: 2}
    assert "same_site_twice" in taken.codes


def test_sites_without_identifier_are_tied_by_name():
    headers = "Site Name,State,Latitude,Longitude,Round 1,Round 2"
    taken = taken_of(headers, [["Alpha", "North", "13", "25.5", "1", "2"]], "idps.csv")
    assert taken.frame["site_id"].tolist() == ["Alpha", "Alpha"]


def test_a_row_with_a_bad_place_loses_all_its_records():
    rows = [site(1, "10", "20"), site(2, "10", "20", lat="abc")]
    taken = taken_of(f"{SITES},Round 1,Round 2", rows, "idps.csv")
    assert taken.account == (2, 1, 0, 1, 2)


def test_an_empty_row_is_rejected_and_not_lost():
    taken = taken_of(f"{SITES},Round 1,Round 2", [site(1, "10", "20"), [None] * 7], "idps.csv")
    assert taken.account == (2, 1, 0, 1, 2)
    assert "empty_row" in taken.codes


def test_a_list_of_one_round_gets_lasting_ids():
    taken = taken_of(f"{SITES},IDPs,Round", [site(1, "10", "7"), site(2, "20", "7")], "idps.csv")
    assert taken.result.id_stable
    assert taken.frame["id"].tolist() == ["S-1/R7", "S-2/R7"]


MASTER = "STATE OF DISPLACEMENT,STATE CODE,LOCALITY OF DISPLACEMENT,LOCALITY CODE,IDPs,HHs,"
ORIGINS = "Al Jazirah,Khartoum,Sennar,SUDANESE,NON SUDANESE"
TITLE = "DTM SUDAN: IDP Master List / STATE of ORIGIN BY INDIVIDUALS NATIONALITY"
AREAS = [
    ["Aj Jazirah", "SD15", "Medani", "SD15030", "30", "6", "10", "20", "0", "30", "0"],
    ["Sennar", "SD14", "Singa", "SD14040", "25", "5", "5", None, "19", "20", "5"],
    ["Khartoum", "SD01", "Jebel", "SD01001", "0", "0", "0", "0", "0", "0", "0"],
]


@pytest.fixture
def master():
    return readings_of(raw_of(MASTER + ORIGINS, AREAS, title=TITLE, first=6), "master.csv")


def test_master_list_is_stock_and_flows(master):
    stock, flows = master[""], master["flows"]
    assert (stock.seen.kind.id, flows.seen.kind.id) == ("idp_sites", "idp_flows")
    assert stock.frame["population"].tolist() == [30, 25, 0]
    assert stock.frame["site_type"].unique().tolist() == ["area_total"]
    assert flows.frame["id"].tolist() == ["SD15>SD15030", "SD01>SD15030", "SD15>SD14040", "SD14>SD14040"]
    assert flows.frame["population"].tolist() == [10, 20, 5, 19]
    assert flows.frame["destination_code"].tolist() == ["SD15030", "SD15030", "SD14040", "SD14040"]
    assert flows.account == (3, 3, 0, 0, 4)
    assert flows.raw.spare == (8,)


def test_nationalities_are_no_origins(master):
    assert set(master["flows"].frame["origin_name"]) == {"Aj Jazirah", "Khartoum", "Sennar"}
    assert not [c for c in master["flows"].frame.columns if "SUDANESE" in c]


def test_an_origin_spelled_otherwise_is_taken_and_said(master):
    (said,) = [f for f in master["flows"].result.report.findings if f.code == "origin_spelling"]
    assert (said.found, "SD15" in said.message) == ("Al Jazirah", True)


def test_origins_that_do_not_add_up_are_pointed_at(master):
    (wrong,) = [f for f in master["flows"].result.report.findings if f.code == "origins_do_not_add_up"]
    assert (wrong.row, wrong.severity, wrong.found) == (7, "warning", "24")


def test_zero_cells_are_counted(master):
    (note,) = [f for f in master["flows"].result.report.findings if f.code == "no_people_from_there"]
    assert "5 of 9 cells" in note.message


def test_a_list_of_areas_without_origins_has_no_flows():
    headers = MASTER.rstrip(",")
    readings = readings_of(raw_of(headers, [row[:6] for row in AREAS], title="DTM IDP master list"), "master.csv")
    assert list(readings) == [""]


DTM = "id,operation,admin0Name,admin0Pcode,admin1Name,admin1Pcode,admin2Name,admin2Pcode,numPresentIdpInd,"
DTM += "reportingDate,roundNumber,displacementReason,idpOriginAdmin1Name,idpOriginAdmin1Pcode,assessmentType"


def dtm(number, people, reason, *, round_="3", place="TD0701"):
    row = [number, "Op", "Chad", "TCD", "Lac", "TD07", "Mamdi", place, people, "2024-01-31T00:00:00", round_, reason]
    return [*row, "Not available", "Not available", "BA"]


def test_parts_of_one_figure_are_added_up():
    rows = [dtm("1", "100", "Conflict"), dtm("2", "20", "Natural disaster"), dtm("3", "7", "Conflict", round_="4")]
    taken = taken_of(DTM, rows, first=1)
    assert taken.frame["population"].tolist() == [120, 7]
    assert taken.frame["displacement_reason"].tolist() == ["Conflict: 100; Natural disaster: 20", "Conflict"]
    assert taken.frame["origin_admin1_code"].isna().all(), "not available is no code"
    assert taken.account == (3, 3, 0, 0, 2)
    assert "rows_added_up" in taken.codes


def test_a_total_of_larger_areas_makes_no_record():
    country = dtm("1", "500", "Conflict", place=None)
    country[5] = None
    taken = taken_of(DTM, [country, dtm("2", "500", "Conflict")])
    assert taken.frame["population"].tolist() == [500]
    assert "totals_left_out" in taken.codes


def test_a_total_stays_where_its_own_parts_are_missing():
    other = dtm("2", "5000", "Conflict", place=None)
    other[5] = "TD08"
    taken = taken_of(DTM, [dtm("1", "300", "Conflict"), other, dtm("3", "300", "Conflict", place=None)])
    assert taken.frame["population"].tolist() == [300, 5000]
    assert taken.raw.spare == (4,)
    (note,) = [f for f in taken.raw.findings if f.code == "totals_left_out"]
    assert (note.found, "row 4)" in note.message) == ("4", True)


@pytest.mark.parametrize("column", ["roundNumber", "reportingDate"])
def test_a_total_of_another_round_stays(column):
    headers = DTM.split(",")
    total = dtm("1", "900", "Conflict", place=None)
    total[headers.index(column)] = "2025-06-30"
    rows, names = [total, dtm("2", "300", "Conflict")], headers
    if column == "reportingDate":  # a file without rounds goes by its days
        place = headers.index("roundNumber")
        rows, names = [row[:place] + row[place + 1 :] for row in rows], headers[:place] + headers[place + 1 :]
    taken = taken_of(names, rows)
    assert sorted(taken.frame["population"]) == [300, 900]


def test_a_copy_of_a_part_is_not_added_but_said():
    rows = [dtm("1", "100", "Conflict"), dtm("2", "20", "Natural disaster"), dtm("3", "100", "Conflict")]
    taken = taken_of(DTM, rows)
    assert taken.frame["population"].tolist() == [120, 100]
    assert [f.row for f in taken.result.report.findings if f.code == "same_site_twice"] == [2, 4]
    two = taken_of(DTM, [dtm("1", "100", "Conflict"), dtm("2", "100", "Conflict")])
    assert two.frame["population"].tolist() == [100, 100]
    assert "rows_added_up" not in two.codes


@pytest.mark.parametrize(("men", "expected"), [(("60", "11"), "71"), (("60", None), None), (("60", "some"), None)])
def test_other_figures_of_a_sum_are_added_or_blank(men, expected):
    rows = [[*dtm("1", "100", "Conflict"), men[0]], [*dtm("2", "20", "Natural disaster"), men[1]]]
    taken = taken_of(DTM + ",numberMales", rows)
    cells = dict(zip(taken.raw.columns, taken.raw.cells, strict=True))
    assert cells["numberMales"].to_pylist() == [expected]


def test_people_of_several_origins_have_no_one_code():
    rows = [dtm("1", "100", "Conflict"), dtm("2", "20", "Conflict")]
    for row, name, code in zip(rows, ("Lac", "Kanem"), ("TD07", "TD06"), strict=True):
        row[12:14] = [name, code]
    taken = taken_of(DTM, rows)
    assert taken.frame["origin_admin1_name"].tolist() == ["Lac: 100; Kanem: 20"]
    assert taken.frame["origin_admin1_code"].isna().all()
    assert taken_of(DTM, rows[:1]).frame["origin_admin1_code"].tolist() == ["TD07"]


def test_unknown_people_are_not_added_as_zero():
    raw = raw_of("area,reason,people", [["A", "x", None], ["A", "y", None], ["B", "x", "3"], ["B", "y", None]])
    cells = [c.to_pylist() for c in summed(raw, ["area"], "people", ["reason"]).cells]
    assert cells[2] == [None, "3"]


def test_reshaping_leaves_no_row_unaccounted():
    rng = np.random.default_rng(7)
    rows = [[f"S{n}", *rng.choice(["5", "-", "", "0"], 4)] for n in range(200)]
    raw = raw_of("Site ID,a,b,c,d", rows)
    long = melted(raw, [{"n": c} for c in "abcd"], [{"round": str(k)} for k in range(4)])
    assert set(long.rows.tolist()) | set(long.spare) == set(raw.rows.tolist())
    assert not set(long.rows.tolist()) & set(long.spare)
    assert (np.diff(long.rows) >= 0).all()
    figures = pd.Series([cell for row in rows for cell in row[1:]])
    assert len(long) == int(figures.isin(["5", "0"]).sum())


def test_rows_left_out_are_spare():
    raw = raw_of("a", [["1"], ["2"], ["3"]])
    assert kept(raw, np.array([True, False, True])).spare == (3,)


@pytest.mark.real
def test_the_sudan_master_list(real):
    (raw,), _ = read_in_sandbox(real / "sudan/idps_dtm_master_list_2024-03-25.csv", settings())
    readings = readings_of(raw, "idps_dtm_master_list_2024-03-25.csv")
    stock, flows = readings[""], readings["flows"]
    assert stock.account == (181, 181, 0, 0, 181)
    assert flows.account == (181, 181, 0, 0, 520)
    assert int(flows.frame["population"].sum()) == int(stock.frame["population"].sum()) == 6_552_118
    assert flows.frame["origin_admin1_code"].nunique() == 12
    assert flows.frame["origin_admin1_code"].notna().all()
    assert flows.result.id_stable


@pytest.mark.real
def test_the_chad_answer_counts_nobody_twice(real):
    (raw,), _ = read_in_sandbox(real / "feeds/dtm_api_v3_admin2_tcd.json", settings())
    taken = readings_of(raw, "dtm_api_v3_admin2_tcd.json")[""]
    stated = json.loads((real / "feeds/dtm_api_v3_admin2_tcd.json").read_text())["result"]
    last = sum(r["numPresentIdpInd"] for r in stated if r["roundNumber"] == 24)
    latest = latest_rounds(taken.frame, taken.seen.kind, TODAY)
    assert int(latest["population"].sum()) == last == 225_689
    assert taken.account == (145, 145, 0, 0, 87)


@pytest.mark.real
def test_every_camp_file_loads_whole(real):
    folder = real / "central-african-republic/camp_arrivals_flee"
    for path in sorted(folder.glob("*.csv")):
        (raw,), _ = read_in_sandbox(path, settings())
        taken = readings_of(raw, path.name)[""]
        assert taken.seen.source.startswith("flee"), path.name
        lines = [line for line in path.read_text("utf-8").splitlines() if line.strip()]
        figures = [line for line in lines if line[:4].isdigit()]
        if taken.seen.source == "flee_arrivals":
            assert len(taken.frame) == len(figures), path.name
            assert taken.frame["assessment_date"].notna().all(), path.name
        rows_in, ok, repaired, rejected, _ = taken.account
        assert rows_in == len(raw) == ok + repaired + rejected, path.name
