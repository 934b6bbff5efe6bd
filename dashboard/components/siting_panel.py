"""Where new places would help most: asked when wished, of the same people and services as the gap above."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from analysis.method import Result
from analysis.siting import SITING
from dashboard import cache
from dashboard.components import look
from dashboard.components.boundary import in_words
from dashboard.components.downloads import downloads
from dashboard.components.map_panel import map_panel, result_url, scene_of
from dashboard.components.page import Page
from dashboard.maps import DrawnLayer, LegendItem
from dashboard.view import Question
from layers.errors import OverlayError

MAP_HEIGHT = 360
SAME = ("radius_km", "sector", "status", "include_qips", "areas_as_points")


@st.fragment
@in_words
def siting_panel(page: Page, coverage: Question) -> None:
    """The switch, the controls, the answer: an input for the cluster, not a decision."""
    st.html('<div class="o-head"><h2>Where would new places help most?</h2><span>an input for the cluster, not a '
            "decision</span></div>")  # fmt: skip
    if not st.toggle("Work it out for these people and services", key="siting.on", bind="query-params"):
        return
    asked = _asked(page, coverage)
    try:
        with st.spinner("Weighing the candidates", show_time=True):
            result = cache.answer(asked)
    except OverlayError as problem:
        look.error(problem)
        return
    _answer(result)
    left, right = st.columns([0.55, 0.45], gap="small")
    with left:
        st.dataframe(chosen_table(result), hide_index=True, height=MAP_HEIGHT, alt="New places")
        downloads(asked, "Download the new places")
    with right:
        _map(page, asked, result)


def _asked(page: Page, coverage: Question) -> Question:
    """The controls of siting, laid over what the coverage question says."""
    many, avoid, own = st.columns([0.2, 0.3, 0.5], vertical_alignment="bottom")
    k = many.number_input("New places", 1, 50, 3, key="siting.k", bind="query-params")
    exclude = avoid.toggle("Leave out risk areas", key="siting.exclude_risks", bind="query-params")
    tried = own.text_input("Try a place of your own", key="siting.try_at", bind="query-params",
                           placeholder="MGRS, or longitude,latitude")  # fmt: skip
    inputs = {role: query for role, query in coverage.inputs.items() if role in ("demand", "services", "areas")}
    risks = next(iter(page.of_kind("security_risks")), None)
    if risks is not None:
        inputs["risks"] = page.asked(risks, around=True)
    same = {name: coverage.values[name] for name in SAME if name in coverage.values}
    values = {**same, "k": str(k), "exclude_risks": "true" if exclude else "false", "try_at": tried or ""}
    return Question(SITING.id, inputs, values, page.as_of)


def _answer(result: Result) -> None:
    said = result.summary
    tried = said.get("tried_people_gained")
    own = "" if tried is None else f" A place of your own would reach {tried:,} people more."
    note = " ".join([gap_words(said["optimality_gap"]), *result.limits])
    st.html(f'<div class="o-sentence">{look.text(said["sentence"] + own)}</div>')
    st.html(f'<div class="o-muted">{look.text(note)}</div>')


def gap_words(gap: float | None) -> str:
    """How far from the best the answer can be.

    >>> gap_words(0.0), gap_words(0.034)
    ('Optimality gap 0 %: no choice of these candidates is better.', 'Optimality gap at most 3.4 %.')
    """
    if gap is None:
        return "Optimality gap not known."
    best = "Optimality gap 0 %: no choice of these candidates is better."
    return best if gap == 0 else f"Optimality gap at most {100 * gap:.1f} %."


def chosen_table(result: Result) -> pd.DataFrame:
    """The places in the order in which they gain."""
    rows = result.rows
    return pd.DataFrame(
        {
            "#": rows["rank"].astype("Int64").astype("str").fillna("own"),
            "Place": rows["place"].fillna(rows["id"]),
            "MGRS": rows["mgrs"].fillna(""),
            "People gained": rows["people_gained"],
            "Alone": rows["people_alone"],
            "Places gained": rows["places_gained"],
            "Of unknown population": rows["people_unknown_places_gained"],
            "In a risk area": ["yes" if risky else "" for risky in rows["in_risk_area"]],
        }
    )


def _map(page: Page, asked: Question, result: Result) -> None:
    by_ref = {i.ref: i for i in page.infos}
    drawn = [(by_ref[query.ref], query) for role, query in asked.inputs.items() if role in ("demand", "services")]
    shapes = [DrawnLayer(result_url(asked, "rows"), "new places", "square", "accent", interactive=False)]
    legend = [LegendItem("square", "accent", f"new places ({len(result.rows)})")]
    if "risk_areas" in result.shapes and len(result.shapes["risk_areas"]):
        shapes.append(DrawnLayer(result_url(asked, "risk_areas"), "risk areas", "hatched", "risk", interactive=False))
        legend.append(LegendItem("hatched", "risk", "risk areas"))
    scene = scene_of(page.infos, drawn, extra=tuple(shapes), extra_legend=tuple(legend))
    map_panel(scene, page.infos, [q for _, q in drawn], key="siting.map", height=MAP_HEIGHT)
