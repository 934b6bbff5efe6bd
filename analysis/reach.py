"""Which service is nearest to each place, and whether one reaches it: in a straight line or by road."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.admin import AdminAreas
from analysis.places import Places
from analysis.services import Mask, Services

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Supply:
    """Services, where they are and how far each reaches.

    Attributes
    ----------
    area : array of object
        Admin 2 code of each, or None.
    radius_m : array of float
        Metres.
    """

    services: Services
    places: Places
    area: np.ndarray
    radius_m: Floats

    @classmethod
    def of(cls, services: Services, radius_m: Floats, areas: AdminAreas) -> Supply:
        """The services where they are; the area is their own code, else where they lie."""
        places = Places(services.frame.geometry.to_numpy())
        return cls(services, places, areas.admin2_of(services.frame, places), radius_m)

    @property
    def without_area(self) -> Mask:
        """Services whose admin 2 is not known."""
        return np.array([a is None for a in self.area], dtype=bool)

    def in_place(self, counted: Mask) -> Ints:
        """Positions of those that reach by distance."""
        return np.flatnonzero(counted & ~self.services.by_area & self.places.known)


@dataclass(frozen=True)
class Nearest:
    """The nearest service of each place; positions are the supply's.

    Attributes
    ----------
    position : array of int
        -1 where there is none.
    distance_m : array of float
        NaN where there is none, or no way to it.
    serving : array of int
        The nearest service whose own radius takes in the place; -1 where none does.
    """

    position: Ints
    distance_m: Floats
    serving: Ints


@dataclass(frozen=True)
class Reach:
    """Nearest service and cover of each demand place.

    Attributes
    ----------
    covered : array of object
        True, False, or None where the place is not known well enough to say.
    by : array of object
        "distance", "road", "area" or None.
    """

    nearest: Nearest
    covered: np.ndarray
    by: np.ndarray

    def uncovered(self) -> Mask:
        """Places known not to be reached."""
        return np.array([c is False for c in self.covered], dtype=bool)


Measure = Callable[[Ints, float], tuple[Ints, Floats]]
"""For each place the nearest of a group of services: number in the group (-1: none) and metres.

Handed the positions of the group, and a radius to be exact at.
"""


def straight(places: Places, services: Places) -> Measure:
    """Straight-line metres on the ellipsoid."""
    return lambda group, radius_m: places.nearest(Places(services.geometries[group]), decisive_m=radius_m)


def nearest_of(places: Places, supply: Supply, counted: Mask, measure: Measure) -> Nearest:
    """Nearest of the counted services that have a place, each reaching as far as its own radius."""
    n = len(places)
    at, metres = np.full(n, -1, np.int64), np.full(n, np.inf)
    serving, served_m = at.copy(), metres.copy()
    placed = supply.in_place(counted)
    for radius in np.unique(supply.radius_m[placed]):
        group = placed[supply.radius_m[placed] == radius]
        found, distance = measure(group, float(radius))
        position = np.where(found >= 0, group[found], -1)
        distance = np.where(found >= 0, distance, np.inf)
        _keep_nearer(at, metres, position, distance)
        _keep_nearer(serving, served_m, position, np.where(distance <= radius, distance, np.inf))
    return Nearest(at, np.where(at < 0, np.nan, metres), serving)


def _keep_nearer(at: Ints, metres: Floats, position: Ints, distance: Floats) -> None:
    """Keep the nearer in place; of equals the lower position."""
    better = (distance < metres) | ((distance == metres) & np.isfinite(distance) & (position < at))
    at[better], metres[better] = position[better], distance[better]


def reach_of(
    places: Places, home: np.ndarray, supply: Supply, counted: Mask, nearest: Nearest, by: str = "distance"
) -> Reach:
    """Cover of each place by the counted services.

    Services known by admin area alone reach the places of that admin 2, and no other.

    Parameters
    ----------
    home : array of object
        Admin 2 code of each place, or None.
    by : str
        What `nearest` was measured by: "distance" or "road".
    """
    served = {a for a in supply.area[counted & supply.services.by_area] if a is not None}
    in_reach = nearest.serving >= 0
    in_area = np.array([a is not None and a in served for a in home], dtype=bool)
    covered = (in_reach | in_area).astype(object)
    covered[~places.known & ~in_area] = None
    how = np.full(len(covered), None, dtype=object)
    how[in_area] = "area"
    how[in_reach] = by
    return Reach(nearest, covered, how)
