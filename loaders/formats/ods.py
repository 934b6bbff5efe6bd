"""ODS: the sheets of an OpenDocument spreadsheet, streamed.

By our own hand: python-calamine lays each sheet out as a full rectangle, loses errors, and
does not say which formulas have no value; odfpy holds the whole document as objects.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element, iterparse

from layers.errors import TooLarge
from loaders.formats.office import Package, attribute, local
from loaders.formats.sheet import MAX_ROWS, Cell, Merge, Sheet, number_text

MAX_REPEAT = 16_384
CONTENT = "content.xml"


def properties_of(package: Package) -> dict[str, str]:
    """Custom properties of the document."""
    return {
        attribute(element, "name"): (element.text or "").strip()
        for element in package.elements("meta.xml")
        if local(element.tag) == "user-defined"
    }


def sheets_of(package: Package) -> Iterator[Sheet]:
    """Every sheet in turn; its rows are to be read before the next is asked for."""
    if not package.has(CONTENT):
        return
    hidden: set[str] = set()
    with package.open(CONTENT) as stream:
        events = iter(iterparse(stream, ("start", "end")))  # noqa: S314 - guarded
        style = ""
        for event, element in events:
            name = local(element.tag)
            if event == "start" and name == "style":
                style = attribute(element, "name")
            elif event == "start" and name == "table-properties" and attribute(element, "display") == "false":
                hidden.add(style)
            elif event == "start" and name == "table":
                sheet = Sheet(attribute(element, "name"), iter(()), attribute(element, "style-name") in hidden)
                sheet.rows = _rows(events, sheet)
                yield sheet
                for _ in sheet.rows:
                    pass


def _rows(events: Iterator[tuple[str, Element]], sheet: Sheet) -> Iterator[tuple[int, list[Cell]]]:
    """Rows up to the end of the sheet; a table inside a cell is passed over."""
    number, depth = 1, 1
    for event, element in events:
        name = local(element.tag)
        if name == "table":
            depth += 1 if event == "start" else -1
            if depth == 0:
                return
        elif name == "table-row" and event == "end" and depth == 1:
            repeat = _count(element, "number-rows-repeated", MAX_ROWS)
            cells = _cells(element, number, sheet)
            if cells and attribute(element, "visibility") in ("collapse", "filter"):
                sheet.hidden_rows += 1
            element.clear()
            if cells:
                if number + repeat - 1 > MAX_ROWS:
                    found = f"row {number}, which is repeated beyond the end of any sheet"
                    raise TooLarge(f"sheet {sheet.name}", found, f"at most {MAX_ROWS:,} rows", "Save it again.")
                for offset in range(repeat):
                    yield number + offset, cells
            number += repeat


def _count(element: Element, name: str, most: int) -> int:
    text = attribute(element, name, "1")
    return min(int(text), most) if text.isdigit() and int(text[:9]) > 0 else 1


def _cells(row: Element, number: int, sheet: Sheet) -> list[Cell]:
    cells: list[Cell] = []
    column = 0
    for element in row:
        name = local(element.tag)
        if name not in ("table-cell", "covered-table-cell"):
            continue
        repeat = _count(element, "number-columns-repeated", MAX_REPEAT)
        text, is_number = _value(element, number, column, sheet) if len(element) or element.attrib else ("", False)
        if text and name == "table-cell":
            cells += [Cell(column + i, text, is_number) for i in range(min(repeat, MAX_REPEAT - column))]
            down = _count(element, "number-rows-spanned", MAX_ROWS)
            right = _count(element, "number-columns-spanned", MAX_REPEAT)
            if down > 1 or right > 1:
                sheet.merges[number, column] = Merge(number, column, number + down - 1, column + right - 1)
        column += repeat
        if column >= MAX_REPEAT:
            break
    return cells


def _value(element: Element, number: int, column: int, sheet: Sheet) -> tuple[str, bool]:
    given = {local(key): value for key, value in element.attrib.items() if local(key) != "value-type"}
    kinds = {value for key, value in element.attrib.items() if local(key) == "value-type"}
    text = "\n".join(_paragraph(p) for p in element if local(p.tag) == "p")
    if "error" in kinds or (text.startswith("#") and text.rstrip("!?").isupper() and "formula" in given):
        sheet.errors.append((number, column, text or "an error"))
        return "", False
    if "value" in given and kinds & {"float", "currency", "percentage"}:
        try:
            return number_text(given["value"]), True
        except (ValueError, OverflowError):
            return text, False
    for name in ("date-value", "boolean-value", "string-value"):
        if name in given:
            return given[name].removesuffix("T00:00:00"), False
    if "time-value" in given:
        return _time(given["time-value"]) or text, False
    if not text and "formula" in given:
        sheet.valueless.append((number, column))
    return text, False


def _time(duration: str) -> str:
    """A time of the form PT03H04M05S as people write it."""
    digits = duration.removeprefix("PT").replace("H", ":").replace("M", ":").removesuffix("S").split(".")[0]
    return digits if duration.startswith("PT") and all(part.isdigit() for part in digits.split(":")) else ""


def _paragraph(element: Element) -> str:
    """Text of a paragraph with its blanks and tabs, without remarks."""
    pieces = [element.text or ""]
    for child in element:
        name = local(child.tag)
        if name == "s":
            pieces.append(" " * _count(child, "c", 1000))
        elif name in ("tab", "line-break"):
            pieces.append("\t" if name == "tab" else "\n")
        elif name not in ("annotation", "note"):
            pieces.append(_paragraph(child))
        pieces.append(child.tail or "")
    return "".join(pieces)
