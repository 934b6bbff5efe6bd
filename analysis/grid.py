"""Points sorted into the cells of a grid, and the runs of cells around a query.

What lies wholly inside a ring is one run of cells in each row of the grid, counted and
summed from running totals; only points near the ring are compared one by one.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from analysis.kernels import Cells

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.int32]
T = TypeVar("T")
R = TypeVar("R")

A, B = 6378137.0, 6356752.314245179
E2 = 1 - (B / A) ** 2
R_MIN, R_MAX = B * B / A, A * A / B

CELLS_A_POINT = 4
MOST_CELLS = 2**22
SMALLEST_DEGREES = 1e-4
ROW_OF_COLUMNS = 4
"""A cell is four times as high as wide: rows cost a half width each, columns nothing."""

EDGES = 200_000  # rows of queries looked at in one go
THREADS = os.cpu_count() or 1


def to_ecef(lon: Floats, lat: Floats) -> Floats:
    """Earth-centred coordinates on the WGS84 ellipsoid, metres, shape (n, 3)."""
    axis, up = meridian(lat)
    turn = np.radians(lon)
    return np.column_stack([axis * np.cos(turn), axis * np.sin(turn), up])


def meridian(lat: Floats) -> tuple[Floats, Floats]:
    """Distance from the axis and height over the equator, metres."""
    sine, cosine = np.sin(np.radians(lat)), np.cos(np.radians(lat))
    normal = A / np.sqrt(1 - E2 * sine**2)
    return np.maximum(normal * cosine, 0.0), normal * (1 - E2) * sine


def in_threads(work: Callable[[T], R], parts: Iterable[T]) -> list[R]:
    """What the work makes of each part, in order; side by side where there are several."""
    parts = list(parts)
    if len(parts) < 2 or THREADS < 2:
        return [work(part) for part in parts]
    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(work, parts))


def slices(number: int, most: int = 200_000) -> list[slice]:
    """Slices of about equal length, one where there is little to do."""
    parts = max(math.ceil(number / most), 1)
    bounds = [number * i // parts for i in range(parts + 1)]
    return [slice(a, b) for a, b in pairwise(bounds)]


@dataclass(frozen=True)
class Grid:
    """Sorted points.

    Attributes
    ----------
    cells : Cells
        The grid with the points cell after cell.
    order : array of int, shape (n,)
        Position of each sorted point among those handed in.
    """

    cells: Cells
    order: Numbers

    @classmethod
    def build(cls, lon: Floats, lat: Floats) -> Grid:
        """Sort points in degrees, at least one."""
        from analysis import kernels

        n = len(lon)
        layout = _layout(lon, lat)
        rows, columns = layout[-2:]
        cell, order, xyz = np.empty(n, np.int32), np.empty(n, np.int32), np.empty((n, 3))
        starts = np.zeros(rows * columns + 1, np.int32)

        def cells(part: slice) -> None:
            kernels.cells_of(lon[part], lat[part], *layout, cell[part])

        def place(part: slice) -> None:
            kernels.place(lon[order[part]], lat[order[part]], A, E2, xyz[part])

        in_threads(cells, slices(n))
        kernels.sort_by_cell(cell, starts, order)
        in_threads(place, slices(n))
        return cls(cells_from(layout, starts, xyz), order)

    def state(self) -> dict[str, npt.NDArray[Any]]:
        """The grid as plain arrays, for `from_state`."""
        cells = self.cells
        layout = np.array([cells.west, cells.south, cells.per_lon, cells.per_lat, cells.rows, cells.columns])
        return {"layout": layout, "starts": cells.starts, "xyz": cells.xyz, "order": self.order}

    @classmethod
    def from_state(cls, state: Mapping[str, npt.NDArray[Any]], number: int) -> Grid:
        """The grid of so many points that `state` gave.

        Raises
        ------
        ValueError
            When the arrays cannot be one: a loop would read beyond their ends.
        """
        layout, starts, xyz, order = (state.get(name, np.zeros(0)) for name in ("layout", "starts", "xyz", "order"))
        types = [(a.dtype.str, a.ndim) for a in (layout, starts, xyz, order)]
        if (
            types != [("<f8", 1), ("<i4", 1), ("<f8", 2), ("<i4", 1)]
            or len(layout) != 6
            or not np.isfinite(layout).all()
        ):
            raise ValueError("these arrays are no grid")
        west, south, per_lon, per_lat, rows, columns = layout.tolist()
        fits = (len(starts), xyz.shape, len(order)) == (rows * columns + 1, (number, 3), number)
        if not fits or starts[0] != 0 or starts[-1] != number or (np.diff(starts) < 0).any():
            raise ValueError("the cells of this grid do not hold its points")
        if number and not 0 <= order.min() <= order.max() < number:
            raise ValueError("the order of this grid names points that are not there")
        return cls(cells_from((west, south, per_lon, per_lat, int(rows), int(columns)), starts, xyz), order)

    def runs(self, lon: Floats, lat: Floats, reach_m: float, low: float, high: float) -> Numbers:
        """Runs of sorted points around each query, shape (runs, 5): see `kernels.find_runs`."""
        from analysis import kernels

        reach = degrees_of(reach_m)
        edges = self.rows_within(reach_m) + 2
        axis, up = meridian(lat)
        room = np.empty((2, edges))
        runs = np.empty((2 * len(lon) * edges, 5), np.int32)
        found = kernels.find_runs(self.cells, lon, lat, axis, up, reach, low, high, room[0], room[1], runs)
        return runs[:found]

    def rows_within(self, reach_m: float) -> int:
        """Most rows that a ring of this radius can meet."""
        return min(math.ceil(2 * degrees_of(reach_m) * self.cells.per_lat) + 1, self.cells.rows)

    def parts(self, lon: Floats, lat: Floats, reach_m: float) -> list[Ints]:
        """Positions of the queries in groups of neighbours: kind to the cache, small enough for memory."""
        if not len(lon):
            return []
        strips = math.sqrt(len(lon)) / max(float(np.ptp(lat)), 1e-9)  # as many as queries along each
        order = np.argsort(np.round(lat * min(strips, 1e6)) * 1000.0 + lon)
        most = max(1, EDGES // (self.rows_within(reach_m) + 2))
        number = max(math.ceil(len(lon) / most), min(4 * THREADS, len(lon) // 64), 1)
        return [part for part in np.array_split(order, number) if len(part)]


def degrees_of(metres: float) -> float:
    """Degrees of latitude that no geodesic of this length exceeds."""
    return math.degrees(metres / R_MIN) * 1.000001 + 1e-6


def cells_from(layout: Sequence[Any], starts: Numbers, xyz: Floats) -> Cells:
    """The grid of this layout, its edges measured."""
    from analysis.kernels import Cells

    west, south, per_lon, per_lat, rows, columns = layout
    edges = np.clip(south + np.arange(rows + 1) / per_lat, -90.0, 90.0)
    return Cells(west, south, per_lon, per_lat, rows, columns, *meridian(edges), starts, xyz)


def _layout(lon: Floats, lat: Floats) -> tuple[float, float, float, float, int, int]:
    """West, south, cells in a degree of longitude and latitude, rows, columns."""
    south, north = float(lat.min()), float(lat.max())
    west, width = _span(lon)
    tall, wide = max(north - south, SMALLEST_DEGREES), max(width, SMALLEST_DEGREES)
    flat = max(math.cos(math.radians((south + north) / 2)), 0.01)
    budget = min(max(CELLS_A_POINT * len(lon), 64), MOST_CELLS)
    height = max(math.sqrt(ROW_OF_COLUMNS * tall * wide * flat / budget), SMALLEST_DEGREES)
    rows = min(max(math.ceil(tall / height), 1), budget)
    columns = min(max(math.ceil(wide * flat * ROW_OF_COLUMNS / height), 1), max(budget // rows, 1))
    return west, south, columns / (wide * (1 + 1e-12)), rows / (tall * (1 + 1e-12)), rows, columns


def _span(lon: Floats) -> tuple[float, float]:
    """West end and width of the longitudes, counted from the east of the widest gap between them."""
    west, east = float(lon.min()), float(lon.max())
    if east - west < 180.0:
        return west, east - west
    taken = np.flatnonzero(np.bincount(np.clip((lon + 180.0).astype(np.int64), 0, 359), minlength=360))
    gaps = np.diff(taken, append=taken[0] + 360)
    after = int(taken[(gaps.argmax() + 1) % len(taken)]) - 180.0
    east_of = (lon - after) % 360.0
    return after, float(east_of.max())
