"""More than usual here: the exact binomial interval, the words, and where nothing can be said."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats

from analysis.baseline import rate_ratio
from layers.geodesy import GEOD
from tests.analysis.test_expected import dated, row, run, said
from tests.analysis.worlds import AS_OF, activity, layer

RATIO = 90 / 365


@pytest.mark.parametrize(("recent", "earlier"), [(5, 3), (12, 20), (0, 7), (40, 41), (3, 0)])
def test_the_interval_is_the_exact_one(recent, earlier):
    """Found by turning the binomial tail around, which is how the interval is defined."""
    ratio, low, high = (float(v[0]) for v in rate_ratio(np.array([recent]), np.array([earlier]), RATIO))

    def share(rate):
        return rate * RATIO / (rate * RATIO + 1)

    n = recent + earlier
    if recent:
        assert stats.binom.sf(recent - 1, n, share(low)) == pytest.approx(0.1)
    else:
        assert low == 0
    if earlier:
        assert stats.binom.cdf(recent, n, share(high)) == pytest.approx(0.1)
        assert ratio == pytest.approx((recent / 90) / (earlier / 365))
        found = optimize.brentq(lambda rate: stats.binom.cdf(recent, n, share(rate)) - 0.1, 1e-6, 1e4)
        assert high == pytest.approx(found, rel=1e-6)
    else:
        assert np.isinf([ratio, high]).all()


def around(recent, earlier, at=(20, 5)):
    old = [dated(900, (25, 5), 2000)]
    return (
        [dated(i, at, 5 + i) for i in range(recent)] + [dated(500 + i, at, 100 + 3 * i) for i in range(earlier)] + old
    )


def test_small_numbers_are_told_as_numbers_and_large_ones_as_a_change():
    made = [activity(1, (20, 5))]
    few = row(run(made, around(5, 3)), "P00001")
    assert (few["recent_count"], few["earlier_count"]) == (5, 3)
    assert few["usual_text"] == "5 in 90 days; 3 in the 365 days before"
    assert few["usual"] == "more"
    many = row(run(made, around(30, 40)), "P00001")
    assert many["usual_text"].startswith("up 204 % on the year before (80 % interval +")
    assert many["rate_ratio_low"] < many["rate_ratio"] < many["rate_ratio_high"]
    calm = row(run(made, around(0, 60)), "P00001")
    assert calm["usual"] == "less"
    assert calm["usual_text"].startswith("down 100 % on the year before (80 % interval -100 to -")
    assert row(run(made, around(10, 40)), "P00001")["usual"] == "as_usual"
    none = row(run(made, around(0, 0)), "P00001")
    assert (none["recent_count"], none["rate_ratio"], none["usual"]) == (0, None, "as_usual")


def test_without_both_periods_nothing_is_compared():
    short = run([activity(1, (20, 5)), activity(2, None)], [dated(i, (20, 5), i) for i in range(30)])
    for name in ("recent_count", "earlier_count", "rate_ratio", "usual", "usual_text"):
        assert row(short, "P00001")[name] is None
        assert row(short, "P00002")[name] is None
    assert said(short, "not compared with the year before")


def test_days_that_the_layer_does_not_tell_of_are_no_quiet_ones():
    """The same incidents, all 60 or 90 days older, in a layer that ends so much earlier."""
    made, told = [activity(1, (20, 5))], [dated(700, (20, 5), 0), *around(30, 40)]

    def older(days):
        moved = [one | {"occurred_at": one["occurred_at"] - pd.Timedelta(days=days)} for one in told]
        return run(made, moved, told_until=AS_OF - timedelta(days=days))

    now, late = (row(older(days), "P00001") for days in (0, 60))
    for name in ("recent_count", "earlier_count", "rate_ratio", "usual", "usual_text"):
        assert late[name] == now[name] is not None
    gone = older(90)
    assert row(gone, "P00001")["usual"] is row(gone, "P00001")["recent_count"] is None
    assert said(gone, "tell of none of the last weeks")


def test_a_blind_spot_is_where_nothing_at_all_is_reported():
    made = [activity(1, (20, 5)), activity(2, (22, 5)), activity(3, None, admin2_code="A"), activity(4, (24, 5))]
    lon, lat, _ = GEOD.fwd(24, 5, 10, 25_001)
    incidents = [
        dated(1, (20, 5), 100, incident_type="protest", violent=None),
        dated(2, (22, 5), 365),
        dated(3, None, 5, admin2_code="A"),
        dated(4, (lon, lat), 5),
    ]
    result = run(made, incidents)
    assert [row(result, f"P0000{i}")["blind_spot"] for i in (1, 2, 3, 4)] == [False, True, False, True]
    assert all(row(result, f"P0000{i}")["few_reports"] for i in (1, 2, 3, 4))
    assert result.summary["blind_spots"] == 2


def test_the_nearest_open_medical_post_of_the_mission():
    near, _, _ = GEOD.fwd(20, 5, 90, 4000)
    posts = [
        {"id": "M1", "facility_type": "medical_post", "at": (20.5, 5)},
        {"id": "M2", "facility_type": "medical_post", "at": (20.01, 5), "status": "closed"},
        {"id": "H1", "facility_type": "hospital", "at": (near, 5)},
    ]
    from analysis import RISK
    from analysis.method import run_method
    from layers.settings import Settings

    def ask(facilities):
        inputs = {
            "activities": layer("projects", [activity(1, (20, 5)), activity(2, None)]),
            "incidents": layer("incidents", []),
            "medical": layer("facilities", facilities),
        }
        return run_method(RISK, inputs, {}, as_of=AS_OF, settings=Settings(), today=AS_OF)

    result = ask(posts)
    found = row(result, "P00001")
    assert found["medical_post_id"] == "M1"
    assert found["medical_post_m"] == pytest.approx(GEOD.inv(20, 5, 20.5, 5)[2], abs=0.1)
    assert row(result, "P00002")["medical_post_m"] is None
    assert said(result, "10-1-2")
    assert said(result, "travel time is not computed")
    without = ask(posts[1:])
    assert row(without, "P00001")["medical_post_id"] is None
    assert said(without, "no medical post")
    assert pd.isna(row(run([activity(1, (20, 5))], []), "P00001")["medical_post_m"])


def test_activities_known_by_area_are_counted_by_their_finest_code_alone():
    made = [
        activity(1, None, admin2_code="A", admin1_code="R"),
        activity(2, None, admin1_code="R"),
        activity(3, None, admin2_code="B"),
        activity(4, (20, 5), admin2_code="A"),
    ]
    codes = [("A", "R"), ("A", "R"), ("C", "R"), (None, "R"), ("A", None), (None, None)]
    reported = [dated(i, (24, 5), 5, admin2_code=two, admin1_code=one) for i, (two, one) in enumerate(codes)]
    result = run(made, reported)
    counts = [(row(result, f"P0000{i}")["area_code"], row(result, f"P0000{i}")["count_in_area"]) for i in (1, 2, 3, 4)]
    assert counts == [("A", 3), ("R", 4), ("B", 0), (None, None)]
    assert [row(result, f"P0000{i}")["blind_spot"] for i in (1, 2, 3, 4)] == [False, False, True, True]
