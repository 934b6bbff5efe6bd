"""Dates as people write them: ISO, day or month first, words, Excel serials.

Whether 03/04/2020 is in March or April is decided once for a column, by the rows that
leave no doubt, and said. What is no date stays out; nothing is invented: a month
without a year is no date.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from loaders.values import distinct

MONTHS = {
    word: number
    for number, words in enumerate(
        (
            "jan january janvier janv",
            "feb february fevrier fevr fev",
            "mar march mars",
            "apr april avril avr",
            "may mai",
            "jun june juin",
            "jul july juillet juil",
            "aug august aout",
            "sep sept september septembre",
            "oct october octobre",
            "nov november novembre",
            "dec december decembre",
        ),
        1,
    )
    for word in words.split()
}
LONGEST_MONTH = max(map(len, MONTHS)) + 2  # an accent may be a letter of its own
ISO = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?)?$")
MIDNIGHT = re.compile(r"[T ]00:00(?::00(?:\.0+)?)?$")
ZONE = re.compile(r"(?:Z|[+-]\d{2}:?\d{2})$")
NUMERIC = re.compile(
    r"(\d{1,4})[/.\-](\d{1,2})[/.\-](\d{2,4})(?:[T ,]+(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([AaPp][Mm])?)?$"
)
YEAR_MONTH = re.compile(r"(\d{4})[/.\-](\d{1,2})$")
DAY_WORD = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er)?[\s\-/.]+([^\W\d]+)\.?[\s\-/.,]+(\d{4}|\d{2})$")
WORD_DAY = re.compile(r"([^\W\d]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})$")
WORD_YEAR = re.compile(r"([^\W\d]+)\.?[\s\-/]+(\d{4}|\d{2})$")
DTG = re.compile(r"(\d{2})(\d{2})(\d{2})Z\s*([A-Za-z]{3})\s*(\d{4}|\d{2})$")
COMPACT = re.compile(r"((?:19|20)\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?:\.0)?$")  # 20250403
DAY_MONTH = re.compile(r"(\d{1,2})[/\-](\d{1,2})$")
DAY_MONTH_WORD = re.compile(r"\d{1,2}(?:st|nd|rd|th|er)?[\s\-/.]*([^\W\d]+)\.?$")
MONTH_WORD_DAY = re.compile(r"([^\W\d]+)\.?\s+\d{1,2}(?:st|nd|rd|th)?$")
MIXED = "date_order_mixed"  # code of the note that must not be overlooked
YEAR = re.compile(r"(19|20)\d{2}$")
SERIAL = re.compile(r"\d{5}(\.\d+)?$")
EXCEL_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - serials count calendar days
SERIAL_RANGE = (20_000, 80_000)  # 1954 to 2119


@dataclass(frozen=True)
class Dates:
    """A column read as dates.

    Attributes
    ----------
    values : Series of datetime64[us]
        UTC, without zone; null where blank or no date.
    precision : array of str
        moment, day, month or year; empty where there is no value.
    bad : array of bool
        Not blank and no date.
    notes : tuple of (code, message)
        What was decided for the whole column.
    """

    values: pd.Series
    precision: npt.NDArray[np.object_]
    bad: npt.NDArray[np.bool_]
    notes: tuple[tuple[str, str], ...]


def read_dates(texts: pd.Series) -> Dates:
    """Read a column of text; see `Dates`. Each different text is read once."""
    codes, words = distinct(texts)
    each = _read_each(pd.Series(words, dtype="str"))
    # Position -1, of the blanks, is the last: nothing.
    values = np.append(each.values.to_numpy("datetime64[us]"), np.datetime64("NaT"))
    return Dates(
        pd.Series(values[codes], index=texts.index),
        np.append(each.precision, "")[codes],
        np.append(each.bad, False)[codes],
        each.notes,
    )


def moments(values: pd.Series) -> Dates:
    """Instants that a source has read already, in UTC without zone."""
    blank = values.isna().to_numpy(bool)
    return Dates(values, np.where(blank, "", "moment").astype(object), np.zeros(len(values), bool), ())


def _read_each(texts: pd.Series) -> Dates:
    filled = texts.notna().to_numpy(bool)
    values = pd.Series(pd.NaT, index=texts.index, dtype="datetime64[us]")
    precision = np.full(len(texts), "", dtype=object)
    iso = filled & texts.str.match(ISO).fillna(False).to_numpy(bool)
    if iso.any():
        written = texts[iso].str.replace(" ", "T", n=1, regex=False).str.replace(" ", "", regex=False)
        parsed = pd.to_datetime(written, format="ISO8601", errors="coerce", utc=True)
        values[iso] = parsed.dt.tz_localize(None).astype("datetime64[us]")
        bare = (written.str.len() == 10).to_numpy(bool) | written.str.contains(MIDNIGHT).to_numpy(bool)
        precision[iso] = np.where(values[iso].isna(), "", np.where(bare, "day", "moment"))
    rest = filled & ~iso
    notes: list[tuple[str, str]] = []
    if iso.any() and bool(((precision[iso] == "moment") & ~written.str.contains(ZONE).to_numpy(bool)).any()):
        notes.append(("zone_assumed", "times without a zone were taken as UTC"))
    if rest.any():
        codes, uniques = pd.factorize(texts[rest])
        day_first, note = _order([str(u).strip() for u in uniques])
        notes += note
        read = [_one(str(u).strip(), day_first) for u in uniques]
        if any(SERIAL.match(str(u).strip()) for u in uniques):
            notes.append(("excel_serial", "numbers were read as Excel's days since 1899-12-30"))
        moments = np.array([m if m else np.datetime64("NaT") for m, _ in read], dtype="datetime64[us]")
        values[rest] = moments[codes]
        precision[rest] = np.array([p for _, p in read], dtype=object)[codes]
    return Dates(values, precision, filled & values.isna().to_numpy(bool), tuple(notes))


def _order(texts: list[str]) -> tuple[bool, list[tuple[str, str]]]:
    """Whether the day stands first in numeric dates, and what is to be said of it."""
    pairs = [(int(m[1]), int(m[2])) for t in texts if (m := NUMERIC.match(t)) and len(m[1]) < 3]
    if not pairs:
        return True, []
    day_first = sum(12 < a <= 31 for a, _ in pairs)
    month_first = sum(12 < b <= 31 for _, b in pairs)
    if day_first == month_first == 0:
        if all(a == b for a, b in pairs):
            return True, []
        return True, [("date_order_assumed", "every date could be day/month or month/day; day first was assumed")]
    order = "day/month/year" if day_first >= month_first else "month/day/year"
    if day_first and month_first:
        both = f"{day_first} different dates can only be day/month/year and {month_first} only month/day/year"
        return day_first >= month_first, [(MIXED, f"{both}; all were read as {order}, and the others are no dates so")]
    return day_first >= month_first, [("date_order", f"dates were read as {order}, by the rows that leave no doubt")]


def _one(text: str, day_first: bool) -> tuple[datetime | None, str]:
    """One date and its precision; None when it is no date."""
    try:
        return _read(text, day_first)
    except (ValueError, OverflowError):
        return None, ""


def _read(text: str, day_first: bool) -> tuple[datetime | None, str]:
    if m := NUMERIC.match(text):
        return _numeric(m, day_first)
    if m := DTG.match(text):
        return _day(_year(m[5]), _month(m[4]), int(m[1])).replace(hour=int(m[2]), minute=int(m[3])), "moment"
    if m := DAY_WORD.match(text):
        return _day(_year(m[3]), _month(m[2]), int(m[1])), "day"
    if m := WORD_DAY.match(text):
        return _day(int(m[3]), _month(m[1]), int(m[2])), "day"
    if m := WORD_YEAR.match(text):
        return _day(_year(m[2]), _month(m[1]), 1), "month"
    if m := YEAR_MONTH.match(text):
        return _day(int(m[1]), int(m[2]), 1), "month"
    if m := COMPACT.match(text):
        return _day(int(m[1]), int(m[2]), int(m[3])), "day"
    if YEAR.match(text):
        return _day(int(text), 1, 1), "year"
    if SERIAL.match(text) and SERIAL_RANGE[0] <= float(text) <= SERIAL_RANGE[1]:
        moment = EXCEL_DAY_ZERO + timedelta(days=float(text))
        return moment, "day" if float(text).is_integer() else "moment"
    return None, ""


def _numeric(m: re.Match[str], day_first: bool) -> tuple[datetime, str]:
    if len(m[1]) == 4:
        moment = _day(int(m[1]), int(m[2]), int(m[3]))
    elif len(m[1]) == 3:
        raise ValueError(m[0])
    else:
        day, month = (int(m[1]), int(m[2])) if day_first else (int(m[2]), int(m[1]))
        moment = _day(_year(m[3]), month, day)
    if m[4] is None:
        return moment, "day"
    hour = int(m[4]) % 12 + (12 if m[7].lower() == "pm" else 0) if m[7] else int(m[4])
    return moment.replace(hour=hour, minute=int(m[5]), second=int(m[6] or 0)), "moment"


def _day(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day)  # noqa: DTZ001 - a calendar day; the column is UTC


def _year(text: str) -> int:
    """Two digits as POSIX reads them: 00 to 68 are after 2000."""
    year = int(text)
    return year if len(text) != 2 else year + (2000 if year <= 68 else 1900)


def _month(word: str) -> int:
    folded = "".join(c for c in _fold(word) if c.isalpha())
    if folded not in MONTHS:
        raise ValueError(word)
    return MONTHS[folded]


def _fold(word: str) -> str:
    if word.isascii():
        return word.casefold()
    return "".join(c for c in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(c))


def is_month_word(text: str) -> bool:
    """A month without a year."""
    word = text.strip().rstrip(".")
    return len(word) <= LONGEST_MONTH and _fold(word) in MONTHS


def lacks_year(text: str) -> bool:
    """Whether a text is a date but for its year: 03-Apr, April 3, August, 03/04."""
    plain = text.strip()
    if m := DAY_MONTH.match(plain):
        low, high = sorted((int(m[1]), int(m[2])))
        return 1 <= low <= 12 and high <= 31
    if m := DAY_MONTH_WORD.match(plain) or MONTH_WORD_DAY.match(plain):
        return is_month_word(m[1])
    return is_month_word(plain)
