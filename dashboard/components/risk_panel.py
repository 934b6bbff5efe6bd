"""The Risk page's pieces: the sentence, the ranked table, the map, the card that says why."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from analysis.method import Result
from analysis.reporting import SET_AS_OF
from dashboard import cache
from dashboard.components import look, risk_table, selection, what_if_panel
from dashboard.components.boundary import in_words
from dashboard.components.map_panel import map_panel, result_url, scene_of
from dashboard.components.page import Page
from dashboard.components.rating_panel import rating_panel
from dashboard.components.record_card import record_card
from dashboard.components.risk_table import words
from dashboard.components.why_card import behind, why_card
from dashboard.maps import DrawnLayer, LegendItem, Scale, Scene
from dashboard.result_features import risk_steps
from dashboard.view import LayerQuery, Question
from layers.kinds import PROJECTS
from layers.kinds.projects import MISSION_OWNED
from layers.settings import settings
from layers.times import Period, window
from store import LayerInfo

MAP_HEIGHT, TABLE_HEIGHT = 380, 212
DRAWN_ROLES = ("activities", "incidents", "risks")


def opening(page: Page) -> dict[str, str]:
    """The page opens on mission-owned activities, where any are loaded."""
    loaded = [cache.dataset(i).frame["activity_class"] for i in page.of_kind(PROJECTS.id)]
    return {"activity_class": "mission"} if any(classes.isin(MISSION_OWNED).any() for classes in loaded) else {}


def horizon_words(result: Result) -> str:
    """The horizon of activities in words."""
    days = result.parameters["horizon_days"]
    return "all dates" if days is None else f"next {days} days"


def summary(result: Result) -> None:
    """One sentence: how many, how many flagged, and what was left out."""
    said = result.summary
    sentence = (
        f"{said['activities_ranked']} of {said['activities']} activities, {horizon_words(result)}: "
        f"{hazard_words(result)}, {said['few_reports']} where few incidents are reported."
    )
    st.html(f'<div class="o-sentence">{look.text(sentence)}</div>')
    if earlier := [line for line in result.limits if line.endswith(SET_AS_OF)]:
        look.notes(earlier)
    classes = ", ".join(f"{n} {words(name)}" for name, n in said["likelihood_classes"].items() if n)
    st.html(
        f'<div class="o-muted">Likelihood of a violent incident during their own days: {look.text(classes)}. '
        "Indicative; hazards stand beside it and are not part of it.</div>"
    )


def hazard_words(result: Result) -> str:
    """How many activities are flagged; nothing is claimed where no hazards were given."""
    said = result.summary
    if said["risks_standing"] is None:
        return "hazards not looked at (no layer of security risks)"
    return f"{said['flagged_red']} inside or at an explosive hazard, {said['flagged_amber']} near a hazard"


def _left_out(title: str, counts: list[tuple[int, str]]) -> str:
    stated = [f"{n:,} {word}" for n, word in counts if n]
    return f"{title}: {', '.join(stated)}." if stated else ""


def rests_on(result: Result) -> None:
    """What was left out, and the limits: behind a button, so that the answer comes first."""
    said = result.summary
    left = [
        (said["without_dates"], "without dates"),
        (said["outside_horizon"], "outside the dates asked"),
        (said["other_class"], "of another class"),
        (said["other_status"], "of another status"),
        (said["by_area_only"], "known by admin area only (ranked last)"),
    ]
    incidents = [(n, word.replace("_", " ")) for word, n in said["incidents_left_out"].items()]
    lines = [_left_out("Activities left out", left), _left_out("Incidents left out", incidents), *result.limits]
    with st.popover("What this rests on", icon=":material/info:"):
        look.notes([line for line in lines if line])


@st.fragment
@in_words
def table_map_card(page: Page, question: Question) -> None:
    """Table and map on the left, the card of the chosen activity on the right."""
    result = cache.answer(question)
    layer = result.inputs["activities"]["layer"]
    chosen = selection.current()
    own = chosen is not None and chosen.layer == layer and chosen.id in set(result.rows["id"])
    other = chosen is not None and not own
    activity = chosen.id if own and chosen else str(result.rows["id"].iloc[0]) if len(result.rows) else None
    left, right = st.columns([0.69, 0.31], gap="small")
    with right:
        if activity is None:
            look.empty("No activity fits", "Widen the dates asked, the status, the class or the area.")
        elif not (other and record_card(chosen, page.infos)):
            why, tried, rated, incidents = st.tabs(["Why", "What if", "Rate", "Incidents"])
            with why:
                why_card(question, result, activity)
            with tried:
                what_if_panel.what_if(question, result, activity)
            with rated:
                rating_panel(result, activity)
            with incidents:
                behind(question, result, activity)
    with left:
        by_sector = ["By sector"] if "by_sector" in result.shapes else []
        ranked, cells, *sectors = st.tabs(["Ranked activities", "Likelihood x impact", *by_sector])
        with ranked:
            risk_table.table(result, TABLE_HEIGHT)
        with cells:
            risk_table.matrix_table(result)
        for tab in sectors:
            with tab:
                risk_table.sector_table(result, TABLE_HEIGHT)
        drawn = _drawn(page, question, result)
        map_panel(
            _scene(page, drawn, question, result, activity),
            page.infos,
            [q for _, q in drawn],
            key="risk.map",
            height=MAP_HEIGHT,
            on_drag=what_if_panel.dragged,
        )


def _drawn(page: Page, question: Question, result: Result) -> list[tuple[LayerInfo, LayerQuery]]:
    """The layers that are on, and the inputs: of the incidents, those of the window asked for."""
    by_ref = {i.ref: i for i in page.infos}
    counted = window(question.as_of, result.parameters["window_days"])
    inputs = []
    for role, query in question.inputs.items():
        if role not in DRAWN_ROLES:
            continue
        where = replace(query.where, period=counted if role == "incidents" else Period())
        inputs.append((by_ref[query.ref], cache.query(by_ref[query.ref], where)))
    asked = {query.ref for query in question.inputs.values()}
    return [*[pair for pair in page.shown() if pair[0].ref not in asked], *inputs]


def _scene(
    page: Page,
    drawn: list[tuple[LayerInfo, LayerQuery]],
    question: Question,
    result: Result,
    activity: str | None,
) -> Scene:
    asked = what_if_panel.question_with(question) or question
    rings = DrawnLayer(result_url(asked, "rings"), "rings", "ring", "risk_1", interactive=False)
    ring = settings().risk_rings_km[0]
    scale = Scale(f"chance of an incident within {ring:g} km, its own days", risk_steps(settings()))
    around = f"{result.parameters['radius_km']:g} km around an activity{', as assumed' if asked.edits else ''}"
    legend = (LegendItem("ring", "risk_2", around), LegendItem("flagged", "risk_4", "hazard inside or at it"))
    pin = what_if_panel.pin_of(result, activity) if activity else None
    return scene_of(page.infos, drawn, extra=(rings,), extra_legend=legend, scale=scale, pin=pin)
