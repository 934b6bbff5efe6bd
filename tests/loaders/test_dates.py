from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.dates import is_month_word, lacks_year, read_dates


def read(*texts):
    return read_dates(pd.Series(list(texts), dtype="str"))


def incidents(dates):
    count = len(dates)
    named = {"id": [str(i) for i in range(count)], "occurred_at": list(dates), "incident_type": ["battles"] * count}
    return named | {"lat": ["4.5"] * count, "lon": ["18.5"] * count}


@pytest.mark.parametrize(
    ("text", "day", "precision"),
    [
        ("2023-01-31", "2023-01-31", "day"),
        ("2009-02-20T00:00:00", "2009-02-20", "day"),
        ("2009-02-20T14:30:00Z", "2009-02-20", "moment"),
        ("31-Dec-15", "2015-12-31", "day"),
        ("31 December 2015", "2015-12-31", "day"),
        ("1er août 2015", "2015-08-01", "day"),
        ("31/12/2015", "2015-12-31", "day"),
        ("01.02.2015", "2015-02-01", "day"),
        ("12/31/2015", "2015-12-31", "day"),
        ("December 31, 2015", "2015-12-31", "day"),
        ("Dec 2015", "2015-12-01", "month"),
        ("févr. 2015", "2015-02-01", "month"),
        ("2015-12", "2015-12-01", "month"),
        ("2015", "2015-01-01", "year"),
        ("42369", "2015-12-31", "day"),
        ("20250403", "2025-04-03", "day"),
        ("120600Z NOV 26", "2026-11-12", "moment"),
        ("31/12/2015 14:05", "2015-12-31", "moment"),
        ("12/31/2015 2:05:00 PM", "2015-12-31", "moment"),
    ],
)
def test_the_ways_a_date_is_written(text, day, precision):
    dates = read(text)
    assert dates.values.iloc[0].date() == date.fromisoformat(day)
    assert dates.precision[0] == precision
    assert not dates.bad.any()


@pytest.mark.parametrize(
    "text",
    [
        "31/02/2026",
        "2026-02-31",
        "August",
        "soon",
        "7",
        "99999999",
        "20250231",
        "20251301",
        "03-Apr",
        "2026-13-01",
        "32 May 2020",
    ],
)
def test_what_is_no_date(text):
    dates = read(text)
    assert dates.bad.all()
    assert dates.values.isna().all()


def test_a_zone_is_brought_to_utc():
    assert read("2024-01-01T01:00:00+02:00").values.iloc[0] == pd.Timestamp("2023-12-31T23:00:00")


def test_the_order_is_decided_for_the_whole_column():
    assert read("03/04/2020", "04/25/2020").values.iloc[0].date() == date(2020, 3, 4)
    assert read("03/04/2020", "25/04/2020").values.iloc[0].date() == date(2020, 4, 3)
    assert read("03/04/2020", "05/06/2020").notes[0][0] == "date_order_assumed"


@pytest.mark.parametrize(
    ("dates", "order"),
    [(("04/13/2025", "13/04/2025"), "day"), (("04/13/2025", "04/14/2025", "13/04/2025"), "month")],
)
def test_both_orders_in_one_column_are_said_with_their_counts(check, dates, order):
    findings = check("incidents", incidents(dates)).report.findings
    (said,) = [f for f in findings if f.code == "date_order_mixed"]
    assert said.severity == "warning"
    month = sum(d.startswith("04") for d in dates)
    assert f"1 different dates can only be day/month/year and {month} only month/day/year" in said.message
    assert f"read as {order}/" in said.message
    wrong = [d for d in dates if d.startswith("04") is (order == "day")]
    assert [f.found for f in findings if f.code == "bad_date"] == wrong


@pytest.mark.parametrize(
    ("text", "lacks"),
    [
        *[(t, True) for t in ("03-Apr", "3 avril", "3rd April", "April 3", "August", "03/04", "31-12")],
        *[(t, False) for t in ("31/02/2026", "soon", "3 soon", "45/46", "13/14", "0/4", "7", "32 May 2020")],
    ],
)
def test_a_date_without_its_year(text, lacks):
    assert lacks_year(text) is lacks


def test_that_the_year_is_missing_is_said(check):
    findings = check("incidents", incidents(["03-Apr", "31/02/2026"])).report.findings
    said = [f.message for f in findings if f.code == "bad_date"]
    assert sorted(("year is missing" in message, "no such day" in message) for message in said) == [
        (False, True),
        (True, False),
    ]


def test_blanks_are_no_bad_dates():
    dates = read_dates(pd.Series([None, "2020-01-01"], dtype="str"))
    assert dates.bad.tolist() == [False, False]
    assert dates.precision.tolist() == ["", "day"]


def test_months():
    assert is_month_word("August")
    assert is_month_word("août")
    assert not is_month_word("August 2020")


@given(st.lists(st.dates(date(1970, 1, 1), date(2068, 12, 31)), min_size=1, max_size=20))
@settings(deadline=None, max_examples=40)
def test_every_way_of_writing_gives_the_same_day(days):
    days = [*days, date(2020, 12, 31)]  # one that leaves no doubt about the order
    for form in ("%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d %B %Y", "%d-%b-%y"):
        assert [v.date() for v in read(*(d.strftime(form) for d in days)).values] == days


@given(st.lists(st.one_of(st.none(), st.text(max_size=20)), max_size=10))
@settings(deadline=None, max_examples=60)
def test_no_text_breaks_it(texts):
    dates = read_dates(pd.Series(texts, dtype="str"))
    filled = dates.values.notna().to_numpy()
    assert (filled | dates.bad | pd.Series(texts, dtype="str").isna().to_numpy()).all()
    assert ((dates.precision != "") == filled).all()
