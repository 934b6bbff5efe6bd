"""The ways in, on one line: the drop zone, the templates, the entry by hand."""

from __future__ import annotations

import streamlit as st

from dashboard import cache
from dashboard.components import look
from dashboard.components.drop_zone import drop_zone
from layers.kinds import KINDS
from loaders import ingest

REFUSED = "_upload_error"


def loading_bar() -> bool:
    """Draw the ways in; returns whether an incident is to be entered by hand."""
    waiting = bool(ingest.open_drafts(cache.access()))
    zone, ways = st.columns([5, 1], vertical_alignment="center")
    with zone:
        answer = drop_zone("drop", small=waiting)
    with ways:
        _templates()
        enters = st.toggle("Enter an incident", key="entry.open")
    if answer and "error" in answer:
        st.session_state[REFUSED] = answer["error"]
    _refused()
    return bool(enters)


def _templates() -> None:
    links = "".join(
        f'<div class="item"><a href="/template?kind={kind.id}" download>{look.text(kind.label)}</a></div>'
        for kind in KINDS
        if kind.id != "images"
    )
    with st.popover("Templates", icon=":material/download:", width="stretch"):
        st.html(
            f'<div class="o-card">{links}</div><div class="o-muted">Excel sheets with drop-downs, an example and the '
            "meaning of each column. Filled in, they load as they are.</div>"
        )


def _refused() -> None:
    """Why an upload was refused, until it is dismissed."""
    if REFUSED not in st.session_state:
        return
    words, act = st.columns([6, 1], vertical_alignment="center")
    with words:
        look.refusal(st.session_state[REFUSED])
    if act.button("Dismiss", key="dismiss.upload", width="stretch"):
        del st.session_state[REFUSED]
        st.rerun()
