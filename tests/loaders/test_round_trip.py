"""What Overlay wrote comes back the same, and exercise data come back as exercise."""

from __future__ import annotations

from pathlib import Path

import pytest

from exports import export_to
from exports.content import of_dataset
from layers.hashing import content_hash
from layers.settings import settings
from loaders.ingest import IngestOptions, inspect, publish, review

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
LAYERS = sorted(SAMPLE.glob("*.geojson"))


@pytest.mark.parametrize("path", LAYERS, ids=lambda path: path.stem)
def test_the_sample_loads_without_a_change(access, path):
    (draft,) = inspect(path, access)
    result = review(draft, access)
    assert result.report.rows_ok == result.report.rows_in > 0
    # Without the admin areas some activities are not placed; some incidents are told twice.
    assert {finding.code for finding in result.report.findings} <= {"not_located", "possible_duplicate"}
    assert draft.exercise
    assert not [c for c in result.frame if c.startswith("src_")]


@pytest.mark.parametrize("extension", ["geojson", "gpkg", "csv"])
@pytest.mark.parametrize("layer", ["orvane-activities", "orvane-incidents", "orvane-security-risks"])
def test_an_export_comes_back_the_same(access, tmp_path, layer, extension):
    (draft,) = inspect(SAMPLE / f"{layer}.geojson", access)
    publish(draft, access, review(draft, access), base=None, by="t", note="")
    dataset = access.load(layer)
    path = tmp_path / f"export.{extension}"
    export_to(of_dataset(dataset, settings()), path)
    kind = dataset.kind.id if extension == "csv" else None  # a CSV does not say its kind
    (draft,) = inspect(path, access, IngestOptions(kind=kind))
    again = review(draft, access)
    assert content_hash(again.frame, again.kind) == dataset.content_hash
    assert draft.exercise
    assert (draft.marking, draft.source_label, again.as_of) == (dataset.marking, dataset.source, dataset.as_of)
