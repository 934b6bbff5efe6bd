"""120 activities: 60 planned, 60 reported by organisations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import shapely

from data.scenario.activity_texts import FIXED, ORGANISATIONS, PLANNED, REPORTED, Spec
from data.scenario.displacement import Site
from data.scenario.geometry import Km, distance_km, on_earth
from data.scenario.hazards import ACT_017
from data.scenario.layer import Layer, Row
from data.scenario.places import Places
from data.scenario.terrain import ADMIN2, Terrain, codes_of, sector_of

DAY = date(2026, 11, 12)
SOURCE = "Orvane 3W and EXMIS activity plan (exercise)"
AS_OF = "2026-09-21"
# Sites whose only WASH project ends within 20 days: town -> days after 12 November.
ENDING_WASH = {"Sea Lavender": 3, "Cypress Point": 6, "Long Meadow": 9, "Étang-Clair": 12, "Long Strand": 16,
               "Gannet Head": 19}  # fmt: skip
# Clearance tasks lie where the hazard does, bridge works at the bridge (km).
_AT_HAZARD: dict[str, Km] = {"Route check": (-24.5, 9.0), "Clearance of trenches": (-61.5, 13.0),
    "Embankment clearance": (-49.5, -1.5), "Ridge marking": (53.5, 14.5),
    "Quarry clearance": (44.8, -33.9)}  # fmt: skip
_AT_BRIDGE = {"Bridge repair, middle span": "BR-01", "Amber Ford bridge pier": "BR-02"}
_WASH_KM, _CLEAR_KM = 5.0, 7.5


@dataclass(frozen=True)
class _Draw:
    """What a row is drawn from."""

    rng: np.random.Generator
    terrain: Terrain
    places: Places
    ending: np.ndarray  # places of the sites in ENDING_WASH, km


def activity_layer(rng: np.random.Generator, terrain: Terrain, places: Places, sites: list[Site]) -> Layer:
    """All activities; ids fixed for those that the scenario plants, the rest numbered in order."""
    draw = _Draw(rng, terrain, places, np.array([s.place for s in sites if s.town in ENDING_WASH]))
    specs = [*PLANNED, *REPORTED]
    free = iter(n for n in range(1, len(specs) + 1) if n not in FIXED.values())
    rows = [_activity(draw, spec, FIXED.get((spec.thing, spec.town)) or next(free), sites) for spec in specs]
    rows.sort(key=lambda row: str(row["id"]))
    return Layer("orvane-activities", "projects", SOURCE, AS_OF, rows)


def _activity(draw: _Draw, spec: Spec, number: int, sites: list[Site]) -> Row:
    id_ = f"ACT-{number:03d}"
    owner, acronym, partner = _who(draw.rng, spec)
    start, end = _dates(draw.rng, spec)
    shape = None if spec.area_only else on_earth(_shape(draw, spec, id_, sites))
    code = spec.town if spec.area_only else draw.terrain.admin2_of(shape)
    place = ADMIN2[code][1] if spec.area_only else spec.label or spec.town
    targeted = int(round(draw.rng.lognormal(7.0, 0.7), -1))
    reached = int(targeted * draw.rng.uniform(0.2, 0.95)) if spec.status in ("active", "completed") else None
    return {
        "id": id_,
        "name": f"{spec.thing}, {place}",
        "activity_type": spec.type,
        "activity_class": spec.activity_class,
        "sector_code": spec.sector,
        "status": spec.status,
        "start_date": str(start),
        "end_date": str(end) if end else None,
        "time_precision": "day",
        "owner": owner,
        "org_acronym": acronym,
        "implementing_partner": partner,
        "donor": "EXMIS trust fund" if spec.activity_class == "qip" else None,
        "liaison_role": "UN-CIMIC liaison officer" if acronym == "EXMIS" else "Sector coordinator",
        "requested_support": spec.support,
        "people_targeted": targeted,
        "people_reached": reached,
        "mission_sector": sector_of(code),
        "reported_date": str(date(2026, 9, 21) - timedelta(days=int(draw.rng.integers(0, 40)))),
        "description": spec.description,
        "source_name": SOURCE,
        "place_precision": "area" if spec.area_only else "point",
        "place_radius_m": None if spec.area_only else 0,
        **codes_of(code),
        "geometry": shape,
    }


def _who(rng: np.random.Generator, spec: Spec) -> tuple[str, str, str | None]:
    if spec.owner:
        return spec.owner
    own = {"mission_military": "EXMIS Engineers", "uncimic": "EXMIS UN-CIMIC", "qip": "EXMIS UN-CIMIC",
           "development": "EXMIS Civil Affairs"}  # fmt: skip
    if spec.activity_class in own:
        owner = "EXMIS Mine Action Cell" if spec.sector == "MIN" else own[spec.activity_class]
        partner = "Village committee" if spec.activity_class == "qip" else None
        return owner, "EXMIS", partner
    choices = ORGANISATIONS[spec.sector]
    name, acronym = choices[int(rng.integers(len(choices)))]
    return name, acronym, None


def _dates(rng: np.random.Generator, spec: Spec) -> tuple[date, date | None]:
    if spec.start is not None:
        first = DAY + timedelta(days=spec.start)
        return first, first + timedelta(days=spec.days - 1)
    if spec.sector == "WSH" and spec.status == "active" and spec.town in ENDING_WASH:
        return DAY - timedelta(days=int(rng.integers(90, 300))), DAY + timedelta(days=ENDING_WASH[spec.town])
    if spec.status == "planned":
        first = DAY + timedelta(days=int(rng.integers(2, 75)))
        return first, first + timedelta(days=spec.days - 1)
    first = DAY - timedelta(days=int(rng.integers(60, 420)))
    if spec.status == "completed":
        return first, DAY - timedelta(days=int(rng.integers(10, 50)))
    open_end = spec.status == "active" and rng.random() < 0.12
    return first, None if open_end else DAY + timedelta(days=int(rng.integers(45, 260)))


def _shape(draw: _Draw, spec: Spec, id_: str, sites: list[Site]) -> Any:
    """A point near the town, a stretch of road, or where the scenario wants it."""
    if id_ == "ACT-017":
        return shapely.Point(ACT_017)
    if spec.thing in _AT_HAZARD:
        return shapely.Point(_AT_HAZARD[spec.thing])
    if spec.thing in _AT_BRIDGE:
        return shapely.Point(draw.places.bridges[_AT_BRIDGE[spec.thing]])
    if spec.thing == "Shell removal":
        return shapely.Point(draw.places.along(("Saltmarsh", "Reedwater"), 0.12))
    middle = draw.places.where[spec.town]
    if spec.road is not None:
        return shapely.LineString(draw.places.roads[spec.road])
    if id_ == "ACT-008" or id_ == "ACT-031":
        return shapely.Point(middle[0] + 0.4, middle[1] - 0.3)
    if id_ in ("ACT-040", "ACT-041"):
        return shapely.Point(middle[0] + 1.1, middle[1] + 0.6)
    if spec.at_same_place:
        return shapely.Point(middle[0] - 0.9, middle[1] + 0.8)
    ending = spec.sector == "WSH" and spec.status == "active" and spec.town in ENDING_WASH
    wash = spec.sector == "WSH" and not ending
    mine = np.array([s.place for s in sites if s.town == spec.town]) if ending else None
    while True:
        angle, reach = draw.rng.uniform(0, 2 * np.pi), draw.rng.uniform(0.3, 2.2)
        place: Km = (float(middle[0] + reach * np.cos(angle)), float(middle[1] + reach * np.sin(angle)))
        if not draw.terrain.land.contains(shapely.Point(place)):
            continue
        if wash and distance_km(draw.ending, np.array(place)).min() < _CLEAR_KM:
            continue
        if mine is not None and distance_km(mine, np.array(place)).max() > _WASH_KM * 0.85:
            continue
        return shapely.Point(place)
