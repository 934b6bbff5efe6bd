"""The choice of places: against every choice there is, against spopt, and greedy against exact."""

from __future__ import annotations

import warnings
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from scipy import sparse

from analysis import max_cover as solver
from analysis.max_cover import greedy, max_cover


def world(seed, candidates, places, reach):
    """Cover and weights of points thrown on a square of 100, and the distances behind them."""
    rng = np.random.default_rng(seed)
    apart = np.hypot(
        *(rng.uniform(0, 100, (candidates, 1, 2)) - rng.uniform(0, 100, (1, places, 2))).transpose(2, 0, 1)
    )
    return sparse.csr_array((apart <= reach).astype(float)), rng.integers(0, 5000, places).astype(float), apart


def best(cover, weights, k):
    """The most that any k rows cover, by looking at every choice."""
    table = cover.toarray() > 0
    return max(weights[table[list(rows)].any(axis=0)].sum() for rows in combinations(range(len(table)), k))


def spopt_optimum(apart, weights, reach, k):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pulp
        from spopt.locate import MCLP

        model = MCLP.from_cost_matrix(apart.T, weights, service_radius=reach, p_facilities=k)
        model = model.solve(pulp.PULP_CBC_CMD(msg=False))
        open_sites = [j for j, variable in enumerate(model.fac_vars) if variable.value() > 0.5]
    return weights[(apart[open_sites] <= reach).any(axis=0)].sum()


@pytest.mark.parametrize("seed", range(12))
def test_exact_equals_every_choice(seed):
    cover, weights, _ = world(seed, 11, 40, 25)
    for k in (1, 2, 3, 4):
        found = max_cover(cover, weights, k)
        assert found.covered == best(cover, weights, k)
        assert (found.solver, found.gap) == ("milp", pytest.approx(0, abs=1e-9))
        reached = cover[found.sites].sum(axis=0) > 0
        assert weights[reached].sum() == found.covered, "the sites are those of the figure"


@pytest.mark.parametrize("seed", range(4))
def test_exact_equals_spopt(seed):
    cover, weights, apart = world(seed, 40, 150, 15)
    for k in (3, 7):
        assert max_cover(cover, weights, k).covered == spopt_optimum(apart, weights, 15, k)


@hypothesis_settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.integers(1, 8), st.floats(3, 40))
def test_greedy_is_never_above_exact_nor_exact_above_the_bound_of_greedy(seed, k, reach):
    cover, weights, _ = world(seed, 25, 80, reach)
    quick, exact = greedy(cover, weights, k), max_cover(cover, weights, k)
    assert quick.covered <= exact.covered + 1e-9 <= quick.bound + 1e-6
    assert 0 <= quick.gap <= 1


@hypothesis_settings(deadline=None, max_examples=20)
@given(st.integers(0, 10_000), st.floats(3, 40), st.floats(3, 40))
def test_more_never_covers_less(seed, one, other):
    small, large = sorted((one, other))
    (near, weights, _), (far, _, _) = world(seed, 20, 60, small), world(seed, 20, 60, large)
    assert max_cover(near, weights, 3).covered <= max_cover(far, weights, 3).covered + 1e-9
    grows = [max_cover(near, weights, k).covered for k in (1, 2, 3, 5, 20)]
    assert grows == sorted(grows)
    assert grows[-1] == weights[near.toarray().any(axis=0)].sum(), "all of them cover all there is"


def test_swaps_leave_the_trap_of_the_greedy_choice():
    # The first pick of greedy takes half of each of the two that are best together.
    cover = sparse.csr_array(
        np.array([[1, 1, 0, 0, 1, 1, 0, 0], [1, 1, 1, 1, 0, 0, 0, 0], [0, 0, 0, 0, 1, 1, 1, 1]], float)
    )
    weights = np.array([3, 3, 2, 2, 3, 3, 2, 2], float)
    assert greedy(cover, weights, 1).sites.tolist() == [0]
    assert sorted(greedy(cover, weights, 2).sites.tolist()) == [1, 2]


def test_too_large_is_greedy_and_says_how_far_from_best(monkeypatch):
    cover, weights, _ = world(1, 30, 100, 12)
    monkeypatch.setattr(solver, "LARGEST_PAIRS", 10)
    found = max_cover(cover, weights, 5)
    assert found.solver == "greedy"
    monkeypatch.undo()
    exact = max_cover(cover, weights, 5)
    assert found.covered <= exact.covered <= found.bound
    assert 1 - exact.covered / found.bound <= found.gap


def test_out_of_time_the_better_of_both_is_taken_with_a_true_bound():
    cover, weights, _ = world(2, 300, 1500, 9)
    short, whole = max_cover(cover, weights, 15, time_limit_s=0.001), max_cover(cover, weights, 15, time_limit_s=60)
    assert greedy(cover, weights, 15).covered <= short.covered <= whole.covered <= short.bound + 1e-6
    assert whole.gap < 1e-9


def test_sites_come_in_the_order_of_what_they_add_and_none_adds_nothing():
    cover, weights, _ = world(3, 30, 60, 20)
    found = max_cover(cover, weights, 30)
    table = cover.toarray() > 0
    adds, reached = [], np.zeros(60, bool)
    for site in found.sites:
        adds.append(weights[table[site] & ~reached].sum())
        reached |= table[site]
    assert adds == sorted(adds, reverse=True)
    assert min(adds) > 0
    assert len(found.sites) < 30


def test_nothing_to_reach():
    empty = sparse.csr_array((4, 5))
    found = max_cover(empty, np.ones(5), 2)
    assert (found.sites.tolist(), found.covered, found.gap) == ([], 0, 0)
