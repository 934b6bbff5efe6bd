"""The filter bar: drawn once in the frame, it makes the View of every page."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime

import geopandas as gpd
import streamlit as st

from dashboard import basemaps, cache
from dashboard.components import drawn_area, look
from dashboard.components.moment import clock, is_stale, latest_moment
from dashboard.components.style_editor import chosen_style
from dashboard.view import NOTES, PERIODS, Brush, View, period_of
from layers.errors import WrongParameter
from layers.filters import NOT_STATED
from layers.kind import Filter
from layers.kinds import ADMIN_AREAS, kind_of
from layers.settings import settings
from layers.times import Period, age_days, date_time_group
from store import LayerInfo

OWN_DATES = "own dates"
EXERCISE, REAL = "Exercise", "Real"
BRUSHED, LAST_BRUSH = "_brushed", "_last_brush"
GO_TO, LAST_WORLD, OTHER_WORLD = "_go_to_world", "_last_world", "_other_world"
EARLIEST, LATEST = date(1900, 1, 1), date(2200, 12, 31)
MOST_CHOICES = 400
ON_AT_FIRST = frozenset({"projects", "incidents", "idp_sites", "security_risks", "roads", "images"})


def look_at(*, exercise: bool) -> None:
    """From the next run on, look at this world."""
    st.session_state[GO_TO] = EXERCISE if exercise else REAL


def look_at_days(brush: Brush) -> None:
    """From the next run on, look at these days; once, however often the browser tells of it."""
    if st.session_state.get(LAST_BRUSH) != brush.at:
        st.session_state[LAST_BRUSH], st.session_state[BRUSHED] = brush.at, brush


def brushed() -> bool:
    """Whether days were brushed that no run has taken yet."""
    return BRUSHED in st.session_state


def _take(brush: Brush) -> None:
    """What was brushed becomes the value of the controls that are drawn next."""
    st.session_state["period"] = "all" if brush.first is None else OWN_DATES
    if brush.first is not None:
        st.session_state["from"], st.session_state["until"] = brush.first, brush.last


def world(infos: list[LayerInfo]) -> bool:
    """Whether exercise layers are looked at: a choice only where both worlds are loaded."""
    kinds_of_world = {i.exercise for i in infos}
    if len(kinds_of_world) < 2:
        return kinds_of_world == {True}
    if GO_TO in st.session_state:
        st.session_state["world"] = st.session_state.pop(GO_TO)
    chosen = st.segmented_control(
        "Data",
        [EXERCISE, REAL],
        default=EXERCISE,
        required=True,
        key="world",
        bind="query-params",
        width="stretch",
    )
    if st.session_state.get(LAST_WORLD, chosen) != chosen:
        st.session_state[OTHER_WORLD] = True
    st.session_state[LAST_WORLD] = chosen
    return chosen == EXERCISE


def filter_bar(infos: list[LayerInfo], *, exercise: bool) -> View:
    """Draw all filters in the sidebar and return what they say."""
    moment = latest_moment(infos) if exercise else None
    opening = (moment.date() if isinstance(moment, datetime) else moment) or cache.today()
    if st.session_state.pop(OTHER_WORLD, False):
        st.session_state["as_of"] = opening  # each world has a day of its own
    look.section("Period")
    brush: Brush | None = st.session_state.pop(BRUSHED, None)
    if brush:
        _take(brush)
    label = st.pills(
        "Period",
        [*PERIODS, OWN_DATES],
        default=None if brush else "30 d",
        required=True,
        key="period",
        bind="query-params",
        label_visibility="collapsed",
    )
    as_of = st.date_input(
        "As of",
        value=opening,
        key="as_of",
        bind="query-params",
        format="YYYY-MM-DD",
        min_value=EARLIEST,
        max_value=LATEST,
        help="Counts, windows and states are those of this day in the theatre's zone.",
    )
    as_of = as_of if isinstance(as_of, date) else opening
    own = label == OWN_DATES
    # Drawn even where it is not looked at: the address takes a brushed day only of a control that was there before.
    with st.container(key="own-dates" if own else "own-dates-hidden"):
        first, last = _own_dates(as_of)
    period, period_label = _own_period(first, last) if own else period_of(label or "30 d", as_of)
    areas, drawn = _areas(cache.admin_areas(exercise=exercise))
    look.section("Layers")
    shown, fields, opacity, styles, names = [], {}, {}, {}, row_names(infos)
    saved = cache.access().styles.in_force()
    for info in (i for i in infos if i.kind != ADMIN_AREAS.id):
        so_far = View(exercise, as_of, period, period_label, areas, drawn=drawn)
        row = _layer_row(info, names[info.layer], so_far, saved.get(info.layer, ""))
        if row.on:
            shown.append(info.layer)
        if row.fields:
            fields[info.layer] = row.fields
        if row.opacity < 1:
            opacity[info.layer] = row.opacity
        if row.style:
            styles[info.layer] = row.style
    if _notes_row(exercise=exercise):
        shown.append(NOTES)
    view = View(exercise, as_of, period, period_label, areas, tuple(shown), fields, opacity, _base_map(), drawn, styles)
    _ages(infos, clock(infos, as_of, exercise=exercise))
    return view


def _own_dates(as_of: date) -> tuple[date, date]:
    first, last = (
        st.date_input(
            label, value=value, key=key, bind="query-params", format="YYYY-MM-DD", min_value=EARLIEST, max_value=LATEST
        )
        for label, value, key in (("From", as_of.replace(day=1), "from"), ("Until", as_of, "until"))
    )
    return (first if isinstance(first, date) else as_of), (last if isinstance(last, date) else as_of)


def _own_period(first: date, last: date) -> tuple[Period, str]:
    if first > last:
        raise WrongParameter("period", f"{first:%d %b %Y} to {last:%d %b %Y}", "the start first", "Swap the two dates.")
    return Period(first, last), f"{first:%d %b %y} to {last:%d %b %y}"


def _areas(frame: gpd.GeoDataFrame | None) -> tuple[tuple[str, ...], str]:
    """Ids of the chosen areas, and the area drawn on a map: records in both are kept."""
    look.section("Area")
    names = {} if frame is None else _area_names(frame)
    chosen = (
        st.multiselect(
            "Area",
            list(names),
            format_func=lambda code: names.get(code, code),
            key="area",
            bind="query-params",
            placeholder="of which in areas" if drawn_area.PARAMETER in st.query_params else "Whole theatre",
            select_all=False,
            filter_mode="contains",
            label_visibility="collapsed",
        )
        if names
        else []
    )
    drawn = drawn_area.chip()
    if not names and not drawn:
        st.html('<div class="o-muted">Whole theatre. Draw an area on a map to filter to it.</div>')
    return tuple(chosen), drawn


def _area_names(frame: gpd.GeoDataFrame) -> dict[str, str]:
    order = {"sector": 0, "0": 1, "1": 2, "2": 3, "3": 4}
    named = frame[frame["id"].notna()].drop_duplicates("id")
    named = named.assign(rank=named["admin_level"].map(order).fillna(5)).sort_values(["rank", "name"])
    shared = named["name"].duplicated(keep=False) | named["name"].isna()
    return dict(
        zip(named["id"], named["name"].where(~shared, named["name"].fillna("") + " " + named["id"]), strict=True)
    )


def row_names(infos: list[LayerInfo]) -> dict[str, str]:
    """What each layer is called in the bar: its kind, or its own name where a kind has several."""
    several = Counter(i.kind for i in infos)
    return {i.layer: kind_of(i.kind).label if several[i.kind] == 1 else i.layer for i in infos}


@dataclass(frozen=True)
class _Row:
    """What the row of a layer says: the parts of a View that are by layer."""

    on: bool
    fields: dict[str, tuple[str, ...]]
    opacity: float
    style: str


def _layer_row(info: LayerInfo, name: str, view: View, saved_style: str) -> _Row:
    kind = kind_of(info.kind)
    switch, count, button = st.columns([0.56, 0.33, 0.11], vertical_alignment="center", gap="small")
    with switch:
        on = st.toggle(name, value=kind.id in ON_AT_FIRST, key=f"on.{info.layer}", bind="query-params")
    chosen: dict[str, tuple[str, ...]] = {}
    opaque, style = 1.0, ""
    with button, st.popover(f"Filter {name}", icon=":material/tune:", type="tertiary"):
        for declared in kind.filters:
            values = _filter(info, declared)
            if values:
                chosen[declared.field] = values
        if kind.pictures:
            opaque = _opacity(info.layer)
        else:
            style = chosen_style(info, saved_style)
    with count:
        seen = replace(view, fields={info.layer: chosen}).seen(info.layer, info.kind)
        kept, total = cache.count(cache.query(info, seen)), cache.things(info)
        st.html(f'<div class="o-count">{kept:,}{"" if kept == total else f" of {total:,}"}</div>')
    return _Row(on, chosen, opaque, style)


def _notes_row(*, exercise: bool) -> bool:
    """Whether notes are shown: a switch once there are any that hold. Filters do not hide them."""
    number = sum(note.withdrawn is None for note in cache.notes(exercise=exercise))
    if not number:
        return False
    switch, count, _ = st.columns([0.56, 0.33, 0.11], vertical_alignment="center", gap="small")
    with count:
        st.html(f'<div class="o-count">{number:,}</div>')
    with switch:
        return st.toggle("Notes", value=True, key=f"on.{NOTES}", bind="query-params")


def _opacity(layer: str) -> float:
    """How strongly the pictures of a layer are drawn, 0 to 1."""
    percent: int = st.slider("Opacity", 0, 100, 100, 10, format="%d %%", key=f"opacity.{layer}", bind="query-params")
    return percent / 100


def _base_map() -> str:
    """Name of the chosen base map, empty for the coastline; what cannot be used is said."""
    found = basemaps.choices()
    names = [basemaps.COASTLINE, *(base.name for base in found.usable)]
    wanted = st.query_params.get("base", basemaps.COASTLINE)
    if len(names) == 1 and not found.broken and wanted in names:
        return ""
    look.section("Base map")
    chosen = st.selectbox("Base map", names, key="base", bind="query-params", label_visibility="collapsed")
    lines = [str(error) for error in found.broken]
    if wanted not in names:
        lines.append(f'The base map "{wanted[:80]}" of this address is not here; the coastline is shown.')
    for line in lines:
        st.html(f'<div class="o-muted">{look.text(line)}</div>')
    return "" if chosen == basemaps.COASTLINE else chosen


def _filter(info: LayerInfo, declared: Filter) -> tuple[str, ...]:
    key = f"{info.layer}.{declared.field}"
    if declared.control == "flag":
        return ("true",) if st.toggle(declared.label, key=key, bind="query-params") else ()
    field = kind_of(info.kind).field_by_name[declared.field]
    present, some_missing = cache.choices(info, declared.field)
    order = [c.value for c in field.choices if c.value in present] or sorted(present)[:MOST_CHOICES]
    options = [*order, NOT_STATED] if some_missing else order
    return tuple(
        st.multiselect(
            declared.label,
            options,
            format_func=field.label_of,
            key=key,
            bind="query-params",
            placeholder="All",
            select_all=False,
        )
    )


def _ages(infos: list[LayerInfo], moment: datetime) -> None:
    look.section("Data as of")
    lines = []
    for info in infos:
        kind = kind_of(info.kind)
        age = age_days(info.as_of, moment)
        stale = is_stale(info, moment)
        shown = f"{age * 24:.0f} h" if age < 2 else f"{age:.0f} d"
        why = f"{info.layer} · {info.source}" + (
            f" · stale: older than {kind.stale_after_days:g} days" if stale else ""
        )
        lines.append(
            f'<div class="o-asof{" stale" if stale else ""}" title="{look.text(why)}">'
            f"<span>{look.text(info.layer)}</span>"
            f"<span>{look.text(date_time_group(info.as_of, settings().theatre_timezone))} · {shown}"
            f"{' stale' if stale else ''}</span></div>"
        )
    st.html("".join(lines))
