"""`run` and `export`."""

from __future__ import annotations

import json

import pyogrio
import pytest

from analysis import METHODS
from tests.commands.conftest import feature


def test_buffers(loaded, tmp_path):
    said = loaded("run", "buffers", "--input", "layer=sites@1", "--set", "radius_km=5", "--json")
    assert said.code == 0
    assert {"method", "parameters", "as_of", "inputs", "summary", "rows"} <= set(said.document)
    assert said.document["inputs"] == {"layer": {"layer": "sites", "version": 1, "rows": 2}}
    assert said.document["parameters"]["radius_km"] == 5
    assert len(said.document["rows"]) == 2


@pytest.mark.parametrize("extension", ["geojson", "csv", "gpkg"])
def test_the_answer_as_a_file(loaded, tmp_path, extension):
    out = tmp_path / f"answer.{extension}"
    said = loaded("run", "buffers", "--input", "layer=sites", "--set", "radius_km=5", "--out", out, "--json")
    assert (said.code, len(said.document["rows"])) == (0, 2)
    assert out.stat().st_size > 0
    if extension == "gpkg":
        assert len(pyogrio.read_dataframe(out, layer=0)) == 2


def test_the_table_by_area_is_printed_and_stands_in_the_json(loaded, layer_file, sites, monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")
    assert loaded("ingest", clinics(layer_file)).code == 0
    asked = ("run", "coverage", "--input", "demand=sites", "--input", "services=clinics", "--as-of", "2026-11-12")
    document = loaded(*asked, "--json").document
    (area, *_) = document["tables"]["by_area"]
    assert area["demand_points"] == document["summary"]["demand_points"]
    assert next(iter(document["summary"])) == "sentence"
    printed = loaded(*asked).out.splitlines()
    (head,) = [line for line in printed if line.startswith("by_area")]
    assert {"uncovered_people", "services"} <= set(head.split())
    assert loaded("run", "buffers", "--input", "layer=sites", "--json").document["tables"] == {}


def test_where_keeps_these_rows_of_this_role_only(loaded):
    options = ("--input", "layer=incidents", "--set", "radius_km=1", "--json")
    said = loaded("run", "buffers", *options, "--where", "layer.incident_type=clash")
    assert said.document["inputs"]["layer"]["rows"] == 2
    both = ("--where", "layer.incident_type=clash", "--where", "layer.incident_type=looting")
    assert loaded("run", "buffers", *options, *both).document["inputs"]["layer"]["rows"] == 3


@pytest.mark.parametrize(
    ("arguments", "named", "code"),
    [
        (["divination"], "divination", 1),
        (["buffers", "--input", "pony=sites"], "pony", 1),
        (["buffers", "--input", "layer=nowhere"], "nowhere", 1),
        (["buffers", "--input", "layer=sites@7"], "7", 1),
        (["buffers", "--input", "layer=sites@x"], "x", 1),
        (["buffers", "--input", "layer=sites", "--set", "radius_km=-5"], "-5", 1),
        (["buffers", "--input", "layer=sites", "--set", "radius_km=far"], "far", 1),
        (["buffers", "--input", "layer=sites", "--set", "pony=1"], "pony", 1),
        (["buffers", "--input", "layer=sites", "--where", "services.name=x"], "services.name", 1),
        (["buffers", "--input", "layer=sites", "--where", "name=x"], "name", 1),
        (["buffers", "--input", "layer=sites", "--where", "layer.pony=x"], "pony", 1),
        (["buffers", "--input", "layer=sites", "--out", "x.docx"], ".docx", 1),
        (["buffers", "--input", "layer"], "layer", 2),
        (["buffers", "--input", "layer=sites", "--set", "radius_km"], "radius_km", 2),
        (["buffers", "--input", "layer=sites", "--input", "layer=incidents"], "layer", 2),
        (["buffers", "--input", "layer=sites", "--as-of", "soon"], "soon", 2),
        (["buffers", "--input", "layer=sites", "--as-of", "9999-12-31"], "9999-12-31", 2),
        (["buffers", "--input", "layer=sites", "--as-of", "0001-01-01"], "0001-01-01", 2),
        (["buffers", "--input", "layer=sites@99999999999999999999"], "999999999999999999", 1),
        (["buffers", "--input", "layer=si\udcfftes"], "UTF-8", 2),
        (["buffers", "--input", "layer=sites", "--where", "layer.name=\udcff"], "UTF-8", 2),
        (["buffers", "--input", "layer=sites", "--out", "nodir/x.csv"], "nodir/x.csv", 1),
        (["buffers"], "layer", 1),
        (["risk", "--input", "activities=sites", "--input", "incidents=incidents"], "sites", 1),
    ],
)
def test_what_is_unknown_or_wrong_is_refused_by_name(loaded, arguments, named, code):
    said = loaded("run", *arguments, "--json")
    assert said.code == code
    assert named in said.error["found"] + said.error["where"]


def clinics(layer_file):
    """A file of one clinic."""
    place = feature("c", 18.5, 4.2, name="Clinic", facility_type="clinic")
    return layer_file("clinics", "facilities", [place])


def test_exercise_and_real_are_refused_together(loaded, layer_file, sites):
    document = json.loads(sites.read_text())
    document["overlay"] |= {"exercise": True, "layer": "fiction"}
    sites.write_text(json.dumps(document))
    assert loaded("ingest", sites).code == 0
    demand = next(role.name for role in METHODS[1].roles if not role.optional)
    assert METHODS[1].id == "coverage"
    assert loaded("ingest", clinics(layer_file)).code == 0
    said = loaded("run", "coverage", "--input", f"{demand}=fiction", "--input", "services=clinics", "--json")
    assert (said.code, said.error["code"]) == (1, "mixed_worlds")
    assert "fiction" in said.error["found"]


@pytest.mark.parametrize("extension", ["geojson", "csv", "gpkg"])
def test_export_holds_what_the_filter_keeps(loaded, tmp_path, extension):
    out = tmp_path / f"out.{extension}"
    said = loaded("export", "incidents@1", "--to", out, "--where", "incident_type=clash", "--json")
    assert said.code == 0
    assert said.document == {
        "file": str(out), "format": extension, "layer": "incidents", "version": 1, "rows": 2, "rows_stored": 3,
        "marking": "UNCLASSIFIED", "exercise": False,
    }  # fmt: skip
    assert b"i1" in out.read_bytes()
    assert b"i2" not in out.read_bytes()


def test_an_answer_from_filtered_layers_says_so(loaded, tmp_path):
    out = tmp_path / "answer.geojson"
    asked = ("--input", "layer=incidents", "--set", "radius_km=1", "--where", "layer.incident_type=clash")
    assert loaded("run", "buffers", *asked, "--out", out).code == 0
    assert json.loads(out.read_text("utf-8"))["overlay"]["where"] == "layer: incident_type=clash"
    assert loaded("export", "incidents", "--to", out, "--where", "incident_type=clash").code == 0
    assert json.loads(out.read_text("utf-8"))["overlay"]["where"] == "incident_type=clash"


def test_bytes_that_are_no_utf_8_are_refused_as_a_layer(loaded, tmp_path):
    said = loaded("export", "in\udcffcidents", "--to", tmp_path / "x.csv", "--json")
    assert (said.code, said.error["code"]) == (2, "usage")
    said.out.encode("utf-8")


def test_what_was_exported_loads_again_as_the_same(loaded, tmp_path):
    before = loaded("layers", "--json").document
    for layer in ("incidents", "sites"):
        out = tmp_path / "again.geojson"
        assert loaded("export", layer, "--to", out).code == 0
        (entry,) = loaded("ingest", out, "--json").document["files"]
        assert (entry["layer"], entry["version"], entry["rows_rejected"]) == (layer, 1, 0)
    assert loaded("layers", "--json").document == before


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["nowhere", "--to", "x.csv"], "nowhere"),
        (["incidents", "--to", "x.docx"], ".docx"),
        (["incidents", "--to", "/proc/overlay/x.csv"], "/proc/overlay/x.csv"),
        (["incidents", "--to", "x.csv", "--where", "pony=1"], "pony"),
        (["incidents", "--to", "nodir/x.csv"], 'no folder "nodir"'),
        (["incidents@99999999999999999999", "--to", "x.csv"], "999999999999999999"),
        (["incidents@" + "9" * 5000, "--to", "x.csv"], "999999999999999999"),
    ],
)
def test_exports_that_cannot_be_are_refused_by_name(loaded, tmp_path, monkeypatch, arguments, named):
    monkeypatch.chdir(tmp_path)
    said = loaded("export", *arguments, "--json")
    assert said.code == 1
    assert named in said.error["found"] + said.error["where"]
    assert not list(tmp_path.glob("x.*"))


def test_people_read_a_short_answer(loaded):
    said = loaded("run", "buffers", "--input", "layer=sites", "--set", "radius_km=5")
    assert said.code == 0
    assert "summary" in said.out


def test_siting_answers_in_json(loaded, layer_file):
    assert loaded("ingest", clinics(layer_file)).code == 0
    options = ("--input", "demand=sites", "--input", "services=clinics", "--set", "try_at=18.5,4.4", "--json")
    said = loaded("run", "siting", *options, "--set", "k=1")
    assert said.code == 0
    document = said.document
    assert {
        "people_covered_before",
        "people_covered_after",
        "people_gained",
        "optimality_gap",
        "solver",
        "sentence",
    } <= (set(document["summary"]))
    assert {"id", "rank", "place", "mgrs", "people_gained", "people_alone", "in_risk_area"} <= set(document["rows"][-1])
    assert (document["rows"][-1]["id"], document["rows"][-1]["rank"]) == ("try_at", None)
    assert "An input for the cluster, not a decision" in document["limits"][0]
    refused = loaded("run", "siting", *options, "--set", "k=0")
    assert (refused.code, "siting, k" in refused.error["where"]) == (1, True)


def test_coverage_looks_ahead_in_json(loaded, layer_file):
    assert loaded("ingest", clinics(layer_file)).code == 0
    options = ("--input", "demand=sites", "--input", "services=clinics", "--json")
    said = loaded("run", "coverage", *options, "--set", "look_ahead_days=30", "--set", "radius_by_type=yes").document
    assert isinstance(said["summary"]["then_ending_services"], list)
    assert said["summary"]["then_sentence"].startswith("By ")
    assert {"covered", "covered_then", "access_score", "serving_id"} <= set(said["rows"][0])
