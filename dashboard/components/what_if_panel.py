"""What if the activity lay elsewhere, or were at other days: before and after, nothing stored unless kept by name."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd
import streamlit as st

from analysis.edits import Edit, Move, Redate, edits_text, read_edits
from analysis.method import Result
from dashboard import cache
from dashboard.components import look
from dashboard.components.risk_table import chance_of, likelihood_of, spread
from dashboard.components.why_card import dates
from dashboard.maps import Pin
from dashboard.view import Drag, Question
from layers.errors import OverlayError
from layers.settings import settings

PARAMETER, ON = "whatif", "risk.whatif"
ROLE = "activities"
PIN = "Drag the pin to try another place"


def assumed() -> tuple[Edit, ...]:
    """The edits that the address bar holds; none where it holds junk."""
    text = st.query_params.get(PARAMETER)
    try:
        return read_edits(text) if text else ()
    except OverlayError:
        return ()


def question_with(question: Question) -> Question | None:
    """The question with the assumptions; None while nothing is assumed."""
    edits = assumed() if st.session_state.get(ON) else ()
    return replace(question, edits=edits_text(edits)) if edits else None


def dragged(drag: Drag) -> None:
    """Callback of the map: the activity is assumed where its pin was put."""
    _assume(Move(ROLE, drag.id, round(drag.lon, 6), round(drag.lat, 6)))


def _assume(edit: Edit) -> None:
    """Lay an edit over those of the same sort and record."""
    same = [e for e in assumed() if not (type(e) is type(edit) and getattr(e, "id", "") == getattr(edit, "id", None))]
    st.query_params[PARAMETER] = edits_text([*same, edit])


def _forget() -> None:
    st.query_params.pop(PARAMETER, None)


def pin_of(result: Result, activity: str) -> Pin | None:
    """The pin of the chosen activity, where it is assumed to be; none of lines, areas and those without a place."""
    row = result.rows[result.rows["id"] == activity]
    if not st.session_state.get(ON) or row.empty:
        return None
    place = row.geometry.iloc[0]
    if place is None or place.geom_type != "Point":
        return None
    moved = next((e for e in assumed() if isinstance(e, Move) and e.id == activity), None)
    lon, lat = (moved.lon, moved.lat) if moved else (place.x, place.y)
    return Pin(result.inputs[ROLE]["layer"], activity, lon, lat, PIN, moved is not None)


def what_if(question: Question, result: Result, activity: str) -> None:
    """Switch, dates, and the two answers side by side."""
    if not st.toggle("Try another place or other days", key=ON):
        st.html('<div class="o-muted">Drag its pin on the map, or give other days; nothing is stored.</div>')
        return
    row = result.rows[result.rows["id"] == activity].iloc[0]
    _days(row, activity)
    asked = question_with(question)
    if asked is None:
        st.html(f'<div class="o-muted">{PIN}, or change its days above.</div>')
        return
    try:
        after = cache.answer(asked)
    except OverlayError as problem:
        look.error(problem)
        st.button("Forget the assumptions", on_click=_forget)
        return
    _side_by_side(row, after, activity)
    st.button("Forget the assumptions", on_click=_forget, type="tertiary", icon=":material/undo:")
    _keep(asked, after)


def _days(row: pd.Series, activity: str) -> None:
    opened = [None if pd.isna(row[name]) else row[name].date() for name in ("start_date", "end_date")]
    given = next((e for e in assumed() if isinstance(e, Redate) and e.id == activity), None)
    start, end = st.columns(2)
    first = start.date_input("From", (given.start if given else None) or opened[0], key=f"if.{activity}.from")
    last = end.date_input("To", (given.end if given else None) or opened[1], key=f"if.{activity}.to")
    days = [d if isinstance(d, date) else None for d in (first, last)]
    if days != opened and (given is None or days != [given.start, given.end]):
        _assume(Redate(ROLE, activity, days[0], days[1]))


def _side_by_side(row: pd.Series, after: Result, activity: str) -> None:
    found = after.rows[after.rows["id"] == activity]
    told = told_of(row)
    now = told_of(found.iloc[0]) if len(found) else dict.fromkeys(told, "out of the dates asked")
    lines = "".join(
        f'<tr class="{"changed" if now[name] != said else ""}"><th>{look.text(name)}</th><td>{look.text(said)}</td>'
        f"<td>{look.text(now[name])}</td></tr>"
        for name, said in told.items()
    )
    assumptions = " ".join(limit for limit in after.limits if limit.startswith("Assumption"))
    st.html(
        '<div class="o-card"><h3>As stored, and as assumed</h3><table class="o-versus"><tr><th></th><th>stored</th>'
        f"<th>assumed</th></tr>{lines}</table>"
        f'<div class="muted">{look.text(assumptions)} Nothing is stored.</div></div>'
    )


def told_of(row: pd.Series) -> dict[str, str]:
    """What is compared, in words."""
    wide = settings().risk_rings_km[-1]
    place = not pd.isna(row["count_within_radius"])
    return {
        "rank": str(row["rank"]),
        "days": dates(row),
        "place": row["mgrs"] if isinstance(row["mgrs"], str) else "by area only",
        "flags": row["flag_text"] if isinstance(row["flag_text"], str) else "none",
        "expected": spread(row["expected"], row["expected_low"], row["expected_high"]) or "not known",
        "chance": chance_of(row) or "not stated",
        "likelihood": likelihood_of(row),
        "certain + possible": f"{row['count_certain']} + {row['count_possible']}" if place else "by area only",
        f"tempo {wide:g} km": "not known" if pd.isna(row[f"tempo_{wide:g}km"]) else f"{row[f'tempo_{wide:g}km']:.1f}",
    }


def _keep(asked: Question, result: Result) -> None:
    """Keep the edits, not the rows, under a name."""
    with st.popover("Keep as a variant", icon=":material/bookmark_add:"), st.form("keep", border=False):
        name, note = st.text_input("Name"), st.text_input("Why")
        if not st.form_submit_button("Keep"):
            return
        try:
            access = cache.access()
            by, world, marking = access.principal.name, result.exercise, result.marking
            access.keep_variant(name.strip(), asked.edits, exercise=world, marking=marking, by=by, note=note.strip())
        except OverlayError as problem:
            look.error(problem)
        else:
            st.toast(f"Kept as {look.markdown(name.strip())}; no layer was changed.")
