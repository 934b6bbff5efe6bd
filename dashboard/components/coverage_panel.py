"""The Coverage page's pieces: the sentence, the map of gaps, the tables, the card of a place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pandas as pd
import streamlit as st

from analysis.method import Result
from dashboard import cache
from dashboard.components import look, selection, sketching
from dashboard.components.boundary import in_words
from dashboard.components.coverage_what_if import SERVICE, place_assumed
from dashboard.components.draft_map import point_address
from dashboard.components.map_panel import map_panel, result_url, scene_of
from dashboard.components.method_panel import plain_table
from dashboard.components.page import Page
from dashboard.components.record_card import record_card
from dashboard.maps import DrawnLayer, LegendItem, Scene
from dashboard.view import LayerQuery, Question, Selection
from layers.kinds import kind_of
from store import LayerInfo

MAP_HEIGHT = 330
GROUPED = st.column_config.NumberColumn(format="localized")


def sentence(result: Result) -> None:
    """The answer, and what must be known to read it."""
    said = result.summary
    st.html(f'<div class="o-sentence">{look.text(said["sentence"])}</div>')
    notes = [
        (said["people_unknown_points"], "places of unknown population"),
        (said["not_assessed"], "sites not assessed in the latest round"),
        (said["closed_sites"], "closed sites left out"),
        (said["cover_unknown_points"], "places that cannot be judged"),
        (said["services_by_area"], "services known by admin area only"),
        (said["status_assumed"], "facilities without status, taken as active"),
    ]
    stated = ", ".join(f"{n:,} {word}" for n, word in notes if n)
    if said.get("then_sentence"):
        st.html(f'<div class="o-sentence"><span class="o-plain">{look.text(said["then_sentence"])}</span></div>')
    if stated:
        st.html(f'<div class="o-muted">{look.text(stated)}.</div>')


def rests_on(result: Result) -> None:
    """What was left out, and the limits: behind a button, so that the answer comes first."""
    said = result.summary
    qips = (
        f"With its {said['qip_services']} quick-impact projects counted: {said['uncovered_points_with_qips']} places, "
        f"{_count(said['uncovered_people_with_qips'], said['uncovered_people_unknown_with_qips'])} people "
        "beyond reach."
        if said["qip_services"] and said["uncovered_points_with_qips"] is not None
        else ""
    )
    left = ", ".join(f"{n:,} {word.replace('_', ' ')}" for word, n in said["services_left_out"].items() if n)
    lines = [qips, f"Services left out: {left}." if left else "", *result.limits]
    with st.popover("What this rests on", icon=":material/info:"):
        look.notes([line for line in lines if line])


def _count(people: int | None, unknown: int) -> str:
    least = "at least " if unknown else ""
    return "an unknown number of" if people is None else f"{least}{round(people, -2):,}"


@st.fragment
@in_words
def map_table_card(page: Page, question: Question) -> None:
    """Map and tables on the left, the card on the right."""
    result = cache.answer(question)
    left, right = st.columns([0.7, 0.3], gap="small")
    with left:
        drawn = _drawn(page, question)
        map_panel(
            _scene(page, question, result, drawn),
            page.infos,
            [q for _, q in drawn],
            key="coverage.map",
            height=MAP_HEIGHT,
            sketches=sketching.ON_COVERAGE,
        )
        _tables(result)
    with right:
        chosen = selection.current()
        if chosen and chosen.layer == result.inputs["demand"]["layer"]:
            _place_card(result, chosen.id, page)
        if not record_card(chosen, page.infos):
            look.empty("Nothing selected", "Click a place on the map or a row of the table.")


def _drawn(page: Page, question: Question) -> list[tuple[LayerInfo, LayerQuery]]:
    by_ref = {i.ref: i for i in page.infos}
    services, demand = (by_ref[question.inputs[role].ref] for role in ("services", "demand"))
    serving = question.inputs["services"]
    if question.values["sector"] != "any":
        fields = {**serving.where.fields, "sector_code": (question.values["sector"],)}
        serving = cache.query(services, replace(serving.where, fields=fields))
    return [(services, serving), (demand, page.seen(demand))]


def _scene(page: Page, question: Question, result: Result, drawn: list[tuple[LayerInfo, LayerQuery]]) -> Scene:
    shapes = [DrawnLayer(result_url(question, "reach"), "reach", "ring", "activity", interactive=False)]
    legend = [LegendItem("ring", "activity", f"within {reach_words(result)} of a service")]
    if "gaps" in result.shapes and result.summary["cover_unknown_points"] < result.summary["demand_points"]:
        shapes.append(DrawnLayer(result_url(question, "gaps"), "gaps", "gap", "gap", interactive=False))
        legend.append(LegendItem("gap", "gap", "land beyond reach"))
    place = place_assumed()
    if place:
        shapes.append(DrawnLayer(point_address(*place), SERVICE, "triangle", "accent", interactive=False))
        legend.append(LegendItem("triangle", "accent", SERVICE))
    return scene_of(page.infos, drawn, extra=tuple(shapes), extra_legend=tuple(legend))


def reach_words(result: Result) -> str:
    """How far a service reaches, in words."""
    return "its own radius" if result.parameters["radius_by_type"] else f"{result.parameters['radius_km']:g} km"


def _tables(result: Result) -> None:
    """The places, the areas, and what else this answer has."""
    shown: dict[str, Callable[[], object]] = {"Places beyond reach": partial(_places, result)}
    for name, title in (("by_sector", "By sector"), ("by_area", "By admin area"), ("by_admin1", "By state")):
        table = result.shapes.get(name)
        if table is not None and len(table):
            shown[title] = partial(_areas, _by_area(table), title)
    for name, title in (("ending", "Services that end"), ("overlap", "Overlap to check")):
        table = result.shapes.get(name)
        if table is not None and len(table):
            shown[title] = partial(st.dataframe, plain_table(table), hide_index=True, height=216)
    for tab, draw in zip(st.tabs(list(shown)), shown.values(), strict=True):
        with tab:
            draw()


def _areas(table: pd.DataFrame, title: str) -> None:
    counts = dict.fromkeys(("People", "People beyond reach"), GROUPED)
    st.dataframe(table, hide_index=True, height=216, alt=title, column_config=counts)


def _places(result: Result) -> None:
    rows = result.rows
    beyond = rows[(~rows["covered"]).fillna(False).to_numpy(dtype=bool)].sort_values("people", ascending=False)
    if beyond.empty:
        look.empty("No place is known to be beyond reach", "The sentence above says how many could be judged.")
        return
    choices = tuple(Selection(result.inputs["demand"]["layer"], record) for record in beyond["record_id"])
    table = pd.DataFrame(
        {
            "Place": beyond["name"].fillna(beyond["id"]),
            "Id": beyond["id"],
            "People": beyond["people"],
            "Nearest service": beyond["nearest_service_name"].fillna(beyond["nearest_service_id"]).fillna("none"),
            "Distance, km": (beyond["distance_m"] / 1000).round(1),
            **({"By road, km": (beyond["road_m"] / 1000).round(1)} if "road_m" in beyond else {}),
            "Admin 2": beyond["admin2_code"].fillna(""),
        }
    )
    selection.table(
        table,
        choices,
        key="coverage.table",
        height=216,
        alt="Places beyond reach",
        column_config={"People": GROUPED},
    )


def _by_area(table: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Area": table["name"].fillna(table["area_code"]).fillna("not known"),
            "P-code": table["area_code"].fillna(""),
            "Places": table["demand_points"],
            "Beyond reach": table["uncovered_points"],
            "People": table["people"],
            "People beyond reach": table["uncovered_people"],
            "Places of unknown population": table["people_unknown_points"],
        }
    )


def _place_card(result: Result, record: str, page: Page) -> None:
    rows = result.rows[result.rows["record_id"] == record]
    if rows.empty:
        return
    row = rows.iloc[0]
    radius = reach_words(result)
    if pd.isna(row["covered"]):
        answer = "Cannot be judged: its place is not known"
    elif row["covered"]:
        answer = "Reached" + (
            " through a service of its admin area" if row["covered_by"] == "area" else f" within {radius}"
        )
    else:
        answer = f"Not reached within {radius}"
    people = "population not known" if pd.isna(row["people"]) else f"{row['people']:,} people"
    service = row["nearest_service_name"] if isinstance(row["nearest_service_name"], str) else row["nearest_service_id"]
    nearest = (
        f"{service}, {row['distance_m'] / 1000:.1f} km" if not pd.isna(row["distance_m"]) else "no service with a place"
    )
    kind = kind_of(next(i.kind for i in page.infos if i.layer == result.inputs["demand"]["layer"]))
    look.card(
        str(row["name"] if isinstance(row["name"], str) else row["id"]),
        [
            ("gap" if row["covered"] is False or row["covered"] == False else "activity", answer, people),  # noqa: E712
            ("activity", "Nearest service", nearest),
        ],
        f"{kind.singular} {row['id']}",
    )
