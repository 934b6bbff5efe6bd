"""Rejected rows go back beside their reason, run as no formula, and load again once mended."""

from __future__ import annotations

import csv
import io

import openpyxl
import pandas as pd
import pytest

from loaders.returned import REASON, ROW, as_csv, as_xlsx

BAD = (
    "event_id,event_date,event_type,latitude,longitude,notes\n"
    "A,2024-01-02,Battles,5,20,fine\n"
    'B,2024-01-03,Battles,north,20,"=1+1, and more"\n'
    "C,2024-01-04,Riots,,20,-halted\n"
)
HOSTILE = [
    '=HYPERLINK("http://x")',
    "+1",
    "@cmd",
    "\tx",
    "-1+1",
    "plain\x07bell",
    "_x0041_",
    "x" * 40_000,
    "عربي",
    None,
]


@pytest.fixture
def rejected(take, write):
    """The rejected rows of a file with two bad places."""
    return take(write("events.csv", BAD)).rejected


def test_reason_and_original_cells_stand_side_by_side(rejected):
    rows = list(csv.DictReader(io.StringIO(b"".join(as_csv([rejected])).decode("utf-8-sig"))))
    assert [row[ROW] for row in rows] == ["3", "4"]
    assert "north" in rows[0][REASON]
    assert [row["event_id"] for row in rows] == ["B", "C"]
    sheet = openpyxl.load_workbook(io.BytesIO(as_xlsx([rejected], len(rejected)))).active
    assert [cell.value for cell in sheet[1]] == list(rows[0])
    assert [[cell.value for cell in row][:3] for row in sheet.iter_rows(min_row=2)] == [
        [int(row[ROW]), row[REASON], row["event_id"]] for row in rows
    ]
    assert sheet.freeze_panes == "C2"
    assert sheet["B2"].fill.fgColor.rgb.endswith("FFF0C2")
    assert sheet.column_dimensions["B"].width == 60


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_mended_it_loads_again_without_our_columns(rejected, take, tmp_path, form):
    mended = rejected.copy()
    mended["latitude"] = ["5.5", "6.5"]
    path = tmp_path / f"mended.{form}"
    path.write_bytes(b"".join(as_csv([mended])) if form == "csv" else as_xlsx([mended], len(mended)))
    result = take(path)
    assert (result.report.rows_in, result.report.rows_ok) == (2, 2)
    assert result.frame["id"].tolist() == ["B", "C"]
    assert result.frame["description"].tolist() == ["=1+1, and more", "-halted"]
    assert not [column for column in result.frame.columns if "overlay" in column]


def test_no_cell_runs_as_a_formula():
    table = pd.DataFrame({"row": range(len(HOSTILE)), "reason": ["bad"] * len(HOSTILE), "=head": HOSTILE})
    rows = list(csv.reader(io.StringIO(b"".join(as_csv([table])).decode("utf-8-sig"))))
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t"))]
    sheet = openpyxl.load_workbook(io.BytesIO(as_xlsx([table], len(table)))).active
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert sheet["C2"].value == HOSTILE[0]
    assert sheet["C10"].value == "عربي"
    assert sheet["C11"].value is None


def test_nothing_rejected_gives_headers_alone():
    table = pd.DataFrame({"row": [], "reason": [], "a": []})
    assert b"".join(as_csv([table])).decode("utf-8-sig").split() == [f"{ROW},{REASON},a"]
    assert openpyxl.load_workbook(io.BytesIO(as_xlsx([table], len(table)))).active.max_row == 1


def test_many_rows_come_in_pieces():
    table = pd.DataFrame({"row": range(12_000), "reason": "bad", "a": "x"})
    pieces = list(as_csv([table]))
    assert len(pieces) > 3
    assert b"".join(pieces).count(b"\n") == 12_001


def test_a_sheet_that_is_too_small_says_so_in_its_name(monkeypatch):
    monkeypatch.setattr("loaders.returned.MOST_IN_A_SHEET", 3)
    parts = [pd.DataFrame({"row": [n, n + 1], "reason": ["bad"] * 2, "a": ["x"] * 2}) for n in (1, 3)]
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(parts, 4)))
    assert book.sheetnames == ["3 of 4 rejected"]
    assert book.active.max_row == 1 + 3
    assert len(b"".join(as_csv(parts)).decode("utf-8-sig").splitlines()) == 1 + 4
