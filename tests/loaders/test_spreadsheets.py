"""Workbooks: every sheet, merged names, typed days, errors, formulas, and cells far away."""

from __future__ import annotations

import io
import time
import zipfile
from datetime import date, datetime
from datetime import time as clock

import openpyxl
import pytest
from openpyxl.packaging.custom import StringProperty

from layers.errors import TooLarge, UnreadableFile
from loaders.formats import format_of, xls
from loaders.formats.format import Opened
from tests.hostile import workbooks

ODS_START = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content'
    ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">'
)
MIMETYPE = "application/vnd.oasis.opendocument.spreadsheet"


def read(path, **options):
    chosen, _ = format_of(path, path.name)
    return chosen.read(Opened(path, path.name, **options))


def rows(layer):
    return list(zip(*(column.to_pylist() for column in layer.cells), strict=True))


def found(layer, code):
    return [f for f in layer.findings if f.code == code]


@pytest.fixture
def workbook(tmp_path):
    """A workbook of one sheet, made by a function that fills it."""

    def made(fill, name="book.xlsx"):
        book = openpyxl.Workbook()
        fill(book.active)
        path = tmp_path / name
        book.save(path)
        return path

    return made


@pytest.fixture
def ods(tmp_path):
    """An ODS of these tables."""

    def made(tables, styles="", meta=""):
        path = tmp_path / "book.ods"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("mimetype", MIMETYPE, zipfile.ZIP_STORED)
            body = f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
            archive.writestr("content.xml", f"{ODS_START}{styles}{body}</office:document-content>")
            if meta:
                archive.writestr("meta.xml", meta)
            archive.writestr("META-INF/manifest.xml", "<manifest/>")
        return path

    return made


def table(*lines):
    def fill(sheet):
        for line in lines:
            sheet.append(line)

    return fill


def cell(text, attributes=""):
    return f"<table:table-cell {attributes}>{f'<text:p>{text}</text:p>' if text else ''}</table:table-cell>"


def line(*cells, repeated=1):
    return f'<table:table-row table:number-rows-repeated="{repeated}">{"".join(cells)}</table:table-row>'


def test_values_of_every_type(workbook):
    path = workbook(
        table(
            ["name", "day", "moment", "hour", "whole", "part", "flag", "code"],
            ["Évêché 中文", date(2024, 1, 2), datetime(2024, 1, 2, 3, 4), clock(5, 6), 45000, 4.35, True, "0012"],  # noqa: DTZ001
        )
    )
    (layer,) = read(path)
    expected = ("Évêché 中文", "2024-01-02", "2024-01-02T03:04:00", "05:06:00", "45000", "4.35", "true", "0012")
    assert rows(layer) == [expected]
    assert layer.numeric == ("whole", "part")
    assert layer.rows.tolist() == [2]


def test_an_epoch_of_1904(tmp_path):
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.MAC_EPOCH
    book.active.append(["name", "day"])
    book.active.append(["a", date(2024, 1, 2)])
    book.save(tmp_path / "mac.xlsx")
    assert rows(read(tmp_path / "mac.xlsx")[0]) == [("a", "2024-01-02")]


def test_a_serial_number_stays_as_it_is_in_headers_and_plain_cells(workbook):
    path = workbook(table(["Site ID", "State", 42004, 42018], ["S1", "Unity", 10, 45000], ["S2", "Unity", 11, 3]))
    (layer,) = read(path)
    assert layer.columns == ("Site ID", "State", "42004", "42018")
    assert rows(layer)[0] == ("S1", "Unity", "10", "45000")


def test_a_day_as_a_header(workbook):
    path = workbook(table(["Site ID", "State", date(2015, 1, 30), date(2015, 2, 13)], ["S1", "Unity", 10, 20]))
    assert read(path)[0].columns == ("Site ID", "State", "2015-01-30", "2015-02-13")


def test_title_lines_a_group_line_and_an_hxl_row(workbook):
    def fill(sheet):
        sheet.append(["Site list, round 5"])
        sheet.append([])
        sheet.append(["Location", None, "Households", None, "Individuals", None])
        sheet.append(["Site", "State", "IDP", "Returnee", "IDP", "Returnee"])
        sheet.append(["#loc", "#adm1", "#affected+idps+hh", "#affected+ret+hh", "#affected+idps", "#affected+ret"])
        sheet.append(["a", "Unity", 1, 2, 3, 4])
        sheet.merge_cells("A1:F1")
        for cells in ("A3:B3", "C3:D3", "E3:F3"):
            sheet.merge_cells(cells)

    (layer,) = read(workbook(fill))
    assert layer.columns[2:] == ("Households IDP", "Households Returnee", "Individuals IDP", "Individuals Returnee")
    assert layer.hxl[4] == "#affected+idps"
    assert layer.title.startswith("Site list, round 5")
    assert (rows(layer), layer.rows.tolist()) == ([("a", "Unity", "1", "2", "3", "4")], [6])


def test_names_merged_over_two_lines(workbook):
    def fill(sheet):
        sheet.append(["Site", "State", "Individuals", None, None])
        sheet.append([None, None, "Male", "Female", "Total"])
        sheet.append(["a", "Unity", 1, 2, 3])
        sheet.append(["b", "Unity", 4, 5, 9])
        for cells in ("A1:A2", "B1:B2", "C1:E1"):
            sheet.merge_cells(cells)

    (layer,) = read(workbook(fill))
    assert layer.columns == ("Site", "State", "Individuals Male", "Individuals Female", "Individuals Total")
    assert len(layer) == 2


def test_cells_merged_downwards_hold_their_value_in_each_row(workbook):
    def fill(sheet):
        for row in (["State", "Site"], ["Unity", "a"], [None, "b"], ["Jonglei", "c"]):
            sheet.append(row)
        sheet.merge_cells("A2:A3")

    (layer,) = read(workbook(fill))
    assert rows(layer) == [("Unity", "a"), ("Unity", "b"), ("Jonglei", "c")]
    assert found(layer, "merged_cells")[0].severity == "info"


def test_errors_and_formulas_without_a_value_are_said(workbook):
    path = workbook(table(["name", "people", "sum"], ["a", "#N/A", "=B2+1"], ["b", 3, "=B3+1"]))
    (layer,) = read(path)
    assert rows(layer) == [("a", None, None), ("b", "3", None)]
    assert [(f.row, f.field, f.found) for f in found(layer, "error_cell")] == [(2, "people", "#N/A")]
    assert "2 formulas" in found(layer, "formula_without_value")[0].message


def test_several_sheets(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "read me"
    for name, state in (("sites", "visible"), ("old", "hidden")):
        sheet = book.create_sheet(name)
        sheet.sheet_state = state
        sheet.append(["name", "people"])
        sheet.append([name, 5])
    book.save(tmp_path / "book.xlsx")
    layers = read(tmp_path / "book.xlsx")
    assert [layer.name for layer in layers] == ["sites", "old"]
    assert [f.found for f in found(layers[0], "empty_sheet")] == ["read me"]
    assert found(layers[1], "hidden_sheet")


def test_a_template_of_ours_is_its_first_sheet(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["name", "people"])
    book.active.append(["a", 5])
    book.create_sheet("lists").append(["status", "sector"])
    book.custom_doc_props.append(StringProperty(name="overlay_kind", value="idp_sites"))
    book.save(tmp_path / "template.xlsx")
    (layer,) = read(tmp_path / "template.xlsx")
    assert layer.overlay == {"kind": "idp_sites"}
    assert layer.columns == ("name", "people")


def test_returned_rows(workbook):
    path = workbook(table(["overlay_row", "overlay_reason", "name", "people"], [17, "no place", "a", 5]))
    (layer,) = read(path)
    assert layer.columns == ("name", "people")
    assert layer.overlay == {}
    assert found(layer, "returned_columns")


def test_blank_rows_between_are_counted_and_those_below_are_not(workbook):
    def fill(sheet):
        sheet.append(["name", "people"])
        sheet.append(["a", 1])
        sheet["A5"] = "b"
        for row in range(6, 4000):  # formatted, without content
            sheet.cell(row, 1).font = openpyxl.styles.Font(bold=True)

    (layer,) = read(workbook(fill))
    assert layer.rows.tolist() == [2, 3, 4, 5]
    assert rows(layer)[1] == (None, None)


def test_a_cell_in_the_last_corner_costs_nothing(workbook):
    def fill(sheet):
        sheet.append(["name", "people"])
        sheet.append(["a", 1])
        sheet.cell(1_048_576, 16_384, "x")

    path = workbook(fill)
    start = time.perf_counter()
    (layer,) = read(path)
    assert time.perf_counter() - start < 5
    assert layer.rows.tolist() == [2, 1_048_576]
    assert layer.columns == ("name", "people", "column_XFD")
    assert found(layer, "cells_beside")


def test_too_many_columns(workbook):
    with pytest.raises(TooLarge):
        read(workbook(table([f"c{i}" for i in range(501)], list(range(501)))))


def part_replaced(path, part, change):
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = change(parts[part])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"])
def test_a_doctype_is_refused(workbook, part):
    path = workbook(table(["name", "people"], ["a", 1]))
    part_replaced(path, part, lambda xml: BOMB + xml.partition(b"?>")[2] if b"?>" in xml else BOMB + xml)
    with pytest.raises(UnreadableFile, match="DOCTYPE"):
        read(path)


def test_a_damaged_workbook(workbook, write):
    path = workbook(table(["name", "people"], *(["a", i] for i in range(2000))))
    part_replaced(path, "xl/worksheets/sheet1.xml", lambda xml: xml[: len(xml) // 2])
    with pytest.raises(UnreadableFile, match="damaged"):
        read(path)


def test_strings_of_several_runs_and_escapes(workbook):
    path = workbook(table(["name", "people"], ["PLACEHOLDER", 1]))
    run = b"<is><r><t>North </t></r><r><t>Kivu_x000A_2</t></r></is>"
    shared = b"<si><r><t>North </t></r><r><t>Kivu_x000A_2</t></r><rPh><t>kana</t></rPh></si>"

    def change(xml):
        return xml.replace(b"<is><t>PLACEHOLDER</t></is>", run)

    part_replaced(path, "xl/worksheets/sheet1.xml", change)
    with zipfile.ZipFile(path) as archive:
        has_strings = "xl/sharedStrings.xml" in archive.namelist()
    if has_strings:
        part_replaced(path, "xl/sharedStrings.xml", lambda xml: xml.replace(b"<si><t>PLACEHOLDER</t></si>", shared))
    assert rows(read(path)[0])[0][0] == "North Kivu\n2"


def test_an_empty_workbook(workbook):
    with pytest.raises(UnreadableFile, match="empty"):
        read(workbook(lambda sheet: None))


def test_ods(ods):
    number = 'office:value-type="float" office:value="4.3499999999999996"'
    day = 'office:value-type="date" office:date-value="2024-01-02T00:00:00"'
    failed = 'table:formula="of:=NA()" office:value-type="string"'
    path = ods(
        '<table:table table:name="sites">'
        + line(cell("name"), cell("people"), cell("day"), cell("sum"))
        + line(cell("Évêché"), cell("4.35", number), cell("2 Jan", day), cell("#N/A", failed))
        + line(cell("", 'table:number-columns-repeated="4"'), repeated=3)
        + line(cell("b", 'table:number-columns-repeated="2"'))
        + line(cell(""), repeated=1_048_000)
        + "</table:table>"
        + '<table:table table:name="hidden one" table:style-name="ta2">'
        + line(cell("a"), cell("b"))
        + line(cell("1"), cell("2"), repeated=2)
        + "</table:table>",
        '<office:automatic-styles><style:style style:name="ta2"><style:table-properties table:display="false"/>'
        "</style:style></office:automatic-styles>",
    )
    first, second = read(path)
    assert (first.name, second.name) == ("sites", "hidden one")
    assert rows(first)[0] == ("Évêché", "4.35", "2024-01-02", None)
    assert first.rows.tolist() == [2, 3, 4, 5, 6]
    assert rows(first)[4] == ("b", "b", None, None)
    assert found(first, "error_cell")[0].row == 2
    assert len(second) == 2
    assert found(second, "hidden_sheet")


def test_an_ods_that_repeats_without_end(ods):
    wide = cell("x", 'table:number-columns-repeated="16384"')
    path = ods(f'<table:table table:name="s">{line(wide, repeated=1_048_576)}</table:table>')
    with pytest.raises(TooLarge):
        read(path)


def test_what_is_no_workbook_under_its_name(write):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(UnreadableFile):
        read(write("a.xlsx", content.getvalue()))


def test_an_old_office_file_that_is_no_workbook(write):
    with pytest.raises(UnreadableFile, match="password"):
        read(write("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000)))


def test_what_python_calamine_gives(tmp_path):
    """The library reads XLSX in the same words as XLS, which nothing here can write."""
    book = openpyxl.Workbook()
    book.active.append(["name", "day", "whole", "flag"])
    book.active.append(["a", date(2024, 1, 2), 45000, True])
    book.active.append([None, None, 4.5])
    book.active.merge_cells("A2:A3")
    book.create_sheet("old").sheet_state = "hidden"
    book.save(tmp_path / "book.xlsx")
    first, second = xls.sheets_of(Opened(tmp_path / "book.xlsx", "book.xls"))
    assert (first.hidden, second.hidden, second.name) == (False, True, "old")
    texts = [(number, [(c.column, c.text, c.number) for c in cells]) for number, cells in first.rows]
    assert texts[1:] == [
        (2, [(0, "a", False), (1, "2024-01-02", False), (2, "45000", True), (3, "true", False)]),
        (3, [(2, "4.5", True)]),
    ]
    assert first.merges[2, 0].bottom == 3


def test_what_a_damaged_sheet_loses_is_said(take, write):
    """Rows out of order are refused, texts that are missing are said."""
    with pytest.raises(UnreadableFile, match="row 3 after row 5"):
        take(write("backwards.xlsx", workbooks.book(workbooks.row(5, "a") + workbooks.row(3, "b"))), kind="other")
    lost = '<row r="2"><c r="A2" t="s"><v>99</v></c><c r="B2"><v>5</v></c><c r="C2"><v>20</v></c></row>'
    result = take(write("strings.xlsx", workbooks.book(lost + workbooks.row(3, "b"))), kind="other")
    assert [f.row for f in result.report.findings if f.code == "error_cell"] == [2]


def test_a_row_beyond_any_sheet_is_refused(take, write):
    with pytest.raises(UnreadableFile, match="99999999"):
        take(write("beyond.xlsx", workbooks.book(workbooks.row(2, "a") + workbooks.row(99_999_999, "b"))), kind="other")


def test_a_gap_of_thousands_of_rows_is_said(take, write):
    result = take(write("far.xlsx", workbooks.book(workbooks.row(2, "a") + workbooks.row(50_000, "b"))), kind="other")
    (gap,) = [f for f in result.report.findings if f.code == "blank_rows_skipped"]
    assert (gap.row, gap.found) == (3, "49997 rows")
