"""What was known around sites at each of many cut-offs: the sums of the risk formula, all at once.

An exponential decay carries over from one cut-off to the next by one factor, so each pair of
site and incident is looked at once, however many cut-offs there are.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from analysis.expected import FORMULA, History, Near
from analysis.places import Places
from analysis.proximity import LARGEST_RADIUS_M, Floats, Ints

AHEAD_DAYS, YEAR_DAYS = 30, 365
SITES_AT_ONCE = 50


def around(sites: Places, known: History, day: Ints, cut_offs: Ints, radius_km: float) -> tuple[Near, Ints, Ints]:
    """Sums of the formula, counts of the days ahead and of the year before: shape (sites, cut-offs)."""
    parts = []
    for start in range(0, len(sites), SITES_AT_ONCE):
        some = Places(sites.geometries[start : start + SITES_AT_ONCE])
        pairs = some.pairs(known.places, min(4000 * radius_km, LARGEST_RADIUS_M))
        parts.append(_sums(pairs.left, day[pairs.right], pairs.distance_m / 1000, len(some), cut_offs, radius_km))
    together = [np.concatenate(each) for each in zip(*parts, strict=True)]
    return Near(*together[:5]), together[5], together[6]


def _sums(
    site: Ints, day: Ints, km: Floats, number: int, cut_offs: Ints, r: float
) -> tuple[Floats, Floats, Floats, Floats, Floats, Ints, Ints]:
    inside, beside, further = km <= r, (km > r) & (km <= 2 * r), km > 2 * r

    def decayed(where: np.ndarray[Any, Any], days: float) -> Floats:
        return _decayed(site[where], day[where], number, cut_offs, days)

    def counted(first: int, last: int) -> Ints:
        return count_in(site[inside], day[inside], number, cut_offs, first, last)

    return (
        decayed(inside, FORMULA.weeks_decay_days),
        decayed(inside, FORMULA.year_decay_days),
        decayed(beside, FORMULA.around_decay_days),
        decayed(further, FORMULA.further_decay_days),
        counted(-FORMULA.history_days, 0).astype(float),
        counted(0, AHEAD_DAYS),
        counted(-YEAR_DAYS, 0),
    )


def _decayed(site: Ints, day: Ints, number: int, cut_offs: Ints, decay_days: float) -> Floats:
    """Sum of exp(-age / decay) at each site and cut-off, carried from one cut-off to the next."""
    at = cut_offs.searchsorted(day)
    known = at < len(cut_offs)
    site, at, day = site[known], at[known], day[known]
    adds = np.exp(-(cut_offs[at] - day) / decay_days)
    cells = number * len(cut_offs)
    new = np.bincount(site * len(cut_offs) + at, weights=adds, minlength=cells).reshape(number, -1)
    sums: Floats = np.zeros(new.shape)
    carried = np.zeros(number)
    for column, passed in enumerate(np.diff(cut_offs, prepend=cut_offs[0])):
        carried = carried * math.exp(-passed / decay_days) + new[:, column]
        sums[:, column] = carried
    return sums


def count_in(site: Ints, day: Ints, number: int, cut_offs: Ints, first: int, last: int) -> Ints:
    """Incidents at each site after cut-off + `first` days, up to and on cut-off + `last` days."""
    return _count_by(site, day, number, cut_offs + last) - _count_by(site, day, number, cut_offs + first)


def _count_by(site: Ints, day: Ints, number: int, days: Ints) -> Ints:
    at = days.searchsorted(day)
    width = len(days) + 1
    return np.bincount(site * width + at, minlength=number * width).reshape(number, width)[:, :-1].cumsum(axis=1)
