"""A cached answer is the answer to the same question only; what has left the store is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

import store
from analysis.backtest import backtest
from dashboard import cache
from dashboard.cache import drawn, keeping
from dashboard.view import Question, to_text
from layers.errors import NotEnoughData, UnknownLayer
from layers.filters import NOT_STATED, Where
from layers.kinds import ADMIN_AREAS, IDP_SITES, INCIDENTS, PROJECTS, SETTLEMENTS
from layers.schema import conform
from layers.settings import Settings
from layers.times import Period


@pytest.fixture
def access(tmp_path, monkeypatch):
    monkeypatch.setenv("OVERLAY_HOME", str(tmp_path))
    cache.forget_all()
    yield cache.access()
    cache.forget_all()


def towns(access, layer, names, *, exercise=False, base=None):
    """Publish settlements one degree apart."""
    table = gpd.GeoDataFrame(
        {"id": names, "name": names}, geometry=gpd.points_from_xy(range(len(names)), [0.5] * len(names))
    )
    return access.publish(
        store.Publication(
            layer=layer, kind=SETTLEMENTS, frame=conform(table, SETTLEMENTS), source="test",
            as_of=datetime(2026, 11, 12, tzinfo=UTC), exercise=exercise, by="test", note="",
        ),
        base=base,
    )  # fmt: skip


def area(access, width, base=None):
    """Publish one admin area that reaches `width` degrees east."""
    table = gpd.GeoDataFrame({"id": ["A"], "name": ["A"], "admin_level": ["1"]}, geometry=[box(-0.5, 0, width, 1)])
    return access.publish(
        store.Publication(
            layer="areas", kind=ADMIN_AREAS, frame=conform(table, ADMIN_AREAS), source="test",
            as_of=date(2026, 1, 1), by="test", note="",
        ),
        base=base,
    )  # fmt: skip


def test_a_rating_changes_the_answer_at_once(access):
    def publish(kind, layer):
        table = gpd.GeoDataFrame({"id": ["A"], "status": ["planned"]}, geometry=gpd.points_from_xy([18], [4]))
        said = {"source": "test", "as_of": date(2026, 11, 12), "by": "test"}
        return access.publish(store.Publication(layer, kind, conform(table, kind), **said), base=None)

    plans, incidents = publish(PROJECTS, "plans"), publish(INCIDENTS, "incidents")
    inputs = {"activities": cache.query(plans), "incidents": cache.query(incidents)}
    asked = Question("risk", inputs, {"horizon_days": "all"}, date(2026, 11, 12))
    assert cache.answer(asked).rows["impact_class"].tolist() == ["not_rated"]
    access.rate("plans", "A", impact=4, reason="a school lies beside it")
    assert cache.answer(asked).rows["impact_class"].tolist() == ["severe"]


def test_the_calibration_of_a_layer_is_that_of_its_backtest(access):
    days = pd.date_range("2022-01-01", "2026-11-11", freq="5D", tz="UTC")
    ids = [f"i{n}" for n in range(len(days))]
    table = gpd.GeoDataFrame(
        {"id": ids, "occurred_at": days, "violent": True},
        geometry=gpd.points_from_xy(18 + np.arange(len(days)) % 7 / 10, 4 + np.arange(len(days)) % 5 / 10),
    )
    said = {"source": "test", "as_of": date(2026, 11, 12), "by": "test"}
    info = access.publish(store.Publication("events", INCIDENTS, conform(table, INCIDENTS), **said), base=None)
    found = cache.calibration(cache.query(info))
    assert found == backtest(access.load("events"), Settings())
    assert cache.calibration(cache.query(info, Where(fields={"violent": ("no",)}))) is found
    assert (found.layer, found.sites, found.last) == ("events", 35, date(2026, 10, 1))
    table = table[:3]
    short = access.publish(store.Publication("events", INCIDENTS, conform(table, INCIDENTS), **said), base=1)
    with pytest.raises(NotEnoughData):
        cache.calibration(cache.query(short))


def test_a_removed_exercise_layer_is_never_served_as_the_real_one_of_its_name(access):
    fictional = cache.query(towns(access, "towns", ["Fern", "Hollow"], exercise=True))
    assert len(cache.filtered(fictional)) == 2
    cache.drawn_layer(to_text(fictional))
    access.remove_exercise(by="test")
    with pytest.raises(UnknownLayer):
        cache.filtered(fictional)
    with pytest.raises(UnknownLayer):
        cache.drawn_layer(to_text(fictional))
    real = cache.query(towns(access, "towns", ["Bangui"]))
    assert (real.ref, fictional.ref) == ("towns@1", "towns@1")
    assert cache.filtered(real).frame["name"].tolist() == ["Bangui"]
    with pytest.raises(UnknownLayer, match="Reload the page"):
        cache.filtered(fictional)


def test_the_same_rows_in_another_world_are_another_edition(access):
    fictional = cache.query(towns(access, "towns", ["Fern"], exercise=True))
    assert cache.filtered(fictional).exercise
    access.remove_exercise(by="test")
    real = cache.query(towns(access, "towns", ["Fern"]))
    assert not cache.filtered(real).exercise


def test_new_admin_areas_are_a_new_question(access):
    info = towns(access, "towns", ["West", "East"])
    area(access, 0.5)
    before = cache.query(info, Where(areas=("A",)))
    assert cache.filtered(before).frame["name"].tolist() == ["West"]
    asked = Question("buffers", {"layer": before}, {"radius_km": "1"}, date(2026, 11, 12))
    assert len(cache.answer(asked).rows) == 1
    area(access, 1.5, base=1)
    with pytest.raises(UnknownLayer, match="Reload the page"):
        cache.answer(asked)
    after = cache.query(info, Where(areas=("A",)))
    assert cache.filtered(after).frame["name"].tolist() == ["West", "East"]


def test_what_is_kept_is_bounded_in_bytes(monkeypatch):
    monkeypatch.setattr(keeping, "settings", lambda: Settings(cache_mb=64))
    monkeypatch.setitem(keeping.SHARES, "test", 1 / 32)
    made = []

    @keeping.kept("test")
    def other(n):
        return n

    @keeping.kept("test")
    def answer(n):
        made.append(n)
        return bytes(400_000)

    for n in (1, 2, 3, 1):
        answer(n)
    assert made == [1, 2, 3, 1]
    answer(1)
    assert made == [1, 2, 3, 1]


def test_the_shares_are_the_whole_memory():
    assert sum(keeping.SHARES.values()) == pytest.approx(1.0)


def stock(access):
    """Publish two sites in two rounds, and one without a round."""
    table = gpd.GeoDataFrame(
        {
            "id": ["a1", "a2", "b1", "c"],
            "site_id": ["A", "A", "B", None],
            "reporting_round": ["1", "2", "1", None],
            "population": [10, 20, None, 5],
        },
        geometry=gpd.points_from_xy([1, 1, 2, 3], [0.5] * 4),
    )
    return access.publish(
        store.Publication(
            layer="sites", kind=IDP_SITES, frame=conform(table, IDP_SITES), source="test", as_of=date(2026, 11, 1)
        ),
        base=None,
    )


WHERES = [
    Where(),
    Where({"name": ("Fern",)}),
    Where({"place_precision": (NOT_STATED,)}),
    Where(period=Period(date(2026, 1, 1), date(2026, 2, 1))),
    Where(round_at=date(2026, 11, 12)),
    Where(areas=("A",)),
]


@pytest.mark.parametrize("where", WHERES, ids=lambda w: w.words or "all")
def test_counting_without_reading_the_layer_gives_what_filtering_gives(access, where):
    area(access, 0.7)
    for info in (towns(access, "towns", ["Fern", "Hollow"]), stock(access)):
        asked = cache.query(info, where)
        assert cache.count(asked) == len(cache.filtered(asked))
    assert cache.things(access.info("sites")) == 3
    assert cache.count(cache.query(access.info("sites"), Where(round_at=date(2026, 11, 12)))) == 3


def test_what_the_side_bar_needs_reads_no_layer_whole(access, monkeypatch):
    info = towns(access, "towns", ["Fern", "Hollow"])
    monkeypatch.setattr(access, "_read", lambda ref: pytest.fail("read whole"))
    assert cache.count(cache.query(info)) == 2
    assert cache.count(cache.query(info, Where({"name": ("Fern",)}))) == 1
    assert cache.choices(info, "name") == (("Fern", "Hollow"), False)
    assert cache.box(info) == (0.0, 0.5, 1.0, 0.5)
    assert cache.without_rows(info).as_of_day == date(2026, 11, 12)


def test_a_layer_without_places_has_no_box(access):
    table = gpd.GeoDataFrame({"id": ["x"], "name": ["X"]}, geometry=[None])
    info = access.publish(
        store.Publication(
            layer="nowhere", kind=SETTLEMENTS, frame=conform(table, SETTLEMENTS), source="t", as_of=date(2026, 1, 1)
        ),
        base=None,
    )
    assert cache.box(info) is None


def test_tiles_hold_just_what_the_filters_keep(access):
    number = 300
    rng = np.random.default_rng(3)
    days = pd.Timestamp("2026-11-12", tz="UTC") - pd.to_timedelta(np.arange(number) % 60, unit="D")
    lon, lat = rng.uniform(-170, 170, number), rng.uniform(-80, 80, number)
    shape = gpd.points_from_xy(lon, lat).to_numpy()
    shape[:5] = box(0, 0, 1, 1)
    table = gpd.GeoDataFrame(
        {"id": [f"I{n}" for n in range(number)], "occurred_at": days, "incident_type": ["clash", "riot"] * 150},
        geometry=shape,
    )
    info = access.publish(
        store.Publication(
            layer="events", kind=INCIDENTS, frame=conform(table, INCIDENTS), source="test",
            as_of=date(2026, 11, 12), by="test", note="",
        ),
        base=None,
    )  # fmt: skip
    for where in (
        Where(),
        Where(fields={"incident_type": ("riot",)}),
        Where(period=Period(date(2026, 11, 1), date(2026, 11, 12))),
    ):
        asked = cache.query(info, where)
        rows = cache.filtered(asked).frame
        tiles = drawn.tile_set_of(to_text(asked))
        points = rows[rows.geometry.geom_type == "Point"]
        assert sorted(tiles.rows) == sorted(points.index)
        assert cache.tile(to_text(asked), 0, 0, 0)
        assert cache.drawn_shapes(to_text(asked)).count(b"Polygon") == len(rows) - len(points)
        row = int(tiles.rows[0])
        assert cache.record_at(to_text(asked), row)["id"] == rows.loc[row, "id"] == f"I{row}"
    assert cache.place_of(asked, f"I{row}") == pytest.approx((lon[row], lat[row]))
    assert cache.place_of(asked, "I2") is None
    with pytest.raises(UnknownLayer, match="row 99"):
        cache.record_at(to_text(cache.query(info, Where(fields={"incident_type": ("clash",)}))), 99)
    assert not cache.tiled(asked)


def test_a_tile_of_an_edition_that_is_gone_is_refused(access):
    old = cache.query(towns(access, "towns", ["A"]))
    assert cache.tile(to_text(old), 0, 0, 0)
    access.publish(
        store.Publication(
            layer="towns", kind=SETTLEMENTS, frame=access.load("towns").frame.head(0), source="test",
            as_of=date(2026, 11, 12), by="test", note="",
        ),
        base=1,
    )  # fmt: skip
    assert cache.tile(to_text(old), 0, 0, 0)  # an older version is still in the store
    gone = cache.query(access.info("towns@1"))
    with pytest.raises(UnknownLayer):
        cache.tile(to_text(gone).replace(gone.edition, "0" * len(gone.edition)), 0, 0, 0)
