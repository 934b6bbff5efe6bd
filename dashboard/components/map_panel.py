"""The map on a page: base, scene, legend; a click selects."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from urllib.parse import quote

import streamlit as st
from streamlit_folium import st_folium

from dashboard import cache
from dashboard.components import look, page, selection
from dashboard.components.filter_bar import row_names
from dashboard.features import has_place, titles_of
from dashboard.maps import DrawnLayer, Find, Label, LegendItem, Pin, Scale, Scene, base_map, legend_item, scene_group
from dashboard.pictures import note_of
from dashboard.view import Drag, LayerQuery, Question, Selection, to_text
from layers.filters import Where
from layers.kinds import ADMIN_AREAS, SETTLEMENTS, kind_of
from layers.road_states import VEHICLES, has_states
from layers.settings import settings
from store import LayerInfo

Bounds = tuple[float, float, float, float]
WORLD: Bounds = (-170.0, -56.0, 178.0, 70.0)
NATURAL_EARTH = "Coastline: Natural Earth"
MOST_LABELS, MOST_ROWS_NAMED = 14, 200_000
PICTURE = "picture"
GROUPED = "Squares hold several: the darker, the more. Zoom in for each."
DRAW_ORDER = ("outline", "hatched", "line", "circle", "triangle", "diamond", "square")


def layer_url(query: LayerQuery) -> str:
    """Address of a filtered layer's features."""
    return f"/drawn/layer?q={quote(to_text(query))}"


def result_url(question: Question, shape: str, most: int | None = None) -> str:
    """Address of a shape of a result, or of its part that belongs to the `most` rows ranked highest."""
    part = "" if most is None else f"&most={most}"
    return f"/drawn/result?q={quote(to_text(question))}&shape={quote(shape)}{part}"


def find_of(infos: list[LayerInfo], *, selects: bool = True) -> Find:
    """The search of a map, in the world of its layers."""
    exercise = "yes" if any(i.exercise for i in infos) else "no"
    return Find(f"/find?exercise={exercise}", selects)


def drawn_layer(info: LayerInfo, query: LayerQuery) -> DrawnLayer:
    """A layer in the symbol of its kind; images with their pictures."""
    kind = kind_of(info.kind)
    if not kind.pictures and cache.tiled(query):
        text, chosen = quote(to_text(query)), selection.current()
        return DrawnLayer(
            f"/drawn/shapes?q={text}",
            info.layer,
            kind.style.shape,
            kind.style.token,
            tiles=f"/tiles/{{z}}/{{x}}/{{y}}?q={text}",
            records=f"/drawn/record?q={text}",
            number=cache.count(query),
            mark=cache.place_of(query, chosen.id) if chosen and chosen.layer == info.layer else None,
        )
    if not kind.pictures:
        return DrawnLayer(layer_url(query), info.layer, kind.style.shape, kind.style.token)
    return DrawnLayer(
        layer_url(query),
        info.layer,
        PICTURE,
        kind.style.token,
        pictures=f"/drawn/picture?q={quote(to_text(query))}",
        opacity=page.opacity_of(info.layer),
    )


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
    ordered = sorted(
        ((i, q) for i, q in shown if i.kind != ADMIN_AREAS.id),
        key=lambda pair: DRAW_ORDER.index(kind_of(pair[0].kind).style.shape),
    )
    names = row_names(infos)
    drawn = [drawn_layer(i, q) for i, q in ordered]
    legend = [
        item
        for layer, (i, q) in zip(drawn, ordered, strict=True)
        for item in (_legend_item(layer, names[i.layer], i, q), *road_legend(q))
    ]
    chosen = selection.current()
    hidden = _hidden_choice(chosen, infos, [*(q for _, q in shown), *also])
    parts = [(list(extra), list(extra_legend)), (drawn, legend)]
    (below, second), (above, first) = reversed(parts) if on_top else parts
    return Scene(
        layers=(*base_layers(infos, bounds_of(infos)), *below, *above, *(layer for layer, _ in hidden)),
        legend=(*first, *second, *(item for _, item in hidden)),
        labels=place_labels(infos),
        scale=scale,
        selected=(chosen.layer, chosen.id) if chosen else None,
        pin=pin,
        base=page.base_chosen(),
        find=find_of(infos),
    )


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
    layer = drawn_layer(info, one)
    why = "the filters hide it" if of_layer else "its layer is not on this map"
    return [(layer, LegendItem(layer.shape, layer.token, titles_of(row, kind_of(info.kind))[0], f"chosen; {why}"))]


def _legend_item(layer: DrawnLayer, name: str, info: LayerInfo, query: LayerQuery) -> LegendItem:
    note = note_of(cache.filtered(query).frame, info.source) if layer.pictures else ""
    note = GROUPED if layer.tiles else note
    vehicles = query.where.fields.get(VEHICLES, ()) if has_states(cache.kind(query)) else ()
    if vehicles:
        note = "for: " + ", ".join(cache.kind(query).field_by_name[VEHICLES].label_of(v).lower() for v in vehicles)
    return legend_item(layer, name, cache.count(query), cache.things(info), note)


def road_legend(query: LayerQuery) -> list[LegendItem]:
    """A line for each state that roads of a layer have, and for a state that is not known."""
    if not has_states(cache.kind(query)):
        return []
    states = cache.filtered(query).frame["road_state"].value_counts(dropna=False)
    numbers = {state if isinstance(state, str) else "": int(n) for state, n in states.items()}
    lines = (("line", "road_open", "open"), ("dashed", "road_restricted", "restricted"),
             ("dotted", "road_closed", "closed"), ("line", "muted", ""))  # fmt: skip
    return [
        LegendItem(shape, token, f"{state.capitalize() or 'State not known'} ({numbers[state]:,})")
        for shape, token, state in lines
        if state in numbers
    ]


def map_panel(
    scene: Scene,
    infos: list[LayerInfo],
    queries: list[LayerQuery],
    *,
    key: str,
    height: int,
    on_drag: Callable[[Drag], None] | None = None,
) -> None:
    """Draw the map. The view survives every filter: only the scene is swapped.

    `queries` are the layers shown: their records without a place are counted below.
    `on_drag` is told where the scene's pin was put.
    """

    def changed() -> None:
        drag = Drag.from_map((st.session_state.get(key) or {}).get("last_active_drawing"))
        if drag is not None and on_drag is not None:
            on_drag(drag)
        else:
            selection.choose_from_map(key)

    sources = ", ".join(dict.fromkeys(i.source for i in infos if i.kind == ADMIN_AREAS.id and i.source))
    attribution = " · ".join(
        part for part in (NATURAL_EARTH, sources and f"Areas: {sources}", settings().boundary_note) if part
    )
    st_folium(
        base_map(bounds_of(infos), look.theme(), attribution),
        key=key,
        height=height,
        use_container_width=True,
        feature_group_to_add=scene_group(scene),
        returned_objects=["last_active_drawing", "last_object_clicked_count"],
        on_change=changed,
    )
    unplaced = unplaced_note(queries)
    if unplaced:
        st.html(f'<div class="o-muted">{look.text(unplaced)}</div>')


def unplaced_note(queries: list[LayerQuery]) -> str:
    """Records that have no place to draw, counted beside the map."""
    counts = []
    for query in queries:
        missing = cache.unplaced(query)
        if missing:
            label = cache.kind(query).label
            counts.append(f"{missing:,} {label if label[:2].isupper() else label.lower()}")
    return f"Not on the map, known by area only: {', '.join(counts)}." if counts else ""
