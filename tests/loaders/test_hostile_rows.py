"""Rows and cells that were once misread in silence: each is read rightly, or said."""

from __future__ import annotations

import pytest

from layers.errors import NoCrs, UnreadableFile

TOWNS = "id,name,latitude,longitude,population\n"
ACTIVITIES = "id,name,latitude,longitude,status,sector,start date,end date\n"
INCIDENTS = "event_id,event_date,end_date,event_type,sub_event_type,fatalities,latitude,longitude\n"
SITES = "site_id,name,latitude,longitude,individuals,round,date\n"


def rows_of(result, code):
    return [f.row for f in result.report.findings if f.code == code]


def days(column):
    return column.dt.strftime("%Y-%m-%d").tolist()


def points(result):
    return [g.coords[0] for g in result.frame.geometry]


@pytest.fixture
def towns(take, write):
    return lambda content, name="towns.csv": take(write(name, content), kind="settlements")


def test_a_coordinate_has_no_thousands(towns):
    header = TOWNS.replace(",", ";")
    result = towns(header + "A;a;0,047;0,035;100\nB;b;4,123;18,555;200\n")
    assert points(result) == [(0.035, 0.047), (18.555, 4.123)]
    assert rows_of(result, "decimal_comma") == [None, None]


def test_dots_between_the_thousands_of_people(towns):
    result = towns(TOWNS + "A,a,4.5,18.5,1.500\nB,b,4.6,18.6,1.234.567\n")
    assert result.frame["population"].tolist() == [1500, 1_234_567]
    assert rows_of(result, "thousands_dot") == [None]


def test_a_typed_fraction_keeps_its_dot(take, write, feature):
    features = [feature("Point", [20, 5], name="a", population=1.125)]
    assert take(write("towns.geojson", features), kind="settlements").frame["population"].tolist() == [1]


def test_no_coordinates_said_in_words_are_blank_coordinates(towns):
    header = TOWNS.strip() + ",admin2_code\n"
    result = towns(header + "A,a,N/A,NA,1,CF11\nB,b,4.6,18.6,2,CF12\nC,c,n/a,18,2,CF12\n")
    assert result.frame["id"].tolist() == ["A", "B"]
    assert rows_of(result, "half_a_place") == [4]


def test_a_month_and_a_year_end_on_their_last_day(take, write):
    rows = "P1,a,4.5,18.5,active,WASH,2026-01,2026-11\nP2,b,4.6,18.6,active,WASH,2024,2024\n"
    result = take(write("p.csv", ACTIVITIES + rows + "P3,c,4.6,18.6,active,WASH,2026-02,\n"), kind="projects")
    assert days(result.frame["start_date"]) == ["2026-01-01", "2024-01-01", "2026-02-01"]
    assert days(result.frame["end_date"])[:2] == ["2026-11-30", "2024-12-31"]
    assert result.frame["end_date"].isna().tolist() == [False, False, True]
    assert rows_of(result, "last_day_taken") == [None]


def test_an_incident_known_to_the_month_lasts_to_its_last_day(take, write):
    rows = "E1,2024-02,,Battles,x,0,4,18\nE2,2023,,Battles,x,0,4,18\nE3,2024-02-03,,Battles,x,0,4,18\n"
    result = take(write("i.csv", INCIDENTS + rows))
    assert days(result.frame["occurred_at"]) == ["2024-02-01", "2023-01-01", "2024-02-03"]
    assert days(result.frame["ended_at"])[:2] == ["2024-02-29", "2023-12-31"]
    assert result.frame["ended_at"].isna().tolist() == [False, False, True]
    assert rows_of(result, "last_day_taken") == [None]


def test_an_end_before_the_start_is_taken_out(take, write):
    rows = "E1,2026-11-10,2026-11-01,Battles,x,0,4,18\nE2,2026-11-10T14:00Z,2026-11-10,Battles,x,0,4,18\n"
    result = take(write("i.csv", INCIDENTS + rows))
    assert result.frame["ended_at"].isna().tolist() == [True, False]
    (finding,) = [f for f in result.report.findings if f.code == "end_before_start"]
    assert (finding.row, finding.severity, finding.found) == (2, "repaired", "2026-11-01 before 2026-11-10")
    assert result.frame["src_end_date"].iloc[0] == "2026-11-01"
    assert result.report.rows_repaired == 1


def test_place_precision_by_code_and_in_words(take, write):
    header = "event_id,event_date,event_type,latitude,longitude,geo_precision,place_radius_m\n"
    cells = ["1,", '"(2) 25 km precision",', "2,", "3,", ",", ",25 km", ',"(2) 25 km precision"', "2,400"]
    rows = "".join(f"{i},2026-11-10,Battles,4.5,18.5,{cell}\n" for i, cell in enumerate(cells))
    result = take(write("i.csv", header + rows))
    precision = result.frame["place_precision"].astype(object).where(result.frame["place_precision"].notna(), None)
    assert precision.tolist() == ["point", "near", "near", "region", None, "near", "near", "near"]
    radius = [None if r is None else float(r) for r in result.frame["place_radius_m"].to_numpy(object, na_value=None)]
    assert radius == [0, 25_000, None, None, None, 25_000, 25_000, 400]
    assert result.report.rows_ok == len(cells)


def test_our_own_name_wins_over_a_source(take, write):
    header = "id,type_of_violence,where_prec,latitude,longitude,date_start,date_end,date_prec,best,fatalities\n"
    result = take(write("ucdp.csv", header + "1,3,2,4.5,18.5,2026-11-10,2026-11-10,1,3,99\n"))
    assert (result.frame["fatalities"].tolist(), result.frame["src_best"].tolist()) == ([99], ["3"])
    assert rows_of(result, "two_columns_one_field") == [None]


def test_a_blank_column_never_wins(take, write):
    header = "id,type_of_violence,where_prec,latitude,longitude,date_start,date_end,date_prec,best,fatalities\n"
    result = take(write("ucdp.csv", header + "1,3,2,4.5,18.5,2026-11-10,2026-11-10,1,3,\n"))
    assert result.frame["fatalities"].tolist() == [3]


def test_a_site_twice_in_one_round_is_said(take, write):
    rows = (
        "S1,a,4,18,100,5,2026-10-01\nS2,b,4,18,100,Round 5,2026-10-01\nS2,b,4,18,250,5,2026-10-01\n"
        "S1,a,4,18,90,6,2026-11-01\nS3,c,4,18,10,,\nS3,c,4,18,20,,\n"
    )
    result = take(write("sites.csv", SITES + rows))
    findings = [f for f in result.report.findings if f.code == "same_site_twice"]
    assert [(f.row, f.found) for f in findings] == [
        (3, "S2, rows 3, 4"),
        (4, "S2, rows 3, 4"),
        (6, "S3, rows 6, 7"),
        (7, "S3, rows 6, 7"),
    ]
    assert {f.severity for f in findings} == {"warning"}
    assert len(result.frame) == 6


def test_a_protest_with_deaths_or_force_is_violent(take, write):
    cases = [
        ("Protests", "Excessive force against protesters", "", True),
        ("Protests", "Peaceful protest", "1", True),
        ("Protests", "Peaceful protest", "0", False),
        ("Protests", "", "", False),
        ("Riots/Protests", "", "0", True),
    ]
    rows = "".join(f"{i},2026-11-10,,{t},{s},{dead},4,18\n" for i, (t, s, dead, _) in enumerate(cases))
    result = take(write("i.csv", INCIDENTS + rows))
    assert result.frame["violent"].tolist() == [violent for *_, violent in cases]
    assert result.frame["incident_type"].tolist()[-1] == "riot"


def test_a_short_row_is_said(towns):
    result = towns(TOWNS + "A,a,4,18\nB,b,4,18,5\n")
    assert rows_of(result, "too_few_cells") == [2]
    assert len(result.frame) == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_last_row_that_was_cut_short_is_rejected(towns, encoding):
    result = towns((TOWNS + "A,a,4,18,5\nB,b,4.6,18.").encode(encoding))
    assert result.frame["id"].tolist() == ["A"]
    assert rows_of(result, "truncated") == [3]
    assert rows_of(towns((TOWNS + "A,a,4,18,5\nB,b,4,18\n").encode(encoding)), "truncated") == []


def test_semicolons_round_wkt(take, write):
    text = "name;admin1_code;wkt\nA;X1;POLYGON((1 2, 3 2, 3 4, 1 2))\nB;X2;POLYGON((5 2, 6 2, 6 4, 5 2))\n"
    result = take(write("areas.csv", text), kind="other")
    assert result.frame["name"].tolist() == ["A", "B"]
    assert [g.area for g in result.frame.geometry] == [2, 1]


def test_semicolons_round_decimal_commas(take, write):
    result = take(write("p.csv", "lat;lon\n" + "4,1;18,5\n" * 9), kind="other")
    assert set(points(result)) == {(18.5, 4.1)}


def test_projected_wkt_is_refused_as_a_whole(take, write):
    path = write("towns.csv", "id,name,population,wkt\nA,a,1,POINT (500000 450000)\nB,b,2,POINT (500100 450000)\n")
    with pytest.raises(NoCrs, match="no coordinate system"):
        take(path, kind="settlements")


def test_wkt_without_numbers(towns):
    rows = "A,a,1,POINT (nan nan)\nB,b,2,POINT (18 4)\nC,c,3,POINT (inf 3)\n"
    result = towns("id,name,population,wkt\n" + rows)
    assert result.frame["id"].tolist() == ["B"]
    assert rows_of(result, "bad_geometry") == [2, 4]


def feature_text(properties, coordinates="[18,4]"):
    return f'{{"type":"Feature","properties":{properties},"geometry":{{"type":"Point","coordinates":{coordinates}}}}}'


def collection(*features, overlay=""):
    return f'{{"type":"FeatureCollection",{overlay}"features":[{",".join(features)}]}}'


GOOD = feature_text('{"name":"good","population":7}')


@pytest.mark.parametrize(
    "coordinates", [f"[1{'0' * 400},4]", f"[1{'0' * 5000},4]", "[1e999,4]", "[true,false]", '["18","4"]']
)
def test_one_impossible_coordinate_leaves_the_others(towns, coordinates):
    bad = feature_text('{"name":"bad","population":1}', coordinates)
    result = towns(collection(GOOD, bad), "towns.geojson")
    assert result.frame["name"].tolist() == ["good"]
    assert rows_of(result, "bad_geometry") == [2]


def test_one_endless_number_leaves_the_others(towns):
    result = towns(collection(GOOD, feature_text(f'{{"name":"x","population":1{"0" * 5000}}}')), "towns.geojson")
    assert result.frame["population"].isna().tolist() == [False, True]
    assert rows_of(result, "bad_integer") == [2]


def test_half_characters_are_replaced_and_named(towns, access):
    overlay = '"overlay":{"source":"\\ud800","layer":"q"},'
    bad = feature_text('{"name":"a\\ud800","\\ud800":1,"population":1}')
    result = towns(collection(GOOD, bad, overlay=overlay), "towns.geojson")
    assert result.frame["name"].tolist() == ["good", "a\ufffd"]
    assert result.frame["src_\ufffd"].tolist()[1] == "1"
    assert rows_of(result, "unreadable_characters") == [2]


def test_whole_characters_survive_their_escapes(towns):
    assert towns(collection(feature_text('{"name":"\\ud83d\\ude00"}')), "t.geojson").frame["name"].tolist() == ["😀"]


def test_one_stray_byte_keeps_utf8(towns):
    result = towns((TOWNS + "A,Bégoua,4,18,5\nB,Kémo,4,18,5\n").encode() + b"C,x\xff,4,18,5\n")
    assert result.frame["name"].tolist() == ["Bégoua", "Kémo", "x\ufffd"]
    assert rows_of(result, "unreadable_characters") == [4]
    assert rows_of(result, "damaged_text") == [None]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_its_mark(towns, encoding):
    assert towns((TOWNS + "A,é,4,18,5\n").encode(encoding)).frame["name"].tolist() == ["é"]


def test_columns_that_take_each_others_name(towns):
    text = collection(feature_text('{"name":"a","population":3,"foo":"1","src_foo":"2"}'))
    frame = towns(text, "towns.geojson").frame
    assert (frame["src_foo"].tolist(), frame["src_foo (2)"].tolist()) == (["1"], ["2"])


def test_the_statement_row_of_an_export_without_rows(towns):
    header = TOWNS.strip() + ",overlay_source,overlay_as_of,overlay_marking,overlay_exercise\n"
    statement = ",,,,,OCHA,2026-11-12,UNCLASSIFIED,false\n"
    with pytest.raises(UnreadableFile, match="no rows"):
        towns(header + statement)
    filled = towns(header + statement + "A,a,4,18,5,OCHA,2026-11-12,UNCLASSIFIED,false\n")
    assert (filled.report.rows_in, filled.report.rows_ok) == (1, 1)
