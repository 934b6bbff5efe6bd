"""Coverage gaps: who is not reached by any reported activity."""

from __future__ import annotations

import streamlit as st

from analysis.coverage import COVERAGE
from dashboard import cache
from dashboard.components import controls, coverage_panel, look, page
from dashboard.components.downloads import downloads

here = page.current()
if here.view is None:
    page.nothing_loaded()
    st.stop()

look.heading("Coverage gaps", here.words())
question = controls.question(COVERAGE, here, {"sector": "HEA"})
if question is not None:
    result = cache.answer(question)
    coverage_panel.sentence(result)
    downloads(question, "Download")
    coverage_panel.map_table_card(here, question)
