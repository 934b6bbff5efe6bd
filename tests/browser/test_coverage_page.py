"""Journey 3 on the Coverage page: the gap as it will be, and where new places would help most."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import Watched, overlay
from playwright.sync_api import expect
from steps import drawn, open_page, settled

pytestmark = pytest.mark.browser
LOSING = "35,100 people) lose their only one"  # 35,130 in data/README.md, rounded to 100 in a sentence
INPUTS = ("demand=orvane-idp-sites", "services=orvane-activities", "areas=orvane-admin2")


def answer(home: Path, method: str, *more: str) -> dict:
    """The same question on the command line."""
    given = [part for value in INPUTS for part in ("--input", value)]
    done = overlay(home, "run", method, *given, "--set", "sector=WSH", *more, "--as-of", "2026-11-12", "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_gap_a_month_ahead(sample: Watched, sample_home: Path) -> None:
    said = answer(sample_home, "coverage", "--set", "look_ahead_days=30")["summary"]
    assert said["then_losing_people"] == said["then_uncovered_people"] - said["uncovered_people"] == 35_130
    open_page(sample, "coverage", **{"coverage.sector": "WASH", "coverage.look_ahead_days": "30"})
    settled(sample)
    drawn(sample)
    expect(sample.page.locator(".o-sentence").nth(1)).to_have_text(said["then_sentence"])
    assert LOSING in said["then_sentence"]
    sample.page.get_by_role("tab", name="Services that end").click()
    expect(sample.page.get_by_role("tab", name="By state")).to_be_visible()
    sample.clean()


def test_three_new_places_with_their_gap_and_the_people_in_risk_areas(sample: Watched, sample_home: Path) -> None:
    more = ("--input", "risks=orvane-security-risks", "--set", "k=3", "--set", "exclude_risks=yes")
    said = answer(sample_home, "siting", *more)["summary"]
    parameters = {"coverage.sector": "WASH", "siting.on": "true", "siting.exclude_risks": "true"}
    open_page(sample, "coverage", **parameters)
    settled(sample)
    sentence = sample.page.locator(".o-sentence", has_text="3 new places would reach")
    expect(sentence).to_have_text(said["sentence"], timeout=60_000)
    note = sample.page.locator(".o-muted", has_text="Optimality gap")
    expect(note).to_contain_text("Optimality gap 0 %")
    expect(note).to_contain_text(f"{said['people_in_risk_areas']:,} people lie in risk areas")
    expect(sample.page.get_by_text("an input for the cluster, not a decision").first).to_be_visible()
    sample.clean()


def test_a_service_more_is_an_assumption_side_by_side(sample: Watched, sample_home: Path, tmp_path: Path) -> None:
    before = overlay(sample_home, "layers", "--json").stdout
    record = {"name": "x", "status": "active", "sector_code": "WSH", "mgrs": "10LHS30210027"}
    edits = tmp_path / "edits.json"
    edits.write_text(json.dumps({"edits": [{"edit": "add", "role": "services", "record": record}]}))
    said = answer(sample_home, "coverage", "--edit", str(edits))
    assert said["summary"]["uncovered_people"] < said["before"]["summary"]["uncovered_people"]
    parameters = {"coverage.sector": "WASH", "coverage.whatif": "true", "coverage.add": "10LHS30210027"}
    open_page(sample, "coverage", **parameters)
    settled(sample)
    card = sample.page.locator(".o-card", has_text="Side by side")
    expect(card).to_contain_text(f"{said['before']['summary']['uncovered_people']:,}", timeout=60_000)
    expect(card).to_contain_text(f"{said['summary']['uncovered_people']:,}")
    expect(card).to_contain_text("Nothing is stored")
    assert overlay(sample_home, "layers", "--json").stdout == before
    sample.clean()
