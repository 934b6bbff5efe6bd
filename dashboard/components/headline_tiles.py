"""The headlines of the Picture page. One that has no data to speak of is not drawn, or says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from analysis import headlines
from analysis.method import Result
from dashboard import cache
from dashboard.components import risk_panel
from dashboard.components.moment import clock, moment_of
from dashboard.components.page import Page
from dashboard.components.picture_questions import about, coverage_question, first, several
from dashboard.components.tiles import Tile
from layers.errors import NotEnoughData
from layers.settings import settings
from layers.times import date_time_group


def tiles_of(page: Page, risk: Result | None) -> list[Tile]:
    """The headlines in their order."""
    makers: tuple[Callable[[Page], Tile | None], ...] = (
        _serious, lambda p: _activities(p, risk), _displaced, _roads, _beyond, _health,
    )  # fmt: skip
    made = []
    for make in makers:
        try:
            made.append(make(page))
        except NotEnoughData:
            continue
    return [tile for tile in made if tile is not None]


def _serious(page: Page) -> Tile | None:
    info = next(iter(page.of_kind("incidents")), None)
    if info is None:
        return None
    until = moment_of(page.infos, page.as_of)
    hours = settings().since_briefing_hours
    since = until - timedelta(hours=hours)
    data = cache.recent_incidents(page.asked(info), since)
    label, source = f"Serious, last {hours} h", about(page, "incidents")
    if data.as_of_day < since.date():
        return Tile(
            "incident", label, "no data", f"after {date_time_group(info.as_of)}{several(page, 'incidents')}", source
        )
    serious = headlines.serious_incidents(data, since, until)
    groups = [f"{n} {word if word.isupper() else word.lower()}" for word, n in serious.by_victims.items()]
    victims = f"victims: {' · '.join(groups)}" if groups else "none reported"
    return Tile("incident", label, f"{serious.number}", f"{victims}{several(page, 'incidents')}", source)


def _activities(page: Page, risk: Result | None) -> Tile | None:
    if risk is None:
        return None
    left = risk.summary["without_dates"]
    undated = f" · {left:,} more without dates" if left else ""
    owned = "mission-owned: " if risk.parameters["activity_class"] == "mission" else ""
    return Tile(
        "activity",
        f"Activities, next {settings().picture_horizon_days} days",
        f"{risk.summary['activities_ranked']}",
        f"{owned}{risk_panel.hazard_words(risk)}{undated}{several(page, 'projects')}",
        about(page, "projects", "incidents", "security_risks"),
    )


def _displaced(page: Page) -> Tile | None:
    found = first(page, "idp_sites")
    change = headlines.displacement(found[1], page.as_of) if found else None
    if change is None or change.change is None:
        return None
    day = f", {date_time_group(change.assessed_on)}" if change.assessed_on else ""
    twice = f" · {change.same_site_twice} sites reported twice in a round" if change.same_site_twice else ""
    return Tile(
        "idp",
        "Change in IDPs",
        f"{change.change:+,}",
        f"people like for like, round {change.round_before} to {change.latest_round}{day} · "
        f"{change.sites_assessed} of {change.sites} sites assessed{twice}{several(page, 'idp_sites')}",
        about(page, "idp_sites"),
    )


def _roads(page: Page) -> Tile | None:
    found = first(page, "roads")
    if found is None:
        return None
    access = headlines.access(found[1], page.as_of)
    names = ", ".join(access.closed_names[:2]) or f"{access.restricted} restricted"
    which = f"to all vehicles: {names}" if access.closed_names else names
    return Tile(
        "risk", "Roads and bridges", f"{access.closed} closed", f"{which}{several(page, 'roads')}", about(page, "roads")
    )


def _beyond(page: Page) -> Tile | None:
    question = coverage_question(page)
    if question is None:
        return None
    result = cache.answer(question)
    said = result.summary
    source = about(page, "idp_sites", "projects")
    chosen = several(page, "idp_sites", "projects")
    judged = said["demand_points"] - said["cover_unknown_points"]
    if not judged:
        return Tile("accent", "Beyond health", "not known", f"the place of no IDP site is known{chosen}", source)
    least = "at least " if said["uncovered_people_unknown"] else ""
    known = said["uncovered_people"]
    people = "people not known" if known is None else f"{least}{round(known, -2):,} people"
    where = f"no reported health activity in {result.parameters['radius_km']:g} km"
    figure = f"{said['uncovered_points']} of {judged}"
    return Tile("accent", "Beyond health", figure, f"IDP sites, {where} · {people}{chosen}", source)


def _health(page: Page) -> Tile | None:
    now = clock(page.infos, page.as_of, exercise=page.exercise)
    health = headlines.data_health([cache.without_rows(i) for i in page.infos], now)
    stale = [h for h in health if h.stale]
    oldest = " · ".join(f"{h.layer} {h.age_days:.0f} d" for h in stale[:2])
    return Tile(
        "muted",
        "Data health",
        f"{len(stale)} stale",
        oldest or "all layers within their age",
        "age against each kind's limit",
    )
