"""Columns to places: latitude and longitude, WKT, pairs, MGRS, UTM, each where the one before gave nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

from layers.errors import NoCrs
from loaders.account import Account, Mask
from loaders.coordinates import Angles, Placed, read_angles, read_geopoints, read_shapes
from loaders.crs_guess import likely_systems
from loaders.formats.projection import REMEDY, beyond_degrees, crs_of, system_of, transformed
from loaders.grids import is_zone, read_mgrs, read_utm, read_zoned
from loaders.reference import Geometries, Reference
from loaders.values import without_placeholders

DEGREES_REMEDY = "Give longitude and latitude in decimal degrees (WGS84)."
UNREAD = ("bad_coordinate", "no place can be read from it")
TEXT_REMEDY = {
    "wkt": "Correct the geometry.",
    "geopoint": 'Write "latitude, longitude" in decimal degrees.',
    "mgrs": 'Write the whole reference with its zone and square, as "33NXE1234".',
    "utm": 'Write zone with N or S, easting and northing, as "34N 500000 4649776".',
}


def read_places(
    given: Geometries | None,
    texts: pd.DataFrame,
    column_of: dict[str, str],
    account: Account,
    *,
    crs: str = "",
    reference: Reference | None = None,
) -> Placed:
    """The place of each row in EPSG:4326, from the file's own geometry, then from its columns.

    Parameters
    ----------
    given : array of Geometry, optional
        Geometry that the format itself holds.
    column_of : dict
        Of `PLACE_SPELLINGS`: "latitude", "longitude", "wkt", "geopoint", "mgrs", "utm" -> column.
    crs : str
        System that the person chose for numbers that are no degrees.
    reference : Reference, optional
        By which likely systems are named.

    Raises
    ------
    NoCrs
        When most numbers are no degrees and no system is chosen, or the chosen one is unknown.
    """
    result = Placed.nowhere(len(account.rows))
    if given is not None:
        result.geometries[:] = _in_degrees(given, account, account.name, crs, reference)
    losses: list[Loss] = []
    for placed in _ways(texts, column_of, account, result, losses, crs, reference):
        won = shapely.is_missing(result.geometries) & ~shapely.is_missing(placed.geometries)
        result.geometries[won], result.radius_m[won] = placed.geometries[won], placed.radius_m[won]
        result.precision[won] = placed.precision[won]
    _settle(losses, result.geometries, account)
    return result


@dataclass(frozen=True)
class Loss:
    """Cells that give no place; that matters where no other column places their row."""

    mask: Mask
    code: str
    what: str
    remedy: str
    field: str | None
    found: pd.Series | None


def _settle(losses: list[Loss], geometries: Geometries, account: Account) -> None:
    """Reject the rows that lost their place, and say which took it from another column."""
    placed = ~shapely.is_missing(geometries)
    for loss in losses:
        where = (loss.remedy, loss.field, loss.found)
        account.reject(loss.mask & ~placed, loss.code, loss.what, *where)
        account.repair(loss.mask & placed, loss.code, f"{loss.what}; the place was taken from another column", *where)


def _ways(
    texts: pd.DataFrame,
    column_of: dict[str, str],
    account: Account,
    so_far: Placed,
    losses: list[Loss],
    crs: str,
    reference: Reference | None,
) -> Iterator[Placed]:
    """What each way that the columns offer gives for the rows still without a place."""

    def open_cells(way: str) -> pd.Series:
        placed = ~shapely.is_missing(so_far.geometries)
        return without_placeholders(texts[column_of[way]]).mask(placed)

    if {"latitude", "longitude"} <= column_of.keys():
        zones = open_cells("utm") if "utm" in column_of else None
        zoned = zones is not None and is_zone(zones)
        pair = (open_cells("longitude"), open_cells("latitude"))
        yield _points(*pair, zones if zoned else None, account, losses, crs, reference)
        if zoned:
            column_of = {way: column for way, column in column_of.items() if way != "utm"}
    readers: dict[str, Callable[[pd.Series], Placed]] = {
        "wkt": lambda cells: _shapes(cells, account, crs, reference),
        "geopoint": lambda cells: _written_place(cells, account),
        "mgrs": read_mgrs,
        "utm": lambda cells: _utm(cells, account),
    }
    for way, read in readers.items():
        if way in column_of:
            cells = open_cells(way)
            placed = read(cells)
            code, what = ("bad_geometry", "no readable WKT or GeoJSON") if way == "wkt" else UNREAD
            losses.append(Loss(placed.bad, code, what, TEXT_REMEDY[way], column_of[way], cells))
            yield placed


def _shapes(cells: pd.Series, account: Account, crs: str, reference: Reference | None) -> Placed:
    where = f"{account.name}, column {cells.name}"
    placed = read_shapes(cells, where)
    placed.geometries[:] = _in_degrees(placed.geometries, account, where, crs, reference)
    return placed


def _utm(cells: pd.Series, account: Account) -> Placed:
    placed, hemisphere = read_utm(cells)
    _note_hemisphere(hemisphere, str(cells.name), account)
    return placed


def _written_place(cells: pd.Series, account: Account) -> Placed:
    """A pair in one cell; where it is none, any other form that a place is written in."""
    placed = read_geopoints(cells)
    forms: tuple[Callable[[pd.Series], Placed], ...] = (
        lambda rest: read_shapes(rest, account.name),
        read_mgrs,
        lambda rest: read_utm(rest)[0],
    )
    for read in forms:
        if not placed.bad.any():
            break
        other = read(cells.where(placed.bad))
        won = placed.bad & ~other.bad
        placed.geometries[won], placed.radius_m[won] = other.geometries[won], other.radius_m[won]
        placed.precision[won] = other.precision[won]
        placed.bad[won] = False
    return placed


def _points(
    longitude: pd.Series,
    latitude: pd.Series,
    zones: pd.Series | None,
    account: Account,
    losses: list[Loss],
    crs: str,
    reference: Reference | None,
) -> Placed:
    """Points from two columns of numbers, in degrees, in the zone beside them, or in the chosen system."""
    placed = Placed.nowhere(len(longitude))
    second, first = read_angles(latitude, "latitude"), read_angles(longitude, "longitude")
    for column, angles in ((longitude, first), (latitude, second)):
        name = str(column.name)
        for code, message in angles.notes:
            account.note(code, f"{name}: {message}; they were read so.", field=name)
        losses.append(Loss(angles.bad, "bad_coordinate", "no number", DEGREES_REMEDY, name, column))
    x, y = _by_their_letters(first, second, account)
    blank = (longitude.isna() ^ latitude.isna()).to_numpy(bool)
    half = (np.isnan(x) ^ np.isnan(y)) & blank
    losses.append(Loss(half, "half_a_place", "only one of the two coordinates is there", DEGREES_REMEDY, None, None))
    there = ~np.isnan(x) & ~np.isnan(y)
    placed.geometries[there] = shapely.points(x[there], y[there])
    if zones is not None:
        zoned, hemisphere = read_zoned(zones, x, y)
        _note_hemisphere(hemisphere, str(zones.name), account)
        projected = beyond_degrees(placed.geometries)
        unfit = projected & zoned.bad
        losses.append(Loss(unfit, "bad_coordinate", "no UTM zone fits it", TEXT_REMEDY["utm"], str(zones.name), zones))
        placed.geometries[projected] = zoned.geometries[projected]
    where = f"{account.name}, columns {longitude.name} and {latitude.name}"
    placed.geometries[:] = _in_degrees(placed.geometries, account, where, crs, reference)
    return placed


def _by_their_letters(first: Angles, second: Angles, account: Account) -> tuple[Any, Any]:
    """Longitude and latitude, each where its own letter (N, E, ...) says that it belongs."""
    crossed = (first.axis == "latitude") & (second.axis != "latitude")
    crossed |= (second.axis == "longitude") & (first.axis != "longitude")
    account.repair(
        crossed,
        "axes_swapped",
        "the letters N, S, E, W show that the columns are exchanged; put right",
        "Name the columns the other way round.",
        "geometry",
    )
    same = (first.axis != "") & (first.axis == second.axis)
    account.reject(same, "bad_coordinate", "both coordinates are of one axis", DEGREES_REMEDY, "geometry")
    x, y = np.where(crossed, second.values, first.values), np.where(crossed, first.values, second.values)
    x[same], y[same] = np.nan, np.nan
    return x, y


def _note_hemisphere(read_so: bool, column: str, account: Account) -> None:
    if read_so:
        account.note(
            "hemisphere_assumed",
            f"{column}: N and S beside the zone were taken as the hemisphere, not as latitude bands.",
            field=column,
            remedy="Check one place on the map.",
        )


def _finite(geometries: Geometries, account: Account) -> Geometries:
    """Without the geometries that have an endless or missing number among their coordinates."""
    coordinates, owner = shapely.get_coordinates(geometries, return_index=True)
    endless = ~np.isfinite(coordinates).all(axis=1)
    if endless.any():
        bad = np.zeros(len(geometries), bool)
        bad[owner[endless]] = True
        account.reject(bad, "bad_geometry", "one of its coordinates is no number", DEGREES_REMEDY, "geometry")
        geometries[bad] = None
    return geometries


def _in_degrees(
    geometries: Geometries, account: Account, where: str, crs: str, reference: Reference | None
) -> Geometries:
    """Numbers that are no degrees brought to degrees by the chosen system.

    Raises
    ------
    NoCrs
        When most are no degrees and none is chosen; it names the likeliest.
    """
    geometries = _finite(geometries.copy(), account)
    geometries[shapely.is_empty(geometries)] = None
    projected = beyond_degrees(geometries)
    if not crs:
        if crs_of(geometries):
            raise _no_crs(geometries[projected], where, reference)
        return geometries
    system = system_of(crs, where)
    moved = ~shapely.is_missing(geometries) if system.is_geographic else projected
    if not moved.any():
        account.note(
            "crs_not_needed",
            f"the numbers are degrees already, so the chosen system {crs} was not used.",
            severity="warning",
            field="geometry",
            found=crs,
        )
        return geometries
    numbers, exchanged = _in_order(geometries[moved], system, reference)
    result = geometries.copy()
    result[moved] = transformed(numbers, system)
    order = ", northing first" if exchanged else ""
    account.note(
        "reprojected",
        f"{int(moved.sum())} places were brought from {system.name}{order} to longitude and latitude (WGS84).",
        severity="warning",
        field="geometry",
        found=crs,
        remedy="Check a few places on the map.",
    )
    return _finite(result, account)


def _in_order(geometries: Geometries, system: Any, reference: Reference | None) -> tuple[Geometries, bool]:
    """Numbers with easting first, told by the theatre, else by where the system is used; and whether exchanged."""
    use = system.area_of_use

    def fitting(points: Geometries) -> float:
        places = transformed(points, system)
        places = places[np.isfinite(shapely.get_coordinates(places)).all(axis=1)]
        if reference is not None and reference.box is not None:
            inside = reference.covers(places, 1.0)
        else:
            inside = shapely.covers(shapely.box(use.west, use.south, use.east, use.north), places)
        return float(inside.sum() / len(points))

    if use is None or not len(geometries):
        return geometries, False
    sample = shapely.centroid(geometries[:: max(1, len(geometries) // 500)])
    other = shapely.transform(sample, lambda pairs: pairs[:, ::-1])
    if fitting(sample) < 0.5 and fitting(other) > 0.9:
        return shapely.transform(geometries, lambda pairs: pairs[:, ::-1]), True
    return geometries, False


def _short(number: float) -> str:
    return f"{number:.0f}" if abs(number) < 1e12 else f"{number:.2e}"


def _no_crs(projected: Geometries, where: str, reference: Reference | None) -> NoCrs:
    centres = shapely.centroid(projected)
    numbers = np.column_stack([shapely.get_x(centres), shapely.get_y(centres)])
    # Headers that say which is which are believed: only unnamed numbers may stand the other way round.
    guesses = likely_systems(numbers, reference, named="easting" in where.casefold())
    x, y = numbers[0]
    if guesses:
        remedy = f"Choose the system: likely {'; '.join(guess.words for guess in guesses)}. {REMEDY}"
    elif reference is None or reference.box is None:
        remedy = f"Load the admin layer of the country first, and likely systems are named here. {REMEDY}"
    else:
        remedy = f"No common system brings them into the theatre: ask the sender which it is. {REMEDY}"
    return NoCrs(
        where,
        f"numbers such as {_short(x)} and {_short(y)}: projected coordinates and no coordinate system",
        "longitude and latitude in decimal degrees, or a chosen coordinate system",
        remedy,
    )
