"""`ingest` and `layers`: the contract of the command line."""

from __future__ import annotations

import json

import pytest

ENTRY = [
    "file", "source", "confidence", "kind", "layer", "version",
    "rows_in", "rows_ok", "rows_repaired", "rows_rejected", "records", "findings",
]  # fmt: skip
FINDING = {"code", "severity", "row", "field", "found", "remedy"}


def test_a_file_becomes_a_layer(cli, incidents):
    said = cli("ingest", incidents, "--json", "--by", "JOC", "--note", "daily")
    assert said.code == 0
    (entry,) = said.document["files"]
    assert list(entry) == ENTRY
    assert (entry["kind"], entry["layer"], entry["version"]) == ("incidents", "incidents", 1)
    assert entry["rows_in"] == entry["rows_ok"] + entry["rows_repaired"] + entry["rows_rejected"] == 3
    assert entry["records"] == 3
    (layer,) = cli("layers", "--json").document["layers"]
    assert len(layer.pop("content_hash")) == 64
    assert layer == {
        "layer": "incidents", "kind": "incidents", "version": 1, "rows": 3, "as_of": "2026-11-12",
        "source": "test", "marking": "UNCLASSIFIED", "exercise": False,
    }  # fmt: skip


def test_what_the_person_says_wins(cli, incidents):
    options = ("--layer", "mine", "--source", "JOC", "--as-of", "2026-11-13", "--marking", "strictly confidential")
    assert cli("ingest", incidents, *options, "--json").document["files"][0]["layer"] == "mine"
    (layer,) = cli("layers", "--json").document["layers"]
    assert [layer[k] for k in ("layer", "source", "as_of", "marking")] == [
        "mine", "JOC", "2026-11-13", "STRICTLY CONFIDENTIAL",
    ]  # fmt: skip


def test_a_second_time_is_a_new_version_only_when_it_differs(cli, incidents):
    assert cli("ingest", incidents, "--json").document["files"][0]["version"] == 1
    (again,) = cli("ingest", incidents, "--json").document["files"]
    assert again["version"] == 1
    assert "unchanged" in [finding["code"] for finding in again["findings"]]
    incidents.write_text(incidents.read_text().replace('"fatalities": 0', '"fatalities": 1'))
    assert cli("ingest", incidents, "--json").document["files"][0]["version"] == 2


def test_merge_updates_by_id(cli, sites, layer_file):
    cli("ingest", sites)
    from json import loads

    changed = loads(sites.read_text())
    changed["features"] = changed["features"][:1]
    changed["features"][0]["properties"]["population"] = 130
    sites.write_text(json.dumps(changed))
    said = cli("ingest", sites, "--merge", "--json")
    assert said.document["files"][0]["version"] == 2
    assert cli("layers", "--json").document["layers"][0]["rows"] == 2


def test_a_dry_run_keeps_nothing(cli, incidents, home):
    said = cli("ingest", incidents, "--dry-run", "--json")
    assert said.code == 0
    (entry,) = said.document["files"]
    assert (entry["version"], entry["records"]) == (None, 3)
    assert cli("layers", "--json").document == {"layers": []}
    assert list((home / "drafts").iterdir()) == []


def test_good_files_load_beside_bad_ones(cli, incidents, tmp_path):
    bad = tmp_path / "bad.geojson"
    bad.write_text("{")
    said = cli("ingest", bad, incidents, tmp_path, tmp_path / "none.csv", "--json")
    assert said.code == 0
    files = said.document["files"]
    assert [entry["version"] for entry in files] == [None, 1, None, None]
    for entry in files:
        assert list(entry) == ENTRY
        if entry["version"] is None:
            assert entry["findings"]
            assert all(finding.keys() >= FINDING for finding in entry["findings"])
            assert entry["findings"][-1]["severity"] == "refused"
            assert entry["findings"][-1]["remedy"]
    assert "folder" in files[2]["findings"][0]["found"]


@pytest.mark.parametrize("content", [b"", b"{", b"PK\x03\x04", b'{"type": "FeatureCollection", "features": []}'])
def test_nothing_loaded_is_exit_1_with_a_finding(cli, tmp_path, home, content):
    bad = tmp_path / "bad.geojson"
    bad.write_bytes(content)
    for more in ((), ("--dry-run",)):
        said = cli("ingest", bad, "--json", *more)
        assert said.code == 1
        assert said.document["files"][0]["findings"]
        assert said.document["files"][0]["version"] is None
    assert cli("layers", "--json").document == {"layers": []}
    assert list((home / "drafts").iterdir()) == []


def test_a_file_without_a_good_row_leaves_the_layer_alone(cli, sites):
    cli("ingest", sites)
    document = json.loads(sites.read_text())
    for feature in document["features"]:
        feature["geometry"] = None
    sites.write_text(json.dumps(document))
    said = cli("ingest", sites, "--json")
    assert said.code == 1
    assert said.document["files"][0]["rows_rejected"] == 2
    assert said.document["files"][0]["findings"]
    assert cli("layers", "--json").document["layers"][0]["version"] == 1


def test_two_files_for_one_layer_do_not_replace_each_other(cli, incidents, tmp_path):
    other = tmp_path / "other.geojson"
    other.write_text(incidents.read_text().replace("i1", "i9"))
    said = cli("ingest", incidents, other, "--json")
    assert [entry["version"] for entry in said.document["files"]] == [1, None]
    assert said.document["files"][1]["findings"][-1]["code"] == "layer_twice"
    merged = cli("ingest", incidents, other, "--merge", "--json")
    assert merged.document["files"][-1]["version"] == 2
    assert cli("layers", "--json").document["layers"][0]["rows"] == 4


def test_one_layer_name_for_several_files_is_wrong_usage(cli, incidents, sites):
    said = cli("ingest", incidents, sites, "--layer", "x", "--json")
    assert said.code == 2
    assert "2 files" in said.error["found"]
    assert cli("layers", "--json").document == {"layers": []}


def test_an_exercise_does_not_take_a_real_layers_name(cli, layer_file, incidents):
    cli("ingest", incidents)
    document = json.loads(incidents.read_text())
    document["overlay"]["exercise"] = True
    incidents.write_text(json.dumps(document))
    said = cli("ingest", incidents, "--json")
    assert said.code == 1
    assert "exercise" in said.document["files"][0]["findings"][-1]["found"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--as-of", "2026-13-45"], 2),
        (["--as-of", "yesterday"], 2),
        (["--marking", "secret"], 2),
        (["--kind", "ponies"], 1),
        (["--mapping", "/no/such/file.json"], 1),
        (["--nonsense"], 2),
    ],
)
def test_wrong_options_are_refused_by_name(cli, incidents, arguments, code):
    said = cli("ingest", incidents, *arguments, "--json")
    assert said.code == code
    assert arguments[-1].strip("-") in said.error["found"] + said.error["where"]
    assert cli("layers", "--json").document == {"layers": []}


def test_a_mapping_names_the_columns(cli, tmp_path):
    table = tmp_path / "table.csv"
    table.write_text("ref,wo,hoch,lang\nx1,North,4.25,18.5\n", "utf-8")
    mapping = tmp_path / "mapping.json"
    mapping.write_text(json.dumps({"ref": "id", "wo": "name", "hoch": "latitude", "lang": "longitude"}), "utf-8")
    said = cli("ingest", table, "--kind", "settlements", "--mapping", mapping, "--json")
    assert (said.code, said.document["files"][0]["records"]) == (0, 1)
    mapping.write_text(json.dumps({"wo": "pony"}), "utf-8")
    refused = cli("ingest", table, "--kind", "settlements", "--mapping", mapping, "--json")
    assert refused.code == 1
    assert "pony" in refused.document["files"][0]["findings"][0]["found"]
    mapping.write_text("[1]", "utf-8")
    assert cli("ingest", table, "--mapping", mapping, "--json").error["code"] == "unreadable_file"


def test_people_read_a_table(cli, incidents):
    said = cli("ingest", incidents)
    assert "incidents" in said.out
    assert said.out.splitlines()[0].split() == [
        "file", "layer", "kind", "version", "rows_in", "rows_ok", "rows_repaired", "rows_rejected", "records",
    ]  # fmt: skip
    assert "incidents" in cli("layers").out
