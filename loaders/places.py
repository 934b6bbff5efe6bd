"""Where the rows lie: geometry checked, swapped axes put right, what looks wrong pointed out."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layers.kind import Geometry, Kind
from loaders.account import Account, Mask
from loaders.place_columns import DEGREES_REMEDY
from loaders.reference import Reference

Geometries = npt.NDArray[np.object_]

# Columns that are no fields of a kind, but give its geometry.
PLACE_SPELLINGS: dict[str, tuple[str, ...]] = {
    "latitude": (
        "latitude",
        "lat",
        "y",
        "gps latitude",
        "y coord",
        "point y",
        "northing",
        "coord y",
        "latitude y",
        "latitud",
        "lat dd",
        "gps lat",
        "خط العرض",
    ),
    "longitude": (
        "longitude",
        "lon",
        "long",
        "lng",
        "x",
        "gps longitude",
        "x coord",
        "point x",
        "easting",
        "coord x",
        "longitude x",
        "longitud",
        "lon dd",
        "long dd",
        "gps long",
        "gps lon",
        "خط الطول",
    ),
    "wkt": ("wkt", "geom wkt", "the geom", "geometry", "geom", "geojson"),
    "geopoint": (
        "geopoint",
        "geo point",
        "geo point 2d",
        "gps",
        "gps coordinates",
        "gps location",
        "gps point",
        "coordinates",
        "coordonnees",
        "coordonnees gps",
        "coordenadas",
        "geolocation",
        "lat long",
        "lat lon",
        "latlong",
        "latlon",
        "latitude longitude",
    ),
    "mgrs": (
        "mgrs",
        "mgrs reference",
        "mgrs grid",
        "mgrs grid reference",
        "mgrs coordinates",
        "grid",
        "grid reference",
        "grid ref",
        "military grid",
    ),
    "utm": ("utm", "utm coordinates", "utm reference", "utm zone", "zone utm", "fuseau utm"),
}
PLACE_HXL = {"#geo+lat": "latitude", "#geo+lon": "longitude"}
DIMENSION: dict[Geometry, int] = {"point": 0, "line": 1, "polygon": 2}
# How far a place may lie from its point when both coordinates lost their decimals: the diagonal of a degree.
WHOLE_DEGREE_M = 157_000.0
# Beyond these a geometry is not repaired: it would take memory without end.
MOST_VERTICES, MOST_CROSSINGS, CROSSINGS_SAMPLE = 1_000_000, 2_000_000, 300
FEW_ROWS, MANY_ROWS, MUCH_OF_A_FILE = 5, 20, 0.2


def geometry_types(geometries: Geometries) -> frozenset[str]:
    """Which of point, line and polygon occur."""
    dimensions = set(np.unique(shapely.get_dimensions(geometries)))
    return frozenset(name for name, dimension in DIMENSION.items() if dimension in dimensions)


def checked(geometries: Geometries, kind: Kind, account: Account, reference: Reference | None = None) -> Geometries:
    """Geometry fit for the kind; every change and refusal goes into the account.

    Parameters
    ----------
    reference : Reference, optional
        What is stored of the theatre: rows that lie in it only with their axes exchanged
        are recognised by it.
    """
    result = geometries
    if shapely.has_z(result).any():
        account.note("height_dropped", "heights (Z) are not kept.", field="geometry")
        result = shapely.force_2d(result)
    result = _axes_put_right(result, account, reference)
    _reject_out_of_range(result, account)
    _warn_of_odd_places(result, account)
    result = _repaired(result, account)
    return _of_kind(result, kind, account)


def _bounds(geometries: Geometries) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Largest absolute x and y of each geometry; NaN where there is none."""
    bounds = np.abs(shapely.bounds(geometries))
    return np.fmax(bounds[:, 0], bounds[:, 2]), np.fmax(bounds[:, 1], bounds[:, 3])


def _axes_put_right(geometries: Geometries, account: Account, reference: Reference | None) -> Geometries:
    x, y = _bounds(geometries)
    placed = ~np.isnan(x) & ~account.rejected
    swapped = placed & (y > 90) & (y <= 180) & (x <= 90)
    contradicted = placed & (x > 90) & (y <= 90)
    whole = swapped.sum() * 2 > placed.sum() and not contradicted.any()
    if not whole and reference is not None:
        inside, outside = _in_theatre_exchanged(geometries, placed & ~swapped, reference)
        # All of a file may be exchanged, or a few rows of one that fits otherwise.
        whole = not swapped.any() and inside.sum() > 0.9 * placed.sum() and outside.sum() > 0.95 * placed.sum()
        if outside.sum() * 2 < placed.sum():
            swapped |= inside & outside
    if whole:
        account.note(
            "axes_swapped",
            "longitude and latitude are exchanged in the whole file; all rows were put right.",
            severity="warning",
            field="geometry",
            remedy="Check the map; name the columns the other way round and export again.",
        )
        account.repaired |= placed
        return _exchanged(geometries, placed)
    account.repair(
        swapped,
        "axes_swapped",
        "longitude and latitude were exchanged and put right",
        "Check this place.",
        "geometry",
        _shown(geometries, swapped),
    )
    return _exchanged(geometries, swapped)


def _in_theatre_exchanged(geometries: Geometries, placed: Mask, reference: Reference) -> tuple[Mask, Mask]:
    """Which rows lie in the theatre once exchanged, and which lie outside its surroundings as they are."""
    inside, outside = np.zeros(len(geometries), bool), np.zeros(len(geometries), bool)
    if reference.boxes is None or not placed.any():
        return inside, outside
    bounds = shapely.bounds(geometries)
    x, y = (bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2
    outside[:] = placed
    mirrored = np.zeros(len(geometries), bool)
    for west, south, east, north in shapely.bounds(reference.boxes):
        # A degree: neighbours' camps belong to the theatre.
        outside &= ~((x >= west - 1) & (x <= east + 1) & (y >= south - 1) & (y <= north + 1))
        mirrored |= (y >= west) & (y <= east) & (x >= south) & (x <= north)
    rows = np.flatnonzero(outside & mirrored)
    inside[rows[reference.covers(shapely.points(y[rows], x[rows]), 0.1)]] = True
    return inside, outside


def _exchanged(geometries: Geometries, mask: Mask) -> Geometries:
    if not mask.any():
        return geometries
    result = geometries.copy()
    result[mask] = shapely.transform(geometries[mask], lambda xy: xy[:, ::-1])
    return result


def _shown(geometries: Geometries, mask: Mask) -> Geometries:
    """A place as text, for the rows of the mask."""
    shown: Geometries = np.full(len(geometries), "", dtype=object)
    if mask.any():
        bounds = shapely.bounds(geometries[mask])
        shown[mask] = [f"{west:g}, {south:g}" for west, south in bounds[:, :2].tolist()]
    return shown


def _reject_out_of_range(geometries: Geometries, account: Account) -> None:
    x, y = _bounds(geometries)
    out = (x > 180) | (y > 90)
    account.reject(
        out,
        "out_of_range",
        "outside longitude -180..180 and latitude -90..90",
        DEGREES_REMEDY,
        "geometry",
        _shown(geometries, out),
    )


def _warn_of_odd_places(geometries: Geometries, account: Account) -> None:
    """Point at 0, 0, at latitudes that repeat the longitude, and at one point that many rows share."""
    x, y = _bounds(geometries)
    zero = (x == 0) & (y == 0)
    account.warn(
        zero, "zero_place", "it lies at 0, 0, in the Gulf of Guinea", "Leave unknown coordinates blank.", "geometry"
    )
    points = shapely.get_type_id(geometries) == shapely.GeometryType.POINT
    twice = points & ~zero & (shapely.get_x(geometries) == shapely.get_y(geometries))
    account.warn(
        twice,
        "same_coordinate_twice",
        "latitude and longitude are the same number",
        "Check whether one was copied into the other.",
        "geometry",
        _shown(geometries, twice),
    )
    _note_shared_point(geometries, points & ~zero & ~account.rejected, account)


def _note_shared_point(geometries: Geometries, placed: Mask, account: Account) -> None:
    """Say it when one point stands for a good part of all rows: it is then an area's or an office's."""
    if placed.sum() < MANY_ROWS:
        return
    places = shapely.get_x(geometries[placed]) + 1j * shapely.get_y(geometries[placed])
    codes, uniques = pd.factorize(places)
    counts = np.bincount(codes)
    most = int(np.argmax(counts))
    if len(uniques) > 1 and counts[most] >= max(MANY_ROWS, MUCH_OF_A_FILE * len(codes)):
        place = f"{uniques[most].real:g}, {uniques[most].imag:g}"
        account.note(
            "shared_point",
            f"{int(counts[most])} of {len(codes)} places are the same point, {place}.",
            severity="warning",
            field="geometry",
            found=place,
            remedy="Check whether it stands for an area or an office; then state place_precision.",
        )


def whole_degrees(geometries: Geometries, account: Account) -> Mask:
    """Rows whose coordinates were cut to whole degrees, where most of the file's were; each is pointed at."""
    points = (shapely.get_type_id(geometries) == shapely.GeometryType.POINT) & ~account.rejected
    x, y = shapely.get_x(geometries), shapely.get_y(geometries)
    whole: Mask = points & (x == np.floor(x)) & (y == np.floor(y)) & ~((x == 0) & (y == 0))
    if points.sum() < FEW_ROWS or whole.sum() * 2 <= points.sum():
        return np.zeros(len(geometries), bool)
    account.warn(
        whole,
        "whole_degrees",
        f"its coordinates are whole degrees, so it is known to {WHOLE_DEGREE_M / 1000:.0f} km only",
        "Send the coordinates with their decimals.",
        "geometry",
        _shown(geometries, whole),
    )
    return whole


def _repaired(geometries: Geometries, account: Account) -> Geometries:
    invalid = ~shapely.is_missing(geometries) & ~shapely.is_valid(geometries) & ~account.rejected
    if not invalid.any():
        return geometries
    result = geometries.copy()
    dimensions = shapely.get_dimensions(geometries[invalid])
    reasons = np.full(len(geometries), "", dtype=object)
    reasons[invalid] = shapely.is_valid_reason(geometries[invalid])
    for index, dimension in zip(np.flatnonzero(invalid).tolist(), dimensions.tolist(), strict=True):
        reasons[index] = _mend(result, index, dimension) or reasons[index]
    lost = invalid & shapely.is_missing(result)
    account.reject(lost, "bad_geometry", "it cannot be repaired", "Draw it again.", "geometry", reasons)
    account.repair(
        invalid & ~lost, "geometry_repaired", "it was repaired", "Check its outline on the map.", "geometry", reasons
    )
    return result


def _mend(geometries: Geometries, index: int, dimension: int) -> str:
    """Repair one geometry in its place; where that cannot be done it goes, and why is returned."""
    shape, geometries[index] = geometries[index], None
    if (count := shapely.get_num_coordinates(shape)) > MOST_VERTICES:
        return f"{count:,} vertices, more than the {MOST_VERTICES:,} that are repaired"
    if (crossings := _crossings(shape)) > MOST_CROSSINGS:
        return (
            f"about {crossings:,} places where it may cross itself, more than the {MOST_CROSSINGS:,} that are repaired"
        )
    try:
        geometries[index] = _parts_of(shapely.make_valid(shape), dimension)
    except (shapely.errors.GEOSException, MemoryError) as error:
        return f"{str(error).splitlines()[0][:80] if str(error) else 'no memory'}"
    return "" if geometries[index] is not None else "nothing is left of it once repaired"


def _crossings(shape: shapely.Geometry) -> int:
    """About how many pairs of edges may cross: boxes of some edges against those of all.

    Repairing makes a node of each crossing, and a ring can cross itself as often as the
    square of its vertices.
    """
    corners = shapely.get_coordinates(shape)
    low, high = np.minimum(corners[:-1], corners[1:]), np.maximum(corners[:-1], corners[1:])
    step = max(1, len(low) // CROSSINGS_SAMPLE)
    # Each edge meets itself and its neighbours.
    met = [
        int(((low <= h) & (high >= lo)).all(axis=1).sum()) - 3 for lo, h in zip(low[::step], high[::step], strict=True)
    ]
    return int(sum(max(0, m) for m in met) / max(1, len(met)) * len(low) / 2)


def _parts_of(shape: shapely.Geometry, dimension: int) -> shapely.Geometry | None:
    """The parts of one dimension, as one geometry."""
    if shapely.get_type_id(shape) != shapely.GeometryType.GEOMETRYCOLLECTION:
        return shape if shapely.get_dimensions(shape) == dimension else None
    parts = shapely.get_parts(shape)
    while (shapely.get_type_id(parts) > shapely.GeometryType.POLYGON).any():
        parts = shapely.get_parts(parts)  # collections in collections too
    parts = parts[shapely.get_dimensions(parts) == dimension]
    if not len(parts):
        return None
    if dimension == DIMENSION["polygon"]:
        return shapely.union_all(parts)
    return shapely.multilinestrings(parts) if dimension == DIMENSION["line"] else shapely.multipoints(parts)


def _of_kind(geometries: Geometries, kind: Kind, account: Account) -> Geometries:
    allowed = [DIMENSION[place] for place in kind.places]
    collections = shapely.get_type_id(geometries) == shapely.GeometryType.GEOMETRYCOLLECTION
    result = geometries
    if collections.any():
        result = geometries.copy()
        wanted = sorted(allowed, reverse=True)
        for index in np.flatnonzero(collections):
            parts = (_parts_of(geometries[index], dimension) for dimension in wanted)
            result[index] = next((p for p in parts if p is not None), None)
        account.repair(
            collections & ~shapely.is_missing(result),
            "collection_reduced",
            "a mixed collection was reduced to its main geometry",
            "Send one type of geometry per feature.",
            "geometry",
        )
    wrong = ~shapely.is_missing(geometries) & ~np.isin(shapely.get_dimensions(result), allowed)
    account.reject(
        wrong,
        "geometry_not_allowed",
        f"{kind.label} take {' or '.join(kind.places)}",
        "Choose another kind for this layer, or send the right geometry.",
        "geometry",
        np.array([None if g is None else g.geom_type for g in geometries], dtype=object) if wrong.any() else None,
    )
    return result
