"""An area that a person drew on a map: a closed outline or a true circle, in one short text.

The text stands in addresses and cache keys: ``lon_lat`` in degrees, places parted by ``~``;
a circle is one place with a radius, ``lon_lat_metres``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import shapely
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from layers.errors import WrongParameter
from layers.geodesy import GEOD, areas_m2, densified, ring

MOST_CORNERS = 100
DECIMALS = 5  # of a degree: about 1 m
LEAST_RADIUS_M, MOST_RADIUS_M = 1.0, 2_000_000.0
CIRCLE_VERTICES = 256  # the edge runs at most 2 m inside a circle of 25 km
REMEDY = "Draw it again."


@dataclass(frozen=True)
class DrawnArea:
    """What `area_of` has checked.

    Attributes
    ----------
    places : tuple of (lon, lat)
        Degrees, rounded to about 1 m. Corners of the outline, not closed; or the middle of a circle.
    radius_m : float
        Of a circle, metres on the ellipsoid; 0 for an outline.
    """

    places: tuple[tuple[float, float], ...]
    radius_m: float = 0.0

    @property
    def text(self) -> str:
        """As it stands in an address."""
        radius = [f"{self.radius_m:.0f}"] if self.radius_m else []
        return "~".join("_".join([*map(_short, place), *radius]) for place in self.places)

    @property
    def geometry(self) -> BaseGeometry:
        """EPSG:4326; cut at the antimeridian. Edges are straight in longitude and latitude."""
        return _geometry(self)

    @property
    def km2(self) -> float:
        """Its size on the ellipsoid, km²."""
        return _km2(self)

    @property
    def words(self) -> str:
        """What it is, with its size, e.g. ``circle of 25 km, 1,963 km²``."""
        shape = f"circle of {self.radius_m / 1000:,.4g} km" if self.radius_m else "drawn area"
        return f"{shape}, {size_words(self.km2)}"


def size_words(km2: float) -> str:
    """A size as people read it.

    >>> size_words(1963.49), size_words(0.21)
    ('1,963 km²', '0.21 km²')
    """
    return f"{km2:,.0f} km²" if km2 >= 100 else f"{km2:.3g} km²"


def area_of(places: Iterable[tuple[float, float]], radius_m: float = 0.0) -> DrawnArea:
    """The area that corners in degrees enclose, or a circle around one place.

    An edge that spans more than 180 degrees of longitude is taken the short way round.

    Raises
    ------
    WrongParameter
        Numbers that are no place; too few corners or too many; an outline that crosses
        itself, has no inside, or goes round a pole; a radius that no circle here has.
    """
    given = [(float(lon), float(lat)) for lon, lat in places]
    if not all(math.isfinite(v) for place in given for v in place) or any(abs(lat) > 90 for _, lat in given):
        raise _refused("a corner that is no place", "longitudes and latitudes in degrees")
    rounded = [wrapped(lon, lat) for lon, lat in given]
    if radius_m:
        return _circle(rounded, radius_m)
    corners = [place for n, place in enumerate(rounded) if place != rounded[n - 1]]
    if not 3 <= len(corners) <= MOST_CORNERS:
        raise _refused(f"{len(corners)} corners", f"3 to {MOST_CORNERS}")
    area = DrawnArea(tuple(corners))
    outline = _outline(area)
    if abs(outline[-1, 0] - outline[0, 0]) > 1:
        raise _refused("an outline that goes round a pole", "one that closes on either side of it")
    if not shapely.Polygon(outline).is_valid:
        raise _refused("an outline that crosses itself", "one that does not", "Draw it again without crossing.")
    return area


def parse_area(text: str) -> DrawnArea:
    """The area that `DrawnArea.text` wrote.

    Raises
    ------
    WrongParameter
        When the text is not of that form, or says no area.
    """
    parts = [place.split("_") for place in text.split("~")[: MOST_CORNERS + 2]]
    try:
        numbers = [tuple(map(float, part)) for part in parts]
    except ValueError:
        numbers = []
    if len(numbers) == 1 and len(numbers[0]) == 3 and numbers[0][2]:
        return area_of([numbers[0][:2]], numbers[0][2])
    if not numbers or any(len(place) != 2 for place in numbers):
        raise _refused(f'"{text[:60]}"', "corners such as 18.5_4.3~18.9_4.3~18.7_4.6")
    return area_of((place[0], place[1]) for place in numbers)


def enclosing(places: Iterable[tuple[float, float]]) -> tuple[float, float, float]:
    """The middle of some places (longitude, latitude) and how far the furthest lies from it, metres."""
    lon, lat = np.array(list(places)).T
    lon = np.unwrap(lon, period=360.0)
    middle = (lon.min() + lon.max()) / 2, (lat.min() + lat.max()) / 2
    metres = GEOD.inv(np.full(len(lon), middle[0]), np.full(len(lon), middle[1]), lon, lat)[2]
    return *wrapped(*middle), float(np.max(metres))


def _circle(places: list[tuple[float, float]], radius_m: float) -> DrawnArea:
    if len(places) != 1 or not LEAST_RADIUS_M <= radius_m <= MOST_RADIUS_M:
        raise _refused(f"a radius of {radius_m:,.0f} m", f"{LEAST_RADIUS_M:g} to {MOST_RADIUS_M:,.0f} m around a place")
    return DrawnArea(tuple(places), float(round(radius_m)))


def _refused(found: str, expected: str, remedy: str = REMEDY) -> WrongParameter:
    return WrongParameter("drawn area", found, expected, remedy)


def wrapped(lon: float, lat: float) -> tuple[float, float]:
    """A place to about 1 m, its longitude within the world."""
    return round((lon + 180.0) % 360.0 - 180.0, DECIMALS) + 0.0, round(lat, DECIMALS) + 0.0


def line_of(places: Iterable[tuple[float, float]]) -> BaseGeometry:
    """A line through places in degrees, the short way round; cut at the antimeridian."""
    return _within_world(shapely.LineString(_continuous([wrapped(*place) for place in places])))


def _continuous(places: Iterable[tuple[float, float]]) -> np.ndarray:
    """The places with longitudes without a jump, rounded again so that a closed outline stays closed."""
    lon, lat = np.array(list(places)).T
    return np.column_stack([np.round(np.unwrap(lon, period=360.0), DECIMALS), lat])


def _short(value: float) -> str:
    return f"{value:.{DECIMALS}f}".rstrip("0").rstrip(".")


def _outline(area: DrawnArea) -> np.ndarray:
    """The closed outline with continuous longitudes, which may exceed 180 degrees."""
    return _continuous([*area.places, area.places[0]])


@lru_cache(maxsize=64)
def _geometry(area: DrawnArea) -> BaseGeometry:
    if area.radius_m:
        return ring(*area.places[0], area.radius_m, CIRCLE_VERTICES)
    return _within_world(shapely.Polygon(_outline(area)))


def _within_world(shape: BaseGeometry) -> BaseGeometry:
    """A shape with continuous longitudes, cut into its parts within 180 degrees on either side."""
    if shape.bounds[0] >= -180 and shape.bounds[2] <= 180:
        return shape
    worlds = [affinity.translate(shapely.clip_by_rect(shape, w - 180, -90, w + 180, 90), -w) for w in (-360, 0, 360)]
    return shapely.union_all([part for part in worlds if not part.is_empty and (part.area or part.length)])


@lru_cache(maxsize=64)
def _km2(area: DrawnArea) -> float:
    return float(areas_m2(np.array([densified(p) for p in shapely.get_parts(area.geometry)])).sum()) / 1e6
