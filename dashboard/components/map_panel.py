"""The map on a page: base, scene, legend; a click selects."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from urllib.parse import quote

import shapely
import streamlit as st
from streamlit_folium import st_folium

from dashboard import cache
from dashboard.classes import NOT_STATED, field_label
from dashboard.components import look, page, selection, sketching
from dashboard.components.filter_bar import row_names
from dashboard.features import has_place, titles_of
from dashboard.looks import symbol_look
from dashboard.maps import (
    TIME_BAR,
    DrawnLayer,
    Find,
    Label,
    LegendItem,
    Pin,
    Scale,
    Scene,
    Sheet,
    base_map,
    legend_item,
    scene_group,
)
from dashboard.pictures import note_of
from dashboard.view import Brush, Drag, LayerQuery, Question, Selection, Sketch, to_text
from layers.filters import Where
from layers.kind import Kind
from layers.kinds import ADMIN_AREAS, SETTLEMENTS, kind_of
from layers.layer_style import LayerStyle
from layers.road_states import VEHICLES, has_states
from layers.settings import settings
from layers.times import date_time_group
from store import LayerInfo

Bounds = tuple[float, float, float, float]
WORLD: Bounds = (-170.0, -56.0, 178.0, 70.0)
NATURAL_EARTH = "Coastline: Natural Earth"
MOST_LABELS, MOST_ROWS_NAMED = 14, 200_000
PICTURE, HEXAGONS = "picture", "hexagon"
SQUARES = "Squares hold several: the darker, the more."
GROUPED = f"{SQUARES} Zoom in for each."
DRAW_ORDER = ("outline", "hatched", "line", "circle", "triangle", "diamond", "square")


def layer_url(query: LayerQuery, style: LayerStyle = LayerStyle()) -> str:  # noqa: B008 - frozen
    """Address of a filtered layer's features."""
    return f"/drawn/layer?q={quote(to_text(query))}&style={quote(style.text())}"


def result_url(question: Question, shape: str, most: int | None = None) -> str:
    """Address of a shape of a result, or of its part that belongs to the `most` rows ranked highest.

    It changes with the officers' ratings, which give colours.
    """
    part = "" if most is None else f"&most={most}"
    rated = cache.ratings_edition(question)
    return f"/drawn/result?q={quote(to_text(question))}&shape={quote(shape)}{part}{f'&rated={rated}' if rated else ''}"


def find_of(infos: list[LayerInfo], *, selects: bool = True) -> Find:
    """The search of a map, in the world of its layers."""
    exercise = "yes" if any(i.exercise for i in infos) else "no"
    return Find(f"/find?exercise={exercise}", selects)


def in_style(info: LayerInfo, query: LayerQuery) -> DrawnLayer:
    """Every record of a layer by itself, in its style."""
    kind, style = kind_of(info.kind), page.style_of(info)
    token = style.colour or kind.style.token
    return DrawnLayer(layer_url(query, style), info.layer, kind.style.shape, token, stale=page.stale(info))


def drawn_layers(info: LayerInfo, query: LayerQuery) -> tuple[DrawnLayer, ...]:
    """A layer in its style: in hexagons, what is no point is drawn by itself."""
    kind, style = kind_of(info.kind), page.style_of(info)
    text, styled = quote(to_text(query)), quote(style.text())
    named = in_style(info, query)
    if kind.pictures:
        pictures = f"/drawn/picture?q={text}"
        return (replace(named, shape=PICTURE, pictures=pictures, opacity=page.opacity_of(info.layer), stale=False),)
    shapes = f"/drawn/shapes?q={text}&style={styled}"
    if style.draw == "hexagons":
        hexagons = replace(named, url=f"/drawn/hexagons?q={text}&style={styled}", shape=HEXAGONS)
        return (hexagons, replace(named, url=shapes))
    if not cache.tiled(query):
        return (named,)
    chosen = selection.current()
    tiles = replace(
        named,
        url=shapes,
        tiles=f"/tiles/{{z}}/{{x}}/{{y}}?q={text}&style={styled}",
        records=f"/drawn/record?q={text}",
        number=cache.count(query),
        mark=cache.place_of(query, chosen.id) if chosen and chosen.layer == info.layer else None,
    )
    return (tiles,)


def base_layers(infos: list[LayerInfo], bounds: Bounds) -> tuple[DrawnLayer, ...]:
    """Coastline and the loaded admin areas: only their lines, and above it, where a base map was chosen."""
    bare = page.base_chosen() is None
    west, south, east, north = bounds
    pad_x, pad_y = (east - west) * 1.5 + 2, (north - south) * 1.5 + 2
    box = (max(west - pad_x, -180), max(south - pad_y, -90), min(east + pad_x, 180), min(north + pad_y, 90))
    coast = DrawnLayer(
        f"/drawn/coastline?box={','.join(f'{v:.3f}' for v in box)}",
        "coastline",
        "land",
        "land",
        interactive=False,
        ground=True,
    )
    areas = sorted((i for i in infos if i.kind == ADMIN_AREAS.id), key=lambda i: i.rows)
    drawn = [
        DrawnLayer(
            layer_url(cache.query(i)),
            i.layer,
            "outline",
            "admin",
            interactive=False,
            fill=bare and n == 0,
            weight=1.4 if n == 0 else 0.7,
            ground=bare,
        )
        for n, i in enumerate(areas)
    ]
    return (coast, *drawn)


def place_labels(infos: list[LayerInfo]) -> tuple[Label, ...]:
    """Names of the largest settlements, then of the first-level areas."""
    labels: list[Label] = []
    for info in (i for i in infos if i.kind == SETTLEMENTS.id and i.rows <= MOST_ROWS_NAMED):
        frame = cache.dataset(info).frame
        placed = frame[frame.geometry.notna() & frame["name"].notna()]
        for row in placed.nlargest(MOST_LABELS, "population").itertuples():
            point = row.geometry.representative_point()
            labels.append(Label(row.name, point.x, point.y, "town"))
    for info in (i for i in infos if i.kind == ADMIN_AREAS.id):
        frame = cache.dataset(info).frame
        if len(frame) > 40:
            continue
        first = frame[frame.geometry.notna() & frame["name"].notna() & ~frame["admin_level"].isin(["2", "3", "sector"])]
        for name, point in zip(first["name"], first.geometry.representative_point(), strict=True):
            labels.append(Label(name, point.x, point.y, "area"))
    return tuple(labels)


def padded(west: float, south: float, east: float, north: float) -> Bounds:
    """A box a little larger than what lies in it, within the world."""
    pad = max(east - west, north - south, 0.02) * 0.03
    return (max(west - pad, -180.0), max(south - pad, -89.0), min(east + pad, 180.0), min(north + pad, 89.0))


def bounds_of(infos: list[LayerInfo]) -> Bounds:
    """What the map opens on: all that is loaded."""
    boxes = [box for i in infos if (box := cache.box(i)) is not None]
    if not boxes:
        return WORLD
    west, south, east, north = (float(pick(b[n] for b in boxes)) for n, pick in enumerate((min, min, max, max)))
    return padded(west, south, east, north)


def scene_of(
    infos: list[LayerInfo],
    shown: list[tuple[LayerInfo, LayerQuery]],
    *,
    extra: tuple[DrawnLayer, ...] = (),
    extra_legend: tuple[LegendItem, ...] = (),
    scale: Scale | None = None,
    pin: Pin | None = None,
    on_top: bool = False,
    also: Iterable[LayerQuery] = (),
) -> Scene:
    """Base, result shapes, areas and lines, points: drawn from the bottom up.

    With `on_top` the result shapes lie above the layers, and their legend stands first.
    `also` are layers whose records `extra` draws. The chosen record is drawn whatever hides it.
    """
    ordered = in_draw_order(shown)
    names = row_names(infos)
    groups = [drawn_layers(i, q) for i, q in ordered]
    drawn = [layer for group in groups for layer in group]
    legend = [legend_of(group[0], names[i.layer], i, q) for group, (i, q) in zip(groups, ordered, strict=True)]
    chosen = selection.current()
    hidden = _hidden_choice(chosen, infos, [*(q for _, q in shown), *also])
    notes, notes_legend = notes_drawn()
    area = page.drawn_area()
    drawn_legend = [LegendItem("gap", "accent", area.words)] if area else []
    parts = [(list(extra), list(extra_legend)), (drawn, legend)]
    (below, second), (above, first) = reversed(parts) if on_top else parts
    return Scene(
        layers=(*base_layers(infos, bounds_of(infos)), *below, *above, *(layer for layer, _ in hidden), *notes),
        legend=(*first, *second, *(item for _, item in hidden), *notes_legend, *drawn_legend),
        labels=place_labels(infos),
        scale=scale,
        selected=(chosen.layer, chosen.id) if chosen else None,
        pin=pin,
        base=page.base_chosen(),
        find=find_of(infos),
        drawn=shapely.geometry.mapping(area.geometry) if area else None,
        sheet=sheet_of([i for i, _ in shown]),
    )


def sheet_of(drawn: list[LayerInfo]) -> Sheet:
    """What stands around the map of this page on paper and in full screen."""
    here = page.current()
    zone = settings().theatre_timezone
    sources = (f"{i.layer}, version {i.version}: {i.source}, as of {date_time_group(i.as_of, zone)}" for i in drawn)
    colour, words = look.BANNER[here.marking][0], here.words(period=True)
    return Sheet(here.marking.label, colour, here.exercise, here.title, words, tuple(sources))


def in_draw_order(shown: list[tuple[LayerInfo, LayerQuery]]) -> list[tuple[LayerInfo, LayerQuery]]:
    """Areas and lines first, points above them; the admin areas are part of the base."""
    return sorted(
        ((i, q) for i, q in shown if i.kind != ADMIN_AREAS.id),
        key=lambda pair: DRAW_ORDER.index(kind_of(pair[0].kind).style.shape),
    )


def notes_drawn() -> tuple[list[DrawnLayer], list[LegendItem]]:
    """The notes that hold, above all else, and their line of the legend; nothing where they are switched off."""
    exercise = page.notes_of()
    if exercise is None:
        return [], []
    number = sum(note.withdrawn is None for note in cache.notes(exercise=exercise))
    if not number:
        return [], []
    edition = quote(cache.notes_edition(exercise=exercise))
    address = f"/drawn/notes?exercise={'yes' if exercise else 'no'}&edition={edition}"
    return [DrawnLayer(address, "notes", "gap", "accent")], [LegendItem("note", "accent", f"Notes ({number:,})")]


def _hidden_choice(
    chosen: Selection | None, infos: list[LayerInfo], shown: list[LayerQuery]
) -> list[tuple[DrawnLayer, LegendItem]]:
    """The chosen record, where the map would not show it, and the line that says why."""
    info = next((i for i in infos if chosen and i.layer == chosen.layer), None)
    if chosen is None or info is None or info.kind == ADMIN_AREAS.id:
        return []
    of_layer = [query for query in shown if query.ref == info.ref]
    if any((cache.filtered(query).frame["id"] == chosen.id).any() for query in of_layer):
        return []
    one = cache.query(info, Where(fields={"id": (chosen.id,)}))
    row = cache.filtered(one).frame
    if not has_place(row).any():
        return []
    layer = drawn_layers(info, one)[0]
    why = "the filters hide it" if of_layer else "its layer is not on this map"
    return [(layer, LegendItem(layer.shape, layer.token, titles_of(row, kind_of(info.kind))[0], f"chosen; {why}"))]


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


def map_panel(
    scene: Scene,
    infos: list[LayerInfo],
    queries: list[LayerQuery],
    *,
    key: str,
    height: int,
    on_drag: Callable[[Drag], None] | None = None,
    on_brush: Callable[[Brush], None] | None = None,
    sketches: tuple[str, ...] = sketching.ALWAYS,
) -> None:
    """Draw the map. The view survives every filter: only the scene is swapped.

    `queries` are the layers shown: their records without a place are counted below.
    `on_drag` is told where the scene's pin was put, `on_brush` which days were brushed on
    the bars below the map, which a scene with a `Time` has; `height` is that of the map alone.
    `sketches` are the uses of a shape drawn here.
    """

    def changed() -> None:
        told = (st.session_state.get(key) or {}).get("last_active_drawing")
        drag, brush, sketch = Drag.from_map(told), Brush.from_map(told), Sketch.from_map(told)
        if drag is not None and on_drag is not None:
            on_drag(drag)
        elif brush is not None and on_brush is not None:
            on_brush(brush)
        elif sketch is not None and sketch.purpose in sketches:
            sketching.take(sketch)
        else:
            selection.choose_from_map(key)

    sources = ", ".join(dict.fromkeys(i.source for i in infos if i.kind == ADMIN_AREAS.id and i.source))
    attribution = " · ".join(
        part for part in (NATURAL_EARTH, sources and f"Areas: {sources}", settings().boundary_note) if part
    )
    below = TIME_BAR if scene.time else 0
    st_folium(
        base_map(bounds_of(infos), look.theme(), attribution, below=below),
        key=key,
        height=height + below,
        use_container_width=True,
        feature_group_to_add=scene_group(replace(scene, sketches=sketches)),
        returned_objects=["last_active_drawing", "last_object_clicked_count"],
        on_change=changed,
    )
    unplaced = unplaced_note(queries)
    if unplaced:
        st.html(f'<div class="o-muted">{look.text(unplaced)}</div>')
    sketching.follow()


def unplaced_note(queries: list[LayerQuery]) -> str:
    """Records that have no place to draw, or none that a drawn area can hold, counted beside the map."""
    missing = _counts(queries, cache.unplaced)
    left_out = _counts(queries, cache.left_out)
    said = [
        f"Not on the map, known by area only: {missing}." if missing else "",
        f"Left out by the drawn area, known by area only: {left_out}." if left_out else "",
    ]
    return " ".join(filter(None, said))


def _counts(queries: list[LayerQuery], number_of: Callable[[LayerQuery], int]) -> str:
    """How many of each kind, those of which there are some."""
    labels = [(number_of(query), cache.kind(query).label) for query in queries]
    return ", ".join(f"{n:,} {label if label[:2].isupper() else label.lower()}" for n, label in labels if n)
