"""`rate`: from the command to the row of the answer and the exported file."""

from __future__ import annotations

import json

import pytest

from tests.commands.conftest import INCIDENTS, feature, write_layer


@pytest.fixture
def rated(cli, tmp_path):
    """An activity among incidents, rated twice."""
    plans = [feature("A1", 18.5, 4.25, status="planned", start_date="2026-11-13"), feature("A2", 18.6, 4.2)]
    assert cli("ingest", write_layer(tmp_path / "plans.geojson", "projects", plans)).code == 0
    assert cli("ingest", write_layer(tmp_path / "incidents.geojson", "incidents", INCIDENTS)).code == 0
    said = cli("rate", "plans", "A1", "--impact", 4, "--reason", "school", "--by", "G9", "--json")
    assert said.code == 0
    assert said.document == {"layer": "plans", "record": "A1", "likelihood": None, "impact": 4, "reason": "school",
                             "by": "G9", "at": said.document["at"]}  # fmt: skip
    assert cli("rate", "plans", "A1", "--impact", 5, "--likelihood", 3, "--reason", "and a market").code == 0
    return cli


ASK = ("run", "risk", "--input", "activities=plans", "--input", "incidents=incidents", "--as-of", "2026-11-12")


def test_the_answer_carries_the_rating_that_holds(rated):
    row = rated(*ASK, "--json").document["rows"][0]
    assert (row["id"], row["rated_likelihood"], row["rated_impact"], row["impact_class"]) == ("A1", 3, 5, "critical")
    assert (row["rating_reason"], row["risk_cell"]) == ("and a market", "very high")
    assert row["likelihood"] is None
    assert row["likelihood_class"] == "few_reports"


def test_the_export_carries_it_too(rated, tmp_path):
    out = tmp_path / "risk.geojson"
    assert rated(*ASK, "--out", out).code == 0
    said = json.loads(out.read_text())["features"][0]["properties"]
    assert (said["rated_impact"], said["rating_reason"], said["risk_cell"]) == (5, "and a market", "very high")


def test_withdrawn_is_not_rated_again(rated):
    assert rated("rate", "plans", "A1", "--withdraw", "--reason", "plan changed").code == 0
    row = rated(*ASK, "--json").document["rows"][0]
    assert (row["rated_impact"], row["impact_class"], row["risk_cell"], row["rating_reason"]) == (
        None,
        "not_rated",
        None,
        None,
    )


def test_without_a_likelihood_there_is_no_cell(rated):
    """Few reports is no likelihood: a rated impact alone makes no cell of it."""
    assert rated("rate", "plans", "A1", "--impact", 5, "--reason", "again").code == 0
    row = rated(*ASK, "--json").document["rows"][0]
    assert (row["rated_impact"], row["likelihood"], row["risk_cell"]) == (5, None, None)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("plans", "A1", "--impact", 4, "--reason", " "), 1, "no reason"),
        (("plans", "A1", "--impact", 4), 2, "--reason"),
        (("plans", "A1", "--reason", "x"), 2, "--withdraw"),
        (("plans", "A1", "--impact", 4, "--withdraw", "--reason", "x"), 2, "--withdraw"),
        (("plans", "A1", "--impact", 9, "--reason", "x"), 2, "less than or equal to 5"),
        (("plans", "A9", "--impact", 4, "--reason", "x"), 1, "no such record"),
        (("nowhere", "A1", "--impact", 4, "--reason", "x"), 1, "no layer of that name"),
        (("incidents", "i1", "--impact", 4, "--reason", "x"), 1, "kind incidents"),
    ],
)
def test_refusals(rated, arguments, code, words):
    said = rated("rate", *arguments, "--json")
    assert said.code == code
    assert words in said.error["found"] + said.error["expected"]
