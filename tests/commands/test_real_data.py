"""The way in and out again, on published data."""

from __future__ import annotations

from pathlib import Path

import pytest

REAL = Path(__file__).resolve().parents[2] / "../shared/real"
INCIDENTS = REAL / "central-african-republic" / "incidents_ucdp_ged_23_1.geojson"
SETTLEMENTS = REAL / "central-african-republic" / "settlements_flee.csv"

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not REAL.is_dir(), reason="the published data of ../shared/real are not there"),
]


def test_incidents_go_out_and_come_back_as_the_same(cli, tmp_path):
    (entry,) = cli("ingest", INCIDENTS, "--layer", "incidents", "--json").document["files"]
    assert (entry["rows_in"], entry["rows_rejected"], entry["version"]) == (1848, 0, 1)
    out = tmp_path / "out.geojson"
    assert cli("export", "incidents", "--to", out, "--json").document["rows"] == 1848
    (again,) = cli("ingest", out, "--json").document["files"]
    assert (again["layer"], again["version"], again["rows_in"]) == ("incidents", 1, 1848)
    assert "unchanged" in {finding["code"] for finding in again["findings"]}


def test_unknown_population_leaves_as_null_not_zero(cli, tmp_path):
    import json

    assert cli("ingest", SETTLEMENTS, "--layer", "towns").code == 0
    out = tmp_path / "out.geojson"
    cli("export", "towns", "--to", out)
    people = [f["properties"]["population"] for f in json.loads(out.read_text("utf-8"))["features"]]
    assert len(people) == 63
    assert people.count(None) == 11
