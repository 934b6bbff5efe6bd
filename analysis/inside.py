"""How many things lie within rings of features, by distance, and the people in them where known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from analysis.demand import demand_of
from analysis.places import Places
from analysis.proximity import Floats, Ints
from layers.dataset import Dataset
from layers.errors import NotEnoughData
from layers.known_place import known_by_area

PEOPLED = ("idp_sites", "settlements", "population_groups")


@dataclass(frozen=True)
class Things:
    """What is counted.

    Attributes
    ----------
    places : Places
        Those known only by their area have none.
    people : array of float, optional
        NaN where not known; None where the layer has no people.
    """

    places: Places
    people: Floats | None


def things_of(dataset: Dataset, as_of: date) -> Things:
    """The records of a layer; where people live or stay, as coverage takes them (latest round, one group)."""
    if dataset.kind.id not in PEOPLED:
        return Things(Places(dataset.frame.geometry.to_numpy()), None)
    try:
        frame = demand_of(dataset, as_of).frame
    except NotEnoughData:
        return Things(Places(np.zeros(0, dtype=object)), np.zeros(0))
    geometries = frame.geometry.to_numpy().copy()
    geometries[known_by_area(frame)] = None
    return Things(Places(geometries), frame["people"].to_numpy(dtype=float, na_value=np.nan))


def inside_each(places: Places, things: Things, radii_m: Floats, *, bands: bool) -> dict[str, pd.Series]:
    """Columns of what lies within each ring of each feature; a thing near several counts in each."""
    known = np.ones(len(things.places)) if things.people is None else (~np.isnan(things.people)).astype(float)
    count, filled = _within(places, things.places, radii_m, known)
    people = None if things.people is None else _within(places, things.places, radii_m, np.nan_to_num(things.people))[1]
    return _columns(count, filled, people, bands=bands)


def inside_united(places: Places, things: Things, radii_m: Floats, *, bands: bool) -> dict[str, pd.Series]:
    """The same for all features together: each thing counts once, by the nearest feature."""
    within = np.zeros((len(radii_m), len(things.places)), bool)
    for ring, radius in enumerate(radii_m):
        metres = things.places.nearest(places, decisive_m=float(radius))[1]
        within[ring] = np.nan_to_num(metres, nan=np.inf) <= radius
    known = np.ones(len(things.places), bool) if things.people is None else ~np.isnan(things.people)
    count, filled = within.sum(axis=1)[None, :], (within & known).sum(axis=1)[None, :]
    people = None if things.people is None else (within * np.nan_to_num(things.people)).sum(axis=1)[None, :]
    return _columns(count, filled, people, bands=bands)


def _within(places: Places, things: Places, radii_m: Floats, weights: Floats) -> tuple[Ints, Floats]:
    """Counts and sums of weights, shape (features, rings)."""
    count = np.zeros((len(places), len(radii_m)), np.int64)
    total = np.zeros((len(places), len(radii_m)))
    if len(places.points) and len(things.points):
        own = things.index.within(places.index.lon, places.index.lat, radii_m, weights[things.points])
        count[places.points], total[places.points] = own
    pairs = places.shape_pairs(things, float(radii_m.max()))
    for ring, radius in enumerate(radii_m):
        near = pairs.distance_m <= radius
        count[:, ring] += np.bincount(pairs.left[near], minlength=len(places))
        total[:, ring] += np.bincount(pairs.left[near], weights=weights[pairs.right[near]], minlength=len(places))
    return count, total


def _columns(count: Ints, filled: Floats, people: Floats | None, *, bands: bool) -> dict[str, pd.Series]:
    """Tables of (features, rings) as columns, the rings of a feature beside each other."""

    def column(table: Floats | Ints) -> pd.Series:
        return pd.Series(np.rint(np.diff(table, axis=1, prepend=0) if bands else table).ravel(), dtype="Int64")

    columns = {"count_inside": column(count)}
    if people is not None:
        known, summed = column(filled), column(people)
        columns["people_inside"] = summed.mask((known == 0) & (columns["count_inside"] > 0))
        columns["people_inside_unknown"] = columns["count_inside"] - known
    return columns
