"""Risk near activities: which planned activities have violent incidents or hazards close by."""

from __future__ import annotations

import streamlit as st

from analysis.risk import RISK
from dashboard import cache
from dashboard.components import controls, look, page, risk_panel
from dashboard.components.calibration_card import calibration_card
from dashboard.components.downloads import downloads

FIRST = ("radius_km", "window_days", "horizon_days", "status", "activity_class")

here = page.current()
if here.view is None:
    page.nothing_loaded()
    st.stop()

look.heading("Risk near activities", here.words())
question = controls.question(RISK, here, risk_panel.opening(here), first=FIRST)
if question is not None:
    result = cache.answer(question)
    said, buttons = st.columns([0.72, 0.28], vertical_alignment="center")
    with said:
        risk_panel.summary(result)
    with buttons, st.container(horizontal=True, horizontal_alignment="right"):
        downloads(question, "Download")
        risk_panel.rests_on(result)
    risk_panel.table_map_card(here, question)
    calibration_card(question, result.inputs["incidents"]["rows"])
