"""Rows without coordinates: placed by P-code, by the names of areas, or by the names of towns.

What is placed so stands at a point of its area and says so in `place_precision`: it
counts by area, never by the distance of that point. Incidents known by their area get its
codes alone, and explosive and other hazards not even these: they would be drawn where nobody saw them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layers.kind import Kind
from loaders.account import Account, Mask
from loaders.finder import Finder
from loaders.reference import LEVELS, Area, Geometries, Reference, country_of

CODES = tuple(f"admin{level}_code" for level in LEVELS)
STATING = (*CODES, "origin_admin1_code", "destination_code")
NAMES = tuple(f"provider_admin{level}_name" for level in LEVELS)
NOT_PLACED = frozenset({"admin_areas", "settlements", "security_risks", "other"})
# These get the codes of the area that they name, and no point in it: where it happened, nobody said.
CODES_ONLY = frozenset({"incidents"})
# Fields that may name a town; of these kinds a record may stand where a settlement of that name is.
TOWN_FIELDS = {"incidents": "place_name", "idp_sites": "name", "population_groups": "name"}
# Codes and names of both ends of a line.
ENDS = {
    "idp_flows": (
        (("origin_admin1_code",), ("origin_name",)),
        (("destination_code", *reversed(CODES)), ("destination_name", *reversed(NAMES))),
    ),
    "roads": (((), ("from_name",)), ((), ("to_name",))),
}
LINE_SAYS = {
    "idp_flows": "are drawn as straight lines from area to area; nobody's way is known",
    "roads": "are drawn as straight lines between two towns, which is not their course",
}
T = TypeVar("T")
PRECISION_OF_LEVEL = {0: "region", 1: "region"}  # every deeper one is "area"


@dataclass
class Located:
    """What the reference gave for rows without coordinates.

    Attributes
    ----------
    geometries : array of Geometry
        For all rows; those that had a place keep it.
    precision : array of str
        A value of `place_precision` for rows placed here; empty otherwise.
    codes : dict
        Admin field -> P-codes that codes and names led to; None where there is none.
    """

    geometries: Geometries
    precision: npt.NDArray[np.object_]
    codes: dict[str, npt.NDArray[np.object_]] = field(default_factory=dict)


def locate(
    columns: dict[str, pd.Series], geometries: Geometries, kind: Kind, account: Account, reference: Reference | None
) -> Located:
    """Place the rows that have no geometry, as far as their codes and names allow.

    Parameters
    ----------
    columns : dict
        Canonical columns.
    reference : Reference, optional
        Without one the rows keep their codes, and it is said once what to load.
    """
    result = Located(geometries.copy(), np.full(len(geometries), "", dtype=object))
    rows = shapely.is_missing(geometries) & ~account.rejected
    if not rows.any() or kind.id in NOT_PLACED:
        return result
    if reference is not None and (reference.areas or reference.towns):
        finder = Finder(reference, stated_countries(columns))
        if kind.id in ENDS:
            _join_ends(columns, kind, result, rows, finder)
        else:
            _place_in_areas(columns, result, rows, finder, drawn=kind.id not in CODES_ONLY)
            _place_in_towns(columns, kind, result, rows, finder)
        finder.note(account)
    _say_how_placed(columns, kind, result, rows, account, reference)
    return result


def _table(columns: dict[str, pd.Series], names: tuple[str, ...], rows: Mask) -> pd.DataFrame:
    """These columns at these rows as text, None where blank."""
    blank = np.full(int(rows.sum()), None, dtype=object)
    cells = {n: columns[n][rows].to_numpy(object, na_value=None) if n in columns else blank for n in names}
    return pd.DataFrame(cells, columns=list(names), dtype=object)


def _each_once(table: pd.DataFrame, find: Callable[[tuple[object, ...], int], T | None]) -> list[T | None]:
    """What each different row of a table leads to, for every row."""
    of_row = table.groupby(list(table.columns), dropna=False, sort=False).ngroup().to_numpy()
    keys = table[~table.duplicated()].itertuples(index=False, name=None)
    counts = np.bincount(of_row).tolist()
    found = [find(key, count) for key, count in zip(keys, counts, strict=True)]
    return [found[i] for i in of_row.tolist()]


def _shapes(found: list[shapely.Geometry | None]) -> Geometries:
    shapes: Geometries = np.full(len(found), None, dtype=object)
    shapes[:] = found
    return shapes


def _place_in_areas(columns: dict[str, pd.Series], result: Located, rows: Mask, finder: Finder, *, drawn: bool) -> None:
    table = _table(columns, (*CODES, *NAMES), rows)
    areas = _each_once(table, lambda key, count: finder.area(key[:3], key[3:], count))
    points: dict[Area, shapely.Point | None] = {}
    for area in filter(None, areas):
        if area not in points:
            points[area] = finder.reference.point_of(area)
    shapes = _shapes([points[a] if a else None for a in areas])
    words = np.array([PRECISION_OF_LEVEL.get(a.level, "area") if a else "" for a in areas], dtype=object)
    result.precision[rows] = np.where(shapely.is_missing(shapes), "", words)
    if drawn:
        result.geometries[rows] = shapes
    for level, name in zip(LEVELS, CODES, strict=True):
        known = {a: _code_at(a, level, finder.reference) for a in points}
        result.codes[name] = np.full(len(rows), None, dtype=object)
        result.codes[name][rows] = [known[a] if a else None for a in areas]


def _code_at(area: Area, level: int, reference: Reference) -> str | None:
    return next((a.code for a in (area, *reference.above(area)) if a.level == level), None)


def _place_in_towns(columns: dict[str, pd.Series], kind: Kind, result: Located, rows: Mask, finder: Finder) -> None:
    """Where the named place is a stored settlement: nearer than the middle of its area."""
    name = TOWN_FIELDS.get(kind.id)
    if name is None or name not in columns or not finder.reference.towns:
        return
    by_area = ~shapely.is_missing(result.geometries)
    table = _table(columns, (name,), rows).assign(placed=by_area[rows])

    def town(key: tuple[object, ...], count: int) -> shapely.Point | None:
        text, placed = key
        # A town of that name elsewhere is another: only rows that no area places take it unasked.
        return finder.town(text, count, expected=True) if isinstance(text, str) and not placed else None

    points = _shapes(_each_once(table, town))
    found = ~shapely.is_missing(points)
    indices = np.flatnonzero(rows)[found]
    result.geometries[indices], result.precision[indices] = points[found], "near"


def _join_ends(columns: dict[str, pd.Series], kind: Kind, result: Located, rows: Mask, finder: Finder) -> None:
    """A straight line from the place of the one end to that of the other."""
    ends = []
    for codes, names in ENDS[kind.id]:
        table = _table(columns, (*codes, *names), rows)
        split = len(codes)
        found = _each_once(table, lambda key, count, split=split: finder.end(key[:split], key[split:], count))  # type: ignore[misc]
        ends.append(_shapes(found))
    both = ~shapely.is_missing(ends[0]) & ~shapely.is_missing(ends[1])
    both[both] = ~shapely.equals(ends[0][both], ends[1][both])
    lines: Geometries = np.full(len(both), None, dtype=object)
    if both.any():
        pairs = np.stack([shapely.get_coordinates(end[both]) for end in ends], axis=1)
        lines[both] = shapely.linestrings(pairs)
    result.geometries[rows] = lines
    result.precision[rows] = np.where(both, "area", "")


def _say_how_placed(
    columns: dict[str, pd.Series],
    kind: Kind,
    result: Located,
    rows: Mask,
    account: Account,
    reference: Reference | None,
) -> None:
    placed = rows & ~shapely.is_missing(result.geometries)
    if placed.any() and kind.id in ENDS:
        account.note("straight_lines", f"{int(placed.sum())} records {LINE_SAYS[kind.id]}.", field="geometry")
    elif placed.any():
        near = int((result.precision[placed] == "near").sum())
        ways = [f"{int(placed.sum()) - near} at a point of their area"] * bool(near < placed.sum())
        ways += [f"{near} at the settlement that they name"] * (near > 0)
        account.note(
            "placed_by_name",
            f"{int(placed.sum())} records without coordinates were placed, {' and '.join(ways)};"
            " those in areas count by area, not by distance.",
            field="geometry",
        )
    by_area = rows & ~placed & (result.precision != "")
    if by_area.any():
        account.note(
            "known_by_area",
            f"{int(by_area.sum())} records are known by their area only: they count by area and are not drawn.",
            field="geometry",
        )
    lost = rows & ~placed & ~by_area
    joined = lost & np.any([~pd.isna(codes) for codes in result.codes.values()] or [np.zeros(len(rows), bool)], axis=0)
    if joined.any():
        account.note(
            "areas_without_place",
            f"{int(joined.sum())} records have the codes of areas that are loaded without outline or point: they have"
            " no distance and are not drawn.",
            severity="warning",
            field="geometry",
            remedy="Load the outlines of these areas, then this file again.",
        )
    if (lost & ~joined).any():
        _say_lost(columns, kind, lost & ~joined, account, reference)


def _say_lost(
    columns: dict[str, pd.Series], kind: Kind, lost: Mask, account: Account, reference: Reference | None
) -> None:
    what, country = "settlements" if kind.id == "roads" else "admin layer", _country(columns, lost)
    of = "" if kind.id == "roads" else f" of {country}"
    why = f"load the {what}{of} first"
    if reference is not None and country in reference.country_codes:
        what = "outlines of the areas"
        why = f"areas of {country} are loaded, but their codes and names lead to no place in them"
    account.note(
        "not_located",
        f"{int(lost.sum())} records are not located: {why}; they keep their codes and names.",
        severity="warning",
        field="geometry",
        remedy=f"Load the {what}{of}, then this file again.",
    )


def stated_countries(columns: dict[str, pd.Series]) -> frozenset[str]:
    """Codes of the countries that the rows state, by themselves or at the beginning of their P-codes."""
    found = {country_of(code) for name in STATING for code in _different(columns, name)}
    found |= {code for code in _different(columns, "location_code") if code.isalpha() and len(code) in (2, 3)}
    return frozenset(found - {""})


def _different(columns: dict[str, pd.Series], name: str) -> list[str]:
    return [str(value) for value in columns[name].dropna().unique()] if name in columns else []


def _country(columns: dict[str, pd.Series], rows: Mask) -> str:
    """The country that these rows speak of, as far as they say."""
    for name in ("location_code", "country"):
        if name in columns and (stated := columns[name][rows].dropna().unique()).size == 1:
            return str(stated[0])
    codes = [c[:2] for n in CODES if n in columns for c in columns[n][rows].dropna().unique() if c[:2].isalpha()]
    return codes[0] if codes and len(set(codes)) == 1 else "the country"
