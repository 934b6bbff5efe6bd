"""CSV and TSV: encoding, delimiter, title lines, header and HXL row are found; every record is counted."""

from __future__ import annotations

import codecs
import csv
import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa

from layers.errors import UnreadableFile
from layers.report import Finding
from loaders.formats.encoding import encoding_of, wide_encoding
from loaders.formats.format import Format, Opened
from loaders.formats.statements import from_columns, without_empty_export, without_statements
from loaders.raw import RawLayer, check_width, text_array, unique_headers

DELIMITERS = ",;\t|"
LOOK_AT = 25  # records in which title lines, header and HXL row must lie
CHUNK = 50_000
INSIDE_BRACKETS = re.compile(r"\([^()]*\)")
Record = list[str]


@dataclass
class _Head:
    """What stands above the data."""

    header: int = -1  # index of the header record, -1 when there is none
    headers: Record = field(default_factory=list)
    hxl: tuple[str, ...] = ()
    first: int = 0  # index of the first data record
    title: str = ""


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
    head = _head(list(islice(_records(opened, encoding, delimiter), LOOK_AT)))
    check_width(len(head.headers), opened.max_columns, opened.name)
    headers, renamed = unique_headers([_header(h) for h in head.headers], opened.name)
    findings += renamed
    if head.header < 0:
        findings.append(
            Finding(
                "no_header",
                "warning",
                f"{opened.name}: the first line already holds values; columns are named column_1, column_2 ...",
                row=1,
                remedy="Put a line of headers on top.",
            )
        )
    rows, cells, ragged = _cells(opened, encoding, delimiter, head, len(headers))
    keep = [i for i, h in enumerate(head.headers) if h.strip() or cells[i].null_count < len(rows)]
    columns, kept = [headers[i] for i in keep], [cells[i] for i in keep]
    overlay = from_columns(columns, kept)
    if overlay:
        rows, kept = without_empty_export(rows, columns, kept)
        columns, kept = without_statements(columns, kept)
    if not rows:
        raise UnreadableFile(opened.name, "a header and no rows", "at least one row", "Export it again with its rows.")
    return [
        RawLayer(
            name="",
            columns=tuple(columns),
            cells=kept,
            rows=np.array(rows, dtype=np.int64),
            hxl=tuple(head.hxl[i] if i < len(head.hxl) else "" for i in keep) if head.hxl else (),
            title=head.title,
            overlay=overlay,
            findings=[*findings, *ragged],
        )
    ]


def _delimiter(path: Path, encoding: str) -> str:
    """The delimiter that cuts most of the first records into the same, largest number of cells."""
    with path.open(encoding=encoding, errors="replace", newline="") as stream:
        lines = [_without_brackets(line) for line in islice(stream, 60)]
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


def _records(opened: Opened, encoding: str, delimiter: str) -> Iterator[Record]:
    csv.field_size_limit(10_000_000)
    begins = 1
    # Replacing is safe here: a decoding that fails was refused or changed before.
    with opened.path.open(encoding=encoding, errors="replace", newline="") as stream:
        reader = csv.reader(stream, delimiter=delimiter, strict=True)
        try:
            for record in reader:
                yield record
                begins = reader.line_num + 1
        except csv.Error as error:
            unclosed = "unexpected end" in str(error) or "field larger" in str(error)
            raise UnreadableFile(
                f"{opened.name}, line {begins}",
                "a quote that is opened and never closed" if unclosed else f"a quote out of place ({error})",
                "quotes in pairs",
                "Correct the quotes in this line, or save the sheet as CSV again.",
            ) from error


def _header(cell: str) -> str:
    """A header as it was meant: some writers put `#` before the first one."""
    plain = cell.strip()
    return plain[1:].strip('" ') if plain.startswith("#") else plain


def _filled(record: Record) -> list[str]:
    return [cell.strip() for cell in record if cell.strip()]


def _is_value(cell: str) -> bool:
    """A number or a date rather than a name of a column."""
    return bool(cell) and not any(c.isalpha() for c in cell.replace("e", "").replace("E", "")) and cell[0] != "#"


def _head(records: list[Record]) -> _Head:
    tags = next((i for i, r in enumerate(records) if _is_hxl(r)), None)
    if tags is not None:
        header = next((i for i in range(tags - 1, -1, -1) if _filled(records[i])), None)
        hxl = tuple(cell.strip().replace(" ", "").lower() for cell in records[tags])
        names = records[tags if header is None else header]
        return _Head(tags, _padded(names, records), hxl, tags + 1, _title(records[: header or 0]))
    widest = max((len(_filled(r)) for r in records), default=0)
    header = next((i for i, r in enumerate(records) if len(_filled(r)) >= max(1, 0.6 * widest)), 0)
    if records and sum(map(_is_value, _filled(records[header]))) * 2 >= len(_filled(records[header])):
        return _Head(-1, [""] * max(map(len, records)), (), 0, "")
    names = _padded(records[header], records) if records else []
    return _Head(header, names, (), header + 1, _title(records[:header]))


def _is_hxl(record: Record) -> bool:
    filled = _filled(record)
    return len(filled) >= 2 and sum(cell.startswith("#") for cell in filled) * 2 > len(filled)


def _padded(names: Record, records: list[Record]) -> Record:
    """Headers, with blank ones where most rows are wider; a single wider row is a bad row."""
    widths = Counter(len(r) for r in records if _filled(r))
    usual = max(widths, key=lambda width: (widths[width], width), default=0)
    return names + [""] * (usual - len(names))


def _title(records: list[Record]) -> str:
    return " / ".join(" ".join(_filled(r)) for r in records if _filled(r))[:300]


def _cells(
    opened: Opened, encoding: str, delimiter: str, head: _Head, width: int
) -> tuple[list[int], list[pa.Array], list[Finding]]:
    rows: list[int] = []
    chunks: list[list[pa.Array]] = [[] for _ in range(width)]
    findings: list[Finding] = []
    block: list[Record] = []
    for number, record in enumerate(_records(opened, encoding, delimiter), 1):
        if number <= head.first or not record:
            continue
        if len(record) != width:
            record = _fitted(record, width, number, opened.name, findings)
        rows.append(number)
        block.append(record)
        if len(block) == CHUNK:
            _add(block, chunks)
            block = []
    _add(block, chunks)
    if findings and findings[-1].row == (rows[-1] if rows else None) and not _ends_with_newline(opened.path):
        findings[-1] = _cut_short(findings[-1], opened.name)
    return rows, [pa.concat_arrays(parts) for parts in chunks], findings


def _fitted(record: Record, width: int, number: int, name: str, findings: list[Finding]) -> Record:
    if _filled(record[width:]):
        findings.append(
            Finding(
                "too_many_cells",
                "rejected",
                f"{name}, row {number}: found {len(record)} cells, expected {width}. Put quotes around cells that"
                " hold the delimiter.",
                row=number,
                found=str(len(record)),
                remedy="Put quotes around cells that hold the delimiter.",
            )
        )
    elif len(record) < width and _filled(record):
        findings.append(
            Finding(
                "too_few_cells",
                "warning",
                f"{name}, row {number}: found {len(record)} cells, expected {width}; the others were taken as blank.",
                row=number,
                found=str(len(record)),
                remedy="Check whether cells of this row are missing or lie in the wrong column.",
            )
        )
    return (record + [""] * width)[:width]


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


def _add(block: list[Record], chunks: list[list[pa.Array]]) -> None:
    columns = zip(*block, strict=True) if block else [()] * len(chunks)
    for parts, values in zip(chunks, columns, strict=True):
        parts.append(text_array([v or None for v in values]))


TABULAR = Format("tabular", "CSV or TSV", (".csv", ".tsv", ".txt"), sniff, read)
