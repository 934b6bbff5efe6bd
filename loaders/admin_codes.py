"""Admin codes of points, and what codes, names and countries say against the place.

A border is drawn coarser than people live by it: a place at most `TOLERANCE_M` from the
area that its code names does not contradict it. Proposal.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layers.kind import Kind
from loaders.account import Account, Mask
from loaders.located import stated_countries
from loaders.reference import DEGREE_M, LEVELS, Area, Geometries, Reference, may_be_of

TOLERANCE_M = 5_000.0
ROWS_LISTED = 20
# Camps of refugees lie across a border, not this far: more places beyond it are those of another theatre.
FAR_DEGREES = 1.0
# How deep a place may be named that is itself known to an area only.
DEEPEST = {"area": 2, "region": 1}


def name_areas(
    columns: dict[str, pd.Series], geometries: Geometries, kind: Kind, account: Account, reference: Reference | None
) -> None:
    """Fill blank admin codes and names of points from the outlines in force, and warn of contradictions.

    Parameters
    ----------
    columns : dict
        Canonical columns; filled in place.
    geometries : array of Geometry
        As the sender gave them; what was placed by its code is not passed here.
    """
    points = (shapely.get_type_id(geometries) == shapely.GeometryType.POINT) & ~account.rejected
    if "admin1_code" not in kind.field_by_name or reference is None or not points.any():
        return
    if not reference.outlines_known:
        _note_no_outlines(int(points.sum()), account, reference)
        return
    holding = _holding(geometries, points, reference)
    precision = columns.get("place_precision")
    words = np.full(len(points), "") if precision is None else precision.fillna("").to_numpy("str")
    stated = {level: _stated(columns, f"admin{level}_code", len(points)) for level in LEVELS}
    for level in LEVELS:
        _warn_of_other_place(stated[level], geometries, points, level, account, reference)
    for level in LEVELS:
        deep_enough = ~np.isin(words, [word for word, deepest in DEEPEST.items() if deepest < level])
        at_level, areas = holding.get(level, (None, []))
        if at_level is None:
            continue
        known = deep_enough & (at_level >= 0)
        _fill(columns, f"admin{level}_code", at_level, known, [a.code for a in areas])
        _fill(columns, f"provider_admin{level}_name", at_level, known, [a.name for a in areas])
    _warn_of_other_country(columns, geometries, points, holding, account, reference)
    _fill_country(columns, holding, reference, len(points))
    _warn_of_outside(columns, geometries, points, holding, account, reference)


Holding = dict[int, tuple[npt.NDArray[np.intp], list[Area]]]


def _holding(geometries: Geometries, points: Mask, reference: Reference) -> Holding:
    """Level -> position of the holding area of each row (-1 none) in a list of areas; parents by their codes."""
    result: Holding = {}
    rows = np.flatnonzero(points)
    for level in reversed(LEVELS):
        areas = reference.outlined(level)
        position = np.full(len(points), -1, dtype=np.intp)
        below = result.get(level + 1)
        if below is not None:
            areas, position = _from_below(below, level, areas, reference)
        missing = rows[position[rows] < 0]
        if len(missing) and reference.outlined(level):
            shift = {id(area): i for i, area in enumerate(areas)}
            moved = np.array([shift[id(a)] for a in reference.outlined(level)] + [-1])
            position[missing] = moved[reference.at(geometries[missing], level)]
        if areas:
            result[level] = (position, areas)
    return result


def _from_below(
    below: tuple[npt.NDArray[np.intp], list[Area]], level: int, outlined: list[Area], reference: Reference
) -> tuple[list[Area], npt.NDArray[np.intp]]:
    """Areas of a level as the parents of the areas that hold the rows."""
    position, parts = below
    areas = list(outlined)
    index = {area.code: i for i, area in enumerate(areas)}
    of_part = []
    for part in parts:
        parent = next((a for a in reference.above(part) if a.level == level), None)
        if parent is not None and parent.code not in index:
            index[parent.code] = len(areas)
            areas.append(parent)
        of_part.append(index[parent.code] if parent is not None else -1)
    return areas, np.array([*of_part, -1], dtype=np.intp)[position]


def _stated(columns: dict[str, pd.Series], name: str, count: int) -> npt.NDArray[np.object_]:
    if name in columns:
        return columns[name].to_numpy(object, na_value=None)
    return np.full(count, None, dtype=object)


def _fill(
    columns: dict[str, pd.Series], name: str, position: npt.NDArray[np.intp], known: Mask, values: list[str | None]
) -> None:
    """Fill the blanks of a column."""
    filled = pd.Series(np.array([*values, None], dtype=object)[np.where(known, position, -1)], dtype="str")
    columns[name] = columns[name].fillna(filled) if name in columns else filled


def _fill_country(columns: dict[str, pd.Series], holding: Holding, reference: Reference, count: int) -> None:
    for level in LEVELS:
        if level in holding:
            position, areas = holding[level]
            _fill(columns, "location_code", position, position >= 0, [_country(a, reference) for a in areas])


def _country(area: Area, reference: Reference) -> str | None:
    for one in (area, *reference.above(area)):
        if one.country:
            return one.country
        if one.level == 0:
            return one.code
    return None


def _warn_of_other_place(
    stated: npt.NDArray[np.object_],
    geometries: Geometries,
    points: Mask,
    level: int,
    account: Account,
    reference: Reference,
) -> None:
    """Warn where a code's area lies farther from the point than the tolerance."""
    codes, uniques = pd.factorize(pd.Series(stated, dtype=object).where(points))
    far = np.zeros(len(points), bool)
    for number, code in enumerate(uniques):
        area = reference.listed.get(code)
        if area is None or not area.outlined or area.level != level:
            continue
        rows = np.flatnonzero(codes == number)
        far[rows] = _distance_m(geometries[rows], area.geometry) > TOLERANCE_M
    if not far.any():
        return
    here = np.full(len(points), "", dtype=object)
    rows = np.flatnonzero(far)
    outlined = reference.outlined(level)
    position = reference.at(geometries[rows], level)
    here[rows] = [
        f"{stated[row]}, lies in {outlined[p].code if p >= 0 else 'no loaded area'}"
        for row, p in zip(rows.tolist(), position.tolist(), strict=True)
    ]
    account.warn(
        far,
        "pcode_against_place",
        f"the point lies more than {TOLERANCE_M / 1000:.0f} km outside the area of its code",
        "Correct the code or the coordinates; both are kept.",
        f"admin{level}_code",
        here,
    )


def _distance_m(points: Geometries, outline: shapely.Geometry | None) -> npt.NDArray[np.float64]:
    """About how far points lie outside an outline, in metres: good to a few percent near it."""
    if outline is None:
        return np.zeros(len(points))
    shapely.prepare(outline)
    result = np.zeros(len(points))
    out = ~shapely.intersects(outline, points)
    if out.any():
        scale = np.array([np.cos(np.radians(shapely.get_y(shapely.centroid(outline)))), 1.0])
        flat = shapely.transform(outline, lambda pairs: pairs * scale)
        result[out] = shapely.distance(shapely.transform(points[out], lambda pairs: pairs * scale), flat) * DEGREE_M
    return result


def _warn_of_other_country(
    columns: dict[str, pd.Series],
    geometries: Geometries,
    points: Mask,
    holding: Holding,
    account: Account,
    reference: Reference,
) -> None:
    """Warn where a row states a country, and its point lies farther inside another than the tolerance."""
    stated = _stated(columns, "location_code", len(points))
    against, here = np.zeros(len(points), bool), np.full(len(points), "", dtype=object)
    for country in sorted({str(code) for code in stated if code is not None} & reference.country_codes):
        rows = points & (stated == country)
        wrong = np.zeros(len(points), bool)
        for position, areas in holding.values():
            fits = [may_be_of(frozenset({country}), _countries(area, reference)) for area in areas]
            wrong |= rows & ~np.array([*fits, True])[position]
            names = np.array([*(f"{country}, lies in {area.code or area.name}" for area in areas), ""], dtype=object)
            here[wrong] = np.where(here[wrong] == "", names[position[wrong]], here[wrong])
        own = [area.geometry for area in reference.areas if area.outlined and country in area.countries]
        wrong[wrong] = ~_within(geometries[wrong], own, TOLERANCE_M / DEGREE_M)
        against |= wrong
    account.warn(
        against,
        "country_against_place",
        "the point lies in another country than the row states",
        "Correct the country or the coordinates; both are kept.",
        "location_code",
        here,
    )


def _countries(area: Area, reference: Reference) -> frozenset[str]:
    return area.countries.union(*(above.countries for above in reference.above(area)))


def _within(points: Geometries, outlines: list[shapely.Geometry | None], degrees: float) -> Mask:
    """Which points lie in an outline, or so near to one."""
    result = np.zeros(len(points), bool)
    result[shapely.STRtree(points).query(outlines, predicate="dwithin", distance=degrees)[1]] = True
    return result


def _note_no_outlines(count: int, account: Account, reference: Reference) -> None:
    """Say that areas which are only listed give no place its codes."""
    if reference.area_frames:
        account.note(
            "no_outlines",
            f"The admin areas that are loaded have no outlines: {count} places have no more admin codes than the file"
            " gives.",
            field="geometry",
            remedy="Load the outlines of the admin areas, then this file again.",
        )


def _note_no_layer(far: int, count: int, columns: dict[str, pd.Series], account: Account) -> None:
    country = ", ".join(sorted(stated_countries(columns))) or "their country"
    account.note(
        "no_admin_layer",
        f"{far} of {count} places lie far from all outlines of admin areas that are loaded, none of {country}: they"
        " have no more admin codes than the file gives.",
        field="geometry",
        remedy=f"Load the outlines of the admin areas of {country}, then this file again.",
    )


def _warn_of_outside(
    columns: dict[str, pd.Series],
    geometries: Geometries,
    points: Mask,
    holding: Holding,
    account: Account,
    reference: Reference,
) -> None:
    """Say how many places lie outside all areas in force, and which when they are few."""
    outside = points.copy()
    for position, _ in holding.values():
        outside &= position < 0
    rows = np.flatnonzero(outside)
    if not len(rows):
        return
    outlines = [area.geometry for area in reference.areas if area.outlined]
    far = len(rows) - int(_within(geometries[rows], outlines, FAR_DEGREES).sum())
    if far * 2 > points.sum():
        _note_no_layer(far, int(points.sum()), columns, account)
        return
    near = int(_within(geometries[rows], outlines, TOLERANCE_M / DEGREE_M).sum())
    numbers = np.unique(account.rows[rows]).tolist()
    listed = f" (rows {', '.join(map(str, numbers))})" if len(numbers) <= ROWS_LISTED else ""
    border = f", {near} of them within {TOLERANCE_M / 1000:.0f} km of a border" if near else ""
    account.note(
        "outside_areas",
        f"{len(rows)} of {int(points.sum())} places lie outside the admin areas in force{border}{listed}.",
        severity="warning",
        field="geometry",
        found=", ".join(map(str, numbers[:ROWS_LISTED])),
        remedy="Places in a neighbouring country are right so; correct the others.",
    )
