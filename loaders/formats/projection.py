"""Any coordinate system to longitude and latitude on WGS84."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from layers.errors import NoCrs
from layers.report import Finding

Geometries = npt.NDArray[np.object_]
UNKNOWN = "unknown"
# Beyond a full turn no number is a degree, in any axis order.
FULL_TURN = 360
LONGEST = 100_000
# EPSG:4326, OGC:CRS84, and the URNs and addresses that OGC gives them. ESRI's codes stand in PROJ's own list too.
CODED = re.compile(
    r"(?:(?:urn:(?:x-)?ogc:def:crs:)|(?:https?://www\.opengis\.net/def/crs/))?"
    r"(?P<authority>EPSG|OGC|ESRI)[:/](?:[\w.]*[:/])?(?P<code>\w{4,8})$",
    re.IGNORECASE,
)
DESCRIBED = re.compile(r"\s*(?:\{|[A-Za-z_]+\s*[\[(])")
NAMES_FILE = re.compile(r"grids|PARAMETERFILE|\+\s*init|init=|\+\s*proj=pipeline", re.IGNORECASE)
NO_GRIDS = "+nadgrids=@null"  # stands in the WKT of web Mercator, and names no file
REMEDY = "Give the coordinate system (a .prj file, or the crs of the layer), or export in longitude and latitude."


def to_degrees(geometries: Geometries, crs: str | None, name: str) -> tuple[Geometries, list[Finding]]:
    """Bring geometries to EPSG:4326, axis order longitude, latitude.

    Parameters
    ----------
    crs : str or None
        EPSG code, URN or WKT. None when the file states none: then the numbers stay as they
        are; where they are no degrees (see `crs_of`), the person is asked at validation.

    Raises
    ------
    NoCrs
        When the stated system is unknown.
    """
    if crs is None or crs.upper().endswith(("CRS84", "EPSG::4326", "EPSG:4326")):
        return geometries, []
    system = system_of(crs, name)
    if system.to_epsg() == 4326 or (system.is_geographic and system.to_epsg(min_confidence=25) == 4326):
        return geometries, []
    return transformed(geometries, system), [
        Finding(
            "reprojected",
            "info",
            f"{name}: coordinates were brought from {system.name} to longitude and latitude (WGS84).",
            found=system.name,
        )
    ]


def crs_of(geometries: Geometries) -> str:
    """What `RawLayer.crs` says of these numbers: empty for degrees, "unknown" where most cannot be degrees."""
    no_degrees = beyond_degrees(geometries)
    placed = ~shapely.is_missing(geometries) & ~shapely.is_empty(geometries)
    return UNKNOWN if no_degrees.sum() * 2 > placed.sum() else ""


def beyond_degrees(geometries: Geometries) -> npt.NDArray[np.bool_]:
    """Which geometries have numbers that are degrees in no axis order."""
    bounds = np.abs(shapely.bounds(geometries))
    largest = np.nanmax(np.where(np.isfinite(bounds), bounds, 0), axis=1, initial=0)
    result: npt.NDArray[np.bool_] = largest > FULL_TURN
    return result


def system_of(crs: str, where: str) -> Any:
    """A coordinate system by its code, URN, WKT or PROJJSON.

    PROJ strings are not taken, nor what names a grid of a file: PROJ would open it.

    Raises
    ------
    NoCrs
        When there is no such system, or it is written in another way.
    """
    import pyproj  # slow to import, and seldom needed

    coded = CODED.match(crs.strip())
    try:
        if coded:
            return pyproj.CRS.from_authority(coded["authority"].upper(), coded["code"].upper())
        if not DESCRIBED.match(crs) or len(crs) > LONGEST or NAMES_FILE.search(crs.replace(NO_GRIDS, "")):
            found = f'the coordinate system "{crs[:120]}", which is no code, WKT or PROJJSON without files'
            raise NoCrs(where, found, "a code such as EPSG:32634, WKT or PROJJSON", REMEDY)
        system = pyproj.CRS.from_json(crs) if crs.lstrip()[0] == "{" else pyproj.CRS.from_wkt(crs)
    except (pyproj.exceptions.CRSError, ValueError, RecursionError) as error:
        raise NoCrs(where, f'the coordinate system "{crs[:120]}", which is unknown', "a known one", REMEDY) from error
    if _opens_files(system.to_json_dict()):
        raise NoCrs(where, f'the coordinate system "{crs[:120]}", which names a file', "one without files", REMEDY)
    return system


def _opens_files(described: Any) -> bool:
    """Whether PROJJSON has a parameter that is text: the file of a grid."""
    if isinstance(described, dict):
        parameters = described.get("parameters", ())
        named = any(isinstance(p, dict) and isinstance(p.get("value"), str) for p in parameters)
        return named or any(map(_opens_files, described.values()))
    return isinstance(described, list) and any(map(_opens_files, described))


def transformed(geometries: Geometries, system: Any) -> Geometries:
    """Geometries of a system in EPSG:4326, without heights."""
    flat = shapely.force_2d(geometries)
    coordinates = shapely.get_coordinates(flat)
    return shapely.set_coordinates(flat, degrees_of(coordinates, system))


def degrees_of(coordinates: npt.NDArray[np.float64], system: Any) -> npt.NDArray[np.float64]:
    """Pairs of a system (easting first) as longitude and latitude."""
    from pyproj import Transformer

    transformer = Transformer.from_crs(system, "EPSG:4326", always_xy=True)
    longitude, latitude = transformer.transform(coordinates[:, 0], coordinates[:, 1])
    return np.column_stack([longitude, latitude])
