"""Counts, sums, nearest and pairs against brute force with `pyproj.Geod`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import grid, proximity
from analysis.proximity import LARGEST_RADIUS_M, PointIndex, chord_band, to_ecef
from layers.errors import WrongParameter
from layers.geodesy import GEOD

REAL = Path(__file__).resolve().parents[3] / "shared" / "real"

WORLDS = {
    "world": (-180, 180, -90, 90),
    "antimeridian": (170, 190, -20, 20),
    "north pole": (-180, 180, 85, 90),
    "south pole": (-180, 180, -90, -86),
    "theatre": (15, 27, 2, 11),
    "town": (20, 20.02, 5, 5.02),
}
RADII = np.array([0, 100, 500, 5_000, 25_000, 100_000, 500_000, 2_000_000, 5_000_000.0])


def brute_distances(lon, lat, at_lon, at_lat):
    n = len(lon)
    return np.array([GEOD.inv(np.full(n, x), np.full(n, y), lon, lat)[2] for x, y in zip(at_lon, at_lat, strict=True)])


def planted(rng, bounds, number=1200, queries=40):
    """Random points; some on a query, some at a radius exactly, some within the guard band."""
    west, east, south, north = bounds
    lon, lat = rng.uniform(west, east, number), rng.uniform(south, north, number)
    x, y = rng.uniform(west, east, queries), rng.uniform(south, north, queries)
    lon[:queries], lat[:queries] = x, y
    radius, azimuth = rng.choice(RADII[3:7], queries), rng.uniform(0, 360, queries)
    lon[queries : 2 * queries], lat[queries : 2 * queries], _ = GEOD.fwd(x, y, azimuth, radius)
    off = rng.uniform(-1e-3, 1e-3, queries)
    lon[2 * queries : 3 * queries], lat[2 * queries : 3 * queries], _ = GEOD.fwd(x, y, azimuth, radius + off)
    turn = np.abs(lon) > 180
    lon[turn] = (lon[turn] + 180) % 360 - 180
    x = np.where(np.abs(x) > 180, (x + 180) % 360 - 180, x)
    return lon, lat, x, y


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("bounds", WORLDS.values(), ids=WORLDS)
def test_equal_to_brute_force(bounds, seed):
    rng = np.random.default_rng(seed)
    lon, lat, x, y = planted(rng, bounds)
    weights = rng.uniform(0, 2, len(lon)).round(3)
    metres = brute_distances(lon, lat, x, y)
    index = PointIndex(lon, lat)
    counts, sums = index.within(x, y, RADII, weights)
    inside = metres[:, :, None] <= RADII
    np.testing.assert_array_equal(counts, inside.sum(axis=1))
    np.testing.assert_allclose(sums, (weights[None, :, None] * inside).sum(axis=1), atol=1e-6)
    position, nearest = index.nearest(x, y)
    np.testing.assert_allclose(nearest, metres.min(axis=1), atol=1e-4)
    picked = metres[np.arange(len(x)), position]
    np.testing.assert_allclose(picked, metres.min(axis=1), atol=1e-4)
    pairs = index.pairs(x, y, 100_000)
    left, right = np.nonzero(metres <= 100_000)
    np.testing.assert_array_equal(pairs.left, left)
    np.testing.assert_array_equal(pairs.right, right)
    np.testing.assert_allclose(pairs.distance_m, metres[left, right], atol=1e-9)


def test_the_guard_band_is_refined(monkeypatch):
    """Points within a millimetre of the ring reach Geod, those well off it do not."""
    asked = []
    measure = proximity._geodesic
    monkeypatch.setattr(proximity, "_geodesic", lambda *a: asked.append(len(a[0])) or measure(*a))
    azimuths = np.linspace(0, 360, 360, endpoint=False)
    same = np.ones(360)
    near = GEOD.fwd(20 * same, 5 * same, azimuths, 25_000 + np.linspace(-1e-3, 1e-3, 360))
    far = GEOD.fwd(20 * same, 5 * same, azimuths, 25_010 * same)
    index = PointIndex(np.concatenate([near[0], far[0]]), np.concatenate([near[1], far[1]]))
    counts, _ = index.within([20.0], [5.0], 25_000)
    assert sum(asked) == 360
    assert counts[0, 0] == (brute_distances(index.lon, index.lat, [20.0], [5.0]) <= 25_000).sum()


@pytest.mark.parametrize("metres", [1, 500, 25_000, 100_000, 500_000, 2_000_000])
def test_every_geodesic_has_its_chord_in_the_band(metres):
    rng = np.random.default_rng(7)
    lon, lat = rng.uniform(-180, 180, 20_000), np.degrees(np.arcsin(rng.uniform(-1, 1, 20_000)))
    x, y, _ = GEOD.fwd(lon, lat, rng.uniform(0, 360, 20_000), np.full(20_000, float(metres)))
    chord = np.linalg.norm(to_ecef(lon, lat) - to_ecef(x, y), axis=1)
    low, high = chord_band(metres)
    assert low <= chord.min()
    assert chord.max() <= high


def test_band_is_as_narrow_as_claimed():
    low, high = chord_band(25_000.0)
    assert high - low < 4e-3


def test_equal_distances_give_the_lower_position():
    index = PointIndex([21.0, 19.0, 19.0, 21.0], [0.0, 0.0, 0.0, 0.0])
    position, metres = index.nearest([20.0, 19.0], [0.0, 0.0])
    assert position.tolist() == [0, 1]
    assert metres[1] == 0


def test_nearest_of_many_at_one_place_is_the_lowest_position():
    """And quickly so: places that are reported a thousand times are common."""
    rng = np.random.default_rng(12)
    towns = rng.uniform((10, -10), (30, 10), (50, 2)).round(2)
    lon, lat = towns[rng.integers(0, 50, 50_000)].T
    x, y = rng.uniform(5, 35, 2_000), rng.uniform(-15, 15, 2_000)
    position, metres = PointIndex(lon, lat).nearest(x, y)
    each = brute_distances(*towns.T, x, y)
    np.testing.assert_allclose(metres, each.min(axis=1), atol=1e-4)
    best = towns[each.argmin(axis=1)]
    first = {place: np.flatnonzero((lon == place[0]) & (lat == place[1]))[0] for place in map(tuple, towns)}
    assert position.tolist() == [first[tuple(place)] for place in best]


def test_nearest_half_the_world_away():
    """The guard band is wide there: Geod decides between rivals."""
    rng = np.random.default_rng(13)
    x, y = rng.uniform(-180, 180, 300), rng.uniform(-60, 60, 300)
    lon, lat, _ = GEOD.fwd(-120.0 * np.ones(40), 10.0 * np.ones(40), rng.uniform(0, 360, 40), rng.uniform(0, 2e5, 40))
    index = PointIndex(lon, lat)
    metres = brute_distances(lon, lat, x, y)
    position, apart = index.nearest(x, y)
    np.testing.assert_allclose(apart, metres.min(axis=1), atol=1e-6)
    np.testing.assert_array_equal(position, metres.argmin(axis=1))
    assert apart.max() > 15e6


def test_nothing_in_nothing_out():
    empty = PointIndex([], [])
    counts, sums = empty.within([20.0], [5.0], [5_000], [])
    assert counts.tolist() == [[0]]
    assert sums.tolist() == [[0.0]]
    position, metres = empty.nearest([20.0], [5.0])
    assert position.tolist() == [-1]
    assert np.isnan(metres).all()
    assert PointIndex([20.0], [5.0]).nearest([], [])[0].shape == (0,)
    assert len(empty.pairs([20.0], [5.0], 5_000)) == 0
    assert PointIndex([20.0], [5.0]).within([], [], 5_000)[0].shape == (0, 1)
    assert PointIndex([20.0], [5.0]).within([20.0], [5.0], -1)[0].tolist() == [[0]]


def test_a_radius_beyond_use_is_refused():
    with pytest.raises(ValueError, match="radius"):
        PointIndex([20.0], [5.0]).within([20.0], [5.0], LARGEST_RADIUS_M * 2)


def test_groups_and_room_change_no_answer(monkeypatch):
    """Many small groups of queries, and more pairs in the guard band than there was room for."""
    rng = np.random.default_rng(5)
    lon, lat = rng.normal(20, 0.3, 3000).round(2), rng.normal(5, 0.3, 3000).round(2)
    x, y = lon[:200], lat[:200]
    whole = PointIndex(lon, lat).within(x, y, [0, 25_000, 40_000], np.ones(3000))
    monkeypatch.setattr(grid, "EDGES", 500)
    monkeypatch.setattr(proximity, "UNSURE", 1)
    parts = PointIndex(lon, lat).within(x, y, [0, 25_000, 40_000], np.ones(3000))
    np.testing.assert_array_equal(whole[0], parts[0])
    np.testing.assert_array_equal(whole[1], parts[1])
    assert (whole[0][:, 0] > 0).all()


def test_points_planted_in_the_guard_band_are_measured(monkeypatch):
    """Each lies by `Geod.fwd` at the radius, or off it by a share of its room to the edge of the band."""
    measured = []
    measure = proximity._geodesic
    monkeypatch.setattr(proximity, "_geodesic", lambda *a: measured.append(len(a[0])) or measure(*a))
    rng = np.random.default_rng(11)
    for x, y, radius in [(20, 5, 5_000), (179.9, -17, 25_000), (30, 89.9, 100_000), (-70, -45, 500_000)]:
        low, high = chord_band(radius)
        same, azimuth = np.ones(400), rng.uniform(0, 360, 400)
        lon, lat, _ = GEOD.fwd(x * same, y * same, azimuth, radius * same)
        chord = np.linalg.norm(to_ecef(lon, lat) - to_ecef(np.array([x]), np.array([y])), axis=1)
        share = np.concatenate([[0, 0], rng.uniform(-0.9, 0.9, 398)]) * np.minimum(chord - low, high - chord)
        lon, lat, _ = GEOD.fwd(x * same, y * same, azimuth, radius + share)
        measured.clear()
        counts, sums = PointIndex(lon, lat).within([x], [y], radius, np.arange(400.0))
        assert measured == [400]
        inside = brute_distances(lon, lat, [x], [y])[0] <= radius
        assert 100 < inside.sum() < 300
        assert counts[0, 0] == inside.sum()
        assert sums[0, 0] == np.arange(400)[inside].sum()


def test_several_weightings_in_one_pass():
    rng = np.random.default_rng(6)
    lon, lat = rng.normal(20, 0.3, 2000), rng.normal(5, 0.3, 2000)
    weights = rng.uniform(-1, 3, (2000, 3))
    index = PointIndex(lon, lat)
    counts, sums = index.within(lon[:50], lat[:50], [5_000, 25_000], weights)
    assert sums.shape == (50, 2, 3)
    for k in range(3):
        one = index.within(lon[:50], lat[:50], [5_000, 25_000], index.weigh(weights[:, k]))
        np.testing.assert_array_equal(one[0], counts)
        np.testing.assert_array_equal(one[1], sums[:, :, k])
    assert index.within([20.0], [5.0], 5_000, np.ones((2000, 1)))[1].shape == (1, 1, 1)
    assert PointIndex([], []).within([20.0], [5.0], 5_000, np.ones((0, 2)))[1].tolist() == [[[0.0, 0.0]]]


def test_a_window_counts_what_meets_it():
    """Days, spans over several days, and days that are missing, against brute force."""
    rng = np.random.default_rng(8)
    lon, lat = rng.normal(20, 0.3, 1500), rng.normal(5, 0.3, 1500)
    first = np.datetime64("2026-01-01") + rng.integers(0, 300, 1500)
    last = first + np.where(rng.random(1500) < 0.2, rng.integers(0, 60, 1500), 0)
    first[:20], last[20:40] = np.datetime64("NaT"), np.datetime64("NaT")
    weights = rng.uniform(0, 2, (1500, 2)).round(3)
    index = PointIndex(lon, lat, first, last)
    near = brute_distances(lon, lat, lon[:30], lat[:30]) <= 20_000
    for begin, days in [("2026-03-01", 0), ("2026-03-01", 30), ("2025-12-01", 500), ("2027-06-01", 10)]:
        window = (np.datetime64(begin), np.datetime64(begin) + days)
        meets = ~np.isnat(first) & ~np.isnat(last) & (first <= window[1]) & (last >= window[0])
        counts, sums = index.within(lon[:30], lat[:30], 20_000, weights, days=window)
        np.testing.assert_array_equal(counts[:, 0], (near & meets).sum(axis=1))
        np.testing.assert_allclose(sums[:, 0], (near & meets) @ weights, atol=1e-6)
        at, alone = index.during(*window)
        np.testing.assert_array_equal(at, np.flatnonzero(meets))
        assert index.during(*window)[1] is alone


def test_days_given_later():
    index = PointIndex([20.0, 20.0, 20.0], [5.0, 5.0, 5.0])
    assert index.within([20.0], [5.0], 10)[0].tolist() == [[3]]
    dated = index.with_days(np.array(["2026-01-01", "2026-02-01", "NaT"], "datetime64[D]"))
    assert dated.grid is index.grid
    window = (np.datetime64("2026-01-15"), np.datetime64("2026-02-01"))
    assert dated.within([20.0], [5.0], 10, days=window)[0].tolist() == [[1]]
    assert dated.within([20.0], [5.0], 10)[0].tolist() == [[3]]


@pytest.mark.parametrize(
    ("lon", "lat"), [([np.nan], [5.0]), ([20.0], [np.nan]), ([20.0], [91.0]), ([20.0, 21.0], [5.0]), ([np.inf], [5.0])]
)
def test_places_that_are_none_never_reach_the_loops(lon, lat):
    with pytest.raises(ValueError, match="latitude"):
        PointIndex(lon, lat)
    with pytest.raises(ValueError, match="latitude"):
        PointIndex([20.0], [5.0]).within(lon, lat, 5_000)
    with pytest.raises(ValueError, match="latitude"):
        PointIndex([20.0], [5.0]).nearest(lon, lat)


@pytest.mark.parametrize("weights", [[1.0], [1.0, np.nan], [1.0, 2.0, 3.0], np.ones((2, 2, 2))])
def test_weights_that_do_not_fit_are_refused(weights):
    with pytest.raises(ValueError, match="weights"):
        PointIndex([20.0, 21.0], [5.0, 5.0]).within([20.0], [5.0], 5_000, weights)


def test_weights_of_the_whole_index_are_not_those_of_a_window():
    index = PointIndex([20.0], [5.0], np.array(["2026-01-01"], "datetime64[D]"))
    day = np.datetime64("2026-01-01")
    with pytest.raises(ValueError, match="belong"):
        index.within([20.0], [5.0], 5_000, index.weigh([1.0]), days=(day, day))


def test_any_kind_of_array_will_do():
    lon, lat = np.arange(20.0, 24.0)[::2], np.array([5, 6])
    lat.flags.writeable = False
    assert PointIndex(lon, lat).within(lon, lat, 10, np.array([2, 3]))[1].tolist() == [[2.0], [3.0]]


def test_a_window_needs_days():
    with pytest.raises(ValueError, match="no days"):
        PointIndex([20.0], [5.0]).within([20.0], [5.0], 5_000, days=(np.datetime64("2026-01-01"),) * 2)


@pytest.mark.real
def test_karneys_cases_lie_within_their_own_length():
    """GeodTest-100: a point is found from its length on, and not a micrometre before it."""
    path = REAL / "GeodTest-100.dat"
    if not path.exists():
        pytest.skip("no published data beside the project")
    tried = 0
    for line in path.read_text().splitlines():
        lat1, lon1, _, lat2, lon2, _, s12 = (float(v) for v in line.split()[:7])
        index = PointIndex([lon2], [lat2])
        assert index.nearest([lon1], [lat1])[1] == pytest.approx([s12], abs=1e-6)
        if s12 > LARGEST_RADIUS_M:
            continue
        tried += 1
        assert index.within([lon1], [lat1], [s12 - 1e-6, s12 + 1e-6])[0].tolist() == [[0, 1]]
        assert index.pairs([lon1], [lat1], s12 + 1e-6).distance_m == pytest.approx([s12], abs=1e-6)
    assert tried == 15


def random_world(rng, points, queries):
    """Points anywhere, around towns, around a pole and along the antimeridian, and queries among them."""
    kinds = rng.dirichlet(np.ones(4))
    numbers = rng.multinomial(points, kinds)
    anywhere = rng.uniform(-180, 180, numbers[0]), np.degrees(np.arcsin(rng.uniform(-1, 1, numbers[0])))
    town = rng.uniform((-180, -80), (180, 80), (20, 2))[rng.integers(0, 20, numbers[1])]
    around = town + rng.normal(0, 0.4, town.shape)
    pole = rng.uniform(-180, 180, numbers[2]), rng.choice([-1, 1]) * (90 - np.abs(rng.normal(0, 1.5, numbers[2])))
    line = rng.normal(180, 0.5, numbers[3]), rng.uniform(-60, 60, numbers[3])
    lon = np.concatenate([anywhere[0], around[:, 0], pole[0], line[0]])
    lat = np.concatenate([anywhere[1], around[:, 1], pole[1], line[1]])
    lon = (lon + 180) % 360 - 180
    mixed = rng.permutation(points)
    lon, lat = lon[mixed], lat[mixed]
    near = rng.integers(0, points, queries)
    return lon, lat, lon[near], np.clip(lat[near] + rng.normal(0, 0.1, queries), -90, 90)


def truth(lon, lat, x, y, radius):
    """Counts by Geod of all that a sphere, with a generous margin, does not rule out."""
    ball = np.column_stack([np.cos(np.radians(lat)) * f(np.radians(lon)) for f in (np.cos, np.sin)])
    ball = np.column_stack([ball, np.sin(np.radians(lat))])
    counts = np.zeros(len(x), int)
    for i, (at_lon, at_lat) in enumerate(zip(np.radians(x), np.radians(y), strict=True)):
        toward = [np.cos(at_lat) * np.cos(at_lon), np.cos(at_lat) * np.sin(at_lon), np.sin(at_lat)]
        near = np.flatnonzero(ball @ toward >= np.cos(1.02 * radius / 6_356_000 + 1e-4))
        n = len(near)
        metres = GEOD.inv(np.full(n, x[i]), np.full(n, y[i]), lon[near], lat[near])[2]
        counts[i] = (metres <= radius).sum()
    return counts


@pytest.mark.parametrize("seed", range(10))
def test_a_large_random_world_equals_geod(seed):
    """100,000 points and 1,000 queries: no count differs."""
    rng = np.random.default_rng([2026, seed])
    lon, lat, x, y = random_world(rng, 100_000, 1_000)
    radius = float(rng.choice([2_000, 5_000, 25_000, 60_000]))
    counts, _ = PointIndex(lon, lat).within(x, y, radius)
    assert counts.sum() > 1_000
    np.testing.assert_array_equal(counts[:, 0], truth(lon, lat, x, y, radius))


points = st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=1, max_size=30)


@settings(deadline=None, max_examples=60)
@given(points, points, st.floats(0, 500_000), st.floats(0, 500_000), st.randoms(use_true_random=False))
def test_larger_radii_never_count_fewer_and_order_does_not_matter(targets, queries, one, other, random):
    lon, lat = np.array(targets).T
    x, y = np.array(queries).T
    small, large = sorted((one, other))
    weights = np.linspace(0.1, 1.7, len(lon))
    counts, sums = PointIndex(lon, lat).within(x, y, [small, large], weights)
    assert (counts[:, 0] <= counts[:, 1]).all()
    assert (sums[:, 0] <= sums[:, 1]).all()
    order = list(range(len(lon)))
    random.shuffle(order)
    again = PointIndex(lon[order], lat[order]).within(x, y, [small, large], weights[order])
    np.testing.assert_array_equal(again[0], counts)
    np.testing.assert_array_equal(again[1], sums)
    np.testing.assert_array_equal(counts, (brute_distances(lon, lat, x, y)[:, :, None] <= [small, large]).sum(axis=1))


anywhere = st.tuples(
    st.one_of(st.floats(-180, 180), st.sampled_from([-180.0, 180.0, 179.999999, -179.999999, 0.0])),
    st.one_of(st.floats(-90, 90), st.sampled_from([-90.0, 90.0, 89.999999, -89.999999, 0.0])),
)


@settings(deadline=None, max_examples=100)
@given(
    st.lists(anywhere, min_size=1, max_size=40),
    st.lists(anywhere, min_size=1, max_size=10),
    st.one_of(st.floats(0, LARGEST_RADIUS_M), st.sampled_from([0.0, 1.0, 25_000.0])),
)
def test_anywhere_on_the_globe_equals_geod(targets, queries, radius):
    """Poles and the antimeridian among them; the queries are points too, so that something lies at 0 m."""
    lon, lat = np.array(targets + queries).T
    x, y = np.array(queries).T
    metres = brute_distances(lon, lat, x, y)
    index = PointIndex(lon, lat)
    np.testing.assert_array_equal(index.within(x, y, radius)[0][:, 0], (metres <= radius).sum(axis=1))
    pairs = index.pairs(x, y, radius)
    left, right = np.nonzero(metres <= radius)
    np.testing.assert_array_equal(pairs.left, left)
    np.testing.assert_array_equal(pairs.right, right)
    position, apart = index.nearest(x, y)
    np.testing.assert_allclose(apart, metres.min(axis=1), atol=1e-4)
    np.testing.assert_allclose(metres[np.arange(len(x)), position], metres.min(axis=1), atol=1e-4)
    where = np.array([np.flatnonzero((lon == lon[p]) & (lat == lat[p]))[0] for p in position])
    np.testing.assert_array_equal(position, where)


@pytest.mark.parametrize("weights", [[1e13, 1.0], [5e12, 5e12], [5e12, -5e12]])
def test_figures_too_large_to_be_summed_are_refused_not_wrapped_round(weights):
    with pytest.raises(WrongParameter, match="1e\\+13 in all"):
        PointIndex([20.0, 20.0], [5.0, 5.0]).within([20.0], [5.0], [10.0], weights)


def test_figures_as_large_as_they_may_be_are_summed():
    index = PointIndex([20.0, 20.0], [5.0, 5.0])
    assert index.within([20.0], [5.0], [10.0], [8e12, 9e11])[1].tolist() == [[8.9e12]]
