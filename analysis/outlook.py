"""Columns of what is to be expected at each activity: numbers, range, chance, drivers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.activities import own_days, places_of, the_activity
from analysis.expected import (
    CALIBRATED_DAYS,
    DRIVERS,
    FEWEST_INCIDENTS,
    FORMULA,
    History,
    chance_of_any,
    history,
    incidents_behind,
    likely_range,
    near,
    terms,
)
from analysis.places import Places
from analysis.proximity import Floats, Ints
from analysis.theatre import Theatre, ring_km2, theatre
from layers.dataset import Dataset
from layers.settings import Settings
from layers.times import Days, spans

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Outlook:
    """What the chosen activities are held against.

    Attributes
    ----------
    days : array of int
        Of each activity's own within as-of and horizon.
    last : array of datetime64[D]
        The last of these days.
    assumed : array of bool
        Whether its days are an assumption.
    """

    known: History
    area: Theatre
    days: Ints
    last: Days
    assumed: Mask

    @property
    def enough(self) -> bool:
        """Whether there are incidents enough to speak of a likelihood."""
        return len(self.known) >= FEWEST_INCIDENTS


def outlook(
    inputs: Mapping[str, Dataset],
    chosen: gpd.GeoDataFrame,
    as_of: date,
    horizon_days: int | None,
    settings: Settings,
) -> Outlook:
    """History, theatre and days for the activities that were chosen."""
    known = history(inputs["incidents"], as_of, settings)
    start, end = spans(chosen, inputs["activities"].kind, settings.theatre_timezone)
    days, last, assumed = own_days(start, end, as_of, horizon_days, max(settings.horizon_days, 1))
    return Outlook(known, theatre(known.places, inputs.get("areas")), days, last, assumed)


def driver_terms(places: Places, of: Outlook, days: Ints, radius_km: float) -> Floats:
    """The six terms around each place, shape (6, q); NaN where there is no place or no history."""
    this_year = int((of.known.age < FORMULA.theatre_days).sum())
    ring = ring_km2(places, radius_km)
    adds = terms(near(places, of.known, radius_km), days, ring, this_year, of.known.days, of.area)
    return np.where(places.known & (len(of.known) > 0), adds, np.nan)


def add_expected(rows: gpd.GeoDataFrame, places: Places, of: Outlook, rings_km: tuple[float, ...]) -> None:
    """Expected incidents in the first ring with drivers, and in the widest ring as the area's tempo."""
    rows["days"] = of.days
    rows["days_assumed"] = of.assumed
    adds = driver_terms(places, of, of.days, rings_km[0])
    add_count(rows, "expected", adds.sum(axis=0))
    rows["p_any"] = figures(chance_of_any(adds.sum(axis=0)))
    for name, added in zip(DRIVERS, adds, strict=True):
        rows[name] = figures(added)
    add_count(rows, f"tempo_{rings_km[-1]:g}km", driver_terms(places, of, of.days, rings_km[-1]).sum(axis=0))


def add_count(rows: gpd.GeoDataFrame, name: str, mean: Floats) -> None:
    """An expected number and its 80 % range; missing where it is NaN."""
    known = ~np.isnan(mean)
    low, high = likely_range(np.where(known, mean, 0.0))
    rows[name] = figures(mean)
    for ending, limit in (("low", low), ("high", high)):
        rows[f"{name}_{ending}"] = pd.array(np.where(known, limit, 0), dtype="Int64")
        rows.loc[~known, f"{name}_{ending}"] = pd.NA


def figures(values: Floats) -> pd.Series:
    """A column of numbers, missing where NaN."""
    return pd.Series(pd.array(values.round(9), dtype="Float64"))


def outlook_limits(of: Outlook, as_of: date, settings: Settings) -> list[str]:
    """What must be said of the figures, in words."""
    known, limits = of.known, []
    if not len(known):
        return ["No incident with a place is known by as-of: nothing is expected, and nothing can be said."]
    if not of.enough:
        limits.append(f"Incidents with a place: {len(known)}. They are too few to speak of a likelihood.")
    if known.silent_days:
        limits.append(
            f"The incidents tell of nothing after {as_of - timedelta(days=known.silent_days)}: the last "
            f"{known.silent_days} days count as days without incidents, and what is expected is too low."
        )
    if known.days < FORMULA.theatre_days:
        limits.append(f"The incidents reach back {known.days} days only: less than a year of history.")
    if _one_point(known.places):
        limits.append("All incidents lie at one point: how they are spread around an activity is not known.")
    if of.area.area_km2 is None:
        limits.append("The size of the theatre is not known: its own level is taken as if all of it lay in the ring.")
    elif not of.area.from_areas:
        limits.append(
            f"The theatre is taken as the hull around the incidents, {of.area.area_km2:,.0f} km2: no areas were given."
        )
    if of.area.area_km2 is not None:
        wide = [f"{r:g}" for r in settings.risk_rings_km if np.pi * r**2 > of.area.area_km2]
        if wide:
            limits.append(f"The ring of {' and '.join(wide)} km is larger than the theatre.")
    if known.region_only:
        limits.append(f"Incidents known only to a region: {known.region_only}. They are no part of what is expected.")
    if known.not_over:
        limits.append(
            f"Incidents whose dates run past as-of: {known.not_over}. Whether they had happened by then is not known: "
            "they are possible, never certain, and no part of what is expected."
        )
    if of.assumed.any():
        number, each = int(of.assumed.sum()), int(of.days[of.assumed][0])
        limits.append(f"Activities whose dates are missing or contradicted: {number}. They count as {each} days.")
    beyond = int((of.last > np.datetime64(as_of + timedelta(days=CALIBRATED_DAYS))).sum())
    if beyond:
        limits.append(
            f"Activities that reach beyond {CALIBRATED_DAYS} days: {beyond}. So far ahead it is poorly calibrated."
        )
    return limits


def drivers_behind(
    activity_id: str, inputs: Mapping[str, Dataset], horizon_days: int | None, as_of: date, settings: Settings
) -> gpd.GeoDataFrame:
    """The incidents behind the six drivers of one activity in a risk run, those that add most first.

    See `analysis.expected.incidents_behind`; empty for an activity known by admin area alone.

    Raises
    ------
    WrongParameter
        When the layer has no such activity.
    """
    one = the_activity(inputs["activities"], activity_id)
    of, places = outlook(inputs, one, as_of, horizon_days, settings), places_of(one)
    days = float(of.days[0]) if places.known[0] else 0.0
    return incidents_behind(places, inputs["incidents"], days, settings.risk_rings_km[0], of.area, as_of, settings)


def _one_point(places: Places) -> bool:
    return not len(places.shapes) and np.ptp(places.index.lon) == 0 and np.ptp(places.index.lat) == 0
