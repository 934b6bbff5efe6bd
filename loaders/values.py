"""Cells of text to numbers, flags and codes, a whole column at a time."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from layers.kind import Field, normalise

Mask = npt.NDArray[np.bool_]
YES = frozenset({"true", "yes", "y", "1", "oui", "vrai", "o"})
NO = frozenset({"false", "no", "n", "0", "non", "faux"})
# What people write when they have no figure; blank, and never zero.
BLANKS = frozenset({"", "-", "--", "n/a", "na", "nan", "null", "none", "not available", "n.d.", "nd", "#n/a", "..."})
SPACES = re.compile(r"[\s\u00a0\u202f'’]+")
DECIMAL_COMMA = re.compile(r"[+-]?\d+,(\d{1,2}|\d{4,})$|[+-]?\d{1,3}(\.\d{3})+,\d+$")
THOUSANDS_COMMA = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?$")
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


def clean_text(column: pd.Series) -> tuple[pd.Series, Mask]:
    """Trimmed text with blanks as null, and which cells held control characters."""
    codes, words = _coded(column)
    plain = pc.utf8_trim_whitespace(words)
    dirty = pc.match_substring_regex(plain, CONTROL)
    if pc.any(dirty).as_py():
        plain = pc.utf8_trim_whitespace(pc.replace_substring_regex(plain, CONTROL, ""))
    plain = pc.if_else(pc.equal(plain, ""), pa.scalar(None, pa.large_string()), plain)
    if plain.equals(words):
        return column.astype("str"), np.zeros(len(column), bool)
    return _decoded(codes, plain, column), _flags(codes, dirty)


def without_placeholders(column: pd.Series) -> pd.Series:
    """Cells that say "not available" in some way, as null."""
    codes, words = _coded(column)
    said = pc.is_in(pc.utf8_lower(words), value_set=pa.array(sorted(BLANKS), pa.large_string()))
    if not pc.any(said).as_py():
        return column
    return column.mask(_flags(codes, said))


def holds(column: pd.Series, text: str) -> Mask:
    """Which cells hold a piece of text."""
    found = pc.match_substring(pa.array(column, type=pa.large_string(), from_pandas=True), text)
    return np.asarray(pc.fill_null(found, False).to_numpy(zero_copy_only=False), bool)


def _coded(column: pd.Series) -> tuple[npt.NDArray[np.int64], pa.Array]:
    """A column as numbers (-1 where null) of its different texts: what is done to text is done to each once."""
    cells = pa.array(column.astype("str"), type=pa.large_string(), from_pandas=True)
    cells = cells.combine_chunks() if isinstance(cells, pa.ChunkedArray) else cells
    coded = cells.dictionary_encode()
    codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return codes, coded.dictionary


def _decoded(codes: npt.NDArray[np.int64], words: pa.Array, column: pd.Series) -> pd.Series:
    if not len(words):
        return pd.Series(None, index=column.index, name=column.name, dtype="str")
    taken = words.take(pa.array(codes, mask=codes < 0))
    return pd.Series(pd.array(taken, dtype="str"), index=column.index, name=column.name)


def _flags(codes: npt.NDArray[np.int64], words: pa.Array) -> Mask:
    """A flag of each different text as one of each cell."""
    of_word = np.append(pc.fill_null(words, False).to_numpy(zero_copy_only=False).astype(bool), False)
    flags: Mask = of_word[codes]
    return flags


def read_numbers(column: pd.Series, *, whole: bool = False, typed: bool = False) -> Cells:
    """Numbers with decimal point or comma, thousands separators, Arabic digits.

    A comma before three digits alone (``1,500``) is a thousands separator, unless other
    cells of the column show that the comma is decimal. A dot before three digits alone
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
    values = pd.to_numeric(column, errors="coerce").astype("Float64")
    rest = (values.isna() & column.notna()).to_numpy(bool)
    if rest.any():
        plain = _plain(column[rest])
        decimal = plain.str.match(DECIMAL_COMMA).fillna(False)
        thousands = plain.str.match(THOUSANDS_COMMA).fillna(False)
        if decimal.any() and not (thousands & plain.str.contains(".", regex=False)).any():
            plain = plain.str.replace(".", "", regex=False).where(plain.str.contains(",", regex=False), plain)
            plain = plain.str.replace(",", ".", regex=False)
            notes.append(("decimal_comma", f"{int(decimal.sum())} numbers are written with a decimal comma"))
        elif thousands.any():
            plain = plain.mask(thousands, plain.str.replace(",", "", regex=False))
            notes.append(("thousands_comma", f"{int(thousands.sum())} numbers are written with thousands separators"))
        values[rest] = pd.to_numeric(plain, errors="coerce").astype("Float64")
    return _cells(column, values, notes)


def read_coordinates(column: pd.Series) -> Cells:
    """Degrees: they have no thousands, so a comma alone is decimal, before three digits too."""
    values = pd.to_numeric(column, errors="coerce").astype("Float64")
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


def _cells(column: pd.Series, values: pd.Series, notes: list[tuple[str, str]]) -> Cells:
    values = values.mask(np.isinf(values.to_numpy(float, na_value=0)))
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
    codes, uniques = pd.factorize(column)
    known = np.array([field.choice_by_spelling.get(normalise(str(u))) for u in uniques] + [None], dtype=object)
    values = pd.Series(known[codes], index=column.index, dtype="str")
    return Cells(values, (values.isna() & column.notna()).to_numpy(bool))
