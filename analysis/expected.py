"""How many violent incidents are to be expected near a place, and how sure that is.

The formula is that of docs/adr/0013-expected-incidents.md: six terms add up to the mean of
a negative binomial. It knows only what was reported, and nothing of hazards.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from analysis.incident_counts import threat_incidents
from analysis.places import Places
from analysis.proximity import LARGEST_RADIUS_M, Floats, Ints
from analysis.theatre import Theatre, ring_km2
from layers.dataset import Dataset
from layers.settings import Settings
from layers.times import latest_days, spans, window


@dataclass(frozen=True)
class Formula:
    """Weights of the six terms, and the constants of the distribution.

    Tested defaults; refit only on two years of local data, and show the comparison.
    """

    theatre: float = 0.10
    weeks: float = 0.55
    year: float = 0.05
    around: float = 0.10
    further: float = 0.10
    five_years: float = 0.10

    weeks_decay_days: float = 30.0
    year_decay_days: float = 365.0
    around_decay_days: float = 60.0
    further_decay_days: float = 180.0
    around_area: float = 3.0
    further_area: float = 12.0
    theatre_days: int = 365
    history_days: int = 1825
    size_factor: float = 0.5
    size_power: float = 0.55


FORMULA = Formula()
DRIVERS = tuple(f"driver_{f.name}" for f in fields(Formula)[:6])
"""Columns of the six terms, in the order of the formula."""
LOW, HIGH = 0.1, 0.9
CALIBRATED_DAYS = 30
FEWEST_INCIDENTS = 10


@dataclass(frozen=True)
class History:
    """The incidents that the formula knows, and how many it leaves out.

    Attributes
    ----------
    position : array of int
        Row of each in the layer's frame.
    places : Places
    age : array of float
        Days from the last day of each to as-of: before that day it was not known to have happened.
    days : int
        Days of history: from the first incident to as-of, both included; 0 without any.
    region_only : int
        Left out because their place is known only to a region.
    not_over : int
        Left out because their dates run past as-of.
    silent_days : int
        Days up to as-of that the layer does not tell of: after its own as-of and its last incident.
    """

    position: Ints
    places: Places
    age: Floats
    days: int
    region_only: int
    not_over: int
    silent_days: int

    def __len__(self) -> int:
        return len(self.age)


@dataclass(frozen=True)
class Near:
    """Sums over the incidents near each place, for one ring of r: the sums of the formula.

    `weeks`, `year` and `five_years` are over d <= r, `around` over r < d <= 2r, `further`
    over 2r < d <= 4r; shape (q,) or (q, cut-offs).
    """

    weeks: Floats
    year: Floats
    around: Floats
    further: Floats
    five_years: Floats


def history(incidents: Dataset, as_of: date, settings: Settings) -> History:
    """The violent incidents that were over by as-of and whose place is better known than a region."""
    threat = threat_incidents(incidents, window(as_of, None), settings, only_over=True)
    frame = incidents.frame.iloc[threat.position]
    region = known_to_region(frame)
    kept = np.flatnonzero(threat.places.known & ~region)
    _, end = spans(frame.iloc[kept], incidents.kind, settings.theatre_timezone)
    age = (np.datetime64(as_of) - latest_days(frame.iloc[kept], incidents.kind, end)).astype(float)
    return History(
        position=threat.position[kept],
        places=Places(threat.places.geometries[kept]),
        age=age,
        days=int(age.max()) + 1 if len(age) else 0,
        region_only=int((threat.places.known & region).sum()),
        not_over=threat.left_out["not_over"],
        silent_days=max(int(min((as_of - incidents.as_of_day).days, age.min(initial=np.inf))), 0),
    )


def known_to_region(frame: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Rows whose place is known only to a region (UCDP where_prec >= 4, ACLED geo_precision 3)."""
    return (frame["place_precision"] == "region").fillna(False).to_numpy(dtype=bool)


def sums_within(places: Places, others: Places, radii_m: list[float], weights: Floats) -> Floats:
    """Sum each column of weights over the others within each radius (distance <= radius).

    Parameters
    ----------
    weights : array of float, shape (n, k)
        One row for each of `others`.

    Returns
    -------
    array of float, shape (q, r, k)
        Kept to millionths.
    """
    sums = np.zeros((len(places), len(radii_m), weights.shape[1]))
    if len(places.points) and len(others.points):
        lon, lat = places.index.lon, places.index.lat
        sums[places.points] = others.index.within(lon, lat, radii_m, weights[others.points])[1]
    pairs = places.shape_pairs(others, max(radii_m))
    for ring, radius in enumerate(radii_m):
        inside = pairs.distance_m <= radius
        np.add.at(sums[:, ring], pairs.left[inside], weights[pairs.right[inside]])
    return sums


def near(places: Places, known: History, radius_km: float, formula: Formula = FORMULA) -> Near:
    """The sums of the formula around each place."""
    age = known.age
    decays = (
        formula.weeks_decay_days,
        formula.year_decay_days,
        formula.around_decay_days,
        formula.further_decay_days,
    )
    weights = np.column_stack([*(np.exp(-age / days) for days in decays), age < formula.history_days])
    radii = [min(1000 * radius_km * times, LARGEST_RADIUS_M) for times in (1, 2, 4)]
    once, twice, four = np.moveaxis(sums_within(places, known.places, radii, weights), 1, 0)
    return Near(once[:, 0], once[:, 1], twice[:, 2] - once[:, 2], four[:, 3] - twice[:, 3], once[:, 4])


def terms(
    sums: Near,
    days: npt.ArrayLike,
    ring_km2: npt.ArrayLike,
    in_theatre: npt.ArrayLike,
    history_days: npt.ArrayLike,
    area: Theatre,
    formula: Formula = FORMULA,
) -> Floats:
    """The six terms of the formula; they add up to the expected number.

    Parameters
    ----------
    days : array of float, shape (q,)
        H: how many days are asked about.
    ring_km2 : float or array of float, shape (q,)
        Area within the ring: pi r^2 around a point.
    in_theatre : int
        Incidents of the theatre in the last year.
    history_days : int
        Days of history, of which five years count at most.

    Returns
    -------
    array of float, shape (6, ...)
        In the order of `DRIVERS`.
    """
    # a ring wider than the theatre holds all of it, and no more
    share = np.minimum(np.asarray(ring_km2, float) / (area.area_km2 or 1e-9), 1.0)
    known_days = np.clip(history_days, 1, formula.history_days)
    each = (
        formula.theatre * np.asarray(in_theatre, float) * share / formula.theatre_days + np.zeros_like(sums.weeks),
        formula.weeks * sums.weeks / formula.weeks_decay_days,
        formula.year * sums.year / formula.year_decay_days,
        formula.around / formula.around_area * sums.around / formula.around_decay_days,
        formula.further / formula.further_area * sums.further / formula.further_decay_days,
        formula.five_years * sums.five_years / known_days,
    )
    return np.stack(each) * np.asarray(days, float)


def size(mean: Floats, formula: Formula = FORMULA) -> Floats:
    """Size (kappa) of the negative binomial with this mean."""
    return np.asarray(formula.size_factor * np.maximum(mean, 1e-300) ** formula.size_power)


def chance_of_any(mean: Floats, formula: Formula = FORMULA) -> Floats:
    """Chance of at least one incident."""
    kappa = size(mean, formula)
    return np.asarray(-np.expm1(-kappa * np.log1p(mean / kappa)))


def likely_range(mean: Floats, formula: Formula = FORMULA) -> tuple[Ints, Ints]:
    """The 80 % range q10 to q90: whole numbers, both included."""
    kappa = size(mean, formula)
    low, high = (stats.nbinom.ppf(share, kappa, kappa / (kappa + mean)) for share in (LOW, HIGH))
    nothing = mean <= 0
    return tuple(np.where(nothing, 0, np.maximum(q, 0)).astype(np.int64) for q in (low, high))  # type: ignore[return-value]


def incidents_behind(
    place: Places,
    incidents: Dataset,
    days: float,
    radius_km: float,
    area: Theatre,
    as_of: date,
    settings: Settings,
    formula: Formula = FORMULA,
) -> gpd.GeoDataFrame:
    """The incidents behind the six drivers of one activity, those that add most first.

    Canonical rows with ``distance_m`` (None beyond four radii), ``age_days`` and one column
    for each driver: what the incident adds to it. Each column sums to its driver.
    """
    known = history(incidents, as_of, settings)
    pairs = place.pairs(known.places, min(4000 * radius_km, LARGEST_RADIUS_M))
    metres = np.full(len(known), np.inf)
    metres[pairs.right] = pairs.distance_m
    age, radius = known.age, 1000 * radius_km
    inside = metres <= radius
    alone = Near(
        weeks=np.where(inside, np.exp(-age / formula.weeks_decay_days), 0.0),
        year=np.where(inside, np.exp(-age / formula.year_decay_days), 0.0),
        around=np.where(~inside & (metres <= 2 * radius), np.exp(-age / formula.around_decay_days), 0.0),
        further=np.where(
            (metres > 2 * radius) & (metres <= 4 * radius), np.exp(-age / formula.further_decay_days), 0.0
        ),
        five_years=np.where(inside & (age < formula.history_days), 1.0, 0.0),
    )
    this_year = (age < formula.theatre_days).astype(float)
    adds = terms(alone, days, ring_km2(place, radius_km), this_year, known.days, area, formula)
    rows = incidents.frame.iloc[known.position].assign(
        distance_m=np.where(np.isfinite(metres), metres, np.nan),
        age_days=age.astype(np.int64),
        **dict(zip(DRIVERS, adds, strict=True)),
    )
    total = adds.sum(axis=0)
    order = np.lexsort((rows["id"].to_numpy(dtype=str), -total))
    return rows.iloc[order[total[order] > 0]]
