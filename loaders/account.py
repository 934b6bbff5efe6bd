"""The running account of a file's rows while they are validated."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.report import Finding, Report, Severity

Mask = npt.NDArray[np.bool_]


class Account:
    """What happened to each row; it closes as a `Report` that adds up.

    Attributes
    ----------
    rows : int64 array
        The sender's row numbers.
    rejected, repaired : array of bool
        One entry per row.
    """

    def __init__(self, name: str, rows: npt.NDArray[np.int64]) -> None:
        self.name = name
        self.rows = rows
        self.rejected: Mask = np.zeros(len(rows), bool)
        self.repaired: Mask = np.zeros(len(rows), bool)
        self._reasons: dict[int, str] = {}
        self._findings: list[Finding] = []

    def take(self, findings: list[Finding]) -> None:
        """Enter what the reader found; its rejected rows are rejected here."""
        position = {int(row): i for i, row in enumerate(self.rows)} if any(f.row for f in findings) else {}
        for finding in findings:
            index = position.get(finding.row) if finding.row is not None else None
            if index is not None and finding.severity == "rejected":
                self.rejected[index] = True
                self._reasons.setdefault(index, finding.message)
            elif index is not None and finding.severity == "repaired":
                self.repaired[index] = True
            self._findings.append(finding)

    def note(
        self,
        code: str,
        message: str,
        *,
        severity: Severity = "info",
        field: str | None = None,
        found: str = "",
        remedy: str = "",
    ) -> None:
        """Say one thing of the whole file."""
        self._findings.append(Finding(code, severity, f"{self.name}: {message}", None, field, found, remedy))

    def reject(
        self, mask: Mask, code: str, what: str, remedy: str, field: str | None = None, found: Any = None
    ) -> None:
        """Reject the rows of the mask that are not rejected yet."""
        self._enter(mask & ~self.rejected, "rejected", code, what, remedy, field, found)
        self.rejected |= mask

    def repair(
        self, mask: Mask, code: str, what: str, remedy: str, field: str | None = None, found: Any = None
    ) -> None:
        """Say what was changed in the rows of the mask."""
        self._enter(mask & ~self.rejected, "repaired", code, what, remedy, field, found)
        self.repaired |= mask

    def warn(self, mask: Mask, code: str, what: str, remedy: str, field: str | None = None, found: Any = None) -> None:
        """Point at the rows of the mask without changing them."""
        self._enter(mask & ~self.rejected, "warning", code, what, remedy, field, found)

    def _enter(
        self, mask: Mask, severity: Severity, code: str, what: str, remedy: str, field: str | None, found: Any
    ) -> None:
        for index in np.flatnonzero(mask):
            value = "" if found is None else str(found[index])[:120]
            row = int(self.rows[index])
            where = f"{self.name}, row {row}" + (f", {field}" if field else "")
            shown = f'found "{value}", {what}' if value else what
            message = f"{where}: {shown}. {remedy}"
            self._findings.append(Finding(code, severity, message, row, field, value, remedy))
            if severity == "rejected":
                self._reasons.setdefault(int(index), message)

    def rejected_rows(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The rejected rows as the sender wrote them, each with its reason."""
        kept = frame.loc[self.rejected].copy()
        kept.insert(0, "row", self.rows[self.rejected])
        kept.insert(1, "reason", [self._reasons.get(int(i), "") for i in np.flatnonzero(self.rejected)])
        return kept.reset_index(drop=True)

    def report(self, records: int) -> Report:
        """Close the account."""
        rejected = int(self.rejected.sum())
        repaired = int((self.repaired & ~self.rejected).sum())
        return Report(
            rows_in=len(self.rows),
            rows_ok=len(self.rows) - rejected - repaired,
            rows_repaired=repaired,
            rows_rejected=rejected,
            records=records,
            findings=tuple(self._findings),
        )
