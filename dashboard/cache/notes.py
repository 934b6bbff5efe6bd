"""Notes of one world, and how the map draws them; an edition of them changes with each that is added or withdrawn."""

from __future__ import annotations

import numpy as np

from dashboard import features
from dashboard.cache.door import access
from dashboard.cache.keeping import kept
from dashboard.safe_text import safe_text
from dashboard.view import NOTES
from layers.errors import UnknownLayer
from layers.note import Note
from layers.settings import settings
from layers.times import date_time_group

SYMBOL = ({"s": "note", "r": 8},)
LONGEST_TIP = 240


def notes_edition(*, exercise: bool) -> str:
    """Which notes there are, as one short text; empty while there are none."""
    return access().notes.edition(exercise=exercise)


def notes(*, exercise: bool) -> tuple[Note, ...]:
    """Every note of one world, oldest first, the withdrawn too."""
    edition = notes_edition(exercise=exercise)
    return _notes(edition, exercise=exercise) if edition else ()


@kept("small")
def _notes(edition: str, *, exercise: bool) -> tuple[Note, ...]:
    return tuple(access().notes.all(exercise=exercise))


def drawn_notes(edition: str, *, exercise: bool) -> bytes:
    """Those that hold: a symbol at each, and the outline of what is no point.

    Raises
    ------
    UnknownLayer
        When they are others now than the page was made from.
    """
    if edition != notes_edition(exercise=exercise):
        raise UnknownLayer("notes", "other notes than the page was made from", "those in the store", "Reload the page.")
    return _drawn_notes(edition, exercise=exercise)


@kept("drawn")
def _drawn_notes(edition: str, *, exercise: bool) -> bytes:
    holding = [note for note in _notes(edition, exercise=exercise) if note.withdrawn is None]
    outlines = [note.place for note in holding if note.place.geom_type != "Point"]
    symbols = [note.place.representative_point() for note in holding]
    said: list[dict[str, object]] = [
        {"layer": NOTES, "id": str(note.number), "t": _tip(note), "m": 0} for note in holding
    ]
    shapes = np.array([*outlines, *symbols], dtype=object)
    return features.collection(shapes, [*({} for _ in outlines), *said], SYMBOL)


def _tip(note: Note) -> str:
    when = date_time_group(note.at, settings().theatre_timezone)
    return f"{safe_text(note.text, LONGEST_TIP)}<br><b>{safe_text(note.by)}</b> · {safe_text(when)}"
