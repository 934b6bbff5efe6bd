"""What is printed for people: words instead of Python, sentences whole, tables as wide as the terminal."""

from __future__ import annotations

import pytest

from commands.output import cell, print_sentence, print_table, split_sentences
from commands.variants import words_of


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "-"),
        ("", "-"),
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        (2026, "2026"),
        (6552118, "6,552,118"),
        (0.0, "0"),
        (5.0, "5"),
        (0.570264177, "0.57"),
        (0.000123456, "0.000123"),
        (1.696084527, "1.7"),
        (54.2549, "54.25"),
        (100.0, "100"),
        (19132.488, "19,132"),
        ([], "none"),
        ({}, "none"),
        ([2.0, 5.0], "2, 5"),
        (("a", None), "a, -"),
        ({"few_reports": 2, "likely": 23}, "few_reports 2, likely 23"),
        ([{"radius_km": 2.0, "error_m": 0.6}, {"radius_km": 5.0, "error_m": None}],
         "radius_km 2, error_m 0.6; radius_km 5, error_m -"),
        ("red\x1b[31m", "red [31m"),
    ],
)  # fmt: skip
def test_a_value_in_words(value, words):
    assert cell(value) == words


def test_nothing_is_cut_and_no_line_is_wider_than_the_terminal(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    words = [f"word{n}" for n in range(60)]
    print_table([{"id": "A-1", "text": " ".join(words)}], ("id", "text"))
    print_sentence(" ".join(words))
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 60
    assert " ".join(lines).split()[:2] == ["id", "text"]
    assert [word for line in lines for word in line.split() if word.startswith("word")] == words * 2


def test_what_is_too_long_goes_on_in_its_own_column(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "20")
    print_table([{"a": "one two three four five six", "b": "z"}], ("a", "b"))
    head, first, *more = capsys.readouterr().out.splitlines()
    assert head.index("b") == first.index("z")
    assert more
    assert not [line for line in more if "z" in line]


def test_a_long_name_breaks_where_it_has_a_joint(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "12")
    print_table([{"rows_repaired": 3}], ("rows_repaired",))
    assert capsys.readouterr().out.splitlines() == ["rows_", "repaired", "3"]


def test_sentences_are_told_apart_from_figures():
    summary = {"points": 3, "sentence": "Three.", "then_sentence": "By May four.", "a_sentence": None}
    told, figures = split_sentences(summary)
    assert told == {"sentence": "Three.", "then_sentence": "By May four."}
    assert figures == {"points": 3, "a_sentence": None}


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        ({"edit": "move", "role": "activities", "id": "A", "lon": 18.61234, "lat": 4.4},
         "move activities A: lon 18.61234, lat 4.4"),
        ({"edit": "redate", "role": "activities", "id": "A", "start": None, "end": "2026-11-22"},
         "redate activities A: end 2026-11-22"),
        ({"edit": "add", "role": "services", "record": {"facility_type": "clinic", "lon": 18.6, "lat": 4.4}},
         "add services: facility_type clinic, lon 18.6, lat 4.4"),
        ({"edit": "close", "role": "roads", "id": "R-7"}, "close roads R-7"),
    ],
)  # fmt: skip
def test_an_edit_in_words(edit, words):
    assert words_of(edit) == words


def test_an_answer_begins_with_its_sentence(loaded, layer_file):
    from tests.commands.test_run_command import clinics

    assert loaded("ingest", clinics(layer_file)).code == 0
    options = ("run", "coverage", "--input", "demand=sites", "--input", "services=clinics")
    sentence = loaded(*options, "--json").document["summary"]["sentence"]
    said = loaded(*options)
    assert " ".join(said.out.split()).startswith(sentence)
    assert "{" not in said.out
    assert "[" not in said.out
