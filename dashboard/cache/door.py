"""What is asked for: the store's door, editions, the clock."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from functools import lru_cache

import pandas as pd

import store
from dashboard.cache.keeping import forget_answers
from dashboard.view import LayerQuery
from layers.errors import UnknownLayer
from layers.filters import Where
from layers.kinds import ADMIN_AREAS
from layers.settings import home, settings
from layers.times import calendar_days
from store import Access, LayerInfo


@lru_cache(maxsize=1)
def access() -> Access:
    """The store, opened as the operator until sign-in exists."""
    return store.open(home(), as_=store.OPERATOR)


def current_layers(*, exercise: bool) -> list[LayerInfo]:
    """Current versions of one world's layers, read from the catalogue each time."""
    return access().layers(exercise=exercise)


def forget_all() -> None:
    """Empty every cache, the store's opened door included."""
    forget_answers()
    access.cache_clear()


def edition(info: LayerInfo) -> str:
    """What a version holds and when it came: never the same for two things."""
    return f"{info.content_hash[:16]}.{info.received_at:%Y%m%d%H%M%S%f}"


def areas_edition(*, exercise: bool) -> str:
    """The admin areas in force in one world, as one short text."""
    parts = [f"{i.ref}:{edition(i)}" for i in current_layers(exercise=exercise) if i.kind == ADMIN_AREAS.id]
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]


def query(info: LayerInfo, where: Where | None = None) -> LayerQuery:
    """A layer as it is now, and what the filters keep of it."""
    where = where or Where()
    areas = areas_edition(exercise=info.exercise) if where.areas else ""
    return LayerQuery(info.ref, edition(info), where, areas)


def check(*queries: LayerQuery) -> None:
    """Refuse what is no longer what was asked for.

    Raises
    ------
    UnknownLayer
        When a layer is gone, was replaced under the same number, or its areas changed.
    """
    for asked in queries:
        info = access().info(asked.ref)
        areas = areas_edition(exercise=info.exercise) if asked.where.areas else ""
        if (edition(info), areas) != (asked.edition, asked.areas):
            raise UnknownLayer(
                asked.ref, "another edition than the page was made from", "the edition in the store", "Reload the page."
            )


def now() -> datetime:
    """The one clock of the dashboard."""
    return datetime.now(UTC)


def today() -> date:
    """The calendar day in the theatre's zone."""
    moment = pd.Series([pd.Timestamp(now())])
    day: date = calendar_days(moment, pd.Series(["moment"]), settings().theatre_timezone)[0].astype(object)
    return day
