"""Notes on the map: the form of a new one, the card of one that is chosen."""

from __future__ import annotations

import streamlit as st
from shapely.geometry.base import BaseGeometry

from dashboard import cache
from dashboard.components import look, page, selection
from dashboard.components.place_words import place_words
from dashboard.features import titles_of
from dashboard.view import NOTES, Selection
from layers.errors import OverlayError
from layers.marking import Marking
from layers.note import Note
from layers.settings import settings
from layers.times import date_time_group
from store import LayerInfo

PLACED = "_note_placed"
"""Where in the session the place of a note waits that is being written."""


def _forget() -> None:
    st.session_state.pop(PLACED, None)


@st.dialog("Note on the map", on_dismiss=_forget)
def note_form(place: BaseGeometry) -> None:
    """Text, marking, and whether it is about the chosen record; kept with its author and the time."""
    exercise = page.current().exercise
    world = "EXERCISE data" if exercise else "real data"
    st.html(f'<div class="o-muted">{look.text(" · ".join([*(v for _, v in place_words(place)), world]))}</div>')
    about = _about()
    with st.form("note", border=False):
        text = st.text_area("Note", max_chars=2000, key="note.text", placeholder="What is to be known here?")
        marking = st.selectbox("Marking", list(Marking), format_func=lambda m: m.label, key="note.marking")
        of_record = about is not None and st.checkbox(f"About {about[1]}", key="note.about")
        sent = st.form_submit_button("Keep the note", type="primary")
    if not sent:
        return
    access = cache.access()
    try:
        access.notes.keep(
            text, place, exercise=exercise, marking=marking or Marking.UNCLASSIFIED, by=access.principal.name,
            about=about[0] if about and of_record else None,
        )  # fmt: skip
    except OverlayError as problem:
        look.error(problem)
    else:
        _forget()
        st.rerun()


def _about() -> tuple[tuple[str, str], str] | None:
    """The chosen record, and what people call it."""
    chosen = selection.current()
    info = next((i for i in page.current().infos if chosen and i.layer == chosen.layer), None)
    if chosen is None or info is None:
        return None
    data = cache.dataset(info)
    row = data.frame[data.frame["id"] == chosen.id]
    return ((chosen.layer, chosen.id), look.markdown(titles_of(row, data.kind)[0])) if len(row) else None


def note_card(chosen: Selection | None, infos: list[LayerInfo]) -> bool:
    """Draw the card of a chosen note; False when what is chosen is none."""
    if chosen is None or chosen.layer != NOTES:
        return False
    exercise = any(i.exercise for i in infos)
    note = next((n for n in cache.notes(exercise=exercise) if str(n.number) == chosen.id), None)
    if note is None:
        look.empty("No such note", "It belongs to other data, or was taken away with its exercise.")
        return True
    about = [("About", f"{note.record} in {note.layer}")] if note.record else []
    lines = [("Note", note.text), *about, *place_words(note.place), ("Marking", note.marking.label)]
    lines += [(f"Withdrawn by {note.withdrawn.by}", note.withdrawn.reason)] if note.withdrawn else []
    look.table_card(f"Note {note.number}", lines, signed(note))
    if note.withdrawn is None:
        _withdraw(note)
    return True


def signed(note: Note) -> str:
    """Who wrote it and when, and when it was withdrawn."""
    zone = settings().theatre_timezone
    ended = f" · withdrawn {date_time_group(note.withdrawn.at, zone)}" if note.withdrawn else ""
    return f"{note.by} · {date_time_group(note.at, zone)}{ended}"


def _withdraw(note: Note) -> None:
    with st.popover("Withdraw", icon=":material/undo:"), st.form(f"note.{note.number}", border=False):
        reason = st.text_input("Reason", placeholder="Why does it hold no longer? It is kept.")
        if not st.form_submit_button("Withdraw the note"):
            return
        try:
            cache.access().notes.withdraw(note.number, reason=reason)
        except OverlayError as problem:
            look.error(problem)
        else:
            selection.choose(None)
            st.rerun()
