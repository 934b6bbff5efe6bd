"""Download links: what the filters show, in each export's form, through our own route."""

from __future__ import annotations

from urllib.parse import quote

import streamlit as st

from dashboard.components import look
from dashboard.view import LayerQuery, Question, to_text
from exports import EXPORTS

AS_SHOWN = "Holds what the filters show and nothing else"


def downloads(what: LayerQuery | Question, label: str, holds: str = AS_SHOWN) -> None:
    """A small menu with one link a format, and what the file `holds`."""
    part = "layer" if isinstance(what, LayerQuery) else "question"
    links = "".join(
        f'<div class="item"><a href="/download?format={export.id}&{part}={quote(to_text(what))}" download>'
        f"{look.text(export.label)}</a></div>"
        for export in EXPORTS
    )
    with st.popover(label, icon=":material/download:"):
        st.html(
            f'<div class="o-card">{links}</div><div class="o-muted">{holds}, with source, as-of, marking and boundary '
            "note.</div>"
        )
