"""Classes by the bounds of the settings, few reports, and the 5 x 5 table."""

from __future__ import annotations

from datetime import UTC, datetime

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from analysis.likelihood import IMPACT, LIKELIHOOD, add_likelihood, add_ratings, cell
from layers.rating import Rating
from layers.settings import Settings

SETTINGS = Settings()
# UN security risk management, risk by likelihood (rows, from very likely) and impact (columns).
UN_TABLE = """
low     medium  high    very-high  unacceptable
low     medium  high    high       very-high
low     low     medium  high       very-high
low     low     low     medium     high
low     low     low     low        medium
"""


def rows_of(chances, few):
    rows = gpd.GeoDataFrame({"id": [f"A{i}" for i in range(len(chances))], "few_reports": few}, geometry=None)
    rows["p_any"] = pd.array(chances, dtype="Float64")
    return rows


def test_classes_begin_at_their_bounds():
    rows = rows_of([0.0, 0.0499, 0.05, 0.1999, 0.2, 0.4999, 0.5, 0.7999, 0.8, 1.0, None], [False] * 11)
    add_likelihood(rows, True, SETTINGS)
    assert rows["likelihood"].tolist()[:10] == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert rows["likelihood_class"].tolist()[:10] == [word for word in LIKELIHOOD for _ in range(2)]
    assert rows["likelihood"].isna()[10]
    assert rows["likelihood_class"].isna()[10]


def test_few_reports_takes_the_place_of_the_lowest_class_only():
    rows = rows_of([0.01, 0.3, None], [True, True, True])
    add_likelihood(rows, True, SETTINGS)
    assert rows["likelihood_class"].tolist() == ["few_reports", "moderately_likely", "few_reports"]
    rows = rows_of([0.01, 0.9], [False, False])
    add_likelihood(rows, False, SETTINGS)
    assert rows["likelihood_class"].tolist() == ["few_reports", "few_reports"]
    assert rows["likelihood"].isna().all()


def test_the_table_is_that_of_un_security_risk_management():
    table = [line.split() for line in UN_TABLE.split("\n") if line]
    found = [[cell(level, impact, SETTINGS) for impact in range(1, 6)] for level in range(5, 0, -1)]
    assert found == [[word.replace("-", " ") for word in line] for line in table]
    assert cell(None, 5, SETTINGS) is cell(5, None, SETTINGS) is None


def rated(record, likelihood, impact):
    return Rating("plans", record, likelihood, impact, "why", "G9", datetime(2026, 11, 12, tzinfo=UTC))


@pytest.mark.parametrize(
    ("likelihood", "impact", "expected"),
    [(None, 4, "medium"), (5, 4, "very high"), (5, None, None)],
)
def test_the_officers_likelihood_stands_in_and_the_computed_one_stays(likelihood, impact, expected):
    rows = rows_of([0.1], [False])
    add_likelihood(rows, True, SETTINGS)
    add_ratings(rows, {"A0": rated("A0", likelihood, impact), "other": rated("other", 1, 1)}, SETTINGS)
    row = rows.iloc[0]
    assert row["likelihood"] == 2
    assert (row["risk_cell"] if pd.notna(row["risk_cell"]) else None) == expected
    assert row["impact_class"] == (IMPACT[impact - 1] if impact else "not_rated")
    assert (row["rating_reason"], row["rated_by"], row["rated_at"]) == ("why", "G9", "2026-11-12T00:00:00+00:00")


def test_without_a_rating_everything_of_it_is_missing():
    rows = rows_of([0.1], np.array([False]))
    add_likelihood(rows, True, SETTINGS)
    add_ratings(rows, {}, SETTINGS)
    for name in ("rated_likelihood", "rated_impact", "rating_reason", "rated_by", "rated_at", "risk_cell"):
        assert rows[name].isna().all(), name
    assert rows["impact_class"].tolist() == ["not_rated"]
