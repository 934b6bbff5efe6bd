"""Movements: who is where and how that changed, and, apart from it, who moved from where to where."""

from __future__ import annotations

import streamlit as st

from dashboard.components import look, movements_panel, page

here = page.current()
if here.view is None:
    page.nothing_loaded()
    st.stop()

look.heading("Movements", here.words(period=True))
sites, flows = movements_panel.questions(here)
if not sites and flows is None:
    look.empty("No displacement data", "Open Layers and drop a file of IDP sites or IDP flows.")
    st.stop()
movements_panel.figures(here, sites, flows)
movements_panel.map_and_tables(here, sites, flows)
