"""Classes of a figure: every record in one of them, and their words true."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.classes import classes_of, figures
from layers.layer_style import SCHEMES, LayerStyle

FIGURES = st.lists(st.one_of(st.integers(0, 10**6), st.floats(-1e6, 1e6, width=32)), min_size=1, max_size=80)


@settings(deadline=None)
@given(FIGURES, st.sampled_from(sorted(SCHEMES)), st.integers(3, 7))
def test_every_figure_is_in_one_class_and_classes_ascend(values, scheme, number):
    figures = np.array(values, float)
    classes = classes_of(figures, LayerStyle(scheme=scheme, classes=number))
    which = classes.of(figures)
    assert which.min() >= 0
    assert list(classes.ends) == sorted(set(classes.ends))
    assert len(classes.ends) == len(classes.colours) == len(classes.labels())
    assert classes.ends[-1] == figures.max()
    order = np.argsort(figures)
    assert (np.diff(which[order]) >= 0).all(), "a larger figure is never in a lower class"


@settings(deadline=None)
@given(st.lists(st.integers(0, 500), min_size=1, max_size=80), st.sampled_from(sorted(SCHEMES)))
def test_the_words_of_whole_numbers_hold_what_they_say(values, scheme):
    figures = np.array(values, float)
    classes = classes_of(figures, LayerStyle(scheme=scheme, classes=4))
    for value, number in zip(values, classes.of(figures), strict=True):
        low, _, high = classes.labels()[number].replace(",", "").partition(" to ")
        assert int(low) <= value <= int(high or low)


def test_few_figures_have_a_class_each():
    classes = classes_of(np.array([3.0, 1.0, 3.0, np.nan]), LayerStyle())
    assert classes.labels() == ("1", "3")
    assert classes.of(np.array([1.0, 3.0, np.nan])).tolist() == [0, 1, -1]


def test_no_figure_has_no_class():
    assert classes_of(np.array([np.nan, np.inf]), LayerStyle()) is None


@pytest.mark.parametrize("scheme", sorted(SCHEMES))
def test_a_long_tail_is_split_as_the_scheme_says(scheme):
    figures = np.random.default_rng(5).lognormal(4, 1.5, 5_000)
    counts = np.bincount(classes_of(figures, LayerStyle(scheme=scheme)).of(figures))
    if scheme == "quantiles":
        assert counts.min() == counts.max() == 1_000
    else:
        assert counts[0] == counts.max()


def test_large_and_near_figures_are_told_apart_without_exponents():
    classes = classes_of(np.array([100_000.1, 100_000.4, 100_000.9, 2_165.5]), LayerStyle())
    labels = classes.labels()
    assert len(set(labels)) == 4
    assert not any("e" in label for label in labels)


def test_a_column_that_a_later_file_lacks_states_nothing():
    assert np.isnan(figures(pd.DataFrame({"id": ["a", "b"]}), "src_score")).all()
