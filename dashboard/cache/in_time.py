"""Layers as they are played through time; never the period of the filter bar, which playing passes over."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from dashboard import in_time
from dashboard.cache.door import check
from dashboard.cache.drawn import parts, point_rows, tile_set_of, tiled
from dashboard.cache.keeping import kept
from dashboard.cache.layers import rows_kept_by, unplaced_rows, version
from dashboard.in_time import DayNumbers
from dashboard.view import LayerQuery, from_text, to_text
from layers.settings import settings
from layers.times import FIRST_DAY, Period


def days_in_time(query_text: str) -> bytes:
    """Counts of a filtered layer by day: `dashboard.in_time.daily`."""
    check(from_text(LayerQuery, query_text))
    return _days(query_text)


def in_time_of(query_text: str, style_text: str = "") -> bytes:
    """A filtered layer in time: `dashboard.in_time.single`, or `Cells` where it has too many for single features."""
    asked = from_text(LayerQuery, query_text)
    check(asked)
    return _cells(query_text) if tiled(asked) else _single(query_text, style_text)


@dataclass(frozen=True)
class Playable:
    """What can be played of a filtered layer.

    Attributes
    ----------
    first_day : date or None
        The first on which a record is stated to be there; None where none is.
    undated : int
        Records that cannot be played because they state no date; the period hides none of them.
    undrawn : int
        Lines and areas that are counted and not drawn while it plays, since it plays as cells.
    """

    first_day: date | None
    undated: int
    undrawn: int


def playable(asked: LayerQuery) -> Playable:
    """What can be played of a filtered layer."""
    check(asked)
    return _playable(to_text(asked))


@kept("small")
def _playable(query_text: str) -> Playable:
    asked = from_text(LayerQuery, query_text)
    days, rows = _shown_days(asked.ref, asked.edition), rows_kept_by(query_text)
    first = days[0, rows]
    stated = first[(first > in_time.day_number(FIRST_DAY)) & (first < in_time.ALWAYS.max)]
    whenever = rows_kept_by(to_text(replace(asked, where=replace(asked.where, period=Period()))))
    shapes = ~unplaced_rows(asked.ref, asked.edition)[rows] & ~point_rows(asked.ref, asked.edition)[rows]
    return Playable(
        date(1970, 1, 1) + timedelta(days=int(stated.min())) if len(stated) else None,
        int(in_time.without_date(days[:, whenever]).sum()),
        int(shapes.sum()) if tiled(asked) else 0,
    )


@kept("columns")
def _shown_days(ref: str, edition: str) -> DayNumbers:
    whole = version(ref, edition)
    return in_time.shown_days(whole.frame, whole.kind, settings().theatre_timezone)


@kept("drawn")
def _days(query_text: str) -> bytes:
    asked = from_text(LayerQuery, query_text)
    return in_time.daily(_shown_days(asked.ref, asked.edition)[:, rows_kept_by(query_text)])


@kept("drawn")
def _single(query_text: str, style_text: str) -> bytes:
    asked = from_text(LayerQuery, query_text)
    rows = rows_kept_by(query_text)
    placed = ~unplaced_rows(asked.ref, asked.edition)[rows]
    return in_time.single(
        _shown_days(asked.ref, asked.edition)[:, rows], np.asarray(placed), parts(query_text, style_text)
    )


@kept("drawn")
def _cells(query_text: str) -> bytes:
    asked = from_text(LayerQuery, query_text)
    kind = version(asked.ref, asked.edition).kind
    days = _shown_days(asked.ref, asked.edition)
    counted = in_time.cells_by_week(tile_set_of(query_text), days, rows_kept_by(query_text), in_time.how(kind))
    return counted.packed()
