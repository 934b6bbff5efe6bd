"""Tables as offices write them: title lines, one or two lines of headers, an HXL row, then rows.

CSV, spreadsheets and records share this: which line is the header, what the columns are
called, how rows become columns of text, and what a file of our own says of itself.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from layers.errors import UnreadableFile
from layers.report import Finding
from loaders.formats.format import Opened
from loaders.formats.statements import (
    RETURNED,
    Rows,
    from_columns,
    without_apostrophes,
    without_empty_export,
    without_statements,
)
from loaders.raw import RawLayer, check_width, text_array, unique_headers

LOOK_AT = 25  # records in which title lines, header and HXL row must lie
CHUNK = 50_000
MOST_NAMED = 20
# Words that say nothing without the group that stands above them.
NEEDS_GROUP = frozenset(
    {"total", "male", "female", "men", "women", "boys", "girls", "hommes", "femmes", "number", "nombre", "count"}
)
DATE_LIKE = re.compile(r"(\d{4}[-/.]\d{1,2}([-/.]\d{1,2})?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|(19|20)\d\d|[2-6]\d{4})$")
# A name of a file, an address: no header is like the cells below it in that.
SHAPES = (re.compile(r".*\w\.[A-Za-z]{2,4}$"), re.compile(r"\w+://"), re.compile(r"[^@\s]+@[^@\s]+$"))
COMMENT = re.compile(r"#.*[A-Za-z]{2}")
Record = list[str]


@dataclass
class Head:
    """What stands above the data; `header` is -1 when nothing does."""

    header: int = -1
    headers: Record = field(default_factory=list)
    hxl: tuple[str, ...] = ()
    first: int = 0  # index of the first data record
    title: str = ""


def filled(record: Sequence[str]) -> Record:
    """The cells that hold something."""
    return [cell.strip() for cell in record if cell.strip()]


def find_head(records: list[Record]) -> Head:
    """Title lines, header and HXL row among the first records of a table."""
    tags = next((i for i, r in enumerate(records) if _is_hxl(r)), None)
    if tags is not None:
        header = next((i for i in range(tags - 1, -1, -1) if filled(records[i])), None)
        hxl = tuple(cell.strip().replace(" ", "").lower() for cell in records[tags])
        names = records[tags if header is None else header]
        above = records[: header or 0]
        return Head(tags, _padded(_with_groups(names, above), records), hxl, tags + 1, _title(above))
    widest = max((len(filled(r)) for r in records), default=0)
    header = next((i for i, r in enumerate(records) if len(filled(r)) >= max(1, 0.6 * widest)), 0)
    if records and _is_data(records, header):
        return Head(-1, [""] * max(map(len, records)), (), 0, "")
    if not records:
        return Head()
    names, first = records[header], header + 1
    if first < len(records) and _continues(records, header):
        names, first = _joined(names, records[first]), first + 1
    else:
        names = _with_groups(names, records[:header])
    return Head(header, _padded(names, records), (), first, _title(records[:header]))


def _is_hxl(record: Record) -> bool:
    cells = filled(record)
    return len(cells) >= 2 and sum(cell.startswith("#") for cell in cells) * 2 > len(cells)


def _is_value(cell: str) -> bool:
    """A number or a date rather than a name of a column."""
    return bool(cell) and not any(c.isalpha() for c in cell.replace("e", "").replace("E", "")) and cell[0] != "#"


def _is_data(records: list[Record], header: int) -> bool:
    """Whether the record that should be the header holds values like the rows below it."""
    cells = [cell.strip() for cell in records[header]]
    values = [i for i, cell in enumerate(cells) if _is_value(cell)]
    below = [r for r in records[header + 1 :] if filled(r)]
    if len(values) * 2 < len(filled(cells)):
        return any(_same_shape(cell, below, i) for i, cell in enumerate(cells))
    words = [i for i, cell in enumerate(cells) if cell and i not in values]
    # A word above numbers is a name; days side by side, over cells that are no days, are names too.
    if sum(_mostly_values(below, i) for i in words) >= 2:
        return False
    days = len(values) >= 2 and len({cells[i] for i in values}) == len(values)
    days = days and all(DATE_LIKE.match(cells[i]) for i in values)
    return not (days and words and below and not all(DATE_LIKE.match(_cell(r, i)) for r in below for i in values))


def _cell(record: Record, column: int) -> str:
    return record[column].strip() if column < len(record) else ""


def _same_shape(name: str, below: list[Record], column: int) -> bool:
    shape = next((s for s in SHAPES if s.match(name)), None)
    cells = [cell for r in below if (cell := _cell(r, column))]
    return shape is not None and bool(cells) and all(shape.match(cell) for cell in cells)


def _mostly_values(records: list[Record], column: int) -> bool:
    cells = [cell for r in records if (cell := _cell(r, column))]
    return bool(cells) and sum(map(_is_value, cells)) * 2 > len(cells)


def _continues(records: list[Record], header: int) -> bool:
    """Whether the header goes on in the next line: names where the first has groups or blanks."""
    upper, lower, below = records[header], records[header + 1], records[header + 2 :]
    cells = filled(lower)
    if not cells or any(map(_is_value, cells)) or not any(filled(r) for r in below):
        return False
    groups = _groups(upper)
    under = [i for i in range(len(lower)) if groups[i : i + 1] == [True]]
    beside = [i for i in range(len(lower)) if lower[i].strip() and i not in under]
    # Outside the groups the lower line may only repeat the upper one (cells merged downwards).
    if any(lower[i].strip() != _cell(upper, i) for i in beside) or not any(lower[i].strip() for i in under):
        return False
    return any(_mostly_values(below, i) for i in under) or len({lower[i] for i in under}) > len(under) // 2 > 0


def _groups(upper: Record) -> list[bool]:
    """Which columns stand under a name that spans several: repeated, or followed by blanks."""
    names = [cell.strip() for cell in upper]
    spread = _spread(upper)
    return [bool(spread[i]) and (not names[i] or spread.count(spread[i]) > 1) for i in range(len(names))]


def _spread(record: Record) -> Record:
    """Each name carried to the right over the blank cells that follow it."""
    result, last = [], ""
    for cell in record:
        last = " ".join(cell.split()) or last
        result.append(last)
    return result


def _joined(upper: Record, lower: Record) -> Record:
    """Names of two lines: the lower one, led by its group where it says too little alone."""
    width = max(len(upper), len(lower))
    upper, lower = upper + [""] * (width - len(upper)), lower + [""] * (width - len(lower))
    above, counts = _spread(upper), Counter(" ".join(cell.split()).lower() for cell in lower)
    names = []
    for i, cell in enumerate(lower):
        name = " ".join(cell.split())
        alone = counts[name.lower()] == 1 and name.lower() not in NEEDS_GROUP
        names.append(
            " ".join(upper[i].split()) if not name or name == above[i] else name if alone else f"{above[i]} {name}"
        )
    return names


def _with_groups(names: Record, above: list[Record]) -> Record:
    """Headers led by the line of groups just above them, where they are not unique without it."""
    if not above or len(filled(above[-1])) < 2 or any(map(_is_value, filled(above[-1]))):
        return names
    given = [cell.strip().lower() for cell in names if cell.strip()]
    needed = len(set(given)) < len(given) or NEEDS_GROUP & set(given) or len(given) < len(names)
    return _joined(above[-1], names) if needed else names


def _padded(names: Record, records: list[Record]) -> Record:
    """Headers, with blank ones where most rows are wider; a single wider row is a bad row."""
    widths = Counter(len(r) for r in records if filled(r))
    usual = max(widths, key=lambda width: (widths[width], width), default=0)
    return names + [""] * (usual - len(names))


def _title(records: list[Record]) -> str:
    return " / ".join(" ".join(filled(r)) for r in records if filled(r))[:300]


def header_of(cell: str) -> str:
    """A header as it was meant: some writers put `#` before the first one."""
    plain = cell.strip()
    return plain[1:].strip('" ') if plain.startswith("#") else plain


@dataclass
class Body:
    """Rows on their way into columns of text."""

    opened: Opened
    width: int
    shown: str  # how messages name the table
    rows: list[int] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    _block: list[Record] = field(default_factory=list)
    _chunks: list[list[pa.Array]] = field(default_factory=list)

    def add(self, number: int, record: Record) -> None:
        """Take one record, cut or filled up to the width of the table."""
        if len(record) != self.width:
            record = self._fitted(number, record)
        if record and record[0][:1] == "#":
            self._note_comment(number, record)
        self.rows.append(number)
        self._block.append(record)
        if len(self._block) == CHUNK:
            self._flush()

    def cells(self) -> list[pa.Array]:
        """One array per column."""
        self._flush()
        columns = zip(*self._chunks, strict=True) if self._chunks else [[text_array([])]] * self.width
        self._chunks = []
        return [pa.concat_arrays(list(parts)) for parts in columns]

    def _flush(self) -> None:
        if self._block:
            columns = zip(*self._block, strict=True)
            self._chunks.append([text_array([v or None for v in values]) for values in columns])
            self._block = []
            self.opened.progress(len(self.rows))

    def _note_comment(self, number: int, record: Record) -> None:
        if self.width > 1 and COMMENT.match(record[0]) and not filled(record[1:]):
            message = (
                f'{self.shown}, row {number}: found the remark "{record[0].strip()[:60]}", expected a row of data.'
            )
            remedy = "Nothing need be done; the remark is kept among the rejected rows."
            self.findings.append(
                Finding("comment_line", "rejected", message, number, found=record[0].strip()[:60], remedy=remedy)
            )

    def _fitted(self, number: int, record: Record) -> Record:
        width = self.width
        if filled(record[width:]):
            message = f"{self.shown}, row {number}: found {len(record)} cells, expected {width}."
            remedy = "Put quotes around cells that hold the delimiter."
            self.findings.append(
                Finding(
                    "too_many_cells",
                    "rejected",
                    f"{message} {remedy}",
                    row=number,
                    found=str(len(record)),
                    remedy=remedy,
                )
            )
        elif len(record) < width and filled(record) and not COMMENT.match(record[0]):
            message = f"{self.shown}, row {number}: found {len(record)} cells, expected {width}"
            self.findings.append(
                Finding(
                    "too_few_cells",
                    "warning",
                    f"{message}; the others were taken as blank.",
                    row=number,
                    found=str(len(record)),
                    remedy="Check whether cells of this row are missing or lie in the wrong column.",
                )
            )
        return (record + [""] * width)[:width]


def headers_of(head: Head, opened: Opened, shown: str) -> tuple[tuple[str, ...], list[Finding]]:
    """Unique headers, and what is said of them. Raises TooLarge over the limit of columns."""
    check_width(len(head.headers), opened.max_columns, shown)
    headers, findings = unique_headers([header_of(h) for h in head.headers], shown)
    if head.header < 0:
        findings.append(
            Finding(
                "no_header",
                "warning",
                f"{shown}: the first line already holds values; columns are named column_1, column_2 ...",
                row=1,
                remedy="Put a line of headers on top.",
            )
        )
    return headers, findings


def layer_of(
    shown: str,
    head: Head,
    headers: Sequence[str],
    rows: Rows,
    cells: list[pa.Array],
    findings: list[Finding],
    *,
    name: str = "",
    numeric: frozenset[int] = frozenset(),
) -> RawLayer:
    """The finished layer: blank columns and what Overlay itself added are taken off.

    Parameters
    ----------
    shown : str
        How messages name the table.
    numeric : frozenset of int
        Positions of columns that the format holds as numbers.

    Raises
    ------
    UnreadableFile
        When there is no row.
    """
    hxl = head.hxl + ("",) * (len(headers) - len(head.hxl)) if head.hxl else ()
    keep = [i for i, h in enumerate(head.headers) if h.strip() or cells[i].null_count < len(rows)]
    returned = [i for i in keep if headers[i] in RETURNED]
    if returned:
        findings = [*findings, _returned_finding(shown, [headers[i] for i in returned])]
        keep = [i for i in keep if i not in returned]
        cells = [without_apostrophes(column) for column in cells]
    columns, kept = [headers[i] for i in keep], [cells[i] for i in keep]
    overlay = from_columns(columns, kept)
    if overlay:
        rows, kept = without_empty_export(rows, columns, kept)
        columns, kept = without_statements(columns, kept)
        keep = [i for i in keep if headers[i] in columns]
    if not len(rows):
        raise UnreadableFile(shown, "a header and no rows", "at least one row", "Export it again with its rows.")
    return RawLayer(
        name=name,
        columns=tuple(columns),
        cells=kept,
        rows=np.asarray(rows, dtype=np.int64),
        hxl=tuple(hxl[i] for i in keep) if hxl else (),
        title=head.title,
        numeric=tuple(headers[i] for i in keep if i in numeric),
        overlay=overlay,
        findings=findings,
    )


def _returned_finding(shown: str, columns: list[str]) -> Finding:
    return Finding(
        "returned_columns",
        "info",
        f"{shown}: the columns {', '.join(columns)} came with rows that Overlay had rejected; they were left out.",
        found=", ".join(columns),
    )
