"""`ingest` and `layers`: the contract of the command line."""

from __future__ import annotations

import json
import os

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
    assert list(home.glob("drafts/*")) == []


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
    assert list(home.glob("drafts/*")) == []


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


def test_a_file_without_a_good_row_does_not_take_the_name_from_the_next(cli, tmp_path):
    bad, good = tmp_path / "bad.csv", tmp_path / "good.csv"
    bad.write_text("id,name,latitude,longitude\ns1,North,x,18.5\ns2,South,y,18.5\n")
    good.write_text("id,name,latitude,longitude\ns1,North,4.25,18.5\n")
    for folder, table in (("a", bad), ("b", good)):
        (tmp_path / folder).mkdir()
        table.rename(tmp_path / folder / "sites.csv")
    paths = (tmp_path / "a" / "sites.csv", tmp_path / "b" / "sites.csv")
    for more in (("--dry-run",), ()):
        said = cli("ingest", *paths, "--kind", "idp_sites", "--json", *more)
        assert said.code == 0
        first, second = said.document["files"]
        assert first["findings"][-1]["code"] == "no_records"
        assert [f["code"] for f in second["findings"] if f["severity"] == "refused"] == []
    assert second["version"] == 1


def test_an_unexpected_failure_of_one_file_does_not_take_the_account_of_the_others(
    cli, incidents, sites, tmp_path, monkeypatch, caplog
):
    """The review of one file fails as no file should; the others are loaded and told of."""
    from loaders import ingest as loading

    sound, other = loading.review, tmp_path / "other.geojson"
    other.write_text(sites.read_text().replace('"layer": "sites"', '"layer": "other"'))

    def review(draft, *more):
        if draft.file == sites.name:
            raise TypeError("duplicate column src_foo")
        return sound(draft, *more)

    monkeypatch.setattr(loading, "review", review)
    said = cli("ingest", incidents, sites, other, "--json")
    assert said.code == 0
    assert [entry["version"] for entry in said.document["files"]] == [1, None, 1]
    entry = said.document["files"][1]
    assert list(entry) == ENTRY
    assert entry["rows_in"] == entry["rows_rejected"] == 2
    (finding,) = entry["findings"]
    assert (finding["code"], finding["severity"], finding["found"]) == ("unexpected_failure", "refused", "TypeError")
    reference = finding["remedy"].split("reference ")[1].split()[0]
    assert f"reference {reference}" in caplog.text
    assert "duplicate column src_foo" in caplog.text


def test_a_reader_that_fails_unexpectedly_is_said_too(cli, sites, monkeypatch, caplog):
    def inspect(*_given):
        raise RuntimeError("no such thing")

    monkeypatch.setattr("loaders.ingest.inspect", inspect)
    said = cli("ingest", sites, "--json")
    assert said.code == 1
    assert said.document["files"][0]["findings"][0]["code"] == "unexpected_failure"
    assert "no such thing" in caplog.text


def test_a_dry_run_refuses_what_the_store_would(cli, sites, incidents):
    assert cli("ingest", sites).code == 0
    for options, found in (
        ((sites, "--layer", "a@b"), "a@b"),
        ((incidents, "--layer", "sites"), "kind incidents"),
    ):
        for more in ((), ("--dry-run",)):
            said = cli("ingest", *options, "--json", *more)
            assert said.code == 1
            assert found in said.document["files"][0]["findings"][-1]["found"]
    assert cli("ingest", sites, "--dry-run", "--json").document["files"][0]["findings"][-1]["code"] == "unchanged"
    assert len(cli("layers", "--json").document["layers"]) == 1


def test_a_marking_is_not_lowered_in_silence(cli, sites):
    assert cli("ingest", sites, "--marking", "CONFIDENTIAL").code == 0
    sites.write_text(sites.read_text().replace("120", "130"))
    for more in (("--dry-run",), ()):
        (entry,) = cli("ingest", sites, "--marking", "UNCLASSIFIED", "--json", *more).document["files"]
        (finding,) = [finding for finding in entry["findings"] if finding["code"] == "marking_kept"]
        assert (finding["severity"], finding["found"]) == ("warning", "UNCLASSIFIED")
        assert "CONFIDENTIAL" in finding["message"]
    assert entry["version"] == 2
    assert cli("layers", "--json").document["layers"][0]["marking"] == "CONFIDENTIAL"
    (same,) = cli("ingest", sites, "--marking", "strictly confidential", "--json").document["files"]
    assert "marking_kept" not in [finding["code"] for finding in same["findings"]]


def test_a_name_longer_than_the_system_takes_is_said(cli, sites):
    said = cli("ingest", "x" * 300 + ".csv", sites, "--json")
    assert said.code == 0
    finding = said.document["files"][0]["findings"][0]
    assert (finding["code"], finding["found"]) == ("unreadable_file", "File name too long")
    assert "Errno" not in finding["message"]


def test_a_name_that_is_no_utf_8_is_printed_as_utf_8(cli, sites, tmp_path):
    odd = tmp_path / os.fsdecode(b"\xff\xfe.geojson")
    odd.write_bytes(sites.read_bytes())
    missing = tmp_path / os.fsdecode(b"none\xff.csv")
    said = cli("ingest", odd, missing, "--json")
    said.out.encode("utf-8")
    said.err.encode("utf-8")
    assert said.code == 0
    assert [entry["version"] for entry in said.document["files"]] == [1, None]
    assert said.document["files"][0]["file"] == str(tmp_path / "\ufffd\ufffd.geojson")
    cli("ingest", odd).out.encode("utf-8")


@pytest.mark.parametrize("option", ["--note", "--by", "--source", "--layer"])
def test_options_that_are_no_utf_8_are_refused(cli, sites, option):
    said = cli("ingest", sites, option, os.fsdecode(b"a\xffb"), "--json")
    assert said.code == 2
    assert "UTF-8" in said.error["found"]
    assert option in said.error["found"]
    said.out.encode("utf-8")
    assert cli("layers", "--json").document == {"layers": []}


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
        (["--as-of", "0001-01-01T00:00+14:00"], 2),
        (["--as-of", "9999-12-31T23:59-14:00"], 2),
        (["--as-of", "2200-12-31T23:59:60"], 2),
        (["--as-of", "1899-12-31"], 2),
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


def test_people_read_a_table(cli, incidents, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    said = cli("ingest", incidents)
    assert "incidents" in said.out
    assert said.out.splitlines()[0].split() == [
        "file", "layer", "kind", "version", "rows_in", "rows_ok", "rows_repaired", "rows_rejected", "records",
    ]  # fmt: skip
    assert "incidents" in cli("layers").out
