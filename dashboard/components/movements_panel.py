"""The Movements page's pieces: the stock and the flow, each with its own figures, marks and tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import partial

import altair as alt
import pandas as pd
import streamlit as st

from analysis.method import Method, Result
from analysis.movements import FLOWS
from analysis.site_changes import SITES
from dashboard import cache
from dashboard.components import controls, look, selection
from dashboard.components.boundary import in_words
from dashboard.components.downloads import downloads
from dashboard.components.map_panel import map_panel, result_url, scene_of
from dashboard.components.page import Page
from dashboard.components.record_card import record_card
from dashboard.components.tiles import Tile, tiles
from dashboard.maps import DrawnLayer, LegendItem
from dashboard.result_features import SITE_STATES
from dashboard.view import Question, Selection
from layers.errors import NotEnoughData
from layers.settings import settings
from layers.times import date_time_group
from store import LayerInfo

MAP_HEIGHT, TABLE_HEIGHT = 380, 230
GROUPED = st.column_config.NumberColumn(format="localized")
SIGNED = st.column_config.NumberColumn(format="%+d")


def questions(page: Page) -> tuple[Question | None, Question | None]:
    """What is asked of the stock and of the flow; None where no layer of it is loaded, or it tells of nothing."""
    return _asked(page, SITES, "idp_sites"), _asked(page, FLOWS, "idp_flows")


def _asked(page: Page, method: Method, kind: str) -> Question | None:
    if not page.of_kind(kind):
        return None
    question = controls.question(method, page)
    if question is None:
        return None
    role = method.roles[0].name
    info = next(i for i in page.of_kind(kind) if i.ref == question.inputs[role].ref)
    if role == "flows" and _states_a_period(page, info):
        question = replace(question, inputs={**question.inputs, role: page.seen(info)})
    try:
        cache.answer(question)
    except NotEnoughData as nothing:
        look.empty(f"{method.label}: {nothing.found}", nothing.remedy)
        return None
    return question


def _states_a_period(page: Page, info: LayerInfo) -> bool:
    """Whether any movement has a date; a list of people by origin has none, and no period can hide it."""
    frame = cache.filtered(page.asked(info)).frame
    return bool(frame[["start_date", "end_date"]].notna().to_numpy().any())


def figures(page: Page, sites: Question | None, flows: Question | None) -> None:
    """The headlines: people present and people who moved, never added."""
    made = [*_stock_tiles(page, sites), *_flow_tiles(page, flows)]
    tiles(made)
    notes = [_left_out(cache.answer(flows))] if flows else []
    for note in filter(None, notes):
        st.html(f'<div class="o-muted">{look.text(note)}</div>')


def _about(page: Page, question: Question) -> str:
    asked = next(iter(question.inputs.values()))
    info = next(i for i in page.infos if i.ref == asked.ref)
    day = date_time_group(info.as_of, settings().theatre_timezone)
    return f"{info.layer} · {info.source or 'source not stated'} · as of {day}"


def _stock_tiles(page: Page, question: Question | None) -> list[Tile]:
    if question is None:
        return []
    said, about = cache.answer(question).summary, _about(page, question)
    states = said["sites"]
    day = f", up to {date_time_group(date.fromisoformat(said['assessed_on']))}" if said["assessed_on"] else ""
    seen = states["assessed"] + states["opened"]
    unknown = states["not_assessed"] + states["not_listed"]
    change = "not known" if said["change"] is None else f"{said['change']:+,}"
    compared = (
        f"people at {said['sites_compared']} sites assessed in rounds {said['round_before']} and {said['latest_round']}"
        if said["change"] is not None
        else "no site was assessed in two rounds"
    )
    return [
        Tile("idp", "People present", f"{said['people']:,}",
             f"people at {look.counted(seen, 'site')}, round {said['latest_round']}{day}", about),
        Tile("grew", "Change, like for like", change, compared, about),
        Tile("muted", "Not assessed", look.counted(unknown, "site"),
             f"last known {said['last_known_people_not_assessed']:,} people, not in the total · "
             f"{states['closed']} closed", about),
    ]  # fmt: skip


def _flow_tiles(page: Page, question: Question | None) -> list[Tile]:
    if question is None:
        return []
    said, about = cache.answer(question).summary, _about(page, question)
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
def map_and_tables(page: Page, sites: Question | None, flows: Question | None) -> None:
    """Map and tables on the left, the record on the right."""
    left, right = st.columns([0.72, 0.28], gap="small")
    with left:
        drawn = [*_flow_lines(flows), *_site_circles(sites)]
        extra, legend = tuple(d for d, _ in drawn), tuple(item for _, items in drawn for item in items)
        asked = [next(iter(q.inputs.values())) for q in (sites, flows) if q]
        map_panel(
            scene_of(page.infos, [], extra=extra, extra_legend=legend, also=asked),
            page.infos,
            asked,
            key="movements.map",
            height=MAP_HEIGHT,
        )
        _tables(sites, flows)
    with right:
        if not record_card(selection.current(), page.infos):
            look.empty("Nothing selected", "Click a site on the map or a row of the table.")
        for question in (sites, flows):
            if question:
                result = cache.answer(question)
                with st.popover(f"What {result_label(question)} rests on", icon=":material/info:"):
                    look.notes(list(result.limits))
                downloads(question, f"Download {result_label(question)}")


def result_label(question: Question) -> str:
    """Which of the two a question is."""
    return "sites" if question.method == SITES.id else "movements"


def _flow_lines(question: Question | None) -> list[tuple[DrawnLayer, list[LegendItem]]]:
    if question is None:
        return []
    result = cache.answer(question)
    lines = result.shapes["lines"]
    if lines.empty:
        return []
    said = result.summary
    by = "to admin 1" if said["level"] == "admin1" else "as reported"
    what = "people by origin" if said["undated_records"] == said["records"] else "moved"
    item = LegendItem(
        "flow", "activity", f"{what}, {by} ({len(lines):,})",
        f"wide where they left; widest {int(lines['people'].max()):,} people",
    )  # fmt: skip
    return [(DrawnLayer(result_url(question, "lines"), "movements", "flow", "activity"), [item])]


def _site_circles(question: Question | None) -> list[tuple[DrawnLayer, list[LegendItem]]]:
    if question is None:
        return []
    rows = cache.answer(question).rows
    known = rows["state"].isin(["assessed", "opened"])
    counted = [
        ("circle", "grew", "more people", known & (rows["change"] > 0)),
        ("circle", "fell", "fewer people", known & (rows["change"] < 0)),
        ("circle", "idp", "no change, new, or no figure before", known & ~(rows["change"] != 0).fillna(False)),
        ("hatched", "muted", "not assessed, last known", rows["state"].isin(["not_assessed", "not_listed"])),
        ("hollow", "muted", "closed", rows["state"] == "closed"),
    ]
    legend = [
        LegendItem(shape, token, f"{words} ({number:,})")
        for shape, token, words, which in counted
        if (number := int(which.fillna(False).sum()))
    ]
    return [(DrawnLayer(result_url(question, "rows"), "sites", "circle", "idp"), legend)]


def _tables(sites: Question | None, flows: Question | None) -> None:
    shown = {}
    if sites:
        result = cache.answer(sites)
        shown["Sites"] = partial(_sites, result)
        shown["Rounds"] = partial(_rounds, result)
    if flows:
        result = cache.answer(flows)
        shown["Movements"] = partial(_flows, result)
        shown["Arrivals"] = partial(_arrivals, result)
    for tab, draw in zip(st.tabs(list(shown)), shown.values(), strict=True):
        with tab:
            draw()


def _sites(result: Result) -> None:
    rows = result.rows
    choices = tuple(Selection(result.inputs["sites"]["layer"], record) for record in rows["id"])
    table = pd.DataFrame(
        {
            "Site": rows["name"].fillna(rows["site_id"]).fillna(rows["id"]),
            "State": rows["state"].map(SITE_STATES),
            "People": rows["people"],
            "Change": rows["change"],
            "Last known": rows["last_known_people"],
            "In round": rows["last_known_round"],
            "Admin 2": rows["admin2_code"],
        }
    )
    selection.table(
        table, choices, key="movements.sites", height=TABLE_HEIGHT, alt="Sites",
        column_config={"People": GROUPED, "Last known": GROUPED, "Change": SIGNED},
    )  # fmt: skip


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
