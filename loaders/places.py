"""Where the rows lie: points from columns, geometry checked, swapped axes put right."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layers.errors import NoCrs
from layers.kind import Geometry, Kind
from loaders.account import Account, Mask
from loaders.formats.projection import must_be_degrees
from loaders.values import read_coordinates, without_placeholders

Geometries = npt.NDArray[np.object_]

# Columns that are no fields of a kind, but give its geometry.
PLACE_SPELLINGS: dict[str, tuple[str, ...]] = {
    "latitude": ("latitude", "lat", "y", "gps latitude", "y coord", "point y", "northing", "coord y", "latitude y"),
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
    ),
    "wkt": ("wkt", "geom wkt", "the geom", "geometry", "geom"),
}
PLACE_HXL = {"#geo+lat": "latitude", "#geo+lon": "longitude"}
DIMENSION: dict[Geometry, int] = {"point": 0, "line": 1, "polygon": 2}
DEGREES_REMEDY = "Give longitude and latitude in decimal degrees (WGS84)."


def geometry_types(geometries: Geometries) -> frozenset[str]:
    """Which of point, line and polygon occur."""
    dimensions = set(np.unique(shapely.get_dimensions(geometries)))
    return frozenset(name for name, dimension in DIMENSION.items() if dimension in dimensions)


def points_from_columns(texts: pd.DataFrame, columns: dict[str, str], account: Account) -> Geometries | None:
    """Points from latitude and longitude, or geometry from WKT; None when no column gives any.

    Parameters
    ----------
    columns : dict
        "latitude", "longitude", "wkt" -> column.

    Raises
    ------
    NoCrs
        When most of the numbers cannot be degrees.
    """
    if {"latitude", "longitude"} <= columns.keys():
        return _points(texts[columns["longitude"]], texts[columns["latitude"]], account)
    if "wkt" in columns:
        return _from_wkt(texts[columns["wkt"]], columns["wkt"], account)
    return None


def _points(longitude: pd.Series, latitude: pd.Series, account: Account) -> Geometries:
    longitude, latitude = without_placeholders(longitude), without_placeholders(latitude)
    x, y = _coordinate(longitude, account), _coordinate(latitude, account)
    half = np.isnan(x) ^ np.isnan(y)
    blank = (longitude.isna() ^ latitude.isna()).to_numpy(bool)
    account.reject(half & blank, "half_a_place", "only one of the two coordinates is there", DEGREES_REMEDY)
    placed = ~np.isnan(x) & ~np.isnan(y)
    largest = np.maximum(np.abs(x[placed]), np.abs(y[placed]))
    if len(largest) and (largest > 360).mean() > 0.5:
        first = np.flatnonzero(placed)[np.argmax(largest > 360)]
        raise NoCrs(
            f"{account.name}, columns {longitude.name} and {latitude.name}",
            f"numbers such as {x[first]:.0f} and {y[first]:.0f}: projected coordinates without a coordinate system",
            "longitude and latitude in decimal degrees",
            "Convert them to WGS84 degrees in your GIS, or send a shapefile with its .prj.",
        )
    result: Geometries = np.full(len(x), None, dtype=object)
    result[placed] = shapely.points(x[placed], y[placed])
    return result


def _coordinate(column: pd.Series, account: Account) -> npt.NDArray[np.float64]:
    cells = read_coordinates(column)
    name = str(column.name)
    for code, message in cells.notes:
        account.note(code, f"{name}: {message}; they were read so.", field=name)
    account.reject(cells.bad, "bad_coordinate", "no number", DEGREES_REMEDY, name, column.to_numpy(object))
    return cells.values.to_numpy(float, na_value=np.nan)


def _from_wkt(column: pd.Series, name: str, account: Account) -> Geometries:
    column = without_placeholders(column)
    texts = column.to_numpy(object, na_value=None)
    geometries: Geometries = shapely.from_wkt(texts, on_invalid="ignore")
    bad = column.notna().to_numpy(bool) & shapely.is_missing(geometries)
    account.reject(bad, "bad_geometry", "no readable WKT", "Correct the geometry.", name, texts)
    must_be_degrees(geometries, f"{account.name}, column {name}")
    return geometries


def checked(geometries: Geometries, kind: Kind, account: Account, areas: Geometries | None = None) -> Geometries:
    """Geometry fit for the kind; every change and refusal goes into the account.

    Parameters
    ----------
    areas : array of Geometry, optional
        The stored admin areas: rows that lie in them only with their axes exchanged
        are recognised by them.
    """
    result: Geometries = geometries.copy()
    result[shapely.is_empty(result)] = None
    result = _finite(result, account)
    if shapely.has_z(result).any():
        account.note("height_dropped", "heights (Z) are not kept.", field="geometry")
        result = shapely.force_2d(result)
    result = _axes_put_right(result, account, areas)
    _reject_out_of_range(result, account)
    _warn_of_zero(result, account)
    result = _repaired(result, account)
    return _of_kind(result, kind, account)


def _finite(geometries: Geometries, account: Account) -> Geometries:
    """Without the geometries that have an endless or missing number among their coordinates."""
    coordinates, owner = shapely.get_coordinates(geometries, return_index=True)
    bad = np.zeros(len(geometries), bool)
    bad[owner[~np.isfinite(coordinates).all(axis=1)]] = True
    account.reject(bad, "bad_geometry", "one of its coordinates is no number", DEGREES_REMEDY, "geometry")
    geometries[bad] = None
    return geometries


def _bounds(geometries: Geometries) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Largest absolute x and y of each geometry; NaN where there is none."""
    bounds = np.abs(shapely.bounds(geometries))
    return np.fmax(bounds[:, 0], bounds[:, 2]), np.fmax(bounds[:, 1], bounds[:, 3])


def _axes_put_right(geometries: Geometries, account: Account, areas: Geometries | None) -> Geometries:
    x, y = _bounds(geometries)
    placed = ~np.isnan(x) & ~account.rejected
    swapped = placed & (y > 90) & (y <= 180) & (x <= 90)
    contradicted = placed & (x > 90) & (y <= 90)
    whole = swapped.sum() * 2 > placed.sum() and not contradicted.any()
    if not swapped.any() and _only_exchanged_in(areas, geometries[placed]):
        whole = True
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


def _only_exchanged_in(areas: Geometries | None, geometries: Geometries) -> bool:
    """Whether nearly all lie outside the admin areas as they are, and inside when exchanged."""
    if areas is None or not len(geometries):
        return False
    theatre = shapely.buffer(shapely.union_all(areas), 1.0)  # a degree: neighbours' camps belong to it
    sample = shapely.centroid(geometries[:: max(1, len(geometries) // 2000)])
    inside = shapely.covers(theatre, sample).mean()
    exchanged = shapely.covers(theatre, _exchanged(sample, np.ones(len(sample), bool))).mean()
    return bool(inside < 0.05 and exchanged > 0.9)


def _exchanged(geometries: Geometries, mask: Mask) -> Geometries:
    if not mask.any():
        return geometries
    result = geometries.copy()
    result[mask] = shapely.transform(geometries[mask], lambda xy: xy[:, ::-1])
    return result


def _shown(geometries: Geometries, mask: Mask) -> Geometries:
    """A place as text, for the rows of the mask."""
    shown: Geometries = np.full(len(geometries), "", dtype=object)
    for index in np.flatnonzero(mask):
        west, south = shapely.bounds(geometries[index])[:2]
        shown[index] = f"{west:g}, {south:g}"
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


def _warn_of_zero(geometries: Geometries, account: Account) -> None:
    x, y = _bounds(geometries)
    account.warn(
        (x == 0) & (y == 0),
        "zero_place",
        "it lies at 0, 0, in the Gulf of Guinea",
        "Leave unknown coordinates blank.",
        "geometry",
    )


def _repaired(geometries: Geometries, account: Account) -> Geometries:
    invalid = ~shapely.is_missing(geometries) & ~shapely.is_valid(geometries) & ~account.rejected
    if not invalid.any():
        return geometries
    result = geometries.copy()
    dimensions = shapely.get_dimensions(geometries[invalid])
    reasons = np.full(len(geometries), "", dtype=object)
    reasons[invalid] = shapely.is_valid_reason(geometries[invalid])
    mended = shapely.make_valid(geometries[invalid])
    result[invalid] = [_parts_of(shape, d) for shape, d in zip(mended, dimensions, strict=True)]
    lost = invalid & shapely.is_missing(result)
    account.reject(lost, "bad_geometry", "nothing is left of it once repaired", "Draw it again.", "geometry", reasons)
    account.repair(
        invalid & ~lost, "geometry_repaired", "it was repaired", "Check its outline on the map.", "geometry", reasons
    )
    return result


def _parts_of(shape: shapely.Geometry, dimension: int) -> shapely.Geometry | None:
    """The parts of one dimension, as one geometry."""
    if shapely.get_type_id(shape) != shapely.GeometryType.GEOMETRYCOLLECTION:
        return shape if shapely.get_dimensions(shape) == dimension else None
    parts = shapely.get_parts(shapely.get_parts(shape))
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
