"""Days brushed below the map become the period of every page."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import cache
from dashboard.components import filter_bar
from dashboard.view import Brush, Drag, Selection
from layers.settings import PROJECT
from tests.dashboard.test_pages import load, said

FRAME = str(PROJECT / "dashboard" / "frame.py")


def told(days, at=1):
    return {
        "type": "Feature",
        "properties": {"days": days, "at": at},
        "geometry": {"type": "Point", "coordinates": [0, 0]},
    }


def test_what_the_map_tells_is_read():
    assert Brush.from_map(told(["2026-01-05", "2026-02-01"], 7)) == Brush(date(2026, 1, 5), date(2026, 2, 1), 7)
    assert Brush.from_map(told([])) == Brush(None, None, 1)


JUNK = [
    None, "text", {}, {"properties": None}, {"properties": {"layer": "a", "id": "b"}}, told(None), told(["2026-01-05"]),
    told(["2026-01-05", "x"]), told(["2026-02-05", "2026-01-05"]), told([1, 2]), told(["0001-01-01", "2026-01-05"]),
    told(["2026-01-05", "2026-02-01"], "1"), told([], None), told({"a": 1}),
]  # fmt: skip


@pytest.mark.parametrize("junk", JUNK, ids=str)
def test_what_is_no_brush_is_none(junk):
    assert Brush.from_map(junk) is None


def test_a_brush_is_neither_a_click_nor_a_drag():
    assert Selection.from_click(told([])) is None
    assert Drag.from_map(told(["2026-01-05", "2026-02-01"])) is None


@pytest.fixture
def page(tmp_path, monkeypatch):
    load(tmp_path, *sorted(Path(PROJECT / "data" / "sample").glob("*.geojson")))
    monkeypatch.setenv("OVERLAY_HOME", str(tmp_path))
    cache.forget_all()
    return AppTest.from_file(FRAME, default_timeout=60).run()


def brush(page, first, last, at):
    """As the map's callback does: what `look_at_days` leaves for the next run."""
    page.session_state[filter_bar.BRUSHED] = Brush(first, last, at)
    page.run()
    assert not page.exception
    assert not page.error


def test_a_brush_sets_the_period_of_every_page_and_gives_it_back(page):
    assert "last 30 days" in said(page)
    brush(page, date(2026, 2, 9), date(2026, 6, 7), 1)
    assert "09 Feb 26 to 07 Jun 26" in said(page)
    assert page.date_input(key="from").value == date(2026, 2, 9)
    page.switch_page(str(Path(FRAME).parent / "views/movements.py")).run()
    assert page.date_input(key="until").value == date(2026, 6, 7)
    page.switch_page(str(Path(FRAME).parent / "views/picture.py")).run()
    brush(page, None, None, 2)
    assert "all until then" in said(page)


def test_the_period_chosen_afterwards_stays(page):
    brush(page, date(2026, 2, 9), date(2026, 6, 7), 1)
    page.button_group(key="period").set_value("90 d").run()
    assert "last 90 days" in said(page)


def test_the_same_brush_told_again_changes_nothing(monkeypatch):
    state: dict[str, object] = {}
    monkeypatch.setattr(filter_bar.st, "session_state", state)
    filter_bar.look_at_days(Brush(date(2026, 2, 9), date(2026, 6, 7), 1))
    assert filter_bar.brushed()
    state.pop(filter_bar.BRUSHED)
    filter_bar.look_at_days(Brush(date(2026, 2, 9), date(2026, 6, 7), 1))
    assert not filter_bar.brushed()
