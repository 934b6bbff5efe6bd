"""Selection is one thing everywhere; it lives in the address bar.

The menu starts a new address: what was selected is carried over to it.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dashboard.view import Selection

PARAMETER = "sel"
_CARRIED = "_selected"


def current() -> Selection | None:
    """What is selected."""
    if PARAMETER not in st.query_params and _CARRIED in st.session_state:
        st.query_params[PARAMETER] = st.session_state[_CARRIED]
    chosen = Selection.parse(st.query_params.get(PARAMETER))
    if chosen is not None:
        st.session_state[_CARRIED] = chosen.text()
    return chosen


def choose(selection: Selection | None) -> None:
    """Select a record, or nothing."""
    if selection is None:
        st.query_params.pop(PARAMETER, None)
        st.session_state.pop(_CARRIED, None)
    else:
        st.query_params[PARAMETER] = selection.text()


def choose_from_map(key: str) -> None:
    """Callback of a map: the clicked feature becomes the selection."""
    state = st.session_state.get(key) or {}
    clicked = Selection.from_click(state.get("last_active_drawing"))
    if clicked is not None:
        choose(clicked)


def table(data: pd.DataFrame, choices: tuple[Selection, ...], *, key: str, **options: Any) -> None:
    """A table of which each row is a record: a row selects it, and what is selected elsewhere is marked.

    `options` are those of `st.dataframe`.
    """

    def chosen() -> None:
        rows = st.session_state[key]["selection"]["rows"]
        choose(choices[rows[0]] if rows and rows[0] < len(choices) else None)

    here = current()
    rows = [choices.index(here)] if here in choices else []
    if key in st.session_state and st.session_state[key]["selection"]["rows"] != rows:
        del st.session_state[key]  # chosen elsewhere since: the row follows
    st.session_state.setdefault(key, {"selection": {"rows": rows, "columns": [], "cells": []}})
    st.dataframe(data, hide_index=True, key=key, selection_mode="single-row", on_select=chosen, **options)
