"""Maps of what is not published yet: the rows of a file, the place of an entry."""

from __future__ import annotations

import json
from urllib.parse import quote

import streamlit as st
from streamlit_folium import st_folium

from dashboard import cache
from dashboard.components import look, page
from dashboard.components.legend import PICTURE
from dashboard.components.map_panel import NATURAL_EARTH, base_layers, bounds_of, find_of, padded, place_labels
from dashboard.maps import DrawnLayer, LegendItem, Scene, base_map, legend_item, scene_group
from dashboard.pictures import note_of
from dashboard.view import DraftQuery, to_text
from layers.kind import Kind
from layers.kinds import kind_of
from loaders.draft import Draft
from loaders.kept import KeptReview
from store import LayerInfo

HEIGHT, POINT_HEIGHT = 300, 330


def draft_map(draft: Draft, kept: KeptReview, query: DraftQuery) -> None:
    """Where the accepted records lie, on the base of what is loaded; at most 5,000 of them."""
    frame = cache.draft_preview(query)
    kind = kind_of(draft.kind)
    bounds = padded(*frame.total_bounds)
    asked = quote(to_text(query))
    drawn = DrawnLayer(
        f"/drawn/draft?q={asked}",
        "this file",
        PICTURE if kind.pictures else kind.style.shape,
        kind.style.token,
        pictures=f"/drawn/draft-picture?q={asked}" if kind.pictures else "",
    )
    note = note_of(frame, draft.source_label) if kind.pictures else ""
    infos = cache.current_layers(exercise=draft.exercise)
    scene = Scene(
        layers=(*base_layers(infos, bounds), drawn),
        legend=(legend_item(drawn, kind.label, len(frame), kept.placed, note),),
        base=page.base_chosen(),
        find=find_of(infos, selects=False) if infos else None,
    )
    st_folium(
        base_map(bounds, look.theme(), NATURAL_EARTH, narrow=True),
        key=f"map.{draft.id}",
        height=HEIGHT,
        use_container_width=True,
        feature_group_to_add=scene_group(scene),
        returned_objects=[],
    )
    st.html(f'<div class="o-muted">{look.text(shown_words(len(frame), kept.placed, kept.report.records))}</div>')


def shown_words(drawn: int, placed: int, records: int) -> str:
    """What of the records the map shows.

    >>> shown_words(5000, 1_000_000, 1_000_003)
    '5,000 of 1,000,000 shown, evenly taken. 3 records have no place of their own: known by area only.'
    """
    parts = [f"{drawn:,} of {placed:,} shown, evenly taken." if drawn < placed else f"All {placed:,} shown."]
    if placed < records:
        parts.append(f"{records - placed:,} records have no place of their own: known by area only.")
    return " ".join(parts)


def point_map(infos: list[LayerInfo], kind: Kind, point: tuple[float, float] | None, *, key: str) -> None:
    """The base of what is loaded, with one point (latitude, longitude) on it; `clicked_on` reads its clicks."""
    bounds = bounds_of(infos)
    drawn = (
        ()
        if point is None
        else (DrawnLayer(point_address(point[1], point[0]), kind.singular, kind.style.shape, kind.style.token, False),)
    )
    scene = Scene(
        layers=(*base_layers(infos, bounds), *drawn),
        labels=place_labels(infos),
        legend=(LegendItem(kind.style.shape, kind.style.token, f"this {kind.singular}"),),
        base=page.base_chosen(),
        find=find_of(infos, selects=False),
    )
    st_folium(
        base_map(bounds, look.theme(), NATURAL_EARTH),
        key=key,
        height=POINT_HEIGHT,
        use_container_width=True,
        feature_group_to_add=scene_group(scene),
        returned_objects=["last_clicked"],
    )


def clicked_on(key: str) -> tuple[float, float] | None:
    """Latitude and longitude of the last click on the map of this key."""
    spot = (st.session_state.get(key) or {}).get("last_clicked")
    return (float(spot["lat"]), float(spot["lng"])) if spot else None


def point_address(longitude: float, latitude: float) -> str:
    """A point as an address that the browser fetches without asking anybody."""
    geometry = {"type": "Point", "coordinates": [longitude, latitude]}
    feature = {"type": "Feature", "properties": {"r": 7}, "geometry": geometry}
    return "data:application/geo+json," + quote(json.dumps({"type": "FeatureCollection", "features": [feature]}))
