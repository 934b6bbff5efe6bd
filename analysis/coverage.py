"""Who is not reached by any reported activity: nearest active service, people beyond it.

People are summed from places, never from drawn areas; missing figures stay missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from analysis import coverage_words as words
from analysis import look_ahead, overlap
from analysis.access import Zones, access_scores
from analysis.admin import AdminAreas
from analysis.coverage_tables import TABLES, add_ways, by_sector, drawn, rows_of, tables, tally
from analysis.method import Context, Method, Outcome, Role
from analysis.parameters import parameter
from analysis.reach import Reach, Supply
from analysis.road_network import RoadNetwork, Ways
from analysis.services import Mask, numbers_by_type, planned_at, services_at
from analysis.vehicles import vehicle_class
from analysis.world import SECTOR_CHOICES, STATUS_CHOICES, World, areas_as_points, defaults
from layers.dataset import Dataset
from layers.errors import NotEnoughData, WrongParameter
from layers.kind import Choice


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
    vehicle_class: str = vehicle_class()
    areas_as_points: bool = areas_as_points()
    access_zones: str = parameter(
        "",
        label="Zones of the access score",
        help="km:weight, such as 1:1, 3:0.68, 5:0.22. Empty: thirds of the radius with these weights; or none.",
    )
    overlap_km: float = parameter(
        1.0, label="Overlap within", unit="km", minimum=0, maximum=50, help="The same job this close is to check."
    )
    look_ahead_days: int = parameter(
        0, label="Look ahead", unit="days", minimum=0, maximum=366, help="The gap as it will be when projects end."
    )


@dataclass(frozen=True)
class Asked:
    """One run: what was asked, of which world, and what serves there."""

    inputs: Mapping[str, Dataset]
    parameters: CoverageParameters
    context: Context
    world: World
    supply: Supply
    counted: Mask
    roads: RoadNetwork | None

    @property
    def by_road(self) -> bool:
        """Whether the way by road decides who is covered."""
        return self.parameters.measure == "road"

    def ways(self, supply: Supply) -> Ways | None:
        """Ways along the roads given to these services."""
        return self.roads.ways(self.world.places, supply.places) if self.roads is not None else None

    def reach(self, supply: Supply, counted: Mask) -> Reach:
        """Who is covered by these services, by the measure asked for."""
        return self.world.reach(supply, counted, self.ways(supply) if self.by_road else None)


@dataclass
class Answer:
    """What a run gives back, as it grows."""

    rows: gpd.GeoDataFrame
    summary: dict[str, Any] = field(default_factory=dict)
    shapes: dict[str, gpd.GeoDataFrame] = field(default_factory=dict)
    limits: list[str] = field(default_factory=list)


def run(inputs: Mapping[str, Dataset], parameters: CoverageParameters, context: Context) -> Outcome:
    """Cover of each demand place; covered = distance to the nearest service <= its radius.

    Services known by admin area alone cover the demand of that admin 2, and no other.
    """
    zones = Zones.read("coverage, access_zones", parameters.access_zones)
    world = World.of(inputs, context.as_of, areas_as_points=parameters.areas_as_points)
    roads = _roads(inputs, parameters, context)
    supply = _supply(inputs, parameters, context, world.areas, context.as_of)
    counted = supply.services.counted(parameters.include_qips)
    asked = Asked(inputs, parameters, context, world, supply, counted, roads)
    straight_line = world.reach(supply, counted)
    answer = Answer(rows_of(world.demand, supply, straight_line, world.home))
    ways = asked.ways(supply)
    if ways is not None:
        add_ways(answer.rows, supply, world.reach(supply, counted, ways), ways, decides=asked.by_road)
    _say_who_is_covered(asked, answer)
    if zones is not None:
        _score_access(asked, answer, zones, ways if asked.by_road else None)
    if roads is None and "roads" in inputs:
        answer.limits.append("No open road has a line: no way by road is measured.")
    if roads is not None:
        answer.summary |= words.by_road(answer.rows)
        answer.limits += words.road_limits(answer.summary, roads.account, asked.by_road)
    if inputs["services"].kind.id == "projects":
        _find_overlaps(asked, answer)
    if parameters.look_ahead_days:
        _look_ahead(asked, answer)
    answer.shapes |= tables(answer.rows, world, supply, counted)
    if "sectors" in inputs:
        answer.shapes["by_sector"] = by_sector(answer.rows, inputs["sectors"], world, supply, counted)
    answer.limits += words.unserved_limits(answer.shapes["by_area"])
    shown = tuple(name for name in TABLES if name in answer.shapes)
    return Outcome(words.sentence_first(answer.summary), answer.rows, answer.shapes, tuple(answer.limits), shown)


def _say_who_is_covered(asked: Asked, answer: Answer) -> None:
    parameters, world, services = asked.parameters, asked.world, asked.supply.services
    answer.summary |= _summary(answer.rows, asked)
    where = words.within(parameters.radius_km, parameters.radius_by_type, asked.by_road)
    where += words.from_points(world.by_point)
    kind = asked.inputs["services"].kind.id
    answer.summary["sentence"] = words.sentence(
        answer.summary, world.demand, where, parameters.sector, parameters.status, kind, services
    )
    answer.limits += [
        *words.service_limits(asked.inputs, world.demand, services, asked.counted, parameters.sector),
        *words.age_limits(asked.inputs, asked.context.as_of),
        *words.demand_limits(world.demand),
        *words.place_limits(world.demand, world.by_point),
        *words.theatre_limit(parameters.radius_km, world.places),
        *words.radius_limits(asked.inputs["services"], parameters, asked.context.settings),
    ]
    answer.shapes |= drawn(asked.supply, asked.counted, world.areas)


def _score_access(asked: Asked, answer: Answer, zones: Zones, ways: Ways | None) -> None:
    people = asked.world.demand.frame["people"]
    access = access_scores(asked.world.places, people, asked.supply, asked.counted, zones, ways)
    answer.rows["access_score"] = pd.array(np.round(access.scores, 6), dtype="Float64")
    answer.summary |= access.summary
    answer.limits += access.limits


def _find_overlaps(asked: Asked, answer: Answer) -> None:
    table, figures = overlap.overlaps(asked.supply, asked.counted, asked.parameters.overlap_km)
    if len(table):
        answer.shapes["overlap"] = table
    answer.summary |= figures
    answer.limits += overlap.limits_of(figures)


def _look_ahead(asked: Asked, answer: Answer) -> None:
    """The services of the later day, for the demand and the roads of as-of."""
    parameters, context, services = asked.parameters, asked.context, asked.supply.services
    day = context.as_of + timedelta(days=parameters.look_ahead_days)
    supply = _supply(asked.inputs, parameters, context, asked.world.areas, day)
    counted = supply.services.counted(parameters.include_qips)
    planned = planned_at(asked.inputs["services"], parameters.sector, day, context.settings)
    ahead = look_ahead.Ahead(day, supply.services, counted, asked.reach(supply, counted), planned)
    answer.rows["covered_then"] = pd.array(ahead.reach.covered, dtype="boolean")
    then = look_ahead.summary_of(answer.rows, services, asked.counted, ahead, asked.world.demand)
    answer.summary |= then
    answer.shapes["ending"] = look_ahead.ending(services, asked.counted, ahead)
    answer.limits += look_ahead.limits_of(then, services, parameters.status)


def _supply(
    inputs: Mapping[str, Dataset], parameters: CoverageParameters, context: Context, areas: AdminAreas, day: date
) -> Supply:
    services = services_at(inputs["services"], parameters.sector, parameters.status, day, context.settings)
    radius_m = services.radii_m(parameters.radius_km, parameters.radius_by_type, context.settings)
    return Supply.of(services, radius_m, areas)


def _roads(inputs: Mapping[str, Dataset], parameters: CoverageParameters, context: Context) -> RoadNetwork | None:
    """The network of the roads given; None without any, where the way by road was not asked for.

    Raises
    ------
    WrongParameter
        By road without a layer of roads.
    NotEnoughData
        By road where no open road has a line.
    """
    by_road = parameters.measure == "road"
    if by_road and "roads" not in inputs:
        raise WrongParameter(
            "coverage, measure",
            '"road" and no layer of roads',
            "a layer for the role roads",
            "Choose one, or straight.",
        )
    try:
        return (
            RoadNetwork(inputs["roads"].frame, context.as_of, parameters.vehicle_class) if "roads" in inputs else None
        )
    except NotEnoughData:
        if by_road:
            raise
        return None


def _summary(rows: gpd.GeoDataFrame, asked: Asked) -> dict[str, Any]:
    world, supply, counted = asked.world, asked.supply, asked.counted
    services, demand = supply.services, world.demand
    more = (services.qip & ~counted).any()
    with_qips = asked.reach(supply, counted | services.qip) if more else None
    also = tally(rows.assign(covered=pd.array(with_qips.covered, dtype="boolean")) if with_qips else rows)
    by_area_only = counted & services.by_area
    return {
        **tally(rows),
        "cover_unknown_points": int(rows["covered"].isna().sum()),
        "status_assumed": services.status_assumed,
        "services": int(counted.sum()),
        "services_by_type": numbers_by_type(services.frame[counted]),
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
        Role("sectors", "Mission sectors", ("admin_areas",), optional=True),
    ),
    parameters=CoverageParameters,
    run=run,
    limits=(
        "Speaks of reported activities: what is not reported is not seen.",
        "Distance is a straight line on the ellipsoid unless it is asked for by road.",
        "People are summed over the known figures only.",
    ),
    references=(
        "Karney (2013), Algorithms for geodesics, https://doi.org/10.1007/s00190-012-0578-z",
        "Luo and Qi (2009), An enhanced two-step floating catchment area method,"
        " https://doi.org/10.1016/j.healthplace.2009.06.002",
        "Dijkstra (1959), A note on two problems in connexion with graphs, https://doi.org/10.1007/BF01386390",
    ),
    defaults=defaults,
)
