"""What coverage and siting share: parameters, the demand of a run, and who is reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from analysis.admin import AdminAreas
from analysis.demand import Demand, demand_of
from analysis.parameters import parameter
from analysis.places import Places
from analysis.reach import Reach, Supply, nearest_of, reach_of, straight
from analysis.road_network import Ways
from analysis.services import Mask, one_type
from layers.dataset import Dataset
from layers.kind import Choice, normalise
from layers.known_place import known_by_area
from layers.settings import Settings
from layers.vocabularies import SECTORS

SECTOR_BY_SPELLING = {normalise(s): c.value for c in SECTORS for s in (c.value, c.label, *c.aliases)}
SECTOR_CHOICES = (Choice("any", "Any", ("all",)), *SECTORS)
STATUS_CHOICES = (Choice("active", "Active"), Choice("any", "Any", ("all",)))


def areas_as_points() -> Any:
    """The parameter that measures from points which only stand for an area: an assumption, never the default."""
    return parameter(
        False,
        label="Measure areas from a point",
        help="An assumption: places known by admin area only stand at its point. Off, they are not judged by distance.",
    )


def defaults(
    values: Mapping[str, Any], settings: Settings, inputs: Mapping[str, Dataset] | None = None
) -> dict[str, Any]:
    """The radius from the settings: of the one type of all facilities, else of the sector asked for."""
    sector = sector_named(str(values.get("sector", "any")))
    facility_type = one_type(inputs["services"], sector) if inputs and "services" in inputs else None
    radius = settings.coverage_radius_km
    return {"radius_km": radius.get(facility_type or "", radius.get(sector, 5.0))}


def sector_named(text: str) -> str:
    """The code of a sector in any spelling; ``any`` where it is none."""
    return SECTOR_BY_SPELLING.get(normalise(text), "any")


@dataclass(frozen=True)
class World:
    """The demand of one run and where it lies.

    Attributes
    ----------
    places : Places
        Without those known to an area only, unless these are measured from their point.
    by_point : int
        Places known to an area only that are measured from the point that stands for it.
    home : array of object
        Admin 2 code of each, or None.
    """

    demand: Demand
    areas: AdminAreas
    places: Places
    home: np.ndarray
    by_point: int

    @classmethod
    def of(cls, inputs: Mapping[str, Dataset], as_of: date, *, areas_as_points: bool) -> World:
        """The demand at as-of; a point that only stands for an area is not measured from unless asked for."""
        demand = demand_of(inputs["demand"], as_of)
        areas = AdminAreas(inputs["areas"].frame if "areas" in inputs else None)
        measured = demand.frame.geometry.to_numpy().copy()
        coarse = known_by_area(demand.frame)
        if not areas_as_points:
            measured[coarse] = None
        places = Places(measured)
        by_point = int((coarse & places.known).sum())
        return cls(demand, areas, places, areas.admin2_of(demand.frame, places), by_point)

    def admin1_names(self, code: np.ndarray) -> dict[str, str]:
        """Code -> name of the first level, as the areas have it, else as the source writes it beside that code."""
        written = pd.Series(self.demand.frame["provider_admin1_name"].to_numpy(dtype=object), index=code)
        named: dict[str, str] = written.dropna().groupby(level=0).first().to_dict()
        return named | self.areas.admin1_names

    def reach(self, supply: Supply, counted: Mask, ways: Ways | None = None) -> Reach:
        """Who is reached by the counted services: in a straight line, or by these ways along roads."""
        measure = straight(self.places, supply.places) if ways is None else ways.nearest
        nearest = nearest_of(self.places, supply, counted, measure)
        return reach_of(self.places, self.home, supply, counted, nearest, "distance" if ways is None else "road")
