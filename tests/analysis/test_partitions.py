"""Counting in parts gives what one index gives, to the last bit."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from analysis import METHODS, RISK, partitions
from analysis.method import run_method
from analysis.partitions import Questions, SpreadIndex, count_part, counted_by, index_of, joined, merged, slabs, split
from analysis.proximity import PointIndex
from layers.settings import Settings
from tests.analysis.worlds import activity, incident, layer, scattered

GEOD = Geod(ellps="WGS84")
PLACES = [(20.0, 5.0), (180.0, 0.0), (0.0, 90.0), (-120.0, -89.9), (179.99, 66.0)]


class Here:
    """A counter that counts in this process, part by part."""

    def __init__(self, parts=3):
        self.parts, self.asked = parts, 0

    def within(self, points, asked, weights):
        self.asked += 1
        runs = split(len(points), self.parts)
        return merged(
            count_part(PointIndex(points.lon[r], points.lat[r]), asked, None if weights is None else weights[r])
            for r in runs
        )


def world(seed, centre, number=2000, spread=0.3):
    lon, lat = np.array(scattered(seed, number, centre, spread)).T
    rng = np.random.default_rng(seed)
    return lon, lat, rng.choice([0.1, 0.3, 0.7, 1 / 3], number)


@given(st.integers(0, 1000), st.integers(1, 40))
def test_split_holds_each_position_once(number, parts):
    runs = split(number, parts)
    assert [n for r in runs for n in range(number)[r]] == list(range(number))
    assert len(runs) <= parts
    assert number == 0 or all(r.stop > r.start for r in runs)


@pytest.mark.parametrize("centre", PLACES)
@pytest.mark.parametrize("parts", [1, 2, 7])
def test_parts_add_up_to_the_whole(centre, parts):
    lon, lat, weight = world(3, centre)
    asked = Questions(lon[:200], lat[:200], np.array([500.0, 5_000.0, 25_000.0]))
    counts, sums = PointIndex(lon, lat).within(asked.lon, asked.lat, asked.radii_m, weight)
    tally = Here(parts).within(PointIndex(lon, lat), asked, weight)
    assert (tally.counts == counts).all()
    assert (tally.sums == sums).all()  # not nearly: the very same numbers
    assert counts.sum() > 1000


def test_the_order_of_parts_does_not_matter():
    lon, lat, weight = world(4, (20, 5))
    asked = Questions(lon[:50], lat[:50], np.array([25_000.0]))
    tallies = [count_part(PointIndex(lon[r], lat[r]), asked, weight[r]) for r in split(len(lon), 9)]
    assert (merged(tallies).units == merged(tallies[::-1]).units).all()
    with pytest.raises(ValueError, match="no part"):
        merged([])


def by_slabs(asked, lon, lat, weight, parts):
    shares = slabs(asked, lon, lat, parts)
    tallies = [
        count_part(
            PointIndex(lon[s.points], lat[s.points]),
            Questions(asked.lon[s.places], asked.lat[s.places], asked.radii_m),
            weight[s.points],
        )
        for s in shares
    ]
    return shares, joined(shares, tallies, len(asked.lon))


@pytest.mark.parametrize("centre", PLACES)
@pytest.mark.parametrize("parts", [1, 2, 8])
def test_two_large_sides_by_slabs(centre, parts):
    lon, lat, weight = world(5, centre, 3000)
    x, y, _ = world(6, centre, 1500)
    asked = Questions(x, y, np.array([2_000.0, 20_000.0]))
    counts, sums = PointIndex(lon, lat).within(x, y, asked.radii_m, weight)
    shares, tally = by_slabs(asked, lon, lat, weight, parts)
    assert (tally.counts == counts).all()
    assert (tally.sums == sums).all()
    assert sorted(np.concatenate([s.places for s in shares]).tolist()) == list(range(1500))
    if parts == 8:
        assert max(len(s.points) for s in shares) < 3000  # the halo is not everything


def test_pairs_across_an_edge_are_neither_lost_nor_counted_twice():
    """Places on either side of the cut, each with a point just within and just beyond the radius."""
    radius = 10_000.0
    x = np.linspace(20, 21, 40)
    y = np.full(40, 5.0)
    east, north, _ = GEOD.fwd(np.tile(x, 4), np.tile(y, 4), np.repeat([90, 270, 90, 270], 40),
                              np.repeat([radius - 0.01, radius - 0.01, radius + 0.01, radius + 0.01], 40))  # fmt: skip
    asked = Questions(x, y, np.array([radius]))
    brute = np.array([(GEOD.inv(np.full(160, a), np.full(160, b), east, north)[2] <= radius).sum()
                      for a, b in zip(x, y, strict=True)])  # fmt: skip
    for parts in (2, 3, 40):
        shares, tally = by_slabs(asked, east, north, np.ones(160), parts)
        assert (tally.counts[:, 0] == brute).all()
        assert sum(len(s.points) for s in shares) > 160  # the halo repeats points, and no pair
    without = slabs(Questions(x, y, np.array([-1.0 - partitions.HALO_MARGIN_M])), east, north, 40)
    lost = [count_part(PointIndex(east[s.points], north[s.points]),
                       Questions(x[s.places], y[s.places], asked.radii_m)) for s in without]  # fmt: skip
    assert (joined(without, lost, 40).counts[:, 0] < brute).any()  # so the halo is what keeps them


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(-180, 180), st.floats(-90, 90), st.floats(1, 400_000), st.integers(1, 9))
def test_slabs_anywhere_on_the_globe(seed, lon0, lat0, radius, parts):
    lon, lat, weight = world(seed, (lon0, lat0), 300, spread=3)
    x, y, _ = world(seed + 1, (lon0, lat0), 60, spread=3)
    asked = Questions(x, y, np.array([radius]))
    counts, sums = PointIndex(lon, lat).within(x, y, radius, weight)
    tally = by_slabs(asked, lon, lat, weight, parts)[1]
    assert (tally.counts == counts).all()
    assert (tally.sums == sums).all()


def test_nobody_to_ask_and_nothing_there():
    nothing = np.zeros(0)
    asked = Questions(nothing, nothing, np.array([1000.0]))
    (share,) = slabs(asked, np.array([20.0]), np.array([5.0]), 4)
    assert len(share.places) == 0
    tally = count_part(PointIndex(nothing, nothing), Questions(np.array([20.0]), np.array([5.0]), np.array([1.0])))
    assert tally.counts.tolist() == [[0]]


def test_a_counter_is_asked_within_the_block_alone(monkeypatch):
    monkeypatch.setattr(partitions, "SPREAD_FROM", 10)
    lon, lat, weight = world(7, (20, 5), 50)
    here = Here()
    with counted_by(here):
        index = index_of(lon, lat)
        assert type(index_of(lon[:9], lat[:9])) is PointIndex
    assert isinstance(index, SpreadIndex)
    assert type(index_of(lon, lat)) is PointIndex
    assert (index.within(20, 5, [9_000], weight)[1] == PointIndex(lon, lat).within(20, 5, [9_000], weight)[1]).all()
    assert here.asked == 1


def inputs_of(method):
    rng = np.random.default_rng(1)
    offs = [None, 0.0, 500.0, 7_000.0]
    points = scattered(1, 300)
    services = [{"id": f"F{n}", "at": at, "facility_type": "clinic"} for n, at in enumerate(points[:40])]
    records = {
        "activities": ("projects", [activity(n, at) for n, at in enumerate(scattered(2, 60))]),
        "incidents": ("incidents", [
            incident(n, at, place_radius_m=offs[n % 4], place_precision=None, fatalities=int(rng.integers(0, 4)))
            for n, at in enumerate(points)
        ]),
        "demand": ("settlements", [{"id": f"S{n}", "at": at, "population": n} for n, at in enumerate(points)]),
        "services": ("facilities", services),
        "layer": ("facilities", services),
        "count": ("settlements", [{"id": f"S{n}", "at": at, "population": n} for n, at in enumerate(points)]),
    }  # fmt: skip
    return {role.name: layer(*records[role.name]) for role in method.roles if role.name in records}


@pytest.mark.parametrize("method", METHODS, ids=lambda m: m.id)
def test_any_method_says_the_same_whoever_counts(method, monkeypatch):
    monkeypatch.setattr(partitions, "SPREAD_FROM", 10)
    inputs, here = inputs_of(method), Here(4)
    if any(not role.optional and role.name not in inputs for role in method.roles):
        pytest.skip("has a role that this world has no layer for")

    def answer():
        return run_method(method, inputs, {}, as_of=None, settings=Settings(), today=date(2026, 11, 12)).as_dict()

    alone = answer()
    with counted_by(here):
        assert answer() == alone
    if method is RISK:
        assert here.asked > 0
