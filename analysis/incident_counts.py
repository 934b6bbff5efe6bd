"""Which incidents count as threat, how much each weighs, and how surely it lies in a ring."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.places import Places
from analysis.proximity import Floats, Ints, PointIndex
from layers.dataset import Dataset
from layers.kinds.incidents import PEACEFUL
from layers.settings import Settings
from layers.times import LAST_DAY, Period, latest_days, meets, spans

MOST_GROUPS = 12
QUERIES_AT_ONCE = 500


@dataclass(frozen=True)
class Threat:
    """The incidents that count, sorted by id, and the account of the others.

    Attributes
    ----------
    frame : DataFrame
        Id, type and admin codes of those violent, not discounted, in the window; with or
        without a place. The rest stays in the layer: a million rows are not copied.
    position : array of int
        Row of each in the layer's frame.
    places : Places
        Of `frame`, by position.
    weight : array of float
        Severity of each.
    radius_m : array of float
        How far from its stated place each may lie; NaN when not known.
    over : array of bool
        Whether each had surely happened by the last day of the period: its dates do not run past it.
    left_out : dict
        Reason -> number. Each incident stands under the first reason that holds.
    """

    frame: pd.DataFrame
    position: Ints
    places: Places
    weight: npt.NDArray[np.float64]
    radius_m: npt.NDArray[np.float64]
    over: npt.NDArray[np.bool_]
    left_out: dict[str, int]

    def of_area(self, code: str, column: str) -> npt.NDArray[np.bool_]:
        """Which of the incidents are reported for an admin area."""
        return (self.frame[column] == code).fillna(False).to_numpy(dtype=bool)


@dataclass(frozen=True)
class RingCounts:
    """Counts for each activity (rows) and radius (columns)."""

    within: npt.NDArray[np.int64]
    certain: npt.NDArray[np.int64]
    possible: npt.NDArray[np.int64]
    weighted: npt.NDArray[np.float64]


def is_violent(frame: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Violent as stated; where not stated, every type but protest and agreement without a death."""
    deadly = (frame["fatalities"] > 0).fillna(False)
    derived = ~frame["incident_type"].isin(PEACEFUL) | deadly
    return frame["violent"].astype("boolean").fillna(derived).to_numpy(dtype=bool)


def severity(frame: pd.DataFrame, settings: Settings) -> npt.NDArray[np.float64]:
    """Weight by type, plus a share per death (best estimate) up to a cap.

    Unknown types weigh as "other"; unknown deaths add nothing.
    """
    by_type = frame["incident_type"].map(settings.severity).astype(float).fillna(settings.severity["other"])
    deaths = frame["fatalities"].astype("Float64").fillna(0).clip(upper=settings.severity_deaths_cap)
    return np.asarray(by_type + settings.severity_per_death * deaths.astype(float), dtype=float)


def place_radius(frame: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Metres that the stated place may be off; NaN when not known, 0 for an exact place."""
    stated = frame["place_radius_m"].astype("Float64")
    exact = (frame["place_precision"] == "point").fillna(False)
    return np.asarray(stated.mask(stated.isna() & exact, 0.0).to_numpy(dtype=float, na_value=np.nan))


def threat_incidents(incidents: Dataset, period: Period, settings: Settings, *, only_over: bool = False) -> Threat:
    """The violent incidents of a period, and why each of the others is left out.

    Parameters
    ----------
    only_over : bool
        Leave out those whose dates run past the period: by its last day nobody could know of them all.
    """
    frame = incidents.frame
    start, end = spans(frame, incidents.kind, settings.theatre_timezone)
    dated = ~np.isnat(start)
    last = np.datetime64(period.last or LAST_DAY)
    over = latest_days(frame, incidents.kind, end) <= last
    reasons = {
        "discounted": (frame["verification"] == "discounted").fillna(False).to_numpy(dtype=bool),
        "not_violent": ~is_violent(frame),
        "without_date": ~dated,
        "outside_window": dated & ~meets(start, end, period, open_ended=False),
    }
    if only_over:
        reasons["not_over"] = ~over
    left = np.zeros(len(frame), bool)
    left_out = {}
    for reason, holds in reasons.items():
        left_out[reason] = int((holds & ~left).sum())
        left |= holds
    kept = np.flatnonzero(~left)
    position = kept[frame["id"].iloc[kept].argsort(kind="stable").to_numpy()]
    counted = frame[["id", "incident_type", "admin1_code", "admin2_code"]].iloc[position]
    places = Places(frame.geometry.to_numpy()[position])
    weighed = frame[["incident_type", "fatalities", "place_radius_m", "place_precision"]].iloc[position]
    left_out["without_place"] = int((~places.known).sum())
    return Threat(
        counted, position, places, severity(weighed, settings), place_radius(weighed), over[position], left_out
    )


def count_in_rings(activities: Places, threat: Threat, radii_m: list[float]) -> RingCounts:
    """Count incidents by distance from each activity, for each radius.

    within: nominal distance <= r. certain: distance + uncertainty <= r, and surely over by the
    last day of the period. possible: not certain and distance - uncertainty <= r; where the
    uncertainty is not known, nominal distance <= r.
    """
    wanted, column = np.unique(radii_m, return_inverse=True)
    radii_m = wanted.tolist()
    within, certain, reachable, weighted = (np.zeros((len(activities), len(radii_m))) for _ in range(4))
    if len(activities.points) and len(threat.places.points):
        rows, at = activities.points, threat.places.points
        lon, lat = activities.index.lon, activities.index.lat
        within[rows], weighted[rows] = threat.places.index.within(lon, lat, radii_m, threat.weight[at])
        less_certain, more_reachable = _shift_by_uncertainty(threat, lon, lat, radii_m)
        certain[rows], reachable[rows] = within[rows] - less_certain, within[rows] + more_reachable
    _add_shapes(activities, threat, radii_m, (within, certain, reachable, weighted))
    within, certain, reachable, weighted = (t[:, column] for t in (within, certain, reachable, weighted))
    return RingCounts(_whole(within), _whole(certain), _whole(reachable - certain), weighted)


def count_within(activities: Places, others: Places, radius_m: float) -> Ints:
    """Others within a radius of each activity by their stated place alone."""
    counts = np.zeros(len(activities), np.int64)
    if len(activities.points) and len(others.points):
        index = activities.index
        counts[activities.points] = others.index.within(index.lon, index.lat, radius_m)[0][:, 0]
    pairs = activities.shape_pairs(others, radius_m)
    return counts + np.bincount(pairs.left, minlength=len(activities))


def _whole(counts: Floats) -> Ints:
    return np.rint(counts).astype(np.int64)


def _shift_by_uncertainty(threat: Threat, lon: Floats, lat: Floats, radii_m: list[float]) -> tuple[Ints, Ints]:
    """How many fewer are certain, and more reachable, than lie within by their stated place.

    The few distinct uncertainties are counted each with radii of its own; where there are
    many, the pairs are measured one by one.
    """
    at, radii = threat.places.points, np.asarray(radii_m)
    radius, index = threat.radius_m[at], threat.places.index
    less, more = (np.zeros((len(lon), len(radii)), np.int64) for _ in range(2))
    over = threat.over[at]
    never = np.isnan(radius) | ~over  # certain at no distance
    if never.any():
        less += PointIndex(index.lon[never], index.lat[never]).within(lon, lat, radii)[0]
    distinct = np.unique(radius[radius > 0])
    groups = [radius == value for value in distinct] if len(distinct) <= MOST_GROUPS else []
    for value, group in zip(distinct, groups, strict=False):
        own = PointIndex(index.lon[group], index.lat[group])
        within = own.within(lon, lat, radii)[0]
        sure = own if over[group].all() else PointIndex(index.lon[group & over], index.lat[group & over])
        less += sure.within(lon, lat, radii)[0] - sure.within(lon, lat, radii - value)[0]
        more += own.within(lon, lat, radii + value)[0] - within
    if len(distinct) > MOST_GROUPS:
        some = np.flatnonzero(radius > 0)
        own, off = PointIndex(index.lon[some], index.lat[some]), radius[some]
        for start in range(0, len(lon), QUERIES_AT_ONCE):
            part = slice(start, start + QUERIES_AT_ONCE)
            pairs = own.pairs(lon[part], lat[part], float(radii.max() + off.max()))
            for column, r in enumerate(radii):
                within = pairs.distance_m <= r
                unsure = over[some][pairs.right] & (pairs.distance_m + off[pairs.right] > r)
                less[part, column] += _count(pairs.left, within & unsure, less[part])
                more[part, column] += _count(
                    pairs.left, ~within & (pairs.distance_m - off[pairs.right] <= r), less[part]
                )
    return less, more


def _count(rows: Ints, holds: npt.NDArray[np.bool_], like: Ints) -> Ints:
    return np.bincount(rows[holds], minlength=len(like))


def _add_shapes(activities: Places, threat: Threat, radii_m: list[float], into: tuple[Floats, ...]) -> None:
    """Add the pairs in which the activity, the incident or both are lines or polygons."""
    furthest = max(radii_m) + float(np.nanmax(threat.radius_m, initial=0.0))
    pairs = activities.shape_pairs(threat.places, furthest)
    metres, off = pairs.distance_m, threat.radius_m[pairs.right]
    for column, r in enumerate(radii_m):
        nominal = metres <= r
        sure = nominal & (metres + off <= r) & threat.over[pairs.right]
        reach = np.where(np.isnan(off), nominal, metres - off <= r)
        for table, holds in zip(into, (nominal, sure, reach), strict=False):
            table[:, column] += np.bincount(pairs.left[holds], minlength=len(activities))
        into[3][:, column] += np.bincount(
            pairs.left[nominal], weights=threat.weight[pairs.right[nominal]], minlength=len(activities)
        )
