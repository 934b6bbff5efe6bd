"""The style of a layer: tried on one's own map, saved for all, and drawn as it says."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from urllib.parse import quote

import pytest
from pages import run, said
from starlette.requests import Request

import store
from dashboard import cache
from dashboard.components.map_panel import drawn_layers, legend_of, result_url, symbol_lines
from dashboard.maps import DrawnLayer
from dashboard.routes.drawing import layer_features, layer_hexagons
from dashboard.view import Question, to_text
from layers.filters import Where
from layers.kinds import KINDS
from layers.layer_style import LayerStyle

LAYER = "orvane-idp-sites"
BY_PEOPLE = LayerStyle(field="population", classes=4, palette="PuRd")


@pytest.fixture
def home(sample_store, at, tmp_path) -> Path:
    folder = tmp_path / "home"
    shutil.copytree(sample_store, folder)
    at(folder)
    return folder


def answer(route, style: str):
    info = next(i for i in cache.access().layers() if i.layer == LAYER)
    query = "&".join(f"{k}={quote(v)}" for k, v in {"q": to_text(cache.query(info)), "style": style}.items())
    return route(Request({"type": "http", "method": "GET", "path": "/", "query_string": query.encode(), "headers": [],
                          "server": ("localhost", 1), "scheme": "http"}))  # fmt: skip


def test_what_is_tried_shows_at_once_and_is_kept_only_when_saved(home):
    app = run("")
    app.toggle(key=f"styling.{LAYER}").set_value(True).run()
    app.selectbox(key=f"style.{LAYER}.colour").set_value("population").run()
    assert not app.exception
    assert store.open(home, as_=store.OPERATOR).styles.in_force() == {}
    app.selectbox(key=f"style.{LAYER}.palette").set_value("PuRd").run()
    app.slider(key=f"style.{LAYER}.classes").set_value(4).run()
    app.button(key=f"style.save.{LAYER}").click().run()
    assert not app.exception
    assert store.open(home, as_=store.OPERATOR).styles.in_force() == {LAYER: BY_PEOPLE.text()}
    assert not run("").exception
    app.button(key=f"style.reset.{LAYER}").click().run()
    assert store.open(home, as_=store.OPERATOR).styles.in_force() == {}


def test_records_have_the_colour_of_their_class_and_the_legend_counts_them(home):
    drawn = json.loads(answer(layer_features, BY_PEOPLE.text()).body)
    colours = [drawn["looks"][f["properties"]["m"]]["c"] for f in drawn["features"]]
    info = next(i for i in cache.access().layers() if i.layer == LAYER)
    counts = cache.class_counts(cache.query(info), BY_PEOPLE.text())
    assert {colour: n for _, colour, n in counts} == {c: colours.count(c) for c in set(colours)}
    assert sum(n for *_, n in counts) == len(colours) == 255


def test_hexagons_add_up_and_their_legend_counts_them(home):
    style = LayerStyle(draw="hexagons")
    drawn = json.loads(answer(layer_hexagons, style.text()).body)
    numbers = [int(f["properties"]["t"].split()[0].removeprefix("<b>").replace(",", "")) for f in drawn["features"]]
    assert sum(numbers) == 255
    info = next(i for i in cache.access().layers() if i.layer == LAYER)
    width_km, classes = cache.hexagons(cache.query(info), style.text())
    assert width_km > 0
    assert sum(n for *_, n in classes) == len(numbers)


@pytest.mark.parametrize("style", ["junk", '{"field":"actor1"}'])
def test_a_style_that_cannot_be_drawn_is_refused_in_words(home, style):
    refused = answer(layer_features, style)
    assert refused.status_code == 400
    assert b"style of a layer" in refused.body


def test_a_saved_style_that_no_longer_fits_is_drawn_as_the_kind(home, monkeypatch):
    monkeypatch.setattr("store.styles.Styles.in_force", lambda self: {LAYER: '{"field":"gone"}'})
    app = run("")
    assert not app.exception
    assert "Something went wrong" not in said(app)


@pytest.mark.parametrize("route", [layer_features, layer_hexagons])
def test_a_style_by_a_column_that_this_version_lacks_is_drawn(home, route):
    drawn = json.loads(answer(route, LayerStyle(field="src_of_another_file").text()).body)
    assert drawn["features"]


def roads_legend(**style):
    kind = next(k for k in KINDS if k.id == "roads")
    layer = DrawnLayer("", "roads", "line", "muted")
    return {line.label: line.look for line in symbol_lines(layer, kind, {0: 3, 2: 1, -1: 2}, **style)}


def test_the_legend_has_the_look_of_each_symbol_and_of_a_colour_chosen_for_all():
    lines = roads_legend()
    assert lines["Closed (1)"] == {"c": "road_closed", "s": "cross", "d": "3 5"}
    assert lines["not stated (2)"] == {}
    assert {look.get("c") for label, look in roads_legend(colour="idp").items() if "stated" not in label} == {"idp"}


def test_one_symbol_alone_is_the_look_of_its_layer(home):
    info = next(i for i in cache.access().layers() if i.layer == "orvane-roads")
    closed = cache.query(info, Where(fields={"road_state": ("closed",)}, round_at=date(2026, 11, 12)))
    (drawn,) = drawn_layers(info, closed)
    item = legend_of(drawn, "Roads", info, closed)
    assert item.lines == ()
    assert item.look == {"c": "road_closed", "s": "cross", "d": "3 5"}


def test_a_rating_changes_the_address_of_what_it_colours(home):
    before = rings_address()
    access = cache.access()
    access.rate("orvane-activities", "ACT-017", likelihood=5, impact=4, reason="school beside it", by="G9")
    after = rings_address()
    assert before != after
    assert "rated=" in after


def rings_address():
    infos = {i.kind: i for i in cache.access().layers() if i.kind in ("projects", "incidents")}
    inputs = {"activities": cache.query(infos["projects"]), "incidents": cache.query(infos["incidents"])}
    return result_url(Question("risk", inputs, {}, date(2026, 11, 12)), "rings")
