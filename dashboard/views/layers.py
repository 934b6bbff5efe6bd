"""Layers: drop a file, see what it was understood as, publish it; versions, differences, roll back."""

from __future__ import annotations

from dashboard.components import draft_panel, look, page, version_panel
from dashboard.components.drop_zone import drop_zone

here = page.current()
look.heading("Layers", f"{len(here.infos)} loaded")

answer = drop_zone("drop")
if answer and "error" in answer:
    look.refusal(answer["error"])

draft_panel.draft_panels()
version_panel.version_panel(here)
