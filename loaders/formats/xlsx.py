"""XLSX: its parts, its date styles, its cells.

Read by our own hand from the streamed XML. openpyxl's read-only mode was measured at 12 s
for a million cells and knows neither merged cells nor formulas without a value;
python-calamine takes 1 s, but makes blanks of error cells without a word and stops the
process on one cell at XFD1048576. openpyxl decides what a date format is.
"""

from __future__ import annotations

import posixpath
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from xml.etree.ElementTree import Element

from layers.errors import UnreadableFile
from loaders.formats.office import Package, attribute, local
from loaders.formats.sheet import MAX_ROWS, Cell, Merge, Sheet, column_of, day_text, number_text, value_text

MERGE = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})"')
MERGE_CHUNK, MAX_MERGES = 1_048_576, 100_000
ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


@dataclass
class Workbook:
    """What the sheets of a workbook share."""

    package: Package
    parts: list[tuple[str, str, bool]] = field(default_factory=list)  # sheet name, part, hidden
    strings: list[str] = field(default_factory=list)
    days: frozenset[int] = frozenset()  # styles of dates
    spans: frozenset[int] = frozenset()  # styles of durations
    epoch: Any = None
    properties: dict[str, str] = field(default_factory=dict)

    def sheets(self) -> Iterator[Sheet]:
        """Every sheet in turn; its rows are to be read before the next is asked for."""
        for name, part, hidden in self.parts:
            sheet = Sheet(name, iter(()), hidden, _merges(self.package, part))
            sheet.rows = _rows(self, part, sheet)
            yield sheet


def open_workbook(package: Package) -> Workbook:
    """The parts, strings, styles and custom properties of a workbook."""
    from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH

    main = next((p for p in ("xl/workbook.xml", "workbook.xml") if package.has(p)), "xl/workbook.xml")
    folder = posixpath.dirname(main)
    targets: dict[str, tuple[str, str]] = {}
    for e in package.elements(f"{folder}/_rels/{posixpath.basename(main)}.rels".lstrip("/")):
        if local(e.tag) == "Relationship":
            target = posixpath.normpath(posixpath.join("/", folder, e.get("Target", ""))).lstrip("/")
            targets[e.get("Id", "")] = (target, e.get("Type", ""))
    book = Workbook(package, epoch=WINDOWS_EPOCH)
    for e in package.elements(main):
        if local(e.tag) == "workbookPr" and e.get("date1904") in ("1", "true"):
            book.epoch = MAC_EPOCH
        elif local(e.tag) == "sheet":
            part, kind = targets.get(_relation(e), ("", ""))
            if kind.endswith("/worksheet") and package.has(part):
                book.parts.append((e.get("name", ""), part, e.get("state", "visible") != "visible"))
    parts = {kind.rpartition("/")[2]: target for target, kind in targets.values()}
    book.strings = _strings(package, parts.get("sharedStrings", f"{folder}/sharedStrings.xml"))
    book.days, book.spans = _date_styles(package, parts.get("styles", f"{folder}/styles.xml"))
    book.properties = _properties(package)
    return book


def _relation(sheet: Element) -> str:
    return next((value for key, value in sheet.attrib.items() if key.endswith("}id")), "")


def _strings(package: Package, part: str) -> list[str]:
    strings = []
    for element in package.elements(part):
        if local(element.tag) == "si":
            strings.append(_text(element))
            element.clear()
    return strings


def _text(element: Element) -> str:
    """Text of a string with its runs, without the reading aid that East Asian text may carry."""
    pieces = [child for child in element if local(child.tag) != "rPh"]
    texts = [t.text or "" for piece in pieces for t in piece.iter() if local(t.tag) == "t"]
    return ESCAPE.sub(lambda found: chr(int(found[1], 16)), "".join(texts)) if texts else ""


def _date_styles(package: Package, part: str) -> tuple[frozenset[int], frozenset[int]]:
    from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format

    formats: dict[int, str] = dict(BUILTIN_FORMATS)
    days, spans = set(), set()
    for element in package.elements(part):
        name = local(element.tag)
        if name == "numFmt" and element.get("numFmtId", "").isdigit():
            formats[int(element.get("numFmtId", "0"))] = element.get("formatCode", "")
        elif name == "cellXfs":
            for style, xf in enumerate(element):
                number = xf.get("numFmtId", "0")
                code = formats.get(int(number), "") if number.isdigit() else ""
                if is_timedelta_format(code):
                    spans.add(style)
                elif is_date_format(code) or (
                    number.isdigit() and (27 <= int(number) <= 36 or 50 <= int(number) <= 58)
                ):
                    days.add(style)
    return frozenset(days), frozenset(spans)


def _properties(package: Package) -> dict[str, str]:
    found = {}
    for element in package.elements("docProps/custom.xml"):
        if local(element.tag) == "property":
            found[attribute(element, "name")] = "".join(element.itertext()).strip()
    return found


def _merges(package: Package, part: str) -> dict[tuple[int, int], Merge]:
    """Merged ranges; they stand below the rows, so the bytes are gone through once before."""
    found: dict[tuple[int, int], Merge] = {}
    rest = b""
    with package.open(part) as stream:
        while chunk := stream.read(MERGE_CHUNK):
            data = rest + chunk
            if b"mergeCell" in data:
                for left, top, right, bottom in MERGE.findall(data):
                    merge = Merge(int(top), column_of(left.decode()), int(bottom), column_of(right.decode()))
                    if len(found) < MAX_MERGES:
                        found[merge.top, merge.left] = merge
            rest = data[-200:]
    return found


def _rows(book: Workbook, part: str, sheet: Sheet) -> Iterator[tuple[int, list[Cell]]]:
    reader = _Cells(book, sheet)
    number = 0
    for element in book.package.elements(part):
        if element.tag.endswith("}row") or element.tag == "row":
            stated = element.get("r", "")
            number = int(stated[:9]) if stated.isdecimal() else number + 1
            cells = reader.of(element, number)
            if cells and number > MAX_ROWS:
                found, most = f"a row with the number {number}", f"rows up to {MAX_ROWS:,}"
                raise UnreadableFile(f"{book.package.name}, sheet {sheet.name}", found, most, "Save it again.")
            if cells and element.get("hidden") in ("1", "true"):
                sheet.hidden_rows += 1
            element.clear()
            yield number, cells


class _Cells:
    """Turns the cells of a row into text."""

    def __init__(self, book: Workbook, sheet: Sheet) -> None:
        self.book, self.sheet = book, sheet
        self.dated = book.days | book.spans
        self.columns: dict[str, int] = {}
        self.tags: dict[str, str] = {}

    def of(self, row: Element, number: int) -> list[Cell]:
        cells, column = [], -1
        for element in row:
            reference = element.get("r")
            column = self._column(reference) if reference else column + 1
            raw, formula = None, False
            for child in element:
                tag = self.tags.get(child.tag) or self.tags.setdefault(child.tag, local(child.tag))
                if tag == "v":
                    raw = child.text
                elif tag == "is":
                    raw = _text(child)
                elif tag == "f":
                    formula = True
            if raw:
                text, is_number = self._value(element, raw, number, column)
                if text:
                    cells.append(Cell(column, text, is_number))
            elif formula and element.get("t") != "str":
                self.sheet.valueless.append((number, column))
        return cells

    def _column(self, reference: str) -> int:
        name = reference.rstrip("0123456789")
        known = self.columns.get(name)
        if known is None:
            known = self.columns[name] = column_of(name.replace("$", "").upper())
        return known

    def _value(self, element: Element, raw: str, number: int, column: int) -> tuple[str, bool]:
        kind = element.get("t", "n")
        if kind == "n":
            style = element.get("s", "0")
            if self.dated and style.isdigit() and int(style) in self.dated:
                return self._day(raw, int(style)), False
            try:
                return number_text(raw), True
            except (ValueError, OverflowError):
                return raw, False
        if kind == "s":
            place = int(raw) if raw.isdecimal() else -1
            if 0 <= place < len(self.book.strings):
                return self.book.strings[place], False
            self.sheet.errors.append((number, column, f"no text {raw}"))
            return "", False
        if kind == "b":
            return ("true" if raw.strip() in ("1", "true") else "false"), False
        if kind == "e":
            self.sheet.errors.append((number, column, raw))
            return "", False
        if kind == "d":
            return raw, False
        return ESCAPE.sub(lambda found: chr(int(found[1], 16)), raw) if kind == "str" else raw, False

    def _day(self, raw: str, style: int) -> str:
        """A serial number of a cell with a date format, in ISO 8601; as it is when it is no day."""
        from openpyxl.utils.datetime import from_excel

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                value = from_excel(float(raw), self.book.epoch, timedelta=style in self.book.spans)
        except (ValueError, OverflowError, TypeError):
            return raw
        return day_text(value) if isinstance(value, datetime) else value_text(value)
