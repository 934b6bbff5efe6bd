"""IDP sites, six rounds, and the flows between places.

People present (a stock) and people who moved (a flow) are made apart and never added.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import shapely

from data.scenario.geometry import Km, distance_km, on_earth
from data.scenario.layer import Layer, Row
from data.scenario.places import Places
from data.scenario.terrain import ADMIN1, Terrain, codes_of, sector_of

SOURCE = "Orvane Displacement Tracking (exercise)"
AS_OF = "2026-10-28"
ROUND_DATES = tuple(date(2025, 7, 28) + timedelta(days=d) for d in (0, 92, 184, 274, 365, 457))
NOT_ASSESSED = {("S-24", 2), ("S-35", 3), ("S-29", 6), ("S-32", 6), ("S-35", 6)}
CLOSED_IN_6 = ("S-36", "S-41")
OPENED_IN_6 = ("S-43", "S-44", "S-45")
# People by group and round; they add up to 96,000 ... 212,000.
TOTALS = {
    "coast": (18_000, 22_000, 26_000, 30_000, 68_000, 75_000),
    "inland": (26_000, 30_000, 34_000, 39_500, 46_000, 70_000),
    "delta": (20_000, 22_500, 25_500, 30_000, 34_500, 39_500),
    "north": (32_000, 35_000, 37_500, 41_500, 35_500, 27_500),
}
WAVE, RETURNS = 38_000, 14_000
_FIXED = {("S-12", 5): 11_340, ("S-12", 6): 14_540, ("S-29", 5): 4_100, ("S-43", 6): 5_870, ("S-44", 6): 4_260,
          ("S-45", 6): 1_310}  # fmt: skip
_SIZE = {"planned_camp": 5.0, "host_community": 2.2, "informal": 1.5, "collective_centre": 0.6}
_CAMP, _HOST, _INFORMAL, _SCHOOL = _SIZE
_SITES = (
    ("S-01", "Port Lantern East Camp", "Port Lantern", _CAMP, "coast"),
    ("S-02", "Lantern Quay", "Port Lantern", _INFORMAL, "coast"),
    ("S-03", "Port Lantern, host families", "Port Lantern", _HOST, "coast"),
    ("S-04", "Harbour School", "Port Lantern", _SCHOOL, "coast"),
    ("S-05", "Quiet Water, host families", "Quiet Water", _HOST, "coast"),
    ("S-06", "L'Anse-Bleue, host families", "L'Anse-Bleue", _HOST, "coast"),
    ("S-07", "École de L'Anse-Bleue", "L'Anse-Bleue", _SCHOOL, "coast"),
    ("S-08", "Gull Harbour Camp", "Gull Harbour", _CAMP, "coast"),
    ("S-09", "Gull Harbour, host families", "Gull Harbour", _HOST, "coast"),
    ("S-10", "Cypress Point dunes", "Cypress Point", _INFORMAL, "coast"),
    ("S-11", "Cypress Point, host families", "Cypress Point", _HOST, "coast"),
    ("S-12", "Palm Bay Camp", "Palm Bay", _CAMP, "coast"),
    ("S-13", "Sea Lavender shore", "Sea Lavender", _INFORMAL, "coast"),
    ("S-14", "Cinnamon Hill, host families", "Cinnamon Hill", _HOST, "coast"),
    ("S-15", "Heronsford, host families", "Heronsford", _HOST, "inland"),
    ("S-16", "Heronsford Mill School", "Heronsford", _SCHOOL, "inland"),
    ("S-17", "Thorn Cross roadside", "Thorn Cross", _INFORMAL, "inland"),
    ("S-18", "Wadi Sabz Camp", "Wadi Sabz", _CAMP, "inland"),
    ("S-19", "Wadi Sabz, host families", "Wadi Sabz", _HOST, "inland"),
    ("S-20", "Wadi Sabz School", "Wadi Sabz", _SCHOOL, "inland"),
    ("S-21", "Long Meadow", "Long Meadow", _INFORMAL, "inland"),
    ("S-22", "Osprey Bay, host families", "Osprey Bay", _HOST, "inland"),
    ("S-23", "Thornfield, host families", "Thornfield", _HOST, "inland"),
    ("S-24", "Swallow Bridge east bank", "Swallow Bridge", _INFORMAL, "inland"),
    ("S-25", "Grand Marché, host families", "Grand Marché", _HOST, "inland"),
    ("S-26", "École du Grand Marché", "Grand Marché", _SCHOOL, "inland"),
    ("S-27", "Amber Vale, host families", "Amber Vale", _HOST, "inland"),
    ("S-28", "Saltmarsh Camp", "Saltmarsh", _CAMP, "delta"),
    ("S-29", "Reedwater, host families", "Reedwater", _HOST, "delta"),
    ("S-30", "Saltmarsh School", "Saltmarsh", _SCHOOL, "delta"),
    ("S-31", "Wet Meadow dyke", "Wet Meadow", _INFORMAL, "delta"),
    ("S-32", "Ibis Landing, host families", "Ibis Landing", _HOST, "delta"),
    ("S-33", "Twin Channels bank", "Twin Channels", _INFORMAL, "delta"),
    ("S-34", "Étang-Clair, host families", "Étang-Clair", _HOST, "delta"),
    ("S-35", "Kingfisher landing", "Kingfisher", _INFORMAL, "delta"),
    ("S-36", "Reedwater School", "Reedwater", _SCHOOL, "delta"),
    ("S-37", "Three Wells Camp", "Three Wells", _CAMP, "north"),
    ("S-38", "Three Wells, host families", "Three Wells", _HOST, "north"),
    ("S-39", "Larkfield hollow", "Larkfield", _INFORMAL, "north"),
    ("S-40", "Long Strand, host families", "Long Strand", _HOST, "north"),
    ("S-41", "Larkfield School", "Larkfield", _SCHOOL, "north"),
    ("S-42", "Gannet Head, host families", "Gannet Head", _HOST, "north"),
    ("S-43", "Heronsford South", "Heronsford", _INFORMAL, "inland"),
    ("S-44", "Twin Channels high ground", "Twin Channels", _INFORMAL, "delta"),
    ("S-45", "Osprey Bay School", "Osprey Bay", _SCHOOL, "inland"),
)
_ORIGINS = {"coast": ("XO03", "XO01"), "inland": ("XO04", "XO05"), "delta": ("XO04",), "north": ("XO01", "XO03")}


@dataclass(frozen=True)
class Site:
    """A displacement site, km in the flat frame."""

    id: str
    name: str
    town: str
    type: str
    group: str
    place: Km


def build_sites(rng: np.random.Generator, terrain: Terrain, places: Places) -> list[Site]:
    """Place the sites 0.7 to 2 km from the middle of their town, on land, apart from each other."""
    inland = terrain.land.buffer(-0.3)
    sites: list[Site] = []
    for id_, name, town, type_, group in _SITES:
        while True:
            angle, reach = rng.uniform(0, 2 * np.pi), rng.uniform(0.7, 2.0)
            place = (places.where[town][0] + reach * np.cos(angle), places.where[town][1] + reach * np.sin(angle))
            apart = not sites or distance_km(np.array([s.place for s in sites]), np.array(place)).min() > 0.5
            if apart and inland.contains(shapely.Point(place)):
                break
        sites.append(Site(id_, name, town, type_, group, (float(place[0]), float(place[1]))))
    return sites


def _figures(rng: np.random.Generator, sites: list[Site]) -> dict[tuple[str, int], int]:
    """People present by site and round; each group adds up to its total."""
    lean = {s.id: _SIZE[s.type] * float(rng.uniform(0.75, 1.3)) for s in sites}
    figures: dict[tuple[str, int], int] = {}
    for round_ in range(1, 7):
        for group, totals in TOTALS.items():
            here = [s.id for s in sites if s.group == group and _counted(s.id, round_)]
            fixed = {id_: _FIXED[id_, round_] for id_ in here if (id_, round_) in _FIXED}
            free = [id_ for id_ in here if id_ not in fixed]
            for id_ in free:
                lean[id_] *= float(rng.uniform(0.96, 1.05))
            shares = np.array([lean[id_] for id_ in free])
            parts = _apportion(totals[round_ - 1] - sum(fixed.values()), shares)
            figures |= {(id_, round_): people for id_, people in (fixed | dict(zip(free, parts, strict=True))).items()}
    return figures


def _counted(site: str, round_: int) -> bool:
    if (site, round_) in NOT_ASSESSED or (site in OPENED_IN_6 and round_ < 6):
        return False
    return not (site in CLOSED_IN_6 and round_ == 6)


def _apportion(total: int, shares: np.ndarray) -> list[int]:
    """Whole numbers in the given shares that add up to `total`."""
    exact = total * shares / shares.sum()
    whole = np.floor(exact).astype(int)
    whole[np.argsort(whole - exact, kind="stable")[: total - int(whole.sum())]] += 1
    return [int(n) for n in whole]


def site_layer(rng: np.random.Generator, terrain: Terrain, places: Places, sites: list[Site]) -> Layer:
    """One row a site and round."""
    figures = _figures(rng, sites)
    rows: list[Row] = []
    for site in sites:
        point = on_earth(shapely.Point(site.place))
        origin = str(rng.choice(_ORIGINS[site.group]))
        for round_ in range(6 if site.id in OPENED_IN_6 else 1, 7):
            people = figures.get((site.id, round_))
            closed = site.id in CLOSED_IN_6 and round_ == 6
            status = "closed" if closed else "assessed" if people is not None else "not_assessed"
            day = ROUND_DATES[round_ - 1] - timedelta(days=int(rng.integers(0, 12)))
            flooded = (site.group == "delta" and round_ in (3, 6)) or site.id in ("S-43", "S-44", "S-45")
            rows.append(
                {
                    "id": f"{site.id}/{round_}",
                    "site_id": site.id,
                    "name": site.name,
                    "site_type": site.type,
                    "population": 0 if closed else people,
                    "households": 0 if closed else None if people is None else round(people / rng.uniform(4.7, 5.6)),
                    "population_group": "idp",
                    "reporting_round": str(round_),
                    "assessment_date": str(ROUND_DATES[round_ - 1] if status == "not_assessed" else day),
                    "time_precision": "day",
                    "assessment_status": status,
                    "assessment_type": "site assessment" if site.type != _HOST else "key informants",
                    "operation": "Orvane displacement",
                    "displacement_reason": "Flood" if flooded else "Conflict",
                    "origin_admin1_code": origin,
                    "origin_admin1_name": ADMIN1[origin][0],
                    "mission_sector": sector_of(places.admin2[site.town]),
                    "source_name": SOURCE,
                    "place_precision": "point",
                    "place_radius_m": 0,
                    **terrain.place_codes(point),
                    "geometry": point,
                }
            )
    return Layer("orvane-idp-sites", "idp_sites", SOURCE, AS_OF, rows)


def flow_layer(rng: np.random.Generator, places: Places, sites: list[Site]) -> Layer:
    """People who moved, by origin, destination and period."""
    towns = {group: [s.town for s in sites if s.group == group] for group in TOTALS}
    by_region = {r: [n for n, code in places.admin2.items() if code[:4] == r] for r in ADMIN1}
    wave_from = ["Three Wells", "Stone Meadow", "Crane Hill", "Heronsford", "Thornfield", "Amber Vale", "Val d'Érable"]
    moves = _moves(rng, 18, WAVE, wave_from, towns["coast"], "Conflict", (date(2026, 5, 12), date(2026, 6, 11)))
    camps = ["Three Wells", "Larkfield", "Long Strand", "Grand Marché", "Port Lantern"]
    for month, count, people in ((6, 5, 2_300), (7, 5, 3_700), (8, 5, 3_100), (9, 5, 4_900)):
        period = (date(2026, month, 1), date(2026, month + 1, 1) - timedelta(days=1))
        moves += _moves(rng, count, people, camps, by_region["XO01"], "Return after the truce", period)
    for year, month, people in ((2026, 1, 4_200), (2026, 2, 2_800), (2026, 10, 9_600)):
        period = (date(year, month, 1), date(year, month, 28))
        dry = [*towns["inland"], "Twin Channels", "Saltmarsh"]
        moves += _moves(rng, 12, people, by_region["XO04"], dry, "Flood", period)
    while len(moves) < 210:
        first = date(2025, 5, 12) + timedelta(days=30 * int(rng.integers(0, 17)))
        group = str(rng.choice(list(towns), p=[0.25, 0.4, 0.25, 0.1]))
        origins = by_region[str(rng.choice(_ORIGINS[group]))]
        people = int(np.clip(rng.lognormal(5.5, 0.7), 35, 1_900))
        moves += _moves(rng, 1, people, origins, towns[group], "Conflict", (first, first + timedelta(days=29)))
    moves.sort(key=lambda row: (row["start_date"], row["origin_name"], row["destination_name"]))
    rows = [{"id": f"FLW-{i:03d}", **_flow(row, rng, places)} for i, row in enumerate(moves, start=1)]
    return Layer("orvane-idp-flows", "idp_flows", SOURCE, AS_OF, rows)


def _moves(
    rng: np.random.Generator,
    count: int,
    people: int,
    origins: list[str],
    destinations: list[str],
    reason: str,
    period: tuple[date, date],
) -> list[Row]:
    """`count` flows between unlike towns that add up to `people`."""
    parts = _apportion(people, rng.uniform(0.3, 1.6, count))
    rows: list[Row] = []
    for part in parts:
        origin = str(rng.choice(origins))
        target = str(rng.choice([name for name in destinations if name != origin]))
        rows.append(
            {
                "origin_name": origin,
                "destination_name": target,
                "population": part,
                "displacement_reason": reason,
                "start_date": str(period[0]),
                "end_date": str(period[1]),
            }
        )
    return rows


def _flow(move: Row, rng: np.random.Generator, places: Places) -> Row:
    origin, target = str(move["origin_name"]), str(move["destination_name"])
    code = places.admin2[target]
    round_ = next(i for i, day in enumerate((*ROUND_DATES[:5], date.max), start=1) if move["start_date"] <= str(day))
    return {
        "origin_admin1_code": places.admin2[origin][:4],
        "origin_name": origin,
        "destination_code": code,
        "destination_name": target,
        "population": move["population"],
        "households": max(1, round(move["population"] / rng.uniform(4.7, 5.6))),
        "population_group": "returnee" if str(move["displacement_reason"]).startswith("Return") else "idp",
        "start_date": move["start_date"],
        "end_date": move["end_date"],
        "time_precision": "day",
        "reporting_round": str(round_),
        "displacement_reason": move["displacement_reason"],
        "source_name": SOURCE,
        "place_precision": "near",
        "place_radius_m": 2_000,
        **codes_of(code),
        "geometry": on_earth(shapely.LineString([places.where[origin], places.where[target]])),
    }
