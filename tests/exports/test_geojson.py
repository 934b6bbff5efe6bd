"""GeoJSON, read back with plain JSON and with GDAL."""

from __future__ import annotations

import json
from pathlib import Path

import pyogrio
import pytest
import shapely

from exports import export_to
from layers.kinds import kind_of
from layers.marking import EXERCISE_NOTE
from layers.schema import empty


@pytest.fixture
def written(tmp_path: Path, content):
    path = export_to(content(), tmp_path / "x.geojson")
    return json.loads(path.read_text("utf-8"))


def test_members_of_the_collection(written):
    assert list(written) == ["type", "overlay", "features"]  # no crs: RFC 7946, section 4
    overlay = written["overlay"]
    assert overlay["boundary_note"].startswith("Boundaries, names and designations")
    assert {k: overlay[k] for k in ("kind", "layer", "source", "as_of", "marking", "exercise", "note")} == {
        "kind": "incidents",
        "layer": "CAR incidents",
        "source": "UCDP, été",
        "as_of": "2026-01-05",
        "marking": "CONFIDENTIAL",
        "exercise": True,
        "note": EXERCISE_NOTE,
    }


def test_values_are_exact_and_missing_is_null(written):
    rows = [feature["properties"] for feature in written["features"]]
    assert [feature["id"] for feature in written["features"]] == ["a", "b", "c", "d"]
    assert [row["fatalities"] for row in rows] == [5, None, 0, 2**53 + 1]
    assert [row["place_radius_m"] for row in rows] == [25000.5, None, 0.0, 1.0]
    assert [row["violent"] for row in rows] == [True, None, False, True]
    assert rows[0]["occurred_at"] == "2026-01-01T06:00:00.000000Z"
    assert rows[0]["reported_at"] == "2026-01-01T00:00:00Z"
    assert rows[1]["occurred_at"] is None
    assert rows[0]["actor1"].startswith("=HYPERLINK")
    assert "row" not in rows[0]


def test_places(written):
    places = [feature["geometry"] for feature in written["features"]]
    assert places[0] == {"type": "Point", "coordinates": [0.1 + 0.2, 2.0]}
    assert places[1] is None
    assert places[2] is None
    assert places[3]["coordinates"] == [-179.9999999, -1 / 3]


def test_outer_rings_run_against_the_clock(tmp_path, content, incidents, mixed):
    path = export_to(content(incidents(mixed)), tmp_path / "x.geojson")
    place = json.loads(path.read_text("utf-8"))["features"][0]["geometry"]
    assert shapely.is_ccw(shapely.LinearRing(place["coordinates"][0]))


def test_gdal_reads_it(tmp_path, content, incidents, mixed):
    frame = pyogrio.read_dataframe(export_to(content(incidents(mixed)), tmp_path / "x.geojson"))
    assert frame["id"].tolist() == ["a", "b", "c", "d"]
    assert frame.crs == "EPSG:4326"
    assert frame.geometry.dropna().geom_type.tolist() == ["Polygon", "LineString", "Point"]


def test_no_rows(tmp_path, content):
    path = export_to(content(empty(kind_of("incidents"))), tmp_path / "x.geojson")
    assert json.loads(path.read_text("utf-8"))["features"] == []
