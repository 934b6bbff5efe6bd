"""Any coordinate system to longitude and latitude on WGS84."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from layers.errors import NoCrs
from layers.report import Finding

Geometries = npt.NDArray[np.object_]
REMEDY = "Give the coordinate system (a .prj file, or the crs of the layer), or export in longitude and latitude."


def to_degrees(geometries: Geometries, crs: str | None, name: str) -> tuple[Geometries, list[Finding]]:
    """Bring geometries to EPSG:4326, axis order longitude, latitude.

    Parameters
    ----------
    crs : str or None
        EPSG code, URN or WKT; None when the file states none: then the numbers must be
        plausible degrees.

    Raises
    ------
    NoCrs
        When the system is unknown, or none is stated and the numbers are no degrees.
    """
    if crs is None:
        must_be_degrees(geometries, name)
        return geometries, []
    if crs.upper().endswith(("CRS84", "EPSG::4326", "EPSG:4326")):
        return geometries, []
    system = _system(crs, name)
    if system.to_epsg() == 4326 or (system.is_geographic and system.to_epsg(min_confidence=25) == 4326):
        return geometries, []
    return _transformed(geometries, system), [
        Finding(
            "reprojected",
            "info",
            f"{name}: coordinates were brought from {system.name} to longitude and latitude (WGS84).",
            found=system.name,
        )
    ]


def _system(crs: str, name: str) -> Any:
    import pyproj  # slow to import, and seldom needed

    try:
        return pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError as error:
        raise NoCrs(name, f'the coordinate system "{crs[:120]}", which is unknown', "a known one", REMEDY) from error


def _transformed(geometries: Geometries, system: Any) -> Geometries:
    from pyproj import Transformer

    transformer = Transformer.from_crs(system, "EPSG:4326", always_xy=True)
    flat = shapely.force_2d(geometries)
    coordinates = shapely.get_coordinates(flat)
    longitude, latitude = transformer.transform(coordinates[:, 0], coordinates[:, 1])
    return shapely.set_coordinates(flat, np.column_stack([longitude, latitude]))


def must_be_degrees(geometries: Geometries, name: str) -> None:
    """Raise NoCrs when most of the numbers cannot be degrees in any axis order."""
    bounds = shapely.bounds(geometries)
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    # Beyond 180 either way cannot be degrees in any axis order; a few such rows are bad rows.
    impossible = np.abs(bounds).max(axis=1) > 360 if len(bounds) else np.zeros(0, bool)
    if impossible.any() and impossible.mean() > 0.5:
        west, south = bounds[impossible][0][:2]
        raise NoCrs(
            name,
            f"coordinates such as {west:.0f}, {south:.0f} and no coordinate system",
            "longitude and latitude in degrees, or a stated coordinate system",
            REMEDY,
        )
