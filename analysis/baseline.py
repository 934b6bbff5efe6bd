"""Is this more than usual here? The last weeks against the year before, in the same place."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy import stats

from analysis.expected import HIGH, LOW, History, sums_within
from analysis.places import Places
from analysis.proximity import Floats, Ints
from layers.settings import Settings

YEAR_DAYS = 365
COLUMNS = ("rate_ratio", "rate_ratio_low", "rate_ratio_high")


SHORT = "History is too short: the last weeks are not compared with the year before."
SILENT = "The incidents tell of none of the last weeks: they are not compared with the year before."


def add_baseline(
    rows: gpd.GeoDataFrame, places: Places, known: History, radius_km: float, settings: Settings
) -> tuple[str, ...]:
    """Add incidents of the last `baseline_days` against the year before; what must be said comes back.

    Columns ``recent_count``, ``earlier_count``, ``rate_ratio`` with its 80 % interval, ``usual``
    (more, less, as_usual) and ``usual_text``. Days that the layer does not tell of are no quiet ones: the
    last weeks end where it ends. Missing where there is no place, where history is shorter than both
    periods, or where the layer ends before the last weeks begin.
    """
    days = settings.baseline_days
    age, told = known.age - known.silent_days, known.days - known.silent_days
    weights = np.column_stack([age < days, (age >= days) & (age < days + YEAR_DAYS)]).astype(float)
    counts = np.rint(sums_within(places, known.places, [1000 * radius_km], weights)[:, 0]).astype(np.int64)
    compared = told >= days + YEAR_DAYS and known.silent_days < days
    stated = places.known & compared
    recent, earlier = counts.T
    for name, values in (("recent_count", recent), ("earlier_count", earlier)):
        rows[name] = pd.Series(pd.array(values, dtype="Int64")).where(stated)
    ratios = rate_ratio(recent, earlier, days / YEAR_DAYS)
    for name, figure in zip(COLUMNS, ratios, strict=True):
        rows[name] = pd.Series(pd.array(figure.round(4), dtype="Float64")).where(stated & np.isfinite(figure))
    _, low, high = ratios
    usual = pd.Series(np.where(low > 1, "more", np.where(high < 1, "less", "as_usual")), dtype="str")
    rows["usual"] = usual.where(stated)
    texts = [_words(*row, days, settings.small_number) for row in zip(recent, earlier, *ratios, strict=True)]
    rows["usual_text"] = pd.Series(texts, dtype="str").where(stated)
    return () if compared else (SILENT if known.silent_days >= days else SHORT,)


def rate_ratio(recent: Ints, earlier: Ints, time_ratio: float) -> tuple[Floats, Floats, Floats]:
    """Rate of the recent period over that of the earlier one, with its 80 % interval.

    Conditional on their sum the recent count is binomial; the interval is the exact one of
    Clopper and Pearson (1934). Infinite where nothing was counted earlier, NaN where nothing
    was counted at all.

    Parameters
    ----------
    time_ratio : float
        Length of the recent period over that of the earlier one.
    """
    both = recent + earlier
    with np.errstate(divide="ignore", invalid="ignore"):
        low = np.where(recent > 0, stats.beta.ppf(LOW, np.maximum(recent, 1), earlier + 1), 0.0)
        high = np.where(earlier > 0, stats.beta.ppf(HIGH, recent + 1, np.maximum(earlier, 1)), 1.0)
        odds = (recent / earlier, low / (1 - low), high / (1 - high))
    return tuple(np.where(both > 0, odd / time_ratio, np.nan) for odd in odds)  # type: ignore[return-value]


def _words(recent: int, earlier: int, ratio: float, low: float, high: float, days: int, small: int) -> str:
    if earlier < small:
        return f"{recent} in {days} days; {earlier} in the {YEAR_DAYS} days before"
    change, least, most = (round(100 * (figure - 1)) for figure in (ratio, low, high))
    turn = f"up {change}" if change >= 0 else f"down {-change}"
    return f"{turn} % on the year before (80 % interval {least:+d} to {most:+d} %)"
