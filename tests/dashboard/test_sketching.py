"""Shapes drawn on a map, on the pages: an area that filters everything, a service that is assumed."""

from __future__ import annotations

import re
from datetime import date

import pandas as pd
import pytest
import streamlit as st
from pages import at_address, load, run, said
from streamlit.testing.v1 import AppTest

from dashboard import cache
from dashboard.components import drawn_area, sketching
from dashboard.menu import MENU
from dashboard.view import Sketch
from layers.filters import Where

CIRCLE = "-119.8_-8_30000"


def chip(app: AppTest):
    return next((b for b in app.button if b.key == "drawn.remove"), None)


@pytest.mark.parametrize("entry", [e for e in MENU if e.path != "layers"], ids=lambda e: e.title)
def test_every_page_keeps_to_the_drawn_area_and_says_so(entry, sample_store, at):
    at(sample_store)
    app = at_address(entry.path, drawn=CIRCLE)
    assert not app.exception
    assert not app.error
    assert chip(app).label == "Circle of 30 km, 2,827 km²"
    info = next(i for i in cache.current_layers(exercise=True) if i.kind == "facilities")
    kept = cache.count(cache.query(info, Where(drawn=CIRCLE)))
    assert 0 < kept < info.rows
    assert f"{kept:,} of {info.rows:,}" in said(app)


def test_what_is_known_by_area_only_is_left_out_of_it_and_counted(tmp_path, at):
    near = {"latitude": -8, "longitude": -119.8, "date": "2026-11-01", "type": "Clash"}
    rows = [{**near, "place precision": precision} for precision in ("point", "near", "area", "region", "area")]
    pd.DataFrame(rows).to_csv(tmp_path / "known.csv", index=False)
    load(tmp_path / "home", tmp_path / "known.csv", kind="incidents", as_of=date(2026, 11, 12))
    at(tmp_path / "home")
    app = at_address("", drawn=CIRCLE, period="all", as_of="2026-11-12")
    assert not app.exception
    assert "Left out by the drawn area, known by area only: 3 incidents." in said(app)
    assert "2 of 5" in said(app)
    chip(app).click().run()
    assert "known by area only" not in said(app)


def test_the_chip_removes_it(sample_store, at):
    at(sample_store)
    app = at_address("", drawn=CIRCLE)
    assert "circle of 30 km, 2,827 km²" in said(app)
    chip(app).click().run()
    assert chip(app) is None
    assert "drawn" not in app.query_params
    assert "whole theatre" in said(app)


@pytest.mark.parametrize("junk", ["1_2", "0_0~1_1~1_0~0_1", "<b>x</b>", "1_2_1e999"])
def test_an_address_that_names_no_area_is_said_and_nothing_is_hidden(junk, sample_store, at):
    at(sample_store)
    app = at_address("", drawn=junk)
    assert not app.exception
    assert any("drawn area" in e.value for e in app.error)
    assert "whole theatre" in said(app)
    chip(app).click().run()
    assert not app.error


def test_a_shape_that_crosses_itself_is_refused_where_it_was_drawn(monkeypatch):
    told: list[object] = []
    monkeypatch.setattr(st, "session_state", {})
    monkeypatch.setattr(sketching.look, "error", told.append)
    sketching.take(Sketch("filter", "area", ((0, 0), (1, 1), (1, 0), (0, 1))))
    sketching.follow()
    assert "crosses itself" in told[0].found


def test_an_assumed_service_is_put_where_it_was_drawn(sample_store, at):
    at(sample_store)
    app = run("coverage")
    app.session_state["coverage.whatif"] = True
    app.session_state["coverage.add"] = "-119.80000,-8.00000"
    app.run()
    assert not app.exception
    assert re.search("As assumed", said(app))
    assert drawn_area.PARAMETER not in app.query_params


@pytest.mark.parametrize(
    ("sketch", "place"),
    [
        (Sketch("record", "point", ((240.2, -8.0),)), "-8.00000, -119.80000"),
        (Sketch("record", "circle", ((-119.8, -8.0),), 12_349.2), "-8.00000, -119.80000 within 12,350 m"),
        (Sketch("record", "line", ((-119.8, -8.0), (-119.8, -8.1))), "-8.05000, -119.80000 within 5,530 m"),
        (Sketch("record", "circle", ((-119.8, -8.0),), 1_500_000), "-8.00000, -119.80000 within 1,500,000 m"),
    ],
)
def test_a_record_is_entered_where_a_shape_was_drawn(sketch, place, sample_store, at, monkeypatch):
    at(sample_store)
    told: dict[str, object] = {}
    with monkeypatch.context() as patched:
        patched.setattr(st, "session_state", told)
        sketching.take(sketch)
    assert told.pop("_sketch_enters") is True
    app = run("layers")
    for name, value in told.items():
        app.session_state[name] = value
    app.run()
    assert not app.exception
    assert next(t for t in app.text_input if t.label == "Place, MGRS or degrees").value == place
