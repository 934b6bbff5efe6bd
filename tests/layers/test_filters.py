"""Filters: what is kept, what is refused by name, and what the kept rows say of it."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from layers.errors import WrongParameter
from layers.filters import NOT_STATED, Where, filter_dataset
from layers.times import Period
from tests.analysis.worlds import day, incident, layer, moment

INCIDENTS = [
    incident(1, (20, 5), occurred_at=moment("2026-11-01 23:30"), time_precision="moment", fatalities=2),
    incident(2, (20, 5), occurred_at=moment("2026-11-02"), time_precision="day", violent=False),
    incident(3, None, incident_type=None, violent=None, occurred_at=pd.NaT, fatalities=None),
]


def kept(zone="UTC", **fields):
    found = filter_dataset(layer("incidents", INCIDENTS), Where(fields=fields), zone=zone)
    return [i[-1] for i in found.frame["id"]]


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("violent", "banana", "true or false"),
        ("violent", "2", "true or false"),
        ("incident_type", "banana", "clash"),
        ("fatalities", "abc", "a number"),
        ("fatalities", "nan", "a number"),
        ("occurred_at", "abc", "2026-11-12"),
        ("occurred_at", "2026-13-01", "2026-11-12"),
        ("geometry", "abc", "area"),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused_by_name(field, value, expected):
    with pytest.raises(WrongParameter, match=field) as refused:
        kept(**{field: (value,)})
    assert value in refused.value.found
    assert expected in refused.value.expected


def test_values_in_any_spelling():
    assert kept(violent=("Yes",)) == ["1"]
    assert kept(violent=("false", NOT_STATED)) == ["2", "3"]
    assert kept(incident_type=("Armed clash",)) == ["1", "2"]
    assert kept(incident_type=("riot",)) == []
    assert kept(incident_type=(NOT_STATED,)) == ["3"]
    assert kept(fatalities=("2.0",)) == ["1"]


def test_a_moment_is_chosen_by_its_calendar_day_in_the_theatre():
    assert kept(occurred_at=("2026-11-01",)) == ["1"]
    assert kept(occurred_at=("2026-11-02",)) == ["2"]
    assert kept("Africa/Bangui", occurred_at=("2026-11-02",)) == ["1", "2"]
    assert kept("America/New_York", occurred_at=("2026-11-02",)) == ["2"]
    assert kept(occurred_at=(NOT_STATED,)) == ["3"]


def test_rows_say_what_they_were_chosen_by_even_where_all_were_kept():
    whole = layer("incidents", INCIDENTS)
    assert filter_dataset(whole, Where()).filtered == ""
    once = filter_dataset(whole, Where(fields={"violent": ("true", "false", NOT_STATED)}))
    assert (len(once), once.filtered) == (3, f"violent=true or false or {NOT_STATED}")
    twice = filter_dataset(once, Where(period=Period(date(2026, 11, 1), None)))
    assert twice.filtered == f"{once.filtered}; dates=2026-11-01 to any"


def test_a_site_is_kept_in_its_latest_round_with_undated_rows_in_their_place():
    base = {"site_id": "S1", "at": (20, 5)}
    rows = [
        base | {"id": "a", "reporting_round": "Round 5", "assessment_date": day("2026-10-01"), "population": 100},
        base | {"id": "b", "reporting_round": "R6", "assessment_status": "not_assessed"},
        base | {"id": "c", "population": 7},
    ]
    sites = layer("idp_sites", rows)
    found = filter_dataset(sites, Where(round_at=date(2026, 11, 12)))
    assert found.frame["id"].tolist() == ["b"]
    assert found.filtered == "latest round at 2026-11-12"
    assert filter_dataset(sites, Where(round_at=date(2026, 9, 1))).frame["id"].tolist() == ["c"]
