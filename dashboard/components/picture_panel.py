"""The Picture page's pieces: the scene, what changed, the highest risks."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pandas as pd
import streamlit as st

from analysis import headlines
from analysis.method import Result
from dashboard import cache
from dashboard.components import look, selection
from dashboard.components.map_panel import result_url, scene_of
from dashboard.components.moment import moment_of
from dashboard.components.page import Page
from dashboard.components.picture_questions import first
from dashboard.components.time_bar import time_of
from dashboard.features import titles_of
from dashboard.maps import DrawnLayer, Scale, Scene
from dashboard.result_features import risk_steps, risk_tokens
from dashboard.view import LayerQuery, Question, Selection
from layers.dataset import Dataset
from layers.kinds import PROJECTS, kind_of
from layers.rounds import latest_rounds
from layers.settings import settings
from layers.times import date_time_group
from store import LayerInfo

MOST_CHANGES, MOST_RISKS, MOST_RINGS = 7, 5, 10


def scene(page: Page, shown: list[tuple[LayerInfo, LayerQuery]], question: Question | None) -> Scene:
    """The layers that are on, and the rings of the activities ranked highest."""
    time = time_of(page)
    if question is None:
        return replace(scene_of(page.infos, shown), time=time)
    ring = DrawnLayer(result_url(question, "rings", most=MOST_RINGS), "rings", "ring", "risk_1", interactive=False)
    result = cache.answer(question)
    words = f"{result.parameters['radius_km']:g} km around the {MOST_RINGS} ranked highest"
    scale = Scale(words, risk_steps(settings()))
    return replace(scene_of(page.infos, shown, extra=(ring,), scale=scale), time=time)


def changes_card(page: Page) -> None:
    """What changed in the last hours: each line selects its record."""
    until = moment_of(page.infos, page.as_of)
    hours = settings().since_briefing_hours
    since = until - timedelta(hours=hours)
    sources = {name: first(page, kind) for name, kind in (("sites", "idp_sites"), ("roads", "roads"))}
    data = {name: found[1] for name, found in sources.items() if found}
    for info in page.of_kind("incidents")[:1]:
        data["incidents"] = cache.recent_incidents(page.asked(info), since)
    changes = headlines.what_changed(since, until, settings(), **data)[:MOST_CHANGES]
    with st.container(border=True, key="changes"):
        look.section(f"What changed, last {hours} h")
        if not changes:
            st.html(f'<div class="o-muted">{look.text(_nothing(data.get("incidents"), until, hours))}</div>')
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


def _nothing(incidents: Dataset | None, until: datetime, hours: int) -> str:
    """Nothing reported, or nothing that could have been."""
    if incidents is None:
        return "No layer of incidents is loaded."
    if incidents.as_of_day < (until - timedelta(hours=hours)).date():
        return f"No incident data after {date_time_group(incidents.as_of)}."
    return "Nothing reported."


def _record(page: Page, kind: str, thing: str) -> Selection | None:
    """The record on the map behind a thing: of a site, its latest round."""
    info = next(iter(page.of_kind(kind)), None)
    if info is None:
        return None
    entity = kind_of(kind).entity
    if entity == "id":
        return Selection(info.layer, thing)
    frame = latest_rounds(cache.filtered(page.asked(info)).frame, kind_of(kind), page.as_of)
    frame = frame[(frame[entity] == thing).fillna(False).to_numpy(dtype=bool)]
    return Selection(info.layer, str(frame["id"].iloc[0])) if len(frame) else None


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
    chance = row.p_any  # type: ignore[attr-defined]
    return "by area only" if pd.isna(chance) else f"chance of an incident {100 * chance:.0f} %"
