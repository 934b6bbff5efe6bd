"""Buffers: true-distance rings around any layer."""

from __future__ import annotations

import streamlit as st

from analysis.buffers import BUFFERS
from dashboard.components import look, method_panel, page

here = page.current()
if here.view is None:
    page.nothing_loaded()
    st.stop()

look.heading("Buffers", here.words())
method_panel.method_panel(BUFFERS, here)
