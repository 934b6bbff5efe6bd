"""Health facilities, schools, water points; bases and medical posts of the mission."""

from __future__ import annotations

import numpy as np
import shapely

from data.scenario.displacement import Site
from data.scenario.geometry import Km, on_earth
from data.scenario.layer import Layer, Row
from data.scenario.places import Places, towns_of
from data.scenario.terrain import Terrain

_LOCAL = {"Wadi Sabz": "مستشفى وادي سبز", "Grand Marché": "Hôpital du Grand Marché"}
_HOSPITALS = ("Three Wells", "Grand Marché", "Crane Hill", "Saltmarsh", "Port Lantern", "Wadi Sabz")
_BASES = (
    ("Mission headquarters, Port Lantern", "Port Lantern", 1_100),
    ("Sector East base, Heronsford", "Heronsford", 650),
    ("Sector North base, Three Wells", "Three Wells", 600),
    ("Sector West base, Saltmarsh", "Saltmarsh", 550),
    ("Team site, Wadi Sabz", "Wadi Sabz", 180),
    ("Team site, Grand Marché", "Grand Marché", 160),
    ("Team site, Crane Hill", "Crane Hill", 120),
)
_POSTS = (
    ("Level 2 hospital, Port Lantern", "Port Lantern", 20),
    ("Level 1 post, Heronsford", "Heronsford", 5),
    ("Level 1 post, Three Wells", "Three Wells", 5),
    ("Level 1 post, Saltmarsh", "Saltmarsh", 5),
    ("Level 1 post, Wadi Sabz", "Wadi Sabz", 3),
)
_AIRFIELDS = (
    ("Port Lantern airfield", "Port Lantern"),
    ("Three Wells airstrip", "Three Wells"),
    ("Saltmarsh airstrip", "Saltmarsh"),
)


def facility_layer(rng: np.random.Generator, terrain: Terrain, places: Places, sites: list[Site]) -> Layer:
    """64 health facilities, 40 schools, 48 water points, the mission's own places."""
    health, state = "District health office (exercise)", "Orvane Survey Office (exercise)"
    towns, villages = list(towns_of()), [n for n in places.where if n not in towns_of()]
    found: list[Row] = []

    def add(name: str, type_: str, town: str, operator: str, capacity: int | None = None, at: Km | None = None) -> None:
        found.append(_facility(rng, terrain, places, name, type_, town, operator, capacity, at))

    for town in _HOSPITALS:
        add(f"{town} Hospital", "hospital", town, health, int(rng.integers(60, 240)))
    for town in [*(t for t in towns if t not in _HOSPITALS), *rng.choice(villages, 29, replace=False)]:
        add(f"{town} health centre", "clinic", str(town), health, int(rng.integers(4, 24)))
    for town in ("Port Lantern", "Grand Marché", "Three Wells", "Saltmarsh", "Heronsford", "Wadi Sabz", "Gull Harbour"):
        add(f"{town} pharmacy", "pharmacy", town, "Private")
    for town in ("Port Lantern", "Three Wells", "Grand Marché"):
        add(f"{town} laboratory", "laboratory", town, health)
    for site in (s for s in sites if s.type == "collective_centre"):
        add(site.name, "school", site.town, "Ministry of Education", int(rng.integers(200, 900)), site.place)
    for name in rng.choice(list(places.where), 31, replace=False):
        add(f"{name} primary school", "school", str(name), "Ministry of Education", int(rng.integers(80, 600)))
    for name in rng.choice(villages, 48, replace=False):
        add(
            f"{name} {rng.choice(['borehole', 'hand pump', 'spring tap'])}", "water_point", str(name), "Water committee"
        )
    for name, town, people in _BASES:
        add(name, "base", town, "EXMIS", people)
    for name, town, beds in _POSTS:
        add(name, "medical_post", town, "EXMIS", beds)
    for name, town in _AIRFIELDS:
        add(name, "airfield", town, state)
    for town in ("Port Lantern", "Heronsford"):
        add(f"Joint warehouse, {town}", "warehouse", town, "Three Rivers Relief")
    rows = [{"id": f"FAC-{i:03d}", **row} for i, row in enumerate(found, start=1)]
    return Layer("orvane-facilities", "facilities", "Orvane facility register (exercise)", "2026-10-15", rows)


def _facility(
    rng: np.random.Generator,
    terrain: Terrain,
    places: Places,
    name: str,
    type_: str,
    town: str,
    operator: str,
    capacity: int | None,
    at: Km | None,
) -> Row:
    while at is None:
        angle, reach = rng.uniform(0, 2 * np.pi), rng.uniform(0.15, 1.3)
        middle = places.where[town]
        place = (float(middle[0] + reach * np.cos(angle)), float(middle[1] + reach * np.sin(angle)))
        at = place if terrain.land.contains(shapely.Point(place)) else None
    point = on_earth(shapely.Point(at))
    ours = operator == "EXMIS"
    status = rng.choice(["functional", "partial", "closed", ""], p=[0.78, 0.13, 0.05, 0.04])
    sector = {"hospital": "HEA", "clinic": "HEA", "pharmacy": "HEA", "laboratory": "HEA", "school": "EDU",
              "water_point": "WSH"}.get(type_)  # fmt: skip
    return {
        "name": name,
        "name_local": _LOCAL.get(town) if type_ == "hospital" else None,
        "facility_type": type_,
        "sector_code": sector,
        "status": "functional" if ours else str(status) or None,
        "operator": operator,
        "capacity": capacity,
        "source_name": "EXMIS" if ours else "Orvane facility register (exercise)",
        "place_precision": "point",
        "place_radius_m": 0,
        **terrain.place_codes(point),
        "geometry": point,
    }
