"""When the records of a layer are on the map, as the browser plays them.

Three ways of being in time, by kind: what **happens** is on the map in each window that its
days meet; what **spans** (activities) in each step that its days meet; what **stands** (a
hazard, the latest round of a site, a road) as it is on the window's last day. Few records
are told by their days; where there are too many for single features, by how many appear
and go in each cell and week. Days are counted from 1970-01-01, weeks from its Monday.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from dashboard.map_tiles import LARGEST_ZOOM, TileSet
from dashboard.view import HAPPENS
from layers.kind import Kind
from layers.kinds import SECURITY_RISKS
from layers.kinds.security_risks import ENDED, SEASONAL
from layers.rounds import entities, has_rounds, in_round_order
from layers.times import LAST_DAY, Days, spans

How = Literal["happens", "spans", "stands"]
Numbers = npt.NDArray[np.int64]
DayNumbers = npt.NDArray[np.int32]
"""Two rows: first and last day of each record."""
ALWAYS = np.iinfo(np.int32)
"""Its smallest value is a start, its largest an end, that is open; the other way round, a record without a date."""
MOST_CELLS = 200_000
NOWHERE = 0xFFFFFFFF
"""Column of the cell that holds what has no single place on the map."""
MONDAY = 3  # 1970-01-01 was a Thursday
EMPTY = np.zeros(0, np.uint8)


def how(kind: Kind) -> How:
    """In which way a kind is in time."""
    if kind.id in HAPPENS:
        return "happens"
    stands = kind.starts is None or kind.id == SECURITY_RISKS.id or has_rounds(kind)
    return "stands" if stands else "spans"


def shown_days(frame: gpd.GeoDataFrame, kind: Kind, zone: str) -> DayNumbers:
    """First and last day on which each record of a whole layer is on the map.

    A round ends the day before the next of the same thing. A hazard ends by its status, a
    natural one also with its dates. A record without a date is there on no day.
    """
    if kind.starts is None:
        return _numbers(*spans(frame, kind, zone))
    if kind.id == SECURITY_RISKS.id:
        return _hazards(frame, kind, zone)
    if has_rounds(kind):
        return _rounds(frame, kind)
    first, last = spans(frame, kind, zone)
    undated = np.isnat(first) & (np.isnat(last) if kind.open_ended else True)
    return _numbers(first, last, undated)


def _numbers(first: Days, last: Days, never: npt.NDArray[np.bool_] | bool = False) -> DayNumbers:
    """Days as numbers; NaT is open."""
    days = np.stack([first, last]).astype("datetime64[D]").astype(np.int64)
    opened = np.isnat(np.stack([first, last]))
    days = np.where(opened, np.array([[ALWAYS.min], [ALWAYS.max]]), days)
    return np.where(never, np.array([[ALWAYS.max], [ALWAYS.min]]), days).astype(np.int32)


def _hazards(frame: gpd.GeoDataFrame, kind: Kind, zone: str) -> DayNumbers:
    first, dated = spans(frame, kind, zone)
    seasonal = frame["hazard_type"].isin(SEASONAL).to_numpy(dtype=bool)
    ended = frame["status"].isin(ENDED).to_numpy(dtype=bool)
    since = frame["status_date"].to_numpy(dtype="datetime64[D]")
    by_date = np.where(seasonal, dated, np.datetime64("NaT", "D"))
    by_status = np.where(ended, since - 1, np.datetime64("NaT", "D"))
    return _numbers(first, np.fmin(by_date, by_status), ended & np.isnat(since))


def _rounds(frame: gpd.GeoDataFrame, kind: Kind) -> DayNumbers:
    ordered = in_round_order(frame.reset_index(drop=True), kind, LAST_DAY)
    day = ordered["_day"].to_numpy(dtype="datetime64[D]")
    following = entities(ordered, kind).shift(-1).eq(ordered["_entity"]).fillna(False).to_numpy(dtype=bool)
    until = np.where(following, np.roll(day, -1) - 1, np.datetime64("NaT", "D"))
    days = np.tile(np.array([[ALWAYS.max], [ALWAYS.min]], np.int32), len(frame))
    days[:, ordered.index.to_numpy()] = _numbers(day, until, np.isnat(day))
    return days


def without_date(days: DayNumbers) -> npt.NDArray[np.bool_]:
    """Which records are there on no day because none is stated."""
    undated: npt.NDArray[np.bool_] = (days[0] == ALWAYS.max) & (days[1] == ALWAYS.min)
    return undated


def week_of(days: npt.NDArray[Any]) -> Numbers:
    """The week, Monday to Sunday, of each day."""
    return (days.astype(np.int64) + MONDAY) // 7


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - date(1970, 1, 1)).days


def daily(days: DayNumbers) -> bytes:
    """On how many records each day is the first, and on how many the last: see `pack`.

    Arrays: ``first``, ``first_n``, ``last``, ``last_n``; each pair is days, ascending, and
    counts. Records that meet days a..b: those that begin by b less those that end before a.
    """
    dated = days[:, ~without_date(days)]
    (first, first_n), (last, last_n) = (np.unique(side, return_counts=True) for side in dated)
    return pack(
        {"form": "daily"},
        {"first": first, "first_n": first_n.astype(np.uint32), "last": last, "last_n": last_n.astype(np.uint32)},
    )


def single(days: DayNumbers, placed: npt.NDArray[np.bool_], parts: npt.NDArray[np.int16]) -> bytes:
    """The days of each record by itself: see `pack`.

    Arrays: ``first``, ``last``, ``placed`` (0 or 1), ``part`` (its class or symbol, counted from
    1; 0 for none). The features of the same query are those
    placed, in this order.
    """
    return pack(
        {"form": "single"},
        {"first": days[0], "last": days[1], "placed": placed.astype(np.uint8), "part": (parts + 1).astype(np.uint16)},
    )


@dataclass(frozen=True)
class Cells:
    """How many records appear and go, by cell and week.

    Attributes
    ----------
    level : int
        The world of web Mercator is 2 ** level cells across.
    columns, rows : arrays
        Of each cell; the first cell is `NOWHERE`.
    first_week : int
        The week of the first entry of `came_from`.
    came_from, came_cell, came_n : arrays
        Entries of week i stand from ``came_from[i]`` up to ``came_from[i + 1]``: which cell, how many appear.
    gone_from, gone_cell, gone_n : arrays
        The same of those that are gone from that week on; empty where all are there for a week only.
    """

    level: int
    columns: npt.NDArray[np.uint32]
    rows: npt.NDArray[np.uint32]
    first_week: int
    came_from: npt.NDArray[Any]
    came_cell: npt.NDArray[Any]
    came_n: npt.NDArray[Any]
    gone_from: npt.NDArray[Any]
    gone_cell: npt.NDArray[Any]
    gone_n: npt.NDArray[Any]

    def packed(self) -> bytes:
        """Header ``level``, ``first_week``; arrays as the attributes are called: see `pack`."""
        arrays = {name: value for name, value in vars(self).items() if isinstance(value, np.ndarray)}
        return pack({"form": "cells", "level": self.level, "first_week": self.first_week}, arrays)


def cells_by_week(tiles: TileSet, days: DayNumbers, rows: npt.NDArray[np.int32], way: How) -> Cells:
    """Count a layer by cell and week.

    Parameters
    ----------
    tiles : TileSet
        Where its single points lie.
    days : array
        Of the whole layer.
    rows : array
        Which rows the filters keep.
    """
    level, cell_of_point, columns, lines = _grid(tiles)
    cell = np.zeros(days.shape[1], np.int64)
    cell[tiles.rows] = cell_of_point + 1
    rows = rows[~without_date(days[:, rows])]
    (first, last), cell = days[:, rows].astype(np.int64), cell[rows]
    weeks = week_of(first[first > ALWAYS.min])
    start = int(weeks.min()) if len(weeks) else 0
    came = np.maximum(week_of(first), start) - start
    gone = np.maximum(week_of(last + 1) if way == "stands" else week_of(last) + 1, start) - start
    ends = last < ALWAYS.max
    brief = way == "happens" and bool((gone == came + 1).all())
    number = len(columns) + 1
    nowhere = np.array([NOWHERE], np.uint32)
    return Cells(
        level,
        np.concatenate([nowhere, columns]),
        np.concatenate([nowhere, lines]),
        start,
        *_by_week(came, cell, number),
        *((EMPTY,) * 3 if brief else _by_week(gone[ends], cell[ends], number)),
    )


def _grid(tiles: TileSet) -> tuple[int, Numbers, npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """The finest level with at most `MOST_CELLS` cells: the cell of each point, and column and row of each cell."""
    from dashboard import tile_kernels as kernels

    for level in range(LARGEST_ZOOM, 0, -1):
        codes = tiles.codes >> np.uint64(2 * (32 - level))
        starts = np.ones(len(codes), bool)
        starts[1:] = codes[1:] != codes[:-1]
        if starts.sum() <= MOST_CELLS:
            break
    own = codes[starts]
    columns, rows = np.empty((2, len(own)), np.int64)
    kernels.places_of(own, np.uint64(0xFFFFFFFF), columns, rows)
    return level, np.cumsum(starts) - 1, columns.astype(np.uint32), rows.astype(np.uint32)


def _by_week(week: Numbers, cell: Numbers, cells: int) -> tuple[npt.NDArray[Any], ...]:
    """Entries by week and cell, in the smallest whole numbers that hold them."""
    keys, counts = np.unique(week * cells + cell, return_counts=True)
    last = int(keys[-1] // cells) if len(keys) else -1
    begin = np.searchsorted(keys // cells, np.arange(last + 2))
    return tuple(_smallest(values) for values in (begin, keys % cells, counts))


def _smallest(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    most = int(values.max()) if len(values) else 0
    return values.astype(np.uint8 if most < 1 << 8 else np.uint16 if most < 1 << 16 else np.uint32)


def pack(header: dict[str, object], arrays: dict[str, npt.NDArray[Any]]) -> bytes:
    """A header and arrays of numbers, for the browser.

    Bytes: length of the header, uint32; the header, JSON; each array that the header's
    ``arrays`` names, ``[name, type, length]``, from the next multiple of 8. All is little-endian; types are
    ``uint8``, ``uint16``, ``uint32``, ``int32``.
    """
    named = [[name, str(values.dtype), len(values)] for name, values in arrays.items()]
    text = json.dumps({**header, "arrays": named}).encode()
    parts = [_padded(len(text).to_bytes(4, "little") + text)]
    parts += [_padded(values.astype(values.dtype.newbyteorder("<")).tobytes()) for values in arrays.values()]
    return b"".join(parts)


def unpack(content: bytes) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
    """What `pack` packed."""
    size = int.from_bytes(content[:4], "little")
    header, at, arrays = json.loads(content[4 : 4 + size]), 4 + size, {}
    for name, kind, length in header["arrays"]:
        at += -at % 8
        arrays[name] = np.frombuffer(content, np.dtype(kind).newbyteorder("<"), length, at)
        at += arrays[name].nbytes
    return header, arrays


def _padded(content: bytes) -> bytes:
    return content + bytes(-len(content) % 8)
