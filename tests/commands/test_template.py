"""`template` writes a sheet that `ingest` takes, and refuses what it cannot write."""

import json

import pytest
from openpyxl import load_workbook


def test_a_template_filled_in_is_ingested(cli, home, tmp_path):
    said = cli("template", "facilities", "--to", str(tmp_path / "clinics.xlsx"), "--json")
    assert (said.code, json.loads(said.out)["kind"]) == (0, "facilities")
    book = load_workbook(tmp_path / "clinics.xlsx")
    for row in book["Example"].iter_rows(min_row=2, values_only=True):
        book.worksheets[0].append(row)
    book.save(tmp_path / "clinics.xlsx")
    loaded = cli("ingest", str(tmp_path / "clinics.xlsx"), "--json")
    (entry,) = json.loads(loaded.out)["files"]
    assert (entry["kind"], entry["rows_in"], entry["rows_ok"]) == ("facilities", 2, 2)


@pytest.mark.parametrize(
    "arguments", [("nope",), ("incidents", "--to", "x.csv"), ("incidents", "--to", "/no/such/x.xlsx")]
)
def test_what_cannot_be_written_is_refused(cli, arguments):
    said = cli("template", *arguments, "--json")
    assert said.code == 1
    assert said.error["remedy"]
