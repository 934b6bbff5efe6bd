"""Maximal covering location: the k candidates that together cover most weight (Church and ReVelle 1974).

Exact by HiGHS; where that runs out of time or the problem is too large, greedy with swaps,
and how far from the best the answer can be at most.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

LARGEST_PAIRS = 3_000_000
"""Pairs of candidate and place; beyond these the exact solver is not tried."""
SWAP_ROUNDS = 50


@dataclass(frozen=True)
class Chosen:
    """The chosen candidates.

    Attributes
    ----------
    sites : array of int
        Rows of the cover, each adding most to those before it.
    covered : float
        Weight that they cover together.
    bound : float
        No choice can cover more.
    solver : str
        "milp" (exact) or "greedy" (greedy with swaps).
    """

    sites: Ints
    covered: float
    bound: float
    solver: Literal["milp", "greedy"]

    @property
    def gap(self) -> float:
        """Share of the bound that is not reached: 0 is proven best."""
        return 0.0 if self.bound <= 0 else max(0.0, (self.bound - self.covered) / self.bound)


def max_cover(cover: sparse.csr_array, weights: Floats, k: int, time_limit_s: float = 10.0) -> Chosen:
    """The k rows of `cover` that cover most weight.

    Parameters
    ----------
    cover : sparse array of 0 and 1, shape (candidates, places)
        Which candidate reaches which place.
    weights : array of float, shape (places,)
        People; not negative.
    time_limit_s : float
        For the exact solver; the better of its answer and the greedy one is taken.
    """
    k = min(k, cover.shape[0])
    fallback = greedy(cover, weights, k)
    if cover.nnz > LARGEST_PAIRS or k == 0 or cover.nnz == 0:
        return fallback
    exact, bound = _milp(cover, weights, k, time_limit_s)
    if exact is not None:
        found = _chosen(cover, weights, exact, bound, "milp")
        if found.covered >= fallback.covered:
            return found
    return Chosen(fallback.sites, fallback.covered, min(bound, fallback.bound), "greedy")


def _milp(cover: sparse.csr_array, weights: Floats, k: int, time_limit_s: float) -> tuple[Ints | None, float]:
    """Rows chosen (None: none found in time) and the solver's bound.

    A place counts only as far as candidates that reach it are chosen: ``y <= sum x``. Only
    the x need to be whole: the y then are so by themselves. Places reached by the same
    candidates are one.
    """
    reached, worth = _merged(cover, weights)
    candidates, places = reached.shape
    rules = sparse.vstack(
        [
            sparse.hstack([-reached.T, sparse.eye_array(places)]),
            sparse.hstack([sparse.csr_array(np.ones((1, candidates))), sparse.csr_array((1, places))]),
        ],
        format="csr",
    )
    answer = milp(
        -np.concatenate([np.zeros(candidates), worth]),
        integrality=np.concatenate([np.ones(candidates), np.zeros(places)]),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(rules, -np.inf, np.concatenate([np.zeros(places), [k]])),
        options={"time_limit": time_limit_s, "mip_rel_gap": 0.0},
    )
    bound = np.inf if answer.mip_dual_bound is None else -float(answer.mip_dual_bound)
    if answer.x is None:
        return None, bound
    return np.flatnonzero(answer.x[:candidates] > 0.5), bound


def _merged(cover: sparse.csr_array, weights: Floats) -> tuple[sparse.csr_array, Floats]:
    """The cover with the places that the same candidates reach as one; those of no weight are left out."""
    columns = sparse.csc_array(cover)
    columns.sort_indices()
    rows_of: dict[bytes, int] = {}
    first: list[int] = []
    worth: list[float] = []
    for place in np.flatnonzero((weights > 0) & (np.diff(columns.indptr) > 0)):
        key = columns.indices[columns.indptr[place] : columns.indptr[place + 1]].tobytes()
        number = rows_of.setdefault(key, len(first))
        if number == len(first):
            first.append(int(place))
            worth.append(0.0)
        worth[number] += float(weights[place])
    return sparse.csr_array(columns[:, first]), np.array(worth)


def greedy(cover: sparse.csr_array, weights: Floats, k: int) -> Chosen:
    """Take the best candidate k times, then swap one for another while that gains.

    The bound: no choice covers more than this one and the k largest gains that are left
    (cover has diminishing returns; Nemhauser, Wolsey and Fisher 1978).
    """
    sites = _extended(cover, weights, [], k)
    for _ in range(SWAP_ROUNDS):
        swapped = _swapped(cover, weights, sites)
        if swapped is None:
            break
        sites = swapped
    left = cover @ np.where(_times(cover, sites) > 0, 0.0, weights)
    bound = _weight(cover, weights, sites) + float(np.sort(left)[::-1][:k].sum())
    return _chosen(cover, weights, np.array(sites, np.int64), min(bound, _reachable(cover, weights)), "greedy")


def _extended(cover: sparse.csr_array, weights: Floats, sites: list[int], k: int) -> list[int]:
    """`sites` and further ones up to k, each with the largest gain; the lower row of equals."""
    sites = list(sites)
    open_weights = np.where(_times(cover, sites) > 0, 0.0, weights)
    while len(sites) < min(k, cover.shape[0]):
        gains = cover @ open_weights
        best = int(np.argmax(gains))
        if gains[best] <= 0:
            break
        sites.append(best)
        open_weights[cover.indices[cover.indptr[best] : cover.indptr[best + 1]]] = 0.0
    return sites


def _swapped(cover: sparse.csr_array, weights: Floats, sites: list[int]) -> list[int] | None:
    """The sites with the first one exchanged that gains by it, or None."""
    times, have = _times(cover, sites), _weight(cover, weights, sites)
    for place, site in enumerate(sites):
        own = cover.indices[cover.indptr[site] : cover.indptr[site + 1]]
        without = times.copy()
        without[own] -= 1
        gains = cover @ np.where(without > 0, 0.0, weights)
        best = int(np.argmax(gains))
        if float(weights[without > 0].sum() + gains[best]) > have * (1 + 1e-12):
            return [*sites[:place], best, *sites[place + 1 :]]
    return None


def _times(cover: sparse.csr_array, sites: list[int] | Ints) -> Ints:
    """How many of the sites reach each place."""
    chosen = np.zeros(cover.shape[0])
    chosen[np.asarray(sites, np.int64)] = 1
    return np.rint(cover.T @ chosen).astype(np.int64)


def _weight(cover: sparse.csr_array, weights: Floats, sites: list[int] | Ints) -> float:
    return float(weights[_times(cover, sites) > 0].sum())


def _reachable(cover: sparse.csr_array, weights: Floats) -> float:
    return float(weights[np.diff(sparse.csc_array(cover).indptr) > 0].sum())


def _chosen(
    cover: sparse.csr_array, weights: Floats, sites: Ints, bound: float, solver: Literal["milp", "greedy"]
) -> Chosen:
    """The sites that gain anything, in the order of their gain."""
    sites = np.sort(sites)
    order = _extended(sparse.csr_array(cover[sites]), weights, [], len(sites)) if len(sites) else []
    covered = _weight(cover, weights, sites)
    kept = [int(sites[i]) for i in order]
    return Chosen(np.array(kept, np.int64), covered, max(bound, covered), solver)
