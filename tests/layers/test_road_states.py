"""The state of a road on a day, for a class of vehicle."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from layers.filters import Where, filter_dataset
from layers.road_states import states_at, with_states
from tests.analysis.worlds import layer

DAY = date(2026, 11, 12)


def roads(*rows):
    """Rows of one road each, or of the road that `road_id` names."""
    dated = [
        {k: pd.Timestamp(v) if k in ("state_since", "reopening_date", "reported_date") else v for k, v in row.items()}
        for row in rows
    ]
    return layer("roads", [{"id": f"r{n}", "at": (20, 5)} | row for n, row in enumerate(dated)])


def state(rows, *vehicles, as_of=DAY):
    found = with_states(roads(*rows).frame, as_of, vehicles)
    assert len(found) == 1
    return found["id"].iloc[0], None if pd.isna(found["road_state"].iloc[0]) else found["road_state"].iloc[0]


def of_a(**row):
    return {"road_id": "A"} | row


@pytest.mark.parametrize(
    ("day", "expected"),
    [("2026-10-31", None), ("2026-11-01", "closed"), ("2026-11-19", "closed"), ("2026-11-20", None)],
)
def test_a_state_holds_from_its_day_until_the_day_before_the_reopening(day, expected):
    one = {"road_state": "closed", "state_since": "2026-11-01", "reopening_date": "2026-11-20"}
    assert state([one], as_of=date.fromisoformat(day))[1] == expected


def test_the_latest_state_that_has_begun_counts():
    rows = [
        of_a(road_state="open", state_since="2026-06-01"),
        of_a(road_state="closed", state_since="2026-11-01"),
        of_a(road_state="open", state_since="2026-12-01"),
    ]
    assert state(rows) == ("r1", "closed")
    assert state(rows, as_of=date(2026, 12, 1)) == ("r2", "open")


def test_after_the_expected_reopening_an_earlier_state_is_not_taken_for_the_present_one_of_another_class():
    rows = [
        of_a(road_state="closed", vehicle_class="heavy_truck", reopening_date="2026-11-01"),
        of_a(road_state="open"),
    ]
    assert state(rows, "heavy_truck") == ("r1", "open")


def test_after_an_expected_reopening_the_state_is_not_known_until_it_is_reported():
    closed = of_a(road_state="closed", state_since="2026-11-01", reopening_date="2026-11-10")
    assert state([of_a(road_state="open", state_since="2026-06-01"), closed]) == ("r1", None)
    assert state([closed, of_a(road_state="open", state_since="2026-11-11")]) == ("r1", "open")
    light = of_a(road_state="open", vehicle_class="light")
    assert state([closed, light])[1] is None
    assert state([closed, light], "light") == ("r0", None)
    assert state([closed, light | {"state_since": "2026-11-02"}], "light") == ("r1", "open")
    assert state([closed, of_a(road_state="closed", vehicle_class="heavy_truck")])[1] == "restricted"


def test_what_is_said_of_a_class_goes_before_what_is_said_of_all():
    rows = [of_a(road_state="open"), of_a(road_state="closed", vehicle_class="heavy_truck")]
    assert state(rows, "heavy_truck") == ("r1", "closed")
    assert state(rows, "light") == ("r0", "open")
    assert state(rows, "light", "heavy_truck") == ("r1", "restricted")
    assert state(rows, "all") == ("r0", "open")


@pytest.mark.parametrize(
    ("of_class", "of_all", "expected"),
    [
        ({"state_since": "2026-08-01"}, {"state_since": "2026-11-01"}, "closed"),
        ({"state_since": "2026-11-02"}, {"state_since": "2026-11-01"}, "open"),
        ({"state_since": "2026-11-01"}, {"state_since": "2026-11-01"}, "open"),
        ({"state_since": "2026-11-01", "reported_date": "2026-11-02"},
         {"state_since": "2026-11-01", "reported_date": "2026-11-03"}, "closed"),
        ({}, {"state_since": "2026-11-01"}, "closed"),
        ({"reported_date": "2026-11-05"}, {"state_since": "2026-11-01"}, "open"),
        ({"state_since": "2026-08-01"}, {"reported_date": "2026-11-01"}, "closed"),
        ({"state_since": "2026-08-01"}, {}, "open"),
    ],
)  # fmt: skip
def test_what_is_said_of_a_class_gives_way_to_what_is_newer_and_of_all(of_class, of_all, expected):
    rows = [
        of_a(road_state="open", vehicle_class="light", **of_class),
        of_a(road_state="closed", **of_all),
    ]
    assert state(rows, "light", as_of=date(2026, 11, 10))[1] == expected
    assert state(rows[::-1], "light", as_of=date(2026, 11, 10))[1] == expected
    whole = state(rows, as_of=date(2026, 11, 10))[1]
    assert whole == ("closed" if expected == "closed" else "restricted")


def test_an_undated_row_of_a_class_stays_where_it_is_no_better():
    heavy = of_a(road_state="closed", vehicle_class="heavy_truck")
    assert state([of_a(road_state="open", state_since="2026-06-01"), heavy], "heavy_truck") == ("r1", "closed")


def test_all_together_a_road_is_restricted_where_classes_differ_and_closed_where_it_is_closed_to_all():
    assert state([of_a(road_state="open"), of_a(road_state="closed", vehicle_class="tracked")]) == ("r1", "restricted")
    assert state([of_a(road_state="closed", vehicle_class=c) for c in ("light", "foot")]) == ("r0", "closed")


def test_a_road_of_which_nothing_is_said_for_the_class_stays_and_its_state_is_not_known():
    assert state([of_a(road_state="closed", vehicle_class="tracked")], "foot") == ("r0", None)


def test_each_road_keeps_one_row_in_the_order_of_the_file():
    rows = [{"road_state": "open"}, of_a(road_state="closed"), {"road_state": "restricted"}, of_a(road_state="open")]
    positions, states = states_at(roads(*rows).frame, DAY)
    assert positions.tolist() == [0, 2, 3]  # of A the last row counts where no date tells
    assert states.tolist() == ["open", "restricted", "open"]
    assert len(with_states(roads().frame, DAY)) == 0


def test_filters_look_at_the_state_of_the_day():
    data = roads(
        of_a(road_state="closed", state_since="2026-12-01"),
        of_a(road_state="open", state_since="2026-01-01"),
        {"road_state": "open", "vehicle_class": "light"},
    )

    def kept(day, **fields):
        found = filter_dataset(data, Where(fields=fields, round_at=day)).frame
        return dict(zip(found["id"], found["road_state"].astype(object), strict=True))

    assert kept(DAY, road_state=("closed",)) == {}
    assert kept(date(2026, 12, 1), road_state=("closed",)) == {"r0": "closed"}
    assert kept(DAY) == {"r1": "open", "r2": "open"}
    foot = kept(DAY, vehicle_class=("foot",))
    assert foot["r1"] == "open"
    assert pd.isna(foot["r2"])
