"""How good the formula was on the incidents in use: a replay of their history."""

from __future__ import annotations

import streamlit as st

from analysis.backtest import Calibration
from dashboard import cache
from dashboard.components import look
from dashboard.components.boundary import in_words
from dashboard.view import Question
from layers.errors import NotEnoughData

AT_ONCE = 30_000  # incidents: more are replayed when asked for, since that takes a while


@st.fragment
@in_words
def calibration_card(question: Question, incidents: int) -> None:
    """The result of the backtest on these incidents, or why there is none."""
    if incidents > AT_ONCE and not st.toggle(f"Replay the history of {incidents:,} incidents", key="risk.replay"):
        return
    with st.spinner("Replaying the history of these incidents", show_time=True):
        try:
            found = cache.calibration(question.inputs["incidents"], question.inputs.get("areas"))
        except NotEnoughData as problem:
            look.empty("How good was this?", f"It cannot be told: {problem}")
            return
    items = [
        ("activity" if ring.beats else "risk_3", ring.verdict.capitalize(), ring.words) for ring in found.named_places
    ]
    look.card("How good was this, on these incidents?", items, footer(found))


def footer(found: Calibration) -> str:
    """What was replayed."""
    return " ".join([
        f"{found.sites} places, {found.cut_offs} months from {found.first:%b %Y} to {found.last:%b %Y},"
        f" {found.incidents:,} incidents of {found.layer}; see docs/backtest-protocol.md.",
        *found.limits,
    ])  # fmt: skip
