"""`sample`, `verify` and `safeguards`."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest

from commands import sample as sample_command
from layers.errors import UnreadableFile


def test_the_sample_comes_stays_and_goes(cli, incidents):
    assert cli("ingest", incidents).code == 0
    first = cli("sample", "--json")
    assert first.code == 0
    assert all(entry["version"] == 1 for entry in first.document["files"])
    assert "EXERCISE" in first.err
    layers = cli("layers", "--json").document["layers"]
    assert {layer["layer"] for layer in layers if layer["exercise"]} == {e["layer"] for e in first.document["files"]}
    second = cli("sample", "--json")
    assert (second.code, second.document) == (0, {"files": []})
    assert "nothing was changed" in second.err
    assert cli("layers", "--json").document["layers"] == layers
    removed = cli("sample", "--remove", "--json")
    assert sorted(removed.document["removed"]) == sorted(entry["layer"] for entry in first.document["files"])
    assert [layer["layer"] for layer in cli("layers", "--json").document["layers"]] == ["incidents"]
    assert cli("sample", "--remove", "--json").document == {"removed": []}
    assert cli("verify", "--json").code == 0


def test_every_file_of_the_sample_says_that_it_is_fictional():
    paths = sample_command.sample_files()
    names = [sample_command.exercise_layer(path) for path in paths]
    assert len(set(names)) == len(paths) >= 5


def test_the_order_of_the_manifest(tmp_path):
    for name in ("b.geojson", "a.geojson", "c.geojson"):
        (tmp_path / name).touch()
    assert [path.name for path in sample_command.sample_files(tmp_path)] == ["a.geojson", "b.geojson", "c.geojson"]
    (tmp_path / "manifest").write_text("c.geojson\na.geojson\n")
    assert [path.name for path in sample_command.sample_files(tmp_path)] == ["c.geojson", "a.geojson"]


@pytest.mark.parametrize("said", [{}, {"layer": "x"}, {"layer": "x", "exercise": False}, {"exercise": True}])
def test_what_does_not_say_so_is_no_sample(tmp_path, said):
    path = tmp_path / "x.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "overlay": said, "features": []}))
    with pytest.raises(UnreadableFile, match="exercise"):
        sample_command.exercise_layer(path)


def test_an_empty_sample_is_said(tmp_path):
    with pytest.raises(UnreadableFile, match="no GeoJSON file"):
        sample_command.sample_files(tmp_path)


def test_verify(cli, incidents, home):
    empty = {"versions": 0, "audit_rows": 0, "audit_head": None, "damages": []}
    assert cli("verify", "--json").document == empty
    cli("ingest", incidents)
    document = cli("verify", "--json").document
    assert len(document.pop("audit_head")) == 64
    assert document == {"versions": 1, "audit_rows": 1, "damages": []}
    (stored,) = home.glob("objects/*/*.parquet")
    stored.write_bytes(stored.read_bytes()[:-1])
    said = cli("verify", "--json")
    assert said.code == 1
    (damage,) = said.document["damages"]
    assert (damage["layer"], damage["version"], damage["problem"]) == ("incidents", 1, "torn")
    assert "incidents" in cli("verify").out


def test_verify_holds_the_catalogue_against_the_audit(cli, incidents, home):
    cli("ingest", incidents, "--marking", "CONFIDENTIAL")
    with closing(sqlite3.connect(home / "catalogue.sqlite")) as connection:
        connection.execute("DROP TRIGGER versions_no_update")
        connection.execute("UPDATE versions SET marking = 'UNCLASSIFIED'")
        connection.commit()
    said = cli("verify", "--json")
    assert said.code == 1
    (damage,) = said.document["damages"]
    assert (damage["layer"], damage["version"], damage["problem"]) == ("incidents", 1, "statements")
    assert "was written as 'CONFIDENTIAL'" in damage["detail"]


def test_safeguards_say_what_is_active(cli):
    said = cli("safeguards", "--json")
    assert said.code == 0
    entries = said.document["safeguards"]
    assert entries
    for entry in entries:
        assert list(entry) == ["name", "active", "detail"]
        assert isinstance(entry["active"], bool)
        assert entry["detail"]
    assert "detail" in cli("safeguards").out
