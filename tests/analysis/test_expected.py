"""Incidents expected near a place: the formula by hand, the distribution by scipy, the limits in words."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from shapely.geometry import LineString, Point, Polygon, box

from analysis import RISK
from analysis.activities import own_days
from analysis.expected import DRIVERS, chance_of_any, likely_range, size
from analysis.method import run_method
from analysis.outlook import drivers_behind
from analysis.places import Places
from analysis.theatre import area_km2, hull, theatre
from layers.errors import WrongParameter
from layers.geodesy import GEOD, distance_m
from layers.settings import Settings
from tests.analysis.worlds import AS_OF, activity, day, incident, layer, moment, scattered

SETTINGS = Settings()


def run(activities, incidents, *, areas=None, as_of=AS_OF, told_until=AS_OF, **values):
    told = layer("incidents", incidents, as_of=told_until)
    inputs = {"activities": layer("projects", activities), "incidents": told}
    if areas is not None:
        inputs["areas"] = layer("admin_areas", areas)
    return run_method(RISK, inputs, values, as_of=as_of, settings=SETTINGS, today=date(2030, 1, 1))


def row(result, activity_id):
    return next(r for r in result.as_dict()["rows"] if r["id"] == activity_id)


def dated(number, at, age, **more):
    return incident(number, at, occurred_at=moment(str(pd.Timestamp(AS_OF) - pd.Timedelta(days=age)))) | more


def world(seed, number=400):
    rng = np.random.default_rng(seed)
    ages = rng.integers(0, 3000, number)
    return [dated(i, at, int(age)) for i, (at, age) in enumerate(zip(scattered(seed, number), ages, strict=True))]


def by_hand(geometry, incidents, days, r, area, history_days):
    """The formula of the ADR, one incident after another."""
    parts = [0.0] * 6
    ring = math.pi * r * r
    if geometry.geom_type != "Point":
        own, around = GEOD.geometry_area_perimeter(geometry)
        ring += abs(own) / 1e6 + r * around / 1000 * (2 if geometry.geom_type == "LineString" else 1)
    for one in incidents:
        age = (pd.Timestamp(AS_OF, tz="UTC") - one["occurred_at"]).days
        d = distance_m(geometry, one.get("geometry") or Point(one["at"])) / 1000
        parts[0] += days * 0.10 * (age < 365) * ring / (365 * area)
        parts[1] += days * 0.55 * (d <= r) * math.exp(-age / 30) / 30
        parts[2] += days * 0.05 * (d <= r) * math.exp(-age / 365) / 365
        parts[3] += days * 0.10 / 3 * (r < d <= 2 * r) * math.exp(-age / 60) / 60
        parts[4] += days * 0.10 / 12 * (2 * r < d <= 4 * r) * math.exp(-age / 180) / 180
        parts[5] += days * 0.10 * (d <= r) * (age < 1825) / min(1825, history_days)
    return parts


@pytest.mark.parametrize("ring", [5, 25])
def test_the_six_drivers_are_those_of_the_formula_for_any_geometry(ring):
    incidents = world(1)
    incidents += [dated(900, None, 3, geometry=LineString(scattered(2, 3)))]
    made = [activity(i, at, end_date=day("2026-11-20")) for i, at in enumerate(scattered(4, 8))]
    made += [activity(50, None, geometry=LineString(scattered(5, 4)), end_date=day("2026-11-20"))]
    made += [activity(51, None, geometry=Polygon(scattered(6, 3)), end_date=day("2026-11-20"))]
    areas = [{"id": "A", "admin_level": "1", "geometry": box(18, 3, 22, 7)}]
    area = area_km2(box(18, 3, 22, 7))
    oldest = max((pd.Timestamp(AS_OF, tz="UTC") - i["occurred_at"]).days for i in incidents) + 1
    result = run(made, incidents, areas=areas)
    assert area == pytest.approx(111.2**2 * 16, rel=0.02)
    for one in made:
        found = row(result, one["id"])
        parts = by_hand(one.get("geometry") or Point(one["at"]), incidents, 8, ring, area, oldest)
        assert found["days"] == 8
        if ring == 5:
            assert [found[name] for name in DRIVERS] == pytest.approx(parts, rel=1e-4, abs=1e-5)
            assert sum(found[name] for name in DRIVERS) == pytest.approx(found["expected"], abs=1e-8)
        assert found["expected" if ring == 5 else "tempo_25km"] == pytest.approx(sum(parts), rel=1e-4)


def test_chance_and_range_are_those_of_the_negative_binomial():
    mean = np.array([1e-9, 0.003, 0.2, 1.0, 7.5, 140.0])
    kappa = 0.5 * mean**0.55
    law = stats.nbinom(kappa, kappa / (kappa + mean))
    assert chance_of_any(mean) == pytest.approx(1 - law.pmf(0), rel=1e-9)
    low, high = likely_range(mean)
    assert (law.cdf(high) >= 0.9).all()
    assert (law.cdf(high - 1) < 0.9).all()
    assert (law.cdf(low) >= 0.1).all()
    assert (law.cdf(low - 1) < 0.1).all()
    assert size(mean) == pytest.approx(kappa)
    assert chance_of_any(np.zeros(1))[0] == 0
    assert [int(q[0]) for q in likely_range(np.zeros(1))] == [0, 0]


def test_a_day_is_a_thirtieth_of_thirty_days_in_the_same_place():
    """ACT-040 and ACT-041 of the sample lie so."""
    long = activity(40, (20, 5), start_date=day("2026-11-12"), end_date=day("2026-12-11"))
    short = activity(41, (20, 5), start_date=day("2026-11-20"), end_date=day("2026-11-20"))
    result = run([long, short], world(3))
    month, one = row(result, "P00040"), row(result, "P00041")
    assert (month["days"], one["days"]) == (30, 1)
    assert month["expected"] == pytest.approx(30 * one["expected"], rel=1e-6)
    assert month["rank"] < one["rank"]


def test_days_are_those_shared_with_the_horizon():
    start = np.array(["2026-11-01", "2026-11-20", "NaT", "2026-12-01", "NaT", "2026-11-01"], "datetime64[D]")
    end = np.array(["2026-11-14", "2026-11-25", "2026-11-13", "NaT", "NaT", "2027-06-01"], "datetime64[D]")
    days, last, assumed = own_days(start, end, AS_OF, 30, 30)
    assert days.tolist() == [3, 6, 2, 12, 30, 31]
    assert str(last[3]) == "2026-12-12"
    assert assumed.tolist() == [False, False, False, False, True, False]
    days, _, assumed = own_days(start, end, AS_OF, None, 30)
    assert days.tolist() == [3, 6, 2, 30, 30, 202]
    assert assumed.tolist() == [False, False, False, True, True, False]
    days, last, assumed = own_days(end[1:2], start[1:2], AS_OF, 30, 7)
    assert (days[0], str(last[0]), assumed[0]) == (7, "2026-11-18", True)


def test_the_incidents_behind_add_up_to_each_driver():
    incidents = [*world(7), dated(999, (20.001, 5), 2, place_precision="region")]
    result = run([activity(1, (20, 5), end_date=day("2026-11-15"))], incidents)
    found = row(result, "P00001")
    made = [activity(1, (20, 5), end_date=day("2026-11-15")), activity(2, None, admin2_code="X")]
    inputs = {"activities": layer("projects", made), "incidents": layer("incidents", incidents)}
    behind = drivers_behind("P00001", inputs, 30, AS_OF, SETTINGS)
    assert behind[list(DRIVERS)].sum().tolist() == pytest.approx([found[name] for name in DRIVERS], abs=1e-5)
    assert "I00999" not in set(behind["id"])
    assert behind[list(DRIVERS)].sum(axis=1).is_monotonic_decreasing
    assert drivers_behind("P00002", inputs, 30, AS_OF, SETTINGS).empty
    with pytest.raises(WrongParameter, match="no such"):
        drivers_behind("no such", inputs, 30, AS_OF, SETTINGS)
    assert any("Incidents known only to a region: 1." in limit for limit in result.limits)


def test_peaceful_and_later_incidents_never_count():
    base = world(9, 50)
    quiet = [
        dated(900, (20, 5), 1, incident_type="protest", violent=None),
        dated(901, (20, 5), 1, incident_type="agreement", violent=None),
        dated(902, (20, 5), 1, verification="discounted"),
        dated(903, (20, 5), -1),
    ]
    one = [activity(1, (20, 5))]
    assert row(run(one, base), "P00001")["expected"] == row(run(one, base + quiet), "P00001")["expected"]


def test_an_activity_known_by_area_alone_has_no_expected_number():
    found = row(run([activity(1, None, admin2_code="X"), activity(2, (20, 5))], world(2)), "P00001")
    names = ("expected", "expected_low", "expected_high", "p_any", "tempo_25km", "likelihood", *DRIVERS)
    assert [found[name] for name in names] == [None] * len(names)
    assert found["rank"] == 2


def said(result, words):
    return any(words in limit for limit in result.limits)


def test_no_history_is_no_number_and_few_incidents_no_likelihood():
    one = [activity(1, (20, 5))]
    none = run(one, [])
    assert row(none, "P00001")["expected"] is None
    assert row(none, "P00001")["likelihood_class"] == "few_reports"
    assert said(none, "nothing can be said")
    few = run(one, [dated(i, (20, 5), 10 * i) for i in range(9)])
    assert row(few, "P00001")["expected"] > 0
    assert row(few, "P00001")["likelihood"] is None
    assert row(few, "P00001")["likelihood_class"] == "few_reports"
    assert said(few, "Incidents with a place: 9. They are too few")
    assert said(few, "less than a year of history")
    assert said(few, "All incidents lie at one point")
    assert said(few, "size of the theatre is not known")
    enough = run(one, [dated(i, (20 + i / 100, 5 + i % 3), 40 * i) for i in range(12)])
    assert row(enough, "P00001")["likelihood"] is not None
    assert not said(enough, "too few")
    assert not said(enough, "one point")
    assert not said(enough, "less than a year")


def test_a_ring_larger_than_the_theatre_is_said_and_holds_no_more_than_all_of_it():
    incidents = [dated(i, at, 400 + i) for i, at in enumerate(scattered(1, 40, spread=0.01))]
    incidents += [dated(100 + i, at, i) for i, at in enumerate(scattered(2, 20, spread=0.01))]
    result = run([activity(1, (20, 5), end_date=day("2026-11-13"))], incidents)
    assert said(result, "The ring of 5 and 10 and 25 km is larger than the theatre")
    assert row(result, "P00001")["driver_theatre"] == pytest.approx(0.10 * 20 / 365, abs=1e-8)


def test_far_ahead_and_without_dates_are_said():
    made = [
        activity(1, (20, 5), end_date=day("2027-06-01")),
        activity(2, (20, 5), start_date=pd.NaT),
        activity(3, (20, 5), end_date=day("2026-11-20")),
    ]
    result = run(made, world(5), horizon_days="all")
    assert said(result, "Activities that reach beyond 30 days: 1.")
    assert said(result, "Activities whose dates are missing or contradicted: 1.")
    assert row(result, "P00002")["days"] == 30
    assert row(result, "P00002")["days_assumed"] is True
    within = run(made, world(5))
    assert not said(within, "beyond 30 days")
    assert within.summary["without_dates"] == 1


def test_the_theatre_is_the_coarsest_areas_else_the_hull():
    nested = [
        {"id": "A", "admin_level": "1", "geometry": box(18, 3, 20, 5)},
        {"id": "B", "admin_level": "1", "geometry": box(20, 3, 22, 5)},
        {"id": "A1", "admin_level": "2", "geometry": box(18, 3, 19, 4)},
        {"id": "S", "admin_level": "sector", "geometry": box(0, 0, 9, 9)},
    ]
    given = theatre(Places([]), layer("admin_areas", nested))
    assert given.from_areas
    assert given.area_km2 == pytest.approx(abs(GEOD.geometry_area_perimeter(box(18, 3, 22, 5))[0]) / 1e6, rel=1e-3)
    across = theatre(Places([Point(179, 0), Point(-179, 0), Point(-179, 2), Point(179, 2)]), None)
    assert across.area_km2 == pytest.approx(area_km2(box(0, 0, 2, 2)), rel=1e-9)
    assert hull(np.array([Point(179, 0), Point(-179, 1)], dtype=object)).length < 3
    assert theatre(Places([Point(1, 1)]), None).area_km2 is None


def test_days_that_the_layer_does_not_tell_of_are_said():
    made, data = [activity(1, (20, 5))], [dated(i, (20, 5), 40 + i) for i in range(30)]
    assert not said(run(made, data), "too low")
    stale = run(made, data, told_until=AS_OF - timedelta(days=40))
    assert said(stale, "the last 40 days count as days without incidents, and what is expected is too low")
    assert said(stale, f"nothing after {AS_OF - timedelta(days=40)}")
    later = [*data, dated(99, (20, 5), 7)]  # its last incident is later than its as-of
    assert said(run(made, later, told_until=AS_OF - timedelta(days=40)), "the last 7 days")
