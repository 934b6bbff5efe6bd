"""`run --edit`, `--keep`, `--variant` and `variants`."""

from __future__ import annotations

import json

import pytest

MOVE = {"edit": "move", "role": "layer", "id": "s1", "lon": 18.7, "lat": 4.25}
BUFFERS = ("run", "buffers", "--input", "layer=sites", "--set", "radius_km=5")


@pytest.fixture
def plan(tmp_path):
    def write(*edits):
        file = tmp_path / "plan.json"
        file.write_text(json.dumps({"edits": edits}))
        return file

    return write


def test_the_document_keeps_the_contract_and_holds_both(loaded, plan):
    plain = loaded(*BUFFERS, "--json").document
    add = {"edit": "add", "role": "layer", "record": {"id": "new", "name": "New", "lon": 18.4, "lat": 4.2}}
    said = loaded(*BUFFERS, "--edit", plan(MOVE, add), "--json")
    assert said.code == 0
    document = said.document
    assert set(document) - set(plain) == {"before", "assumptions", "changed", "summary_changed"}
    assert document["before"] == {"summary": plain["summary"], "rows": plain["rows"]}
    assert [row["id"] for row in document["rows"]] == ["new", "s1", "s2"]
    assert len(document["assumptions"]) == 2
    assert [row["id"] for row in document["changed"] if row["change"] == "added"] == ["new"]
    assert document["summary_changed"]["features"] == {"before": 2, "after": 3}
    assert loaded(*BUFFERS, "--json").document == plain  # nothing was stored
    assert loaded("variants", "--json").document == {"variants": []}


def test_in_print_both_stand_side_by_side(loaded, plan):
    said = loaded(*BUFFERS, "--edit", plan({"edit": "add", "role": "layer", "record": {"lon": 18.4, "lat": 4.2}}))
    assert said.code == 0
    assert "Assumption, nothing stored: " in said.err
    assert said.out.splitlines()[0].split() == ["summary", "before", "after"]
    features = next(line for line in said.out.splitlines() if line.startswith("features"))
    assert features.split() == ["features", "2", "3"]


def test_the_file_says_that_it_assumes(loaded, plan, tmp_path):
    out = tmp_path / "answer.geojson"
    assert loaded(*BUFFERS, "--edit", plan(MOVE), "--out", out).code == 0
    overlay = json.loads(out.read_text("utf-8"))["overlay"]
    assert overlay["where"].startswith("layer: assumption: ")


def test_a_variant_is_kept_applied_listed_and_taken_away(loaded, plan):
    once = loaded(*BUFFERS, "--edit", plan(MOVE), "--keep", "north", "--note", "for the board", "--json")
    assert once.code == 0
    assert loaded(*BUFFERS, "--variant", "north", "--json").document == once.document
    (entry,) = loaded("variants", "--json").document["variants"]
    assert (entry["name"], entry["exercise"], entry["note"]) == ("north", False, "for the board")
    assert entry["edits"] == [MOVE]
    assert "north" in loaded("variants").out
    assert loaded(*BUFFERS, "--edit", plan(MOVE), "--keep", "north", "--json").error["code"] == "store_error"
    assert loaded("variants", "--remove", "north", "--json").document["variants"] == []
    assert "north" in loaded("variants", "--remove", "north", "--json").error["where"]


def test_a_variant_is_marked_as_the_layers_it_rests_on_and_so_is_what_is_made_of_it(loaded, layer_file, plan, tmp_path):
    point = {"type": "Feature", "properties": {"id": "s1"}, "geometry": {"type": "Point", "coordinates": [18, 4]}}
    other = layer_file("secret", "idp_sites", [])
    other.write_text(other.read_text().replace('"features": []', f'"features": [{json.dumps(point)}]'))
    assert loaded("ingest", other, "--marking", "CONFIDENTIAL").code == 0
    on_secret = ("run", "buffers", "--input", "layer=secret", "--set", "radius_km=5")
    loaded(*on_secret, "--edit", plan(MOVE), "--keep", "closed")
    loaded(*BUFFERS, "--edit", plan(MOVE), "--keep", "light")
    loaded(*BUFFERS, "--variant", "closed", "--keep", "again")
    kept = {entry["name"]: entry["marking"] for entry in loaded("variants", "--json").document["variants"]}
    assert kept == {"closed": "CONFIDENTIAL", "light": "UNCLASSIFIED", "again": "CONFIDENTIAL"}
    assert "CONFIDENTIAL" in loaded("variants").out
    out = tmp_path / "answer.geojson"
    for name in ("closed", "light"):
        said = loaded(*BUFFERS, "--variant", name, "--out", out, "--json")
        assert said.document["marking"] == kept[name]
        assert json.loads(out.read_text("utf-8"))["overlay"]["marking"] == kept[name]
    assert loaded("verify", "--json").code == 0


def test_a_variant_and_a_file_apply_one_after_the_other(loaded, plan):
    loaded(*BUFFERS, "--edit", plan({"edit": "add", "role": "layer", "record": {"id": "n", "lon": 18.4, "lat": 4.2}}),
           "--keep", "more")  # fmt: skip
    moved = plan(MOVE | {"id": "n"})
    document = loaded(*BUFFERS, "--variant", "more", "--edit", moved, "--json").document
    assert len(document["assumptions"]) == 2
    assert "n" in [row["id"] for row in document["rows"]]


def test_a_variant_of_the_exercise_is_refused_for_real_layers(loaded, layer_file, plan):
    fiction = layer_file("fiction", "idp_sites", [], exercise=True)
    point = {"type": "Feature", "properties": {"id": "s1"}, "geometry": {"type": "Point", "coordinates": [18, 4]}}
    fiction.write_text(fiction.read_text().replace('"features": []', f'"features": [{json.dumps(point)}]'))
    assert loaded("ingest", fiction).code == 0
    assert loaded("run", "buffers", "--input", "layer=fiction", "--edit", plan(MOVE), "--keep", "drill").code == 0
    said = loaded(*BUFFERS, "--variant", "drill", "--json")
    assert (said.code, said.error["code"]) == (1, "store_error")
    assert "exercise" in said.error["found"]


@pytest.mark.parametrize(
    ("edit", "named"),
    [
        (MOVE | {"role": "ponies"}, "ponies"),
        (MOVE | {"id": "nobody"}, "nobody"),
        (MOVE | {"lon": 200}, "200"),
        (MOVE | {"pony": 1}, "pony"),
        (MOVE | {"edit": "teleport"}, "teleport"),
        ({"edit": "add", "role": "layer", "record": {"pony": 1}}, "pony"),
        ({"edit": "close", "role": "layer", "id": "s1"}, "idp_sites"),
    ],
)
def test_what_cannot_be_assumed_is_refused_and_not_kept(loaded, plan, edit, named):
    said = loaded(*BUFFERS, "--edit", plan(edit), "--keep", "bad", "--json")
    assert said.code == 1
    assert named in said.error["found"] + said.error["where"]
    assert loaded("variants", "--json").document == {"variants": []}


def test_a_file_that_is_not_there_and_nothing_to_keep(loaded, tmp_path):
    said = loaded(*BUFFERS, "--edit", tmp_path / "none.json", "--json")
    assert (said.code, said.error["code"]) == (1, "unreadable_file")
    assert loaded(*BUFFERS, "--keep", "x", "--json").code == 2
    assert loaded(*BUFFERS, "--variant", "none", "--json").error["where"] == 'variant "none"'
