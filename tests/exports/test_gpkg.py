"""GeoPackage, read back with GDAL."""

from __future__ import annotations

import datetime
import sqlite3
from contextlib import closing
from dataclasses import replace

import geopandas as gpd
import pyogrio
import pytest
import shapely

from exports import export_to
from exports.gpkg import layer_name
from layers.kinds import kind_of
from layers.schema import conform, empty


def test_rows_types_and_places(tmp_path, content, incidents, mixed):
    path = export_to(content(incidents(mixed)), tmp_path / "x.gpkg")
    frame = pyogrio.read_dataframe(path, use_arrow=False)
    assert pyogrio.list_layers(path)[:, 0].tolist() == ["CAR_incidents"]
    assert frame.geometry.dropna().geom_type.tolist() == ["Polygon", "LineString", "Point"]
    assert frame.crs == "EPSG:4326"
    types = dict(zip(*(pyogrio.read_info(path)[k] for k in ("fields", "ogr_types")), strict=True))
    assert [types[n] for n in ("id", "fatalities", "place_radius_m", "occurred_at")] == [
        "OFTString", "OFTInteger64", "OFTReal", "OFTDateTime",
    ]  # fmt: skip
    with closing(sqlite3.connect(path)) as connection:
        query = "SELECT fatalities, place_radius_m, violent FROM CAR_incidents ORDER BY id"
        assert connection.execute(query).fetchall() == [
            (5, 25000.5, 1),
            (None, None, None),
            (0, 0.0, 0),
            (2**53 + 1, 1.0, 1),
        ]
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_calendar_days_are_dates(tmp_path, content):
    frame = conform(gpd.pd.DataFrame({"id": ["a", "b"], "assessment_date": ["2026-01-02", None]}), kind_of("idp_sites"))
    path = export_to(content(frame, "idp_sites"), tmp_path / "x.gpkg")
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT assessment_date FROM CAR_incidents").fetchall() == [("2026-01-02",), (None,)]
        columns = {row[1]: row[2] for row in connection.execute("PRAGMA table_info(CAR_incidents)")}
    assert columns["assessment_date"] == "DATE"


def test_statements_stand_in_file_and_layer(tmp_path, content):
    info = pyogrio.read_info(export_to(content(), tmp_path / "x.gpkg"))
    for metadata in (info["dataset_metadata"], info["layer_metadata"]):
        assert metadata["overlay_marking"] == "CONFIDENTIAL"
        assert metadata["overlay_exercise"] == "true"
        assert metadata["overlay_source"] == "UCDP, été"
        assert metadata["overlay_boundary_note"].startswith("Boundaries")
    assert info["layer_metadata"]["DESCRIPTION"].startswith("CONFIDENTIAL; EXERCISE")


def test_columns_that_differ_in_case_are_both_kept(tmp_path, content):
    frame = pyogrio.read_dataframe(export_to(content(), tmp_path / "x.gpkg"))
    assert frame["src_Name"].tolist()[0] == "@SUM(A1)"
    assert frame["src_name_2"].tolist() == ["1", "2", "3", "4"]


@pytest.mark.parametrize("kind", ["incidents", "admin_areas", "idp_flows"])
def test_no_rows_is_a_valid_file(tmp_path, content, kind):
    path = export_to(content(empty(kind_of(kind)), kind), tmp_path / "x.gpkg")
    assert len(pyogrio.read_dataframe(path)) == 0


def test_shapes_are_layers_beside_the_rows(tmp_path, content):
    rings = gpd.GeoDataFrame({"radius_km": [5.0]}, geometry=[shapely.box(0, 0, 1, 1)], crs="EPSG:4326")
    path = export_to(replace(content(), shapes={"rings": rings}), tmp_path / "x.gpkg")
    assert pyogrio.list_layers(path)[:, 0].tolist() == ["CAR_incidents", "CAR_incidents_rings"]
    assert pyogrio.read_dataframe(path, layer="CAR_incidents_rings")["radius_km"].tolist() == [5.0]


def test_lists_and_objects_are_text(tmp_path, content):
    rows = gpd.GeoDataFrame(
        {"id": ["a", "b"], "hard_flags": [["mine", "flood"], []], "day": [datetime.date(2026, 1, 1), None]},
        geometry=[shapely.Point(1, 2), None],
        crs="EPSG:4326",
    )
    frame = pyogrio.read_dataframe(export_to(replace(content(), frame=rows), tmp_path / "x.gpkg"))
    assert frame["hard_flags"].tolist() == ['["mine", "flood"]', "[]"]


@pytest.mark.parametrize(
    ("text", "name"),
    [("IDP sites, 7", "IDP_sites_7"), ("2026", "layer_2026"), ("gpkg_x", "layer_gpkg_x"), ("", "layer_"), ("س", "س")],
)
def test_layer_names(text, name):
    assert layer_name(text) == name
