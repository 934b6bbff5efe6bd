"""Records that may be one and the same: pointed out in pairs, never deleted.

Records are compared by keys, so a million of them take seconds. Near means within about
100 m: places are put in cells of a grid, four times with the grid moved by half a cell,
so that two places within half a cell always meet in one of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layers.kind import Kind, normalise
from layers.report import Finding
from loaders.account import Account, Mask
from loaders.reference import Geometries
from loaders.values import distinct

CELL = 0.002  # degrees; half of it is about 100 m
SHIFTS = ((0.0, 0.0), (0.5, 0.0), (0.0, 0.5), (0.5, 0.5))
MOST_PAIRS = 1_000
FEW = 10  # so few records in common with a stored layer are always shown one by one
ROUND = "reporting_round"
PLACE_NAMES = (
    "admin3_code",
    "admin2_code",
    "admin1_code",
    "place_name",
    "provider_admin2_name",
    "provider_admin1_name",
)
Codes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Stored:
    """A stored layer of the same kind.

    Attributes
    ----------
    layer : str
        Its name.
    frame : GeoDataFrame
        Canonical columns, EPSG:4326.
    """

    layer: str
    frame: gpd.GeoDataFrame


@dataclass(frozen=True)
class Same:
    """What makes two records of a kind look like one.

    Attributes
    ----------
    fields : tuple of str
        All equal; blanks equal blanks.
    needed : tuple of str
        Of these, what must be filled.
    place : {"", "near", "exact"}
        Near is within about 100 m, or without coordinates in the same admin area or place by name.
    words : str
        As people read it.
    """

    fields: tuple[str, ...]
    needed: tuple[str, ...]
    place: Literal["", "near", "exact"]
    words: str


ALIKE: dict[str, tuple[Same, ...]] = {
    "incidents": (
        Same(
            ("occurred_at", "incident_type", "actor1", "actor2"),
            ("occurred_at", "incident_type"),
            "near",
            "same place, day, type and actors",
        ),
    ),
    "idp_sites": (
        Same(("site_id", ROUND), ("site_id",), "", "same site and round"),
        Same(("name", ROUND), ("name",), "near", "same name, place and round"),
    ),
    "projects": (
        Same(
            ("name", "owner", "org_acronym", "implementing_partner", "sector_code", "start_date", "end_date"),
            ("name",),
            "near",
            "same name, place, organisation, sector and dates",
        ),
    ),
}


def warn_of_duplicates(
    columns: dict[str, pd.Series], geometries: Geometries, kind: Kind, account: Account, stored: Sequence[Stored] = ()
) -> None:
    """Point at pairs of records that look like one, within the file and with what is stored.

    At most 1,000 pairs are listed, and the rest is counted. Where most records stand in
    one stored layer already, that is said once instead.

    Parameters
    ----------
    columns : dict
        Canonical columns, with ``id``.
    stored : sequence of Stored
        Other layers than the one that the file replaces: there the same id is another record.
    """
    if kind.id == "other":  # what it says stands in the sender's own columns
        return
    table = _Table(columns, geometries, kind, account, stored)
    pairs: dict[tuple[int, int], str] = {}
    for same in ALIKE.get(kind.id, (_generic(kind),)):
        for first, other in table.pairs(same):
            pairs.setdefault((first, other), same.words)
    pairs = _without_whole_layers(pairs, table, account)
    listed = sorted(pairs)[:MOST_PAIRS]
    account.take([table.finding(pair, pairs[pair]) for pair in listed])
    if len(pairs) > len(listed):
        account.note(
            "possible_duplicates",
            f"{len(pairs)} pairs of records look like one and the same; the first {len(listed)} are listed.",
            severity="warning",
            field="id",
            found=str(len(pairs)),
            remedy="Perhaps the file was joined from two that overlap.",
        )


def _without_whole_layers(
    pairs: dict[tuple[int, int], str], table: _Table, account: Account
) -> dict[tuple[int, int], str]:
    """The pairs but those with a stored layer that holds most of the records; such a layer is named once."""
    met: dict[str, set[int]] = {}
    for first, other in pairs:
        met.setdefault(table.layer(other), set()).add(first)
    count = table.records
    whole = {layer: len(rows) for layer, rows in met.items() if layer and len(rows) > max(FEW, count / 2)}
    for layer, rows in whole.items():
        account.note(
            "already_stored",
            f"{rows} of {count} records stand in layer {layer} already.",
            severity="warning",
            field="id",
            found=f"{rows} of {count}; {layer}",
            remedy=f"If the file is a newer delivery of it, load it as {layer}; else they are counted twice.",
        )
    return {pair: words for pair, words in pairs.items() if table.layer(pair[1]) not in whole}


def _generic(kind: Kind) -> Same:
    """Everything but the id is the same."""
    fields = tuple(n for n in kind.names if n not in ("id", *PLACE_NAMES))
    return Same(fields, (), "exact", "all fields but the identifier are the same")


class _Table:
    """The rows of the file that are not rejected, and below them those of stored layers."""

    def __init__(
        self,
        columns: dict[str, pd.Series],
        geometries: Geometries,
        kind: Kind,
        account: Account,
        stored: Sequence[Stored],
    ) -> None:
        self._name = account.name
        self._kept = np.flatnonzero(~account.rejected)
        self._columns, self._stored, self._kind = columns, [s for s in stored if len(s.frame)], kind
        self._rows = account.rows[self._kept].tolist()
        self._layers = np.repeat(np.arange(len(self._stored)), [len(s.frame) for s in self._stored])
        shapes = [geometries[self._kept], *(s.frame.geometry.to_numpy() for s in self._stored)]
        centres = np.concatenate(shapes)
        drawn = shapely.get_dimensions(centres) > 0
        centres[drawn] = shapely.centroid(centres[drawn])
        self._x, self._y = shapely.get_x(centres), shapely.get_y(centres)

    def pairs(self, same: Same) -> Iterator[tuple[int, int]]:
        """Positions of two rows that look like one, the earlier first; the first of each pair is the file's."""
        if not len(self._kept):
            return
        key, usable = self._key(same)
        if not same.needed and not self._says_something(same):
            return
        ways = {"": [(key, usable)], "exact": self._exactly_placed(key, usable), "near": self._placed(key, usable)}
        keys = ways[same.place]
        for cell, there in keys:
            for first, other in _meeting(cell, there):
                of_one_row = max(first, other) < self.records and self._rows[first] == self._rows[other]
                if first < self.records and not of_one_row:
                    yield first, other

    @property
    def records(self) -> int:
        """Records of the file; positions from here on are of stored layers."""
        return len(self._kept)

    def layer(self, position: int) -> str:
        """The stored layer of a position; empty for the file's own."""
        return "" if position < self.records else self._stored[self._layers[position - self.records]].layer

    def finding(self, pair: tuple[int, int], words: str) -> Finding:
        """The pair as a warning that names both."""
        first, other = pair
        if other < len(self._kept):
            row, partner = self._rows[other], f"row {self._rows[first]}"
            found = f"rows {self._rows[first]}, {row}"
        else:
            row, partner = self._rows[first], f"{self.layer(other)}, {self._ids[other]}"
            found = f"row {row}; {partner}"
        remedy = "Withdraw one of the two if they are; both are kept."
        message = f"{self._name}, row {row}: it may be the same as {partner}: {words}. {remedy}"
        return Finding("possible_duplicate", "warning", message, row, "id", found, remedy)

    def _says_something(self, same: Same) -> bool:
        return any(n in self._columns and self._columns[n].notna().any() for n in same.fields)

    @cached_property
    def _ids(self) -> npt.NDArray[np.object_]:
        return self._column("id")

    def _column(self, name: str) -> npt.NDArray[np.object_]:
        """One field of all rows, as objects."""
        parts = [self._cells(self._columns.get(name))[self._kept] if name in self._columns else self._blank()]
        parts += [self._cells(s.frame[name]) for s in self._stored]
        return np.concatenate(parts)

    def _blank(self) -> npt.NDArray[np.object_]:
        return np.full(len(self._kept), None, dtype=object)

    def _cells(self, column: pd.Series | None) -> npt.NDArray[np.object_]:
        assert column is not None  # noqa: S101 - asked by `_column`
        return column.to_numpy(object, na_value=None)

    def _codes(self, name: str) -> tuple[Codes, Mask]:
        """Equal numbers for equal values (days without their hour, text folded), and where any is."""
        field = self._kind.field_by_name[name]
        series = self._series(name)
        if field.type in ("date", "moment"):
            days = (series.dt.tz_localize(None) if getattr(series.dtype, "tz", None) else series).dt.normalize()
            codes, _ = pd.factorize(days)
        else:
            codes, uniques = distinct(series) if isinstance(series.dtype, pd.StringDtype) else pd.factorize(series)
            if field.type == "text" and len(uniques):
                folded, _ = pd.factorize(np.array([normalise(str(u)) for u in uniques], dtype=object))
                codes = np.where(codes < 0, -1, folded[codes])
        return codes.astype(np.int64), codes >= 0

    def _series(self, name: str) -> pd.Series:
        own = self._columns.get(name)
        count = len(self._kept)
        parts = [s.frame[name].reset_index(drop=True) for s in self._stored]
        if own is not None:
            parts.insert(0, own if count == len(own) else own.iloc[self._kept])
        elif parts:
            parts.insert(
                0, pd.Series([pd.NaT if "datetime" in str(parts[0].dtype) else None] * count).astype(parts[0].dtype)
            )
        else:
            return pd.Series([None] * count, dtype="str")
        return pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0].reset_index(drop=True)

    def _key(self, same: Same) -> tuple[Codes, Mask]:
        count = len(self._kept) + len(self._layers)
        key, usable = np.zeros(count, np.int64), np.ones(count, bool)
        for name in same.fields:
            if name == ROUND:
                codes, filled = self._rounds()
            elif name in self._columns or self._stored:
                codes, filled = self._codes(name)
            else:
                codes, filled = np.full(count, -1, np.int64), np.zeros(count, bool)
            key, _ = pd.factorize(key * (int(codes.max(initial=0)) + 2) + codes + 1)
            key = key.astype(np.int64)
            if name in same.needed:
                usable &= filled
        return key, usable

    def _rounds(self) -> tuple[Codes, Mask]:
        """The round, without one its day, without either the one undated round."""
        names = [n for n in (ROUND, self._kind.starts) if n and (n in self._columns or self._stored)]
        result = np.full(len(self._kept) + len(self._layers), -1, np.int64)
        for name in names:
            codes, filled = self._codes(name)
            shift = int(result.max(initial=-1)) + 1
            result = np.where((result < 0) & filled, codes + shift, result)
        return result, np.ones(len(result), bool)

    def _exactly_placed(self, key: Codes, usable: Mask) -> list[tuple[Codes, Mask]]:
        places, _ = pd.factorize(self._x + 1j * self._y)
        return [(key * (int(places.max(initial=0)) + 2) + places + 1, usable)]

    def _placed(self, key: Codes, usable: Mask) -> Iterator[tuple[Codes, Mask]]:
        """The key with the place in it, once for each position of the grid, and once by the names of places."""
        there = ~np.isnan(self._x) & usable
        # Only what shares its key with another row can be a duplicate.
        counts = np.bincount(key[usable], minlength=int(key.max(initial=0)) + 1)
        there &= counts[key] > 1
        for east, north in SHIFTS if there.any() else ():
            x = np.floor(np.nan_to_num(self._x) / CELL + east).astype(np.int64)
            y = np.floor(np.nan_to_num(self._y) / CELL + north).astype(np.int64)
            yield (key * 200_003 + x) * 100_003 + y, there
        nowhere = np.isnan(self._x) & usable & (counts[key] > 1)
        if nowhere.any():
            name = np.full(len(key), -1, np.int64)
            for field in PLACE_NAMES:
                if field in self._kind.field_by_name and (field in self._columns or self._stored):
                    codes, filled = self._codes(field)
                    shift = int(name.max(initial=-1)) + 1
                    name = np.where((name < 0) & filled, codes + shift, name)
            yield key * (int(name.max(initial=0)) + 2) + name + 1, nowhere & (name >= 0)


def _meeting(key: Codes, there: Mask) -> Iterator[tuple[int, int]]:
    """The first row of each key with each other row of it."""
    rows = np.flatnonzero(there)
    codes, _ = pd.factorize(key[rows])
    shared = np.bincount(codes, minlength=1)[codes] > 1
    first: dict[int, int] = {}
    for row, code in zip(rows[shared].tolist(), codes[shared].tolist(), strict=True):
        known = first.setdefault(code, row)
        if known != row:
            yield known, row
