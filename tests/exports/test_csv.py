"""CSV, as a spreadsheet opens it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from exports import export_to
from layers.kinds import kind_of
from layers.schema import empty
from layers.spreadsheet import FORMULA_STARTS, NEGATIVE, cell


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def rows(tmp_path: Path, content) -> list[dict[str, str]]:
    return read(export_to(content(), tmp_path / "x.csv"))


def test_no_text_can_run_as_a_formula(rows):
    assert rows[0]["actor1"].startswith("'=HYPERLINK(")
    assert [row["src_Name"][:2] for row in rows] == ["'@", "'+", "'\t", "؟ "]
    assert rows[2]["actor1"] == "'-1+2"
    assert not [v for row in rows for n, v in row.items() if v.startswith(FORMULA_STARTS) and n not in ("lon", "lat")]


@given(st.text())
def test_any_text_is_safe_and_can_be_had_back(text):
    shown = cell(text)
    assert not str(shown).startswith(FORMULA_STARTS) or NEGATIVE.fullmatch(text)
    assert shown in (text, f"'{text}")


@given(st.integers() | st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_stay_numbers(number):
    assert cell(number) == number


def test_values(rows):
    assert [row["fatalities"] for row in rows] == ["5", "", "0", str(2**53 + 1)]
    assert [row["violent"] for row in rows] == ["true", "", "false", "true"]
    assert [row["place_radius_m"] for row in rows] == ["25000.5", "", "0.0", "1.0"]
    assert rows[3]["actor1"] == 'a "quoted", one\nof two lines'


def test_points_have_lon_and_lat(rows):
    assert [(row["lon"], row["lat"]) for row in rows] == [
        (str(0.1 + 0.2), "2.0"), ("", ""), ("", ""), ("-179.9999999", str(-1 / 3)),
    ]  # fmt: skip
    assert "wkt" not in rows[0]


def test_other_places_are_wkt(tmp_path, content, incidents, mixed):
    rows = read(export_to(content(incidents(mixed)), tmp_path / "x.csv"))
    assert rows[1]["wkt"] == ""
    assert shapely.from_wkt(rows[0]["wkt"]).equals(mixed[0])
    assert "lon" not in rows[0]


def test_every_row_carries_what_must_survive_a_cut(rows):
    for row in rows:
        assert row["overlay_marking"] == "CONFIDENTIAL"
        assert row["overlay_exercise"] == "true"
        assert row["overlay_source"] == "UCDP, été"
        assert row["overlay_as_of"] == "2026-01-05"
        assert row["overlay_boundary_note"].startswith("Boundaries")


def test_spreadsheets_are_told_that_it_is_utf_8(tmp_path, content):
    assert export_to(content(), tmp_path / "x.csv").read_bytes().startswith(b"\xef\xbb\xbfid,")


def test_no_rows_still_say_what_they_are(tmp_path, content):
    (row,) = read(export_to(content(empty(kind_of("incidents"))), tmp_path / "x.csv"))
    said = {name.removeprefix("overlay_"): value for name, value in row.items() if name.startswith("overlay_")}
    assert {"source": "UCDP, été", "as_of": "2026-01-05", "marking": "CONFIDENTIAL", "exercise": "true"}.items() <= (
        said.items()
    )
    assert {value for name, value in row.items() if not name.startswith("overlay_")} == {""}
