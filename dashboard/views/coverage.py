"""Coverage gaps: who is not reached by any reported activity, and where new places would help most."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from analysis.coverage import COVERAGE
from dashboard import cache
from dashboard.components import controls, coverage_panel, look, page
from dashboard.components.coverage_what_if import coverage_what_if
from dashboard.components.downloads import downloads
from dashboard.components.siting_panel import siting_panel

FIRST = ("sector", "radius_km", "look_ahead_days", "measure")

here = page.current()
if here.view is None:
    page.nothing_loaded()
    st.stop()

look.heading("Coverage gaps", here.words())
question = controls.question(COVERAGE, here, {"sector": "HEA"}, first=FIRST)
if question is not None:
    if question.values["measure"] != "road":
        question = replace(question, inputs={role: q for role, q in question.inputs.items() if role != "roads"})
    result = cache.answer(question)
    said, buttons = st.columns([0.72, 0.28], vertical_alignment="center")
    with said:
        coverage_panel.sentence(result)
    with buttons, st.container(horizontal=True, horizontal_alignment="right"):
        downloads(question, "Download")
        coverage_panel.rests_on(result)
    coverage_panel.map_table_card(here, question)
    coverage_what_if(question, result)
    siting_panel(here, question)
