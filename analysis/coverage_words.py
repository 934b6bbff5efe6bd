"""Coverage in words: the sentence, and what must be said of a run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Protocol

import pandas as pd
import shapely

from analysis.demand import Demand, known_sum
from analysis.places import Places
from analysis.road_lines import RoadAccount
from analysis.services import Mask, Services, numbers_by_type, one_type
from layers.dataset import Dataset
from layers.geodesy import GEOD
from layers.kinds.facilities import FACILITY_TYPE
from layers.known_place import known_by_area
from layers.settings import Settings
from layers.vocabularies import SECTORS

SECTOR_LABEL = {c.value: c.label for c in SECTORS}
FAR_FROM_ROAD_M = 5_000.0
MOST_NAMED = 6  # areas, in one sentence
MEASURE = 'Choose "Measure areas from a point" (areas_as_points=yes), an assumption'
BY_CODE = "; or take services that are known by admin 2, which are joined by its code"
JOIN = "Load the layer of their admin areas, then this layer again: it is placed by its codes or names."
NO_STATUS = "none states a status"
TYPE_LABEL = {c.value: c.label.lower() for c in FACILITY_TYPE}


def sentence(
    summary: Mapping[str, Any], demand: Demand, where: str, sector: str, status: str, kind: str, services: Services
) -> str:
    """The answer in words; people rounded to 100, and "at least" where some are unknown.

    Parameters
    ----------
    where : str
        How far a service reaches, for example "within 5 km".
    kind : str
        Id of the kind of the services.
    """
    beyond, total, unplaced = (summary[k] for k in ("uncovered_points", "demand_points", "cover_unknown_points"))
    if unplaced == total:
        return f"No {demand.noun[0]} can be judged: {nothing_known(demand)}"
    if len(services.frame) > 0 and services.by_area.all():
        where = "in their admin area"
    assumed = all_assumed(services)
    service = service_words(sector, "any" if assumed else status, kind)
    judged = f" The place of {unplaced} more is not known." if unplaced else ""
    judged += f" {assumed}" if assumed else ""
    if not beyond:
        judged_ones = total - unplaced
        who = f"The one {demand.noun[0]}" if judged_ones == 1 else f"All {judged_ones} {demand.noun[1]}"
        known = " whose place is known" if unplaced else ""
        verb = "has" if judged_ones == 1 else "have"
        return f"{who}{known} {verb} a {service} {where}.{judged}"
    verb = "has" if beyond == 1 else "have"
    people = people_words(summary["uncovered_people"], beyond, summary["uncovered_people_unknown"], demand.noun)
    return f"{beyond} of {total} {demand.noun[total != 1]} ({people}) {verb} no {service} {where}.{judged}"


def sentence_first(summary: dict[str, Any]) -> dict[str, Any]:
    """The summary with the answer in words before its figures."""
    return {name: summary[name] for name in ("sentence", "then_sentence") if name in summary} | summary


def nothing_known(demand: Demand) -> str:
    """Why no distance can be measured, and the way out."""
    total = len(demand.frame)
    if not demand.frame.geometry.notna().any():
        return f"the place of none of the {total} is known. {way_out(demand, BY_CODE)}"
    known = "its place is known" if total == 1 else f"the places of all {total} are known"
    return f"{known} to an area only. {way_out(demand, BY_CODE)}"


def way_out(demand: Demand, also: str = "") -> str:
    """What can be done where no distance can be measured, and what `also` where the places have a point."""
    return f"{MEASURE}{also}." if demand.frame.geometry.notna().any() else JOIN


def all_assumed(services: Services) -> str:
    """Said where no service states a status: nobody reported them as active."""
    number = len(services.frame)
    if not number or services.status_assumed < number:
        return ""
    which, none = ("1 facility", "it states no status") if number == 1 else (f"{number:,} facilities", NO_STATUS)
    return f"{which}, taken as active: {none}."


def service_words(sector: str, status: str, kind: str) -> str:
    """For example ``reported active WASH activity``."""
    state = "reported active" if status == "active" else "reported"
    if sector == "any":
        return f"{state} {'facility' if kind == 'facilities' else 'project'}"
    label = SECTOR_LABEL[sector]
    words = label if label.split()[0].isupper() else label[0].lower() + label[1:]
    return f"{state} {words} {'facility' if kind == 'facilities' else 'activity'}"


def people_words(people: int | None, places: int, unknown: int, noun: tuple[str, str]) -> str:
    """A number of people rounded to 100, with the places of unknown size beside it."""
    if people is None:
        return "number of people not known"
    stated = f"{round(people, -2):,} people" if people >= 100 else "fewer than 100 people"
    if not unknown:
        return "nobody present" if people == 0 else stated
    least = f"at least {stated}" if people >= 100 else f"{stated} known"
    return f"{least}; {unknown} {noun[unknown != 1]} of unknown size"


def within(radius_km: float, by_type: bool, by_road: bool = False) -> str:
    """How far a service reaches."""
    way = " by road" if by_road else ""
    return f"within its own radius{way}" if by_type else f"within {radius_km:g} km{way}"


def by_road(rows: pd.DataFrame) -> dict[str, int | None]:
    """Places from which no open road leads to any service, and those far from a road."""
    cut_off = (rows["distance_m"].notna() & rows["road_m"].isna()).to_numpy(dtype=bool)
    return {
        "unreachable_points": int(cut_off.sum()),
        "unreachable_people": known_sum(rows["people"][cut_off]),
        "unreachable_people_unknown": int(rows["people"][cut_off].isna().sum()),
        "far_from_road_points": int((rows["to_road_m"] > FAR_FROM_ROAD_M).sum()),
    }


def road_limits(summary: Mapping[str, Any], account: RoadAccount, decides: bool) -> list[str]:
    """What must be said of ways by road."""
    said = list(account.limits())
    if decides:
        said.append("The reach that is drawn is that of the straight line; who is covered follows from the roads.")
    if summary["unreachable_points"]:
        said.append(
            f"{summary['unreachable_points']} places have no way by open roads to any service:"
            " they have no distance by road."
        )
    if summary["far_from_road_points"]:
        said.append(
            f"{summary['far_from_road_points']} places lie over {FAR_FROM_ROAD_M / 1000:g} km from a road:"
            " their way to it is taken as straight."
        )
    said.append("What is not drawn as a road is no way: a layer with gaps makes ways too long.")
    return said


def from_points(by_point: int) -> str:
    """Said in the sentence where places known by area are measured from a point."""
    return " of the point that stands for the area" if by_point else ""


class RadiusAsked(Protocol):
    """The parameters that decide how far a service reaches."""

    @property
    def radius_km(self) -> float: ...
    @property
    def radius_by_type(self) -> bool: ...
    @property
    def sector(self) -> str: ...


def theatre_limit(radius_km: float, places: Places) -> list[str]:
    """Said where the radius takes in all places at once."""
    widest = _across_m(places)
    if widest is None or not 0 < widest <= 1000 * radius_km:
        return []
    return [
        f"The radius is larger than the whole area of the places ({widest / 1000:,.0f} km across): it tells little."
    ]


def radius_limits(services: Dataset, asked: RadiusAsked, settings: Settings) -> list[str]:
    """Which radii the settings hold, taken or not."""
    limits = []
    if asked.radius_by_type:
        own = ", ".join(f"{name} {km:g}" for name, km in settings.coverage_radius_km.items())
        limits.append(
            f"Each service reaches as far as the settings say of its type or sector, km: {own};"
            f" else {asked.radius_km:g}."
        )
        return limits
    facility_type = one_type(services, asked.sector)
    radius = settings.coverage_radius_km.get(facility_type or "")
    if facility_type is not None and radius is not None:
        said = f"Every service is of the type {TYPE_LABEL[facility_type]}: the settings hold {radius:g} km for it"
        limits.append(f"{said}." if radius == asked.radius_km else f"{said}, and {asked.radius_km:g} km was asked.")
    return limits


def _across_m(places: Places) -> float | None:
    """Metres from corner to corner of the box around the places (None: fewer than two)."""
    if places.known.sum() < 2:
        return None
    west, south, east, north = shapely.total_bounds(places.geometries[places.known])
    return float(GEOD.inv(west, south, east, north)[2])


def demand_limits(demand: Demand) -> list[str]:
    """Figures of the demand that do not count, or stand beside others."""
    limits = []
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
    return limits


def age_limits(inputs: Mapping[str, Dataset], as_of: date) -> list[str]:
    """Layers that tell of another time than as-of: later, or so long before that they are stale."""
    limits = []
    for role in ("demand", "services"):
        if role not in inputs:
            continue
        told, kept = inputs[role].as_of_day, inputs[role].kind.stale_after_days
        days = (as_of - told).days
        if days < 0:
            limits.append(f"The layer of {role} is as of {told}, after as-of {as_of}: it may tell of what came later.")
        elif kept is not None and days > kept:
            limits.append(f"The layer of {role} is as of {told}, {days} days before as-of {as_of}: it may be stale.")
    return limits


def place_limits(demand: Demand, by_point: int) -> list[str]:
    """What is said of places known to an area only; `by_point` of them are measured from its point."""
    coarse = int(known_by_area(demand.frame).sum()) - by_point
    limits = []
    if by_point:
        limits.append(
            f"Assumption: {by_point} places are known to an area only and are measured from one point of it."
            " Its people live elsewhere in it, too."
        )
    if coarse:
        limits.append(
            f"{coarse} places are known to an area only: no distance is measured for them, and they count as reached"
            " where a service is known for their admin 2."
        )
    return limits


def _mix(by_type: Mapping[str, int]) -> list[str]:
    """Which types of facility are counted alike, and how to ask about one of them."""
    if len(by_type) < 2:
        return []
    told = ", ".join(f"{TYPE_LABEL.get(name, 'type not stated')} {number:,}" for name, number in by_type.items())
    first = next((name for name in by_type if name in TYPE_LABEL), "hospital")
    wanted = "hospital" if "hospital" in by_type else first
    return [
        f"Facilities of every type count alike: {told}. Filter by facility type to ask about some of them"
        f" (--where services.facility_type={wanted}, once for each type)."
    ]


def service_limits(
    inputs: Mapping[str, Dataset], demand: Demand, services: Services, counted: Mask, sector: str
) -> list[str]:
    """What is assumed of services, and what their place allows to say."""
    limits = []
    facilities = inputs["services"].kind.id == "facilities"
    if services.status_assumed:
        number, all_of = services.status_assumed, len(services.frame)
        limits.append(f"{number:,} of {all_of:,} facilities have no status and are taken as active.")
    unknown = services.left_out.get("status_unknown", 0)
    if unknown and facilities:
        limits.append(f"{unknown} facilities have a status that was not understood: they do not count as active.")
    if services.without_sector and sector != "any":
        noun = "facilities" if facilities else "projects"
        limits.append(f"{services.without_sector} {noun} state no sector: they do not count where a sector is asked.")
    limits += _mix(numbers_by_type(services.frame[counted]))
    by_area = (services.by_area & counted).any()
    if by_area:
        limits.append("Services known by admin area alone count for that admin 2 only.")
    if by_area and "areas" not in inputs and demand.frame["admin2_code"].isna().any():
        limits.append(
            "Some places have no admin 2 code and no layer of areas was given: cover by area is not seen there."
        )
    if not counted.any():
        limits.append("No service fits: every place counts as not reached.")
    return limits


def unserved_limits(by_area: pd.DataFrame) -> list[str]:
    """Areas with places in need and no service at all: a gap, or a layer that does not reach so far."""
    bare = by_area[((by_area["services"] == 0) & (by_area["uncovered_points"] > 0)).fillna(False).to_numpy(dtype=bool)]
    if bare.empty:
        return []
    names = bare["name"].fillna(bare["area_code"])
    more = f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
    return [
        f"No service that counts stands in {', '.join(names[:MOST_NAMED])}{more}: the gap there may be missing data."
    ]
