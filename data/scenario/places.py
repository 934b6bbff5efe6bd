"""Settlements, roads and bridges."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import shapely

from data.scenario.geometry import Array, Km, distance_km, on_earth, wander
from data.scenario.layer import Layer, Row
from data.scenario.names import VILLAGES
from data.scenario.terrain import ADMIN1, ADMIN2, Terrain, sector_of

# Weekly market day of the towns that have one (Monday is 0): ambushes come the day before.
MARKET_DAYS = {
    "Heronsford": 3, "Wadi Sabz": 5, "Port Lantern": 2, "Grand Marché": 5, "Three Wells": 4, "Saltmarsh": 1,
    "Reedwater": 3, "Larkfield": 0, "Long Strand": 2, "Twin Channels": 5, "L'Anse-Bleue": 4, "Thornfield": 0,
    "Osprey Bay": 1, "Gannet Head": 3, "Gull Harbour": 1, "Cypress Point": 5,
}  # fmt: skip
_ROADS = (
    ("Three Wells", "Stone Meadow"), ("Stone Meadow", "Crane Hill"), ("Three Wells", "Larkfield"),
    ("Three Wells", "Long Strand"), ("Three Wells", "Gannet Head"), ("Gannet Head", "Juniper Bay"),
    ("Juniper Bay", "Larkfield"), ("Larkfield", "Twin Channels"), ("Juniper Bay", "Ibis Landing"),
    ("Ibis Landing", "Saltmarsh"), ("Twin Channels", "Saltmarsh"), ("Saltmarsh", "Reedwater"),
    ("Twin Channels", "Reedwater"), ("Reedwater", "Heronsford"), ("Reedwater", "Étang-Clair"),
    ("Étang-Clair", "Osprey Bay"), ("Osprey Bay", "Heronsford"), ("Heronsford", "Crane Hill"),
    ("Heronsford", "Wadi Sabz"), ("Heronsford", "Thornfield"), ("Thornfield", "Port Lantern"),
    ("Wadi Sabz", "Port Lantern"), ("Osprey Bay", "Wadi Sabz"), ("Crane Hill", "Cloudgate"),
    ("Cloudgate", "Grand Marché"), ("Cloudgate", "Val d'Érable"), ("Val d'Érable", "Thornfield"),
    ("Grand Marché", "Amber Vale"), ("Amber Vale", "Port Lantern"), ("Grand Marché", "Gull Harbour"),
    ("Gull Harbour", "L'Anse-Bleue"), ("L'Anse-Bleue", "Port Lantern"), ("Port Lantern", "Cypress Point"),
    ("Wadi Sabz", "Palm Bay"), ("Palm Bay", "Cypress Point"),
)  # fmt: skip
_VIA: dict[tuple[str, str], Km] = {
    ("Osprey Bay", "Wadi Sabz"): (21.0, -35.0),
    ("Gull Harbour", "L'Anse-Bleue"): (66.0, 21.5),
}
FERRY = ("Cypress Point", "Petrel Harbour")
# Bridge id, name, road, share of the way from the first town, state, since.
_BRIDGES = (
    ("BR-01", "Heronsford bridge", ("Heronsford", "Wadi Sabz"), 0.04, "closed", "2026-11-01"),
    ("BR-02", "Amber Ford bridge", ("Amber Vale", "Port Lantern"), 0.35, "closed", "2026-08-19"),
    ("BR-03", "Silt Bridge", ("Saltmarsh", "Reedwater"), 0.45, "restricted", "2026-10-06"),
    ("BR-04", "Willow bridge", ("Twin Channels", "Reedwater"), 0.5, "restricted", "2026-10-12"),
    ("BR-05", "Three Wells north bridge", ("Three Wells", "Long Strand"), 0.12, "open", "2026-06-20"),
    ("BR-06", "Larkfield bridge", ("Larkfield", "Twin Channels"), 0.4, "open", "2025-09-02"),
    ("BR-07", "Reedwater long bridge", ("Reedwater", "Heronsford"), 0.3, "open", "2025-04-11"),
    ("BR-08", "Mill Race bridge", ("Thornfield", "Port Lantern"), 0.55, "open", "2025-07-23"),
    ("BR-09", "Pont-Sec", ("Wadi Sabz", "Port Lantern"), 0.25, "open", "2025-12-05"),
    ("BR-10", "Cloudgate high bridge", ("Crane Hill", "Cloudgate"), 0.6, "restricted", "2026-03-30"),
    ("BR-11", "Gull Harbour bridge", ("Grand Marché", "Gull Harbour"), 0.7, "open", "2025-02-17"),
    ("BR-12", "Osprey bridge", ("Osprey Bay", "Heronsford"), 0.35, "open", "2026-01-28"),
)
# Since when, the load limit in tonnes, and when it is expected to be open again.
_RESTRICTED = {
    ("Crane Hill", "Cloudgate"): ("2026-10-29", 5, None),
    ("Saltmarsh", "Reedwater"): ("2026-10-06", 3, "2026-12-20"),
    ("Ibis Landing", "Saltmarsh"): ("2026-10-20", 3, "2026-12-20"),
    ("Étang-Clair", "Osprey Bay"): ("2026-09-15", 5, None),
    ("Cloudgate", "Val d'Érable"): ("2026-10-30", 3, None),
}
_BRIDGE_LIMIT_T = 10
_REOPENING = {"BR-01": "2026-12-15"}  # the mission's engineers lay a panel bridge
# What may still pass where a road or bridge is restricted to so many tonnes.
_STATE_BY_CLASS = {
    3: {"light": "open", "medium_truck": "closed", "heavy_truck": "closed"},
    5: {"light": "open", "medium_truck": "restricted", "heavy_truck": "closed"},
    10: {"light": "open", "medium_truck": "open", "heavy_truck": "closed"},
}
# Villages that the scenario speaks of, km; the others fall where the seed puts them.
_FIXED_VILLAGES: dict[str, Km] = {
    "Palm Bay": (74.0, -28.5), "Sea Lavender": (47.0, 37.5), "Cinnamon Hill": (86.0, -4.0), "Quiet Water": (93.0, 4.0),
    "Thorn Cross": (-4.3, -17.5), "Swallow Bridge": (9.0, -17.5), "Long Meadow": (22.0, -33.0),
    "Wet Meadow": (-57.0, -31.0), "Kingfisher": (-36.5, -33.5), "Amber Ford": (50.5, 12.5), "Wild Thyme": (22.0, 31.5),
    "Mill Race": (48.5, -2.5), "Silt Bridge": (-59.0, -25.5), "Goat Steps": (-25.0, 27.0),
    "Bend of Reeds": (-49.0, -14.0),
    "Lantern Hill": (61.0, -6.0), "Red Earth": (54.0, -18.0), "Rosemary": (-9.5, -22.5), "Reed End": (-80.0, -15.5),
}  # fmt: skip
_UNKNOWN_POPULATION = 28
_SEASIDE = ("Beach", "Bay", "Baie", "Cove", "Coral", "Pointe", "Île", "Spit", "Tide", "Sea", "Anse", "Cap-", "Ras ",
            "Tern", "Gannet", "Eider", "Dunes", "Oyster", "Mangrove", "Cliff", "cliff", "Pelican", "Sandpiper",
            "South Landing", "Pine Landing", "Salt", "Samphire", "Mudbank", "Shell", "Bluewater",
            "Windward")  # fmt: skip


@dataclass(frozen=True)
class Places:
    """Where towns, villages and roads lie, km in the flat frame."""

    where: dict[str, Km]
    admin2: dict[str, str]
    people: dict[str, int | None]
    roads: dict[tuple[str, str], Array]
    bridges: dict[str, Km]

    def nearest(self, place: Km) -> str:
        """Name of the nearest settlement."""
        names = list(self.where)
        return names[int(np.argmin(distance_km(np.array(list(self.where.values())), np.array(place))))]

    def along(self, road: tuple[str, str], share: float) -> Km:
        """The place that lies at a share of a road's length."""
        point = shapely.LineString(self.roads[road]).interpolate(share, normalized=True)
        return (float(point.x), float(point.y))


def towns_of() -> dict[str, str]:
    """Seat town of each admin2: name -> code."""
    return {seat: code for code, (seat, *_) in ADMIN2.items()}


def build_places(rng: np.random.Generator, terrain: Terrain) -> Places:
    """Set roads between the seats, then villages, mostly near the roads."""
    towns = {name: terrain.seats[code] for name, code in towns_of().items()}
    known = towns | _FIXED_VILLAGES
    roads = {}
    for pair in _ROADS:
        via = [_VIA[pair]] if pair in _VIA else []
        stops = [known[pair[0]], *via, known[pair[1]]]
        legs = [_road(rng, a, b, terrain.land) for a, b in pairwise(stops)]
        roads[pair] = np.vstack([legs[0], *(leg[1:] for leg in legs[1:])])
    bridges = {}
    for bridge, _, road, share, *_ in _BRIDGES:
        point = shapely.LineString(roads[road]).interpolate(share, normalized=True)
        bridges[bridge] = (float(point.x), float(point.y))
    where = towns | _villages(rng, terrain, towns, shapely.MultiLineString(list(roads.values())))
    admin2 = {name: terrain.admin2_of(on_earth(shapely.Point(place))) for name, place in where.items()}
    return Places(where, admin2, _people(rng, where), roads, bridges)


def _road(rng: np.random.Generator, a: Km, b: Km, land: Any) -> Array:
    roughness = 0.2
    while True:
        line = wander(rng, a, b, roughness, step_km=1.5)
        if shapely.LineString(line).within(land.buffer(-0.6)) or roughness < 0.03:
            return line
        roughness *= 0.8


def _villages(rng: np.random.Generator, terrain: Terrain, towns: dict[str, Km], roads: Any) -> dict[str, Km]:
    inland = terrain.land.buffer(-0.9)
    taken = [*towns.values(), *_FIXED_VILLAGES.values()]
    found = dict(_FIXED_VILLAGES)
    west, south, east, north = terrain.land.bounds
    for region, names in VILLAGES.items():
        for name in (name for name in names if name not in _FIXED_VILLAGES):
            gap = 4.2
            while True:
                place = (float(rng.uniform(west, east)), float(rng.uniform(south, north)))
                point = shapely.Point(place)
                wanted = "XO0506" if name == "Stormlight" else region
                gap *= 0.9995
                if not inland.contains(point) or distance_km(np.array(taken), np.array(place)).min() < gap:
                    continue
                if wanted != "XO0506" and rng.random() > _likes(name, point, roads, terrain.land):
                    continue
                code = terrain.admin2_of(on_earth(point))
                if code.startswith(wanted) and (wanted == "XO0506" or code != "XO0506"):
                    break
            taken.append(place)
            found[name] = place
    return found


def _likes(name: str, point: Any, roads: Any, land: Any) -> float:
    """How likely a village of this name lies here: by the sea, or else near a road."""
    if any(word in name for word in _SEASIDE):
        return 1.0 if land.boundary.distance(point) < 3.5 else 0.0
    return 1.0 if 0.4 < roads.distance(point) < 3.5 else 0.16


def _people(rng: np.random.Generator, where: dict[str, Km]) -> dict[str, int | None]:
    towns = {seat: people for seat, _, _, people in ADMIN2.values()}
    villages = [name for name in where if name not in towns]
    people: dict[str, int | None] = dict(towns)
    for name, size in zip(villages, rng.lognormal(np.log(1_500), 0.65, len(villages)), strict=True):
        people[name] = int(round(min(size, 7_800), -1))
    for name in rng.choice(villages, _UNKNOWN_POPULATION, replace=False):
        people[str(name)] = None
    return people


def settlement_layer(terrain: Terrain, places: Places) -> Layer:
    """Towns and villages; the population of some is not known."""
    capitals = {capital for _, capital in ADMIN1.values()}
    rows: list[Row] = []
    towns = towns_of()
    for number, (name, where) in enumerate(places.where.items(), start=1):
        point = on_earth(shapely.Point(where))
        rows.append(
            {
                "id": f"SET-{number:03d}",
                "name": name,
                "settlement_type": "city" if name in capitals else "town" if name in towns else "village",
                "population": places.people[name],
                "country": "Republic of Orvane",
                "source_name": "Orvane Survey Office (exercise)",
                "place_precision": "point",
                "place_radius_m": 0,
                **terrain.place_codes(point),
                "geometry": point,
            }
        )
    return Layer("orvane-settlements", "settlements", "Orvane Survey Office (exercise)", "2025-10-31", rows)


def road_layer(terrain: Terrain, places: Places) -> Layer:
    """Roads as lines, bridges as points, one ferry; with their state."""
    rows = [_road_row(terrain, places, i, pair) for i, pair in enumerate(_ROADS, start=1)]
    crossing = shapely.LineString([places.where[FERRY[0]], places.where[FERRY[1]]])
    ferry = _road_row(terrain, places, len(_ROADS) + 1, FERRY, line=crossing)
    rows.append(
        ferry | {"name": f"{FERRY[0]}–{FERRY[1]} ferry", "road_type": "ferry", "id": "FER-01", "road_id": "FER-01"}
    )
    for bridge, name, road, _, state, since in _BRIDGES:
        point = on_earth(shapely.Point(places.bridges[bridge]))
        limit = _BRIDGE_LIMIT_T if state == "restricted" else None
        row = _row(terrain, point, bridge, name, "bridge", (state, since, limit, _REOPENING.get(bridge)), road, None)
        rows.append(row | {"vehicle_class": "all" if state == "closed" else None})
    rows += [by_class for row in rows for by_class in _by_class(row)]
    return Layer("orvane-roads", "roads", "EXMIS Engineers, road state", "2026-11-03", rows)


def _by_class(row: Row) -> list[Row]:
    """The state of a restricted road or bridge for each class of vehicle, in rows of their own."""
    if row["road_state"] != "restricted":
        return []
    states = _STATE_BY_CLASS[row["load_limit_t"]]
    return [
        row | {"id": f"{row['id']}-{vehicle.upper()}", "vehicle_class": vehicle, "road_state": state}
        for vehicle, state in states.items()
    ]


def _road_row(terrain: Terrain, places: Places, number: int, pair: tuple[str, str], line: Any = None) -> Row:
    shape = shapely.LineString(places.roads[pair]) if line is None else line
    since, limit, until = _RESTRICTED.get(pair, ("2026-06-01", None, None))
    state = "restricted" if pair in _RESTRICTED else "open"
    name = f"{pair[0]}–{pair[1]} road"
    return _row(
        terrain,
        on_earth(shape),
        f"RD-{number:02d}",
        name,
        "road",
        (state, since, limit, until),
        pair,
        round(shape.length, 1),
    )


def _row(
    terrain: Terrain,
    shape: Any,
    id_: str,
    name: str,
    type_: str,
    state: tuple[str, str, int | None, str | None],
    ends: tuple[str, str],
    length_km: float | None,
) -> Row:
    return {
        "id": id_,
        "name": name,
        "road_type": type_,
        "road_state": state[0],
        "state_since": state[1],
        "reopening_date": state[3],
        "vehicle_class": None,
        "load_limit_t": state[2],
        "road_id": id_,
        "from_name": ends[0],
        "to_name": ends[1],
        "length_km": length_km,
        "reported_date": "2026-11-03",
        "source_name": "EXMIS Engineers",
        "place_precision": "point",
        "place_radius_m": 0,
        **terrain.place_codes(shape),
        "geometry": shape,
    }


def mission_sector(places: Places, name: str) -> str:
    """Mission sector in which a settlement lies."""
    return sector_of(places.admin2[name])
