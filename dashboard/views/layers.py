"""Layers: drop files, see what they hold, publish; enter an incident; versions, differences, roll back."""

from __future__ import annotations

from dashboard.components import draft_panel, entry_panel, loading_bar, look, page, version_panel
from dashboard.components.job_panel import job_panel

here = page.current()
look.heading("Layers", f"{len(here.infos)} loaded")
enters = loading_bar.loading_bar()
job_panel()
if enters:
    entry_panel.entry_panel(here)
draft_panel.draft_panels(leading=not enters)
version_panel.version_panel(here)
