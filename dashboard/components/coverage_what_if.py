"""What if there were a service more, one less, or a road closed: both answers, nothing stored."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from analysis.edits import Add, Cell, Close, Edit, edits_text
from analysis.method import Result
from analysis.place_text import read_place
from dashboard import cache
from dashboard.components import look
from dashboard.components.boundary import in_words
from dashboard.features import titles_of
from dashboard.view import LayerQuery, Question
from layers.errors import OverlayError

SERVICE = "assumed service"


@st.fragment
@in_words
def coverage_what_if(question: Question, before: Result) -> None:
    """The switch, what is assumed, and the two sentences."""
    st.html('<div class="o-head"><h2>What if?</h2><span>an assumption: nothing is stored</span></div>')
    if not st.toggle("Add or close a service, close a road", key="coverage.whatif", bind="query-params"):
        return
    try:
        edits = _assumed(question)
        after = cache.answer(replace(question, edits=edits_text(edits))) if edits else None
    except OverlayError as problem:
        look.error(problem)
        return
    if after is None:
        st.html('<div class="o-muted">Give a place for a service, or choose what closes.</div>')
        return
    said = " ".join(limit for limit in after.limits if limit.startswith("Assumption"))
    rows = [(name, told(result)) for name, result in (("As stored", before), ("As assumed", after))]
    look.table_card("Side by side", [line for name, lines in rows for line in ((name, lines[0]), ("", lines[1]))],
                    f"{said} Nothing is stored.")  # fmt: skip


def told(result: Result) -> tuple[str, str]:
    """The answer in words, and the people beyond reach exactly."""
    people = result.summary["uncovered_people"]
    exact = "not known" if people is None else f"{people:,}"
    return str(result.summary["sentence"]), f"known people beyond reach: {exact}"


def place_assumed() -> tuple[float, float] | None:
    """Longitude and latitude of the service that is assumed, as the page was last told; None where there is none."""
    text = st.session_state.get("coverage.add") if st.session_state.get("coverage.whatif") else None
    try:
        return read_place("coverage, a service more", text) if text and text.strip() else None
    except OverlayError:  # said beside the field
        return None


def _assumed(question: Question) -> list[Edit]:
    """The edits that the controls say."""
    own, services, roads = st.columns(3, vertical_alignment="bottom")
    edits: list[Edit] = []
    place = own.text_input("A service more at", key="coverage.add", bind="query-params",
                           placeholder="MGRS, or longitude,latitude")  # fmt: skip
    if place and place.strip():
        lon, lat = read_place("coverage, a service more", place)
        edits.append(Add("services", _record(question, lon, lat)))
    edits += [Close("services", i) for i in _chosen(services, "Services that close", question.inputs["services"])]
    if "roads" in question.inputs:
        edits += [Close("roads", i) for i in _chosen(roads, "Roads that close", question.inputs["roads"])]
    return edits


def _record(question: Question, lon: float, lat: float) -> dict[str, Cell]:
    """A service that counts for the sector asked about."""
    kind = cache.filtered(question.inputs["services"]).kind.id
    sector = question.values["sector"]
    working = "functional" if kind == "facilities" else "active"
    stated: dict[str, Cell] = {} if sector == "any" else {"sector_code": sector}
    return {"name": SERVICE, "status": working, "lon": lon, "lat": lat, **stated}


def _chosen(slot: st.delta_generator.DeltaGenerator, label: str, query: LayerQuery) -> list[str]:
    """Ids of the records chosen of a layer, by their titles."""
    data = cache.filtered(query)
    titles = dict(zip(data.frame["id"], titles_of(data.frame, data.kind), strict=True))
    return list(
        slot.multiselect(label, list(titles), format_func=lambda i: f"{i} {titles[i]}", key=f"coverage.{label}")
    )
