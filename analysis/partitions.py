"""Counting in parts: points divided, questions asked of each part, whole numbers added up.

`PointIndex.within` counts in each part; nothing below it is known here. Sums are whole
millionths, so the parts add up to the very figures that one index gives, in any order.

While `counted_by` holds, the large indexes of `Places` ask a `Counter` (worker processes,
see commands/cluster.py) instead of counting themselves: any Method, the same answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from analysis.proximity import WEIGHT_UNIT, Floats, Ints, PointIndex, to_ecef

SPREAD_FROM = 100_000
"""Fewer points are counted where they are: sending them would take longer."""
HALO_MARGIN_M = 1.0


@dataclass(frozen=True)
class Questions:
    """What is asked of every part: places in degrees, and radii in metres."""

    lon: Floats
    lat: Floats
    radii_m: Floats


@dataclass(frozen=True)
class Tally:
    """What one part holds within each radius of each place.

    Attributes
    ----------
    counts : array of int, shape (q, r)
    units : array of int, shape (q, r), or (q, r, k) for several weights
        Sums of weights in whole millionths.
    left_out : int
        Rows that were not counted, for they stand at a line, at an area or nowhere.
    """

    counts: Ints
    units: Ints
    left_out: int = 0

    @property
    def sums(self) -> Floats:
        """Sums of weights."""
        return np.asarray(self.units * WEIGHT_UNIT, float)

    @property
    def limits(self) -> tuple[str, ...]:
        """What whoever shows the counts must say beside them."""
        if not self.left_out:
            return ()
        rows = "row stands" if self.left_out == 1 else "rows stand"
        return (f"{self.left_out:,} {rows} at a line, at an area or nowhere: not counted.",)


class Counter(Protocol):
    """Who counts for an index."""

    def within(self, points: PointIndex, asked: Questions, weights: Floats | None) -> Tally:
        """What `PointIndex.within` would give."""


def split(number: int, parts: int) -> list[slice]:
    """Consecutive runs of about equal length that hold each position once; none is empty."""
    bounds = np.linspace(0, number, max(1, min(parts, number)) + 1).astype(int).tolist()
    return [slice(a, b) for a, b in pairwise(bounds)]


def count_part(points: PointIndex, asked: Questions, weights: Floats | None = None) -> Tally:
    """One part's share of the answer."""
    counts, sums = points.within(asked.lon, asked.lat, asked.radii_m, weights)
    return Tally(counts, np.rint(sums / WEIGHT_UNIT).astype(np.int64))


def merged(tallies: Iterable[Tally]) -> Tally:
    """The answer of all parts together.

    Raises
    ------
    ValueError
        When there is no part.
    """
    counts, units, left_out = None, None, 0
    for tally in tallies:
        counts = tally.counts if counts is None else counts + tally.counts
        units = tally.units if units is None else units + tally.units
        left_out += tally.left_out
    if counts is None or units is None:
        raise ValueError("no part to merge")
    return Tally(counts, units, left_out)


@dataclass(frozen=True)
class Slab:
    """A share of two large sides: each place stands in one, a point in each that may need it.

    Attributes
    ----------
    places, points : array of int
        Positions.
    """

    places: Ints
    points: Ints


def slabs(asked: Questions, lon: npt.ArrayLike, lat: npt.ArrayLike, parts: int) -> list[Slab]:
    """Divide two large sides so that each share holds all pairs of its own places.

    The earth is cut across the axis along which the places are spread widest, in slabs of
    equal numbers of places. A slab's points are those in it and in a halo of the largest
    radius on either side: two things a geodesic of r apart differ by at most r along any
    straight axis. So it holds at the antimeridian and at the poles.
    """
    own, theirs = to_ecef(asked.lon, asked.lat), to_ecef(np.asarray(lon, float), np.asarray(lat, float))
    axis = int(np.ptp(own, axis=0).argmax()) if len(own) else 0
    order = np.argsort(own[:, axis], kind="stable")
    points = np.argsort(theirs[:, axis], kind="stable")
    along, halo = theirs[points, axis], float(np.max(asked.radii_m, initial=0.0)) + HALO_MARGIN_M
    shares = []
    for run in split(len(own), parts):
        places = order[run]
        low, high = (own[places[end], axis] for end in (0, -1)) if len(places) else (0.0, 0.0)
        near = slice(along.searchsorted(low - halo), along.searchsorted(high + halo, side="right"))
        shares.append(Slab(places, points[near]))
    return shares


def joined(shares: Sequence[Slab], tallies: Sequence[Tally], number: int) -> Tally:
    """The answers of slabs in the order of the places; no pair is counted twice, for no place is."""
    shape = tallies[0].counts.shape[1:], tallies[0].units.shape[1:]
    whole = Tally(np.zeros((number, *shape[0]), np.int64), np.zeros((number, *shape[1]), np.int64))
    for share, tally in zip(shares, tallies, strict=True):
        whole.counts[share.places], whole.units[share.places] = tally.counts, tally.units
    return whole


_counter: ContextVar[Counter | None] = ContextVar("counter", default=None)


@contextmanager
def counted_by(counter: Counter) -> Iterator[None]:
    """Have the large indexes made within the block ask `counter`."""
    before = _counter.set(counter)
    try:
        yield
    finally:
        _counter.reset(before)


def index_of(lon: Floats, lat: Floats) -> PointIndex:
    """An index of points, which asks the counter in force where there is one and the points are many."""
    counter = _counter.get()
    return PointIndex(lon, lat) if counter is None or len(lon) < SPREAD_FROM else SpreadIndex(lon, lat, counter)


class SpreadIndex(PointIndex):
    """A `PointIndex` that lets a `Counter` count; pairs and nearest it finds itself."""

    def __init__(self, lon: Floats, lat: Floats, counter: Counter) -> None:
        super().__init__(lon, lat)
        self._counter = counter

    def within(
        self,
        lon: npt.ArrayLike,
        lat: npt.ArrayLike,
        radii_m: npt.ArrayLike,
        weights: Any = None,
        *more: Any,
        **named: Any,
    ) -> tuple[Ints, Floats]:
        """As `PointIndex.within`; what is more than places, radii and an array of weights is counted here."""
        if more or named or not (weights is None or isinstance(weights, np.ndarray)):
            return super().within(lon, lat, radii_m, weights, *more, **named)
        asked = Questions(*(np.atleast_1d(np.asarray(v, float)) for v in (lon, lat, radii_m)))
        tally = self._counter.within(self, asked, weights)
        return tally.counts, tally.sums
