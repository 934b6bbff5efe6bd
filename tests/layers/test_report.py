"""Findings as columns: the same sentences, counts and table as one by one."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from layers.report import Finding, Findings, RowFindings


@pytest.fixture
def many():
    found = pa.array(["a", "", "c"], pa.large_string())
    return RowFindings(
        "bad_date", "rejected", "f.csv", "no such day", "Correct it.", "event_date", np.array([2, 5, 9]), found
    )


ONE = Finding("empty_file", "warning", "f.csv: it is empty.")


def test_each_row_has_its_own_sentence(many):
    said = [(f.row, f.found, f.message) for f in many]
    assert said == [
        (2, "a", 'f.csv, row 2, event_date: found "a", no such day. Correct it.'),
        (5, "", "f.csv, row 5, event_date: no such day. Correct it."),
        (9, "c", 'f.csv, row 9, event_date: found "c", no such day. Correct it.'),
    ]


def test_some_of_the_rows(many):
    assert list(many.of(np.array([True, False, True]))) == [next(iter(many)), list(many)[2]]


def test_a_sequence_of_findings(many):
    findings = Findings([ONE, many], [ONE])
    assert len(findings) == 5
    assert list(findings) == [ONE, *many, ONE]
    assert findings[0] == ONE
    assert findings[2] == list(many)[1]
    assert findings[-1] == ONE
    assert findings[1:3] == tuple(many)[:2]
    with pytest.raises(IndexError):
        findings[5]


def test_findings_of_findings_stay_whole(many):
    assert Findings(Findings([many]), [ONE]).parts == (many, ONE)


def test_the_table_is_the_findings_in_their_order(many):
    findings = Findings([ONE, many, ONE])
    assert findings.table().to_pylist() == [finding.as_dict() for finding in findings]
    assert Findings().table().num_rows == 0


def test_counts_give_the_first_of_each(many):
    counts = Findings([many, ONE, many]).counts()
    assert counts == {
        ("rejected", "bad_date"): (6, next(iter(many)).message),
        ("warning", "empty_file"): (1, ONE.message),
    }
