"""Bad files get a message that says which and what to do; good rows still load."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from layers.errors import LoadError, MissingField, NoCrs, TooLarge, UnknownKind, UnreadableFile
from loaders.ingest import IngestOptions, inspect, publish, review

HEADER = "id,event_date,event_type,actor1,latitude,longitude,fatalities\n"
BOWTIE = [[[20.0, 5.0], [21.0, 6.0], [21.0, 5.0], [20.0, 6.0], [20.0, 5.0]]]


def found(result, code):
    return [f for f in result.report.findings if f.code == code]


def refusal(take, path, error, **options):
    with pytest.raises(error) as caught:
        take(path, **options)
    assert Path(path).name in caught.value.where
    assert caught.value.found
    assert caught.value.remedy
    return caught.value


def test_an_empty_file(take, write):
    assert "empty" in refusal(take, write("incidents.csv", b""), UnreadableFile).found


def test_a_header_without_rows(take, write):
    assert "no rows" in refusal(take, write("incidents.csv", HEADER), UnreadableFile).found


def test_truncated_geojson(take, write, feature):
    whole = write("a.geojson", [feature("Point", [20, 5], name="x")] * 3).read_bytes()
    error = refusal(take, write("cut.geojson", whole[:-20]), UnreadableFile)
    assert "cut short" in error.found
    assert "line 1" in error.where


def test_truncated_zip(take, write):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.csv", HEADER * 50)
    assert "cut short" in refusal(take, write("cut.zip", buffer.getvalue()[:-60]), UnreadableFile).found


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "PNG"),
        (b'<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer>', "VRT"),
        (b'<?xml version="1.0"?><OGRVRTDataSource/>', "XML"),
        (b"%PDF-1.7 whatever", "PDF"),
    ],
)
def test_not_what_its_name_says(take, write, content, what):
    assert what in refusal(take, write("areas.geojson", content), UnreadableFile).found


def test_another_supported_format_under_a_wrong_name_is_read(take, write):
    result = take(write("incidents.geojson", HEADER + "1,2024-01-02,Battles,LRA,5.5,20.5,2\n"))
    assert len(result.frame) == 1
    assert found(result, "name_mismatch")


def test_json_that_is_no_geojson(take, write):
    assert "result" in refusal(take, write("a.json", '{"result": [1, 2]}'), UnreadableFile).found


def test_a_crs_by_link_is_refused(take, write):
    link = '{"type":"FeatureCollection","crs":{"type":"link","properties":{"href":"http://x/"}},"features":[]}'
    assert "crs" in refusal(take, write("a.geojson", link), UnreadableFile).found


def test_csv_without_coordinates_or_codes(take, write):
    error = refusal(take, write("i.csv", "event_date,event_type,actor1\n2024-01-02,Battles,LRA\n"), MissingField)
    assert "no coordinates" in error.found
    assert "--mapping" in error.remedy


def test_csv_with_projected_numbers(take, write):
    rows = "".join(f"{i},2024-01-02,Battles,LRA,612{i}45.2,487654.8,2\n" for i in range(5))
    assert "projected" in refusal(take, write("i.csv", HEADER + rows), NoCrs).found


def test_geojson_with_projected_numbers(take, write, feature):
    error = refusal(take, write("i.geojson", [feature("Point", [612345, 487654], event_type="Battles")]), NoCrs)
    assert "612345" in error.found or "projected" in error.found


def shapefile(folder, points, *, drop=(), crs="EPSG:4326"):
    frame = gpd.GeoDataFrame(
        {"event_type": ["Battles"] * len(points), "actor1": ["Évêché"] * len(points)}, geometry=points, crs=crs
    )
    frame.to_file(folder / "events.shp", encoding="utf-8")
    for suffix in drop:
        (folder / f"events{suffix}").unlink()
    return folder / "events.shp"


def zipped(path):
    target = path.with_name("events.zip")
    with zipfile.ZipFile(target, "w") as archive:
        for file in path.parent.glob("events.*"):
            if file.suffix != ".zip":
                archive.write(file, f"ünter/{file.name}")
        archive.writestr("__MACOSX/._events.shp", b"junk")
    return target


def test_shapefile_without_prj_and_projected_numbers(take, tmp_path):
    points = [shapely.Point(612345, 487654), shapely.Point(612999, 487000)]
    path = shapefile(tmp_path, points, crs="EPSG:32634", drop=[".prj"])
    assert ".prj" in refusal(take, path, NoCrs).remedy


def test_shapefile_is_reprojected(take, tmp_path):
    degrees = gpd.GeoSeries([shapely.Point(20.5, 5.5)], crs="EPSG:4326")
    result = take(zipped(shapefile(tmp_path, list(degrees.to_crs("EPSG:32634")), crs="EPSG:32634")))
    assert result.frame.geometry.iloc[0].distance(shapely.Point(20.5, 5.5)) < 1e-7
    assert found(result, "reprojected")
    assert result.frame["actor1"].iloc[0] == "Évêché"


def test_loose_shapefile_without_sidecars(take, tmp_path):
    path = shapefile(tmp_path, [shapely.Point(20.5, 5.5)], drop=[".cpg", ".prj", ".shx"])
    result = take(path)
    assert result.frame["actor1"].iloc[0] == "Évêché"
    assert {f.found for f in found(result, "missing_sidecar")} == {"no .shx", "no .prj"}
    assert found(result, "encoding_guessed")


def test_truncated_shapefile_keeps_the_rows_that_are_there(take, tmp_path):
    path = shapefile(tmp_path, [shapely.Point(20 + i / 100, 5) for i in range(20)])
    path.write_bytes(path.read_bytes()[:-280])
    result = take(zipped(path))
    assert (result.report.rows_in, result.report.rows_rejected, len(result.frame)) == (20, 10, 10)
    assert all(f.severity in ("warning", "rejected") for f in found(result, "truncated"))


def test_swapped_axes_in_single_rows(take, write):
    places = ("17.5,101.5", "101.6,17.6", "17.7,101.7")
    rows = "".join(f"{i},2024-01-02,Battles,A,{place},0\n" for i, place in enumerate(places, 1))
    result = take(write("i.csv", HEADER + rows))
    assert result.report.rows_repaired == 1
    assert [f.row for f in found(result, "axes_swapped")] == [3]
    assert result.frame.geometry.iloc[1].coords[0] == (101.6, 17.6)


def test_swapped_axes_in_the_whole_file(take, write, feature):
    result = take(write("i.geojson", [feature("Point", [17 + i, 101.5], event_type="Battles") for i in range(4)]))
    assert len(found(result, "axes_swapped")) == 1
    assert result.report.rows_repaired == 4
    assert result.frame.geometry.iloc[0].coords[0] == (101.5, 17)


def test_swapped_axes_are_noticed_by_the_stored_admin_areas(access, take, write, feature):
    box = [[[14, 2], [28, 2], [28, 11], [14, 11], [14, 2]]]
    areas = write("areas.geojson", [feature("Polygon", box, ADM1_PCODE="CF1", ADM1_EN="All")])
    (draft,) = inspect(areas, access)
    publish(draft, access, review(draft, access), base=None, by="t", note="")
    rows = "".join(f"{i},2024-01-02,Battles,A,2{i}.5,6.5,0\n" for i in range(5))
    result = take(write("i.csv", HEADER + rows))
    assert found(result, "axes_swapped")
    assert result.frame.geometry.iloc[0].coords[0] == (20.5, 6.5)


def test_bowtie_is_repaired(take, write, feature):
    path = write("risks.geojson", [feature("Polygon", BOWTIE, hazard_type="sha", name="a")])
    result = take(path)
    assert result.frame.geometry.iloc[0].is_valid
    assert result.frame.geometry.iloc[0].area == pytest.approx(0.5)
    assert result.report.rows_repaired == 1
    assert "Self-intersection" in found(result, "geometry_repaired")[0].found


def test_unclosed_ring_is_closed(take, write, feature):
    ring = [[[20.0, 5.0], [21.0, 5.0], [21.0, 6.0]]]
    result = take(write("risks.geojson", [feature("Polygon", ring, hazard_type="sha", name="a")]))
    assert result.frame.geometry.iloc[0].area == pytest.approx(0.5)
    assert [f.row for f in found(result, "ring_closed")] == [1]
    assert result.report.rows_repaired == 1


def test_one_bad_geometry_does_not_kill_the_file(take, write, feature):
    good = feature("Point", [20, 5], event_type="Battles")
    bad = [feature("Curve", [20, 5], event_type="x"), feature("Point", ["a", "b"]), feature("LineString", [[1, 2]])]
    result = take(write("i.geojson", [good, *bad, "no feature", good]))
    assert (result.report.rows_in, result.report.rows_rejected, len(result.frame)) == (6, 4, 2)
    assert [f.row for f in found(result, "bad_geometry")] == [2, 3, 4, 5]
    assert 'found geometry "Curve"' in found(result, "bad_geometry")[0].message
    assert result.rejected["row"].tolist() == [2, 3, 4, 5]
    assert result.rejected["reason"].str.len().min() > 0


def test_geometry_that_the_kind_does_not_take(take, write, feature):
    mixed = [feature("Polygon", [[[0, 1], [1, 1], [1, 2], [0, 1]]], origin_name="A", destination_name="B")]
    path = write("flows.geojson", mixed)
    result = take(path, kind="idp_flows")
    assert result.report.rows_rejected == 1
    assert found(result, "geometry_not_allowed")


def test_duplicate_headers_lose_no_column(take, write):
    text = "id,event_date,event_type,notes,notes,latitude,longitude\n1,2024-01-02,Battles,first,second,5,20\n"
    result = take(write("i.csv", text))
    assert found(result, "duplicate_header")
    assert (result.frame["description"].iloc[0], result.frame["src_notes (2)"].iloc[0]) == ("first", "second")


def test_latin1_csv(take, write):
    text = HEADER + "1,2024-01-02,Battles,Mambéré-Kadéï à l'église,5,20,1\n2,2024-01-02,Battles,Évêché brûlé,5,20,1\n"
    result = take(write("i.csv", text.encode("latin-1")))
    assert result.frame["actor1"].tolist() == ["Mambéré-Kadéï à l'église", "Évêché brûlé"]
    assert "cp1252" in found(result, "encoding_guessed")[0].message


def test_arabic_windows_csv(take, write):
    text = HEADER + "1,2024-01-02,Battles,القوات المسلحة,5,20,1\n2,2024-01-02,Battles,مجموعة مسلحة,5,20,1\n"
    assert take(write("i.csv", text.encode("cp1256"))).frame["actor1"].tolist()[0] == "القوات المسلحة"


def test_utf16_csv(take, write):
    assert len(take(write("i.csv", (HEADER + "1,2024-01-02,Battles,Évêché,5,20,1\n").encode("utf-16"))).frame) == 1


def test_decimal_comma_and_semicolons(take, write):
    text = HEADER.replace(",", ";") + "1;02/01/2024;Battles;A;5,25;20,75;1\n2;13/01/2024;Battles;A;5,5;20,5;1\n"
    result = take(write("i.csv", text))
    assert result.frame.geometry.iloc[0].coords[0] == (20.75, 5.25)
    assert {f.field for f in found(result, "decimal_comma")} == {"latitude", "longitude"}
    assert result.frame["occurred_at"].dt.strftime("%Y-%m-%d").tolist() == ["2024-01-02", "2024-01-13"]


def test_unclosed_quote_is_named(take, write):
    text = HEADER + '1,2024-01-02,Battles,A,5,20,1\n2,2024-01-02,"Battles,A,5,20,1\n3,2024-01-02,Riots,B,5,20,1\n'
    error = refusal(take, write("i.csv", text), UnreadableFile)
    assert "line 3" in error.where
    assert "never closed" in error.found


def test_title_lines_hash_header_and_hxl_row(take, write):
    text = (
        "\ufeffIncident list 2024-05-06,,,\n,,,\n#When,What,y,x\n#date +occurred,#event+type,#geo+lat,#geo+lon\n"
        "2024-05-01,Battles,5,20\n"
    )
    result = take(write("list.csv", text))
    assert (result.kind.id, result.frame["row"].tolist()) == ("incidents", [5])
    assert result.frame["occurred_at"].iloc[0].strftime("%Y-%m-%d") == "2024-05-01"


def test_good_rows_load_beside_bad_ones(take, write):
    text = HEADER + (
        "1,2024-01-02,Battles,A,5.5,20.5,1\n"
        "2,31/02/2024,Battles,A,5.5,20.5,1\n"
        "3,2024-01-02,Battles,A,,,1\n"
        "4,2024-01-02,Battles,A,95,220,1\n"
        "5,2024-01-02,Nonsense,A,5.5,20.5,-3\n"
        ",,,,,,\n"
        "7,2024-01-02,Battles,A,north,20.5,1\n"
        "8,2024-01-02,Battles,A,0,0,1\n"
    )
    result = take(write("incidents.csv", text))
    report = result.report
    assert (report.rows_in, report.rows_ok, report.rows_repaired, report.rows_rejected) == (8, 2, 2, 4)
    by_row = {f.row: f for f in report.findings if f.severity == "rejected"}
    assert {row: f.code for row, f in by_row.items()} == {
        4: "no_place",
        5: "out_of_range",
        7: "empty_row",
        8: "bad_coordinate",
    }
    assert found(result, "bad_date")[0].message == (
        'incidents.csv, row 3, event_date: found "31/02/2024", no such day. Correct it or leave it blank.'
    )
    assert found(result, "zero_place")[0].row == 9
    odd = result.frame[result.frame["row"] == 6].iloc[0]
    assert odd["src_event_type"] == "Nonsense"
    assert pd.isna(odd["fatalities"])


def test_nothing_good_is_not_published(access, write, take):
    text = HEADER + "1,2024-01-02,Battles,A,95,220,1\n"
    (draft,) = inspect(write("i.csv", text), access)
    with pytest.raises(MissingField, match="out_of_range"):
        publish(draft, access, review(draft, access), base=None, by="t", note="")
    assert access.layers() == []


def test_unknown_columns_ask_for_the_kind(access, write):
    (draft,) = inspect(write("odd.csv", "alpha,beta,lat,lon\n1,2,5,20\n"), access)
    assert draft.kind == ""
    with pytest.raises(UnknownKind, match="--kind"):
        review(draft, access)
    assert len(review(draft, access, kind="other").frame) == 1


def test_a_mapping_by_hand(take, write):
    path = write("odd.csv", "alpha,beta,north,east\nbattle,2024-01-02,5,20\n")
    chosen = {"alpha": "incident_type", "beta": "occurred_at", "north": "latitude", "east": "longitude"}
    result = take(path, kind="incidents", mapping=chosen)
    assert result.frame["incident_type"].tolist() == ["clash"]
    assert result.frame.geometry.iloc[0].coords[0] == (20, 5)


def test_a_mapping_to_no_column_is_refused(access, write):
    path = write("odd.csv", "alpha,beta,lat,lon\n1,2,5,20\n")
    with pytest.raises(UnknownKind, match="gamma"):
        inspect(path, access, IngestOptions(kind="incidents", mapping={"gamma": "name"}))
    assert list(access.drafts().iterdir()) == []


def test_too_many_columns(take, write):
    header = ",".join(f"c{i}" for i in range(600))
    assert "600 columns" in refusal(take, write("wide.csv", f"{header}\n{header}\n"), TooLarge).found


def test_a_bomb_is_refused(take, write):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", b"0" * 15_000_000)
    assert "compression" in refusal(take, write("bomb.zip", buffer.getvalue()), TooLarge).found


def test_a_zip_of_several_layers(access, write, feature, tmp_path):
    points = write("events.geojson", [feature("Point", [20, 5], event_type="Battles", event_date="2024-01-02")])
    towns = write("towns.csv", "settlement,population,lat,lon\nBria,1000,6.5,21.9\n")
    target = tmp_path / "both.zip"
    with zipfile.ZipFile(target, "w") as archive:
        archive.write(points, "../../events.geojson")
        archive.write(towns, "in/towns.csv")
        archive.writestr("broken.geojson", "{")
    drafts = inspect(target, access)
    assert [(d.file_layer, d.kind, d.layer) for d in drafts] == [
        ("events", "incidents", "both_events"),
        ("towns", "settlements", "both_towns"),
    ]
    assert any(f.code == "unreadable_file" for f in drafts[0].findings)
    assert not (tmp_path.parent / "events.geojson").exists()


def test_missing_file(access, tmp_path):
    with pytest.raises(LoadError, match="no such file"):
        inspect(tmp_path / "nowhere.csv", access)


def test_a_row_with_too_many_cells_is_rejected_and_shifts_nothing(take, write):
    text = "settlement,population,lat,lon\nBria,1,000,6.5,21.9\nBambari,2000,5.8,20.7\nObo,5,5.4,26.5\n"
    result = take(write("towns.csv", text))
    assert result.frame["name"].tolist() == ["Bambari", "Obo"]
    assert [f.row for f in found(result, "too_many_cells")] == [2]


@pytest.mark.parametrize("features", ["[]", "null"])
def test_geojson_without_features(take, write, features):
    path = write("a.geojson", '{"type":"FeatureCollection","features":' + features + "}")
    assert "without features" in refusal(take, path, UnreadableFile).found


def test_a_workbook_without_a_sheet(take, write):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
    assert "workbook" in refusal(take, write("book.xlsx", buffer.getvalue()), UnreadableFile).found
