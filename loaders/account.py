"""The running account of a file's rows while they are validated.

The law is told in rows of the sender: a source may make several records of one row
(see `loaders.sources.Reading`). A row is rejected when all of its records are, and
repaired when one was repaired or when some of them, not all, were rejected.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from layers.report import Finding, Findings, Report, RowFindings, Severity
from loaders.raw import unique_headers

Mask = npt.NDArray[np.bool_]
LONGEST_SHOWN = 120
ONLY_THIS = " Only this record of the row was left out."


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
        self._reasons: list[tuple[npt.NDArray[np.int64], RowFindings | str]] = []
        self._spare_reasons: dict[int, str] = {}
        self._findings: list[Finding | RowFindings] = []

    def take(self, findings: Iterable[Finding]) -> None:
        """Enter what the reader found; all records of its rejected rows are rejected here."""
        for finding in findings:
            if finding.row is not None and finding.severity in ("rejected", "repaired"):
                first, last = np.searchsorted(self.rows, [finding.row, finding.row + 1])
                if finding.severity == "rejected":
                    self.rejected[first:last] = True
                    if finding.row in self.spare:
                        self._spare_reasons.setdefault(finding.row, finding.message)
                    self._reasons.append((np.arange(first, last), finding.message))
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
        values = _shown(found, indices)
        entry = RowFindings(code, severity, self.name, what, remedy, field, self.rows[indices], values)
        self._findings.append(entry)
        if severity == "rejected":
            self._reasons.append((indices, entry))

    def rejected_rows(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The rejected source rows as the sender wrote them, one line each, with the reason."""
        indices = np.flatnonzero(self.rejected & ~self._kept_beside())
        _, first = np.unique(self.rows[indices], return_index=True)
        indices = indices[first]
        names, _ = unique_headers(["row", "reason", *frame.columns], self.name)
        cells = frame.iloc[indices].set_axis(list(names[2:]), axis=1)
        told = pd.DataFrame({"row": self.rows[indices], "reason": self._first_reasons()[indices]}, index=cells.index)
        told = told.astype({"reason": "str"})
        kept = pd.concat([told, cells], axis=1)
        if self._spare_reasons:
            spare = pd.DataFrame({"row": list(self._spare_reasons), "reason": list(self._spare_reasons.values())})
            kept = pd.concat([kept, spare]).sort_values("row")
        return kept.reset_index(drop=True)

    def _first_reasons(self) -> npt.NDArray[np.object_]:
        """Why each record was rejected first; empty for those that were not."""
        reasons = np.full(len(self.rows), "", dtype=object)
        for indices, entry in reversed(self._reasons):
            reasons[indices] = entry if isinstance(entry, str) else entry.messages().to_numpy(zero_copy_only=False)
        return reasons

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
            return Report(len(self.rows), ok, repaired, rejected, records, Findings(self._findings))
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
            findings=self._findings_of_rows(np.unique(self.rows[saved])),
        )

    def _findings_of_rows(self, saved: npt.NDArray[np.int64]) -> Findings:
        """The findings; a rejected record of a row that is kept otherwise was a repair of that row."""
        return Findings(*(_with_saved(part, saved) for part in self._findings))


def _with_saved(part: Finding | RowFindings, saved: npt.NDArray[np.int64]) -> Iterator[Finding | RowFindings]:
    if part.severity != "rejected" or not len(saved):
        yield part
    elif isinstance(part, Finding):
        repair = replace(part, severity="repaired", message=f"{part.message}{ONLY_THIS}")
        yield repair if part.row in saved else part
    else:
        kept = np.isin(part.rows, saved)
        mended = replace(part.of(kept), severity="repaired", more=ONLY_THIS)
        yield from (some for some in (part.of(~kept), mended) if len(some))


def _shown(found: Any, indices: npt.NDArray[np.int64]) -> pa.Array:
    """What stood in these records, as text of bounded length."""
    if found is None:
        return pa.repeat(pa.scalar("", pa.large_string()), len(indices))
    values = found.iloc[indices] if isinstance(found, pd.Series) else np.asarray(found, dtype=object)[indices]
    if isinstance(getattr(values, "dtype", None), pd.StringDtype):
        cells = pa.array(values, pa.large_string(), from_pandas=True)
        return pc.fill_null(pc.utf8_slice_codeunits(cells, 0, LONGEST_SHOWN), "")
    return pa.array([str(value)[:LONGEST_SHOWN] for value in values], pa.large_string())
