"""First and last day of each record: what a month or a year means, and what contradicts itself."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.kind import Kind
from loaders.account import Account, Mask

# Which precision a date column sets, where the source states none.
COARSER = {"": 0, "moment": 1, "day": 2, "week": 3, "month": 4, "year": 5}
Precision = npt.NDArray[np.object_]


def coarser(one: Precision, other: Precision) -> Precision:
    """The coarser of two precisions, row by row."""
    if not (one != "").any():
        return other
    rank = np.vectorize(COARSER.__getitem__, otypes=[int])
    return np.where(rank(other) > rank(one), other, one) if len(one) else one


def settle_periods(
    columns: dict[str, pd.Series],
    precision: dict[str, Precision],
    kind: Kind,
    column_of: dict[str, str],
    account: Account,
) -> set[str]:
    """Bring starts and ends to days that can be compared; fields whose column said more.

    A date known to the month or year is its first day as a start and its last day as an
    end. A blank end is the last day of such a start, where the kind is not open-ended.
    An end before its start is taken out.

    Parameters
    ----------
    precision : dict
        Field -> precision of each row, as the column was written.
    """
    if kind.starts is None or kind.ends is None:
        return set()
    if kind.ends in columns:
        _end_on_last_days(columns, precision[kind.ends], kind.ends, column_of, account)
    if kind.starts in columns and not kind.open_ended:
        _end_as_started(columns, precision[kind.starts], kind.starts, kind.ends, column_of, account)
    if kind.starts in columns and kind.ends in columns:
        return _without_contradictions(columns, kind.starts, kind.ends, account)
    return set()


def _last_days(values: pd.Series, precision: Precision, wanted: Mask) -> pd.Series:
    """The last day of the month or year of the wanted values."""
    days = values[wanted].dt.tz_localize(None) if getattr(values.dtype, "tz", None) else values[wanted]
    year = precision[wanted] == "year"
    first = days.dt.to_period("M").dt.to_timestamp()
    month = first.dt.month.where(~year, 12)
    ends = pd.to_datetime({"year": first.dt.year, "month": month, "day": 1}) + pd.offsets.MonthEnd(0)
    result = values.copy()
    result[wanted] = (ends.dt.tz_localize("UTC") if getattr(values.dtype, "tz", None) else ends).astype(values.dtype)
    return result


def vague(precision: Precision) -> Mask:
    """What is known to the month or year only."""
    result: Mask = (precision == "month") | (precision == "year")
    return result


def _end_on_last_days(
    columns: dict[str, pd.Series], precision: Precision, ends: str, column_of: dict[str, str], account: Account
) -> None:
    wide = vague(precision)
    if not wide.any():
        return
    columns[ends] = _last_days(columns[ends], precision, wide)
    header = column_of[ends]
    account.note(
        "last_day_taken",
        f"{header}: {int(wide.sum())} ends are known to the month or year only; its last day was taken.",
        field=header,
        remedy="Give the day if it is known.",
    )


def _end_as_started(
    columns: dict[str, pd.Series],
    precision: Precision,
    starts: str,
    ends: str,
    column_of: dict[str, str],
    account: Account,
) -> None:
    start = columns[starts]
    end = columns.get(ends, pd.Series(pd.NaT, index=start.index, dtype=start.dtype))
    open_end = vague(precision) & end.isna().to_numpy(bool)
    if not open_end.any():
        return
    columns[ends] = end.where(~open_end, _last_days(start, precision, open_end))
    header = column_of[starts]
    account.note(
        "last_day_taken",
        f"{header}: {int(open_end.sum())} dates are known to the month or year only; they count from its first day"
        " to its last.",
        field=header,
        remedy="Give the day if it is known.",
    )


def _without_contradictions(columns: dict[str, pd.Series], starts: str, ends: str, account: Account) -> set[str]:
    start, end = columns[starts], columns[ends]
    # A bare day ends at its end, whatever the hour of its start.
    same_day = (end == end.dt.normalize()) & (end == start.dt.normalize())
    wrong = ((end < start) & ~same_day).to_numpy(bool)
    if not wrong.any():
        return set()
    both = (end.dt.strftime("%Y-%m-%d") + " before " + start.dt.strftime("%Y-%m-%d")).to_numpy(object)
    account.repair(
        wrong,
        "end_before_start",
        "it ends before it starts; the end was left blank",
        "Correct one of the two dates.",
        ends,
        both,
    )
    columns[ends] = end.mask(wrong)
    return {ends}
