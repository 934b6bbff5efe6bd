"""What holds for every format."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
import shapely

from analysis.method import Result
from exports import EXPORTS, export_for, export_to, of_dataset, of_result
from layers.dataset import Dataset
from layers.errors import ExportError
from layers.filters import Where, filter_dataset
from layers.kinds import KINDS, kind_of
from layers.marking import Marking
from layers.schema import empty
from layers.settings import Settings

EACH = pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.id)


def ids_in(path: Path) -> list[str]:
    """The ids of the rows in a file, read without Overlay."""
    if path.suffix == ".geojson":
        return [feature["properties"]["id"] for feature in json.loads(path.read_text("utf-8"))["features"]]
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            return [row["id"] for row in csv.DictReader(file)]
    return list(pyogrio.read_dataframe(path, layer=0)["id"])


def test_each_format_is_told_by_its_own_extension():
    assert len({export.extension for export in EXPORTS}) == len({export.id for export in EXPORTS}) == len(EXPORTS)
    for export in EXPORTS:
        assert export_for(Path(f"x{export.extension.upper()}")) is export
        assert export.label
        assert "/" in export.media_type


@EACH
def test_what_the_filters_keep_and_nothing_else(export, tmp_path, incidents):
    stamp = datetime(2026, 1, 6, tzinfo=UTC)
    dataset = Dataset(kind_of("incidents"), incidents(), "x", 1, "0" * 64, "us", date(2026, 1, 5), stamp)
    kept = filter_dataset(dataset, Where(fields={"fatalities": ("0", "5")}))
    path = export_to(of_dataset(kept, Settings()), tmp_path / f"x{export.extension}")
    assert ids_in(path) == ["a", "c"]
    assert b"quoted" not in path.read_bytes()


@EACH
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)
def test_every_kind_writes_even_empty(export, kind, tmp_path, content):
    path = export_to(content(empty(kind), kind.id), tmp_path / f"x{export.extension}")
    assert ids_in(path) == ([""] if export.id == "csv" else [])  # a CSV has one line of statements


def result_of(rows: gpd.GeoDataFrame) -> Result:
    return Result(
        method="risk",
        parameters={"radius_km": 5.0, "window_days": None},
        as_of=date(2026, 11, 12),
        inputs={"activities": {"layer": "plan", "version": 2, "rows": 2}},
        summary={},
        rows=rows,
        shapes={"rings": rows[["geometry"]]},
        limits=("Few reports is not safe.",),
        marking=Marking.CONFIDENTIAL,
        exercise=False,
        sources=("EXMIS", "UCDP"),
    )


@EACH
def test_results_carry_what_was_asked(export, tmp_path):
    rows = gpd.GeoDataFrame(
        {"id": ["a", "b"], "nearest_incident_m": [1.5, float("nan")], "hard_flags": [["mine"], []]},
        geometry=[shapely.Point(1, 2), shapely.Point(3, 4)],
        crs="EPSG:4326",
    )
    path = export_to(of_result(result_of(rows), Settings()), tmp_path / f"x{export.extension}")
    assert ids_in(path) == ["a", "b"]
    if export.id == "gpkg":
        asked = json.loads(pyogrio.read_info(path, layer="risk")["layer_metadata"]["overlay_parameters"])
    elif export.id == "csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            read = list(csv.DictReader(file))
        asked = json.loads(read[0]["overlay_parameters"])
        assert [row["nearest_incident_m"] for row in read] == ["1.5", ""]
    else:
        document = json.loads(path.read_text("utf-8"))
        asked = document["overlay"]["parameters"]
        assert document["features"][1]["properties"] == {"id": "b", "nearest_incident_m": None, "hard_flags": []}
    assert asked == {
        "method": "risk",
        "radius_km": 5.0,
        "window_days": "all",
        "inputs": "activities plan@2",
        "limits": ["Few reports is not safe."],
    }


def said_in(path: Path, layer: str) -> str:
    """The statement of the filters, as each format holds it."""
    if path.suffix == ".gpkg":
        return pyogrio.read_info(path, layer=layer)["layer_metadata"]["overlay_where"]
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            return next(csv.DictReader(file))["overlay_where"]
    return json.loads(path.read_text("utf-8"))["overlay"]["where"]


@EACH
def test_a_filtered_layer_says_by_what(export, tmp_path, content):
    whole = content()
    assert "where" not in whole.statements
    path = export_to(replace(whole, where="incident_type=clash"), tmp_path / f"x{export.extension}")
    assert said_in(path, "CAR_incidents") == "incident_type=clash"


@EACH
def test_a_result_says_by_what_its_inputs_were_filtered(export, tmp_path):
    rows = gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.Point(1, 2)], crs="EPSG:4326")
    inputs = {
        "activities": {"layer": "plan", "version": 2, "rows": 2},
        "incidents": {"layer": "events", "version": 1, "rows": 3, "where": "incident_type=clash or riot"},
    }
    content = of_result(replace(result_of(rows), inputs=inputs), Settings())
    path = export_to(content, tmp_path / f"x{export.extension}")
    assert said_in(path, "risk") == "incidents: incident_type=clash or riot"


def test_the_filters_of_a_dataset_are_taken_over():
    kind = kind_of("incidents")
    moment = datetime(2026, 1, 6, tzinfo=UTC)
    dataset = Dataset(kind, empty(kind), "events", 1, "0" * 64, "us", date(2026, 1, 5), moment)
    kept = filter_dataset(dataset, Where(fields={"incident_type": ("clash",)}))
    assert of_dataset(kept, Settings()).statements["where"] == "incident_type=clash"


@EACH
def test_a_file_that_cannot_be_written_is_said(export, tmp_path, content):
    folder = tmp_path / "no such folder"
    with pytest.raises(ExportError) as refusal:
        export_to(content(), folder / f"x{export.extension}")
    assert all(refusal.value.as_dict().values())
    assert refusal.value.found == f'no folder "{folder}"'


@EACH
@pytest.mark.parametrize("name", ["x" * 300, "there"])
def test_no_hidden_name_and_no_error_number_is_shown(export, tmp_path, content, name):
    path = tmp_path / f"{name}{export.extension}"
    if name == "there":
        path.mkdir()
    with pytest.raises(ExportError) as refusal:
        export_to(content(), path)
    assert "Errno" not in str(refusal.value)
    assert "/." not in str(refusal.value)
    assert not [left for left in tmp_path.iterdir() if left.name.startswith(".")]


@EACH
def test_a_folder_that_is_a_file_is_said(export, tmp_path, content):
    (tmp_path / "file").write_text("x")
    with pytest.raises(ExportError, match="no folder"):
        export_to(content(), tmp_path / "file" / f"x{export.extension}")


@EACH
def test_an_older_file_is_replaced_only_by_a_whole_one(export, tmp_path, content, monkeypatch):
    path = tmp_path / f"x{export.extension}"
    path.write_text("older")
    export_to(content(), path)
    assert ids_in(path) == ["a", "b", "c", "d"]
    before = path.read_bytes()

    def fail(*_args: object, **_named: object) -> None:
        raise OSError(28, "No space left on device")

    for target in ("exports.geojson.json_column", "exports.csv.json_column", "exports.gpkg.pyogrio.write_dataframe"):
        monkeypatch.setattr(target, fail)
    with pytest.raises(ExportError, match="No space left"):
        export_to(content(), path)
    assert path.read_bytes() == before
    assert not [left for left in tmp_path.iterdir() if left.name.startswith(".")]


def test_an_unknown_extension_is_refused_by_name(tmp_path, content):
    with pytest.raises(ExportError, match=r"\.xyz.*\.geojson, \.csv, \.gpkg"):
        export_to(content(), tmp_path / "x.xyz")
