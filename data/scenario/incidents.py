"""3,000 incidents in the 18 months before 120200Z NOV 26."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import shapely
from scipy.stats import norm

from data.scenario import incident_plants as plants
from data.scenario.accounts import (
    ACTOR_CLASS,
    AMBUSH,
    BLAME,
    COMMUNITY,
    FORCES,
    IN_TEXT,
    LOCAL_GROUP,
    NUMBER_WORDS,
    POLICE,
    RESIDENTS,
    SOURCES,
    STORIES,
    UNIDENTIFIED,
    Story,
    deaths_text,
)  # fmt: skip
from data.scenario.geometry import Km, distance_km, on_earth
from data.scenario.incident_plants import DAY_0, DAYS, Incident
from data.scenario.layer import COUNTRY, Layer, Row
from data.scenario.places import MARKET_DAYS, Places
from data.scenario.terrain import ADMIN1, Terrain
from layers.kinds.incidents import PEACEFUL

AS_OF = datetime(2026, 11, 12, 2, tzinfo=UTC)
TOTAL = 3_000
TYPES = {"crime": 840, "clash": 540, "attack_civilians": 480, "protest": 306, "riot": 54, "abduction": 240,
         "looting": 210, "explosive": 150, "attack_un_aid": 90, "sexual_violence": 30, "other": 54,
         "agreement": 6}  # fmt: skip
PRECISION = {"point": 2070, "near": 750, "region": 180}
WITHOUT_DEATHS, WITHDRAWN = 2_100, 30
DUPLICATES = {"crime": 20, "clash": 20, "attack_civilians": 20, "abduction": 6, "looting": 5, "explosive": 4}
_DEADLY_PAIRS = 30
_DEADLINESS = {"clash": 1.0, "attack_civilians": 1.0, "explosive": 0.9, "attack_un_aid": 0.4, "crime": 0.22,
               "riot": 0.2, "abduction": 0.1, "looting": 0.1, "other": 0.1}  # fmt: skip
_REGIONS = {"XO01": 0.24, "XO02": 0.13, "XO04": 0.25, "XO05": 0.38}
_HOTSPOTS = (
    ("Three Wells", "XO01", 0.4, 9.0), ("Larkfield", "XO01", 0.3, 9.0), ("Long Strand", "XO01", 0.2, 7.0),
    ("Gannet Head", "XO01", 0.1, 8.0), ("Grand Marché", "XO02", 0.2, 8.0), ("L'Anse-Bleue", "XO02", 0.4, 6.0),
    ("Gull Harbour", "XO02", 0.25, 6.0), ("Amber Vale", "XO02", 0.15, 6.0), ("Saltmarsh", "XO04", 0.33, 8.0),
    ("Reedwater", "XO04", 0.26, 8.0), ("Twin Channels", "XO04", 0.21, 8.0), ("Étang-Clair", "XO04", 0.12, 7.0),
    ("Ibis Landing", "XO04", 0.08, 7.0), ("Port Lantern", "XO05", 0.26, 7.0), ("Heronsford", "XO05", 0.27, 9.0),
    ("Wadi Sabz", "XO05", 0.24, 8.0), ("Thornfield", "XO05", 0.12, 7.0), ("Osprey Bay", "XO05", 0.11, 7.0),
)  # fmt: skip
_AMBUSH_SHARE = {"clash": 0.12, "attack_civilians": 0.3, "crime": 0.12}


@dataclass(frozen=True)
class _Draw:
    """What an incident is drawn from."""

    rng: np.random.Generator
    terrain: Terrain
    places: Places
    chance: np.ndarray = field(repr=False)  # shape (hotspots * days,), sums to 1


def incident_layer(rng: np.random.Generator, terrain: Terrain, places: Places) -> Layer:
    """All incidents, in order of time; ids follow that order."""
    draw = _Draw(rng, terrain, places, _chances())
    planted = plants.planted(places)
    found = planted + [_incident(draw, type_) for type_ in _types_left(rng, planted)]
    found = _with_precision(draw, found)
    found = _with_deaths(rng, found)
    found += [_second_report(draw, one) for one in found if one.pair]
    found = _withdrawn(rng, found)
    delays = _delays(rng, len(found))
    rows = [_row(draw, one, float(delay)) for one, delay in zip(found, delays, strict=True)]
    rows.sort(key=lambda row: (row["occurred_at"], row["incident_type"], row["place_name"], row["description"]))
    rows = [{"id": f"INC-{i:04d}", **row} for i, row in enumerate(rows, start=1)]
    return Layer("orvane-incidents", "incidents", "EXMIS incident register (exercise)", "2026-11-12T06:00:00Z", rows)


def _chances() -> np.ndarray:
    """Chance of each hotspot and day: dry-season peak, truce in the North, flare in the Delta."""
    day = np.arange(DAYS)
    since_peak = np.array([(DAY_0 + timedelta(days=int(d)) - date(2025, 8, 10)).days for d in day])
    season = 1 + 0.5 * np.cos(2 * np.pi * since_peak / 365.25)
    month = day * 18 // DAYS + 1
    rows = []
    for _, region, weight, _ in _HOTSPOTS:
        course = season * _REGIONS[region] * weight
        if region == "XO01":
            course = course * np.select([month == 12, month > 12], [0.08, 0.4], 1.0)
        if region == "XO04":
            course = course * np.where(month >= 16, 2.6, 0.85)
        rows.append(course)
    chance = np.concatenate(rows)
    return np.asarray(chance / chance.sum())


def _types_left(rng: np.random.Generator, planted: list[Incident]) -> list[str]:
    """Types still to be drawn, so that planted, drawn and second reports add up to `TYPES`."""
    types: list[str] = []
    for type_, count in TYPES.items():
        twice = DUPLICATES.get(type_, 0)
        types += [type_] * (count - twice - sum(one.type == type_ for one in planted))
    return [str(t) for t in rng.permutation(np.array(types))]


def _incident(draw: _Draw, type_: str) -> Incident:
    """Draw town, day and place until the place may report."""
    ambush = draw.rng.random() < _AMBUSH_SHARE.get(type_, 0.0)
    while True:
        spot, day = divmod(int(draw.rng.choice(len(draw.chance), p=draw.chance)), DAYS)
        town, _, _, spread = _HOTSPOTS[spot]
        found = _on_road(draw, type_, town, day) if ambush else _about(draw, type_, town, day, spread)
        if found is not None and plants.may_report(found.place, found.day, 0.0) and _reporting_land(draw, found.place):
            region = draw.terrain.admin2_of(on_earth(shapely.Point(found.place)))[:4]
            if type_ != "sexual_violence" or plants.region_may_report(region, found.day):
                return found


def _reporting_land(draw: _Draw, place: Km) -> bool:
    """On land, and not in the Highlands."""
    highlands = draw.terrain.admin1["XO03"]
    point = shapely.Point(place)
    return bool(draw.terrain.land.contains(point) and not highlands.contains(on_earth(point)))


def _on_road(draw: _Draw, type_: str, town: str, day: int) -> Incident | None:
    """An ambush on a road of the town; three of four on the day before its market."""
    roads = [road for road in draw.places.roads if town in road]
    road = roads[int(draw.rng.integers(len(roads)))]
    when = DAY_0 + timedelta(days=day)
    if town in MARKET_DAYS and draw.rng.random() < 0.75:
        when += timedelta(days=(MARKET_DAYS[town] - 1 - when.weekday()) % 7)
    if not 0 <= (when - DAY_0).days < DAYS:
        return None
    place = draw.places.along(road, float(draw.rng.uniform(0.12, 0.88)))
    return Incident(type_, when, place, f"{road[0]}–{road[1]} road", story=AMBUSH, on_road=True)


def _about(draw: _Draw, type_: str, town: str, day: int, spread: float) -> Incident | None:
    """An incident in or near a settlement of the neighbourhood; marches are in the town itself."""
    middle = np.array(draw.places.where[town])
    if type_ in ("protest", "riot"):
        place = middle + draw.rng.normal(0, 0.5, 2)
        return Incident(type_, DAY_0 + timedelta(days=day), (float(place[0]), float(place[1])), town)
    place = middle + draw.rng.normal(0, spread, 2)
    nearest = draw.places.nearest((float(place[0]), float(place[1])))
    if draw.places.admin2[nearest].startswith("XO03"):
        return None
    if draw.rng.random() < 0.6:
        place = np.array(draw.places.where[nearest]) + draw.rng.normal(0, 0.7, 2)
    return Incident(type_, DAY_0 + timedelta(days=day), (float(place[0]), float(place[1])), nearest)


def _with_precision(draw: _Draw, found: list[Incident]) -> list[Incident]:
    """Say how surely each place is known; a region's incidents are put at its capital."""
    capitals = {region: capital for region, (_, capital) in ADMIN1.items()}
    left = dict(PRECISION)
    left["near"] -= sum(DUPLICATES.values())  # second reports are all near
    for one in found:
        if one.precision:
            left[one.precision] -= 1
    chosen: list[Incident | None] = [one if one.precision else None for one in found]

    def settle(index: int, precision: str, **changes: object) -> None:
        chosen[index] = replace(found[index], precision=precision, **changes)  # type: ignore[arg-type]
        left[precision] -= 1

    order = [int(i) for i in draw.rng.permutation(len(found)) if chosen[i] is None]
    order.sort(key=lambda i: found[i].type != "sexual_violence")  # these are never placed more closely
    for i in order:
        region = draw.terrain.admin2_of(on_earth(shapely.Point(found[i].place)))[:4]
        if left["region"] and not found[i].on_road and plants.region_may_report(region, found[i].day):
            settle(i, "region", place=draw.places.where[capitals[region]], place_name=ADMIN1[region][0], radius_m=None)
    for i in (i for i in order if chosen[i] is None):
        radius = int(draw.rng.choice([1_000, 2_000, 3_000, 5_000]))
        place = found[i].place if found[i].on_road else draw.places.where[found[i].place_name]
        if left["near"] and plants.may_report(place, found[i].day, radius / 1000):
            settle(i, "near", place=place, radius_m=radius)
        else:
            settle(i, "point", radius_m=0)
    return [one for one in chosen if one is not None]


def _with_deaths(rng: np.random.Generator, found: list[Incident]) -> list[Incident]:
    """Choose which are told twice and which are deadly; exactly `WITHOUT_DEATHS` rows have no deaths."""
    twice = {type_: count - sum(one.pair and one.type == type_ for one in found) for type_, count in DUPLICATES.items()}
    for i in rng.permutation(len(found)):
        one = found[int(i)]
        told_late = plants.since_last_briefing(one.day) or one.precision == "region"
        if twice.get(one.type, 0) > 0 and one.deaths is None and not told_late:
            twice[one.type] -= 1
            found[int(i)] = replace(one, pair=True)
    pairs = [
        i
        for i, one in enumerate(found)
        if one.pair and one.deaths is None and one.type in ("clash", "attack_civilians")
    ]
    already = sum(bool(one.deaths) for one in found) + sum(bool(one.deaths) for one in found if one.pair)
    deadly_pairs = pairs[: _DEADLY_PAIRS - sum(bool(one.deaths) and one.pair for one in found)]
    single = [i for i, one in enumerate(found) if not one.pair and one.deaths is None]
    weight = np.array([_DEADLINESS.get(found[i].type, 0.0) for i in single])
    wanted = TOTAL - WITHOUT_DEATHS - already - 2 * len(deadly_pairs)
    deadly = rng.choice(single, wanted, replace=False, p=weight / weight.sum())
    tolls = 1 + np.floor(rng.pareto(1.45, len(deadly) + len(deadly_pairs)))
    tolls = np.where(tolls > 28, rng.integers(8, 29, len(tolls)), tolls).astype(int)
    for i, toll in zip([*(int(i) for i in deadly), *deadly_pairs], tolls, strict=True):
        peaceful = found[i].type not in ("clash", "attack_civilians", "explosive")
        found[i] = replace(found[i], deaths=min(int(toll), 3) if peaceful else int(toll))
    return [one if one.deaths is not None else replace(one, deaths=0) for one in found]


def _second_report(draw: _Draw, one: Incident) -> Incident:
    """The same event as another source tells it: a little away, a little later."""
    while True:
        shift = draw.rng.normal(0, 0.5, 2)
        place = (float(one.place[0] + shift[0]), float(one.place[1] + shift[1]))
        if (
            _reporting_land(draw, place)
            and plants.may_report(place, one.day, 2.0)
            and distance_km(place, one.place) < 2
        ):
            return replace(one, place=place, precision="near", radius_m=2_000, second=True, moment=None, account="")


def _withdrawn(rng: np.random.Generator, found: list[Incident]) -> list[Incident]:
    """Some reports turn out to be wrong; none that the scenario planted."""
    free = [i for i, one in enumerate(found) if not one.account and not one.pair and one.deaths == 0]
    for i in rng.choice(free, WITHDRAWN, replace=False):
        found[int(i)] = replace(found[int(i)], verification="discounted")
    return found


def _delays(rng: np.random.Generator, count: int) -> np.ndarray:
    """Days until reported: log-normal with a median of 1 and a 95th percentile of 9."""
    quantile = (np.arange(count) + 0.5) / count
    return np.asarray(rng.permutation(np.exp(norm.ppf(quantile) * np.log(9) / norm.ppf(0.95))))


def _row(draw: _Draw, one: Incident, delay_days: float) -> Row:
    rng = draw.rng
    point = on_earth(shapely.Point(one.place))
    codes = draw.terrain.place_codes(point)
    exact = one.moment is not None or rng.random() < 0.62
    occurred = one.moment or datetime(one.day.year, one.day.month, one.day.day, tzinfo=UTC)
    if exact and one.moment is None:
        hour = rng.integers(14, 24) if one.on_road else rng.integers(0, 24)
        occurred += timedelta(hours=int(hour), minutes=int(rng.integers(0, 12)) * 5)
    reported = occurred + timedelta(days=delay_days)
    if reported > AS_OF or (one.moment and one.account):
        reported = occurred + (AS_OF - occurred) * float(rng.uniform(0.2, 0.8))
    actor, other = (one.actor, one.other) if one.actor else _actors(rng, one, str(codes["admin1_code"]))
    deaths = one.deaths or 0
    story = one.story or _story(rng, one.type, str(codes["admin1_code"]), deaths)
    low, high = one.spread or _spread(rng, deaths)
    return {
        "occurred_at": _iso(occurred),
        "time_precision": "moment" if exact else "day",
        "reported_at": _iso(reported),
        "incident_type": one.type,
        "sub_event_type": story.sub_type,
        "violent": one.type not in PEACEFUL,
        "actor1": actor,
        "actor1_class": ACTOR_CLASS[actor],
        "actor2": other,
        "victim_group": story.victims,
        "fatalities": deaths,
        "fatalities_low": low,
        "fatalities_high": high,
        "verification": one.verification
        or str(rng.choice(["reported", "corroborated", "verified"], p=[0.5, 0.32, 0.18])),
        "place_name": one.place_name,
        "description": one.account or _account(rng, one, story, actor, other, (deaths, low, high)),
        "source_name": SOURCES[2 + int(rng.integers(3))] if one.second else SOURCES[int(rng.integers(3))],
        "place_precision": one.precision,
        "place_radius_m": one.radius_m,
        "location_code": COUNTRY,
        "admin1_code": codes["admin1_code"],
        "admin2_code": None if one.precision == "region" else codes["admin2_code"],
        "geometry": point,
    }


def _story(rng: np.random.Generator, type_: str, region: str, deaths: int) -> Story:
    """One of the type's stories; boats are stolen on coast and rivers only, many die in villages only."""
    if type_ == "attack_civilians" and deaths > 4:
        return STORIES[type_][0]
    stories = [s for s in STORIES[type_] if s.sub_type != "Boat theft" or region in ("XO02", "XO04")]
    return stories[int(rng.integers(len(stories)))]


def _account(
    rng: np.random.Generator, one: Incident, story: Story, actor: str, other: str | None, deaths: tuple[int, int, int]
) -> str:
    at = {"region": f"somewhere in {one.place_name}", "near": f"near {one.place_name}"}.get(
        one.precision, f"at {one.place_name}"
    )
    if one.on_road:
        at = f"on the {one.place_name}{_market(one)}"
    text = story.texts[int(rng.integers(len(story.texts)))]
    number = int(rng.integers(2, 9))
    people = str(number * 40) if one.type == "protest" else NUMBER_WORDS[number]
    told = text.format(who=IN_TEXT.get(actor, actor), other=IN_TEXT.get(other or "", other), at=at, n=people)
    return told[0].upper() + told[1:] + deaths_text(*deaths, story.victims)


def _market(one: Incident) -> str:
    """``, the day before Saltmarsh market``, where it was."""
    for town in one.place_name.removesuffix(" road").split("–"):
        if town in MARKET_DAYS and (MARKET_DAYS[town] - 1) % 7 == one.day.weekday():
            return f", the day before {town} market"
    return ""


def _actors(rng: np.random.Generator, one: Incident, region: str) -> tuple[str, str | None]:
    if one.type in ("protest", "riot"):
        return RESIDENTS, None
    unknown, group = BLAME[one.type]
    local = LOCAL_GROUP[region]
    draw = rng.random()
    if draw < unknown:
        actor = UNIDENTIFIED
    elif draw < unknown + group:
        actor = local[int(rng.integers(len(local)))]
    else:
        others = (
            (COMMUNITY, POLICE, FORCES)
            if one.type in ("clash", "attack_civilians") and not one.on_road
            else (COMMUNITY,)
        )
        actor = others[int(rng.integers(len(others)))]
    if one.type in ("clash", "explosive"):
        return actor, local[0] if actor in (FORCES, POLICE) else FORCES
    return actor, "EXMIS or aid" if one.type == "attack_un_aid" else None


def _spread(rng: np.random.Generator, deaths: int) -> tuple[int, int]:
    if deaths == 0:
        return 0, 0
    return max(0, deaths - int(rng.integers(0, 1 + deaths // 2))), deaths + int(rng.integers(0, 2 + deaths // 2))


def _iso(moment: datetime) -> str:
    return moment.replace(second=0, microsecond=0).strftime("%Y-%m-%dT%H:%M:%SZ")
