"""Calendar days, windows and horizons, in the theatre's zone.

A moment known to the minute belongs to the day it has in the theatre's zone; one known
only to the day (or coarser) is that calendar day everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.dataset import Dataset
from layers.errors import WrongParameter
from layers.kind import Kind

Days = npt.NDArray[np.datetime64]
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2200, 12, 31)
"""Between these a day can be looked at; the longest window or horizon from them is still a day."""


@dataclass(frozen=True)
class Period:
    """Calendar days, both included; None is open."""

    first: date | None = None
    last: date | None = None

    def __post_init__(self) -> None:
        if self.first and self.last and self.first > self.last:
            raise ValueError(f"period ends {self.last} before it starts {self.first}")


def check_as_of(where: str, day: date) -> None:
    """Refuse a day that no data speak of.

    Raises
    ------
    WrongParameter
        Outside `FIRST_DAY` to `LAST_DAY`.
    """
    if not FIRST_DAY <= day <= LAST_DAY:
        raise WrongParameter(
            f"{where}, as-of", f'"{day.isoformat()}"', f"a day from {FIRST_DAY} to {LAST_DAY}", "Correct as-of."
        )


def window(as_of: date, days: int | None) -> Period:
    """The `days` calendar days that end on `as_of`; None means all until then."""
    return Period(None if days is None else as_of - timedelta(days=days - 1), as_of)


def horizon(as_of: date, days: int | None) -> Period:
    """`as_of` and the `days` days after it; None means all from then."""
    return Period(as_of, None if days is None else as_of + timedelta(days=days))


def calendar_days(values: pd.Series, precision: pd.Series | None = None, zone: str = "UTC") -> Days:
    """Calendar day of each value, as datetime64[D]; missing is NaT."""
    if getattr(values.dtype, "tz", None) is None:
        return values.to_numpy(dtype="datetime64[D]")
    utc_days: Days = values.dt.tz_convert(None).to_numpy(dtype="datetime64[D]")
    if zone == "UTC":
        return utc_days
    local: Days = values.dt.tz_convert(ZoneInfo(zone)).dt.tz_localize(None).to_numpy(dtype="datetime64[D]")
    exact = np.ones(len(values), bool) if precision is None else (precision == "moment").to_numpy(dtype=bool)
    return np.where(exact, local, utc_days)


def spans(frame: pd.DataFrame, kind: Kind, zone: str = "UTC") -> tuple[Days, Days]:
    """First and last calendar day of each record; NaT where not stated.

    A record without an end lasts one day, or without limit where the kind is open-ended
    (then its last day is NaT).
    """
    blank = np.full(len(frame), np.datetime64("NaT"), dtype="datetime64[D]")
    if kind.starts is None:
        return blank, blank.copy()
    precision = frame.get("time_precision")
    start = calendar_days(frame[kind.starts], precision, zone)
    end = calendar_days(frame[kind.ends], precision, zone) if kind.ends else blank.copy()
    if not kind.open_ended:
        end = np.where(np.isnat(end), start, end)
    return start, end


def latest_days(frame: pd.DataFrame, kind: Kind, end: Days) -> Days:
    """Last day on which each record may have happened: its end, else that of the week, month or year it is known to.

    Parameters
    ----------
    end : array of datetime64[D]
        As `spans` gives it.
    """
    if "time_precision" not in frame:
        return end
    coarse = frame["time_precision"].isin(["week", "month", "year"]).to_numpy(dtype=bool)
    if kind.ends:
        coarse = coarse & frame[kind.ends].isna().to_numpy()
    if not coarse.any():
        return end
    precision, latest = frame["time_precision"].to_numpy(dtype=object), end.copy()
    for word, unit in (("month", "M"), ("year", "Y")):
        of = coarse & (precision == word)
        latest[of] = (end[of].astype(f"datetime64[{unit}]") + 1).astype("datetime64[D]") - 1
    latest[coarse & (precision == "week")] += 6
    return latest


def meets(start: Days, end: Days, period: Period, *, open_ended: bool) -> npt.NDArray[np.bool_]:
    """Which spans meet the period. A record with no date at all meets none.

    Parameters
    ----------
    start, end : array of datetime64[D]
        As `spans` gives them.
    open_ended : bool
        Whether one blank side is open; otherwise it is unknown, and not met.
    """
    stated = ~(np.isnat(start) & np.isnat(end))
    keep = stated.copy()
    if period.last is not None:
        before_end = start <= np.datetime64(period.last)
        keep &= before_end | np.isnat(start) if open_ended else before_end
    if period.first is not None:
        after_start = end >= np.datetime64(period.first)
        keep &= after_start | np.isnat(end) if open_ended else after_start
    return keep


def in_period(dataset: Dataset, period: Period, zone: str = "UTC") -> npt.NDArray[np.bool_]:
    """Mask of the rows of `dataset` that meet `period`; kinds without time always do."""
    if dataset.kind.starts is None or (period.first is None and period.last is None):
        return np.ones(len(dataset), bool)
    start, end = spans(dataset.frame, dataset.kind, zone)
    return meets(start, end, period, open_ended=dataset.kind.open_ended)


def age_days(as_of: date, now: datetime) -> float:
    """Days from the data's as-of to `now`; a bare day counts from its end."""
    if isinstance(as_of, datetime):
        moment = as_of if as_of.tzinfo else as_of.replace(tzinfo=UTC)
    else:
        moment = datetime.combine(as_of, datetime.min.time(), UTC) + timedelta(days=1)
    return max(0.0, (now - moment).total_seconds() / 86400)


def date_time_group(moment: date, zone: str = "UTC") -> str:
    """``120600Z NOV 26``, with the local time behind it where the theatre is not in UTC.

    A bare day is shown as ``12 NOV 26``: no minute is invented.
    """
    if not isinstance(moment, datetime):
        return f"{moment:%d %b %y}".upper()
    utc = moment.astimezone(UTC)
    group = f"{utc:%d%H%MZ %b %y}".upper()
    return group if zone == "UTC" else f"{group} (local {utc.astimezone(ZoneInfo(zone)):%H%M})"
