"""What day a file speaks of: as told, else by its dates, its name, or today."""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime

import geopandas as gpd
import pandas as pd

from layers.kind import Kind
from layers.report import Finding
from loaders.draft import Draft

NAMED_DAY = re.compile(r"(?<!\d)((?:19|20)\d{2})[-_.]?(0[1-9]|1[0-2])(?:[-_.]?(0[1-9]|[12]\d|3[01]))?(?!\d)")


def named_day(text: str) -> date | None:
    """The day, or the last day of the month, that a file's name or title gives."""
    match = NAMED_DAY.search(text)
    if match is None:
        return None
    year, month = int(match[1]), int(match[2])
    last = calendar.monthrange(year, month)[1]
    return date(year, month, min(int(match[3] or last), last))


def day_of(moment: date | None) -> date | None:
    """The day of an instant in its own zone, or the day itself."""
    return moment.date() if isinstance(moment, datetime) else moment


def find_as_of(draft: Draft, frame: gpd.GeoDataFrame, kind: Kind, today: date) -> tuple[date, list[Finding]]:
    """What the data speak of: as told, else their latest date, else the file's name, else today."""
    if draft.as_of is not None:
        return draft.as_of, []
    latest = _latest(frame, kind, today)
    if latest is not None:
        as_of, how = latest, "the latest date in the data"
    elif draft.named_day is not None and draft.named_day <= today:
        as_of, how = draft.named_day, "the date in its name or title"
    else:
        as_of, how = today, "the day of receipt: the file states none; --as-of sets it"
    return as_of, [
        Finding(
            "as_of_assumed",
            "info",
            f"{draft.shown}: the as-of is {as_of.isoformat()}, {how}.",
            field="as_of",
            found=as_of.isoformat(),
            remedy="Give it with --as-of if that is wrong.",
        )
    ]


def _latest(frame: gpd.GeoDataFrame, kind: Kind, today: date) -> date | None:
    """The latest day that is not planned: ends, and starts of what may lie ahead, do not count."""
    planned = {kind.ends} | ({kind.starts} if kind.open_ended else set())
    days = []
    for field in kind.fields:
        if field.type in ("date", "moment") and field.name not in planned:
            values = frame[field.name].dropna()
            past = values[values < pd.Timestamp(today, tz=values.dt.tz) + pd.Timedelta(days=1)]
            days += [past.max().date()] if len(past) else []
    return max(days, default=None)
