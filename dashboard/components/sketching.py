"""What becomes of a shape that was drawn on a map: all is filtered to it, or a service is assumed there.

The map tells of it in a callback, before the page runs; what must happen in the run of the
page itself waits in the session for `follow`.
"""

from __future__ import annotations

import streamlit as st

from dashboard.components import drawn_area, look
from dashboard.view import Sketch
from layers.drawn import area_of
from layers.errors import OverlayError

ALWAYS = ("filter",)
ON_COVERAGE = (*ALWAYS, "service")
_NEXT, _REFUSED = "_sketch_next", "_sketch_refused"


def take(sketch: Sketch) -> None:
    """Callback of a map: do what the shape is for, or keep the refusal to be told."""
    try:
        _TAKERS[sketch.purpose](sketch)
    except OverlayError as problem:
        st.session_state[_REFUSED] = problem
    else:
        st.session_state[_NEXT] = True


def follow() -> None:
    """After the map: tell a refusal; run the whole page where more than the map depends on what was done."""
    refused = st.session_state.pop(_REFUSED, None)
    if refused is not None:
        look.error(refused)
    if st.session_state.pop(_NEXT, False):
        st.rerun()


def _filter(sketch: Sketch) -> None:
    drawn_area.choose(area_of(sketch.places, sketch.radius_m))


def _service(sketch: Sketch) -> None:
    lon, lat = sketch.places[0]
    st.session_state["coverage.whatif"] = True
    st.session_state["coverage.add"] = f"{lon:.5f},{lat:.5f}"


_TAKERS = {"filter": _filter, "service": _service}
