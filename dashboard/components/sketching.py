"""What becomes of a shape that was drawn on a map: a filter, a note, a record, or a service that is assumed there.

The map tells of it in a callback, before the page runs; what must happen in the run of the
page itself waits in the session for `follow`.
"""

from __future__ import annotations

import shapely
import streamlit as st
from shapely.geometry.base import BaseGeometry

from dashboard.components import drawn_area, look
from dashboard.components.note_panel import PLACED, note_form
from dashboard.menu import MENU
from dashboard.view import Sketch
from layers.drawn import area_of, enclosing, line_of, wrapped
from layers.errors import OverlayError
from loaders.entry import within

ALWAYS = ("filter", "note", "record")
ON_COVERAGE = (*ALWAYS, "service")
_NEXT, _REFUSED, _ENTERS = "_sketch_next", "_sketch_refused", "_sketch_enters"
RECORD_AT = "_sketch_record"
"""Where in the session the place of a new record waits for the form that takes it, as text."""
LAYERS_PAGE = next(entry.script for entry in MENU if entry.path == "layers")


def take(sketch: Sketch) -> None:
    """Callback of a map: do what the shape is for, or keep the refusal to be told."""
    try:
        _TAKERS[sketch.purpose](sketch)
    except OverlayError as problem:
        st.session_state[_REFUSED] = problem


def follow() -> None:
    """After the map: tell a refusal; run the whole page where more than the map depends on what was done."""
    refused = st.session_state.pop(_REFUSED, None)
    if refused is not None:
        look.error(refused)
    if PLACED in st.session_state:
        note_form(st.session_state[PLACED])
    if st.session_state.pop(_ENTERS, False):
        st.switch_page(LAYERS_PAGE)
    if st.session_state.pop(_NEXT, False):
        st.rerun()


def _filter(sketch: Sketch) -> None:
    drawn_area.choose(area_of(sketch.places, sketch.radius_m))
    st.session_state[_NEXT] = True


def _service(sketch: Sketch) -> None:
    lon, lat = wrapped(*sketch.places[0])
    st.session_state["coverage.whatif"] = True
    st.session_state["coverage.add"] = f"{lon:.5f},{lat:.5f}"
    st.session_state[_NEXT] = True


def _note(sketch: Sketch) -> None:
    st.session_state[PLACED] = place_of(sketch)


def _record(sketch: Sketch) -> None:
    """The form takes one place: of a shape its middle, known to within as far as the shape goes."""
    place_of(sketch)
    lon, lat, metres = enclosing(sketch.places)
    st.session_state[RECORD_AT] = f"{lat:.5f}, {lon:.5f}{within(sketch.radius_m or metres)}"
    st.session_state[_ENTERS] = st.session_state["entry.open"] = True


def place_of(sketch: Sketch) -> BaseGeometry:
    """The shape as a place, EPSG:4326.

    Raises
    ------
    WrongParameter
        When it is an area that no area can be.
    """
    if sketch.shape in ("area", "circle"):
        return area_of(sketch.places, sketch.radius_m).geometry
    return line_of(sketch.places) if sketch.shape == "line" else shapely.Point(wrapped(*sketch.places[0]))


_TAKERS = {"filter": _filter, "service": _service, "note": _note, "record": _record}
