"""A drop zone that streams files to our own `/upload` route: to disk, never into memory."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.assets import own_text

_component = st.components.v2.component(
    "overlay_drop_zone", html=own_text("drop-zone.html"), css=own_text("drop-zone.css"), js=own_text("drop-zone.js")
)


def drop_zone(key: str, *, small: bool = False) -> dict[str, Any] | None:
    """Draw the zone; returns ``{"job": id}`` or ``{"error": {...}}`` once after each upload."""
    result = _component(key=key, data={"small": small}, on_uploaded_change=lambda: None)
    uploaded = getattr(result, "uploaded", None)
    return dict(uploaded) if uploaded else None
