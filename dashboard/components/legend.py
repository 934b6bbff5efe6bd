"""The lines of the legend: always of what is drawn, with counts."""

from __future__ import annotations

from dataclasses import replace

from dashboard import cache
from dashboard.classes import NOT_STATED, field_label
from dashboard.components import page
from dashboard.looks import symbol_look
from dashboard.maps import DrawnLayer, LegendItem, legend_item
from dashboard.pictures import note_of
from dashboard.view import LayerQuery
from layers.kind import Kind
from layers.kinds import kind_of
from layers.road_states import VEHICLES, has_states
from layers.settings import settings
from layers.times import date_time_group
from store import LayerInfo

PICTURE, HEXAGONS = "picture", "hexagon"
SQUARES = "Squares hold several: the darker, the more."
GROUPED = f"{SQUARES} Zoom in for each."


def legend_of(layer: DrawnLayer, name: str, info: LayerInfo, query: LayerQuery) -> LegendItem:
    """The line of a layer, always of what is drawn, with those that it opens to."""
    style, kind = page.style_of(info), kind_of(info.kind)
    notes = [
        note_of(cache.filtered(query).frame, info.source) if layer.pictures else "",
        GROUPED if layer.tiles else "",
        *_notes(layer, info, query),
    ]
    lines: tuple[LegendItem, ...] = ()
    if layer.shape == HEXAGONS:
        width_km, classes = cache.hexagons(query, style.text())
        notes.insert(0, f"How many in each hexagon, {width_km:g} km wide.")
        lines = _class_lines(layer, [(f"{label} ({n:,} hexagons)", colour) for label, colour, n in classes])
    elif style.field and not layer.pictures:
        counts = cache.class_counts(query, style.text())
        lines = _class_lines(layer, [(f"{label} ({n:,})", colour) for label, colour, n in counts])
    elif not layer.pictures:
        lines = symbol_lines(layer, kind, cache.symbol_counts(query), style.colour)
    item = legend_item(layer, name, cache.count(query), cache.things(info), " ".join(filter(None, notes)))
    if layer.shape == HEXAGONS:
        return replace(item, look=lines[len(lines) // 2].look if lines else {}, lines=lines)
    if len(lines) == 1 and not style.field:
        return replace(item, look=lines[0].look)  # all look alike: as on the map
    return replace(item, lines=lines)


def _vehicles(query: LayerQuery) -> str:
    """For which vehicles the state of roads is shown; empty where none were chosen."""
    kind = cache.kind(query)
    chosen = query.where.fields.get(VEHICLES, ()) if has_states(kind) else ()
    return ", ".join(kind.field_by_name[VEHICLES].label_of(value).lower() for value in chosen)


def _notes(layer: DrawnLayer, info: LayerInfo, query: LayerQuery) -> list[str]:
    """What stands below the line of a layer however it is drawn."""
    field = "" if layer.pictures else page.style_of(info).field
    return [
        f"For: {_vehicles(query)}." if _vehicles(query) else "",
        f"Colour: {field_label(kind_of(info.kind), field)}." if field else "",
        f"Stale: as of {date_time_group(info.as_of, settings().theatre_timezone)}." if layer.stale else "",
        "Of a later day than is looked at." if page.is_later(info) else "",
    ]


def legend_in_time(layer: DrawnLayer, name: str, info: LayerInfo, query: LayerQuery) -> LegendItem:
    """The line of a layer that is played, without counts: the browser adds those of each moment."""
    kind, style = kind_of(info.kind), page.style_of(info)
    squares = cache.tiled(query)
    note = " ".join(filter(None, [SQUARES if squares else "", *_notes(layer, info, query)]))
    item = LegendItem(layer.shape, layer.token, name, note, layer.stale, layer=info.layer)
    if squares:
        return item
    if style.field:
        classes = cache.class_counts(query, style.text())
        parts = [-1 if colour == NOT_STATED else n for n, (_, colour, _) in enumerate(classes)]
        lines = _class_lines(layer, [(label, colour) for label, colour, _ in classes])
    else:
        counts = cache.symbol_counts(query)
        parts = [*(n for n in sorted(counts) if n >= 0), -1]
        lines = symbol_lines(layer, kind, counts, style.colour, counted=False)
        if len(lines) == 1:
            return replace(item, look=lines[0].look)
    return replace(item, lines=tuple(replace(line, part=part) for line, part in zip(lines, parts, strict=False)))


def _class_lines(layer: DrawnLayer, classes: list[tuple[str, str]]) -> tuple[LegendItem, ...]:
    return tuple(LegendItem(layer.shape, colour, label, "", layer.stale, {"c": colour}) for label, colour in classes)


def symbol_lines(
    layer: DrawnLayer, kind: Kind, counts: dict[int, int], colour: str = "", *, counted: bool = True
) -> tuple[LegendItem, ...]:
    """A line for each symbol that is drawn, with its count; `colour` is the one chosen for all."""
    said = [(n, f" ({counts[n]:,})" if counted else "") for n in sorted(counts)]
    drawn = [(kind.style.symbols[n], count) for n, count in said if n >= 0]
    lines = [
        LegendItem(layer.shape, layer.token, f"{symbol.label}{count}", "", layer.stale, symbol_look(symbol, colour))
        for symbol, count in drawn
    ]
    if -1 in counts and kind.style.symbols:
        lines.append(LegendItem(layer.shape, layer.token, f"not stated{dict(said)[-1]}", "", layer.stale))
    return tuple(lines)
