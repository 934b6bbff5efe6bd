"""What happened to every row of a file: the law is rows_in = ok + repaired + rejected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice
from typing import Any, Literal, overload

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Severity = Literal["info", "repaired", "warning", "rejected", "refused"]


@dataclass(frozen=True)
class Finding:
    """One thing noticed while loading.

    Attributes
    ----------
    code : str
        Stable snake_case name, e.g. ``empty_row``.
    severity : {"info", "warning", "repaired", "rejected", "refused"}
        ``repaired`` and ``rejected`` always name a row; ``refused`` ends the file.
    message : str
        One sentence for a person.
    row : int or None
        The number that the sender sees: spreadsheet row, CSV record counted with
        title lines and header, feature counted from 1. None for the whole file.
    field : str or None
        Column as the sender named it, or the canonical field.
    found, remedy : str
        What was there, and what to do.
    """

    code: str
    severity: Severity
    message: str
    row: int | None = None
    field: str | None = None
    found: str = ""
    remedy: str = ""

    def head(self) -> Finding:
        """Itself: the first of one."""
        return self

    def as_dict(self) -> dict[str, Any]:
        """The finding as the command line prints it."""
        return {
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "row": self.row,
            "field": self.field,
            "found": self.found,
            "remedy": self.remedy,
        }


TEXT = pa.large_string()
COLUMNS = pa.schema([(name, pa.int64() if name == "row" else TEXT) for name in Finding("", "info", "").as_dict()])


@dataclass(frozen=True, eq=False)
class RowFindings:
    """One thing noticed in many rows, kept as columns: a million bad rows are then a few arrays.

    Attributes
    ----------
    where, what : str
        The file as messages call it, and what is the matter.
    rows : int64 array
    found : pyarrow array of text
        What was there, one per row; empty text where that says nothing.
    more : str
        A sentence that ends each message.
    """

    code: str
    severity: Severity
    where: str
    what: str
    remedy: str
    field: str | None
    rows: npt.NDArray[np.int64]
    found: pa.Array
    more: str = ""

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Finding]:
        for row, found, message in zip(self.rows.tolist(), self.found.to_pylist(), self.messages(), strict=True):
            yield Finding(self.code, self.severity, message.as_py(), row, self.field, found, self.remedy)

    def messages(self) -> pa.Array:
        """One sentence for each row."""
        field = f", {self.field}" if self.field else ""
        head = _joined(f"{self.where}, row ", pa.array(self.rows).cast(TEXT), f"{field}: ")
        end = f"{self.what}. {self.remedy}{self.more}"
        said = pc.not_equal(self.found, "")
        return pc.if_else(said, _joined(head, 'found "', self.found, f'", {end}'), _joined(head, end))

    def of(self, mask: npt.NDArray[np.bool_]) -> RowFindings:
        """Those of some of the rows."""
        return replace(self, rows=self.rows[mask], found=self.found.filter(pa.array(mask)))

    def head(self) -> RowFindings:
        """That of the first row alone."""
        return replace(self, rows=self.rows[:1], found=self.found.slice(0, 1))

    def table(self) -> pa.Table:
        """The same as `Findings.table`."""
        same = {"code": self.code, "severity": self.severity, "field": self.field, "remedy": self.remedy}
        columns = {name: pa.repeat(pa.scalar(value, TEXT), len(self)) for name, value in same.items()}
        columns |= {"message": self.messages(), "row": pa.array(self.rows), "found": self.found}
        return pa.table({name: columns[name] for name in COLUMNS.names}, COLUMNS)


def _joined(*parts: str | pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(*(pa.scalar(p, TEXT) if isinstance(p, str) else p for p in (*parts, "")))


class Findings(Sequence[Finding]):
    """All that was noticed, in its order."""

    def __init__(self, *several: Iterable[Finding | RowFindings]) -> None:
        self.parts: tuple[Finding | RowFindings, ...] = tuple(
            part for some in several for part in (some.parts if isinstance(some, Findings) else some)
        )

    def __len__(self) -> int:
        return sum(1 if isinstance(part, Finding) else len(part) for part in self.parts)

    def __iter__(self) -> Iterator[Finding]:
        for part in self.parts:
            yield from (part,) if isinstance(part, Finding) else part

    @overload
    def __getitem__(self, index: int) -> Finding: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Finding]: ...
    def __getitem__(self, index: int | slice) -> Finding | Sequence[Finding]:
        if isinstance(index, slice):
            return tuple(self)[index]
        try:
            return next(islice(self, index if index >= 0 else len(self) + index, None))
        except StopIteration:
            raise IndexError(index) from None

    def table(self) -> pa.Table:
        """A row a finding, with the columns of `Finding`."""
        tables = [COLUMNS.empty_table()]
        for of_rows, parts in groupby(self.parts, lambda part: isinstance(part, RowFindings)):
            if of_rows:
                tables += [part.table() for part in parts if isinstance(part, RowFindings)]
            else:
                tables.append(pa.Table.from_pylist([p.as_dict() for p in parts if isinstance(p, Finding)], COLUMNS))
        return pa.concat_tables(tables)

    def counts(self) -> dict[tuple[Severity, str], tuple[int, str]]:
        """How often each code of each severity stands, and the first of them in words."""
        result: dict[tuple[Severity, str], tuple[int, str]] = {}
        for part in self.parts:
            key, many = (part.severity, part.code), len(Findings([part]))
            if many:
                before, first = result.get(key) or (0, next(iter(Findings([part.head()]))).message)
                result[key] = before + many, first
        return result


@dataclass(frozen=True)
class Report:
    """The account of one (file, layer).

    Attributes
    ----------
    rows_in, rows_ok, rows_repaired, rows_rejected : int
        Source rows. A row with a repair and no rejection is repaired.
    records : int
        Records made from the accepted rows.
    findings : sequence of Finding
    """

    rows_in: int = 0
    rows_ok: int = 0
    rows_repaired: int = 0
    rows_rejected: int = 0
    records: int = 0
    findings: Sequence[Finding] = ()

    def __post_init__(self) -> None:
        accounted = self.rows_ok + self.rows_repaired + self.rows_rejected
        if self.rows_in != accounted:
            raise ValueError(
                f"rows_in {self.rows_in} != ok {self.rows_ok} + repaired {self.rows_repaired}"
                f" + rejected {self.rows_rejected}"
            )

    def as_dict(self) -> dict[str, Any]:
        """The account as the command line prints it."""
        return {
            "rows_in": self.rows_in,
            "rows_ok": self.rows_ok,
            "rows_repaired": self.rows_repaired,
            "rows_rejected": self.rows_rejected,
            "records": self.records,
            "findings": [finding.as_dict() for finding in self.findings],
        }
