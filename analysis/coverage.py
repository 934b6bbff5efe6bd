"""Who is not reached by any reported activity: nearest active service, people beyond it.

People are summed from places, never from drawn areas; missing figures stay missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from analysis.admin import AdminAreas
from analysis.demand import Demand, demand_of
from analysis.method import Context, Method, Outcome, Role
from analysis.parameters import parameter
from analysis.places import Places
from analysis.services import Mask, Services, known_by_area, one_type, services_at
from layers.dataset import Dataset
from layers.kind import Choice, normalise
from layers.kinds.facilities import FACILITY_TYPE
from layers.schema import CRS
from layers.settings import Settings
from layers.vocabularies import SECTORS

SECTOR_LABEL = {c.value: c.label for c in SECTORS}
SECTOR_BY_SPELLING = {normalise(s): c.value for c in SECTORS for s in (c.value, c.label, *c.aliases)}
TYPE_LABEL = {c.value: c.label.lower() for c in FACILITY_TYPE}


@dataclass(frozen=True)
class CoverageParameters:
    """What is asked."""

    radius_km: float = parameter(5.0, label="Radius", unit="km", minimum=0.05, maximum=500)
    sector: str = parameter("any", label="Sector", choices=(Choice("any", "Any", ("all",)), *SECTORS))
    status: Literal["active", "any"] = parameter(
        "active", label="Status of services", choices=(Choice("active", "Active"), Choice("any", "Any", ("all",)))
    )
    include_qips: bool = parameter(
        False,
        label="Count quick-impact projects",
        help="They build confidence; by default they stand on a line of their own.",
    )


@dataclass(frozen=True)
class Reach:
    """Nearest service and cover of each demand place.

    Attributes
    ----------
    covered : array of object
        True, False, or None where the place is not known well enough to say.
    by : array of object
        "distance", "area" or None.
    """

    position: np.ndarray
    distance_m: np.ndarray
    covered: np.ndarray
    by: np.ndarray


def _defaults(
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
    """Cover of each demand place; covered = distance to the nearest service <= radius.

    Services known by admin area alone cover the demand of that admin 2, and no other.
    """
    demand = demand_of(inputs["demand"], context.as_of)
    services = services_at(inputs["services"], parameters.sector, parameters.status, context.as_of, context.settings)
    areas = AdminAreas(inputs["areas"].frame) if "areas" in inputs else AdminAreas(None)
    supply = Places(services.frame.geometry.to_numpy())
    measured = demand.frame.geometry.to_numpy().copy()
    measured[known_by_area(demand.frame)] = None
    places = Places(measured)
    home = areas.admin2_of(demand.frame, places)
    area_of_service = areas.admin2_of(services.frame, supply)
    counted = np.ones(len(services.frame), bool) if parameters.include_qips else ~services.qip
    radius_m = 1000 * parameters.radius_km
    reach = reach_of(places, home, services, supply, area_of_service, counted, radius_m)
    rows = _rows(demand, services, reach, home)
    with_qips = (
        reach
        if parameters.include_qips or not services.qip.any()
        else reach_of(places, home, services, supply, area_of_service, counted | services.qip, radius_m)
    )
    summary = _summary(rows, demand, services, places, counted, area_of_service, with_qips)
    summary["sentence"] = sentence(summary, demand, parameters, inputs["services"].kind.id, services)
    table = by_area(rows, areas, places)
    return Outcome(
        summary,
        rows,
        {**_drawn(supply, counted & ~services.by_area, radius_m, areas), "by_area": table},
        (*_limits(inputs, demand, services, counted), *_radius_limit(inputs["services"], parameters, context.settings)),
    )


def reach_of(
    places: Places,
    home: np.ndarray,
    services: Services,
    supply: Places,
    area_of_service: np.ndarray,
    counted: Mask,
    radius_m: float,
) -> Reach:
    """Cover of each place by the services marked in `counted`."""
    by_distance = np.flatnonzero(counted & ~services.by_area)
    near = Places(supply.geometries[by_distance])
    position, metres = places.nearest(near, decisive_m=radius_m)
    position = np.where(position >= 0, by_distance[position] if len(by_distance) else -1, -1)
    served = {a for a in area_of_service[counted & services.by_area] if a is not None}
    in_reach = np.nan_to_num(metres, nan=np.inf) <= radius_m
    in_area = np.array([a is not None and a in served for a in home], dtype=bool)
    covered = (in_reach | in_area).astype(object)
    covered[~places.known & ~in_area] = None
    by = np.full(len(covered), None, dtype=object)
    by[in_area] = "area"
    by[in_reach] = "distance"
    return Reach(position, metres, covered, by)


def _rows(demand: Demand, services: Services, reach: Reach, home: np.ndarray) -> gpd.GeoDataFrame:
    found = reach.position >= 0
    pick = np.where(found, reach.position, 0)

    def of_service(column: str) -> pd.Series:
        values = services.frame[column].to_numpy(dtype=object)
        return pd.Series(values[pick] if len(values) else None, index=demand.frame.index, dtype="str").where(found)

    rows = demand.frame.drop(columns="geometry")
    rows["admin2_code"] = pd.Series(home, index=rows.index, dtype="str")
    rows["nearest_service_id"] = of_service("id")
    rows["nearest_service_name"] = of_service("name")
    rows["distance_m"] = pd.array(np.round(reach.distance_m, 3), dtype="Float64")
    rows["covered"] = pd.array(reach.covered, dtype="boolean")
    rows["covered_by"] = pd.Series(reach.by, index=rows.index, dtype="str")
    return gpd.GeoDataFrame(rows, geometry=demand.frame.geometry, crs=CRS)


def known_sum(people: pd.Series) -> int | None:
    """Sum over the known figures: 0 of nobody, null where there are places and none is known."""
    return None if len(people) and people.isna().all() else int(people.sum())


def tally(rows: pd.DataFrame) -> dict[str, int | None]:
    """Places and people, and those not covered; people are of the known figures only."""
    beyond = rows[(~rows["covered"]).fillna(False).to_numpy(dtype=bool)]
    return {
        "demand_points": len(rows),
        "people": known_sum(rows["people"]),
        "people_unknown_points": int(rows["people"].isna().sum()),
        "uncovered_points": len(beyond),
        "uncovered_people": known_sum(beyond["people"]),
        "uncovered_people_unknown": int(beyond["people"].isna().sum()),
    }


def _summary(
    rows: gpd.GeoDataFrame,
    demand: Demand,
    services: Services,
    places: Places,
    counted: Mask,
    area_of_service: np.ndarray,
    with_qips: Reach,
) -> dict[str, Any]:
    also = tally(rows.assign(covered=pd.array(with_qips.covered, dtype="boolean")))
    no_area = np.array([a is None for a in area_of_service], dtype=bool)
    return {
        **tally(rows),
        "cover_unknown_points": int(rows["covered"].isna().sum()),
        "status_assumed": services.status_assumed,
        "services": int(counted.sum()),
        "services_by_area": int((counted & services.by_area & ~no_area).sum()),
        "services_without_place": int((counted & services.by_area & no_area).sum()),
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
        "demand_without_place": int((~places.known).sum()),
    }


def sentence(
    summary: Mapping[str, Any], demand: Demand, parameters: CoverageParameters, kind: str, services: Services
) -> str:
    """The answer in words; people rounded to 100, and "at least" where some are unknown."""
    beyond, total, unplaced = (summary[k] for k in ("uncovered_points", "demand_points", "cover_unknown_points"))
    if unplaced == total:
        return f"No {demand.noun[0]} can be judged: the place of none of the {total} is known."
    where = f"within {parameters.radius_km:g} km"
    if len(services.frame) > 0 and services.by_area.all():
        where = "in their admin area"
    service = _service_words(parameters, kind)
    judged = f" The place of {unplaced} more is not known." if unplaced else ""
    if not beyond:
        judged_ones = total - unplaced
        who = f"The one {demand.noun[0]}" if judged_ones == 1 else f"All {judged_ones} {demand.noun[1]}"
        known = " whose place is known" if unplaced else ""
        verb = "has" if judged_ones == 1 else "have"
        return f"{who}{known} {verb} a {service} {where}.{judged}"
    verb = "has" if beyond == 1 else "have"
    people = _people_words(summary["uncovered_people"], beyond, summary["uncovered_people_unknown"], demand.noun)
    return f"{beyond} of {total} {demand.noun[total != 1]} ({people}) {verb} no {service} {where}.{judged}"


def _service_words(parameters: CoverageParameters, kind: str) -> str:
    """For example ``reported active WASH activity``."""
    state = "reported active" if parameters.status == "active" else "reported"
    if parameters.sector == "any":
        return f"{state} {'facility' if kind == 'facilities' else 'project'}"
    sector = SECTOR_LABEL[parameters.sector]
    words = sector if sector.split()[0].isupper() else sector[0].lower() + sector[1:]
    return f"{state} {words} {'facility' if kind == 'facilities' else 'activity'}"


def _people_words(people: int | None, beyond: int, unknown: int, noun: tuple[str, str]) -> str:
    if people is None:
        return "number of people not known"
    stated = f"{round(people, -2):,} people" if people >= 100 else "fewer than 100 people"
    if not unknown:
        return "nobody present" if people == 0 else stated
    least = f"at least {stated}" if people >= 100 else f"{stated} known"
    return f"{least}; {unknown} {noun[unknown != 1]} of unknown size"


def by_area(rows: gpd.GeoDataFrame, areas: AdminAreas, places: Places) -> gpd.GeoDataFrame:
    """Places and people, covered and not, by the finest admin area that is known."""
    code = areas.code_of(rows, places)
    tables = [
        {"area_code": c, **tally(part)} for c, part in rows.groupby(pd.Series(code, index=rows.index), dropna=False)
    ]
    table = (
        pd.DataFrame(tables)
        .sort_values("uncovered_people", ascending=False, kind="stable", na_position="last")
        .reset_index(drop=True)
    )
    table["area_code"] = table["area_code"].astype("str")
    table.insert(1, "name", table["area_code"].map(areas.names).astype("str"))
    return gpd.GeoDataFrame(table, geometry=[areas.polygons.get(c) for c in table["area_code"]], crs=CRS)


def _drawn(supply: Places, by_distance: Mask, radius_m: float, areas: AdminAreas) -> dict[str, gpd.GeoDataFrame]:
    """The reach of the services, and what of the areas lies beyond it."""
    widened = Places(supply.geometries[by_distance]).widened(radius_m)
    reach = shapely.union_all(widened[~shapely.is_missing(widened)])
    drawn = {"reach": gpd.GeoDataFrame({"services": [int(by_distance.sum())]}, geometry=[reach], crs=CRS)}
    if areas.polygons:
        codes = list(areas.polygons)
        gaps = shapely.difference(np.array([areas.polygons[c] for c in codes], dtype=object), reach)
        table = gpd.GeoDataFrame(
            {"area_code": codes, "name": [areas.names.get(c) for c in codes]}, geometry=gaps, crs=CRS
        )
        drawn["gaps"] = table[~table.geometry.is_empty].reset_index(drop=True)
    return drawn


def _radius_limit(services: Dataset, parameters: CoverageParameters, settings: Settings) -> tuple[str, ...]:
    """Says what the settings hold for the one type of all facilities, taken or not."""
    facility_type = one_type(services, parameters.sector)
    radius = settings.coverage_radius_km.get(facility_type or "")
    if facility_type is None or radius is None:
        return ()
    said = f"Every service is of the type {TYPE_LABEL[facility_type]}: the settings hold {radius:g} km for it"
    return (f"{said}." if radius == parameters.radius_km else f"{said}, and {parameters.radius_km:g} km was asked.",)


def _limits(inputs: Mapping[str, Dataset], demand: Demand, services: Services, counted: Mask) -> tuple[str, ...]:
    limits = []
    if services.status_assumed:
        limits.append(f"{services.status_assumed} facilities have no status and are taken as active.")
    unknown = services.left_out.get("status_unknown", 0)
    if unknown and inputs["services"].kind.id == "facilities":
        limits.append(f"{unknown} facilities have a status that was not understood: they do not count as active.")
    if demand.same_site_twice:
        limits.append(
            f"{demand.same_site_twice} rows do not count: a later row speaks of the same site in the same round."
        )
    if demand.older:
        limits.append(f"{demand.older} figures of an earlier period do not count: their area has a later one.")
    if demand.same_area_twice:
        limits.append(
            f"{demand.same_area_twice} figures stand beside another of the same area and period: all are added."
        )
    if (services.by_area & counted).any():
        limits.append("Services known by admin area alone count for that admin 2 only.")
    if (services.by_area & counted).any() and "areas" not in inputs and demand.frame["admin2_code"].isna().any():
        limits.append(
            "Some places have no admin 2 code and no layer of areas was given: cover by area is not seen there."
        )
    coarse = int(known_by_area(demand.frame).sum())
    if coarse:
        limits.append(
            f"{coarse} places are known to an area only: no distance is measured for them, and they count as reached"
            " where a service is known for their admin 2."
        )
    if not counted.any():
        limits.append("No service fits: every place counts as not reached.")
    return tuple(limits)


COVERAGE = Method(
    id="coverage",
    label="Coverage gaps",
    question="Who is not reached by any reported activity?",
    roles=(
        Role("demand", "Who needs", ("idp_sites", "settlements", "population_groups")),
        Role("services", "What serves", ("projects", "facilities")),
        Role("areas", "Admin areas", ("admin_areas",), optional=True),
    ),
    parameters=CoverageParameters,
    run=run,
    limits=(
        "Speaks of reported activities: what is not reported is not seen.",
        "Distance is a straight line on the ellipsoid, not a way by road.",
        "People are summed over the known figures only.",
    ),
    references=("Karney (2013), Algorithms for geodesics, https://doi.org/10.1007/s00190-012-0578-z",),
    defaults=_defaults,
)
