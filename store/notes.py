"""Notes in the catalogue: added, withdrawn, held against the audit; never changed, never lost."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, RowMapping, delete, func, insert, select

from layers.errors import StoreError
from layers.marking import Marking
from layers.note import Note, Withdrawal
from store.audit import Audit, AuditRow, unlike
from store.catalogue import Catalogue, info_of, row_of
from store.records import Damage
from store.tables import NOTES, WITHDRAWN_NOTES

LONGEST, LONGEST_REASON = 2_000, 500  # characters
MOST_PLACES = 2_000
DECIMALS = 6
WORLDS = {True: "exercise", False: "real"}


@dataclass(frozen=True)
class Notes:
    """The notes of a catalogue, each with its audit rows: `Access.notes`.

    Attributes
    ----------
    ids : callable
        Gives the ids of the records in an object of the store.
    """

    catalogue: Catalogue
    audit: Audit
    ids: Callable[[str], Iterable[str]]

    def keep(
        self,
        text: str,
        place: BaseGeometry,
        *,
        exercise: bool,
        marking: Marking = Marking.UNCLASSIFIED,
        about: tuple[str, str] | None = None,
        by: str = "",
    ) -> Note:
        """Keep a note, with its audit row.

        Parameters
        ----------
        place : BaseGeometry
            EPSG:4326; kept to about 0.1 m.
        about : (layer, record), optional
            The record that it is about. The note is marked no lower than that layer.
        by : str
            Default the principal.

        Raises
        ------
        UnknownLayer
            When there is no layer of that name.
        StoreError
            When the note is refused: no text, no place, or about what is not there or of the other world.
        """
        layer, record = about or ("", "")
        at, name = self.audit.clock(), by or self.audit.principal.name
        note = Note(0, exercise, text.strip(), place, marking, name, at, layer, record)
        check_note(note)
        note = replace(note, place=rounded(place))
        with self.catalogue.writing() as connection:
            if layer:
                note = replace(note, marking=self._marking_about(connection, note))
            note = replace(note, number=(connection.scalar(select(func.max(NOTES.c.number))) or 0) + 1)
            connection.execute(insert(NOTES).values(**said_of(note)))
            self._tell(connection, "note", note, by=name, statements=said_of(note))
        return note

    def withdraw(self, number: int, *, reason: str, by: str = "") -> Note:
        """Say that a note holds no longer; it is kept with who, when and why.

        Raises
        ------
        StoreError
            Without a reason; when there is no such note, or it is withdrawn already.
        """
        why = Withdrawal(reason.strip(), by or self.audit.principal.name, self.audit.clock())
        where = f"note {number}"
        if not 1 <= len(why.reason) <= LONGEST_REASON:
            raise StoreError(where, _length(why.reason), f"a reason of 1 to {LONGEST_REASON} characters", "Say why.")
        with self.catalogue.writing() as connection:
            note = note_of(connection, number)
            if note.withdrawn is not None:
                raise StoreError(where, f"one that {note.withdrawn.by} withdrew", "a note that holds",
                                 "Nothing is left to do.")  # fmt: skip
            said = withdrawal_said(number, why)
            connection.execute(insert(WITHDRAWN_NOTES).values(**said))
            self._tell(connection, "withdraw_note", note, by=why.by, statements=said)
        return replace(note, withdrawn=why)

    def all(self, *, exercise: bool) -> list[Note]:
        """Every note of one world, oldest first, the withdrawn too. Each real one above UNCLASSIFIED is audited."""
        with self.catalogue.reading() as connection:
            found = notes_of(connection, exercise=exercise)
        noted = [note for note in found if note.marking > Marking.UNCLASSIFIED and not note.exercise]
        if noted:
            with self.catalogue.writing() as connection:
                for note in noted:
                    self._tell(connection, "read_note", note, statements={"number": note.number})
        return found

    def edition(self, *, exercise: bool) -> str:
        """One short text that changes whenever the notes of a world do; empty while there are none."""
        world = NOTES.c.exercise == exercise
        with self.catalogue.reading() as connection:
            last = connection.execute(select(NOTES.c.number, NOTES.c.at).where(world).order_by(NOTES.c.number.desc()))
            newest = last.first()
            gone = connection.scalar(select(func.count()).select_from(WITHDRAWN_NOTES.join(NOTES)).where(world))
        return f"{newest.number}.{gone}.{newest.at}" if newest else ""

    def remove_exercise(self, connection: Connection, *, by: str) -> None:
        """Take away those of the exercise, inside the transaction that removes its layers."""
        for note in notes_of(connection, exercise=True):
            connection.execute(delete(WITHDRAWN_NOTES).where(WITHDRAWN_NOTES.c.number == note.number))
            connection.execute(delete(NOTES).where(NOTES.c.number == note.number))
            self._tell(connection, "remove_note", note, by=by, statements={"number": note.number})

    def _marking_about(self, connection: Connection, note: Note) -> Marking:
        row = row_of(connection, note.layer)
        info = info_of(row)
        where = f'note about "{note.record}" in layer "{note.layer}"'
        if info.exercise != note.exercise:
            raise StoreError(where, f"a layer of {WORLDS[info.exercise]} data", f"one of {WORLDS[note.exercise]} data",
                             "Exercise and real never mix: choose a record of this world.")  # fmt: skip
        if note.record not in set(self.ids(row["object"])):
            raise StoreError(where, "no such record in the current version", "the id of a record", "Correct the id.")
        return max(note.marking, info.marking)

    def _tell(
        self, connection: Connection, action: str, note: Note, *, by: str = "", statements: dict[str, Any]
    ) -> None:
        told = "; ".join([f"note {note.number}", note.marking.label, WORLDS[note.exercise]])
        self.audit.add(connection, action, by=by, layer=note.layer, note=told, statements=statements)


def check_note(note: Note) -> None:
    """Refuse a note that says nothing or lies nowhere.

    Raises
    ------
    StoreError
    """
    if not 1 <= len(note.text) <= LONGEST:
        raise StoreError("note", _length(note.text), f"1 to {LONGEST:,} characters", "Write what is to be known.")
    west, south, east, north = note.place.bounds if not note.place.is_empty else (181.0,) * 4
    within = -180 <= west <= east <= 180 and -90 <= south <= north <= 90  # false for what is not finite
    if not within or shapely.get_num_coordinates(note.place) > MOST_PLACES:
        raise StoreError(
            "note", "a place that is not on the map", "longitude and latitude in degrees", "Draw it again."
        )


def _length(text: str) -> str:
    return f"{len(text):,} characters" if text else "nothing"


def rounded(place: BaseGeometry) -> BaseGeometry:
    """Coordinates to about 0.1 m, so that what is read is what was kept."""
    return shapely.set_precision(shapely.force_2d(place), 10**-DECIMALS, mode="pointwise")


def said_of(note: Note) -> dict[str, Any]:
    """What is kept of a note, as JSON values; its withdrawal apart."""
    return {
        "number": note.number,
        "exercise": note.exercise,
        "text": note.text,
        "place": shapely.to_wkt(note.place, rounding_precision=DECIMALS),
        "marking": note.marking.name,
        "by": note.by,
        "at": note.at.isoformat(),
        "layer": note.layer,
        "record": note.record,
    }


def withdrawal_said(number: int, why: Withdrawal) -> dict[str, Any]:
    """The same of a withdrawal."""
    return {"number": number, "reason": why.reason, "by": why.by, "at": why.at.isoformat()}


def notes_of(connection: Connection, *, exercise: bool | None = None) -> list[Note]:
    """All notes (of one world), oldest first."""
    query = select(NOTES).order_by(NOTES.c.number)
    rows = connection.execute(query if exercise is None else query.where(NOTES.c.exercise == exercise)).mappings()
    gone = {row["number"]: row for row in connection.execute(select(WITHDRAWN_NOTES)).mappings()}
    return [_note_of(row, gone.get(row["number"])) for row in rows]


def note_of(connection: Connection, number: int) -> Note:
    """One of them.

    Raises
    ------
    StoreError
        When there is none of that number.
    """
    found = next((note for note in notes_of(connection) if note.number == number), None)
    if found is None:
        raise StoreError(f"note {number}", "no such note", "the number of a note", "Reload the page.")
    return found


def _note_of(row: RowMapping, gone: RowMapping | None) -> Note:
    try:
        why = Withdrawal(gone["reason"], gone["by"], datetime.fromisoformat(gone["at"])) if gone else None
        told = {
            "place": shapely.from_wkt(row["place"]),
            "marking": Marking[row["marking"]],
            "at": datetime.fromisoformat(row["at"]),
        }
        return Note(**{**row, **told}, withdrawn=why)
    except (KeyError, ValueError, shapely.errors.GEOSException) as error:
        raise StoreError(
            f"note {row['number']}", f"a statement that cannot be read ({error})", "what was written",
            "The catalogue was changed by hand: restore it from a backup.",
        ) from error  # fmt: skip


def unlike_noted(rows: Iterable[AuditRow], notes: Sequence[Note]) -> list[Damage]:
    """Notes that the catalogue tells of in another way than the audit does."""
    told: dict[tuple[str, int], dict[str, Any]] = {}
    for row in rows:
        if row.action in ("note", "withdraw_note"):
            said = json.loads(row.statements)
            told[row.action, said["number"]] = said
        elif row.action == "remove_note":
            for action in ("note", "withdraw_note"):
                told.pop((action, json.loads(row.statements)["number"]), None)
    kept = {("note", note.number): said_of(note) for note in notes}
    kept |= {("withdraw_note", n.number): withdrawal_said(n.number, n.withdrawn) for n in notes if n.withdrawn}
    details = []
    for key in sorted(told.keys() | kept.keys(), key=lambda key: key[::-1]):
        if key not in told:
            said = "the audit knows of no such note or withdrawal"
        else:
            said = unlike(told[key], kept[key]) if key in kept else "the catalogue has lost it or its withdrawal"
        details.append((key[1], said))
    return [Damage("", 0, "statements", f"note {number}: {said}") for number, said in details if said]
