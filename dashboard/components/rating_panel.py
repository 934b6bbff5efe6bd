"""The officer's own rating of an activity, with the reason that is kept."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from analysis.likelihood import IMPACT, LIKELIHOOD
from analysis.method import Result
from dashboard import cache
from dashboard.components import look
from dashboard.components.risk_table import likelihood_of, words
from layers.errors import OverlayError
from layers.rating import Rating
from layers.times import date_time_group

MOST_SHOWN = 5


def rating_panel(result: Result, activity: str) -> None:
    """Likelihood as computed or overruled, impact, the reason; and the ratings before."""
    row = result.rows[result.rows["id"] == activity].iloc[0]
    layer = result.inputs["activities"]["layer"]
    computed = words(row["likelihood_class"]) if isinstance(row["likelihood_class"], str) else "not known"
    with st.form(f"rate.{activity}", border=False):
        likelihood = _choice("Likelihood", f"as computed: {computed}", LIKELIHOOD, row["rated_likelihood"])
        impact = _choice("Impact", "not rated", IMPACT, row["rated_impact"])
        reason = st.text_input("Reason", placeholder="Why? It is kept, and stands in every export.")
        sent = st.form_submit_button("Keep the rating", type="primary")
    if sent:
        access = cache.access()
        try:
            access.rate(layer, activity, likelihood=likelihood, impact=impact, reason=reason, by=access.principal.name)
        except OverlayError as problem:
            look.error(problem)
        else:
            st.toast(f"Rating of {look.markdown(activity)} kept.")
            st.rerun()
    _history(layer, activity)
    st.html(f'<div class="o-muted">In force: {look.text(likelihood_of(row))}, impact '
            f"{look.text(words(row['impact_class']))}. Decision support.</div>")  # fmt: skip


def _choice(label: str, none: str, classes: tuple[str, ...], chosen: object) -> int | None:
    options = [None, *range(1, len(classes) + 1)]
    return st.selectbox(
        label,
        options,
        index=0 if pd.isna(chosen) else int(str(chosen)),
        format_func=lambda level: none if level is None else f"{level} {words(classes[level - 1])}",
    )


def _history(layer: str, activity: str) -> None:
    past = [r for r in cache.access().ratings(layer) if r.record == activity]
    if past:
        rows = [(f"{date_time_group(r.at)} · {r.by}", said_of(r)) for r in reversed(past)]
        look.table_card("Ratings of it", rows[:MOST_SHOWN], f"{len(rows)} in all")


def said_of(rating: Rating) -> str:
    """A rating in words."""
    if rating.withdrawn:
        return f"withdrawn: {rating.reason}"
    return f"likelihood {rating.likelihood or 'as computed'}, impact {rating.impact or 'not rated'}: {rating.reason}"
