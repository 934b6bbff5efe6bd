"""Fields that a source implies or a kind computes; what was mapped stays."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from layers.kind import Kind, normalise
from layers.kinds.incidents import PEACEFUL
from loaders.account import Account
from loaders.convert import convert_columns
from loaders.sources import Prepared
from loaders.values import by_text

UNKNOWN = "unknown"
# ACLED counts it among protests, and it is violence all the same.
FORCE_AGAINST_PROTESTERS = "excessive force against protesters"


def add_prepared(
    columns: dict[str, pd.Series], prepared: Prepared, kind: Kind, column_of: dict[str, str], account: Account
) -> None:
    """Add what a source derives from its own columns."""
    account.take([replace(f, message=f"{account.name}: {f.message}") for f in prepared.findings])
    derived = pd.DataFrame(prepared.columns, index=pd.RangeIndex(len(account.rows)))
    # The precision that was read off the dates gives way to the one that the source states.
    open_fields = {n for n in kind.names if n not in columns or (n == "time_precision" and n not in column_of)}
    wanted = {name: name for name in derived if name in open_fields}
    columns |= convert_columns(derived[list(wanted)], kind, wanted, account)[0]


def add_computed(columns: dict[str, pd.Series], kind: Kind, account: Account) -> None:
    """Add what a kind computes from its other fields."""
    if kind.id == "incidents" and "violent" not in columns and "incident_type" in columns:
        columns["violent"] = _violent(columns)
    if kind.id == "projects":
        columns["status"] = _stated_status(columns, account)


def _violent(columns: dict[str, pd.Series]) -> pd.Series:
    """Violent unless its type is peaceful; a protest with a death, or put down by force, is no such one."""
    types = columns["incident_type"]
    violent = ~types.isin(PEACEFUL)
    protest = types == "protest"
    if "fatalities" in columns:
        violent |= protest & (columns["fatalities"] >= 1).fillna(False).astype(bool)
    if "sub_event_type" in columns:
        folded = by_text(columns["sub_event_type"], normalise)
        violent |= protest & (folded == FORCE_AGAINST_PROTESTERS)
    return violent.astype("boolean").mask(types.isna())


def _stated_status(columns: dict[str, pd.Series], account: Account) -> pd.Series:
    nothing = pd.Series(None, index=pd.RangeIndex(len(account.rows)), dtype="str")
    status = columns.get("status", nothing).fillna(UNKNOWN)
    unstated = int(((status == UNKNOWN).to_numpy(bool) & ~account.rejected).sum())
    if unstated:
        account.note(
            "status_unknown",
            f"{unstated} activities state no known status; they are kept as not stated, and do not count as active.",
            severity="warning",
            field="status",
            remedy="Add a status column: planned, active, completed, suspended or cancelled.",
        )
    return status
