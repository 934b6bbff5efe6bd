"""A spreadsheet to fill in for each kind of layer: drop-downs, an example, what each column means.

The headers are the labels of the fields, by which the file is recognised when it comes
back; the document itself says its kind. There is no HXL row: tags under the header stand
in the way of people who sort and filter, and the sheet "Fields" has them.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from layers.kind import Field, Kind
from layers.settings import PROJECT

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

LATITUDE = Field("latitude", "number", "Latitude", unit="degrees", minimum=-90, maximum=90)
LONGITUDE = Field("longitude", "number", "Longitude", unit="degrees", minimum=-180, maximum=180)
MEANINGS = {
    "latitude": "Decimal degrees, WGS84, north positive. Leave both blank where only the area is known.",
    "longitude": "Decimal degrees, WGS84, east positive.",
}
DAY, MOMENT = "yyyy-mm-dd", "yyyy-mm-dd hh:mm"
FORMATS = {"date": DAY, "moment": MOMENT, "integer": "#,##0", "number": "General", "flag": "General"}
ROWS_WITH_LISTS = 5000
GLOSSARY_ROW = re.compile(r"^\| `(\w+)` \| (.+?) \| (?:.+?) \| (?:.+?) \|$", re.MULTILINE)

# What the example rows hold where the type of a field does not say it; by field, for two rows.
EXAMPLES: dict[str, tuple[str, str]] = {
    "id": ("EX-001", "EX-002"),
    "site_id": ("S-01", "S-02"),
    "name": ("Three Wells", "Heronsford"),
    "name_local": ("Three Wells", "Heronsford"),
    "place_name": ("Three Wells", "Heronsford bridge"),
    "location_code": ("XOV", "XOV"),
    "admin1_code": ("XO01", "XO02"),
    "admin2_code": ("XO0101", "XO0201"),
    "admin3_code": ("", ""),
    "parent_code": ("XO01", "XO02"),
    "provider_admin1_name": ("Northern Cape", "Delta"),
    "provider_admin2_name": ("", ""),
    "provider_admin3_name": ("", ""),
    "origin_admin1_code": ("XO02", "XO01"),
    "origin_admin1_name": ("Delta", "Northern Cape"),
    "origin_name": ("Delta", "Northern Cape"),
    "destination_code": ("XO01", "XO02"),
    "destination_name": ("Northern Cape", "Delta"),
    "from_name": ("Three Wells", "Heronsford"),
    "to_name": ("Heronsford", "Saltmarsh"),
    "source_name": ("Sector East", "Sector East"),
    "place_precision": ("Point", "Point"),
    "time_precision": ("Day", "Day"),
    "place_radius_m": ("", ""),
    "reporting_round": ("7", "7"),
    "population": ("1250", "430"),
    "households": ("240", "85"),
    "fatalities_low": ("1", "0"),
    "fatalities": ("2", "0"),
    "fatalities_high": ("4", "1"),
    "people_targeted": ("1200", "400"),
    "people_reached": ("900", "150"),
    "length_km": ("12.5", "3"),
    "capacity": ("40", "15"),
    "latitude": ("-7.9512", "-8.2043"),
    "longitude": ("-119.9421", "-119.6810"),
}  # fmt: skip
STARTS = ("2025-03-03", "2025-03-10")
ENDS = ("2025-03-28", "2025-03-31")


def columns_of(kind: Kind) -> tuple[Field, ...]:
    """The columns of a kind's template; a place is given by degrees, an area by its P-code."""
    return (*kind.shown_fields, LATITUDE, LONGITUDE) if "point" in kind.places else kind.shown_fields


def example_rows(kind: Kind) -> list[list[str]]:
    """Two rows as a person would write them, in the order of `columns_of`."""
    return [[_example(field, kind, row) for field in columns_of(kind)] for row in (0, 1)]


def write_template(kind: Kind, to: Path | BinaryIO) -> None:
    """Write the template of a kind as an XLSX file."""
    from openpyxl import Workbook
    from openpyxl.packaging.custom import StringProperty

    book = Workbook()
    book.custom_doc_props.append(StringProperty(name="overlay_kind", value=kind.id))
    book.properties.title = f"{kind.label}: template"
    book.properties.creator = "Overlay"
    sheet = book.active
    sheet.title = kind.label[:31]
    _headers(sheet, kind)
    _example_sheet(book, kind)
    _fields_sheet(book, kind)
    _drop_downs(sheet, _lists_sheet(book, kind), kind)
    book.save(to)


def _example(field: Field, kind: Kind, row: int) -> str:
    if field.name in EXAMPLES:
        return EXAMPLES[field.name][row]
    if field.type in ("date", "moment"):
        day = (ENDS if field.name in (kind.ends, "ended_at", "reported_at", "reported_date") else STARTS)[row]
        return f"{day} 06:00" if field.type == "moment" else day
    if field.choices:
        return field.choices[row % len(field.choices)].label
    return {"flag": "yes", "integer": "10", "number": "1.5"}.get(field.type, f"{field.label} in words")


def _headers(sheet: Worksheet, kind: Kind) -> None:
    """The header row, frozen; a column's cells have the format of its field, so that Excel turns none into a date."""
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    for number, field in enumerate(columns_of(kind), 1):
        cell = sheet.cell(1, number, field.label)
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", fgColor="A5480B" if field.required else "1B75B8")
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        column = sheet.column_dimensions[get_column_letter(number)]
        column.width = max(12, min(28, len(field.label) + 4))
        column.number_format = FORMATS.get(field.type, "@")
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions


def _example_sheet(book: Workbook, kind: Kind) -> None:
    sheet = book.create_sheet("Example")
    _headers(sheet, kind)
    for row in example_rows(kind):
        sheet.append([_typed(text, field) for text, field in zip(row, columns_of(kind), strict=True)])


def _typed(text: str, field: Field) -> str | float | int | None:
    if not text:
        return None
    if field.type == "integer":
        return int(text)
    return float(text) if field.type == "number" else text


def _fields_sheet(book: Workbook, kind: Kind) -> None:
    from openpyxl.styles import Alignment, Font

    sheet = book.create_sheet("Fields")
    sheet.append(["Column", "Meaning", "How it is written", "Unit", "Needed", "Name in Overlay", "HXL"])
    said = meanings(kind.id)
    one_of = {name for group in kind.required_any for name in group}
    for field in columns_of(kind):
        needed = (
            "yes"
            if field.required
            else "one of these"
            if field.name in one_of or field in (LATITUDE, LONGITUDE)
            else ""
        )
        sheet.append(
            [field.label, said.get(field.name) or MEANINGS.get(field.name, ""), _written(field), field.unit, needed,
             field.name, " ".join(field.hxl)]
        )  # fmt: skip
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for letter, width in zip("ABCDEFG", (26, 70, 34, 12, 14, 24, 40), strict=True):
        sheet.column_dimensions[letter].width = width
        for cell in sheet[letter]:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "A2"


def _written(field: Field) -> str:
    if field.choices:
        return "one of the list"
    words = {
        "date": "2026-11-12",
        "moment": "2026-11-12 06:00 (UTC) or 120600Z NOV 26",
        "integer": "whole number",
        "number": "number",
        "flag": "yes or no",
    }
    return words.get(field.type, "text")


def _lists_sheet(book: Workbook, kind: Kind) -> dict[str, str]:
    """One column a coded field; gives field -> the cells that hold its values."""
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet("Lists")
    cells = {}
    coded = [(f.name, f.label, [c.label for c in f.choices]) for f in kind.fields if f.choices]
    flags = [(f.name, f.label, ["yes", "no"]) for f in kind.fields if f.type == "flag"]
    for number, (name, label, values) in enumerate([*coded, *flags], 1):
        for row, value in enumerate([label, *values], 1):
            sheet.cell(row, number, value)
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = 28
        cells[name] = f"Lists!${letter}$2:${letter}${len(values) + 1}"
    return cells


def _drop_downs(sheet: Worksheet, lists: dict[str, str], kind: Kind) -> None:
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    for number, field in enumerate(columns_of(kind), 1):
        if field.name not in lists:
            continue
        rule = DataValidation(type="list", formula1=f"={lists[field.name]}", allow_blank=True)
        rule.error = f"Choose a value of the list for {field.label}."
        letter = get_column_letter(number)
        rule.add(f"{letter}2:{letter}{ROWS_WITH_LISTS}")
        sheet.add_data_validation(rule)


@lru_cache(maxsize=16)
def meanings(kind_id: str) -> dict[str, str]:
    """Field -> what the glossary says of it; empty where the glossary is not installed."""
    file = PROJECT / "docs" / "glossary.md"
    if not file.is_file():
        return {}
    parts = re.split(r"^### (.+)$", file.read_text("utf-8"), flags=re.MULTILINE)
    sections = dict(zip(parts[1::2], parts[2::2], strict=True))
    rows = [pair for name in ("Shared", kind_id) for pair in GLOSSARY_ROW.findall(sections.get(name, ""))]
    return {name: meaning.replace("`", "") for name, meaning in rows}
