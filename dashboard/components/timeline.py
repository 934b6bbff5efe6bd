"""Incidents by week, as one small chart."""

from __future__ import annotations

from datetime import date, timedelta

import altair as alt
import pandas as pd
import streamlit as st

from dashboard.components import look
from dashboard.maps import THEMES
from layers.dataset import Dataset
from layers.settings import settings
from layers.times import spans

WEEKS = 78


def weekly(dataset: Dataset, as_of: date) -> pd.DataFrame:
    """Count by week of seven days that ends on `as_of`, oldest first.

    Columns: ``week`` (its first day), ``incidents``.
    """
    start, _ = spans(dataset.frame, dataset.kind, settings().theatre_timezone)
    days = pd.Series((pd.Timestamp(as_of) - pd.to_datetime(start)).days)
    back = days[(days >= 0) & (days < 7 * WEEKS)] // 7
    counts = back.value_counts().reindex(range(WEEKS), fill_value=0).sort_index(ascending=False)
    first = [as_of - timedelta(days=7 * int(n) + 6) for n in counts.index]
    return pd.DataFrame({"week": pd.to_datetime(first), "incidents": counts.to_numpy()})


def timeline(table: pd.DataFrame, label: str) -> None:
    """Draw the bars."""
    colours = THEMES[look.theme()]
    chart = (
        alt.Chart(table)
        .mark_bar(cornerRadiusTopLeft=2, cornerRadiusTopRight=2, color=colours["incident"])
        .encode(
            x=alt.X("week:T", title=None, axis=alt.Axis(format="%b %y", grid=False, labelColor=colours["muted"])),
            y=alt.Y(
                "incidents:Q",
                title=None,
                axis=alt.Axis(tickCount=2, format="d", tickMinStep=1, grid=False, labelColor=colours["muted"]),
            ),
            tooltip=[
                alt.Tooltip("week:T", title="Week from", format="%d %b %y"),
                alt.Tooltip("incidents:Q", title=label),
            ],
        )
        .properties(height=84)
    )
    st.altair_chart(chart, width="stretch", alt=f"{label} by week, {WEEKS} weeks")
