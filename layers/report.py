"""What happened to every row of a file: the law is rows_in = ok + repaired + rejected."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

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


@dataclass(frozen=True)
class Report:
    """The account of one (file, layer).

    Attributes
    ----------
    rows_in, rows_ok, rows_repaired, rows_rejected : int
        Source rows. A row with a repair and no rejection is repaired.
    records : int
        Records made from the accepted rows.
    findings : tuple of Finding
    """

    rows_in: int = 0
    rows_ok: int = 0
    rows_repaired: int = 0
    rows_rejected: int = 0
    records: int = 0
    findings: tuple[Finding, ...] = field(default=())

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
