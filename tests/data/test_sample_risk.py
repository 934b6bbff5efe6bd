"""The sample through the risk analysis: the classes tell the activities apart, and what was planted is found."""

from __future__ import annotations

from datetime import date

import pytest

import store
from analysis import RISK
from analysis.likelihood import CLASSES
from analysis.method import run_method
from commands.sample import sample_files
from data.make_sample import SAMPLE
from layers.settings import Settings
from loaders.ingest import inspect, publish, review

ROLES = {
    "activities": "orvane-activities",
    "incidents": "orvane-incidents",
    "risks": "orvane-security-risks",
    "areas": "orvane-admin1",
    "medical": "orvane-facilities",
}
AS_OF = date(2026, 11, 12)


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    access = store.open(tmp_path_factory.mktemp("home"), as_=store.OPERATOR)
    for path in sample_files(SAMPLE):
        if path.stem in ROLES.values():
            (draft,) = inspect(path, access)
            publish(draft, access, review(draft, access), base=None, by="test", note="sample")
    return {role: access.load(name) for role, name in ROLES.items()}


def ask(inputs, **values):
    return run_method(RISK, inputs, values, as_of=AS_OF, settings=Settings(), today=AS_OF)


@pytest.mark.parametrize("asked", [{}, {"activity_class": "mission"}], ids=["opening settings", "as the page opens"])
def test_no_class_holds_more_than_half_of_the_activities(inputs, asked):
    result = ask(inputs, **asked)
    classes = result.summary["likelihood_classes"]
    assert list(classes) == list(CLASSES)
    assert max(classes.values()) <= len(result.rows) / 2
    assert sum(classes.values()) + result.summary["by_area_only"] >= len(result.rows)


def test_what_was_planted_is_found(inputs):
    rows = ask(inputs).rows.set_index("id")
    long, short, quiet, mined = (rows.loc[f"ACT-{n}"] for n in ("040", "041", "031", "017"))
    assert (long["days"], short["days"]) == (30, 1)
    assert long["expected"] == pytest.approx(30 * short["expected"], rel=1e-6)
    assert long["rank"] < short["rank"]
    assert (quiet["likelihood_class"], quiet["few_reports"]) == ("few_reports", True)
    assert mined["flag_level"] == "red"
    assert mined["rank"] <= 5
    placed = rows[rows["expected"].notna()]
    assert placed["medical_post_id"].notna().all()
    assert set(placed["medical_post_id"]) <= set(inputs["medical"].frame["id"])


def test_reds_come_first_and_then_what_is_expected(inputs):
    rows = ask(inputs).rows
    assert rows["flag_level"].eq("red").astype(int).is_monotonic_decreasing
    for _, group in rows.groupby(rows["flag_level"].eq("red")):
        assert group["expected"].fillna(-1).is_monotonic_decreasing
