"""Many pairs: the only place with pair arithmetic.

Points are compared by their straight-line (chord) distance through the WGS84 ellipsoid.
A geodesic of length s has a chord between ``2 R sin(s / 2R)`` for the smallest and the
largest radius of curvature: below that guard band a pair is inside, above it outside, and
the few pairs within it are measured with `pyproj.Geod`. The answer is the geodesic's.

Points are kept in bands of latitude, sorted by longitude within each. What lies wholly
inside a ring is then one run per band, counted and summed from running totals; only
points near the ring are compared one by one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from layers.geodesy import GEOD

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

A, B = 6378137.0, 6356752.314245179
E2 = 1 - (B / A) ** 2
R_MIN, R_MAX = B * B / A, A * A / B
LARGEST_RADIUS_M = 5_000_000.0
WEIGHT_UNIT = 1e-6
"""Weights are summed as whole millionths, so that sums do not depend on the order."""

CHORD_SURE_M = 20_000.0
"""Up to here chord and mean radius of curvature give the geodesic to 0.1 mm."""
SMALL_TREE = 100_000
THREADED_FROM = 50_000

_SPAN = 1000.0  # degrees of key between two bands
_SLACK = 1e-6  # degrees: rounding of keys; costs a comparison, never an answer
_CELLS = 250_000  # bands of queries handled at once
_PAIRS = 1_000_000  # pairs compared at once


def chord_band(distance_m: Floats | float) -> tuple[Floats, Floats]:
    """Least and greatest chord that a geodesic of this length can have, metres.

    By Schur's comparison theorem for curves whose curvature lies between 1/R_MAX and
    1/R_MIN; the margin covers rounding and the torsion of geodesics.
    """
    s = np.maximum(np.asarray(distance_m, float), 0.0)
    margin = 1e-3 + np.where(s > 2e6, 1e-5, 2e-8) * s
    low, high = (2 * r * np.sin(np.minimum(s / (2 * r), math.pi / 2)) for r in (R_MIN, R_MAX))
    return low - margin, high + margin


def to_ecef(lon: Floats, lat: Floats) -> Floats:
    """Earth-centred coordinates on the WGS84 ellipsoid, metres, shape (n, 3)."""
    x, z = _meridian(lat)
    turn = np.radians(lon)
    return np.column_stack([x * np.cos(turn), x * np.sin(turn), z])


def _meridian(lat: Floats) -> tuple[Floats, Floats]:
    """Distance from the axis and height over the equator, metres."""
    sine, cosine = np.sin(np.radians(lat)), np.cos(np.radians(lat))
    normal = A / np.sqrt(1 - E2 * sine**2)
    return np.maximum(normal * cosine, 0.0), normal * (1 - E2) * sine


@dataclass(frozen=True)
class Pairs:
    """Pairs within a distance: positions on either side and metres between them."""

    left: Ints
    right: Ints
    distance_m: Floats

    def __len__(self) -> int:
        return len(self.left)


@dataclass(frozen=True)
class _Runs:
    """Runs of sorted points for each query: [a, b) and [c, d) to compare, [b, c) inside."""

    query: Ints
    a: Ints
    b: Ints
    c: Ints
    d: Ints


@dataclass(frozen=True)
class _Bands:
    """Points sorted by band of latitude and, within it, by longitude."""

    height: float
    key: Floats
    order: Ints
    xyz: Floats

    @classmethod
    def build(cls, lon: Floats, lat: Floats, xyz: Floats, height: float) -> _Bands:
        key = np.floor((lat + 90.0) / height) * _SPAN + lon
        order = np.argsort(key)
        return cls(height, key[order], order, xyz[order])

    def runs(self, lon: Floats, lat: Floats, radius_m: float) -> _Runs:
        """Runs that hold every point within the radius of each query."""
        low, high = (float(v) for v in chord_band(radius_m))
        reach = math.degrees(radius_m / R_MIN) * 1.000001 + _SLACK
        first = np.floor((lat - reach + 90.0) / self.height)
        number = math.ceil(2 * reach / self.height) + 1
        edges = np.clip((first[:, None] + np.arange(number + 1)) * self.height - 90.0, -90.0, 90.0)
        axis, up = _meridian(lat)
        outer = _half_width(axis, up, edges, high)
        inner = _half_width(axis, up, edges, low)
        widest = outer.argmax(axis=1)
        inside = np.minimum(inner[:, :-1], inner[:, 1:])
        across = np.maximum(outer[:, :-1], outer[:, 1:])
        # The ring is widest between the edges beside the widest edge; there the bound is the
        # distance from the query to a meridian plane.
        ratio = np.minimum(high / np.maximum(axis, 1e-9), 1.0)
        bound = np.where(ratio >= 1.0, 180.0, np.degrees(np.arcsin(ratio)))
        near = np.abs(np.arange(number) + 0.5 - widest[:, None]) < 1
        own = np.abs(np.arange(number) - np.floor((lat + 90.0) / self.height)[:, None] + first[:, None]) <= 1
        across = np.where(near | own, bound[:, None], across)
        query = np.repeat(np.arange(len(lon)), number)
        base = np.asarray((first[:, None] + np.arange(number)) * _SPAN, dtype=float).ravel()
        return self._search(query, base, lon[query], inside.ravel(), across.ravel())

    def _search(self, query: Ints, base: Floats, lon: Floats, inside: Floats, across: Floats) -> _Runs:
        keep = across > 0
        query = query[keep]
        base, lon, inside, across = (v[keep] for v in (base, lon, inside, across))
        across = across + _SLACK
        whole = across >= 180 - 2 * _SLACK
        inside = np.where(whole, 0.0, np.maximum(inside - 2 * _SLACK, 0.0))
        west, east = np.where(whole, -180.0, lon - across), np.where(whole, 180.0, lon + across)
        core_west, core_east = lon - inside, lon + inside
        parts = []
        for turn in (0.0, 360.0, -360.0):
            hit = (west + turn <= 180.0) & (east + turn >= -180.0) if turn == 0 else ~whole
            if turn:
                hit &= (west < -180.0) if turn > 0 else (east > 180.0)
            if not hit.any():
                continue
            limits = [base[hit] + np.clip(v[hit] + turn, -180.0, 180.0) for v in (west, core_west, core_east, east)]
            a, d = self.key.searchsorted(limits[0]), self.key.searchsorted(limits[3], side="right")
            b = self.key.searchsorted(limits[1], side="right").clip(a, d)
            c = self.key.searchsorted(limits[2]).clip(b, d)
            parts.append((query[hit], a, b, c, d))
        joined = [np.concatenate(v) for v in zip(*parts, strict=True)] if parts else [np.zeros(0, int)] * 5
        return _Runs(*(v.astype(np.int64, copy=False) for v in joined))


def _half_width(axis: Floats, up: Floats, edges: Floats, chord: float) -> Floats:
    """Degrees of longitude that a chord reaches to either side, on each parallel."""
    edge_axis, edge_up = _meridian(edges)
    room = chord * abs(chord) - (axis[:, None] - edge_axis) ** 2 - (up[:, None] - edge_up) ** 2
    squared = room / np.maximum(4 * axis[:, None] * edge_axis, 1e-9)
    return np.degrees(2 * np.arcsin(np.sqrt(np.clip(squared, 0.0, 1.0))))


def _expand(starts: Ints, lengths: Ints) -> Ints:
    """The numbers start, start + 1 ... of each run, one after another."""
    ends = np.cumsum(lengths)
    return np.repeat(starts - ends + lengths, lengths) + np.arange(ends[-1] if len(ends) else 0)


def _chunks(sizes: Ints, most: int) -> Iterator[slice]:
    """Slices of consecutive items whose sizes sum to about `most` at most."""
    group = np.cumsum(sizes) // most
    bounds = [0, *(np.flatnonzero(np.diff(group)) + 1).tolist(), len(sizes)]
    yield from (slice(a, b) for a, b in pairwise(bounds) if b > a)


class PointIndex:
    """Points in EPSG:4326 that are asked for by distance on the ellipsoid.

    Parameters
    ----------
    lon, lat : array of float
        Degrees, no missing values.
    """

    def __init__(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> None:
        self.lon, self.lat = _degrees(lon, lat)
        self._levels: dict[int, _Bands] = {}

    def __len__(self) -> int:
        return len(self.lon)

    @cached_property
    def xyz(self) -> Floats:
        """Earth-centred coordinates, metres, shape (n, 3)."""
        return to_ecef(self.lon, self.lat)

    def _bands(self, radius_m: float) -> _Bands:
        """Bands of a sixteenth to a thirty-second of the radius; kept for the next call."""
        if not 0 <= radius_m <= LARGEST_RADIUS_M:
            raise ValueError(f"radius {radius_m} m is not between 0 and {LARGEST_RADIUS_M:.0f} m")
        level = max(-10, math.floor(math.log2(max(radius_m, 1.0) / 16 / 111_000)))
        if level not in self._levels:
            self._levels[level] = _Bands.build(self.lon, self.lat, self.xyz, 2.0**level)
        return self._levels[level]

    def within(
        self,
        lon: npt.ArrayLike,
        lat: npt.ArrayLike,
        radii_m: npt.ArrayLike,
        weights: npt.ArrayLike | None = None,
    ) -> tuple[Ints, Floats]:
        """Count and sum the points within each radius of each query (distance <= radius).

        Parameters
        ----------
        lon, lat : array of float
            Queries, degrees, shape (q,).
        radii_m : float or array of float
            Metres, shape (r,); a negative radius holds nothing.
        weights : array of float, optional
            One for each point of the index; 1 where not given. Kept to millionths.

        Returns
        -------
        counts : array of int, shape (q, r)
        sums : array of float, shape (q, r)
        """
        lon, lat = _degrees(lon, lat)
        order = np.argsort(lat, kind="stable")  # neighbours look in the same bands: kind to the cache
        lon, lat = lon[order], lat[order]
        radii = np.atleast_1d(np.asarray(radii_m, float))
        counts = np.zeros((len(lon), len(radii)), np.int64)
        sums = np.zeros((len(lon), len(radii)), np.int64)
        units = None if weights is None else np.rint(np.asarray(weights, float) / WEIGHT_UNIT).astype(np.int64)
        for column, radius in enumerate(radii):
            if radius < 0 or not len(self) or not len(lon):
                continue
            bands = self._bands(float(radius))
            ordered = None if units is None else units[bands.order]
            totals = None if ordered is None else np.concatenate([[0], np.cumsum(ordered)])
            for queries, runs in self._runs(bands, lon, lat, float(radius)):
                n = queries.stop - queries.start
                counts[queries, column] += _tally(runs.query, runs.c - runs.b, n)
                if totals is not None:
                    sums[queries, column] += _tally(runs.query, totals[runs.c] - totals[runs.b], n)
                for query, position in self._compared(bands, lon[queries], lat[queries], runs, float(radius)):
                    counts[queries, column] += np.bincount(query, minlength=n)
                    if ordered is not None:
                        sums[queries, column] += _tally(query, ordered[position], n)
        weighted = np.asarray(counts if units is None else sums * WEIGHT_UNIT, dtype=float)
        back = np.argsort(order, kind="stable")
        return counts[back], weighted[back]

    def pairs(self, lon: npt.ArrayLike, lat: npt.ArrayLike, radius_m: float) -> Pairs:
        """All pairs of a query (left) and a point (right) within the radius, measured."""
        lon, lat = _degrees(lon, lat)
        found: list[tuple[Ints, Ints]] = [(np.zeros(0, np.int64), np.zeros(0, np.int64))]
        if len(self) and len(lon) and radius_m >= 0:
            bands = self._bands(radius_m)
            for queries, runs in self._runs(bands, lon, lat, radius_m):
                lengths = runs.c - runs.b
                sure = (np.repeat(runs.query, lengths), _expand(runs.b, lengths))
                for query, position in (sure, *self._compared(bands, lon[queries], lat[queries], runs, radius_m)):
                    found.append((query + queries.start, bands.order[position]))
        left, right = (np.concatenate(v) for v in zip(*found, strict=True))
        order = np.lexsort((right, left))
        left, right = left[order], right[order]
        return Pairs(left, right, _geodesic(lon[left], lat[left], self.lon[right], self.lat[right]))

    def nearest(self, lon: npt.ArrayLike, lat: npt.ArrayLike, decisive_m: float | None = None) -> tuple[Ints, Floats]:
        """Position of the nearest point and metres to it; the lower position of equals.

        Parameters
        ----------
        decisive_m : float, optional
            Distances close to this one are measured with Geod, so that comparing with it
            is exact; the others are within 0.1 mm.

        Returns
        -------
        position : array of int
            -1 where the index is empty.
        distance_m : array of float
            NaN where the index is empty.
        """
        lon, lat = _degrees(lon, lat)
        if not len(self):
            return np.full(len(lon), -1), np.full(len(lon), np.nan)
        tree, distinct = self._tree  # made before the threads ask for it
        halves = np.array_split(np.arange(len(lon)), 2 if len(lon) > THREADED_FROM else 1)
        with ThreadPoolExecutor(len(halves)) as threads:
            found = list(threads.map(lambda i: self._nearest(tree, distinct, lon[i], lat[i], decisive_m), halves))
        return np.concatenate([f[0] for f in found]), np.concatenate([f[1] for f in found])

    def _nearest(
        self, tree: cKDTree, distinct: Ints, lon: Floats, lat: Floats, decisive_m: float | None
    ) -> tuple[Ints, Floats]:
        xyz = to_ecef(lon, lat)
        chord, place = tree.query(xyz, k=[1, 2])
        position = distinct[place[:, 0]]
        distance = self._measured(lon, lat, position, chord[:, 0], decisive_m)
        close = np.flatnonzero(chord[:, 1] <= chord[:, 0] * 1.001 + 0.01)
        limit = chord_band(distance[close])[1]
        for i, reach in zip(close, limit, strict=True):
            if chord[i, 1] > reach:
                continue
            rivals = distinct[tree.query_ball_point(xyz[i], reach)]
            metres = _geodesic(*np.broadcast_arrays(lon[i], lat[i], self.lon[rivals], self.lat[rivals]))
            best = np.lexsort((rivals, metres))[0]
            position[i], distance[i] = rivals[best], metres[best]
        return position, distance

    def _measured(self, lon: Floats, lat: Floats, position: Ints, chord: Floats, decisive_m: float | None) -> Floats:
        """Metres by chord where that is sure to 0.1 mm, else by Geod."""
        metres = chord + chord**3 / (24 * R_MIN * R_MAX)
        unsure = chord > CHORD_SURE_M
        if decisive_m is not None:
            unsure |= np.abs(metres - decisive_m) < 0.01
        at = np.flatnonzero(unsure)
        metres[at] = _geodesic(lon[at], lat[at], self.lon[position[at]], self.lat[position[at]])
        return metres

    @cached_property
    def _tree(self) -> tuple[cKDTree, Ints]:
        """A tree of the distinct places, and the lowest position at each."""
        _, first = np.unique(self.lon + 1j * self.lat, return_index=True)
        small = len(first) <= SMALL_TREE
        return cKDTree(self.xyz[first], balanced_tree=small, compact_nodes=small), first

    def _runs(self, bands: _Bands, lon: Floats, lat: Floats, radius_m: float) -> Iterator[tuple[slice, _Runs]]:
        number = math.ceil(math.degrees(2 * radius_m / R_MIN) / bands.height) + 3
        step = max(1, _CELLS // number)
        for start in range(0, len(lon), step):
            queries = slice(start, min(start + step, len(lon)))
            yield queries, bands.runs(lon[queries], lat[queries], radius_m)

    def _compared(
        self, bands: _Bands, lon: Floats, lat: Floats, runs: _Runs, radius_m: float
    ) -> Iterator[tuple[Ints, Ints]]:
        """Query and sorted position of the points near the ring that lie inside it."""
        low, high = (float(v) for v in chord_band(radius_m))
        low, high = max(low, 0.0) ** 2, high**2
        xyz = to_ecef(lon, lat)
        starts, query = np.concatenate([runs.a, runs.c]), np.concatenate([runs.query, runs.query])
        lengths = np.concatenate([runs.b - runs.a, runs.d - runs.c])
        some = lengths > 0
        starts, query, lengths = starts[some], query[some], lengths[some]
        for part in _chunks(lengths, _PAIRS):
            position, left = _expand(starts[part], lengths[part]), np.repeat(query[part], lengths[part])
            squared = np.zeros(len(left))
            for axis in range(3):
                squared += (xyz[left, axis] - bands.xyz[position, axis]) ** 2
            keep = squared < low
            unsure = np.flatnonzero(~keep & (squared <= high))
            right = bands.order[position[unsure]]
            keep[unsure] = _geodesic(lon[left[unsure]], lat[left[unsure]], self.lon[right], self.lat[right]) <= radius_m
            yield left[keep], position[keep]


def _degrees(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Floats, Floats]:
    longitude = np.atleast_1d(np.asarray(lon, float))
    turned = np.where(np.abs(longitude) > 180.0, (longitude + 180.0) % 360.0 - 180.0, longitude)
    return turned, np.atleast_1d(np.asarray(lat, float))


def _geodesic(lon: Floats, lat: Floats, to_lon: Floats, to_lat: Floats) -> Floats:
    """Metres; in two threads where there are many (pyproj lets go of the interpreter)."""
    if not len(lon):
        return np.zeros(0)
    parts = np.array_split(np.arange(len(lon)), 2 if len(lon) > THREADED_FROM else 1)
    with ThreadPoolExecutor(len(parts)) as threads:
        metres = threads.map(lambda i: GEOD.inv(lon[i], lat[i], to_lon[i], to_lat[i])[2], parts)
        return np.concatenate([np.asarray(m, dtype=float) for m in metres])


def _tally(group: Ints, values: Ints, number: int) -> Ints:
    """Sum of whole numbers by group; exact up to 2**53."""
    return np.rint(np.bincount(group, weights=values, minlength=number)).astype(np.int64)
