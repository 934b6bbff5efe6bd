"""Incidents that the scenario sets on purpose, and the places that must stay quiet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from data.scenario.accounts import AMBUSH, COAST, FORCES, NORTH, SPLINTER, STORIES, UNIDENTIFIED, Story
from data.scenario.geometry import Km, distance_km
from data.scenario.hazards import ACT_017
from data.scenario.places import Places
from data.scenario.terrain import ADMIN2

DAY_0 = date(2025, 5, 12)
DAYS = 548  # to 10 November 2026; 11 November holds planted incidents only
_LAST_BRIEFING = date(2026, 11, 11)
_QUIET_SINCE = date(2026, 8, 1)  # well over 90 days before as-of
_RING_KM, _SILENT_KM, _MARGIN_KM = 5.0, 25.0, 1.0
_GRAND_MARCHE, _CLOUDGATE = ADMIN2["XO0201"][2], ADMIN2["XO0302"][2]


@dataclass(frozen=True)
class Incident:
    """An incident before it is told.

    Attributes
    ----------
    place : tuple of float
        km in the flat frame.
    radius_m : int or None
        How surely the place is known; None for a region.
    pair : bool
        Two sources tell it, and both reports stand in the layer.
    """

    type: str
    day: date
    place: Km
    place_name: str
    precision: str = ""
    radius_m: int | None = None
    deaths: int | None = None
    spread: tuple[int, int] | None = None
    story: Story | None = None
    actor: str = ""
    other: str | None = None
    account: str = ""
    moment: datetime | None = None
    on_road: bool = False
    pair: bool = False
    second: bool = False
    verification: str = ""


def may_report(place: Km, day: date, radius_km: float) -> bool:
    """False where no network reports, and near ACT-008 and ACT-017 in the last months."""
    reach = radius_km + _MARGIN_KM
    if distance_km(place, _CLOUDGATE) < _SILENT_KM + reach:
        return False
    near_017 = distance_km(place, ACT_017) < _RING_KM + reach
    near_008 = distance_km(place, _GRAND_MARCHE) < _RING_KM + reach
    return day < _QUIET_SINCE or not (near_017 or near_008)


def region_may_report(region: str, day: date) -> bool:
    """The Highlands never; Eastshore not in the months of the nine that are planted."""
    return region != "XO03" and (region != "XO02" or day < _QUIET_SINCE)


def since_last_briefing(day: date) -> bool:
    """Whether an incident came after the briefing of 110600Z NOV 26."""
    return day >= _LAST_BRIEFING


def planted(places: Places) -> list[Incident]:
    """All incidents set on purpose."""
    return [*_nine_in_eastshore(places), *_since_briefing(places), *_near_017(places), *_highlands(), *_pairs(places)]


def _nine_in_eastshore(places: Places) -> list[Incident]:
    """Nine violent incidents of which only the region is known: they lie at its capital."""
    types = (
        "attack_civilians",
        "clash",
        "crime",
        "abduction",
        "looting",
        "crime",
        "attack_civilians",
        "clash",
        "crime",
    )
    days = (4, 11, 17, 26, 33, 45, 58, 66, 81)
    return [
        Incident(type_, date(2026, 11, 12) - timedelta(days=ago), places.where["Grand Marché"], "Eastshore", "region",
                 deaths=1 if type_ == "clash" else 0, verification="reported")
        for type_, ago in zip(types, days, strict=True)
    ]  # fmt: skip


def _since_briefing(places: Places) -> list[Incident]:
    """Four serious incidents after 110600Z: two with civilian victims, one UN, one armed."""
    patrol, clash = STORIES["attack_un_aid"][0], STORIES["clash"][0]
    village = STORIES["attack_civilians"][0]
    day, thornfield = date(2026, 11, 11), places.where["Thornfield"]
    baie, wadi = places.where["L'Anse-Bleue"], places.where["Wadi Sabz"]
    return [
        Incident("attack_civilians", day, places.along(("Heronsford", "Wadi Sabz"), 0.42), "Heronsford–Wadi Sabz road",
                 "point", 0, 2, (1, 4), AMBUSH, UNIDENTIFIED, on_road=True,
                 moment=datetime(2026, 11, 11, 15, 40, tzinfo=UTC),
                 account="Ambush on the Heronsford–Wadi Sabz road, the day before Heronsford market. "
                         "Two civilians reported killed (1–4).", verification="corroborated"),
        Incident("attack_civilians", day, (thornfield[0] + 2.6, thornfield[1] - 3.1), "Thornfield", "point", 0, 1,
                 (1, 1), village, COAST, moment=datetime(2026, 11, 11, 17, 5, tzinfo=UTC),
                 account="Armed Group Coast fired on people in the fields at Thornfield. One civilian reported killed.",
                 verification="reported"),
        Incident("attack_un_aid", day, (wadi[0] - 3.4, wadi[1] + 2.2), "Wadi Sabz", "point", 0, 0, (0, 0), patrol,
                 UNIDENTIFIED, "EXMIS or aid", moment=datetime(2026, 11, 11, 18, 20, tzinfo=UTC),
                 account="Unidentified armed men fired at an EXMIS patrol at Wadi Sabz. One peacekeeper wounded.",
                 verification="verified"),
        Incident("clash", day, (baie[0] - 3.0, baie[1] - 7.5), "L'Anse-Bleue", "near", 2_000, 3, (2, 5), clash,
                 SPLINTER, FORCES, moment=datetime(2026, 11, 11, 21, 30, tzinfo=UTC),
                 account="A splinter of Armed Group Coast and the National Armed Forces exchanged fire "
                         "near L'Anse-Bleue. Three fighters reported killed (2–5).", verification="reported"),
    ]  # fmt: skip


def _near_017(places: Places) -> list[Incident]:
    """Two incidents 8 km from ACT-017, known to 5 km only: possible within 5 km, not certain."""
    where = places.where["Thorn Cross"]
    return [
        Incident(type_, date(2026, 11, 12) - timedelta(days=ago), where, "Thorn Cross", "near", 5_000, 0,
                 verification="reported")
        for type_, ago in (("crime", 9), ("attack_civilians", 22))
    ]  # fmt: skip


def _highlands() -> list[Incident]:
    """All that the Highlands reported in 18 months: one theft, told by travellers."""
    clouds = ADMIN2["XO0302"][2]
    return [Incident("crime", date(2026, 4, 2), (clouds[0] + 5, clouds[1] - 9), "Cloudgate", "near", 3_000, 0,
                     actor=UNIDENTIFIED, verification="reported")]  # fmt: skip


def _pairs(places: Places) -> list[Incident]:
    """Four deadly incidents that two sources tell; one has the highest toll of all."""
    village, clash = STORIES["attack_civilians"][0], STORIES["clash"][0]
    spots = (
        ("attack_civilians", date(2026, 9, 14), "Reedwater", 40, (31, 52), village, COAST, None),
        ("clash", date(2026, 5, 19), "Larkfield", 17, (11, 24), clash, NORTH, FORCES),
        ("attack_civilians", date(2026, 7, 30), "Wadi Sabz", 11, (9, 14), village, UNIDENTIFIED, None),
        ("clash", date(2025, 8, 23), "Twin Channels", 22, (15, 30), clash, COAST, FORCES),
    )
    return [
        Incident(type_, day, (places.where[town][0] + 3.2, places.where[town][1] + 2.4), town, "point", 0, deaths,
                 spread, story, actor, other, pair=True)
        for type_, day, town, deaths, spread, story, actor, other in spots
    ]  # fmt: skip
