"""Access score: enhanced two-step floating catchment area (Luo and Qi 2009).

How much service there is for the people around it, near ones counting more: first what
each service is per person within its reach, then the sum over the services around a place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.places import Places
from analysis.proximity import Floats, Pairs
from analysis.reach import Supply
from analysis.road_network import Ways
from analysis.services import Mask
from layers.errors import WrongParameter

PER_PEOPLE = 10_000
LARGEST_PAIRS = 10_000_000
SLOW_DECAY = (1.0, 0.68, 0.22)
"""Weights of three zones of equal width (Luo and Qi 2009, slow decay)."""
ZONE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*:\s*(\d+(?:\.\d+)?)\s*")


@dataclass(frozen=True)
class Zones:
    """Rings around a service and what a person in each counts.

    Attributes
    ----------
    limits : tuple of float
        Outer edge of each ring, growing: km, or shares of the radius of each service.
    weights : tuple of float
        From 0 to 1.
    """

    limits: tuple[float, ...]
    weights: tuple[float, ...]
    of_radius: bool = False

    @classmethod
    def read(cls, where: str, text: str) -> Zones | None:
        """Zones as text, ``1:1, 3:0.68, 5:0.22`` (km:weight); thirds of the radius when empty, None for ``none``.

        Raises
        ------
        WrongParameter
            Not of that form, edges that do not grow, a weight above 1.
        """
        if text.casefold() == "none":
            return None
        if not text:
            return cls((1 / 3, 2 / 3, 1.0), SLOW_DECAY, of_radius=True)
        parts = [ZONE.fullmatch(part) for part in text.split(",")]
        numbers = [tuple(float(n) for n in part.groups()) for part in parts if part]
        limits, weights = tuple(n[0] for n in numbers), tuple(n[1] for n in numbers)
        grows = all(a < b for a, b in zip((0.0, *limits), limits, strict=False))
        if not all(parts) or not grows or max(weights) > 1 or limits[-1] > 500:
            raise WrongParameter(
                where,
                f'"{text}"',
                "km:weight, growing to 500 km at most, weights from 0 to 1, such as 1:1, 3:0.68, 5:0.22; or none",
                "Correct the zones.",
            )
        return cls(limits, weights)

    def reach_m(self, radius_m: Floats) -> Floats:
        """How far each service takes part, metres."""
        edge = self.limits[-1]
        return radius_m * edge if self.of_radius else np.full(len(radius_m), 1000 * edge)

    def weight(self, distance_m: Floats, radius_m: Floats) -> Floats:
        """What a person at this distance of a service with this radius counts; an edge belongs to the inner ring."""
        edges = np.array(self.limits)[:, None] * (radius_m if self.of_radius else 1000.0)
        ring = (distance_m > edges).sum(axis=0)
        return np.append(self.weights, 0.0)[ring]

    def words(self) -> str:
        """The zones as they are said."""
        unit = "of the radius" if self.of_radius else "km"
        return ", ".join(f"{w:g} to {e:.3g}" for e, w in zip(self.limits, self.weights, strict=True)) + f" {unit}"


def two_step(pairs: Pairs, weight: Floats, people: Floats, supply: Floats) -> Floats:
    """Service per person at each place.

    ``R_j = S_j / sum_k P_k w_kj`` and ``A_i = sum_j R_j w_ij`` over the pairs.

    Parameters
    ----------
    pairs : Pairs
        Place (left) and service (right).
    weight : array of float
        Of each pair.
    people : array of float
        Of each place; 0 where not known.
    supply : array of float
        Of each service. One that nobody known lives around adds nothing.
    """
    around = np.bincount(pairs.right, weights=people[pairs.left] * weight, minlength=len(supply))
    ratio = np.divide(supply, around, out=np.zeros(len(supply)), where=around > 0)
    return np.asarray(np.bincount(pairs.left, weights=ratio[pairs.right] * weight, minlength=len(people)), dtype=float)


@dataclass(frozen=True)
class AccessScores:
    """Scores per 10,000 people, null where a place is not known, and what must be said of them."""

    scores: Floats
    summary: dict[str, Any]
    limits: tuple[str, ...]


def access_scores(
    places: Places, people: pd.Series, supply: Supply, counted: Mask, zones: Zones, ways: Ways | None
) -> AccessScores:
    """The score of each place by the counted services that have one, straight or by these ways.

    A service counts as its capacity where every one of them states it, else each counts as one.
    """
    group = supply.in_place(counted)
    there = Places(supply.places.geometries[group])
    reach = zones.reach_m(supply.radius_m[group])
    limit_m = float(reach.max(initial=0.0))
    blank = np.full(len(places), np.nan)
    if _number_of_pairs(places, there, limit_m) > LARGEST_PAIRS:
        said = f"No access score: more than {LARGEST_PAIRS:,} pairs of place and service lie within the zones."
        return AccessScores(blank, {"access_supply": None, "access_score_median": None}, (said,))
    pairs = _straight_pairs(places, there, limit_m) if ways is None else ways.pairs(group, limit_m)
    capacity = supply.services.frame.get("capacity", pd.Series(pd.NA, index=supply.services.frame.index))
    stated = capacity.iloc[group].to_numpy(dtype=float, na_value=np.nan)
    by_capacity = bool(len(stated)) and bool(np.isfinite(stated).all())
    amount = stated if by_capacity else np.ones(len(group))
    weight = zones.weight(pairs.distance_m, supply.radius_m[group][pairs.right])
    per_person = two_step(pairs, weight, people.fillna(0).to_numpy(dtype=float), amount)
    scores = np.where(places.known, PER_PEOPLE * per_person, blank)
    known = scores[places.known]
    summary = {
        "access_supply": "capacity" if by_capacity else "services",
        "access_zones": zones.words(),
        "access_score_median": round(float(np.median(known)), 4) if len(known) else None,
        "access_score_zero_points": int((known == 0).sum()),
    }
    return AccessScores(
        scores,
        summary,
        _limits(by_capacity, zones, int(people.isna().sum()), int((counted & supply.services.by_area).sum())),
    )


def _limits(by_capacity: bool, zones: Zones, unknown: int, by_area: int) -> tuple[str, ...]:
    what = "the capacity that each service states" if by_capacity else "each service as one"
    said = [f"The access score counts {what} per {PER_PEOPLE:,} people known around it (weight {zones.words()})."]
    if unknown:
        said.append(f"The {unknown} places of unknown population take no share in it: scores around them are too high.")
    if by_area:
        said.append(f"{by_area} services known by admin area alone take no part in the access score.")
    return tuple(said)


def _straight_pairs(places: Places, services: Places, radius_m: float) -> Pairs:
    """Place (left) and service (right); asked from the services, which are fewer."""
    found = services.pairs(places, radius_m)
    return Pairs(found.right, found.left, found.distance_m)


def _number_of_pairs(places: Places, services: Places, radius_m: float) -> int:
    """Pairs of points within the radius, counted without listing them."""
    if not (len(places.points) and len(services.points)):
        return 0
    return int(places.index.within(services.index.lon, services.index.lat, radius_m)[0].sum())
