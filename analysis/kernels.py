"""The loops that numba compiles: points into cells, runs around a query, points compared.

Nothing here knows a geodesic: what lies between the two chords of the guard band comes
back as unsure. Compiled code is kept beside this file, else in the user's cache folder,
else in memory alone; NUMBA_CACHE_DIR names another folder. The loops let go of the
interpreter, so that threads run them side by side. Imported at the first question only:
numba itself takes a third of a second.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.int32]
Loop = TypeVar("Loop", bound=Callable[..., Any])

ONE = np.uint64(1)
SLACK = 1e-6
"""Degrees by which a run is widened, and its sure part narrowed: more than any rounding."""


def compiled(loop: Loop) -> Loop:
    """The loop as machine code, made at its first call."""
    made: Any
    try:
        made = numba.njit(cache=True, nogil=True, error_model="numpy")(loop)
    except RuntimeError:  # no folder that this user may write
        made = numba.njit(nogil=True, error_model="numpy")(loop)
    return cast(Loop, made)


class Cells(NamedTuple):
    """A grid of longitude and latitude, and where the points of each cell begin.

    Attributes
    ----------
    west, south : float
        Corner, degrees; longitude is counted eastward from `west`, 0 to 360.
    per_lon, per_lat : float
        Cells in a degree.
    edge_axis, edge_up : array of float, shape (rows + 1,)
        Distance from the axis and height over the equator of the rows' edges, metres.
    starts : array of int, shape (rows * columns + 1,)
        Cells of a row follow one another, so that what lies side by side is one run.
    xyz : array of float, shape (n, 3)
        The points, cell after cell, earth-centred, metres.
    """

    west: float
    south: float
    per_lon: float
    per_lat: float
    rows: int
    columns: int
    edge_axis: Floats
    edge_up: Floats
    starts: Numbers
    xyz: Floats


@compiled
def _east_of(lon: float, west: float) -> float:
    """Degrees eastward, 0 to 360."""
    east = lon - west
    if east < 0.0:
        return east + 360.0
    return east - 360.0 if east >= 360.0 else east


@compiled
def cells_of(
    lon: Floats, lat: Floats, west: float, south: float, per_lon: float, per_lat: float, rows: int, columns: int,
    cell: Numbers,
) -> None:  # fmt: skip
    """Fill `cell` with the number of the cell of each point."""
    for i in range(len(lon)):
        row = min(int((lat[i] - south) * per_lat), rows - 1)
        cell[i] = row * columns + min(int(_east_of(lon[i], west) * per_lon), columns - 1)


@compiled
def sort_by_cell(cell: Numbers, starts: Numbers, order: Numbers) -> None:
    """Fill `order` with the points cell after cell, and `starts` (zeros) with where each begins."""
    for i in range(len(cell)):
        starts[cell[i] + 1] += 1
    for c in range(1, len(starts)):
        starts[c] += starts[c - 1]
    for i in range(len(cell)):
        order[starts[cell[i]]] = i
        starts[cell[i]] += 1
    for c in range(len(starts) - 1, 0, -1):  # each start has walked to the next one's
        starts[c] = starts[c - 1]
    starts[0] = 0


@compiled
def place(lon: Floats, lat: Floats, a: float, e2: float, xyz: Floats) -> None:
    """Fill `xyz` with earth-centred coordinates, metres."""
    for i in range(len(lon)):
        turn, up = math.radians(lon[i]), math.radians(lat[i])
        sine = math.sin(up)
        normal = a / math.sqrt(1.0 - e2 * sine * sine)
        axis = max(normal * math.cos(up), 0.0)
        xyz[i, 0] = axis * math.cos(turn)
        xyz[i, 1] = axis * math.sin(turn)
        xyz[i, 2] = normal * (1.0 - e2) * sine


@compiled
def _half_width(room: float, product: float) -> float:
    """Degrees of longitude that a chord reaches to either side on a parallel."""
    if room <= 0.0:
        return 0.0
    return math.degrees(2.0 * math.asin(min(math.sqrt(room / max(product, 1e-9)), 1.0)))


@compiled
def _keep(runs: Numbers, found: int, q: int, a: int, b: int, c: int, d: int) -> int:
    if d <= a:
        return found
    runs[found, 0] = q
    runs[found, 1] = a
    runs[found, 2] = b
    runs[found, 3] = c
    runs[found, 4] = d
    return found + 1


@compiled
def find_runs(
    cells: Cells, lon: Floats, lat: Floats, axis: Floats, up: Floats, reach: float, low: float, high: float,
    outer: Floats, inner: Floats, runs: Numbers,
) -> int:  # fmt: skip
    """Runs of sorted points that hold all within the chord `high` of each query, and their number.

    A run is (query, a, b, c, d): the points from b to c lie within the chord `low`; those
    from a to b and from c to d must be compared. `outer` and `inner` are room for the half
    widths on the edges of the rows, which lie within `reach` degrees of the query.
    """
    found = 0
    width = cells.columns / cells.per_lon
    for q in range(len(lon)):
        first = max(math.floor((lat[q] - reach - cells.south) * cells.per_lat), 0)
        last = min(math.floor((lat[q] + reach - cells.south) * cells.per_lat), cells.rows - 1)
        own = math.floor((lat[q] - cells.south) * cells.per_lat)
        east = _east_of(lon[q], cells.west)
        widest = 0
        for k in range(last - first + 2):
            edge = first + k
            apart = (axis[q] - cells.edge_axis[edge]) ** 2 + (up[q] - cells.edge_up[edge]) ** 2
            product = 4.0 * axis[q] * cells.edge_axis[edge]
            outer[k] = _half_width(high * high - apart, product)
            inner[k] = _half_width(low * low - apart, product) if low > 0.0 else 0.0
            if outer[k] > outer[widest]:
                widest = k
        # Half widths rise to one greatest and fall again. Beside it, and around the query's
        # own row, the distance from the query to a meridian plane is the bound.
        bound = math.degrees(math.asin(high / axis[q])) if high < axis[q] else 180.0
        for k in range(last - first + 1):
            row = first + k
            near = k == widest or k == widest - 1 or abs(row - own) <= 1
            across = bound if near else max(outer[k], outer[k + 1])
            if across <= 0.0:
                continue
            across += SLACK
            sure = min(inner[k], inner[k + 1]) - SLACK
            base = row * cells.columns
            if across + SLACK + 1.0 / cells.per_lon >= 180.0:  # the whole parallel, once
                a, d = cells.starts[base], cells.starts[base + cells.columns]
                found = _keep(runs, found, q, a, a if sure >= 180.0 - 2.0 * SLACK else d, d, d)
                continue
            for turn in range(-1, 2):
                centre = east + 360.0 * turn
                if centre + across < 0.0 or centre - across > width:
                    continue
                a = max(math.floor((centre - across) * cells.per_lon), 0)
                d = min(math.floor((centre + across) * cells.per_lon), cells.columns - 1) + 1
                b = min(max(math.ceil((centre - sure) * cells.per_lon), a), d)
                c = min(max(math.floor((centre + sure) * cells.per_lon), b), d)
                a, b, c, d = (cells.starts[base + a], cells.starts[base + b],
                              cells.starts[base + c], cells.starts[base + d])  # fmt: skip
                found = _keep(runs, found, q, a, b, c, d)
    return found


@compiled
def _ends(runs: Numbers, run: int) -> tuple[Any, Any, Any, Any]:
    """Ends of a run, unsigned: numba then leaves out a check for negative positions, which costs half the time."""
    return np.uint64(runs[run, 1]), np.uint64(runs[run, 2]), np.uint64(runs[run, 3]), np.uint64(runs[run, 4])


@compiled
def _squared(cells: Cells, p: Any, x: float, y: float, z: float) -> float:
    return (cells.xyz[p, 0] - x) ** 2 + (cells.xyz[p, 1] - y) ** 2 + (cells.xyz[p, 2] - z) ** 2


@compiled
def tally(
    cells: Cells, runs: Numbers, xyz: Floats, low: float, high: float, totals: Ints,
    counts: Ints, sums: Ints, unsure: Numbers,
) -> int:  # fmt: skip
    """Add to the counts and sums of each query what lies surely within; give the number of the unsure.

    Parameters
    ----------
    low, high : float
        The squared chords of the guard band.
    totals : array of int, shape (n + 1, k)
        Running totals of the weights of the points, cell after cell.
    unsure : array of int, shape (room, 2)
        Filled with query and point of what lies within the band, as far as there is room.
    """
    open_, columns = 0, totals.shape[1]
    for run in range(len(runs)):
        q = runs[run, 0]
        a, b, c, d = _ends(runs, run)
        x, y, z = xyz[q]
        counts[q] += np.int64(c - b)
        for column in range(columns):
            sums[q, column] += totals[c, column] - totals[b, column]
        for start, stop in ((a, b), (c, d)):
            sure = possible = total = 0
            for p in range(start, stop):  # no branch in here: what lies near the ring cannot be foretold
                squared = _squared(cells, p, x, y, z)
                sure += squared < low
                possible += squared <= high
                if columns:
                    total += (totals[p + ONE, 0] - totals[p, 0]) * (squared < low)
            counts[q] += sure
            if columns:
                sums[q, 0] += total
            for column in range(1, columns):
                total = 0
                for p in range(start, stop):
                    weight = totals[p + ONE, column] - totals[p, column]
                    total += weight * (_squared(cells, p, x, y, z) < low)
                sums[q, column] += total
            for p in range(start, stop if possible > sure else start):
                if low <= _squared(cells, p, x, y, z) <= high:
                    if open_ < len(unsure):
                        unsure[open_, 0], unsure[open_, 1] = q, p
                    open_ += 1
    return open_


@compiled
def run_totals(weights: Floats, unit: float, order: Numbers, totals: Ints) -> None:
    """Fill `totals`, zeros at first, with running totals of the weights in whole units, cell after cell."""
    for p in range(len(order)):
        for column in range(totals.shape[1]):
            totals[p + 1, column] = totals[p, column] + int(np.rint(weights[order[p], column] / unit))


@compiled
def gather(
    cells: Cells, runs: Numbers, xyz: Floats, high: float, query: Numbers, point: Numbers
) -> int:  # fmt: skip
    """Fill `query` and `point` with the pairs within the squared chord `high`; give their number."""
    found = 0
    for run in range(len(runs)):
        q = runs[run, 0]
        a, b, c, d = _ends(runs, run)
        x, y, z = xyz[q]
        for p in range(a, d):
            if b <= p < c or _squared(cells, p, x, y, z) <= high:
                query[found], point[found] = q, p
                found += 1
    return found


@compiled
def nearest(
    cells: Cells, order: Numbers, lon: Floats, lat: Floats, axis: Floats, up: Floats, xyz: Floats, r_min: float,
    point: Numbers, chord: Floats, second: Floats,
) -> None:  # fmt: skip
    """Fill `point` with the nearest sorted point of each query by chord, `chord` with its length.

    Of points at one place the lowest position counts. `second` becomes the chord of the
    nearest point elsewhere, where it is little longer than the first; else it is no less than that.
    Queries in the order of their places are quick: the point found last is a first bound.
    """
    width = cells.columns / cells.per_lon
    at: Any = np.uint64(0)
    for q in range(len(lon)):
        x, y, z = xyz[q]
        best = _squared(cells, at, x, y, z)
        rival = np.inf
        limit = _little_more(math.sqrt(best))
        bound = math.degrees(math.asin(limit / axis[q])) if limit < axis[q] else 180.0
        reach = math.degrees(2.0 * math.asin(limit / (2.0 * r_min))) * 1.01 + SLACK if limit < r_min else 180.0
        own = min(max(math.floor((lat[q] - cells.south) * cells.per_lat), 0), cells.rows - 1)
        first = max(math.floor((lat[q] - reach - cells.south) * cells.per_lat), 0)
        last = min(math.floor((lat[q] + reach - cells.south) * cells.per_lat), cells.rows - 1)
        east = _east_of(lon[q], cells.west)
        for step in range(last - first + 1):  # own row, then northward, then southward
            row = own + step if step <= last - own else own - (step - (last - own))
            if row < first or row > last:
                continue
            edge = row if row > own else row + 1
            if row != own:
                gap = (axis[q] - cells.edge_axis[edge]) ** 2 + (up[q] - cells.edge_up[edge]) ** 2
                if gap > limit * limit:
                    continue
            across = bound + SLACK
            whole = across + SLACK + 1.0 / cells.per_lon >= 180.0
            for turn in range(0 if whole else -1, 1 if whole else 2):
                centre = east + 360.0 * turn
                if not whole and (centre + across < 0.0 or centre - across > width):
                    continue
                a = 0 if whole else max(math.floor((centre - across) * cells.per_lon), 0)
                d = cells.columns if whole else min(math.floor((centre + across) * cells.per_lon) + 1, cells.columns)
                base = row * cells.columns
                for p in range(np.uint64(cells.starts[base + a]), np.uint64(cells.starts[base + d])):
                    squared = _squared(cells, p, x, y, z)
                    if squared > limit * limit or p == at:
                        continue
                    if _same_place(cells, p, at):
                        at = p if order[p] < order[at] else at
                    elif squared < best:
                        rival, best, at = best, squared, p
                        limit = _little_more(math.sqrt(best))
                        bound = math.degrees(math.asin(limit / axis[q])) if limit < axis[q] else 180.0
                    else:
                        rival = min(rival, squared)
        point[q], chord[q], second[q] = at, math.sqrt(best), math.sqrt(rival)


@compiled
def _little_more(chord: float) -> float:
    """No chord of a geodesic that is shorter than one with this chord is longer."""
    return chord * (1.001 if chord < 4e6 else 1.05) + 0.01


@compiled
def _same_place(cells: Cells, p: Any, other: Any) -> bool:
    return (
        cells.xyz[p, 0] == cells.xyz[other, 0]
        and cells.xyz[p, 1] == cells.xyz[other, 1]
        and cells.xyz[p, 2] == cells.xyz[other, 2]
    )
