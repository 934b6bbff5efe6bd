"""The old XLS, by python-calamine: its sheets have at most 65,536 rows and 256 columns.

Error cells come as blanks and formulas with their saved value; the library tells neither.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from layers.errors import UnreadableFile
from loaders.formats.format import Opened
from loaders.formats.sheet import Cell, Merge, Sheet, value_text

REMEDY = "Save it as XLSX without a password."


def sheets_of(opened: Opened) -> Iterator[Sheet]:
    """Every sheet in turn.

    Raises
    ------
    UnreadableFile
        When it is encrypted, or another document of old Office.
    """
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_path(str(opened.path))
        metadata = book.sheets_metadata
    except Exception as error:  # the library raises classes of its own, and panics, for what it cannot read
        found = "an old Office file that is no readable workbook, or one with a password"
        raise UnreadableFile(
            opened.name, f"{found} ({str(error)[:80]})", "an Excel workbook without a password", REMEDY
        ) from error
    for position, entry in enumerate(metadata):
        if entry.typ != python_calamine.SheetTypeEnum.WorkSheet:
            continue
        sheet = book.get_sheet_by_index(position)
        merges = {
            (top + 1, left): Merge(top + 1, left, bottom + 1, right)
            for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
        }
        hidden = entry.visible != python_calamine.SheetVisibleEnum.Visible
        yield Sheet(entry.name, _rows(sheet), hidden, merges)


def _rows(sheet: Any) -> Iterator[tuple[int, list[Cell]]]:
    for number, row in enumerate(sheet.to_python(skip_empty_area=False), 1):
        yield (
            number,
            [
                Cell(column, value_text(value), isinstance(value, int | float) and not isinstance(value, bool))
                for column, value in enumerate(row)
                if value != ""
            ],
        )
