"""Cells of text to numbers, flags and codes, a whole column at a time."""

from __future__ import annotations

import re
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandas.arrays import ArrowStringArray, FloatingArray

from layers.kind import Field, normalise

Mask = npt.NDArray[np.bool_]
YES = frozenset({"true", "yes", "y", "1", "oui", "vrai", "o"})
NO = frozenset({"false", "no", "n", "0", "non", "faux"})
# What people write when they have no figure; blank, and never zero.
BLANKS = frozenset({"", "-", "--", "n/a", "na", "nan", "null", "none", "not available", "n.d.", "nd", "#n/a", "..."})
NOTHING_SAID = pa.array(sorted(BLANKS), pa.large_string())
TEXT = pd.StringDtype(na_value=np.nan)
SPACES = re.compile(r"[\s\u00a0\u202f'’]+")
DECIMAL_COMMA = re.compile(r"[+-]?\d+,(\d{1,2}|\d{4,})$|[+-]?\d{1,3}(\.\d{3})+,\d+$")
THOUSANDS_COMMA = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?$")
SURE_THOUSANDS_COMMA = re.compile(r"[+-]?\d{1,3}((,\d{3}){2,}(\.\d+)?|(,\d{3})+\.\d+)$")
SURE_DECIMAL_COMMA = re.compile(r"[+-]?(0\d*,\d+|\d{1,3}(\.\d{3})+,\d+)$")
# A dot that can part thousands; one that surely does; one that surely is decimal.
THOUSANDS_DOT = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+$")
SURE_THOUSANDS_DOT = re.compile(r"[+-]?\d{1,3}((\.\d{3}){2,}|(\.\d{3})+,\d+)$")
SURE_DECIMAL_DOT = re.compile(r"[+-]?(\d+\.(\d{1,2}|\d{4,})|\d{4,}\.\d+|0\d*\.\d+|[\d,]*,\d{3}\.\d+)$")
CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹٫", "01234567890123456789.")


@dataclass(frozen=True)
class Cells:
    """A column read as one type.

    Attributes
    ----------
    values : Series
    bad : array of bool
        Not blank, and not of the type.
    notes : tuple of (code, message)
        What was decided for the whole column.
    """

    values: pd.Series
    bad: Mask
    notes: tuple[tuple[str, str], ...] = ()


def clean_text(cells: pa.Array, name: str = "") -> tuple[pd.Series, Mask]:
    """A column of text, trimmed, with blanks as null, and which cells held control characters.

    Parameters
    ----------
    cells : pyarrow array of text, or of a dictionary of text
        What a dictionary holds is cleaned once, and stays known for what reads the column later.
    """
    words = _words(cells)
    bare, odd = _bytes_say(words)
    if bare and not odd:
        return _with_words(cells, words, name=name), np.zeros(len(cells), bool)
    plain = pc.utf8_trim_whitespace(words)
    dirty = pc.match_substring_regex(plain, CONTROL)
    if pc.any(dirty).as_py():
        plain = pc.utf8_trim_whitespace(pc.replace_substring_regex(plain, CONTROL, ""))
    plain = pc.if_else(pc.equal(plain, ""), pa.scalar(None, pa.large_string()), plain)
    plain = words if plain.equals(words) else plain  # one copy of long texts is enough
    return _with_words(cells, plain, name=name), _flags(_of_each(cells, dirty))


def _bytes_say(words: pa.Array) -> tuple[bool, bool]:
    """Whether every text surely begins and ends with a letter, and whether any may hold a control character.

    Looking at bytes settles most columns in a tenth of the time that reading them as text takes.
    """
    bounds, data = _bytes_of(words)
    filled = np.diff(bounds) > 0
    if not data.size or not filled[words.is_valid().to_numpy(zero_copy_only=False)].all():
        return False, True
    first, last = bounds[:-1][filled], bounds[1:][filled] - 1
    ends = np.concatenate([data[first - bounds[0]], data[last - bounds[0]]])
    return bool(((ends > 32) & (ends < 127)).all()), bool(data.min() < 32 or (data == 127).any())


def _bytes_of(words: pa.Array) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """Where each text of a large_string array begins and ends, and the bytes from the first to the last."""
    _, offsets, data = words.buffers()
    if offsets is None or data is None:
        return np.zeros(len(words) + 1, np.int64), np.zeros(0, np.uint8)
    bounds = np.frombuffer(offsets, np.int64)[words.offset : words.offset + len(words) + 1]
    return bounds, np.frombuffer(data, np.uint8)[bounds[0] : bounds[-1]]


def without_placeholders(column: pd.Series) -> pd.Series:
    """Cells that say "not available" in some way, as null."""
    cells = coded(column)
    words = _words(cells)
    said = pc.is_in(pc.utf8_lower(words), value_set=NOTHING_SAID)
    if not pc.any(said).as_py():
        return column
    stated = pc.if_else(said, pa.scalar(None, pa.large_string()), words)
    return _with_words(cells, stated, index=column.index, name=column.name)


def holds(column: pd.Series, text: str) -> Mask:
    """Which cells hold a piece of text."""
    cells = coded(column)
    words = _words(cells)
    if not (_bytes_of(words)[1] == text.encode()[0]).any():
        return np.zeros(len(column), bool)
    return _flags(_of_each(cells, pc.match_substring(words, text)))


# The dictionaries of columns that came with one, as long as the column lives: by the identity of its
# pyarrow array, which pandas exchanges when a column is changed.
_dictionaries: dict[int, tuple[weakref.ref[pa.ChunkedArray], pa.DictionaryArray]] = {}


def coded(column: pd.Series) -> pa.Array:
    """The cells of a column: with the dictionary that it was made of, else as plain text."""
    held = column.astype(TEXT).array.__arrow_array__()
    known = _dictionaries.get(id(held))
    return known[1] if known and known[0]() is held else _whole(held).cast(pa.large_string())


def _with_words(cells: pa.Array, words: pa.Array, **series: Any) -> pd.Series:
    """A column of `cells` with other words in the place of its own."""
    held = pa.chunked_array([_of_each(cells, words)])
    if _is_coded(cells):
        key = id(held)
        known = pa.DictionaryArray.from_arrays(cells.indices, words)
        _dictionaries[key] = (weakref.ref(held, lambda _: _dictionaries.pop(key, None)), known)
    return pd.Series(ArrowStringArray(held, dtype=TEXT), **series)


def distinct(column: pd.Series) -> tuple[npt.NDArray[np.int64], list[str]]:
    """The place of each cell among the different texts, -1 where blank, and these texts in their order."""
    cells = coded(column)
    words = _words(cells).dictionary_encode()  # of a dictionary too: its words may have become alike, or blank
    places = _of_each(cells, words.indices)
    return places.fill_null(-1).to_numpy(zero_copy_only=False), words.dictionary.to_pylist()


def by_text(column: pd.Series, meaning: Callable[[str], str | None]) -> pd.Series:
    """What each text means, asked once for each different text; a column of a million rows has few."""
    codes, words = distinct(column)
    places = pa.array(codes, pa.int32(), mask=codes < 0)
    meanings = pa.array([*map(meaning, words)], pa.large_string())
    return _with_words(pa.DictionaryArray.from_arrays(places, meanings), meanings, index=column.index)


def floats(column: pd.Series) -> npt.NDArray[np.float64]:
    """Numbers in plain digits; NaN where a cell is none."""
    cells = coded(column)
    words = _words(cells)
    try:
        numbers = pc.cast(words, pa.float64())
    except pa.ArrowInvalid:  # one of them is no number
        numbers = pa.array(pd.to_numeric(pd.Series(words.to_pandas()), errors="coerce").to_numpy(float))
    result: npt.NDArray[np.float64] = _of_each(cells, numbers).to_numpy(zero_copy_only=False)
    return result


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks or [pa.array([], column.type)])


def _is_coded(cells: pa.Array) -> bool:
    return pa.types.is_dictionary(cells.type)


def _words(cells: pa.Array) -> pa.Array:
    """Each different text, where that is known, else all."""
    return (cells.dictionary if _is_coded(cells) else cells).cast(pa.large_string())


def _of_each(cells: pa.Array, of_word: pa.Array) -> pa.Array:
    """What was found of `_words`, for every cell."""
    return of_word.take(cells.indices) if _is_coded(cells) else of_word


def _flags(flags: pa.Array) -> Mask:
    return np.asarray(pc.fill_null(flags, False).to_numpy(zero_copy_only=False), bool)


def read_numbers(column: pd.Series, *, whole: bool = False, typed: bool = False) -> Cells:
    """Numbers with decimal point or comma, thousands separators, Arabic digits.

    A comma before three digits alone (``1,500``) is a thousands separator, always so in a
    column of whole numbers; else what proves it (``1,500.5``, ``0,5``) or the majority of
    the other cells decides, and cells that do not fit are bad. A dot before three digits alone
    (``1.500``) is one where another cell proves it (``1.234.567``, ``12.345,0``), and in
    a column of whole numbers unless another cell proves that the dot is decimal.

    Parameters
    ----------
    whole : bool
        Whole numbers are expected.
    typed : bool
        The file itself says that these are numbers: its dot is decimal.
    """
    column, notes = _without_thousands_dots(column, whole, typed)
    values = _nullable(floats(column), column)
    rest = (values.isna() & column.notna()).to_numpy(bool)
    if rest.any():
        plain = _plain(column[rest])
        plain, said = _without_commas(plain, whole)
        notes += said
        values[rest] = _nullable(floats(plain), plain)
    return _cells(column, values, notes)


def _without_commas(plain: pd.Series, whole: bool) -> tuple[pd.Series, list[tuple[str, str]]]:
    """Texts whose commas part thousands or decimals, in plain digits; what does not fit keeps its comma."""
    decimal, thousands = (plain.str.match(p).fillna(False) for p in (DECIMAL_COMMA, THOUSANDS_COMMA))
    decimals, parted = int(decimal.sum()), int(thousands.sum())
    if not decimals and not parted:
        return plain, []
    parts_thousands = decimals == 0 or (parted > 0 and (whole or _thousands_fit_better(plain, decimal, thousands)))
    if parts_thousands:
        odd = f"; {decimals} with a comma elsewhere are no numbers among them" if decimals else ""
        said = ("thousands_comma", f"{parted} numbers are written with thousands separators{odd}")
        return plain.mask(thousands, plain.str.replace(",", "", regex=False)), [said]
    # As parted of one as of the other: 1,500 may be either, and 1,5 may not.
    unclear = thousands & (decimals == parted) & ~plain.str.match(SURE_DECIMAL_COMMA).fillna(False)
    odd = (
        f"; {int(unclear.sum())} with three digits behind it may be thousands and are left out" if unclear.any() else ""
    )
    points = plain.str.replace(".", "", regex=False).where(plain.str.contains(",", regex=False), plain)
    said = ("decimal_comma", f"{decimals} numbers are written with a decimal comma{odd}")
    return plain.where(unclear, points.str.replace(",", ".", regex=False)), [said]


def _thousands_fit_better(plain: pd.Series, decimal: pd.Series, thousands: pd.Series) -> bool:
    """By the cells that leave no doubt where all of them agree, else by the majority."""
    sure = (thousands & plain.str.match(SURE_THOUSANDS_COMMA).fillna(False)).any()
    sure_decimal = plain.str.match(SURE_DECIMAL_COMMA).fillna(False).any()
    return bool(sure if sure != sure_decimal else thousands.sum() > decimal.sum())


def read_coordinates(column: pd.Series) -> Cells:
    """Degrees: they have no thousands, so a comma alone is decimal, before three digits too."""
    values = _nullable(floats(column), column)
    rest = (values.isna() & column.notna()).to_numpy(bool)
    if not rest.any():
        return _cells(column, values, [])
    whole, column = column, column[rest]
    plain = _plain(column)
    lone = (plain.str.count(",") == 1).fillna(False) & ~plain.str.contains(".", regex=False).fillna(False)
    read = read_numbers(plain.mask(lone, plain.str.replace(",", ".", regex=False)))
    values[rest] = read.values
    notes = [("decimal_comma", f"{int(lone.sum())} numbers are written with a decimal comma")] if lone.any() else []
    return _cells(whole, values, [*notes, *read.notes])


def _nullable(numbers: npt.NDArray[np.float64], like: pd.Series) -> pd.Series:
    return pd.Series(FloatingArray(numbers, np.isnan(numbers)), index=like.index, name=like.name)


def _cells(column: pd.Series, values: pd.Series, notes: list[tuple[str, str]]) -> Cells:
    endless = np.isinf(values.to_numpy(float, na_value=0))
    values = values.mask(endless) if endless.any() else values
    return Cells(values, (values.isna() & column.notna()).to_numpy(bool), tuple(notes))


def _plain(column: pd.Series) -> pd.Series:
    return column.str.translate(DIGITS).str.replace(SPACES, "", regex=True)


def _without_thousands_dots(column: pd.Series, whole: bool, typed: bool) -> tuple[pd.Series, list[tuple[str, str]]]:
    """The column without the dots that part thousands; the comma is then decimal."""
    if typed or not column.str.contains(".", regex=False).any():
        return column, []
    plain = _plain(column)
    dotted, sure = (plain.str.match(p).fillna(False) for p in (THOUSANDS_DOT, SURE_THOUSANDS_DOT))
    if not (sure.any() or (whole and dotted.any())) or plain.str.match(SURE_DECIMAL_DOT).fillna(False).any():
        return column, []
    parted = dotted | sure
    note = ("thousands_dot", f"{int(parted.sum())} numbers are written with dots between the thousands")
    bare = plain.str.replace(".", "", regex=False).str.replace(",", ".", regex=False)
    return column.mask(parted, bare), [note]


def read_flags(column: pd.Series) -> Cells:
    """Yes and no, in English and French."""
    folded = column.str.lower()
    values = pd.Series(pd.NA, index=column.index, dtype="boolean")
    values[folded.isin(YES)] = True
    values[folded.isin(NO)] = False
    return Cells(values, (values.isna() & column.notna()).to_numpy(bool))


def read_codes(column: pd.Series, field: Field) -> Cells:
    """Coded values by any spelling that the field knows; fields without choices keep the text."""
    if not field.choices:
        return Cells(column, np.zeros(len(column), bool))
    values = by_text(column, lambda text: field.choice_by_spelling.get(normalise(text)))
    return Cells(values, (values.isna() & column.notna()).to_numpy(bool))
