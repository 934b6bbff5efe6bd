"""Layers as they are played through time; never the period of the filter bar, which playing passes over."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from dashboard import in_time
from dashboard.cache.door import check
from dashboard.cache.drawn import parts, tile_set_of, tiled
from dashboard.cache.keeping import kept
from dashboard.cache.layers import rows_kept_by, unplaced_rows, version
from dashboard.features import has_place, is_point
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


def undated(asked: LayerQuery) -> int:
    """How many records cannot be played because they state no date; the period hides none of them."""
    check(asked)
    rows = rows_kept_by(to_text(replace(asked, where=replace(asked.where, period=Period()))))
    return int(in_time.without_date(_shown_days(asked.ref, asked.edition)[:, rows]).sum())


def undrawn(asked: LayerQuery) -> int:
    """How many lines and areas are counted and not drawn while it plays, since it plays as cells."""
    check(asked)
    if not tiled(asked):
        return 0
    frame = version(asked.ref, asked.edition).frame
    return int((has_place(frame) & ~is_point(frame))[rows_kept_by(to_text(asked))].sum())


def first_day(asked: LayerQuery) -> date | None:
    """The first day on which a record of a filtered layer is stated to be there; None where none is."""
    check(asked)
    first = _shown_days(asked.ref, asked.edition)[0, rows_kept_by(to_text(asked))]
    stated = first[(first > in_time.day_number(FIRST_DAY)) & (first < in_time.ALWAYS.max)]
    return date(1970, 1, 1) + timedelta(days=int(stated.min())) if len(stated) else None


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
