"""How a layer is drawn, chosen in the filter bar and saved with it."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from dashboard import cache
from dashboard.classes import field_label
from dashboard.components import look
from layers.errors import OverlayError
from layers.kinds import kind_of
from layers.layer_style import (
    COLOURS,
    FEWEST_CLASSES,
    LARGEST_SYMBOL,
    MOST_CLASSES,
    PALETTES,
    SAME,
    SCHEMES,
    LayerStyle,
    figures_of,
    parse_style,
)
from store import LayerInfo

DRAWN_AS = {"symbols": "each record", "hexagons": "counts in hexagons"}


def chosen_style(info: LayerInfo, saved: str) -> str:
    """The style of a layer as text: the one that is saved, or, while it is edited, what is being tried."""
    kind = kind_of(info.kind)
    try:
        kept = parse_style(saved, kind)
    except OverlayError:  # a field that a later Overlay no longer has: the kind's own style is drawn
        kept = LayerStyle()
    if not st.toggle("Change its style", key=f"styling.{info.layer}"):
        return kept.text()
    tried = _controls(info, kept)
    by = st.columns(2)
    with by[0]:
        if st.button("Save for all", key=f"style.save.{info.layer}", type="primary", disabled=tried == kept):
            _save(info, tried)
    with by[1]:
        if st.button("As its kind", key=f"style.reset.{info.layer}", disabled=kept == LayerStyle()):
            _save(info, LayerStyle())
    st.html('<div class="o-muted">What you try shows on your map alone until you save it.</div>')
    return tried.text()


def _controls(info: LayerInfo, kept: LayerStyle) -> LayerStyle:
    kind, layer = kind_of(info.kind), info.layer
    figures = {f.name: field_label(kind, f.name) for f in figures_of(kind)} | {
        name: field_label(kind, name) for name in cache.own_figures(info)
    }
    draw = _one(layer, "draw", "Draw", DRAWN_AS, kept.draw)
    style = replace(kept, draw=draw)  # type: ignore[arg-type]
    if draw == "symbols":
        by = {"": "its kind", **{f"={token}": name for token, name in COLOURS.items()}, **figures}
        colour = _one(layer, "colour", "Colour by", by, f"={kept.colour}" if kept.colour else kept.field)
        style = (
            replace(style, colour=colour.removeprefix("="), field="")
            if colour.startswith("=")
            else replace(style, colour="", field=colour)
        )
        sizes = {"": "its kind", SAME: "all the same", **figures}
        scale = st.slider(
            "Symbol size", 0.5, LARGEST_SYMBOL, kept.scale, 0.25, format="%.2f x", key=f"style.{layer}.scale"
        )
        style = replace(style, size_by=_one(layer, "size", "Size by", sizes, kept.size_by), scale=scale)
    if draw == "hexagons" or style.field:
        classes = st.slider("Classes", FEWEST_CLASSES, MOST_CLASSES, kept.classes, key=f"style.{layer}.classes")
        scheme = _one(layer, "scheme", "Classes with", SCHEMES, kept.scheme)
        palette = _one(layer, "palette", "Colours", PALETTES, kept.palette)
        style = replace(style, classes=classes, scheme=scheme, palette=palette)  # type: ignore[arg-type]
    return style


def _one(layer: str, part: str, label: str, choices: dict[str, str], value: str) -> str:
    names = list(choices)
    chosen: str = st.selectbox(
        label,
        names,
        index=names.index(value) if value in names else 0,
        format_func=lambda name: choices[name],
        key=f"style.{layer}.{part}",
    )
    return chosen


def _save(info: LayerInfo, style: LayerStyle) -> None:
    access = cache.access()
    try:
        access.styles.keep(info.layer, style.text(), by=access.principal.name)
    except OverlayError as problem:
        look.error(problem)
        return
    for name in [key for key in st.session_state if str(key).startswith(f"style.{info.layer}.")]:
        del st.session_state[name]
    st.toast(f"Style of {look.markdown(info.layer)} saved.")
    st.rerun()
