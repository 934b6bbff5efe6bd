"""Spans of what is known to the month: whole days, as the loader writes them."""

from __future__ import annotations

from datetime import date

import pytest

from layers.times import Period, in_period
from tests.analysis.worlds import activity, day, incident, layer, moment


@pytest.mark.parametrize(("on", "met"), [("2026-10-31", 0), ("2026-11-01", 1), ("2026-11-30", 1), ("2026-12-01", 0)])
@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu", "America/Bogota"])
def test_a_month_is_met_on_each_of_its_days_in_every_zone(on, met, zone):
    known = {"occurred_at": moment("2026-11-01"), "ended_at": moment("2026-11-30"), "time_precision": "month"}
    dates = {"start_date": day("2026-11-01"), "end_date": day("2026-11-30"), "time_precision": "month"}
    period = Period(date.fromisoformat(on), date.fromisoformat(on))
    for dataset in (layer("incidents", [incident(1, None, **known)]), layer("projects", [activity(1, None, **dates)])):
        assert in_period(dataset, period, zone).sum() == met
