"""Rejected rows on their way back to the sender, each with its reason beside the cells as they were sent.

They go out as CSV or XLSX: two columns of ours, then the sender's own. Mended, the file
loads again; `loaders.formats.table` leaves our columns out.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from layers.spreadsheet import cell
from loaders.aside import with_aside
from loaders.kept import REJECTED, KeptReview

ROW, REASON = "overlay_row", "overlay_reason"
MOST_IN_A_SHEET = 100_000  # beyond that a spreadsheet is no help; the CSV holds all
NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
LONGEST_CELL = 32_000  # Excel ends at 32,767
CHUNK, PART = 5_000, 25_000


def rejected_parts(kept: KeptReview) -> Iterator[pd.DataFrame]:
    """Rejected rows as the sender wrote them, columns about people included, a part at a time; at least one part."""
    if kept.refusal is not None:
        yield kept.rejected()
        return
    file = pq.ParquetFile(kept.folder / REJECTED)
    parts = (batch.to_pandas() for batch in file.iter_batches(PART))
    first = next(parts, None)
    yield kept.rejected() if first is None else with_aside(first, kept.draft, kept.home)
    for part in parts:
        yield with_aside(part, kept.draft, kept.home)


def as_csv(parts: Iterable[pd.DataFrame]) -> Iterator[bytes]:
    """The rows as CSV, in pieces; no cell runs as a formula.

    Parameters
    ----------
    parts : iterable of DataFrame
        ``row``, ``reason``, and the sender's columns, the same in each part.
    """
    yield b"\xef\xbb\xbf"
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for number, rejected in enumerate(parts):
        if number == 0:
            writer.writerow([cell(name) for name in _names(rejected)])
        for start in range(0, max(1, len(rejected)), CHUNK):
            part = rejected.iloc[start : start + CHUNK]
            writer.writerows([_cell(value) for value in row] for row in part.itertuples(index=False, name=None))
            yield out.getvalue().encode("utf-8", "replace")
            out.seek(0)
            out.truncate()


def as_xlsx(parts: Iterable[pd.DataFrame], total: int) -> bytes:
    """The first rows as a workbook: header frozen, widths that fit, the reason on a colour.

    Where there are more rows than a sheet takes, the sheet's name says so.

    Parameters
    ----------
    parts : iterable of DataFrame
        As for `as_csv`.
    total : int
        How many rows were rejected.
    """
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    whole = total <= MOST_IN_A_SHEET
    sheet = book.create_sheet("Rejected rows" if whole else f"{MOST_IN_A_SHEET:,} of {total:,} rejected")
    parts = iter(parts)
    shown = next(parts)
    names = _names(shown)
    for number, name in enumerate(names, 1):
        longest = max((len(str(v)) for v in shown.iloc[:200, number - 1] if not _missing(v)), default=0)
        width = 60 if name == REASON else max(10, min(40, max(longest, len(name)) + 2))
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "C2"
    reason, bold = PatternFill("solid", fgColor="FFF0C2"), Font(bold=True)
    wrapped = Alignment(wrap_text=True, vertical="top")

    def text(value: object, *, header: bool = False, highlighted: bool = False) -> WriteOnlyCell:
        made = WriteOnlyCell(sheet, "" if _missing(value) else NOT_IN_XML.sub("", str(value))[:LONGEST_CELL])
        made.data_type = "s"  # whatever it begins with, it is text and no formula
        made.number_format = "@"
        if header:
            made.font = bold
        if highlighted:
            made.fill, made.alignment = reason, wrapped
        return made

    sheet.append([text(name, header=True, highlighted=name == REASON) for name in names])
    rows = (row for part in chain([shown], parts) for row in part.itertuples(index=False, name=None))
    for row in islice(rows, MOST_IN_A_SHEET):
        sheet.append([int(row[0]), text(row[1], highlighted=True), *(text(value) for value in row[2:])])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def findings_csv(file: Path) -> Iterator[bytes]:
    """Kept findings, a Parquet file of `Finding`s, as CSV in pieces."""
    yield b"\xef\xbb\xbf"
    rows = pq.ParquetFile(file)
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(rows.schema_arrow.names)
    for batch in rows.iter_batches(CHUNK):
        writer.writerows([cell(value) for value in finding.values()] for finding in batch.to_pylist())
        yield out.getvalue().encode("utf-8", "replace")
        out.seek(0)
        out.truncate()
    yield out.getvalue().encode("utf-8", "replace")


def _names(rejected: pd.DataFrame) -> list[str]:
    return [ROW, REASON, *map(str, rejected.columns[2:])]


def _cell(value: object) -> str | int | float:
    return "" if _missing(value) else cell(value)


def _missing(value: object) -> bool:
    return value is None or value is pd.NA or value != value
