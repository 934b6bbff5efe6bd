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
