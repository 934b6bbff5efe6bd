"""A preview of rows that are not published yet."""

from __future__ import annotations

import geopandas as gpd
import streamlit as st
from streamlit_folium import st_folium

from dashboard import cache
from dashboard.components import look
from dashboard.components.map_panel import NATURAL_EARTH, base_layers, padded
from dashboard.features import has_place
from dashboard.maps import DrawnLayer, Scene, base_map, legend_of, scene_group
from layers.kinds import kind_of


def draft_map(frame: gpd.GeoDataFrame, kind_id: str, url: str, *, exercise: bool, key: str) -> None:
    """Where the accepted rows lie, on the base of what is loaded; `url` serves the rows."""
    placed = int(has_place(frame).sum())
    if placed < len(frame):
        st.html(
            f'<div class="o-muted">{len(frame) - placed:,} rows have no place of their own: known by area only.</div>'
        )
    if not placed:
        return
    style = kind_of(kind_id).style
    bounds = padded(*frame.total_bounds)
    scene = Scene(
        layers=(
            *base_layers(cache.current_layers(exercise=exercise), bounds),
            DrawnLayer(url, "this file", style.shape, style.token),
        ),
        legend=legend_of([(kind_of(kind_id).label, style.shape, style.token, placed, placed)]),
    )
    st_folium(
        base_map(bounds, look.theme(), NATURAL_EARTH),
        key=key,
        height=300,
        use_container_width=True,
        feature_group_to_add=scene_group(scene),
        returned_objects=[],
    )
