"""Layers: drop a file, see what it was understood as, publish it; versions, differences, roll back."""

from __future__ import annotations

import streamlit as st

from dashboard.components import draft_panel, look, page, version_panel
from dashboard.components.drop_zone import drop_zone

here = page.current()
look.heading("Layers", f"{len(here.infos)} loaded")

answer = drop_zone("drop")
if answer and "error" in answer:
    look.refusal(answer["error"])
elif answer:
    st.query_params["draft"] = answer["drafts"]

drafts = st.query_params.get_all("draft")
for draft_id in drafts:
    draft_panel.draft_panel(draft_id)
version_panel.version_panel(here)
