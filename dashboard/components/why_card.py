"""The card of one activity: flags, what is expected and why, how sure that is, the incidents behind it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from analysis.expected import DRIVERS
from analysis.method import Result
from analysis.outlook import drivers_behind
from analysis.risk import incidents_near
from dashboard import cache
from dashboard.components import look, timeline
from dashboard.components.risk_table import few, likelihood_of, spread, words
from dashboard.features import display_values
from dashboard.result_features import risk_tokens
from dashboard.view import Question
from layers.kinds import INCIDENTS
from layers.settings import settings
from layers.times import date_time_group

NEAREST_SHOWN = 8
DRIVER_WORDS = {
    "driver_theatre": "the whole theatre's year",
    "driver_weeks": "last weeks, within {ring}",
    "driver_year": "last year, within {ring}",
    "driver_around": "around, {ring} to {around}",
    "driver_further": "further, {around} to {further}",
    "driver_five_years": "five years, within {ring}",
}
Item = tuple[str, str, str]


def driver_words(name: str) -> str:
    """What a driver is made of, in words."""
    ring = settings().risk_rings_km[0]
    return DRIVER_WORDS[name].format(ring=f"{ring:g} km", around=f"{2 * ring:g} km", further=f"{4 * ring:g} km")


def window_words(result: Result) -> str:
    """The window of incidents in words."""
    days = result.parameters["window_days"]
    return "all incidents until then" if days is None else f"last {days} days"


def why_card(question: Question, result: Result, activity: str) -> None:
    """Why: flags, counts with their certainty, the expected number with its drivers; how sure."""
    row = result.rows[result.rows["id"] == activity].iloc[0]
    token = risk_tokens(result)[activity]
    items = [*_flags(row), *_expected(row, token), *_counts(row, result), *_around(row)]
    look.card(f"{row['id']}  {row['name'] if isinstance(row['name'], str) else ''}", items,
              f"{dates(row)} · indicative, not a security risk management decision")  # fmt: skip
    if not pd.isna(row["expected"]):
        _drivers(row, token)


def _flags(row: pd.Series) -> list[Item]:
    items = []
    for flag in row["hard_flags"]:
        surveyed = f"last surveyed {flag['last_surveyed']:%d %b %y}" if flag["last_surveyed"] else ""
        note = " · ".join(filter(None, [flag["risk_id"], flag["name"], surveyed]))
        items.append(("risk_4" if flag["level"] == "red" else "risk_3", _sentence(flag["text"]), note))
    return items


def _expected(row: pd.Series, token: str) -> list[Item]:
    if pd.isna(row["expected"]):
        return []
    ring, wide = settings().risk_rings_km[0], settings().risk_rings_km[-1]
    days = f"{int(row['days'])} of its own days{', assumed' if row['days_assumed'] else ''}"
    expected = spread(row["expected"], row["expected_low"], row["expected_high"])
    tempo = spread(*(row[f"tempo_{wide:g}km{part}"] for part in ("", "_low", "_high")))
    usual = row["usual_text"] if isinstance(row["usual_text"], str) else ""
    stated = f"chance of at least one {100 * row['p_any']:.0f} %"
    chance = f"{'chance not stated' if few(row) else stated}: {likelihood_of(row)}"
    return [
        (token, f"Expected {expected} violent incidents within {ring:g} km", f"{days}, 80 % range · {chance}"),
        (token, f"Area tempo: {tempo} within {wide:g} km", usual),
    ]  # fmt: skip


def _counts(row: pd.Series, result: Result) -> list[Item]:
    if pd.isna(row["count_within_radius"]):
        known = not pd.isna(row["count_in_area"])
        said = f"{row['count_in_area']} violent incidents in its admin area" if known else NO_PLACE
        return [("incident", said, "known by admin area only")]
    radius = result.parameters["radius_km"]
    counted = (
        f"{row['count_certain']} certain + {row['count_possible']} possible violent incidents within {radius:g} km"
    )
    return [("incident", counted, window_words(result))]


NO_PLACE = "No place and no area code: incidents near it cannot be counted"


def _around(row: pd.Series) -> list[Item]:
    items = []
    if row["blind_spot"]:
        items.append(("risk_few", "Blind spot", "Nothing at all is reported around here in a year. That is not safe."))
    elif row["few_reports"]:
        few = "Few incidents are reported around here in a year. Few reports is not safe."
        items.append(("risk_few", "Few reports", few))
    if not pd.isna(row["nearest_incident_m"]):
        nearest = f"Nearest incident {row['nearest_incident_m'] / 1000:.1f} km away"
        items.append(("incident", nearest, row["nearest_incident_id"]))
    if not pd.isna(row["medical_post_m"]):
        post = f"Medical post {row['medical_post_m'] / 1000:.1f} km away"
        items.append(("facility", post, f"{row['medical_post_id']}, straight line; travel time is not computed"))
    if isinstance(row["rating_reason"], str):
        rated = f"Rated by {row['rated_by']}: impact {words(row['impact_class'])}"
        cell = f"risk {row['risk_cell']} · " if isinstance(row["risk_cell"], str) else ""
        items.append(("accent", rated, f"{cell}{row['rating_reason']}"))
    return items


def _drivers(row: pd.Series, token: str) -> None:
    parts = [(driver_words(name), float(row[name]), f"{row[name]:.3f}") for name in DRIVERS]
    look.bars("Why: what adds up to it", parts, f"{row['expected']:.3f}", token)


def behind(question: Question, result: Result, activity: str) -> None:
    """The incidents: those counted, or those behind one driver; by week."""
    inputs = {role: cache.filtered(query) for role, query in question.inputs.items()}
    choices = {"counted": "counted in the ring", **{name: driver_words(name) for name in DRIVERS}}
    chosen = st.selectbox("Incidents", list(choices), format_func=choices.__getitem__, key="risk.behind")
    if chosen == "counted":
        near = incidents_near(
            activity, inputs["activities"], inputs["incidents"], result.parameters["radius_km"],
            result.parameters["window_days"], question.as_of, settings(),
        )  # fmt: skip
        notes = ["certain" if sure else "possible" for sure in near["certain"]]
    else:
        horizon = result.parameters["horizon_days"]
        near = drivers_behind(activity, inputs, horizon, question.as_of, settings())
        near = near[near[chosen] > 0].sort_values(chosen, ascending=False) if len(near) else near
        notes = [f"adds {value:.4f}" for value in near[chosen]] if len(near) else []
    if near.empty:
        look.empty("No incident", "Nothing reported stands behind this.")
        return
    kinds = display_values(near["incident_type"], INCIDENTS.field_by_name["incident_type"])
    rows = [
        (
            f"{'' if pd.isna(metres) else f'{metres / 1000:.1f} km · '}{note}",
            f"{kind or 'type not stated'} · {'date not stated' if pd.isna(when) else date_time_group(when.date())}",
        )
        for metres, note, kind, when in zip(near["distance_m"], notes, kinds, near["occurred_at"], strict=True)
    ]
    more = f"{len(rows) - NEAREST_SHOWN:,} more" if len(rows) > NEAREST_SHOWN else ""
    look.table_card(f"{len(rows):,} incidents", rows[:NEAREST_SHOWN], more)
    timeline.timeline(timeline.weekly(inputs["incidents"].with_frame(near), question.as_of), "Incidents")


def dates(row: pd.Series) -> str:
    """From when to when."""
    days = [f"{row[name]:%d %b %y}" if not pd.isna(row[name]) else "open" for name in ("start_date", "end_date")]
    return "Dates not stated" if days == ["open", "open"] else f"{days[0]} to {days[1]}"


def _sentence(said: str) -> str:
    return said[:1].upper() + said[1:]
