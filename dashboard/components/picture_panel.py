"""The Picture page's pieces: headline tiles, what changed, the highest risks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import streamlit as st

from analysis import headlines
from analysis.method import Result
from dashboard import cache
from dashboard.components import look, risk_panel, selection
from dashboard.components.map_panel import result_url, scene_of
from dashboard.components.page import Page
from dashboard.components.tiles import Tile
from dashboard.features import RISK_STEPS, risk_tokens, titles_of
from dashboard.maps import DrawnLayer, Scale, Scene
from dashboard.view import LayerQuery, Question, Selection
from layers.dataset import Dataset
from layers.kinds import PROJECTS
from layers.rounds import latest_rounds
from layers.settings import settings
from store import LayerInfo

MOST_CHANGES, MOST_RISKS, MOST_RINGS = 7, 5, 10
TOKEN_OF_KIND = {"incidents": "incident", "idp_sites": "idp", "roads": "risk", "projects": "activity"}


def moment_of(page: Page) -> datetime:
    """The moment that the picture speaks of; a bare day ends with its last minute."""
    own = page.moment()
    if isinstance(own, datetime):
        return own
    return datetime.combine(own + timedelta(days=1), datetime.min.time(), UTC) - timedelta(minutes=1)


def first(page: Page, kind: str) -> tuple[LayerInfo, Dataset] | None:
    """The first layer of a kind, filtered as an analysis takes it."""
    infos = page.of_kind(kind)
    return (infos[0], cache.filtered(page.asked(infos[0]))) if infos else None


def risk_question(page: Page) -> Question | None:
    """Risk in the planning horizon of this page."""
    roles = {"activities": "projects", "incidents": "incidents"}
    values = {"horizon_days": str(settings().picture_horizon_days), **risk_panel.opening(page)}
    return _question(page, "risk", roles, {"risks": "security_risks"}, values)


def coverage_question(page: Page) -> Question | None:
    """Health coverage of the IDP sites."""
    return _question(page, "coverage", {"demand": "idp_sites", "services": "projects"}, {}, {"sector": "HEA"})


def _question(
    page: Page, method: str, roles: dict[str, str], optional: dict[str, str], values: dict[str, str]
) -> Question | None:
    """Ask of the first layer of each kind; None where a needed one is missing or filtered empty."""
    first_of = {role: next(iter(page.of_kind(kind)), None) for role, kind in {**roles, **optional}.items()}
    inputs = {role: page.asked(info) for role, info in first_of.items() if info is not None}
    if any(role not in inputs or not len(cache.filtered(inputs[role])) for role in roles):
        return None
    return Question(method, inputs, values, page.as_of)


def scene(page: Page, shown: list[tuple[LayerInfo, LayerQuery]], question: Question | None) -> Scene:
    """The layers that are on, and the rings of the activities ranked highest."""
    if question is None:
        return scene_of(page.infos, shown)
    ring = DrawnLayer(result_url(question, "rings", most=MOST_RINGS), "rings", "ring", "risk_1", interactive=False)
    result = cache.answer(question)
    words = f"{result.parameters['radius_km']:g} km around the {MOST_RINGS} ranked highest"
    return scene_of(page.infos, shown, extra=(ring,), scale=Scale(words, RISK_STEPS))


def tiles_of(page: Page, risk: Result | None) -> list[Tile]:
    """The headlines in their order; one that has no data to speak of is not drawn."""
    made = [_serious(page), _activities(risk), _displaced(page), _roads(page), _beyond(page), _health(page)]
    return [tile for tile in made if tile is not None]


def _serious(page: Page) -> Tile | None:
    found = first(page, "incidents")
    if found is None:
        return None
    until = moment_of(page)
    hours = settings().since_briefing_hours
    serious = headlines.serious_incidents(found[1], until - timedelta(hours=hours), until)
    victims = " · ".join(
        f"{n} {label if label.isupper() else label.lower()}" for label, n in serious.by_victims.items()
    )
    return Tile("incident", f"Serious, last {hours} h", f"{serious.number}", victims or "none reported")


def _activities(risk: Result | None) -> Tile | None:
    if risk is None:
        return None
    said = risk.summary
    owned = "mission-owned: " if risk.parameters["activity_class"] == "mission" else ""
    return Tile(
        "activity",
        f"Activities, next {settings().picture_horizon_days} days",
        f"{said['activities_ranked']}",
        f"{owned}{risk_panel.hazard_words(risk)}",
    )


def _displaced(page: Page) -> Tile | None:
    found = first(page, "idp_sites")
    if found is None:
        return None
    change = headlines.displacement(found[1], page.as_of)
    if change.change is None:
        return None
    return Tile(
        "idp",
        "Change in IDPs",
        f"{change.change:+,}",
        f"like for like, round {change.round_before} to {change.latest_round} · "
        f"{change.sites_assessed} of {change.sites} sites assessed",
    )


def _roads(page: Page) -> Tile | None:
    found = first(page, "roads")
    if found is None:
        return None
    access = headlines.access(found[1])
    names = ", ".join(access.closed_names[:2])
    return Tile("risk", "Roads and bridges", f"{access.closed} closed", names or f"{access.restricted} restricted")


def _beyond(page: Page) -> Tile | None:
    question = coverage_question(page)
    if question is None:
        return None
    result = cache.answer(question)
    said = result.summary
    least = "at least " if said["uncovered_people_unknown"] else ""
    known = said["uncovered_people"]
    people = "people not known" if known is None else f"{least}{round(known, -2):,} people"
    return Tile(
        "accent",
        "Beyond health",
        f"{said['uncovered_points']} of {said['demand_points']}",
        f"IDP sites without reported health activity in {result.parameters['radius_km']:g} km · {people}",
    )


def _health(page: Page) -> Tile | None:
    health = headlines.data_health([cache.dataset(i.ref) for i in page.infos], _now(page))
    stale = [h for h in health if h.stale]
    oldest = " · ".join(f"{h.layer} {h.age_days:.0f} d" for h in stale[:2])
    return Tile("muted", "Data health", f"{len(stale)} stale", oldest or "all layers within their age")


def _now(page: Page) -> datetime:
    return moment_of(page) if page.exercise else cache.now()


def changes_card(page: Page) -> None:
    """What changed in the last hours: each line selects its record."""
    until = moment_of(page)
    hours = settings().since_briefing_hours
    sources = {
        name: first(page, kind)
        for name, kind in (("incidents", "incidents"), ("sites", "idp_sites"), ("roads", "roads"))
    }
    data = {name: found[1] for name, found in sources.items() if found}
    changes = headlines.what_changed(until - timedelta(hours=hours), until, settings(), **data)[:MOST_CHANGES]
    with st.container(border=True, key="changes"):
        look.section(f"What changed, last {hours} h")
        if not changes:
            st.html('<div class="o-muted">Nothing reported.</div>')
        for n, change in enumerate(changes):
            target = _record(page, change.kind, change.id)
            st.button(
                change.text,
                key=f"change.{n}",
                type="tertiary",
                icon=None,
                disabled=target is None,
                on_click=selection.choose,
                args=(target,),
            )


def _record(page: Page, kind: str, thing: str) -> Selection | None:
    """The record on the map behind a thing: of a site, its latest round."""
    found = first(page, kind)
    if found is None:
        return None
    info, data = found
    frame = data.frame
    if data.kind.entity != "id":
        frame = latest_rounds(frame, data.kind, page.as_of)
        frame = frame[(frame[data.kind.entity] == thing).fillna(False).to_numpy(dtype=bool)]
        return Selection(info.layer, str(frame["id"].iloc[0])) if len(frame) else None
    return Selection(info.layer, thing)


def risks_card(risk: Result | None) -> None:
    """The activities ranked highest: each line selects its record."""
    with st.container(border=True, key="highest"):
        look.section(f"Highest, next {settings().picture_horizon_days} days")
        if risk is None or risk.rows.empty:
            st.html('<div class="o-muted">No activity with dates in these days.</div>')
            return
        rows = risk.rows.head(MOST_RISKS)
        tokens = risk_tokens(risk)
        for row, title in zip(rows.itertuples(), titles_of(rows, PROJECTS), strict=True):
            st.button(
                f"**{row.id}** {look.markdown(title)} · {look.markdown(_reason(row, tokens[row.id]))}",
                key=f"high.{row.id}",
                type="tertiary",
                on_click=selection.choose,
                args=(Selection(risk.inputs["activities"]["layer"], row.id),),
            )


def _reason(row: object, token: str) -> str:
    if isinstance(row.flag_text, str):  # type: ignore[attr-defined]
        return str(row.flag_text)  # type: ignore[attr-defined]
    if token == "risk_few":  # noqa: S105 - the name of a colour
        return "few reports"
    count = row.count_within_radius  # type: ignore[attr-defined]
    return "by area only" if pd.isna(count) else f"{count} incidents"
