"""The card of a record: every field that is stated stands in it, whole, with where it comes from."""

from __future__ import annotations

import json

import pytest
from pages import at_address, load, said

from dashboard import cache
from layers.geodesy import mgrs_of

LONG = "road " * 200


@pytest.fixture
def wide(tmp_path, at):
    """One record with forty columns of its own."""
    own = {f"column {n:02}": f"value <{n:02}>" for n in range(40)}
    feature = {
        "type": "Feature",
        "id": "a",
        "properties": {"name": "Well", "status": "planned", "description": LONG, "empty": "", **own},
        "geometry": {"type": "Point", "coordinates": [18.5, 4.4]},
    }
    file = tmp_path / "wide.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    at(tmp_path / "home")
    load(tmp_path / "home", file, kind="projects", layer="wide", source="G9 list")


def test_the_card_holds_every_field_its_source_and_marking(wide):
    info = cache.current_layers(exercise=False)[0]
    words = said(at_address("", sel="wide/a"))
    card = words[words.index("<h3>Well</h3>") :]
    for n in range(40):
        assert f"value &lt;{n:02}&gt;" in card
    assert LONG.strip() in card
    assert "empty" not in card
    for told in (
        "G9 list",
        "wide, version 1",
        info.marking.label,
        "Received",
        "4.4000° N  18.5000° E",
        mgrs_of(18.5, 4.4, None)[:5],
    ):
        assert told in card, told
    assert "<details>" in card


@pytest.fixture
def crossing(tmp_path, at):
    """A road that was closed until an expected reopening, and a bridge that trucks may not pass."""
    line = {"type": "LineString", "coordinates": [[18.5, 4.4], [18.6, 4.5]]}
    rows = [
        {"id": "r", "road_state": "closed", "state_since": "2026-11-01", "reopening_date": "2026-11-15"},
        {"id": "b", "road_state": "open", "state_since": "2026-06-01"},
        {"id": "b-heavy", "road_id": "b", "road_state": "closed", "state_since": "2026-07-01",
         "vehicle_class": "heavy_truck"},
    ]  # fmt: skip
    features = [{"type": "Feature", "properties": row, "geometry": line} for row in rows]
    file = tmp_path / "roads.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    at(tmp_path / "home")
    load(tmp_path / "home", file, kind="roads", layer="roads")


@pytest.mark.parametrize(
    ("record", "as_of", "vehicle", "state"),
    [
        ("r", "2026-11-10", "", "Closed"),
        ("r", "2026-11-20", "", "reported closed 01 NOV 26; expected to reopen 15 NOV 26: not known"),
        ("r", "2026-10-20", "", "reported closed 01 NOV 26; expected to reopen 15 NOV 26: not known"),
        ("b", "2026-11-10", "", "reported open 01 JUN 26: restricted"),
        ("b", "2026-11-10", "Heavy truck or trailer", "reported open 01 JUN 26: closed"),
        ("b-heavy", "2026-11-10", "", "reported closed 01 JUL 26 for heavy truck or trailer: restricted"),
        ("b-heavy", "2026-11-10", "Heavy truck or trailer", "Closed"),
    ],
)
def test_the_card_of_a_road_says_the_state_that_the_map_draws(crossing, record, as_of, vehicle, state):
    chosen = {"roads.vehicle_class": vehicle} if vehicle else {}
    words = said(at_address("", sel=f"roads/{record}", as_of=as_of, **chosen))
    card = words[words.index("Road state") :]
    assert f">{state}<" in card[:200]
