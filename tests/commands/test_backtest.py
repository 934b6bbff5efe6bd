"""`backtest`: JSON, refusals, words."""

from __future__ import annotations

import numpy as np
import pytest

from tests.commands.conftest import feature, write_layer


@pytest.fixture
def history(cli, tmp_path):
    rng = np.random.default_rng(2)
    days = np.datetime64("2026-11-11") - rng.integers(0, 1500, 300)
    events = [
        feature(
            f"i{i}", 18.5 + rng.normal(0, 0.3), 4.2 + rng.normal(0, 0.3), occurred_at=str(day), incident_type="clash"
        )
        for i, day in enumerate(days)
    ]
    assert cli("ingest", write_layer(tmp_path / "events.geojson", "incidents", events)).code == 0
    return cli


def test_one_document_with_every_ring(history):
    said = history("backtest", "risk", "--input", "incidents=events", "--seed", 3, "--json")
    assert said.code == 0
    document = said.document
    assert (document["layer"], document["version"], document["seed"], document["last"]) == (
        "events",
        1,
        3,
        "2026-10-01",
    )
    assert [ring["radius_km"] for ring in document["named_places"]] == [5, 10, 25]
    ring = document["named_places"][0]
    assert {"calibration_error", "coverage", "crps"} <= set(ring["formula"]) & set(ring["last_year"])
    assert ring["words"].startswith("5 km: ")
    assert document["limits"]


def test_in_words(history):
    said = history("backtest", "risk", "--input", "incidents=events", "--as-of", "2026-06-30")
    assert said.code == 0
    assert "2026-05-01" in said.out + said.err
    assert "counting the last year" in said.out + said.err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("coverage", "--input", "incidents=events"), 1, "coverage"),
        (("risk",), 1, "no layer"),
        (("risk", "--input", "pony=events"), 1, "pony"),
        (("risk", "--input", "incidents=events", "--input", "areas=events"), 1, "kind incidents"),
        (("risk", "--input", "incidents=events", "--as-of", "2023-01-31"), 1, "days of incidents"),
        (("risk", "--input", "incidents=events", "--as-of", "1999-01-01"), 1, "0 violent incidents"),
        (("risk", "--input", "incidents=events", "--seed", "-1"), 2, "greater than or equal"),
    ],
)
def test_refusals(history, arguments, code, words):
    said = history("backtest", *arguments, "--json")
    assert said.code == code
    assert words in said.error["found"]
