"""The area drawn on a map that filters everything: in the address bar, and as a chip in the side bar.

The menu starts a new address: the area is carried over to it, as the selection is.
"""

from __future__ import annotations

import streamlit as st

from dashboard.components import look
from layers.drawn import DrawnArea, parse_area
from layers.errors import WrongParameter

PARAMETER = "drawn"
_CARRIED = "_drawn"
HELP = (
    "Counts, tables, maps, analyses and downloads keep to it. A record counts by its place, a line or area when it "
    "touches; one known by its admin area only is left out, and counted beside the map."
)


def current() -> DrawnArea | None:
    """The area that the address names.

    Raises
    ------
    WrongParameter
        When it names one that cannot be read.
    """
    if PARAMETER not in st.query_params and _CARRIED in st.session_state:
        st.query_params[PARAMETER] = st.session_state[_CARRIED]
    text = st.query_params.get(PARAMETER)
    area = parse_area(text) if text else None
    if area is not None:
        st.session_state[_CARRIED] = area.text
    return area


def choose(area: DrawnArea | None) -> None:
    """Filter to an area, or to none."""
    st.session_state.pop(_CARRIED, None)
    if area is None:
        st.query_params.pop(PARAMETER, None)
    else:
        st.query_params[PARAMETER] = area.text


def chip() -> str:
    """The area with its size and a button that removes it; returns its text, empty for none."""
    try:
        area = current()
    except WrongParameter as problem:
        look.error(problem)
        words, text = "Area of the address, not used", ""
    else:
        if area is None:
            return ""
        words, text = area.words.capitalize(), area.text
    st.button(
        words, key="drawn.remove", on_click=choose, args=(None,), help=f"Remove it. {HELP}", icon=":material/close:",
        width="stretch",
    )  # fmt: skip
    return text
