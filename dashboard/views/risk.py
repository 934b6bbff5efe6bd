"""Risk near activities: which planned activities have violent incidents or hazards close by."""

from __future__ import annotations

import streamlit as st

from analysis.risk import RISK
from dashboard import cache
from dashboard.components import controls, look, page, risk_panel
from dashboard.components.downloads import downloads

here = page.current()
if here.view is None:
    page.nothing_loaded()
    st.stop()

look.heading("Risk near activities", here.words())
question = controls.question(RISK, here, risk_panel.opening(here))
if question is not None:
    result = cache.answer(question)
    risk_panel.summary(result)
    downloads(question, "Download")
    risk_panel.table_map_card(here, question)
