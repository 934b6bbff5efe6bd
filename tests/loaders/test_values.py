from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from layers.kinds.projects import PROJECTS
from loaders.raw import CODED, text_array
from loaders.values import (
    clean_text,
    distinct,
    read_codes,
    read_coordinates,
    read_flags,
    read_numbers,
    without_placeholders,
)


def column(*texts):
    return pd.Series(list(texts), dtype="str")


@pytest.mark.parametrize(
    ("texts", "numbers"),
    [
        (["1", "2.5"], [1, 2.5]),
        (["1,5", "2,25"], [1.5, 2.25]),
        (["1,500", "12,345.5"], [1500, 12345.5]),
        (["1.234,5", "2,0"], [1234.5, 2]),
        (["1 500", "2\u00a0000", "3'000"], [1500, 2000, 3000]),
        (["١٢٣", "۴۵"], [123, 45]),
        (["18,55496"], [18.55496]),
    ],
)
def test_numbers_as_people_write_them(texts, numbers):
    cells = read_numbers(column(*texts))
    assert cells.values.tolist() == numbers
    assert not cells.bad.any()


@pytest.mark.parametrize(
    ("texts", "whole", "numbers"),
    [
        (["1.500", "12.300"], True, [1500, 12300]),
        (["1.500", "1.234.567"], False, [1500, 1234567]),
        (["1.500", "12.345,0", "7"], False, [1500, 12345, 7]),
        (["1.500", "12.3"], True, [1.5, 12.3]),
        (["1.500", "0.125"], True, [1.5, 0.125]),
        (["1500.000", "1.500"], True, [1500, 1.5]),
        (["1.500"], False, [1.5]),
        (["1,500.250", "1.500"], True, [1500.25, 1.5]),
    ],
)
def test_dots_between_thousands(texts, whole, numbers):
    assert read_numbers(column(*texts), whole=whole).values.tolist() == numbers
    assert read_numbers(column("1.500"), whole=whole, typed=True).values.tolist() == [1.5]


@pytest.mark.parametrize(
    ("texts", "whole", "numbers"),
    [
        (["1,250"] * 3 + ["12,34"], True, [1250] * 3 + [None]),
        (["12,345", "1,5"], True, [12345, None]),
        (["1,250", "1,5", "2,5"], True, [1250, None, None]),
        (["1,5", "2,25"], True, [1.5, 2.25]),
        (["1,250"] * 3 + ["12,34"], False, [1250] * 3 + [None]),
        (["1,250", "1,5", "2,5"], False, [1.25, 1.5, 2.5]),
        (["1,250", "1,5"], False, [None, 1.5]),
        (["1,250,000", "1,5", "2,5"], False, [1250000, None, None]),
        (["1,250.5", "1,5", "2,5"], False, [1250.5, None, None]),
        (["1,250", "2,250", "0,5"], False, [1.25, 2.25, 0.5]),
        (["0,125", "1,5"], False, [0.125, 1.5]),
    ],
)
def test_commas_before_three_digits_and_before_others(texts, whole, numbers):
    cells = read_numbers(column(*texts), whole=whole)
    assert [None if pd.isna(v) else v for v in cells.values] == numbers
    assert cells.bad.tolist() == [n is None for n in numbers]
    said = cells.notes[0][1]
    assert (";" in said) is (None in numbers), "that some do not fit is said"


@pytest.mark.parametrize(("text", "degrees"), [("4,123", 4.123), ("-0,047", -0.047), ("4.123", 4.123), ("18,5", 18.5)])
def test_degrees_have_no_thousands(text, degrees):
    assert read_coordinates(column(text)).values.tolist() == [degrees]


@pytest.mark.parametrize("text", ["north", "4°21'N", "inf", "1e999", "1;2"])
def test_what_is_no_number(text):
    assert read_numbers(column(text)).bad.tolist() == [True]


def test_missing_stays_missing():
    stated = without_placeholders(column("N/A", "Not available", "-", "0"))
    assert read_numbers(stated).values.tolist() == [pd.NA, pd.NA, pd.NA, 0]


def test_control_characters_are_taken_out():
    text, dirty = clean_text(text_array(["a\x00b", " plain ", "  "]))
    assert text.tolist()[:2] == ["ab", "plain"]
    assert pd.isna(text.iloc[2])
    assert dirty.tolist() == [True, False, False]


def test_flags():
    assert read_flags(column("Oui", "no", "1")).values.tolist() == [True, False, True]
    assert read_flags(column("perhaps")).bad.tolist() == [True]


def test_codes_by_any_spelling():
    status = PROJECTS.field_by_name["status"]
    cells = read_codes(column("On-going", "en  cours", "Planifié", "whatever"), status)
    assert cells.values.tolist()[:3] == ["active", "active", "planned"]
    assert cells.bad.tolist() == [False, False, False, True]


def test_a_dictionary_is_read_as_the_text_it_stands_for():
    texts = text_array([" a", "a", None, "n/a", "b\x00", " ", "1,5"])
    (plain, dirty), (short, same) = clean_text(texts), clean_text(texts.dictionary_encode().cast(CODED))
    assert short.equals(plain)
    assert same.tolist() == dirty.tolist()
    assert without_placeholders(short).equals(without_placeholders(plain))
    places, words = distinct(short)
    assert [words[p] if p >= 0 else None for p in places] == ["a", "a", None, "n/a", "b", None, "1,5"]
    assert read_numbers(short).values.equals(read_numbers(plain).values)
    short.iloc[0] = "changed"
    assert distinct(short)[1][0] == "changed"


@pytest.mark.parametrize(
    ("cells", "clean", "dirty"),
    [
        (["plain", None, "two words"], ["plain", None, "two words"], [False, False, False]),
        (["", "x"], [None, "x"], [False, False]),
        (["a ", "b"], ["a", "b"], [False, False]),
        (["\u00a0é", "b"], ["é", "b"], [False, False]),
        (["line\nbreak", "b"], ["line\nbreak", "b"], [False, False]),
        (["a\x7fb", "b"], ["ab", "b"], [True, False]),
        ([None, None], [None, None], [False, False]),
        ([], [], []),
    ],
)
def test_looking_at_bytes_says_what_reading_says(cells, clean, dirty):
    for array in (text_array(cells), text_array(["y", *cells, "z"]).slice(1, len(cells))):
        text, marks = clean_text(array)
        assert [None if value is np.nan else value for value in text.tolist()] == clean
        assert marks.tolist() == dirty
