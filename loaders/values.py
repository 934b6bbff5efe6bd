"""Cells of text to numbers, flags and codes, a whole column at a time."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.kind import Field, normalise

Mask = npt.NDArray[np.bool_]
YES = frozenset({"true", "yes", "y", "1", "oui", "vrai", "o"})
NO = frozenset({"false", "no", "n", "0", "non", "faux"})
# What people write when they have no figure; blank, and never zero.
BLANKS = frozenset({"", "-", "--", "n/a", "na", "nan", "null", "none", "not available", "n.d.", "nd", "#n/a", "..."})
SPACES = re.compile(r"[\s\u00a0\u202f'’]+")
DECIMAL_COMMA = re.compile(r"[+-]?\d+,(\d{1,2}|\d{4,})$|[+-]?\d{1,3}(\.\d{3})+,\d+$")
THOUSANDS_COMMA = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?$")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
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
    text = column.astype("str").str.strip()
    dirty = text.str.contains(CONTROL).fillna(False).to_numpy(bool)
    if dirty.any():
        text = text.str.replace(CONTROL, "", regex=True).str.strip()
    return text.mask(text == ""), dirty


def without_placeholders(column: pd.Series) -> pd.Series:
    """Cells that say "not available" in some way, as null."""
    return column.mask(column.str.lower().isin(BLANKS))


def read_numbers(column: pd.Series) -> Cells:
    """Numbers with decimal point or comma, thousands separators, Arabic digits.

    A comma before three digits alone (``1,500``) is a thousands separator, unless other
    cells of the column show that the comma is decimal.
    """
    values = pd.to_numeric(column, errors="coerce").astype("Float64")
    rest = (values.isna() & column.notna()).to_numpy(bool)
    notes: list[tuple[str, str]] = []
    if rest.any():
        plain = column[rest].str.translate(DIGITS).str.replace(SPACES, "", regex=True)
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
    values = values.mask(np.isinf(values.to_numpy(float, na_value=0)))
    return Cells(values, (values.isna() & column.notna()).to_numpy(bool), tuple(notes))


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
