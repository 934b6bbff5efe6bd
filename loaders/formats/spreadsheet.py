"""Workbooks: each sheet with a table in it is a layer; XLSX, ODS and the old XLS."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path

from layers.errors import LoadError, TooLarge, UnreadableFile
from layers.report import Finding
from loaders.formats.format import Format, Opened
from loaders.formats.office import Package
from loaders.formats.sheet import MOST_NAMED, Cell, Sheet, letters
from loaders.formats.table import LOOK_AT, Body, Head, Record, find_head, headers_of, layer_of
from loaders.raw import RawLayer, text_array

MAX_GAP = 10_000  # blank rows in a run: more are no part of the table and are not counted
MAX_CELLS = 100_000_000
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
Rows = Iterator[tuple[int, list[Cell]]]


def sniff_xlsx(head: bytes, path: Path) -> bool:
    """A zip archive with a workbook of Office Open XML."""
    return head.startswith(b"PK\x03\x04") and bool({"xl/workbook.xml", "workbook.xml"} & _names(path))


def sniff_ods(head: bytes, path: Path) -> bool:
    """A zip archive that says it is an OpenDocument spreadsheet."""
    if not head.startswith(b"PK\x03\x04"):
        return False
    return b"opendocument.spreadsheet" in head[:200] or {"content.xml", "meta-inf/manifest.xml"} <= _names(path)


def sniff_xls(head: bytes, path: Path) -> bool:
    """A compound file of old Office; whether it is a workbook, `read_xls` says."""
    return head.startswith(OLE)


def _names(path: Path) -> set[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            return {name.replace("\\", "/").lstrip("/").lower() for name in archive.namelist()}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return set()


def read_xlsx(opened: Opened) -> list[RawLayer]:
    """Read every sheet; a row's number is the spreadsheet's own.

    Raises
    ------
    UnreadableFile
        When the workbook is damaged, encrypted, or has no table.
    TooLarge
        Over the limits of columns, cells or compression.
    """
    from loaders.formats.xlsx import open_workbook

    with Package(opened.path, opened.name) as package:
        book = open_workbook(package)
        return _layers(opened, book.sheets(), book.properties)
    raise AssertionError  # the package turns damage into a refusal


def read_ods(opened: Opened) -> list[RawLayer]:
    """Read every sheet, as `read_xlsx` does."""
    from loaders.formats.ods import properties_of, sheets_of

    with Package(opened.path, opened.name) as package:
        return _layers(opened, sheets_of(package), properties_of(package))
    raise AssertionError


def read_xls(opened: Opened) -> list[RawLayer]:
    """Read every sheet of an old workbook, as `read_xlsx` does."""
    from loaders.formats.xls import sheets_of

    return _layers(opened, sheets_of(opened), {})


def _layers(opened: Opened, sheets: Iterable[Sheet], properties: dict[str, str]) -> list[RawLayer]:
    """The layers of all sheets; of a template of ours, of the first one only."""
    template = {"kind": properties["overlay_kind"]} if properties.get("overlay_kind") else {}
    layers: list[RawLayer] = []
    passed: list[Finding] = []
    failures: list[LoadError] = []
    for sheet in islice(sheets, 1) if template else sheets:
        try:
            layer = _layer(opened, sheet)
        except LoadError as error:
            failures.append(error)
            passed.append(Finding(error.code, "warning", str(error), found=error.found, remedy=error.remedy))
            continue
        if layer is None:
            passed.append(_empty(opened.name, sheet.name))
        else:
            layers.append(layer)
    if not layers:
        raise (
            failures[0]
            if failures
            else UnreadableFile(
                opened.name, "a workbook whose sheets are all empty", "a sheet with a table", "Check what was saved."
            )
        )
    layers[0].findings = [*layers[0].findings, *passed]
    if len(layers) == 1:
        layers[0].name = ""
    for layer in layers:
        layer.overlay = layer.overlay or template
    return layers


def _layer(opened: Opened, sheet: Sheet) -> RawLayer | None:
    """The table of one sheet; None when nothing is in it."""
    shown = f"{opened.name}, sheet {sheet.name}" if sheet.name else opened.name
    rows = _with_blanks(_merged_down(sheet), sheet, shown)
    top = list(islice(rows, LOOK_AT))
    if not any(cells for _, cells in top):
        later = next((row for row in rows if row[1]), None)
        if later is None:
            return None
        top = [later, *islice(rows, LOOK_AT - 1)]
    width = _width(top, opened, shown)
    head = find_head(_spread_merges(sheet, top, width))
    headers, findings = headers_of(head, opened, shown)
    body, beside, numeric = _body(opened, shown, head, top, rows)
    findings = [*findings, *_said(sheet, shown, headers), *body.findings]
    cells, names = body.cells(), list(headers)
    if beside:
        findings.append(_beside_finding(shown, beside))
        for column in sorted(beside):
            names.append(_free(f"column_{letters(column)}", names))
            cells.append(text_array([beside[column].get(i) for i in range(len(body.rows))]))
        head.headers = [*head.headers, *(names[len(headers) :])]
    return layer_of(shown, head, names, body.rows, cells, findings, name=sheet.name, numeric=numeric)


def _merged_down(sheet: Sheet) -> Rows:
    """Rows in which cells merged downwards hold their value in each of their rows."""
    open_: dict[int, tuple[int, Cell]] = {}  # column -> last row of the merge, its cell
    for number, cells in sheet.rows:
        if open_:
            open_ = {column: held for column, held in open_.items() if held[0] >= number}
            have = {cell.column for cell in cells}
            down = [cell for column, (_, cell) in open_.items() if column not in have]
            cells = sorted([*cells, *down]) if down and cells else cells
        if sheet.merges:
            for cell in cells:
                merge = sheet.merges.get((number, cell.column))
                if merge and merge.bottom > number:
                    open_[cell.column] = (merge.bottom, cell)
        yield number, cells


def _with_blanks(rows: Rows, sheet: Sheet, shown: str) -> Rows:
    """With the blank rows between filled ones, unless they are thousands.

    Raises
    ------
    UnreadableFile
        When rows do not ascend: which of two with one number is meant, nobody can say.
    """
    last = 0
    for number, cells in rows:
        if not cells:
            continue
        if number <= last:
            found = f"row {number} after row {last}"
            raise UnreadableFile(shown, found, "rows in ascending order", "Open it in its program and save it again.")
        if last and number - last <= MAX_GAP:
            yield from ((blank, []) for blank in range(last + 1, number))
        elif last:
            sheet.gaps.append((last + 1, number - 1))
        yield number, cells
        last = number


def _width(top: list[tuple[int, list[Cell]]], opened: Opened, shown: str) -> int:
    """Columns that the first rows take up; single cells far to the right are not counted."""
    most = max(len(cells) for _, cells in top)
    if most > opened.max_columns:
        raise TooLarge(
            shown,
            f"{most} columns",
            f"at most {opened.max_columns}",
            "Remove columns that are not needed, or raise max_columns.",
        )
    return 1 + max((c.column for _, cells in top for c in cells if c.column < opened.max_columns), default=0)


def _dense(cells: list[Cell], width: int) -> Record:
    record = [""] * width
    for column, text, _ in cells:
        if column < width:
            record[column] = text
    return record


def _spread_merges(sheet: Sheet, top: list[tuple[int, list[Cell]]], width: int) -> list[Record]:
    """The first rows as records, each merged name standing over all its columns; titles excepted."""
    records = []
    for number, cells in top:
        record = _dense(cells, width)
        for cell in cells if len(cells) > 1 else ():
            merge = sheet.merges.get((number, cell.column))
            if merge:
                for column in range(merge.left, min(merge.right + 1, width)):
                    record[column] = cell.text
        records.append(record)
    return records


def _body(
    opened: Opened, shown: str, head: Head, top: list[tuple[int, list[Cell]]], rows: Rows
) -> tuple[Body, dict[int, dict[int, str]], frozenset[int]]:
    """Rows below the head, cells beside the table (column -> row index -> text), and columns of numbers."""
    width = len(head.headers)
    body = Body(opened, width, shown)
    beside: dict[int, dict[int, str]] = {}
    numbers, words = [0] * width, [0] * width
    for number, cells in chain(top[head.first :], rows):
        record = [""] * width
        for column, text, is_number in cells:
            if column < width:
                record[column] = text
                if is_number:
                    numbers[column] += 1
                else:
                    words[column] += 1
            else:
                beside.setdefault(column, {})[len(body.rows)] = text
                if len(beside) + width > opened.max_columns:
                    raise TooLarge(shown, "cells in too many columns", f"{opened.max_columns}", "Save the table alone.")
        body.add(number, record)
        if len(body.rows) * width > MAX_CELLS:
            raise TooLarge(shown, f"more than {MAX_CELLS:,} cells", "fewer", "Split the sheet, or save it as CSV.")
    return body, beside, frozenset(i for i in range(width) if numbers[i] and not words[i])


def _free(name: str, taken: list[str]) -> str:
    copy, free = 2, name
    while free in taken:
        free, copy = f"{name} ({copy})", copy + 1
    return free


def _said(sheet: Sheet, shown: str, headers: tuple[str, ...]) -> list[Finding]:
    """What was seen in the sheet besides its values."""
    findings = []
    if sheet.hidden:
        message = f"{shown}: the sheet is hidden in the workbook; it was read all the same."
        findings.append(Finding("hidden_sheet", "info", message, found=sheet.name))
    if sheet.hidden_rows:
        message = f"{shown}: {sheet.hidden_rows} rows are hidden (by a filter, perhaps); they were read all the same."
        findings.append(Finding("hidden_rows", "info", message, found=f"{sheet.hidden_rows} rows"))
    down = [merge for merge in sheet.merges.values() if merge.bottom > merge.top]
    if down:
        message = f"{shown}: {len(down)} cells are merged over several rows; their value was taken for each of them."
        findings.append(Finding("merged_cells", "info", message, row=down[0].top, found=f"{len(down)} merged cells"))
    return [*findings, *_gaps(sheet, shown), *_errors(sheet, shown, headers), *_valueless(sheet, shown)]


def _gaps(sheet: Sheet, shown: str) -> list[Finding]:
    if not sheet.gaps:
        return []
    runs = ", ".join(f"{first} to {last}" for first, last in sheet.gaps[:5])
    count = sum(last - first + 1 for first, last in sheet.gaps)
    message = f"{shown}: rows {runs} are blank; these {count} rows are no part of the table and are not counted."
    remedy = "Check whether what stands below them belongs to the table."
    return [Finding("blank_rows_skipped", "warning", message, sheet.gaps[0][0], found=f"{count} rows", remedy=remedy)]


def _errors(sheet: Sheet, shown: str, headers: tuple[str, ...]) -> list[Finding]:
    findings = []
    for row, column, error in sheet.errors[:MOST_NAMED]:
        where = headers[column] if column < len(headers) else letters(column)
        message = f"{shown}, cell {letters(column)}{row}: found the error {error[:20]}, expected a value; left blank."
        findings.append(
            Finding("error_cell", "warning", message, row, where, error[:20], "Correct the formula in this cell.")
        )
    rest = len(sheet.errors) - len(findings)
    if rest > 0:
        message = f"{shown}: {rest} more cells hold an error; they were left blank."
        findings.append(
            Finding("error_cell", "warning", message, found=f"{rest} cells", remedy="Correct the formulas.")
        )
    return findings


def _valueless(sheet: Sheet, shown: str) -> list[Finding]:
    if not sheet.valueless:
        return []
    row, column = sheet.valueless[0]
    count = len(sheet.valueless)
    message = (
        f"{shown}: {count} formulas have no value saved with them (the first in {letters(column)}{row}); left blank."
    )
    remedy = "Open the workbook in the program that made it, let it calculate, and save it again."
    return [Finding("formula_without_value", "warning", message, row, found=f"{count} formulas", remedy=remedy)]


def _beside_finding(shown: str, beside: dict[int, dict[int, str]]) -> Finding:
    names = ", ".join(letters(column) for column in sorted(beside)[:10])
    message = f"{shown}: columns {names} hold cells but no header; they were kept under the letter of their column."
    return Finding("cells_beside", "info", message, found=names, remedy="Give these columns a header, or clear them.")


def _empty(name: str, sheet: str) -> Finding:
    return Finding("empty_sheet", "info", f"{name}: the sheet {sheet} is empty; it was passed over.", found=sheet)


XLSX = Format("xlsx", "Excel workbook (XLSX)", (".xlsx", ".xlsm", ".xltx"), sniff_xlsx, read_xlsx)
ODS = Format("ods", "OpenDocument spreadsheet (ODS)", (".ods", ".ots"), sniff_ods, read_ods)
XLS = Format("xls", "old Excel workbook (XLS)", (".xls", ".xlt"), sniff_xls, read_xls)
