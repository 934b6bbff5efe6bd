"""The activities ranked, and the 5 x 5 table: each cell a count and a filter."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from analysis.likelihood import FEW_REPORTS, IMPACT, LIKELIHOOD
from analysis.method import Result
from dashboard.components import look, selection
from dashboard.features import display_values, titles_of
from dashboard.view import Selection
from layers.kinds import PROJECTS
from layers.settings import settings

CELL = "cell"
NOT_RATED = "not rated"
NOTE = (
    "After the UN security risk management table, in settings; decision support. Impact is rated by an officer, in the"
    " card of an activity."
)
TINT = {"low": "risk_1", "medium": "risk_2", "high": "risk_3", "very high": "risk_4", "unacceptable": "risk_4"}


def words(value: str) -> str:
    """A code in words.

    >>> words("very_likely")
    'very likely'
    """
    return value.replace("_", " ")


def spread(best: object, low: object, high: object) -> str:
    """An expected number with its range; blank where there is none.

    >>> spread(0.834, 0, 2)
    '0.83 (0–2)'
    """
    if pd.isna(best):
        return ""
    number = float(str(best))
    shown = f"{number:.2f}" if number < 1 else f"{number:.1f}"
    return f"{shown} ({low}–{high})"


def few(row: pd.Series) -> bool:
    """Whether so little is reported that a small chance would claim what nobody knows."""
    return bool(row["likelihood_class"] == FEW_REPORTS)


def chance_of(row: pd.Series) -> str:
    """The chance of at least one violent incident; blank where it is not stated."""
    return "" if pd.isna(row["p_any"]) or few(row) else f"{100 * row['p_any']:.0f} %"


def likelihood_of(row: pd.Series) -> str:
    """The likelihood in words: the officer's, else the computed one."""
    if not pd.isna(row["rated_likelihood"]):
        return f"{words(LIKELIHOOD[int(row['rated_likelihood']) - 1])} (rated)"
    return words(row["likelihood_class"]) if isinstance(row["likelihood_class"], str) else "not known"


def ranked_table(result: Result) -> pd.DataFrame:
    """The ranked table as people read it; blank where there is no figure."""
    rows = result.rows
    fields = PROJECTS.field_by_name
    first, wide = settings().risk_rings_km[0], settings().risk_rings_km[-1]
    radius = result.parameters["radius_km"]
    activity = [f"{record} {title}" for record, title in zip(rows["id"], titles_of(rows, PROJECTS), strict=True)]
    ranges = rows[["expected", "expected_low", "expected_high"]].itertuples(index=False)
    return pd.DataFrame(
        {
            "#": rows["rank"],
            "Activity": activity,
            "Flags": rows["flag_text"].fillna(""),
            f"Expected {first:g} km": [spread(*values) for values in ranges],
            "Chance": [chance_of(row) for _, row in rows.iterrows()],
            "Likelihood": [likelihood_of(row) for _, row in rows.iterrows()],
            "Impact": rows["impact_class"].map(words),
            f"Certain {radius:g} km": rows["count_certain"],
            f"Possible {radius:g} km": rows["count_possible"],
            f"Tempo {wide:g} km": rows[f"tempo_{wide:g}km"].round(1),
            "Usual here?": rows["usual_text"].fillna(""),
            "From": display_values(rows["start_date"], fields["start_date"]),
            "To": display_values(rows["end_date"], fields["end_date"]),
            "Medical, km": (rows["medical_post_m"] / 1000).round(1),
            "Nearest, km": (rows["nearest_incident_m"] / 1000).round(1),
            "Class": display_values(rows["activity_class"], fields["activity_class"]),
            "MGRS": rows["mgrs"].fillna("by area only"),
        }
    )


def table(result: Result, height: int) -> None:
    """The ranked activities; a row selects, and a cell of the 5 x 5 table keeps its own alone."""
    kept = in_cell(result, st.query_params.get(CELL))
    layer = result.inputs["activities"]["layer"]
    choices = tuple(Selection(layer, record) for record in result.rows["id"][kept])
    if not kept.all():
        said = f"Of {st.query_params[CELL]}: {int(kept.sum())} of {len(kept)}; choose the cell again to see all."
        st.html(f'<div class="o-muted">{look.text(said)}</div>')
    selection.table(
        ranked_table(result)[kept.to_numpy()],
        choices,
        key="risk.table",
        height=height,
        alt="Activities ranked by risk",
        column_config={
            "#": st.column_config.NumberColumn(width=30),
            "Activity": st.column_config.TextColumn(width=190),
            "Flags": st.column_config.TextColumn(width=150),
            "Usual here?": st.column_config.TextColumn(width=150),
        },
    )


def matrix(result: Result) -> pd.DataFrame:
    """How many activities stand in each cell: impact (rows, highest first, then not rated) by likelihood."""
    likelihood, impact = sides(result)
    counts = pd.crosstab(impact, likelihood)
    return counts.reindex(index=[*map(words, reversed(IMPACT)), NOT_RATED], columns=COLUMNS, fill_value=0)


COLUMNS = ["few reports", *map(words, LIKELIHOOD)]


def sides(result: Result) -> tuple[pd.Series, pd.Series]:
    """Likelihood and impact of each activity in words, as the table has them."""
    level = result.rows["rated_likelihood"].fillna(result.rows["likelihood"])
    likelihood = pd.Series([COLUMNS[0] if pd.isna(v) else COLUMNS[int(v)] for v in level], index=result.rows.index)
    return likelihood, result.rows["impact_class"].map(words)


def in_cell(result: Result, cell: str | None) -> pd.Series:
    """Which activities stand in a cell, "impact / likelihood"; all when none is named."""
    likelihood, impact = sides(result)
    row, slash, column = (cell or "").partition(" / ")
    if not slash or column not in COLUMNS:
        return pd.Series(data=True, index=result.rows.index)
    return (likelihood == column) & (impact == row)


def matrix_table(result: Result) -> None:
    """The 5 x 5 table; a chosen cell filters the ranked table."""
    counts = matrix(result)
    shown = counts.rename_axis(None).astype(str).where(counts > 0, "")
    colours = settings().risk_matrix
    tints = look.tokens()

    def tinted(frame: pd.DataFrame) -> pd.DataFrame:
        styles = pd.DataFrame("", index=frame.index, columns=frame.columns)
        for i in range(len(IMPACT)):
            for j in range(len(LIKELIHOOD)):
                word = colours[len(IMPACT) - 1 - i][j]
                tint = tints[TINT.get(word, "risk_1")]
                styles.iat[i, j + 1] = f"background-color: {tint}; color: {look.ink_on(tint)}; font-weight: 700"
        return styles

    st.dataframe(
        shown.style.apply(tinted, axis=None),
        key="risk.matrix",
        selection_mode="single-cell",
        on_select=lambda: _choose_cell(list(counts.index)),
        alt="Activities by impact and likelihood",
    )
    st.html(f'<div class="o-muted">{NOTE}</div>')


def _choose_cell(rows: list[str]) -> None:
    cells = st.session_state["risk.matrix"]["selection"].get("cells", [])
    if cells:
        row, column = cells[0]
        st.query_params[CELL] = f"{rows[row]} / {column}"
    else:
        st.query_params.pop(CELL, None)


def sector_table(result: Result, height: int) -> None:
    """Activities and violent incidents by mission sector."""
    rows = result.shapes["by_sector"]
    days = result.parameters["window_days"]
    table = pd.DataFrame(
        {
            "Sector": rows["name"].fillna(rows["area_code"]).fillna("not in a sector, or place not known"),
            "Activities": rows["activities"],
            f"Violent incidents, {'all dates' if days is None else f'{days} days'}": rows["incidents"],
            "At explosive hazard": rows["flagged_red"],
            "Near a hazard": rows["flagged_amber"],
            "Highest chance": ["" if pd.isna(p) else f"{100 * p:.0f} %" for p in rows["highest_p_any"]],
            "Few reports": rows["few_reports"],
        }
    )
    st.dataframe(table, hide_index=True, height=height, alt="By sector")
