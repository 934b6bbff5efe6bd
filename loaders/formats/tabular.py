"""CSV and TSV: encoding, delimiter, title lines, header and HXL row are found; every record is counted."""

from __future__ import annotations

import codecs
import csv
import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa

from layers.errors import UnreadableFile
from layers.report import Finding
from loaders.formats.encoding import encoding_of, wide_encoding
from loaders.formats.format import Format, Opened
from loaders.formats.regular import regular_cells
from loaders.formats.statements import PREFIX, Rows
from loaders.formats.table import LOOK_AT, Body, Head, Record, find_head, header_of, headers_of, layer_of
from loaders.raw import RawLayer

DELIMITERS = ",;\t|"
QUICK_FROM = 1_000_000  # bytes: below, the careful reader is quick enough
SEPARATOR = re.compile(r'\ufeff?"?#?sep=(.)', re.IGNORECASE)  # a line by which Excel is told the delimiter
INSIDE_BRACKETS = re.compile(r"\([^()]*\)")


def sniff(head: bytes, path: Path) -> bool:
    """Text with a delimiter in it, that is neither XML nor JSON."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = head.decode("utf-16", errors="ignore")
    elif wide := wide_encoding(head):
        text = head.decode(wide, errors="ignore")
    elif b"\x00" in head or sum(b < 9 or 13 < b < 32 for b in head[:4096]) > 2:
        return False
    else:
        text = head.decode("utf-8", errors="replace")
    start = text.lstrip("\ufeff \r\n\t")[:1]
    if "<?xml" in text[:200] or "<html" in text[:1000].lower():
        return False
    return start not in ("", "<", "{", "[") and any(d in text for d in DELIMITERS)


def read(opened: Opened) -> list[RawLayer]:
    """Read the table; a row's number is its CSV record, title lines and header counted.

    Raises
    ------
    UnreadableFile
        When a quote is never closed, or there is no row at all.
    TooLarge
        Over the limit of columns.
    """
    findings: list[Finding] = []
    encoding = encoding_of(opened.path, opened.name, findings)
    delimiter = _delimiter(opened.path, encoding)
    records = list(islice(_records(opened, encoding, delimiter), LOOK_AT))
    head = find_head(records)
    if records and not records[0] and _states_delimiter(opened.path, encoding):
        message = f"{opened.name}: the first line only states the delimiter; it is no row."
        findings.append(Finding("separator_line", "info", message, row=1))
    headers, said = headers_of(head, opened, opened.name)
    quick = _quick(opened, encoding, delimiter, head)
    rows, cells, ragged = quick or _cells(opened, encoding, delimiter, head)
    return [layer_of(opened.name, head, headers, rows, cells, [*findings, *said, *ragged])]


def _delimiter(path: Path, encoding: str) -> str:
    """The delimiter that cuts most of the first records into the same, largest number of cells."""
    with path.open(encoding=encoding, errors="replace", newline="") as stream:
        lines = [_without_brackets(line) for line in islice(stream, 60)]
    stated = SEPARATOR.match(lines[0]) if lines else None
    if stated and stated[1] in DELIMITERS and any(stated[1] in line for line in lines[1:]):
        return stated[1]
    cuts = {d: Counter(len(record) for record in csv.reader(lines, delimiter=d) if record) for d in DELIMITERS}
    # One that cuts every line alike, the header too, is no comma that stands in numbers.
    alike = {d: max(widths) for d, widths in cuts.items() if len(widths) == 1 and max(widths) > 1}
    if alike:
        return max(alike, key=alike.__getitem__)

    def score(delimiter: str) -> float:
        widths = cuts[delimiter]
        if not widths:
            return 0
        width, count = max(widths.items(), key=lambda item: (item[0] > 1, item[1] * item[0]))
        return count / sum(widths.values()) * min(width, 50) if width > 1 else 0

    return max(DELIMITERS, key=score)


def _without_brackets(line: str) -> str:
    """Without the coordinates of WKT, whose commas delimit nothing."""
    while INSIDE_BRACKETS.search(line):
        line = INSIDE_BRACKETS.sub("", line)
    return line


def _states_delimiter(path: Path, encoding: str) -> bool:
    with path.open(encoding=encoding, errors="replace") as stream:
        return SEPARATOR.match(stream.readline()) is not None


def _quick(
    opened: Opened, encoding: str, delimiter: str, head: Head
) -> tuple[Rows, list[pa.Array], list[Finding]] | None:
    """The rows of a large and regular table; None where care is needed."""
    if opened.path.stat().st_size < QUICK_FROM or encoding not in ("utf-8", "utf-8-sig"):
        return None
    if any(header_of(header).startswith(PREFIX) for header in head.headers):  # our own files say more than rows
        return None
    above = list(islice(_records(opened, encoding, delimiter), head.first))
    if any("\n" in cell or "\r" in cell for record in above for cell in record):
        return None
    cells = regular_cells(opened.path, delimiter, head.first, len(head.headers))
    if cells is None:
        return None
    count = len(cells[0])
    opened.progress(count)
    return np.arange(head.first + 1, head.first + count + 1), cells, []


def _records(opened: Opened, encoding: str, delimiter: str) -> Iterator[Record]:
    csv.field_size_limit(10_000_000)
    begins = 1
    # Replacing is safe here: a decoding that fails was refused or changed before.
    with opened.path.open(encoding=encoding, errors="replace", newline="") as stream:
        reader = csv.reader(stream, delimiter=delimiter, strict=True)
        try:
            for record in reader:
                # The line that states the delimiter is no row, nor is it a title.
                yield [] if begins == 1 and record and SEPARATOR.match(record[0] + delimiter) else record
                begins = reader.line_num + 1
        except csv.Error as error:
            unclosed = "unexpected end" in str(error) or "field larger" in str(error)
            raise UnreadableFile(
                f"{opened.name}, line {begins}",
                "a quote that is opened and never closed" if unclosed else f"a quote out of place ({error})",
                "quotes in pairs",
                "Correct the quotes in this line, or save the sheet as CSV again.",
            ) from error


def _cells(opened: Opened, encoding: str, delimiter: str, head: Head) -> tuple[Rows, list[pa.Array], list[Finding]]:
    """Every record, with care: csv of the standard library, which says where a quote is wrong."""
    body = Body(opened, len(head.headers), opened.name)
    for number, record in enumerate(_records(opened, encoding, delimiter), 1):
        if number > head.first and record:
            body.add(number, record)
    findings, rows = body.findings, body.rows
    if findings and findings[-1].row == (rows[-1] if rows else None) and not _ends_with_newline(opened.path):
        findings[-1] = _cut_short(findings[-1], opened.name)
    return rows, body.cells(), findings


def _ends_with_newline(path: Path) -> bool:
    with path.open("rb") as stream:
        stream.seek(-min(2, path.stat().st_size), os.SEEK_END)
        return stream.read().strip(b"\x00")[-1:] in (b"\n", b"\r")  # UTF-16 has a zero byte on either side


def _cut_short(finding: Finding, name: str) -> Finding:
    """The finding of a short row that is the last of a file without an end of line."""
    if finding.code != "too_few_cells":
        return finding
    message = f"{name}, row {finding.row}: the file ends in the middle of this row, after {finding.found} cells."
    remedy = "Export or copy the file again."
    return replace(finding, code="truncated", severity="rejected", message=f"{message} {remedy}", remedy=remedy)


TABULAR = Format("tabular", "CSV or TSV", (".csv", ".tsv", ".txt"), sniff, read)
