"""Many pairs: the only place with pair arithmetic.

Points are compared by their straight-line (chord) distance through the WGS84 ellipsoid.
A geodesic of length s has a chord between ``2 R sin(s / 2R)`` for the smallest and the
largest radius of curvature: below that guard band a pair is inside, above it outside, and
the few pairs within it are measured with `pyproj.Geod`. The answer is the geodesic's.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.grid import R_MAX, R_MIN, Floats, Grid, Ints, in_threads, meridian, to_ecef
from layers.errors import WrongParameter
from layers.geodesy import GEOD

__all__ = ["Floats", "Ints", "Pairs", "PointIndex", "Weights", "Window", "chord_band", "to_ecef"]

Window = tuple[np.datetime64, np.datetime64]

LARGEST_RADIUS_M = 5_000_000.0
WEIGHT_UNIT = 1e-6
"""Weights are summed as whole millionths, so that sums do not depend on the order."""
LARGEST_SUM = 9e12  # of weights: as millionths they fill 64 bits

CHORD_SURE_M = 20_000.0
"""Up to here chord and mean radius of curvature give the geodesic to 0.1 mm."""
UNSURE = 4096  # room for the pairs within the guard band, of one group of queries


def chord_band(distance_m: Floats | float) -> tuple[Floats, Floats]:
    """Least and greatest chord that a geodesic of this length can have, metres.

    By Schur's comparison theorem for curves whose curvature lies between 1/R_MAX and
    1/R_MIN; the margin covers rounding and the torsion of geodesics.
    """
    s = np.maximum(np.asarray(distance_m, float), 0.0)
    margin = 1e-3 + np.where(s > 2e6, 1e-5, 2e-8) * s
    low, high = (2 * r * np.sin(np.minimum(s / (2 * r), math.pi / 2)) for r in (R_MIN, R_MAX))
    return low - margin, high + margin


@dataclass(frozen=True)
class Pairs:
    """Pairs within a distance: positions on either side and metres between them."""

    left: Ints
    right: Ints
    distance_m: Floats

    def __len__(self) -> int:
        return len(self.left)


@dataclass(frozen=True)
class Weights:
    """Weights of the points of one index, ready for many questions: see `PointIndex.weigh`.

    Attributes
    ----------
    totals : array of int, shape (n + 1, k)
        Running totals in whole millionths, in the order of the cells.
    flat : bool
        One weight a point was handed in: sums have no axis for weights.
    """

    totals: Ints
    flat: bool


class PointIndex:
    """Points in EPSG:4326 that are asked for by distance on the ellipsoid.

    Parameters
    ----------
    lon, lat : array of float
        Degrees, no missing values.
    first, last : array of datetime64[D], optional
        The days of each point, for questions with a window of time; NaT in either meets
        none. `last` is `first` where not given.
    """

    def __init__(
        self, lon: npt.ArrayLike, lat: npt.ArrayLike, first: npt.ArrayLike | None = None,
        last: npt.ArrayLike | None = None,
    ) -> None:  # fmt: skip
        self.lon, self.lat = _degrees(lon, lat)
        self.first = None if first is None else _days(first)
        self.last = self.first if last is None else _days(last)
        self._window: tuple[Window, Ints, PointIndex] | None = None

    def __len__(self) -> int:
        return len(self.lon)

    @cached_property
    def xyz(self) -> Floats:
        """Earth-centred coordinates, metres, shape (n, 3)."""
        return to_ecef(self.lon, self.lat)

    @cached_property
    def grid(self) -> Grid:
        """The points by cell."""
        return Grid.build(self.lon, self.lat)

    def state(self) -> dict[str, npt.NDArray[Any]]:
        """The index as plain arrays, to be kept; none for an index of nothing."""
        return {"made_of": self._digest(), **self.grid.state()} if len(self) else {}

    def take_state(self, state: Mapping[str, npt.NDArray[Any]]) -> PointIndex:
        """This index with the grid that was kept, so that it need not be sorted again.

        Raises
        ------
        ValueError
            When the arrays are no grid, or that of other points.
        """
        if not len(self) and not state:
            return self
        if not np.array_equal(state.get("made_of", np.zeros(0)), self._digest()):
            raise ValueError("this is the grid of other points")
        self.grid = Grid.from_state(state, len(self))
        return self

    def _digest(self) -> npt.NDArray[np.uint8]:
        """What tells these points from others."""
        seal = hashlib.blake2b(self.lon.tobytes(), digest_size=16)
        seal.update(self.lat.tobytes())
        return np.frombuffer(seal.digest(), np.uint8)

    def weigh(self, weights: npt.ArrayLike | None) -> Weights:
        """Weights of shape (n,), or (n, k) to be summed side by side, ready for many questions of this index.

        Raises
        ------
        ValueError
            When there is not one known figure, or k of them, for each point.
        WrongParameter
            When they add up to more than can be counted in millionths.
        """
        from analysis import kernels

        given = np.empty((len(self), 0)) if weights is None else _plain(weights)
        if given.ndim not in (1, 2) or len(given) != len(self) or not np.isfinite(given).all():
            raise ValueError(
                f"weights of shape {given.shape} are not one or more known figures for each of {len(self)}"
            )
        columns = given[:, None] if given.ndim == 1 else given
        if (most := np.abs(columns).sum(axis=0).max(initial=0.0)) > LARGEST_SUM:
            raise WrongParameter("figures to be summed", f"{most:.3g} in all", f"{LARGEST_SUM:.3g} at most",
                                 "Correct the layer: one of its figures is too large.")  # fmt: skip
        totals = np.zeros((len(self) + 1, columns.shape[1]), np.int64)
        if columns.size:
            kernels.run_totals(columns, WEIGHT_UNIT, self.grid.order, totals)
        return Weights(totals, given.ndim == 1)

    def with_days(self, first: npt.ArrayLike, last: npt.ArrayLike | None = None) -> PointIndex:
        """The same points (and their grid, if made) with days; those that shall not count get NaT."""
        dated = copy(self)
        dated.first, dated._window = _days(first), None
        dated.last = dated.first if last is None else _days(last)
        return dated

    def during(self, first: np.datetime64, last: np.datetime64) -> tuple[Ints, PointIndex]:
        """The points whose days meet a window: their positions, and an index of them alone.

        The last window asked for is kept.

        Raises
        ------
        ValueError
            When the points have no days.
        """
        if self.first is None or self.last is None:
            raise ValueError("the points of this index have no days")
        window = (first, last)
        kept = self._window
        if kept is None or kept[0] != window:
            meets = np.flatnonzero((self.first <= window[1]) & (self.last >= window[0]))
            kept = self._window = (window, meets, PointIndex(self.lon[meets], self.lat[meets]))
        return kept[1], kept[2]

    def within(
        self,
        lon: npt.ArrayLike,
        lat: npt.ArrayLike,
        radii_m: npt.ArrayLike,
        weights: npt.ArrayLike | Weights | None = None,
        days: Window | None = None,
    ) -> tuple[Ints, Floats]:
        """Count and sum the points within each radius of each query (distance <= radius).

        Parameters
        ----------
        lon, lat : array of float
            Queries, degrees, shape (q,).
        radii_m : float or array of float
            Metres, shape (r,); a negative radius holds nothing.
        weights : array of float or Weights, optional
            Shape (n,), or (n, k) for several sums in one pass; 1 where not given. Kept to
            millionths.
        days : pair of datetime64[D], optional
            Only the points whose days meet this window count. Weights are then still an array,
            one for each point of the index.

        Returns
        -------
        counts : array of int, shape (q, r)
        sums : array of float, shape (q, r), or (q, r, k) for weights of shape (n, k)

        Raises
        ------
        ValueError
            When a place or weight is missing, or a radius is too large.
        """
        if days is not None:
            if isinstance(weights, Weights):
                raise ValueError("these weights belong to the whole index: weigh those of `during`")
            at, index = self.during(*days)
            return index.within(lon, lat, radii_m, None if weights is None else np.asarray(weights, float)[at])
        lon, lat = _degrees(lon, lat)
        radii = _radii(radii_m)
        weighed = weights if isinstance(weights, Weights) else self.weigh(weights)
        counts = np.zeros((len(lon), len(radii)), np.int64)
        sums = np.zeros((len(lon), len(radii), weighed.totals.shape[1]), np.int64)
        for column, radius in enumerate(radii):
            if radius < 0 or not (len(self) and len(lon)):
                continue

            def tally(queries: Ints, radius: float = radius, column: int = column) -> None:
                found = self._tally(lon[queries], lat[queries], radius, weighed)
                counts[queries, column], sums[queries, column] = found

            in_threads(tally, self.grid.parts(lon, lat, radius))
        if weights is None:
            return counts, counts.astype(float)
        return counts, np.asarray((sums[:, :, 0] if weighed.flat else sums) * WEIGHT_UNIT, float)

    def _tally(self, lon: Floats, lat: Floats, radius_m: float, weighed: Weights) -> tuple[Ints, Ints]:
        """Count and sum for some queries; what lies within the guard band is measured."""
        from analysis import kernels

        low, high = _band(radius_m)
        runs, xyz = self.grid.runs(lon, lat, radius_m, low, high), to_ecef(lon, lat)
        room, number = 0, UNSURE
        while number > room:  # a second time where more was unsure than there was room for
            room, unsure = number, np.empty((number, 2), np.int32)
            counts, sums = np.zeros(len(lon), np.int64), np.zeros((len(lon), weighed.totals.shape[1]), np.int64)
            number = kernels.tally(self.grid.cells, runs, xyz, low**2, high**2, weighed.totals, counts, sums, unsure)
        query, point = unsure[:number].T
        position = self.grid.order[point]
        inside = _geodesic(lon[query], lat[query], self.lon[position], self.lat[position]) <= radius_m
        np.add.at(counts, query[inside], 1)
        np.add.at(sums, query[inside], (weighed.totals[point + 1] - weighed.totals[point])[inside])
        return counts, sums

    def pairs(self, lon: npt.ArrayLike, lat: npt.ArrayLike, radius_m: float) -> Pairs:
        """All pairs of a query (left) and a point (right) within the radius, measured."""
        lon, lat = _degrees(lon, lat)
        radius = float(_radii(radius_m)[0])
        if radius < 0 or not (len(self) and len(lon)):
            return Pairs(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))

        def gather(queries: Ints) -> Pairs:
            found = self._gather(lon[queries], lat[queries], radius)
            return Pairs(queries[found.left], found.right, found.distance_m)

        parts = in_threads(gather, self.grid.parts(lon, lat, radius))
        left, right = np.concatenate([p.left for p in parts]), np.concatenate([p.right for p in parts])
        order = np.lexsort((right, left))
        return Pairs(left[order], right[order], np.concatenate([p.distance_m for p in parts])[order])

    def _gather(self, lon: Floats, lat: Floats, radius_m: float) -> Pairs:
        """The pairs of some queries, in the order of the cells."""
        from analysis import kernels

        low, high = _band(radius_m)
        runs = self.grid.runs(lon, lat, radius_m, low, high)
        query, point = np.empty((2, int((runs[:, 4] - runs[:, 1]).sum())), np.int32)
        number = kernels.gather(self.grid.cells, runs, to_ecef(lon, lat), high**2, query, point)
        left, right = query[:number].astype(np.int64), self.grid.order[point[:number]].astype(np.int64)
        metres = _geodesic(lon[left], lat[left], self.lon[right], self.lat[right])
        inside = metres <= radius_m
        return Pairs(left[inside], right[inside], metres[inside])

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
        position, metres = np.empty(len(lon), np.int64), np.empty(len(lon))

        def nearest(queries: Ints) -> None:
            position[queries], metres[queries] = self._nearest(lon[queries], lat[queries], decisive_m)

        in_threads(nearest, self.grid.parts(lon, lat, 0.0))
        return position, metres

    def _nearest(self, lon: Floats, lat: Floats, decisive_m: float | None) -> tuple[Ints, Floats]:
        from analysis import kernels

        xyz, point, chord = to_ecef(lon, lat), np.empty(len(lon), np.int32), np.empty((2, len(lon)))
        kernels.nearest(self.grid.cells, self.grid.order, lon, lat, *meridian(lat), xyz, R_MIN, point, *chord)
        position = self.grid.order[point].astype(np.int64)
        metres = self._measured(lon, lat, position, chord[0], decisive_m)
        reach = chord_band(metres)[1]
        for i in np.flatnonzero(chord[1] <= reach):  # another place may be as near: Geod decides
            runs = self.grid.runs(lon[i : i + 1], lat[i : i + 1], 1.05 * metres[i] + 1, 0.0, reach[i])
            rivals = np.empty((2, int((runs[:, 4] - runs[:, 1]).sum())), np.int32)
            number = kernels.gather(self.grid.cells, runs, xyz[i : i + 1], reach[i] ** 2, *rivals)
            rival = self.grid.order[rivals[1, :number]].astype(np.int64)
            apart = _geodesic(*np.broadcast_arrays(lon[i], lat[i], self.lon[rival], self.lat[rival]))
            best = np.lexsort((rival, apart))[0]
            position[i], metres[i] = rival[best], apart[best]
        return position, metres

    def _measured(self, lon: Floats, lat: Floats, position: Ints, chord: Floats, decisive_m: float | None) -> Floats:
        """Metres by chord where that is sure to 0.1 mm, else by Geod."""
        metres = chord + chord**3 / (24 * R_MIN * R_MAX)
        unsure = chord > CHORD_SURE_M
        if decisive_m is not None:
            unsure |= np.abs(metres - decisive_m) < 0.01
        at = np.flatnonzero(unsure)
        metres[at] = _geodesic(lon[at], lat[at], self.lon[position[at]], self.lat[position[at]])
        return metres


def _degrees(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Longitudes within 180 degrees and latitudes, as the loops need them: they check nothing themselves."""
    longitude, latitude = _plain(np.atleast_1d(lon)), _plain(np.atleast_1d(lat))
    if longitude.shape != latitude.shape or longitude.ndim != 1:
        raise ValueError(f"{longitude.shape} longitudes and {latitude.shape} latitudes are not two equal lists")
    if not np.isfinite(longitude).all() or not (np.abs(latitude) <= 90.0).all():
        raise ValueError("a longitude or latitude is missing or out of bounds")
    beyond = np.abs(longitude) > 180.0
    if beyond.any():
        longitude = np.where(beyond, (longitude + 180.0) % 360.0 - 180.0, longitude)
    return longitude, latitude


def _plain(values: npt.ArrayLike) -> Floats:
    """One kind of array for all loops, so that each is compiled once."""
    return np.require(values, np.float64, ["C", "W", "A"])


def _days(days: npt.ArrayLike) -> npt.NDArray[np.datetime64]:
    return np.asarray(days).astype("datetime64[D]")


def _radii(radii_m: npt.ArrayLike) -> Floats:
    """Radii in metres; refused beyond the largest, where the guard band no longer holds."""
    radii = np.atleast_1d(np.asarray(radii_m, float))
    if not (radii <= LARGEST_RADIUS_M).all():
        raise ValueError(f"radius {radii.max()} m is more than {LARGEST_RADIUS_M:.0f} m")
    return radii


def _band(radius_m: float) -> tuple[float, float]:
    """The chords between which Geod decides, metres."""
    low, high = chord_band(radius_m)
    return max(float(low), 0.0), float(high)


def _geodesic(lon: Floats, lat: Floats, to_lon: Floats, to_lat: Floats) -> Floats:
    """Metres on the ellipsoid."""
    return np.asarray(GEOD.inv(lon, lat, to_lon, to_lat)[2], dtype=float) if len(lon) else np.zeros(0)
