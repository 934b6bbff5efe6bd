"""A sheet of a workbook, whichever program wrote it: sparse rows, and what was seen on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

MAX_ROWS = 1_048_576
MOST_NAMED = 200  # error cells that are named one by one
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Cell(NamedTuple):
    """A filled cell: its column from 0, its text, whether the program holds it as a number."""

    column: int
    text: str
    number: bool


class Merge(NamedTuple):
    """Merged cells: rows from 1, columns from 0, both ends included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass
class Sheet:
    """One sheet.

    Attributes
    ----------
    rows : iterator
        ``(row number, filled cells)``, ascending; blank rows may be left out.
    merges : dict
        (row, column) of the first cell -> the merged range. An ODS adds to it while it is read.
    errors : list
        (row, column, error) of cells that hold one.
    valueless : list
        (row, column) of formulas without a value.
    gaps : list
        (first, last) of long runs of blank rows, which are no part of the table.
    """

    name: str
    rows: Iterator[tuple[int, list[Cell]]]
    hidden: bool = False
    merges: dict[tuple[int, int], Merge] = field(default_factory=dict)
    errors: list[tuple[int, int, str]] = field(default_factory=list)
    valueless: list[tuple[int, int]] = field(default_factory=list)
    gaps: list[tuple[int, int]] = field(default_factory=list)
    hidden_rows: int = 0


def letters(column: int) -> str:
    """A column as people name it.

    >>> letters(27)
    'AB'
    """
    name, rest = "", column + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        name = LETTERS[digit] + name
    return name


def column_of(name: str) -> int:
    """The other way round.

    >>> column_of("AB")
    27
    """
    value = 0
    for letter in name:
        value = value * 26 + LETTERS.index(letter) + 1
    return value - 1


def number_text(text: str) -> str:
    """A number as people write it: a whole one without a point, no digits of binary rounding.

    >>> number_text("4.3499999999999996"), number_text("45000.0"), number_text("1E+3")
    ('4.35', '45000', '1000')
    """
    if len(text) <= 15 and text.isdigit():
        return text
    value = float(text)
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def value_text(value: Any) -> str:
    """A value that a library typed, as text: days and times in ISO 8601."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number_text(repr(value))
    if isinstance(value, datetime):
        return day_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat(timespec="seconds")
    if isinstance(value, timedelta):
        seconds = round(value.total_seconds())
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return str(value)


def day_text(value: datetime) -> str:
    """A day, with its time where it has one.

    >>> day_text(datetime(2024, 1, 2)), day_text(datetime(2024, 1, 2, 3, 4))
    ('2024-01-02', '2024-01-02T03:04:00')
    """
    midnight = value.hour == value.minute == value.second == 0
    return value.date().isoformat() if midnight else value.isoformat(timespec="seconds")
