"""The backtest: the same sums as the risk run, scores by their definitions, worlds whose truth is known."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from shapely.geometry import Point

from analysis.backtest import backtest
from analysis.expected import history, near, terms
from analysis.places import Places
from analysis.replay import around, count_in
from analysis.scores import Law, bootstrap_interval, scores
from analysis.theatre import Theatre
from layers.errors import NotEnoughData, WrongParameter
from layers.settings import Settings
from tests.analysis.worlds import incident, layer, moment, scattered

SETTINGS = Settings()
END = date(2022, 12, 31)


def events(days, places, **more):
    """Incidents on days counted back from the end."""
    when = [moment(str(END - timedelta(days=int(back)))) for back in days]
    made = [incident(i, at, occurred_at=t) for i, (at, t) in enumerate(zip(places, when, strict=True))]
    return layer("incidents", made, as_of=END, **more)


def poisson_world(rate_a_day, towns, years, seed=1):
    """Each town has incidents at its own steady rate, within 1 km of its centre."""
    rng = np.random.default_rng(seed)
    days, places = [], []
    for (lon, lat), rate in zip(towns, rate_a_day, strict=True):
        number = rng.poisson(rate * 365 * years)
        days += rng.integers(0, 365 * years, number).tolist()
        places += list(zip(rng.normal(lon, 0.003, number), rng.normal(lat, 0.003, number), strict=True))
    return events(days, places)


@pytest.mark.parametrize("radius", [5.0, 25.0])
def test_all_cut_offs_at_once_give_what_the_risk_run_gives_at_each(radius):
    rng = np.random.default_rng(3)
    data = events(rng.integers(0, 3000, 500), scattered(2, 500))
    sites = Places(np.array([Point(at) for at in scattered(4, 60)], dtype=object))
    whole = history(data, END, SETTINGS)
    day = END.toordinal() - whole.age.astype(int)
    days = [date(2022, 12, 1), date(2021, 3, 1), date(2019, 6, 15)][::-1]
    cut_offs = np.array([d.toordinal() for d in days])
    area = Theatre(50_000.0, from_areas=True)
    sums, happened, last_year = around(sites, whole, day, cut_offs, radius)
    this_year = count_in(np.zeros(len(day), int), day, 1, cut_offs, -365, 0)[0]
    mean = terms(sums, 30, math.pi * radius**2, this_year, cut_offs - day.min() + 1, area).sum(axis=0)
    for column, cut in enumerate(days):
        known = history(data, cut, SETTINGS)
        in_year = int((known.age < 365).sum())
        assert in_year == this_year[column]
        alone = terms(near(sites, known, radius), 30, math.pi * radius**2, in_year, known.days, area).sum(axis=0)
        assert mean[:, column] == pytest.approx(alone, rel=1e-4, abs=1e-6)
        ahead = (day > cut.toordinal()) & (day <= cut.toordinal() + 30)
        pairs = sites.pairs(whole.places, 1000 * radius)
        assert happened[:, column].tolist() == np.bincount(pairs.left[ahead[pairs.right]], minlength=60).tolist()
        year = (day > cut.toordinal() - 365) & (day <= cut.toordinal())
        assert last_year[:, column].tolist() == np.bincount(pairs.left[year[pairs.right]], minlength=60).tolist()


@pytest.mark.parametrize("law", [Law.of_poisson, Law.negative_binomial])
def test_crps_is_the_sum_that_defines_it(law):
    mean = np.array([1e-12, 0.004, 0.3, 2.0, 17.0, 60.0])
    of = law(mean)
    k = np.arange(20_000)[:, None]
    for counts in (np.zeros(6, int), np.array([0, 1, 2, 5, 3, 90])):
        summed = ((of.law.cdf(k) - (counts <= k)) ** 2).sum(axis=0)
        assert of.crps(counts) == pytest.approx(summed, rel=1e-7, abs=1e-10)


def test_scores_of_the_true_law_are_near_perfect():
    rng = np.random.default_rng(5)
    mean = rng.gamma(0.7, 1.5, 40_000)
    for law in (Law.of_poisson(mean), Law.negative_binomial(mean)):
        happened = law.law.rvs(random_state=rng)
        found = scores(law, happened)
        assert found.calibration_error < 0.01
        assert found.calibration_error_equal < 0.012
        assert found.coverage == pytest.approx(found.coverage_expected, abs=0.006)
        assert found.coverage_expected >= 0.8
        wrong = scores(Law.of_poisson(mean * 2), happened)
        assert wrong.calibration_error > 0.05
        assert wrong.crps > found.crps


def test_calibration_error_by_hand():
    mean = -np.log(1 - np.array([0.05, 0.05, 0.15, 0.95]))
    found = scores(Law.of_poisson(mean), np.array([0, 1, 0, 3]))
    assert found.calibration_error == pytest.approx((abs(0.1 - 1) + 0.15 + 0.05) / 4)
    assert [(b.forecasts, round(b.mean_forecast, 6), b.share_happened) for b in found.bins] == [
        (2, 0.05, 0.5),
        (1, 0.15, 0.0),
        (1, 0.95, 1.0),
    ]


def test_the_bootstrap_interval_is_that_of_a_mean():
    units = np.random.default_rng(0).normal(3, 2, 72)
    low, high = bootstrap_interval(units, 1)
    half = 1.96 * units.std() / np.sqrt(72)
    assert (low, high) == (pytest.approx(units.mean() - half, abs=0.06), pytest.approx(units.mean() + half, abs=0.06))
    assert bootstrap_interval(units, 1) == (low, high)


@pytest.fixture(scope="module")
def steady():
    """300 towns far apart; half quiet, half with an incident every ten days."""
    towns = [(15 + 0.5 * (i % 20), 4 + 0.5 * (i // 20)) for i in range(300)]
    rates = [0.1 if i % 2 else 0.002 for i in range(300)]
    return poisson_world(rates, towns, years=9)


def test_a_steady_poisson_world_is_calibrated_and_counting_the_year_is_right_there(steady):
    """In a world without change the last year is nearly the truth, and no formula can be better."""
    found = backtest(steady, SETTINGS)
    ring = found.named_places[0]
    assert (found.first, found.last, found.cut_offs, found.sites) == (date(2017, 1, 1), date(2022, 12, 1), 72, 300)
    assert ring.forecasts == 21_600
    assert ring.last_year.calibration_error < 0.02
    assert ring.last_year.coverage == pytest.approx(ring.last_year.coverage_expected, abs=0.02)
    assert not ring.beats
    assert ring.verdict == "worse than counting the last year"
    assert ring.verdict in ring.words
    assert any(f"the formula is {ring.verdict}." in limit for limit in found.limits)


def test_a_world_that_flares_and_calms_is_better_told_by_the_formula():
    rng = np.random.default_rng(8)
    towns = [(15 + 0.5 * (i % 20), 4 + 0.5 * (i // 20)) for i in range(200)]
    days, places = [], []
    for lon, lat in towns:
        for _ in range(9):
            start = rng.integers(0, 3400)
            days += rng.integers(start, start + 90, 40).tolist()
            places += [(lon, lat)] * 40
    ring = backtest(events(days, places), SETTINGS).named_places[0]
    assert ring.beats
    assert "better than counting the last year" in ring.words


@pytest.mark.parametrize(
    ("difference", "low", "high", "verdict"),
    [
        (-0.2, -0.3, -0.1, "better than counting the last year"),
        (0.2, 0.1, 0.3, "worse than counting the last year"),
        (0.2, -0.1, 0.3, "not to be told apart from counting the last year; by the figures alone worse"),
        (-0.2, -0.3, 0.1, "not to be told apart from counting the last year; by the figures alone better"),
    ],
)
def test_the_verdict_is_that_of_the_figures(steady, difference, low, high, verdict):
    (ring,) = backtest(steady, SETTINGS, rings_km=(5,)).named_places
    told = replace(ring, crps_difference=difference, crps_difference_low=low, crps_difference_high=high)
    assert told.verdict == verdict
    assert f"5 km: {verdict}: CRPS" in told.words
    worse = ring.formula.calibration_error > ring.last_year.calibration_error
    assert f"{ring.formula.calibration_error:.3f}, {'worse' if worse else 'better'} (last year" in told.words
    assert f"{100 * difference / ring.last_year.crps:+.0f} %" in told.words


def test_a_range_that_holds_too_much_or_too_little_is_said_with_its_reason(steady):
    (ring,) = backtest(steady, SETTINGS, rings_km=(5,)).named_places

    def held(share, happened):
        return replace(ring, happened=happened, formula=replace(ring.formula, coverage=share)).range_words

    assert "too wide for its name, since counts are whole numbers and 98 of 100 are 0" in held(0.98, 0.02)
    assert held(0.98, 0.5).endswith(": too wide")
    assert "too" not in held(0.8, 0.5)
    assert held(0.7, 0.5).endswith(": too narrow")


def test_the_same_seed_gives_the_same_figures(steady):
    one, again = backtest(steady, SETTINGS, rings_km=(5,)), backtest(steady, SETTINGS, rings_km=(5,))
    other = backtest(steady, SETTINGS, rings_km=(5,), seed=1)
    assert one == again
    assert one.named_places != other.named_places


def test_months_that_the_layer_does_not_tell_of_are_not_replayed_as_quiet_ones():
    data = events(np.arange(0, 1500, 3), scattered(1, 500))
    with pytest.raises(WrongParameter, match="of which the layer does not tell"):
        backtest(data, SETTINGS, until=END + timedelta(days=31))
    late = backtest(data, SETTINGS, until=END + timedelta(days=30))
    assert any("of the last 30 days" in limit for limit in late.limits)
    assert not any("of the last" in limit for limit in backtest(data, SETTINGS).limits)


def test_short_histories_are_said_or_refused():
    short = events(np.arange(0, 600, 2), scattered(1, 300))
    found = backtest(short, SETTINGS)
    assert found.cut_offs < 12
    assert any("weak test" in limit for limit in found.limits)
    assert any("places have earlier incidents" in limit for limit in found.limits)
    with pytest.raises(NotEnoughData, match="a year of history"):
        backtest(events(np.arange(0, 300), scattered(1, 300)), SETTINGS)
    with pytest.raises(NotEnoughData, match="found 0 violent incidents"):
        backtest(layer("incidents", []), SETTINGS)


def test_an_incident_known_to_a_month_feeds_no_forecast_of_that_month_and_is_its_outcome():
    """Each lies in one month, dated from its first day: the day of a cut-off."""
    months = pd.period_range("2019-01", "2022-11", freq="M")
    vague = [
        incident(i, at, occurred_at=pd.Timestamp(m.start_time, tz="UTC"),
                 ended_at=pd.Timestamp(m.end_time.normalize(), tz="UTC"), time_precision="month")
        for m in months for i, at in enumerate(scattered(m.ordinal, 20), start=100 * m.ordinal)
    ]  # fmt: skip
    late = [one | {"occurred_at": one["ended_at"], "time_precision": "day"} for one in vague]
    found, same = (backtest(layer("incidents", each, as_of=date(2022, 11, 30)), SETTINGS) for each in (vague, late))
    assert found.named_places == same.named_places
    assert found.named_places[-1].happened > 0
    day_known = date(2022, 11, 1)
    assert len(history(layer("incidents", vague), day_known, SETTINGS)) == 20 * (len(months) - 1)


def test_one_point_has_no_theatre_to_draw_from():
    found = backtest(events(np.arange(0, 1500, 3), [(20.0, 5.0)] * 500), SETTINGS)
    assert found.anywhere == ()
    assert found.sites == 1
    assert found.theatre_km2 is None


def test_a_theatre_that_is_a_line_has_none_either():
    along = [(20 + i % 7 / 10, 5 + i % 7 / 10) for i in range(400)]
    found = backtest(events(np.arange(0, 1600, 4), along), SETTINGS)
    assert (found.anywhere, found.theatre_km2, found.sites) == ((), None, 7)


def test_what_is_known_only_to_a_region_takes_no_part():
    rng = np.random.default_rng(3)
    base = [incident(i, at, occurred_at=moment(str(END - timedelta(days=int(b)))))
            for i, (at, b) in enumerate(zip(scattered(2, 300), rng.integers(0, 1500, 300), strict=True))]  # fmt: skip
    vague = [one | {"id": f"V{one['id']}", "place_precision": "region"} for one in base]
    plain = backtest(layer("incidents", base, as_of=END), SETTINGS)
    mixed = backtest(layer("incidents", base + vague, as_of=END), SETTINGS)
    assert mixed.region_only == 300
    assert mixed.named_places == plain.named_places


def test_a_poisson_mean_is_scored_as_scipy_would():
    mean = np.array([0.2, 4.0])
    found = scores(Law.of_poisson(mean), np.array([0, 9]))
    low, high = stats.poisson.ppf([[0.1], [0.9]], mean)
    assert found.coverage == np.mean([low[0] <= 0 <= high[0], low[1] <= 9 <= high[1]])
    assert pd.notna(found.coverage_expected)
