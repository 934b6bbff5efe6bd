"""An index as plain arrays: the same answers from them, and refusal of what is none."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.proximity import PointIndex


@pytest.fixture
def index() -> PointIndex:
    rng = np.random.default_rng(4)
    return PointIndex(rng.uniform(170, 190, 500), rng.uniform(-20, 20, 500))


def test_the_same_answers(index):
    kept = {name: array.copy() for name, array in index.state().items()}
    again = PointIndex(index.lon, index.lat).take_state(kept)
    for radius in (0, 10_000, 300_000):
        ask = (index.lon[:50], index.lat[:50], radius)
        np.testing.assert_array_equal(again.within(*ask)[0], index.within(*ask)[0])
        np.testing.assert_array_equal(again.pairs(*ask).right, index.pairs(*ask).right)


def test_nothing_has_no_state():
    assert PointIndex([], []).state() == {}
    assert len(PointIndex([], []).take_state({})) == 0


@pytest.mark.parametrize(
    "harm",
    [
        {"made_of": None},
        {"layout": lambda a: a[:5]},
        {"layout": lambda a: np.where(np.arange(6) == 0, np.nan, a)},
        {"starts": lambda a: a[:-1]},
        {"starts": lambda a: a[::-1].copy()},
        {"starts": lambda a: a.astype(np.int64)},
        {"xyz": lambda a: a[:-1]},
        {"order": lambda a: a + 1},
        {"order": lambda a: a - 1},
        {"order": None},
    ],
    ids=lambda harm: next(iter(harm)),
)
def test_what_is_no_index_is_refused(index, harm):
    state = index.state()
    for name, change in harm.items():
        if change is None:
            del state[name]
        else:
            state[name] = change(state[name])
    with pytest.raises(ValueError, match="grid"):
        PointIndex(index.lon, index.lat).take_state(state)


def test_the_grid_of_other_points_is_refused(index):
    with pytest.raises(ValueError, match="other points"):
        PointIndex(index.lon + 0.001, index.lat).take_state(index.state())
    with pytest.raises(ValueError, match="other points"):
        PointIndex(index.lon[:-1], index.lat[:-1]).take_state(index.state())
