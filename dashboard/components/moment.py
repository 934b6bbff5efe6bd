"""What moment a picture speaks of, and how old its layers are then."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from dashboard import cache
from layers.kinds import kind_of
from layers.times import age_days
from store import LayerInfo


def latest_moment(infos: list[LayerInfo]) -> date | None:
    """The latest as-of among layers; a moment beats a bare day of the same date."""
    moments = [i.as_of for i in infos]
    if not moments:
        return None
    return max(
        moments, key=lambda m: (m.date(), 1, m.isoformat()) if isinstance(m, datetime) else (m, 0, m.isoformat())
    )


def moment_shown(infos: list[LayerInfo], as_of: date) -> date:
    """The layers' own latest moment where it falls on the as-of day, else that day."""
    own = latest_moment(infos)
    return own if isinstance(own, datetime) and own.date() == as_of else as_of


def moment_of(infos: list[LayerInfo], as_of: date) -> datetime:
    """The same as an instant: a bare day ends with its last minute."""
    shown = moment_shown(infos, as_of)
    if isinstance(shown, datetime):
        return shown
    return datetime.combine(shown + timedelta(days=1), datetime.min.time(), UTC) - timedelta(minutes=1)


def is_stale(info: LayerInfo, moment: datetime) -> bool:
    """Whether a layer is older, at a moment, than its kind keeps."""
    keeps = kind_of(info.kind).stale_after_days
    return keeps is not None and age_days(info.as_of, moment) > keeps


def clock(infos: list[LayerInfo], as_of: date, *, exercise: bool) -> datetime:
    """Now: the machine's, for real data; in an exercise, and for a day gone by, the moment that is looked at."""
    return moment_of(infos, as_of) if exercise or as_of < cache.today() else cache.now()
