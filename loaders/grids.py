"""Grid references: MGRS and UTM as text, or easting and northing beside a zone.

An MGRS reference is a square, not a point. The record stands at the centre of its
square, with half the diagonal as its radius, so that the whole square is covered and
shortening the place again gives the same reference; the corner, which maps label, would
lie outside after the least rounding. The fewer the digits, the coarser the place: a
square of 100 m or less is a point, up to 10 km near, and 100 km a region.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from loaders.coordinates import Placed, tidy
from loaders.formats.projection import degrees_of
from loaders.values import DIGITS

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

MGRS = r"^(?:MGRS:?)?(?P<square>\d{1,2}[C-HJ-NP-X][A-HJ-NP-Z][A-HJ-NP-V])(?P<digits>(?:\d\d){0,5})$"
SIDE_M = {0: 100_000, 2: 10_000, 4: 1_000, 6: 100, 8: 10, 10: 1}
PRECISION = {0: "region", 2: "near", 4: "near", 6: "point", 8: "point", 10: "point"}
ZONE = r"^(?:UTM)?(?:ZONE)?(?P<zone>\d{1,2})(?P<letter>[C-HJ-NP-X])?$"
NUMBER = r"\d{1,8}(?:[.,]\d+)?"
UTM = (
    r"^(?:UTM)?[\s:]*(?:ZONE)?\s*(?P<zone>\d{1,2})\s*(?P<letter>[C-HJ-NP-X])\b[\s,;:]*"
    rf"(?:E(?:ASTING)?[\s:=]*)?(?P<east>{NUMBER})\s*(?:M?E\b)?[\s,;:]+"
    rf"(?:N(?:ORTHING)?[\s:=]*)?(?P<north>{NUMBER})\s*(?:M?N\b)?$"
)
UTM_LAST = (
    rf"^(?:E(?:ASTING)?[\s:=]*)?(?P<east>{NUMBER})\s*(?:M?E\b)?[\s,;:]+(?:N(?:ORTHING)?[\s:=]*)?(?P<north>{NUMBER})"
    r"\s*(?:M?N\b)?[\s,;:(]+(?:UTM)?\s*(?:ZONE)?\s*(?P<zone>\d{1,2})\s*(?P<letter>[C-HJ-NP-X])\)?$"
)
MOST_EAST, MOST_NORTH = 1_000_000, 10_000_000


def read_mgrs(column: pd.Series) -> Placed:
    """MGRS references in any spacing: the centre of the square, and how large the square is."""
    placed = Placed.nowhere(len(column))
    parts = pc.extract_regex(_compact(column), MGRS)
    read = np.asarray(pc.is_valid(parts).to_numpy(zero_copy_only=False), bool)
    if read.any():
        squares = pc.struct_field(parts, "square").to_pandas()[read]
        digits = pc.struct_field(parts, "digits").to_pandas()[read].astype("str")
        count = digits.str.len().to_numpy(int)
        side = np.array([SIDE_M[c] for c in range(0, 11, 2)], float)[count // 2]
        half = digits.str.len() // 2
        east = pd.to_numeric(pd.Series([d[:h] for d, h in zip(digits, half, strict=True)]), errors="coerce").fillna(0)
        north = pd.to_numeric(pd.Series([d[h:] for d, h in zip(digits, half, strict=True)]), errors="coerce").fillna(0)
        inside = np.column_stack([east.to_numpy(float), north.to_numpy(float)]) * side[:, None] + side[:, None] / 2
        placed.geometries[read] = _in_squares(squares.to_numpy(object), inside)
        placed.radius_m[read] = np.ceil(side / np.sqrt(2))
        placed.precision[read] = np.array([PRECISION[c] for c in range(0, 11, 2)], dtype=object)[count // 2]
    _without_places(placed)
    placed.bad[:] = column.notna().to_numpy(bool) & shapely.is_missing(placed.geometries)
    return placed


def _in_squares(squares: npt.NDArray[np.object_], inside: Floats) -> npt.NDArray[np.object_]:
    """Points so many metres east and north of the corner of their 100 km squares; None where there is no such one."""
    import mgrs

    grid = mgrs.MGRS()
    codes, uniques = pd.factorize(squares)
    zones, corners = np.zeros(len(uniques), int), np.full((len(uniques), 2), np.nan)
    for position, square in enumerate(uniques):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # a square that its latitude band does not have
                zone, hemisphere, east, north = grid.MGRSToUTM(str(square))
        except (mgrs.core.MGRSError, RuntimeWarning):
            continue
        zones[position] = zone if hemisphere == "N" else -zone
        corners[position] = east // SIDE_M[0] * SIDE_M[0], north // SIDE_M[0] * SIDE_M[0]
    return _of_zones(zones[codes], corners[codes] + inside)


def _of_zones(zones: npt.NDArray[np.int_], metres: Floats) -> npt.NDArray[np.object_]:
    """Points from UTM; zones are negative in the south, and 0 where there is none."""
    points = np.full(len(zones), None, dtype=object)
    for zone in np.unique(zones[zones != 0]):
        theirs = zones == zone
        epsg = 32600 + zone if zone > 0 else 32700 - zone
        points[theirs] = shapely.points(degrees_of(metres[theirs], f"EPSG:{epsg}"))
    return points


def read_utm(column: pd.Series) -> tuple[Placed, bool]:
    """UTM as text, and whether a letter N or S was read as the hemisphere.

    "34N 500000 4649776", zone first or last, with or without E and N. A letter other than
    N and S anywhere in the column shows that letters are latitude bands; otherwise S is
    the southern hemisphere, not the band S of the north.
    """
    placed = Placed.nowhere(len(column))
    cells = pa.array(tidy(column), type=pa.large_string(), from_pandas=True)
    forms = [pc.extract_regex(cells, form) for form in (UTM, UTM_LAST)]
    read = np.asarray(pc.or_(*(pc.is_valid(form) for form in forms)).to_numpy(zero_copy_only=False), bool)
    hemisphere = False
    if read.any():
        zone, letter, east, north = (
            pc.coalesce(*(pc.struct_field(form, n) for form in forms)).to_pandas()[read].astype("str")
            for n in ("zone", "letter", "east", "north")
        )
        zones, hemisphere = _zones(zone, letter)
        metres = np.column_stack(
            [pd.to_numeric(m.str.replace(",", ".", regex=False), errors="coerce") for m in (east, north)]
        )
        placed.geometries[read] = _of_zones(np.where(_fits(metres), zones, 0), metres)
    _without_places(placed)
    placed.bad[:] = column.notna().to_numpy(bool) & shapely.is_missing(placed.geometries)
    return placed, hemisphere


def is_zone(column: pd.Series) -> bool:
    """Whether the filled cells of a column are UTM zones alone."""
    filled = column.dropna()
    if not len(filled):
        return False
    zones = pc.match_substring_regex(_compact(filled), ZONE)
    return bool(pc.all(zones).as_py())


def read_zoned(zones: pd.Series, east: Floats, north: Floats) -> tuple[Placed, bool]:
    """Easting and northing beside a column of zones, and whether S or N was read as the hemisphere."""
    placed = Placed.nowhere(len(zones))
    parts = pc.extract_regex(_compact(zones), ZONE)
    zone, letter = (pc.struct_field(parts, n).to_pandas().astype("str") for n in ("zone", "letter"))
    known, hemisphere = _zones(zone, letter)
    metres = np.column_stack([east, north])
    placed.geometries[:] = _of_zones(np.where(_fits(metres), known, 0), metres)
    _without_places(placed)
    stated = ~np.isnan(metres).any(axis=1)
    placed.bad[:] = stated & shapely.is_missing(placed.geometries)
    return placed, hemisphere


def _zones(zone: pd.Series, letter: pd.Series) -> tuple[npt.NDArray[np.int_], bool]:
    """Zone numbers, negative in the south, 0 where zone or hemisphere is not known."""
    letters = set(letter.dropna().unique()) - {""}
    bands = bool(letters - {"N", "S"})
    number = pd.to_numeric(zone, errors="coerce").fillna(0).to_numpy(int)
    named = letter.fillna("").to_numpy(object)
    south = (named < "N") if bands else (named == "S")
    known = (number >= 1) & (number <= 60) & (named != "")
    return np.where(known, np.where(south, -number, number), 0), bool(letters) and not bands


def _fits(metres: Floats) -> Mask:
    return (metres[:, 0] > 0) & (metres[:, 0] < MOST_EAST) & (metres[:, 1] >= 0) & (metres[:, 1] <= MOST_NORTH)


def _without_places(placed: Placed) -> None:
    """Points that a projection could not give are no places."""
    points: Any = placed.geometries
    endless = ~np.isfinite(np.column_stack([shapely.get_x(points), shapely.get_y(points)])).all(axis=1)
    placed.geometries[endless] = None
    placed.radius_m[endless] = np.nan
    placed.precision[endless] = ""


def _compact(column: pd.Series) -> pa.Array:
    """Cells in capitals without spaces and dashes."""
    text = column.str.translate(DIGITS).str.replace(r"[\s\-./_]+", "", regex=True).str.upper()
    return pa.array(text, type=pa.large_string(), from_pandas=True)
