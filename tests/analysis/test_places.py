"""Pairs and nearest of points, lines and polygons in any mix."""

from __future__ import annotations

import antimeridian
import numpy as np
import pytest
import shapely
from shapely.geometry import LineString, Point, Polygon

from analysis import places
from analysis.places import Places
from layers.geodesy import distance_m


def mixed(seed, number=12, centre=(20.0, 5.0)):
    rng = np.random.default_rng(seed)
    shapes = []
    for kind in range(number):
        x, y = rng.normal(centre, 0.4)
        steps = rng.normal(0, 0.25, (4, 2))
        made = [
            Point(x, y),
            LineString([(x, y), *(np.array([x, y]) + steps)]),
            shapely.convex_hull(shapely.multipoints(np.array([x, y]) + steps)),
            None if kind == 3 else Point(x, y),
        ]
        shapes.append(made[kind % 4])
    return np.array(shapes, dtype=object)


@pytest.mark.parametrize("radius_m", [0, 10_000, 60_000])
def test_pairs_are_those_of_one_distance_each(radius_m):
    a, b = mixed(1), mixed(2, 15)
    pairs = Places(a).pairs(Places(b), radius_m)
    expected = {
        (i, j): distance_m(p, q)
        for i, p in enumerate(a)
        for j, q in enumerate(b)
        if p is not None and q is not None and distance_m(p, q) <= radius_m
    }
    found = dict(zip(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True), pairs.distance_m, strict=True))
    assert found.keys() == expected.keys()
    assert all(found[k] == pytest.approx(expected[k], abs=0.1) for k in found)


def test_nearest_of_any_to_any():
    a, b = mixed(3, 14), mixed(4, 9)
    position, metres = Places(a).nearest(Places(b))
    for i, p in enumerate(a):
        if p is None:
            assert position[i] == -1
            assert np.isnan(metres[i])
            continue
        each = [np.inf if q is None else distance_m(p, q) for q in b]
        assert metres[i] == pytest.approx(min(each), abs=0.1)
        assert each[position[i]] == pytest.approx(min(each), abs=0.1)


@pytest.mark.parametrize("turn", [0.0, 160.0])  # around 20 E, and across the antimeridian
def test_what_is_far_is_seen_by_vertices_and_what_lies_inside_is_not_lost(monkeypatch, turn):
    """Only the near pairs are measured; a shape in the middle of an area is at 0 m however far the edge is."""

    def moved(shape):
        turned = shapely.transform(shape, lambda xy: np.column_stack([xy[:, 0] + turn, xy[:, 1]]))
        return turned if turned.bounds[2] <= 180 else antimeridian.fix_polygon(turned)

    area = moved(shapely.box(18, 3, 22, 7))
    within = [moved(shapely.box(18.4, 4.9, 18.6, 5.1)), moved(shapely.box(19.0, 4.9, 19.2, 5.1))]
    beyond = [moved(shapely.box(16, 3, 17.9, 7)), moved(shapely.box(15, 3, 17.5, 7))]
    others = np.array([*within, *beyond], dtype=object)
    measured = []
    monkeypatch.setattr(places, "distance_m", lambda a, b: measured.append(b) or distance_m(a, b))
    for left, right in ((np.array([area], dtype=object), others), (others, np.array([area], dtype=object))):
        measured.clear()
        pairs = Places(left).pairs(Places(right), 15_000)
        assert sorted(pairs.distance_m.round(1)) == [0, 0, pytest.approx(distance_m(area, beyond[0]), abs=0.1)]
        assert len(measured) == 3


def test_nothing_is_near_nothing():
    nothing = Places(np.array([None, Point()], dtype=object))
    position, metres = Places(mixed(5)).nearest(nothing)
    assert (position == -1).all()
    assert np.isnan(metres).all()
    assert len(nothing.pairs(Places(mixed(5)), 1e5)) == 0


def test_across_the_antimeridian():
    fiji = Polygon([(179.5, -17), (-179.5, -17), (-179.5, -16), (179.5, -16)])
    points = np.array([Point(-179.9, -16.5), Point(179.9, -16.5), Point(-179.4, -16.5), Point(0, 0)], dtype=object)
    pairs = Places(points).pairs(Places(np.array([fiji], dtype=object)), 20_000)
    assert pairs.left.tolist() == [0, 1, 2]
    assert pairs.distance_m[:2].tolist() == [0, 0]
    assert pairs.distance_m[2] == pytest.approx(distance_m(Point(-179.4, -16.5), Point(-179.5, -16.5)), abs=0.1)


def test_widened_leaves_the_unplaced_out():
    drawn = Places(np.array([Point(20, 5), None, LineString([(20, 5), (21, 5)])], dtype=object)).widened(5_000)
    assert drawn[1] is None
    assert drawn[0].geom_type == drawn[2].geom_type == "Polygon"
