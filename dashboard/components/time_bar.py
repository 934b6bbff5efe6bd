"""What the bar below the map plays: the layers that are on, whatever the period, until as-of."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

from dashboard import cache
from dashboard.components.filter_bar import row_names
from dashboard.components.legend import legend_in_time
from dashboard.components.map_panel import in_draw_order, in_style
from dashboard.components.page import Page, style_of
from dashboard.in_time import how
from dashboard.maps import Played, Time
from dashboard.view import LayerQuery, to_text
from layers.kind import Kind
from layers.kinds import INCIDENTS, kind_of
from layers.road_states import has_states
from store import LayerInfo


def time_of(here: Page) -> Time:
    """Layers, last day and period of the bar. Its bars count incidents."""
    names = row_names(here.infos)
    asked = in_draw_order([(info, here.over_time(info)) for info, _ in here.shown()])
    layers = tuple(_played(info, query, names[info.layer]) for info, query in asked if _is_played(kind_of(info.kind)))
    first, last = (day.isoformat() if day else None for day in (here.period.first, here.period.last))
    return Time(layers, here.as_of.isoformat(), first, last)


def _is_played(kind: Kind) -> bool:
    """Not pictures; nor roads, of which only the state of one day is worked out."""
    return not kind.pictures and not has_states(kind)


def _played(info: LayerInfo, query: LayerQuery, name: str) -> Played:
    kind, text, told = kind_of(info.kind), quote(to_text(query)), cache.playable(query)
    drawn, style = in_style(info, query), quote(style_of(info).text())
    return Played(
        replace(drawn, url="") if cache.tiled(query) else drawn,
        times=f"/drawn/in-time?q={text}&style={style}",
        days=f"/drawn/days?q={text}" if kind.id == INCIDENTS.id else "",
        how=how(kind),
        label=name,
        legend=legend_in_time(drawn, name, info, query),
        undated=told.undated,
        undrawn=told.undrawn,
        begins=told.first_day.isoformat() if told.first_day else None,
    )
