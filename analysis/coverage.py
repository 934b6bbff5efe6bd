"""Who is not reached by any reported activity: nearest active service, people beyond it.

People are summed from places, never from drawn areas; missing figures stay missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from analysis import coverage_words as words
from analysis import look_ahead
from analysis.admin import AdminAreas
from analysis.coverage_tables import add_ways, by_admin1, by_area, drawn, rows_of, tally
from analysis.demand import Demand, demand_of
from analysis.method import Context, Method, Outcome, Role
from analysis.parameters import parameter
from analysis.places import Places
from analysis.reach import Reach, Supply, nearest_of, reach_of, straight
from analysis.road_network import RoadNetwork, Ways
from analysis.services import Mask, known_by_area, one_type, planned_at, services_at
from layers.dataset import Dataset
from layers.errors import WrongParameter
from layers.kind import Choice, normalise
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


@dataclass(frozen=True)
class CoverageParameters:
    """What is asked."""

    radius_km: float = parameter(5.0, label="Radius", unit="km", minimum=0.05, maximum=500)
    sector: str = parameter("any", label="Sector", choices=SECTOR_CHOICES)
    status: Literal["active", "any"] = parameter("active", label="Status of services", choices=STATUS_CHOICES)
    include_qips: bool = parameter(
        False,
        label="Count quick-impact projects",
        help="They build confidence; by default they stand on a line of their own.",
    )
    radius_by_type: bool = parameter(
        False,
        label="Each service its own radius",
        help="From the settings, by type of facility or by sector; the radius above where they hold none.",
    )
    measure: Literal["straight", "road"] = parameter(
        "straight",
        label="Distance",
        choices=(Choice("straight", "Straight line"), Choice("road", "By road", ("roads",))),
        help="By road needs a layer of roads.",
    )
    areas_as_points: bool = areas_as_points()
    look_ahead_days: int = parameter(
        0, label="Look ahead", unit="days", minimum=0, maximum=366, help="The gap as it will be when projects end."
    )


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

    def reach(self, supply: Supply, counted: Mask, ways: Ways | None = None) -> Reach:
        """Who is reached by the counted services: in a straight line, or by these ways along roads."""
        measure = straight(self.places, supply.places) if ways is None else ways.nearest
        nearest = nearest_of(self.places, supply, counted, measure)
        return reach_of(self.places, self.home, supply, counted, nearest, "distance" if ways is None else "road")


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


def run(inputs: Mapping[str, Dataset], parameters: CoverageParameters, context: Context) -> Outcome:
    """Cover of each demand place; covered = distance to the nearest service <= its radius.

    Services known by admin area alone cover the demand of that admin 2, and no other.
    """
    world = World.of(inputs, context.as_of, areas_as_points=parameters.areas_as_points)
    roads = _roads(inputs, parameters, context)
    supply = _supply(inputs, parameters, context, world.areas, context.as_of)
    counted = supply.services.counted(parameters.include_qips)
    rows = rows_of(world.demand, supply, world.reach(supply, counted), world.home)
    by_road = parameters.measure == "road"
    if roads is not None:
        ways = roads.ways(world.places, supply.places)
        add_ways(rows, supply, world.reach(supply, counted, ways), ways, decides=by_road)
    summary = _summary(rows, world, supply, counted, roads if by_road else None)
    where = words.within(parameters.radius_km, parameters.radius_by_type, by_road) + words.from_points(world.by_point)
    kind = inputs["services"].kind.id
    summary["sentence"] = words.sentence(
        summary, world.demand, where, parameters.sector, parameters.status, kind, supply.services
    )
    limits = [
        *words.service_limits(inputs, world.demand, supply.services, counted, parameters.sector),
        *words.demand_limits(world.demand),
        *words.place_limits(world.demand, world.by_point),
        *words.radius_limits(inputs["services"], parameters, context.settings, world.places),
    ]
    if roads is not None:
        summary |= words.by_road(rows)
        limits += words.road_limits(summary, roads.account, by_road)
    shapes = drawn(supply, counted, world.areas)
    if parameters.look_ahead_days:
        ahead = _ahead(inputs, parameters, context, world, roads if by_road else None)
        rows["covered_then"] = pd.array(ahead.reach.covered, dtype="boolean")
        then = look_ahead.summary_of(rows, supply.services, counted, ahead, world.demand)
        summary |= then
        shapes["ending"] = look_ahead.ending(supply.services, counted, ahead)
        limits += look_ahead.limits_of(then, supply.services, parameters.status)
    shapes["by_area"] = by_area(rows, world.areas, world.places)
    by_state = by_admin1(rows, world.demand, world.areas, world.places)
    if by_state["area_code"].notna().any():
        shapes["by_admin1"] = by_state
    return Outcome(summary, rows, shapes, tuple(limits))


def _supply(
    inputs: Mapping[str, Dataset], parameters: CoverageParameters, context: Context, areas: AdminAreas, day: date
) -> Supply:
    services = services_at(inputs["services"], parameters.sector, parameters.status, day, context.settings)
    radius_m = services.radii_m(parameters.radius_km, parameters.radius_by_type, context.settings)
    return Supply.of(services, radius_m, areas)


def _roads(inputs: Mapping[str, Dataset], parameters: CoverageParameters, context: Context) -> RoadNetwork | None:
    """The network of the roads given.

    Raises
    ------
    WrongParameter
        By road without a layer of roads.
    """
    if "roads" in inputs:
        return RoadNetwork(inputs["roads"].frame, context.as_of)
    if parameters.measure == "road":
        raise WrongParameter(
            "coverage, measure",
            '"road" and no layer of roads',
            "a layer for the role roads",
            "Choose one, or straight.",
        )
    return None


def _ahead(
    inputs: Mapping[str, Dataset],
    parameters: CoverageParameters,
    context: Context,
    world: World,
    roads: RoadNetwork | None,
) -> look_ahead.Ahead:
    """The services of the later day, for the demand and the roads of as-of."""
    day = context.as_of + timedelta(days=parameters.look_ahead_days)
    supply = _supply(inputs, parameters, context, world.areas, day)
    counted = supply.services.counted(parameters.include_qips)
    planned = planned_at(inputs["services"], parameters.sector, day, context.settings)
    ways = roads.ways(world.places, supply.places) if roads is not None else None
    return look_ahead.Ahead(day, supply.services, counted, world.reach(supply, counted, ways), planned)


def _summary(
    rows: gpd.GeoDataFrame, world: World, supply: Supply, counted: Mask, roads: RoadNetwork | None
) -> dict[str, Any]:
    services, demand = supply.services, world.demand
    with_qips = None
    if (services.qip & ~counted).any():
        ways = roads.ways(world.places, supply.places) if roads is not None else None
        with_qips = world.reach(supply, counted | services.qip, ways)
    also = tally(rows.assign(covered=pd.array(with_qips.covered, dtype="boolean")) if with_qips else rows)
    by_area_only = counted & services.by_area
    return {
        **tally(rows),
        "cover_unknown_points": int(rows["covered"].isna().sum()),
        "status_assumed": services.status_assumed,
        "services": int(counted.sum()),
        "services_by_area": int((by_area_only & ~supply.without_area).sum()),
        "services_without_place": int((by_area_only & supply.without_area).sum()),
        "services_without_sector": services.without_sector,
        "services_left_out": services.left_out,
        "qip_services": int(services.qip.sum()),
        "uncovered_points_with_qips": also["uncovered_points"],
        "uncovered_people_with_qips": also["uncovered_people"],
        "uncovered_people_unknown_with_qips": also["uncovered_people_unknown"],
        "not_assessed": demand.not_assessed,
        "closed_sites": demand.closed,
        "other_population_groups": demand.not_idp,
        "later_records": demand.later,
        "same_site_twice": demand.same_site_twice,
        "older_figures": demand.older,
        "same_area_twice": demand.same_area_twice,
        "demand_without_place": int((~world.places.known).sum()),
    }


COVERAGE = Method(
    id="coverage",
    label="Coverage gaps",
    question="Who is not reached by any reported activity?",
    roles=(
        Role("demand", "Who needs", ("idp_sites", "settlements", "population_groups")),
        Role("services", "What serves", ("projects", "facilities")),
        Role("areas", "Admin areas", ("admin_areas",), optional=True),
        Role("roads", "Roads", ("roads",), optional=True),
    ),
    parameters=CoverageParameters,
    run=run,
    limits=(
        "Speaks of reported activities: what is not reported is not seen.",
        "Distance is a straight line on the ellipsoid unless it is asked for by road.",
        "People are summed over the known figures only.",
    ),
    references=("Karney (2013), Algorithms for geodesics, https://doi.org/10.1007/s00190-012-0578-z",),
    defaults=defaults,
)
