"""`/drawn/in-time` and `/drawn/days`: through the door, filters kept, the period not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from urllib.parse import urlencode

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, Point
from starlette.requests import Request

import store
from dashboard import cache
from dashboard.cache import drawn
from dashboard.in_time import unpack
from dashboard.routes.in_time import layer_days, layer_in_time
from dashboard.view import View, to_text
from layers.kinds import INCIDENTS
from layers.layer_style import LayerStyle
from layers.schema import conform
from layers.times import Period

AS_OF = date(2026, 2, 1)


@pytest.fixture
def info(tmp_path, monkeypatch):
    monkeypatch.setenv("OVERLAY_HOME", str(tmp_path))
    cache.forget_all()
    days = pd.to_datetime(["2026-01-05", "2026-01-06", None, "2026-01-20", "2026-02-09", "2025-12-31"], utc=True)
    table = {
        "id": list("abcdef"),
        "occurred_at": days,
        "incident_type": ["clash", "riot", "clash", "clash", "clash", "clash"],
        "fatalities": [1, 5, 5, None, 1, None],
    }
    places = [Point(18, 4), Point(18.5, 4), Point(18, 5), None, Point(18, 4), LineString([(20, 6), (20, 7)])]
    frame = conform(gpd.GeoDataFrame(table, geometry=places, crs=4326), INCIDENTS)
    said = {"source": "test", "as_of": AS_OF, "by": "test", "note": ""}
    cache.access().publish(store.Publication(layer="inc", kind=INCIDENTS, frame=frame, **said), base=None)
    yield cache.current_layers(exercise=False)[0]
    cache.forget_all()


def asked(info, fields=None):
    view = View(False, AS_OF, Period(date(2026, 1, 30), AS_OF), "last 3 days", fields={"inc": fields or {}})
    return cache.query(info, view.over_time("inc", "incidents"))


def get(route, query, *, style="", **headers):
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    text = query if isinstance(query, str) else to_text(query)
    said = urlencode({"q": text, "style": style}).encode()
    return route(Request({"type": "http", "method": "GET", "path": "/", "server": ("localhost", 80), "scheme": "http",
                          "headers": named, "query_string": said}))  # fmt: skip


def test_the_period_hides_nothing_and_later_incidents_never_count(info):
    header, told = unpack(get(layer_in_time, asked(info)).body)
    assert header["form"] == "single"
    assert pd.to_datetime(told["first"], unit="D").strftime("%m-%d").tolist() == ["01-05", "01-06", "01-20", "12-31"]
    assert told["placed"].tolist() == [1, 1, 0, 1]


def test_filters_are_kept_and_days_counted(info):
    _, told = unpack(get(layer_days, asked(info, {"incident_type": ("clash",)})).body)
    assert told["first_n"].sum() == 3
    assert told["first"].tolist() == told["last"].tolist()


def test_many_come_as_cells_with_what_has_no_place_apart(info, monkeypatch):
    monkeypatch.setattr(drawn, "MOST_FEATURES", 1)
    header, told = unpack(get(layer_in_time, asked(info)).body)
    assert header["form"] == "cells"
    assert told["came_n"].sum() == 4
    assert told["came_n"][told["came_cell"] == 0].sum() == 2
    assert len(told["gone_from"]) == 0
    assert np.all(told["columns"][1:] < 2 ** header["level"])


def test_each_record_says_which_line_of_the_legend_counts_it(info):
    by_symbol = unpack(get(layer_in_time, asked(info)).body)[1]["part"].tolist()
    assert by_symbol == [n + 1 for n in drawn.parts(to_text(asked(info)), "").tolist()]
    assert by_symbol[0] == by_symbol[2] == by_symbol[3] != by_symbol[1]
    style = LayerStyle(field="fatalities").text()
    by_class = unpack(get(layer_in_time, asked(info), style=style).body)[1]["part"].tolist()
    assert by_class == [1, 2, 0, 0]


def test_lines_and_areas_that_play_as_squares_are_counted(info, monkeypatch):
    assert cache.playable(asked(info)).undrawn == 0
    monkeypatch.setattr(drawn, "MOST_FEATURES", 1)
    cache.forget_all()
    assert cache.playable(asked(info)).undrawn == 1


def test_records_without_a_date_are_counted(info):
    assert cache.playable(asked(info)).undated == 1
    assert cache.playable(asked(info, {"incident_type": ("riot",)})).undated == 0


def test_the_bars_begin_with_the_first_day_that_is_stated(info):
    assert cache.playable(asked(info)).first_day == date(2025, 12, 31)
    assert cache.playable(asked(info, {"incident_type": ("riot",)})).first_day == date(2026, 1, 6)
    assert cache.playable(asked(info, {"incident_type": ("looting",)})).first_day is None


def test_the_browser_may_keep_it_and_the_door_is_asked_each_time(info):
    first = get(layer_in_time, asked(info))
    tag = first.headers["etag"]
    assert get(layer_in_time, asked(info), if_none_match=tag).status_code == 304
    gone = replace(asked(info), edition="another")
    refused = get(layer_in_time, gone, if_none_match=tag)
    assert refused.status_code == 404
    assert b"Reload the page" in refused.body


@pytest.mark.parametrize("route", [layer_in_time, layer_days])
@pytest.mark.parametrize("junk", ["", "{", '{"ref": 1}'])
def test_junk_is_refused_in_words(route, junk, info):
    answer = get(route, junk)
    assert answer.status_code == 400
    assert b"Open the page again" in answer.body
