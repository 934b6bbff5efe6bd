"""The Risk page's pieces: what was looked at, the ranked table, the map, the card that says why."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from analysis.method import Result
from analysis.risk import incidents_near
from dashboard import cache
from dashboard.components import look, selection
from dashboard.components.boundary import in_words
from dashboard.components.map_panel import map_panel, result_url, scene_of
from dashboard.components.page import Page
from dashboard.components.record_card import record_card
from dashboard.features import RISK_STEPS, display_values, risk_tokens, titles_of
from dashboard.maps import DrawnLayer, LegendItem, Scale, Scene
from dashboard.view import LayerQuery, Question, Selection
from layers.kinds import PROJECTS
from layers.kinds.projects import MISSION_OWNED
from layers.settings import settings
from layers.times import Period, date_time_group, window
from store import LayerInfo

MAP_HEIGHT = 430
NEAREST_SHOWN = 8


def opening(page: Page) -> dict[str, str]:
    """The page opens on mission-owned activities, where any are loaded."""
    loaded = [cache.dataset(i).frame["activity_class"] for i in page.of_kind(PROJECTS.id)]
    return {"activity_class": "mission"} if any(classes.isin(MISSION_OWNED).any() for classes in loaded) else {}


def window_words(result: Result) -> str:
    """The window of incidents in words."""
    days = result.parameters["window_days"]
    return "all incidents until then" if days is None else f"last {days} days"


def horizon_words(result: Result) -> str:
    """The horizon of activities in words."""
    days = result.parameters["horizon_days"]
    return "all dates" if days is None else f"next {days} days"


def summary(result: Result) -> None:
    """One sentence: how many, how many flagged, and what was left out."""
    said = result.summary
    sentence = (
        f"{said['activities_ranked']} of {said['activities']} activities, {horizon_words(result)}: "
        f"{hazard_words(result)}, {said['few_reports']} where few incidents are reported."
    )
    st.html(f'<div class="o-sentence">{look.text(sentence)}</div>')
    left = [
        (said["without_dates"], "without dates"),
        (said["outside_horizon"], "outside the dates asked"),
        (said["other_class"], "of another class"),
        (said["other_status"], "of another status"),
        (said["by_area_only"], "known by admin area only (ranked last)"),
    ]
    incidents = [(n, word.replace("_", " ")) for word, n in said["incidents_left_out"].items()]
    st.html(
        f'<div class="o-muted">{look.text(_left_out("Activities left out", left))} '
        f"{look.text(_left_out('Incidents left out', incidents))} "
        f"{look.text(' '.join(result.limits))}</div>"
    )


def hazard_words(result: Result) -> str:
    """How many activities are flagged; nothing is claimed where no hazards were given."""
    said = result.summary
    if said["risks_standing"] is None:
        return "hazards not looked at (no layer of security risks)"
    return f"{said['flagged_red']} inside or at an explosive hazard, {said['flagged_amber']} near a hazard"


def _left_out(title: str, counts: list[tuple[int, str]]) -> str:
    stated = [f"{n:,} {word}" for n, word in counts if n]
    return f"{title}: {', '.join(stated)}." if stated else ""


def ranked_table(result: Result) -> pd.DataFrame:
    """The ranked table as people read it; blank where there is no figure."""
    rows = result.rows
    fields = PROJECTS.field_by_name
    first, wide = settings().risk_rings_km[0], settings().risk_rings_km[-1]
    radius = result.parameters["radius_km"]
    activity = [f"{record} {title}" for record, title in zip(rows["id"], titles_of(rows, PROJECTS), strict=True)]
    return pd.DataFrame(
        {
            "#": rows["rank"],
            "Activity": activity,
            "Flags": rows["flag_text"].fillna(""),
            f"Certain {radius:g} km": rows["count_certain"],
            f"Possible {radius:g} km": rows["count_possible"],
            "Nearest, km": (rows["nearest_incident_m"] / 1000).round(1),
            f"Within {wide:g} km": rows[f"within_{wide:g}km"],
            "Reports": ["few reports" if few else "" for few in rows["few_reports"]],
            "From": display_values(rows["start_date"], fields["start_date"]),
            "To": display_values(rows["end_date"], fields["end_date"]),
            f"Severity {first:g} km": rows[f"weighted_{first:g}km"].round(1),
            "Class": display_values(rows["activity_class"], fields["activity_class"]),
            "MGRS": rows["mgrs"].fillna("by area only"),
        }
    )


@st.fragment
@in_words
def table_map_card(page: Page, question: Question) -> None:
    """Table and map on the left, the card of the chosen activity on the right."""
    result = cache.answer(question)
    layer = result.inputs["activities"]["layer"]
    choices = tuple(Selection(layer, record) for record in result.rows["id"])
    drawn = _drawn(page, question, result)
    left, right = st.columns([0.7, 0.3], gap="small")
    with left:
        map_panel(
            _scene(page, drawn, question, result),
            page.infos,
            [q for _, q in drawn],
            key="risk.map",
            height=MAP_HEIGHT,
        )
        st.dataframe(
            ranked_table(result),
            hide_index=True,
            height=330,
            key="risk.table",
            selection_mode="single-row",
            on_select=lambda: selection.choose_from_table("risk.table", choices),
            alt="Activities ranked by risk",
            column_config={
                "#": st.column_config.NumberColumn(width=36),
                "Activity": st.column_config.TextColumn(width=210),
                "Flags": st.column_config.TextColumn(width=170),
            },
        )
    with right:
        if result.rows.empty:
            look.empty("No activity fits", "Widen the dates asked, the status, the class or the area.")
        chosen = selection.current()
        if chosen in choices:
            why_card(question, result, chosen.id)
        elif not record_card(chosen, page.infos) and len(result.rows):
            why_card(question, result, str(result.rows["id"].iloc[0]))


def _drawn(page: Page, question: Question, result: Result) -> list[tuple[LayerInfo, LayerQuery]]:
    """The layers that are on, and the inputs: of the incidents, those of the window asked for."""
    by_ref = {i.ref: i for i in page.infos}
    counted = window(question.as_of, result.parameters["window_days"])
    inputs = []
    for role, query in question.inputs.items():
        where = replace(query.where, period=counted if role == "incidents" else Period())
        inputs.append((by_ref[query.ref], cache.query(by_ref[query.ref], where)))
    asked = {query.ref for query in question.inputs.values()}
    return [*[pair for pair in page.shown() if pair[0].ref not in asked], *inputs]


def _scene(page: Page, drawn: list[tuple[LayerInfo, LayerQuery]], question: Question, result: Result) -> Scene:
    rings = DrawnLayer(result_url(question, "rings"), "rings", "ring", "risk_1", interactive=False)
    scale = Scale(f"within {result.parameters['radius_km']:g} km, {window_words(result)}", RISK_STEPS)
    item = LegendItem("ring", "risk_2", f"{result.parameters['radius_km']:g} km around an activity")
    return scene_of(page.infos, drawn, extra=(rings,), extra_legend=(item,), scale=scale)


def why_card(question: Question, result: Result, activity: str) -> None:
    """Why: flags, counts with their certainty, the nearest incidents; how sure; the activity itself."""
    row = result.rows[result.rows["id"] == activity].iloc[0]
    radius = result.parameters["radius_km"]
    token = risk_tokens(result)[activity]
    items = [
        (
            "risk_4" if flag["level"] == "red" else "risk_3",
            _sentence(flag["text"]),
            " · ".join(
                filter(
                    None,
                    [
                        flag["risk_id"],
                        flag["name"],
                        f"last surveyed {flag['last_surveyed']:%d %b %y}" if flag["last_surveyed"] else "",
                    ],
                )
            ),
        )
        for flag in row["hard_flags"]
    ]
    if pd.isna(row["count_within_radius"]):
        items.append(
            (
                token,
                f"{row['count_in_area']} violent incidents in its admin area"
                if not pd.isna(row["count_in_area"])
                else "No place and no area code: incidents near it cannot be counted",
                "known by admin area only",
            )
        )
    else:
        items.append(
            (
                token,
                f"{row['count_certain']} certain + {row['count_possible']} possible violent incidents within "
                f"{radius:g} km",
                window_words(result),
            )
        )
    if row["few_reports"]:
        items.append(
            ("risk_few", "Few reports", "Few incidents are reported around here in a year. Few reports is not safe.")
        )
    if not pd.isna(row["nearest_incident_m"]):
        items.append(
            ("incident", f"Nearest incident {row['nearest_incident_m'] / 1000:.1f} km away", row["nearest_incident_id"])
        )
    items.append(("line", f"{_dates(row)}", "indicative, not a security risk management decision"))
    look.card(f"{row['id']}  {row['name'] if isinstance(row['name'], str) else ''}", items)
    _nearest(question, result, activity)


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _dates(row: pd.Series) -> str:
    days = [f"{row[name]:%d %b %y}" if not pd.isna(row[name]) else "open" for name in ("start_date", "end_date")]
    return "Dates not stated" if days == ["open", "open"] else f"{days[0]} to {days[1]}"


def _nearest(question: Question, result: Result, activity: str) -> None:
    inputs = {role: cache.filtered(query) for role, query in question.inputs.items()}
    near = incidents_near(
        activity,
        inputs["activities"],
        inputs["incidents"],
        result.parameters["radius_km"],
        result.parameters["window_days"],
        question.as_of,
        settings(),
    )
    if near.empty:
        return
    kinds = display_values(near["incident_type"], inputs["incidents"].kind.field_by_name["incident_type"])
    rows = [
        (
            f"{'' if pd.isna(metres) else f'{metres / 1000:.1f} km · '}{'certain' if sure else 'possible'}",
            f"{kind or 'type not stated'} · {'date not stated' if pd.isna(when) else date_time_group(when.date())}",
        )
        for metres, sure, kind, when in zip(
            near["distance_m"], near["certain"], kinds, near["occurred_at"], strict=True
        )
    ]
    more = f"{len(rows) - NEAREST_SHOWN} more" if len(rows) > NEAREST_SHOWN else ""
    look.table_card("Incidents counted", rows[:NEAREST_SHOWN], more)
