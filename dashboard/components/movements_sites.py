"""The stock on the Movements page: which layers of sites, their figures, table and course over time."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date

import altair as alt
import pandas as pd
import streamlit as st

from analysis.demand import main_group
from analysis.method import Result
from analysis.site_changes import SITES
from analysis.site_sets import SiteSet, together
from analysis.surroundings import around, may_be
from dashboard import cache
from dashboard.components import controls, look, selection
from dashboard.components.page import Page
from dashboard.components.tiles import Tile
from dashboard.result_features import SITE_STATES
from dashboard.view import Question, Selection
from layers.errors import NotEnoughData
from layers.kinds import IDP_SITES
from layers.kinds.security_risks import HAZARD_TYPE
from layers.settings import settings
from layers.times import date_time_group
from layers.vocabularies import POPULATION_GROUPS, SECTORS
from store import LayerInfo

TABLE_HEIGHT, CHART_HEIGHT = 230, 210
GROUPED = st.column_config.NumberColumn(format="localized")
SIGNED = st.column_config.NumberColumn(format="%+d")
GROUP_LABEL = {c.value: c.label for c in POPULATION_GROUPS}
HAZARD_LABEL = {c.value: c.label for c in HAZARD_TYPE}
SECTOR_LABEL = {c.value: c.label.lower() for c in SECTORS}
SHADES = ("#3B2493", "#5B3CC4", "#7C63D3", "#9D8AE1", "#BEB1EE", "#DDD6F7")
OTHERS, OTHERS_SHADE = "all others", "#AEB8C1"


def asked_of(page: Page) -> list[Question]:
    """What is asked of each layer of sites that is switched on and chosen; what has nothing to tell is said."""
    on = [i for i in page.of_kind(IDP_SITES.id) if page.view and i.layer in page.view.shown]
    if not on:
        if page.of_kind(IDP_SITES.id):
            look.empty("No sites", "All layers of sites are switched off in the side bar.")
        return []
    if len(on) > 1:
        left, right = st.columns([0.36, 0.64], vertical_alignment="bottom")
        with left:
            chosen = _chosen(on)
    else:
        chosen, right = on, st.container()
    first = replace(page, infos=[i for i in page.infos if i.kind != IDP_SITES.id or i.ref == chosen[0].ref])
    with right:
        question = controls.question(SITES, first, first=("group",))
    if question is None:
        return []
    questions, silent = [], []
    for info in chosen:
        one = replace(question, inputs={**question.inputs, "sites": page.asked(info)})
        try:
            cache.answer(one)
        except NotEnoughData as nothing:
            silent.append((info.layer, nothing))
        else:
            questions.append(one)
    if silent and not questions:
        look.empty(f"{SITES.label}: {silent[0][1].found}", silent[0][1].remedy)
    elif silent:
        names = ", ".join(layer for layer, _ in silent)
        st.html(f'<div class="o-muted">Nothing up to this day: {look.text(names)}.</div>')
    return questions


def _chosen(on: list[LayerInfo]) -> list[LayerInfo]:
    """One layer, or all of one population group together: figures of different groups are never added."""
    of_group = defaultdict(list)
    for info in on:
        of_group[main_group(cache.dataset(info).frame)].append(info)
    sets = sorted((found for found in of_group.items() if len(found[1]) > 1), key=lambda found: -len(found[1]))
    options = {f"{len(infos)} layers together: {GROUP_LABEL.get(group, group)}": infos for group, infos in sets}
    options |= {info.layer: [info] for info in on}
    return options[st.selectbox("Sites", list(options), key="movements.set", bind="query-params")]


def stock(questions: list[Question]) -> SiteSet:
    """The answers laid together."""
    return together([cache.answer(question) for question in questions])


def stock_tiles(page: Page, questions: list[Question]) -> list[Tile]:
    """The headlines of the people present."""
    if not questions:
        return []
    of_one = len(questions) == 1
    made = _of_one(page, questions[0]) if of_one else _of_a_set(page, questions)
    return [*made, *_around(questions, about(page, questions))]


def about(page: Page, questions: list[Question]) -> str:
    """Layer, source and as-of behind figures."""
    refs = {next(iter(q.inputs.values())).ref for q in questions}
    infos = [i for i in page.infos if i.ref in refs]
    if len(infos) > 1:
        sources = ", ".join(dict.fromkeys(i.source for i in infos if i.source)) or "source not stated"
        return f"{len(infos)} layers · {sources} · {_span(min(_day(i) for i in infos), max(_day(i) for i in infos))}"
    day = date_time_group(infos[0].as_of, settings().theatre_timezone)
    return f"{infos[0].layer} · {infos[0].source or 'source not stated'} · as of {day}"


def _day(info: LayerInfo) -> date:
    return date.fromisoformat(str(info.as_of)[:10])


def _span(first: date | None, last: date | None) -> str:
    days = dict.fromkeys(date_time_group(day) for day in (first, last) if day)
    return " to ".join(days)


def _of_one(page: Page, question: Question) -> list[Tile]:
    said, source = cache.answer(question).summary, about(page, [question])
    states = said["sites"]
    day = f", up to {date_time_group(date.fromisoformat(said['assessed_on']))}" if said["assessed_on"] else ""
    seen = states["assessed"] + states["opened"]
    change = "not known" if said["change"] is None else f"{said['change']:+,}"
    compared = (
        f"people at {said['sites_compared']} sites assessed in rounds {said['round_before']} and {said['latest_round']}"
        if said["change"] is not None
        else "no site was assessed in two rounds"
    )
    return [
        Tile("idp", "People present", f"{said['people']:,}",
             f"people at {look.counted(seen, 'site')}, round {said['latest_round']}{day}", source),
        Tile("grew", "Change, like for like", change, compared, source),
        _not_assessed(states, said["last_known_people_not_assessed"], source),
    ]  # fmt: skip


def _of_a_set(page: Page, questions: list[Question]) -> list[Tile]:
    found, source = stock(questions), about(page, questions)
    at = look.counted(found.sites["assessed"] + found.sites["opened"], "site")
    change = "not known" if found.change is None else f"{found.change:+,}"
    once = f" · {look.counted(found.shared, 'site')} in more than one layer, counted once" if found.shared else ""
    return [
        Tile("idp", "People present", f"{found.people:,}",
             f"people at {at}, each by its latest list, {_span(found.first, found.last)}{once}", source),
        Tile("grew", "Change since the list before", change,
             f"people, over {look.counted(found.changed, 'layer')}: lists have days of their own", source),
        _not_assessed(found.sites, found.not_assessed_people, source),
    ]  # fmt: skip


def _not_assessed(states: dict[str, int], last_known: int, source: str) -> Tile:
    unknown = states["not_assessed"] + states["not_listed"]
    return Tile(
        "muted", "Not assessed", look.counted(unknown, "site"),
        f"last known {last_known:,} people, not in the total · {states['closed']} closed", source,
    )  # fmt: skip


def _around(questions: list[Question], source: str) -> list[Tile]:
    """Sites near hazards and beyond services, certain and possible, of those looked at."""
    rows, asked = stock(questions).rows, cache.answer(questions[0]).parameters
    hazards, services = around(rows, "near_hazard"), around(rows, "beyond_service")
    far = f"beyond {asked['beyond_km']:g} km of a {_sector(asked)} service"
    if hazards:
        also = f" · {_certain_and_possible(services)} {far}" if services else ""
        words = f"within {asked['near_km']:g} km of a standing hazard{also}"
        return [Tile("risk", "Near a hazard", _sites(hazards), words, source)]
    if services:
        return [Tile("gap", "Beyond reach", _sites(services), far, source)]
    return []


def _sites(found: tuple[int, int]) -> str:
    return f"{_certain_and_possible(found)} sites" if found[1] else look.counted(found[0], "site")


def _certain_and_possible(found: tuple[int, int]) -> str:
    certain, possible = found
    return f"{certain:,} + {possible:,} possible" if possible else f"{certain:,}"


def _sector(parameters: dict[str, object]) -> str:
    return SECTOR_LABEL.get(str(parameters["sector"]), "reported")


def sites_table(questions: list[Question]) -> None:
    """One row a site, with what lies around it; buttons keep those near a hazard or beyond a service."""
    found, asked = stock(questions), cache.answer(questions[0]).parameters
    rows = found.rows
    masks = {}
    if rows["near_hazard"].notna().any():
        masks[f"near a hazard (<= {asked['near_km']:g} km)"] = may_be(rows, "near_hazard")
    if rows["beyond_service"].notna().any():
        masks[f"beyond {asked['beyond_km']:g} km of {_sector(asked)}"] = may_be(rows, "beyond_service")
    only = st.pills("Only sites", list(masks), selection_mode="multi", key="movements.only") if masks else []
    for words in only:
        rows = rows[masks[words].reindex(rows.index)]
    if rows.empty:
        look.empty("No site", "None is both, of those that could be measured.")
        return
    choices = tuple(Selection(layer, record) for layer, record in zip(rows["layer"], rows["id"], strict=True))
    around = {
        "Nearest hazard, km": (rows["hazard_m"] / 1000).round(1),
        "Hazard": rows["hazard_type"].map(HAZARD_LABEL),
        f"Nearest {_sector(asked)} service, km": (rows["service_m"] / 1000).round(1),
    }
    table = pd.DataFrame(
        {
            "Site": rows["name"].fillna(rows["site_id"]).fillna(rows["id"]),
            "State": rows["state"].map(SITE_STATES),
            "People": rows["people"],
            "Change": rows["change"],
            **{name: column for name, column in around.items() if column.notna().any()},
            "Last known": rows["last_known_people"],
            "In round": rows["last_known_round"],
            "Admin 2": rows["admin2_code"],
        }
    )
    selection.table(
        table, choices, key="movements.sites", height=TABLE_HEIGHT, alt="Sites",
        column_config={"People": GROUPED, "Last known": GROUPED, "Change": SIGNED},
    )  # fmt: skip


def over_time(questions: list[Question]) -> None:
    """People present on each day, stacked by site: the largest by name, the others as one."""
    days = stock(questions).days
    title = "People present by day, each site by its latest list until then"
    st.html(f'<div class="o-muted">{look.text(title)}</div>')
    latest = days.groupby("part")["people"].last().sort_values(ascending=False)
    named = list(latest.index[: len(SHADES)])
    shown = days.assign(part=days["part"].where(days["part"].isin(named), OTHERS))
    shown = shown.groupby(["day", "part"], as_index=False)["people"].sum()
    order = [*named, *([OTHERS] if len(latest) > len(named) else [])]
    shown["order"] = shown["part"].map({part: n for n, part in enumerate(order)})
    muted = look.tokens()["muted"]
    shades = [*SHADES[: len(named)], OTHERS_SHADE][: len(order)]
    chart = (
        alt.Chart(shown)
        .mark_area(interpolate="step-after", line=False, opacity=0.95)
        .encode(
            x=alt.X("day:T", title=None, axis=alt.Axis(format="%b %y", labelColor=muted, grid=False, tickCount=8)),
            y=alt.Y("people:Q", title=None, axis=alt.Axis(tickCount=4, labelColor=muted, format="~s")),
            color=alt.Color(
                "part:N", title=None, scale=alt.Scale(domain=order, range=shades),
                legend=alt.Legend(labelColor=muted, labelLimit=180, symbolType="square"),
            ),
            order=alt.Order("order:Q"),
            tooltip=[
                alt.Tooltip("part:N", title="Site"), alt.Tooltip("day:T", title="Day", format="%d %b %y"),
                alt.Tooltip("people:Q", title="People", format=","),
            ],
        )
        .properties(height=CHART_HEIGHT)
    )  # fmt: skip
    st.altair_chart(chart, width="stretch", alt=title)


def notes(results: list[Result]) -> list[str]:
    """What is said of any of them, once."""
    return list(dict.fromkeys(line for result in results for line in result.limits))
