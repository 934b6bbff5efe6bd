"""When records are on the map: days against the filters themselves, cells against the bars."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point

from analysis.hazards import stands
from dashboard import in_time
from dashboard.in_time import Cells, cells_by_week, daily, day_number, how, shown_days, single, unpack, week_of
from dashboard.map_tiles import index_of, tile_set
from layers.dataset import Dataset
from layers.kinds import IDP_FLOWS, IDP_SITES, INCIDENTS, PROJECTS, ROADS, SECURITY_RISKS
from layers.rounds import latest_rounds
from layers.schema import conform
from layers.times import Period, in_period

QUICK = settings(deadline=None, max_examples=40)
DAY = st.dates(date(2025, 11, 1), date(2026, 3, 1))
MAYBE = DAY | st.none()


def frame_of(kind, table):
    number = len(next(iter(table.values())))
    table = {"id": [f"R{n}" for n in range(number)], **table}
    places = [Point(18 + n % 7 / 10, 4 + n % 5 / 10) for n in range(number)]
    return conform(gpd.GeoDataFrame(table, geometry=places, crs=4326), kind)


def dataset(kind, table):
    day = date(2026, 3, 1)
    return Dataset(kind, frame_of(kind, table), "layer", 1, "hash", "test", day, datetime(2026, 3, 1, tzinfo=UTC))


def times(days):
    return pd.to_datetime(pd.Series(days), utc=True)


def on_the_map(days, first, last):
    """Records there on any day of a window, as the browser finds them."""
    return (days[0] <= day_number(last)) & (days[1] >= day_number(first))


@st.composite
def spells(draw, most=30):
    """First and last days; some blank, few the wrong way round."""
    rows = draw(st.lists(st.tuples(MAYBE, MAYBE), min_size=1, max_size=most))
    return [a for a, _ in rows], [b for _, b in rows]


@QUICK
@given(spells(), DAY, st.integers(0, 60))
@pytest.mark.parametrize(
    ("kind", "first", "last"), [(INCIDENTS, "occurred_at", "ended_at"), (PROJECTS, "start_date", "end_date")]
)
def test_a_window_shows_what_the_period_filter_keeps(kind, first, last, rows, start, length):
    made = times if kind is INCIDENTS else pd.to_datetime
    data = dataset(kind, {first: made(rows[0]), last: made(rows[1])})
    days, end = shown_days(data.frame, kind, "UTC"), start + timedelta(days=length)
    assert on_the_map(days, start, end).tolist() == in_period(data, Period(start, end)).tolist()


def test_a_record_without_a_date_is_there_on_no_day_and_one_half_open_until_it_ends():
    frame = frame_of(
        PROJECTS, {"start_date": pd.to_datetime([None, None]), "end_date": pd.to_datetime([None, "2026-01-05"])}
    )
    days = shown_days(frame, PROJECTS, "UTC")
    assert in_time.without_date(days).tolist() == [True, False]
    assert on_the_map(days, date(1950, 1, 1), date(2100, 1, 1)).tolist() == [False, True]
    assert on_the_map(days, date(2026, 1, 6), date(2100, 1, 1)).tolist() == [False, False]


@QUICK
@given(
    st.lists(
        st.tuples(st.sampled_from("ABC"), MAYBE, st.sampled_from(["Round 1", "Round 2", None])), min_size=1, max_size=14
    ),
    DAY,
)
def test_of_a_site_the_latest_round_at_that_moment_is_there(rows, moment):
    table = {
        "site_id": [r[0] for r in rows],
        "assessment_date": pd.to_datetime([r[1] for r in rows]),
        "reporting_round": [r[2] for r in rows],
    }
    frame = frame_of(IDP_SITES, table)
    there = on_the_map(shown_days(frame, IDP_SITES, "UTC"), moment, moment)
    assert set(frame["id"][there]) == set(latest_rounds(frame, IDP_SITES, moment)["id"])


@QUICK
@given(
    st.lists(
        st.tuples(st.sampled_from(["active", "cleared", "cancelled", "reduced"]), MAYBE, MAYBE), min_size=1, max_size=12
    ),
    DAY,
)
def test_a_hazard_stands_until_its_status_ends_it(rows, moment):
    table = {
        "hazard_type": ["sha"] * len(rows),
        "status": [r[0] for r in rows],
        "status_date": pd.to_datetime([r[1] for r in rows]),
        "end_date": pd.to_datetime([r[2] for r in rows]),
    }
    frame = frame_of(SECURITY_RISKS, table)
    there = on_the_map(shown_days(frame, SECURITY_RISKS, "UTC"), moment, moment)
    assert there.tolist() == stands(frame, moment).tolist()


def test_a_flood_goes_with_its_dates_and_a_mine_does_not():
    table = {
        "hazard_type": ["flood", "sha"],
        "status": ["active"] * 2,
        "start_date": pd.to_datetime(["2026-01-01"] * 2),
        "end_date": pd.to_datetime(["2026-01-10"] * 2),
    }
    days = shown_days(frame_of(SECURITY_RISKS, table), SECURITY_RISKS, "UTC")
    assert on_the_map(days, date(2026, 1, 10), date(2026, 1, 10)).tolist() == [True, True]
    assert on_the_map(days, date(2026, 1, 11), date(2026, 1, 11)).tolist() == [False, True]
    assert on_the_map(days, date(2025, 12, 31), date(2025, 12, 31)).tolist() == [False, False]


def test_each_kind_is_in_time_in_its_way():
    ways = {kind.id: how(kind) for kind in (INCIDENTS, IDP_FLOWS, PROJECTS, IDP_SITES, SECURITY_RISKS, ROADS)}
    assert ways == {"incidents": "happens", "idp_flows": "happens", "projects": "spans", "idp_sites": "stands",
                    "security_risks": "stands", "roads": "stands"}  # fmt: skip


def test_weeks_begin_on_monday():
    days = np.array([day_number(date(2026, 10, d)) for d in (4, 5, 11, 12)])
    assert (week_of(days) - week_of(days)[1]).tolist() == [-1, 0, 0, 1]


@QUICK
@given(
    st.lists(st.tuples(st.integers(19_000, 21_000), st.integers(0, 90)), max_size=40),
    st.integers(18_990, 21_010),
    st.integers(0, 99),
)
def test_bars_count_what_meets_them(rows, start, length):
    days = np.array([[a for a, _ in rows], [a + n for a, n in rows]], np.int32).reshape(2, -1)
    header, told = unpack(daily(days))
    by_end = told["first_n"][told["first"] <= start + length].sum()
    before = told["last_n"][told["last"] < start].sum()
    assert header["form"] == "daily"
    assert int(by_end) - int(before) == ((days[0] <= start + length) & (days[1] >= start)).sum()


def test_numbers_come_back_as_they_were_packed():
    days = np.array([[1, -(2**31)], [2**31 - 1, -5]], np.int32)
    content = single(days, np.array([True, False]), np.array([-1, 3], np.int16))
    header, arrays = unpack(content)
    assert header["arrays"] == [
        ["first", "int32", 2],
        ["last", "int32", 2],
        ["placed", "uint8", 2],
        ["part", "uint16", 2],
    ]
    assert [a.tolist() for a in arrays.values()] == [days[0].tolist(), days[1].tolist(), [1, 0], [0, 4]]
    assert len(content) % 8 == 0


# ---- cells: what the browser sums ------------------------------------------------------------------


def sums(cells: Cells, first_week, last_week):
    """Records of each cell in a window of weeks: the sum that `static/overlay-moments.js` makes."""
    found = np.zeros(len(cells.columns), int)

    def add(begin, cell, number, first, last, sign):
        weeks = len(begin) - 1
        at = slice(int(begin[min(max(first, 0), weeks)]), int(begin[min(max(last + 1, 0), weeks)]))
        np.add.at(found, cell[at].astype(int), sign * number[at].astype(int))

    a, b = first_week - cells.first_week, last_week - cells.first_week
    brief = len(cells.gone_from) == 0
    add(cells.came_from, cells.came_cell, cells.came_n, a if brief else 0, b, 1)
    if not brief:
        add(cells.gone_from, cells.gone_cell, cells.gone_n, 0, a, -1)
    return found


@st.composite
def crowds(draw):
    """Places, some of them nowhere; first and last days, some open or missing; what a filter keeps."""
    number, seed = draw(st.integers(1, 300)), draw(st.integers(0, 999))
    rng = np.random.default_rng(seed)
    lon, lat = rng.normal(20, draw(st.sampled_from([0.001, 2.0, 30.0])), number), rng.uniform(-89, 89, number)
    lon[rng.random(number) < 0.1] = np.nan
    first = rng.integers(20_000, 20_400, number)
    last = first + rng.integers(0, draw(st.sampled_from([1, 40])), number)
    days = np.stack([first, last]).astype(np.int32)
    days[:, rng.random(number) < 0.1] = [[in_time.ALWAYS.max], [in_time.ALWAYS.min]]
    keep = np.flatnonzero(rng.random(number) < 0.8).astype(np.int32)
    return lon, lat, days, keep


@QUICK
@given(crowds(), st.integers(2850, 2920), st.integers(0, 30))
def test_cells_of_a_window_add_up_to_its_bar_and_lie_where_the_records_are(crowd, first_week, length):
    lon, lat, days, keep = crowd
    kept = np.zeros(len(lon), bool)
    kept[keep] = True
    tiles = tile_set(index_of(lon, lat), np.zeros(len(lon), np.uint16), kept)
    cells = cells_by_week(tiles, days, keep, "happens")
    last_week = first_week + length
    inside = (days[0] <= last_week * 7 + 3) & (days[1] >= first_week * 7 - 3) & kept  # Monday to Sunday
    found = sums(cells, first_week, last_week)
    assert found.sum() == inside.sum()
    placed = np.isfinite(lon) & (np.abs(lat) < 85.05)
    assert found[0] == (inside & ~placed).sum()
    across = 2.0**cells.level
    column = np.floor((lon[inside & placed] + 180) / 360 * across)
    assert sorted(np.repeat(cells.columns[1:], found[1:]).tolist()) == sorted(column.astype(int).tolist())


@QUICK
@given(crowds(), st.integers(2850, 2920))
def test_what_stands_is_counted_as_it_is_on_the_last_day(crowd, week):
    lon, lat, days, keep = crowd
    kept = np.zeros(len(lon), bool)
    kept[keep] = True
    tiles = tile_set(index_of(lon, lat), np.zeros(len(lon), np.uint16), kept)
    sunday = week * 7 + 3
    there = (days[0] <= sunday) & (days[1] >= sunday) & kept
    assert sums(cells_by_week(tiles, days, keep, "stands"), week, week).sum() == there.sum()


def test_cells_are_no_more_than_a_browser_can_hold(monkeypatch):
    monkeypatch.setattr(in_time, "MOST_CELLS", 50)
    rng = np.random.default_rng(3)
    lon, lat = rng.uniform(10, 30, 2000), rng.uniform(-10, 10, 2000)
    days = np.full((2, 2000), 20_000, np.int32)
    tiles = tile_set(index_of(lon, lat), np.zeros(2000, np.uint16))
    cells = cells_by_week(tiles, days, np.arange(2000, dtype=np.int32), "happens")
    assert 10 < len(cells.columns) - 1 <= 50
    assert sums(cells, *[int(week_of(np.array([20_000]))[0])] * 2).sum() == 2000
    header, arrays = unpack(cells.packed())
    assert header["level"] == cells.level
    assert arrays["came_cell"].dtype == np.uint8
