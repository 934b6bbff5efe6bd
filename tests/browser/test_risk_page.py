"""Journey 2 on the Risk page: what if, the officer's rating, the drivers, the table of likelihood and impact."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import Watched, overlay, watched
from playwright.sync_api import expect
from steps import MAP, click_feature, download, drawn, open_page, settled

from bench.browser import serving

pytestmark = pytest.mark.browser
ACT = "orvane-activities/ACT-017"
INPUTS = ("activities=orvane-activities", "incidents=orvane-incidents", "risks=orvane-security-risks")


def risk(home: Path, *more: str) -> dict:
    """The same question on the command line."""
    given = [part for value in INPUTS for part in ("--input", value)]
    done = overlay(home, "run", "risk", *given, *more, "--as-of", "2026-11-12", "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def pin_on_screen(seen: Watched) -> tuple[float, float]:
    """Where the pin's head is on the page."""
    box = seen.page.frame_locator(MAP).locator(".overlay-pin span").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_dragged_away_from_the_hazard_and_nothing_is_stored(sample: Watched, sample_home: Path) -> None:
    before = overlay(sample_home, "layers", "--json").stdout
    open_page(sample, "risk", sel=ACT)
    drawn(sample)
    sample.page.get_by_role("tab", name="What if").click()
    sample.page.get_by_text("Try another place or other days").click()
    settled(sample)
    frame = drawn(sample)
    frame.locator(".overlay-pin").scroll_into_view_if_needed()
    x, y = pin_on_screen(sample)
    sample.page.mouse.move(x, y)
    sample.page.mouse.down()
    sample.page.mouse.move(x + 30, y - 30, steps=6)
    sample.page.mouse.up()
    sample.page.wait_for_url(lambda url: "whatif=" in url, timeout=15_000)
    settled(sample)
    card = sample.page.locator(".o-card", has_text="As stored, and as assumed")
    expect(card).to_contain_text("inside a confirmed hazardous area", timeout=30_000)
    flags = card.locator("tr", has_text="flags").locator("td")
    assert "hazardous area" in flags.nth(0).inner_text()
    assert "inside" not in flags.nth(1).inner_text()
    expect(card).to_contain_text("Nothing is stored")
    expect(frame.locator(".overlay-pin.moved")).to_have_count(1)
    assert overlay(sample_home, "layers", "--json").stdout == before, "no version was made"
    sample.page.get_by_role("button", name="Forget the assumptions").click()
    settled(sample)
    expect(card).to_have_count(0)
    sample.clean()


def test_a_rating_with_its_reason_is_kept_and_exported(browser, tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert overlay(home, "sample").returncode == 0
    with serving(home) as served, watched(browser, served.address) as seen:
        open_page(seen, "risk", sel=ACT)
        drawn(seen)
        seen.page.get_by_role("tab", name="Rate").click()
        seen.page.get_by_role("button", name="Keep the rating").click()
        expect(seen.page.get_by_test_id("stAlert")).to_contain_text("reason")
        seen.page.get_by_role("combobox", name="Impact").click()
        seen.page.get_by_role("option", name="4 severe").click()
        seen.page.get_by_label("Reason").fill("The school is beside it")
        seen.page.get_by_role("button", name="Keep the rating").click()
        expect(seen.page.locator(".o-card", has_text="Ratings of it")).to_contain_text(
            "The school is beside it", timeout=30_000
        )
        settled(seen)
        download(seen, "Download", "GeoJSON").save_as(tmp_path / "risk.geojson")
        seen.clean()
    saved = json.loads((tmp_path / "risk.geojson").read_text())
    row = next(f["properties"] for f in saved["features"] if f["properties"]["id"] == "ACT-017")
    assert (row["rated_impact"], row["rating_reason"]) == (4, "The school is beside it")
    said = next(r for r in risk(home)["rows"] if r["id"] == "ACT-017")
    assert (said["rated_impact"], said["risk_cell"]) == (4, row["risk_cell"])
    assert said["risk_cell"] is not None


def test_page_command_and_drivers_agree(sample: Watched, sample_home: Path) -> None:
    answer = {row["id"]: row for row in risk(sample_home, "--input", "areas=orvane-admin2")["rows"]}
    row = answer["ACT-040"]
    drivers = sum(value for name, value in row.items() if name.startswith("driver_"))
    assert drivers == pytest.approx(row["expected"], abs=1e-4)
    open_page(sample, "risk", sel="orvane-activities/ACT-040")
    drawn(sample)
    bars = sample.page.locator(".o-card", has_text="what adds up to it")
    expect(bars).to_contain_text(f"{row['expected']:.3f}")
    assert bars.locator(".o-bar:not(.sum)").count() == 6
    sample.page.get_by_role("tab", name="Likelihood x impact").click()
    expect(sample.page.get_by_text("decision support. Impact is rated by an officer")).to_be_visible()
    card = sample.page.locator(".o-card", has_text="How good was this")
    expect(card).to_contain_text("calibration error", timeout=60_000)
    sample.clean()


def test_few_reports_is_said_and_never_green(sample: Watched) -> None:
    open_page(sample, "risk")
    drawn(sample)
    click_feature(sample, "orvane-activities", "ACT-031")
    card = sample.page.locator(".o-card").first
    expect(card).to_contain_text("Few reports is not safe")
    expect(card).to_contain_text("chance not stated")
    sample.clean()
