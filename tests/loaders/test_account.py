"""The law: rows_in = ok + repaired + rejected, in rows of the sender, whatever the rows hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from layers.errors import LoadError
from layers.report import Finding
from loaders.account import Account
from loaders.raw import RawLayer, text_array

COLUMNS = ("site_id", "name", "individuals", "households", "round", "date", "lat", "lon", "mgrs", "row", "reason")
CELLS = [
    "",
    "5",
    "20",
    "-3",
    "200",
    "x",
    "31/02/2020",
    "2024-01-02",
    "2099-01-01",
    "4°21'N",
    "33NXE1234",
    "612345",
    "S1",
]
ROWS = st.lists(
    st.tuples(
        st.lists(st.one_of(st.none(), st.sampled_from(CELLS), st.text(max_size=6)), min_size=11, max_size=11),
        st.integers(0, 2),
    ),
    min_size=1,
    max_size=12,
)


@given(ROWS, st.lists(st.integers(40, 50), unique=True, max_size=3))
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_mixture_adds_up(check, rows, spare):
    numbers = np.cumsum([2, *[min(step, 1) for _, step in rows[1:]]])
    columns = {name: [cells[i] for cells, _ in rows] for i, name in enumerate(COLUMNS)}
    try:
        result = check("idp_sites", columns, rows=numbers, spare=tuple(spare))
    except LoadError:
        return  # a file without any place, or in metres, is refused whole
    report = result.report
    assert report.rows_in == len(set(numbers) | set(spare))
    assert report.rows_in == report.rows_ok + report.rows_repaired + report.rows_rejected
    assert report.records == len(result.frame)
    assert report.rows_rejected == len(result.rejected) == result.rejected["row"].nunique()
    assert result.rejected["reason"].str.len().gt(0).all()
    assert set(result.rejected["row"]) == {f.row for f in report.findings if f.severity == "rejected"}
    assert set(result.rejected["row"]).isdisjoint(result.frame["row"])
    assert set(numbers) == set(result.rejected["row"]) | set(result.frame["row"])


def account(rows, spare=()):
    return Account("a.csv", np.array(rows, np.int64), spare)


def mask(*indices, size=5):
    return np.isin(np.arange(size), indices)


def counts(report):
    return report.rows_in, report.rows_ok, report.rows_repaired, report.rows_rejected


def test_a_row_is_rejected_when_all_of_its_records_are():
    kept = account([2, 2, 3, 3, 4], spare=(9, 2))
    kept.reject(mask(0, 1, 2), "bad", "no good", "Mend it.")
    report = kept.report(records=2)
    assert counts(report) == (4, 2, 1, 1)
    assert [(f.row, f.severity) for f in report.findings] == [(2, "rejected"), (2, "rejected"), (3, "repaired")]


def test_a_rejected_row_comes_back_once_in_the_sender_s_cells():
    kept = account([2, 2, 3, 3, 4])
    kept.reject(mask(0, 1, 4), "bad", "no good", "Mend it.")
    frame = kept.rejected_rows(pd.DataFrame({"row": list("abcde"), "x": list("fghij")}))
    assert frame["row"].tolist() == [2, 4]
    assert frame["row (2)"].tolist() == ["a", "e"]
    assert frame["reason"].tolist() == ["a.csv, row 2: no good. Mend it.", "a.csv, row 4: no good. Mend it."]


def test_what_the_reader_rejected_stays_rejected_also_without_a_record():
    kept = account([2, 3], spare=(5,))
    kept.take([Finding("truncated", "rejected", "cut short", row=row) for row in (3, 5)])
    assert counts(kept.report(records=1)) == (3, 1, 0, 2)
    rows = kept.rejected_rows(pd.DataFrame({"x": ["a", "b"]}))
    assert (rows["row"].tolist(), rows["reason"].tolist()) == ([3, 5], ["cut short", "cut short"])


@pytest.mark.parametrize("spare", [(), (7, 8)])
def test_a_source_that_makes_two_records_of_a_row(check, spare):
    columns = {"site_id": ["A", "A", "B"], "individuals": ["1", "2", "3"], "lat": ["4", "195", "5"], "lon": ["18"] * 3}
    result = check("idp_sites", columns, rows=[2, 2, 3], spare=spare)
    assert counts(result.report) == (2 + len(spare), 1 + len(spare), 1, 0)
    assert len(result.frame) == result.report.records == 2
    assert result.rejected.empty


def test_many_bad_rows_do_not_take_minutes(check):
    count = 100_000
    raw = RawLayer("", ("a",), [text_array(["x"] * count)], np.arange(count))
    kept = Account("a.csv", raw.rows)
    kept.reject(np.ones(count, bool), "bad", "no good", "Mend it.", "a", np.full(count, "x", dtype=object))
    assert len(kept.report(records=0).findings) == count


def test_impossible_figures(check):
    columns = {
        "site_id": list("ABCD"),
        "individuals": ["10", "-4", "0", "100"],
        "households": ["50", "1", "0", "20"],
        "date": ["2026-01-01", "2026-01-01", "2031-01-01", "2026-01-01"],
        "lat": ["4.5"] * 4,
        "lon": ["18.5", "18.6", "18.7", "18.8"],
    }
    result = check("idp_sites", columns)
    by_code = {f.code: (f.row, f.severity) for f in result.report.findings}
    assert by_code["fewer_people_than_households"] == (2, "rejected")
    assert by_code["out_of_bounds"] == (3, "repaired")
    assert by_code["future_date"] == (4, "warning")
    assert result.frame["population"].isna().tolist() == [True, False, False]


def test_deaths_and_reports_out_of_order(check):
    columns = {
        "event_type": ["Battles"] * 2,
        "event_date": ["2026-01-05", "2026-01-05"],
        "reported date": ["2026-01-04", "2026-01-05"],
        "low": ["5", "1"],
        "best": ["3", "3"],
        "high": ["9", "3"],
        "lat": ["4.5"] * 2,
        "lon": ["18.5", "19.5"],
    }
    found = {f.code: f.row for f in check("incidents", columns).report.findings if f.severity == "warning"}
    assert found == {"deaths_out_of_order": 2, "reported_before_occurred": 2}


def test_what_is_planned_may_lie_ahead(check):
    columns = {"name": ["a"], "start date": ["2031-01-01"], "status": ["planned"], "lat": ["4.5"], "lon": ["18.5"]}
    assert not [f for f in check("projects", columns).report.findings if f.code == "future_date"]
