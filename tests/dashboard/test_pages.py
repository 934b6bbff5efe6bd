"""Every page through the real frame: on the sample, on nothing, on one row, and with a broken store."""

from __future__ import annotations

import json
import shutil
from datetime import date

import pytest
from pages import load, run, said

from dashboard.menu import MENU

WELL = {
    "type": "Feature",
    "id": "a",
    "properties": {"name": "Well", "status": "planned"},
    "geometry": {"type": "Point", "coordinates": [18.5, 4.4]},
}
ONE_ROW = json.dumps({"type": "FeatureCollection", "features": [WELL]})


def test_risk_after_all_that_the_data_tell_of_says_what_to_set(sample_store, at):
    at(sample_store)
    app = run("risk")
    assert "Set as-of" not in said(app)
    app.date_input(key="as_of").set_value(date(2031, 1, 1)).run()
    assert "The latest incident is of 2026-11-11" in said(app)
    assert "Set as-of to a day that the data tell of" in said(app)
    assert not app.exception


@pytest.mark.parametrize("entry", MENU, ids=lambda e: e.title)
def test_on_the_sample(entry, sample_store, at):
    at(sample_store)
    app = run(entry.path)
    assert not app.exception
    assert not app.error
    assert "EXERCISE EXERCISE EXERCISE" in said(app)
    assert entry.title in said(app)


@pytest.mark.parametrize("entry", MENU, ids=lambda e: e.title)
def test_on_nothing(entry, tmp_path, at):
    at(tmp_path)
    app = run(entry.path)
    assert not app.exception
    assert not app.error
    assert "cli.py sample" in said(app)


@pytest.mark.parametrize("entry", MENU, ids=lambda e: e.title)
def test_on_one_row(entry, tmp_path, at):
    file = tmp_path / "wells.geojson"
    file.write_text(ONE_ROW)
    load(tmp_path / "home", file, kind="projects")
    at(tmp_path / "home")
    app = run(entry.path)
    assert not app.exception
    assert not app.error
    assert "EXERCISE" not in said(app)


@pytest.mark.parametrize("entry", MENU, ids=lambda e: e.title)
def test_with_a_broken_store(entry, sample_store, tmp_path, at):
    home = tmp_path / "home"
    shutil.copytree(sample_store, home)
    for item in (home / "objects").rglob("*.parquet"):
        item.write_bytes(b"torn")
    at(home)
    app = run(entry.path)
    assert not app.exception
    assert app.error
    assert "Traceback" not in said(app)
