"""Counts, sums, nearest and pairs against brute force with `pyproj.Geod`."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import proximity
from analysis.proximity import LARGEST_RADIUS_M, PointIndex, chord_band, to_ecef
from layers.geodesy import GEOD

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


def test_nothing_in_nothing_out():
    empty = PointIndex([], [])
    counts, sums = empty.within([20.0], [5.0], [5_000], [])
    assert counts.tolist() == [[0]]
    assert sums.tolist() == [[0.0]]
    position, metres = empty.nearest([20.0], [5.0])
    assert position.tolist() == [-1]
    assert np.isnan(metres).all()
    assert len(empty.pairs([20.0], [5.0], 5_000)) == 0
    assert PointIndex([20.0], [5.0]).within([], [], 5_000)[0].shape == (0, 1)
    assert PointIndex([20.0], [5.0]).within([20.0], [5.0], -1)[0].tolist() == [[0]]


def test_a_radius_beyond_use_is_refused():
    with pytest.raises(ValueError, match="radius"):
        PointIndex([20.0], [5.0]).within([20.0], [5.0], LARGEST_RADIUS_M * 2)


def test_what_is_compared_at_once_is_bounded(monkeypatch):
    rng = np.random.default_rng(5)
    lon, lat = rng.normal(20, 0.3, 3000), rng.normal(5, 0.3, 3000)
    x, y = lon[:200], lat[:200]
    whole = PointIndex(lon, lat).within(x, y, [25_000, 40_000], np.ones(3000))
    monkeypatch.setattr(proximity, "_CELLS", 500)
    monkeypatch.setattr(proximity, "_PAIRS", 1000)
    parts = PointIndex(lon, lat).within(x, y, [25_000, 40_000], np.ones(3000))
    np.testing.assert_array_equal(whole[0], parts[0])
    np.testing.assert_array_equal(whole[1], parts[1])


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
