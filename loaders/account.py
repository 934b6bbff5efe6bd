"""The running account of a file's rows while they are validated.

The law is told in rows of the sender: a source may make several records of one row
(see `loaders.sources.Reading`). A row is rejected when all of its records are, and
repaired when one was repaired or when some of them, not all, were rejected.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.report import Finding, Report, Severity
from loaders.raw import unique_headers

Mask = npt.NDArray[np.bool_]
LONGEST_SHOWN = 120


class Account:
    """What happened to each record; it closes as a `Report` of source rows that adds up.

    Attributes
    ----------
    rows : int64 array
        The sender's row number of each record, ascending; several records may share one.
    spare : frozenset of int
        Rows of the sender that no record was made of; they are accounted for as ok.
    rejected, repaired : array of bool
        One entry per record.
    """

    def __init__(self, name: str, rows: npt.NDArray[np.int64], spare: tuple[int, ...] = ()) -> None:
        self.name = name
        self.rows = rows
        self.spare = frozenset(spare) - set(rows.tolist() if spare else ())
        # Whether several records share a row: where none does, records are rows.
        self._shared = bool(len(rows)) and not bool(np.all(np.diff(rows) > 0))
        self.rejected: Mask = np.zeros(len(rows), bool)
        self.repaired: Mask = np.zeros(len(rows), bool)
        self._reasons: dict[int, str] = {}
        self._spare_reasons: dict[int, str] = {}
        self._findings: list[Finding] = []

    def take(self, findings: Iterable[Finding]) -> None:
        """Enter what the reader found; all records of its rejected rows are rejected here."""
        for finding in findings:
            if finding.row is not None and finding.severity in ("rejected", "repaired"):
                first, last = np.searchsorted(self.rows, [finding.row, finding.row + 1])
                if finding.severity == "rejected":
                    self.rejected[first:last] = True
                    if finding.row in self.spare:
                        self._spare_reasons.setdefault(finding.row, finding.message)
                    for index in range(first, last):
                        self._reasons.setdefault(index, finding.message)
                else:
                    self.repaired[first:last] = True
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
        """Reject the records of the mask that are not rejected yet."""
        self._enter(mask & ~self.rejected, "rejected", code, what, remedy, field, found)
        self.rejected |= mask

    def repair(
        self, mask: Mask, code: str, what: str, remedy: str, field: str | None = None, found: Any = None
    ) -> None:
        """Say what was changed in the records of the mask."""
        self._enter(mask & ~self.rejected, "repaired", code, what, remedy, field, found)
        self.repaired |= mask

    def warn(self, mask: Mask, code: str, what: str, remedy: str, field: str | None = None, found: Any = None) -> None:
        """Point at the records of the mask without changing them."""
        self._enter(mask & ~self.rejected, "warning", code, what, remedy, field, found)

    def _enter(
        self, mask: Mask, severity: Severity, code: str, what: str, remedy: str, field: str | None, found: Any
    ) -> None:
        indices = np.flatnonzero(mask)
        if not len(indices):
            return
        places = indices.tolist()
        rows = self.rows[indices].tolist()
        values = [""] * len(places)
        if found is not None:
            shown = found.iloc[indices] if isinstance(found, pd.Series) else np.asarray(found, dtype=object)[indices]
            values = [str(value)[:LONGEST_SHOWN] for value in shown]
        before, after = f"{self.name}, row ", (f", {field}" if field else "") + ": "
        bare, end = f"{what}. {remedy}", f'", {what}. {remedy}'
        messages = [
            f'{before}{row}{after}found "{value}{end}' if value else f"{before}{row}{after}{bare}"
            for row, value in zip(rows, values, strict=True)
        ]
        self._findings += [
            Finding(code, severity, message, row, field, value, remedy)
            for message, row, value in zip(messages, rows, values, strict=True)
        ]
        if severity == "rejected":
            for index, message in zip(places, messages, strict=True):
                self._reasons.setdefault(index, message)

    def rejected_rows(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The rejected source rows as the sender wrote them, one line each, with the reason."""
        indices = np.flatnonzero(self.rejected & ~self._kept_beside())
        _, first = np.unique(self.rows[indices], return_index=True)
        indices = indices[first]
        names, _ = unique_headers(["row", "reason", *frame.columns], self.name)
        cells = frame.iloc[indices].set_axis(list(names[2:]), axis=1)
        reasons = [self._reasons.get(index, "") for index in indices.tolist()]
        told = pd.DataFrame({"row": self.rows[indices], "reason": reasons}, index=cells.index).astype({"reason": "str"})
        kept = pd.concat([told, cells], axis=1)
        if self._spare_reasons:
            spare = pd.DataFrame({"row": list(self._spare_reasons), "reason": list(self._spare_reasons.values())})
            kept = pd.concat([kept, spare]).sort_values("row")
        return kept.reset_index(drop=True)

    def _kept_beside(self) -> Mask:
        """Records whose row has at least one record that was kept."""
        if not self._shared or not self.rejected.any():
            return ~self.rejected
        kept = np.unique(self.rows[~self.rejected])
        result: Mask = np.isin(self.rows, kept)
        return result

    def report(self, records: int) -> Report:
        """Close the account.

        Parameters
        ----------
        records : int
            Records made of the accepted rows.
        """
        if not self._shared and not self.spare:
            rejected = int(self.rejected.sum())
            repaired = int((self.repaired & ~self.rejected).sum())
            ok = len(self.rows) - rejected - repaired
            return Report(len(self.rows), ok, repaired, rejected, records, tuple(self._findings))
        saved = self.rejected & self._kept_beside()
        rows_in = np.union1d(self.rows, np.array(list(self.spare), np.int64))
        lost = np.union1d(self.rows[self.rejected & ~saved], np.array(list(self._spare_reasons), np.int64))
        mended = np.setdiff1d(self.rows[self.repaired | saved], lost)
        return Report(
            rows_in=len(rows_in),
            rows_ok=len(rows_in) - len(mended) - len(lost),
            rows_repaired=len(mended),
            rows_rejected=len(lost),
            records=records,
            findings=tuple(self._findings_of_rows(set(self.rows[saved].tolist()))),
        )

    def _findings_of_rows(self, saved: set[int]) -> list[Finding]:
        """The findings; a rejected record of a row that is kept otherwise was a repair of that row."""
        if not saved:
            return self._findings
        return [
            replace(f, severity="repaired", message=f"{f.message} Only this record of the row was left out.")
            if f.severity == "rejected" and f.row in saved
            else f
            for f in self._findings
        ]
