"""How large the theatre is, over which its incidents are spread."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from analysis.places import Places
from analysis.proximity import Floats
from layers.dataset import Dataset
from layers.geodesy import GEOD

LEAST_KM2 = 1.0
"""A hull of less is that of a point or a line, and no area."""


@dataclass(frozen=True)
class Theatre:
    """Where the incidents are spread over.

    Attributes
    ----------
    area_km2 : float or None
        On the ellipsoid; None where it is not known.
    from_areas : bool
        Of the admin areas given; else of the hull around the incidents.
    """

    area_km2: float | None
    from_areas: bool


def theatre(places: Places, areas: Dataset | None) -> Theatre:
    """The area of the admin areas given (their coarsest level), else of the hull around the places."""
    given = theatre_shapes(areas)
    if given:
        return Theatre(sum(map(area_km2, given)), from_areas=True)
    around = area_km2(hull(places.geometries[places.known]))
    return Theatre(around if around >= LEAST_KM2 else None, from_areas=False)


def theatre_shapes(areas: Dataset | None) -> list[shapely.Geometry]:
    """The polygons of the coarsest level of the admin areas; none where no areas are given."""
    if areas is None:
        return []
    level = areas.frame["admin_level"].fillna("sector").astype(str)
    shapes = areas.frame.geometry.to_numpy()[level == min(level, default="")]
    return list(shapes[shapely.get_dimensions(shapes) == 2])


def area_km2(shape: shapely.Geometry) -> float:
    """Area on the ellipsoid; 0 for points and lines."""
    return abs(float(GEOD.geometry_area_perimeter(shapely.orient_polygons(shape))[0])) / 1e6


def ring_km2(places: Places, radius_km: float) -> Floats:
    """Area within a distance of each place, shape (q,): pi r^2 around a point.

    Around a line or an area by Steiner's formula, area + r perimeter + pi r^2: right where it
    is convex, a little too much where it turns back on itself.
    """
    area = np.full(len(places), math.pi * radius_km**2)
    for i in places.shapes:
        own, around = GEOD.geometry_area_perimeter(shapely.orient_polygons(places.geometries[i]))
        sides = 2 if shapely.get_dimensions(places.geometries[i]) == 1 else 1
        area[i] += abs(own) / 1e6 + radius_km * sides * around / 1000
    return area


def hull(geometries: npt.NDArray[np.object_]) -> shapely.Geometry:
    """Convex hull in degrees; longitudes may pass 180 where the places lie on either side of it."""
    corners = shapely.get_coordinates(geometries)
    if not len(corners):
        return shapely.Point()
    middle = math.degrees(np.angle(np.exp(1j * np.radians(corners[:, 0])).mean()))
    corners[:, 0] = (corners[:, 0] - middle + 180) % 360 - 180 + middle
    closed = np.vstack([corners, corners[:1]])  # one line: a million points apart take much longer
    return shapely.convex_hull(shapely.linestrings(closed))
