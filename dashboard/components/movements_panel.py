"""The Movements page's pieces: the stock and the flow, each with its own figures, marks and tables."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import altair as alt
import pandas as pd
import streamlit as st

from analysis.method import Result
from analysis.movements import FLOWS
from dashboard import cache
from dashboard.components import controls, look, movements_sites, selection
from dashboard.components.boundary import in_words
from dashboard.components.downloads import downloads
from dashboard.components.map_panel import map_panel, result_url, scene_of
from dashboard.components.page import Page
from dashboard.components.record_card import record_card
from dashboard.components.tiles import Tile, tiles
from dashboard.maps import DrawnLayer, LegendItem
from dashboard.view import Question
from layers.errors import NotEnoughData
from layers.kinds import IDP_FLOWS, IDP_SITES
from store import LayerInfo

MAP_HEIGHT, TABLE_HEIGHT = 380, 230
GROUPED = st.column_config.NumberColumn(format="localized")
SIGNED = st.column_config.NumberColumn(format="%+d")


def questions(page: Page) -> tuple[list[Question], Question | None]:
    """What is asked of the stock, layer by layer, and of the flow; nothing where none tells of anything."""
    return movements_sites.asked_of(page), _flows_asked(page)


def _flows_asked(page: Page) -> Question | None:
    if not page.of_kind(IDP_FLOWS.id):
        return None
    question = controls.question(FLOWS, page)
    if question is None:
        return None
    info = next(i for i in page.of_kind(IDP_FLOWS.id) if i.ref == question.inputs["flows"].ref)
    if _states_a_period(page, info):
        question = replace(question, inputs={**question.inputs, "flows": page.seen(info)})
    try:
        cache.answer(question)
    except NotEnoughData as nothing:
        look.empty(f"{FLOWS.label}: {nothing.found}", nothing.remedy)
        return None
    return question


def _states_a_period(page: Page, info: LayerInfo) -> bool:
    """Whether any movement has a date; a list of people by origin has none, and no period can hide it."""
    frame = cache.filtered(page.asked(info)).frame
    return bool(frame[["start_date", "end_date"]].notna().to_numpy().any())


def figures(page: Page, sites: list[Question], flows: Question | None) -> None:
    """The headlines: people present and people who moved, never added."""
    made = [*movements_sites.stock_tiles(page, sites), *_flow_tiles(page, flows)]
    tiles(made)
    notes = [_left_out(cache.answer(flows))] if flows else []
    for note in filter(None, notes):
        st.html(f'<div class="o-muted">{look.text(note)}</div>')


def _flow_tiles(page: Page, question: Question | None) -> list[Tile]:
    if question is None:
        return []
    said, about = cache.answer(question).summary, movements_sites.about(page, [question])
    label = "People by origin" if said["undated_records"] == said["records"] else "People who moved"
    period = "no period stated" if said["undated_records"] == said["records"] else page.view_period
    figure = f"{said['people']:,}"
    return [Tile("activity", label, figure, f"people in {said['records']:,} records, {period}", about)]


def _left_out(result: Result) -> str:
    """What the lines do not show, with its people."""
    said, least = result.summary, result.parameters["minimum_people"]
    parts = [
        ("below_minimum", f"in lines of fewer than {least} people"),
        ("same_area", "from and to the same area"),
        ("without_place", "without a place to draw"),
    ]
    told = [
        f"{said[f'{name}_people']:,} people {words} ({look.counted(said[f'{name}_records'], 'record')})"
        for name, words in parts
        if said[f"{name}_records"]
    ]
    told += [f"{look.counted(said['other_groups'], 'record')} of others than IDPs"] if said["other_groups"] else []
    incomplete = said["incomplete_records"]
    told += [f"{look.counted(incomplete, 'record')} without origin, destination or people"] if incomplete else []
    return f"Not drawn as lines: {'; '.join(told)}." if told else ""


@st.fragment
@in_words
def map_and_tables(page: Page, sites: list[Question], flows: Question | None) -> None:
    """Map and tables on the left, the record on the right."""
    left, right = st.columns([0.72, 0.28], gap="small")
    with left:
        lines, line_legend = _flow_lines(flows)
        extra = (*lines, *(DrawnLayer(result_url(q, "rows"), "sites", "circle", "idp") for q in sites))
        legend = (*line_legend, *_site_legend(sites))
        refs = {q.inputs["sites"].ref for q in sites}
        asked = [page.seen(i) for i in page.infos if i.ref in refs] + ([flows.inputs["flows"]] if flows else [])
        around = [pair for pair in page.shown() if pair[0].kind not in (IDP_SITES.id, IDP_FLOWS.id)]
        map_panel(
            scene_of(page.infos, around, extra=extra, extra_legend=legend, on_top=True, also=asked),
            page.infos,
            [*asked, *(query for _, query in around)],
            key="movements.map",
            height=MAP_HEIGHT,
        )
        _tables(sites, flows)
    with right:
        if not record_card(selection.current(), page.infos):
            look.empty("Nothing selected", "Click a site on the map or a row of the table.")
        for name, asked_of in (("sites", sites), ("movements", [flows] if flows else [])):
            if asked_of:
                with st.popover(f"What {name} rests on", icon=":material/info:"):
                    look.notes(movements_sites.notes([cache.answer(question) for question in asked_of]))
            if len(asked_of) == 1:
                downloads(asked_of[0], f"Download {name}")


def _flow_lines(question: Question | None) -> tuple[list[DrawnLayer], list[LegendItem]]:
    if question is None:
        return [], []
    result = cache.answer(question)
    lines = result.shapes["lines"]
    if lines.empty:
        return [], []
    said = result.summary
    by = "to admin 1" if said["level"] == "admin1" else "as reported"
    what = "people by origin" if said["undated_records"] == said["records"] else "moved"
    item = LegendItem(
        "flow", "activity", f"{what}, {by} ({len(lines):,})",
        f"wide where they left; widest {int(lines['people'].max()):,} people",
    )  # fmt: skip
    return [DrawnLayer(result_url(question, "lines"), "movements", "flow", "activity")], [item]


def _site_legend(sites: list[Question]) -> list[LegendItem]:
    if not sites:
        return []
    rows = movements_sites.stock(sites).rows
    known = rows["state"].isin(["assessed", "opened"])
    counted = [
        ("circle", "grew", "more people", known & (rows["change"] > 0)),
        ("circle", "fell", "fewer people", known & (rows["change"] < 0)),
        ("circle", "idp", "no change, new, or no figure before", known & ~(rows["change"] != 0).fillna(False)),
        ("hatched", "muted", "not assessed, last known", rows["state"].isin(["not_assessed", "not_listed"])),
        ("hollow", "muted", "closed", rows["state"] == "closed"),
    ]
    return [
        LegendItem(shape, token, f"{words} ({number:,})")
        for shape, token, words, which in counted
        if (number := int(which.fillna(False).sum()))
    ]


def _tables(sites: list[Question], flows: Question | None) -> None:
    shown = {}
    if sites:
        shown["Sites"] = partial(movements_sites.sites_table, sites)
    if len(sites) == 1:
        shown["Rounds"] = partial(_rounds, cache.answer(sites[0]))
    elif sites:
        shown["Over time"] = partial(movements_sites.over_time, sites)
    if flows:
        result = cache.answer(flows)
        shown["Movements"] = partial(_flows, result)
        shown["Arrivals"] = partial(_arrivals, result)
    for tab, draw in zip(st.tabs(list(shown)), shown.values(), strict=True):
        with tab:
            draw()


def _rounds(result: Result) -> None:
    rounds = result.shapes["rounds"]
    table = pd.DataFrame(
        {
            "Round": rounds["round"],
            "Assessed up to": rounds["assessed_on"],
            "People": rounds["people"],
            "Sites assessed": rounds["sites_assessed"],
            "Change, like for like": rounds["change"],
            "Sites compared": rounds["sites_compared"],
            "Not assessed": rounds["sites_not_assessed"],
            "Closed": rounds["sites_closed"],
        }
    )
    _bars(rounds.assign(label=rounds["round"].astype("str")), "People present by round", "idp")
    st.dataframe(
        table, hide_index=True, height=TABLE_HEIGHT, alt="Rounds",
        column_config={"People": GROUPED, "Change, like for like": SIGNED,
                       "Assessed up to": st.column_config.DateColumn(format="DD MMM YY")},
    )  # fmt: skip


def _flows(result: Result) -> None:
    rows = result.rows
    table = pd.DataFrame(
        {
            "From": rows["origin_name"],
            "To": rows["destination_name"],
            "People": rows["people"],
            "Records": rows["records"],
            "First day": rows["first_day"],
            "Last day": rows["last_day"],
        }
    )
    days = st.column_config.DateColumn(format="DD MMM YY")
    st.dataframe(
        table, hide_index=True, height=TABLE_HEIGHT, alt="Movements",
        column_config={"People": GROUPED, "First day": days, "Last day": days},
    )  # fmt: skip


def _arrivals(result: Result) -> None:
    months, arrivals = result.shapes["months"], result.shapes["arrivals"]
    if len(months):
        _bars(months.assign(label=months["month"]), "People who arrived, by the month their movement ended", "activity")
    table = pd.DataFrame(
        {
            "Destination": arrivals["name"],
            "People": arrivals["people"],
            "Origins": arrivals["origins"],
            "Most from": arrivals["most_from"],
            "of them": arrivals["most_from_people"],
        }
    )
    st.dataframe(
        table, hide_index=True, height=TABLE_HEIGHT, alt="Arrivals",
        column_config={"People": GROUPED, "of them": GROUPED},
    )  # fmt: skip


def _bars(table: pd.DataFrame, title: str, token: str) -> None:
    colours = look.tokens()
    chart = (
        alt.Chart(pd.DataFrame(table[["label", "people"]]))
        .mark_bar(color=colours[token], cornerRadiusTopLeft=2, cornerRadiusTopRight=2)
        .encode(
            x=alt.X("label:N", title=None, sort=None, axis=alt.Axis(labelAngle=0, labelColor=colours["muted"])),
            y=alt.Y("people:Q", title=None, axis=alt.Axis(tickCount=3, grid=False, labelColor=colours["muted"])),
            tooltip=[alt.Tooltip("label:N", title=title), alt.Tooltip("people:Q", title="People", format=",")],
        )
        .properties(height=110)
    )
    st.html(f'<div class="o-muted">{look.text(title)}</div>')
    st.altair_chart(chart, width="stretch", alt=title)
