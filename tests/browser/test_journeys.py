"""Journeys 2 and 3, and every page, in a real Chromium that can reach this machine only."""

from __future__ import annotations

import csv
import http.client
import json
from pathlib import Path

import pytest
from conftest import Watched, overlay, watched
from playwright.sync_api import expect
from steps import choose, click_feature, download, drawn, go_to, open_page, settled

from bench.browser import serving
from dashboard.menu import MENU, MenuEntry

pytestmark = pytest.mark.browser


PEOPLE_WHOSE_ONLY_WASH_PROJECT_ENDS = 35_130  # data/README.md


def command_answer(home: Path, method: str, inputs: dict[str, str], *values: str, as_of: str = "2026-11-12") -> dict:
    """The same question on the command line."""
    given = [part for role, layer in inputs.items() for part in ("--input", f"{role}={layer}")]
    chosen = [part for value in values for part in ("--set", value)]
    done = overlay(home, "run", method, *given, *chosen, "--as-of", as_of, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_page_is_reached_and_clean(sample: Watched) -> None:
    open_page(sample)
    drawn(sample, 300)
    for title in ("Risk near activities", "Coverage gaps", "Buffers"):
        go_to(sample, title)
        drawn(sample, 10)
    go_to(sample, "Layers")
    expect(sample.page.get_by_text("11 loaded")).to_be_visible()
    sample.clean()


@pytest.mark.parametrize("entry", MENU, ids=lambda e: e.title)
def test_every_page_opens_by_its_address(sample: Watched, entry: MenuEntry) -> None:
    open_page(sample, entry.path)
    settled(sample)
    expect(sample.page.locator(".o-head h1").first).to_have_text(entry.title)
    sample.clean()


def test_a_click_on_the_map_opens_the_card_and_a_link_brings_it_back(sample: Watched, browser) -> None:
    open_page(sample, layers="")
    drawn(sample)
    click_feature(sample, "orvane-activities", "ACT-017")
    card = sample.page.locator(".o-card", has_text="ACT-017").first
    expect(card).to_contain_text("Heronsford West")
    expect(card).to_contain_text("orvane-activities, version 1")
    sample.clean()
    with watched(browser, sample.address) as other:
        other.page.goto(sample.page.url)
        expect(other.page.locator(".o-card", has_text="ACT-017").first).to_contain_text(
            "Heronsford West", timeout=30_000
        )
        drawn(other)
        other.clean()


def test_a_filter_changes_the_count_and_keeps_the_view(sample: Watched) -> None:
    open_page(sample, period="1+y")
    drawn(sample)
    frame = next(f for f in sample.page.frames if "streamlit_folium" in f.url)
    frame.evaluate("() => { window.map.setView([-8.0, -119.7], 9.5, {animate: false}); }")
    before = int(sample.page.frame_locator("iframe").first.locator("#map_div").get_attribute("data-drawn"))
    sample.page.get_by_text("7 d", exact=True).click()
    settled(sample)
    expect(sample.page.get_by_text("last 7 days")).to_be_visible()
    sample.page.wait_for_timeout(1500)
    after = drawn(sample).locator("#map_div")
    assert int(after.get_attribute("data-drawn")) < before
    assert frame.evaluate("() => window.map.getZoom()") == 9.5
    assert "period=7" in sample.page.url
    sample.clean()


def test_journey_2_the_planner_looks_at_the_next_7_days(sample: Watched, sample_home: Path, tmp_path: Path) -> None:
    query = {"area": "Sector+East", "risk.horizon_days": "7"}
    open_page(sample, "risk", **query)
    drawn(sample)
    card = sample.page.locator(".o-card").first
    expect(card).to_contain_text("ACT-017")
    expect(card).to_contain_text("Inside a confirmed hazardous area")
    expect(card).to_contain_text("0 certain")
    open_page(sample, "risk", **query, sel="orvane-activities/ACT-008")
    drawn(sample)
    expect(sample.page.locator(".o-card").first).to_contain_text("0 certain + 9 possible violent incidents")
    click_feature(sample, "orvane-activities", "ACT-031")
    expect(sample.page.locator(".o-card").first).to_contain_text("Few reports")
    download(sample, "Download", "GeoJSON").save_as(tmp_path / "risk.geojson")
    sample.clean()
    saved = json.loads((tmp_path / "risk.geojson").read_text())
    assert saved["overlay"]["marking"] == "UNCLASSIFIED"
    assert saved["overlay"]["exercise"] is True
    page_rows = {f["properties"]["id"]: f["properties"] for f in saved["features"]}
    inputs = {"activities": "orvane-activities", "incidents": "orvane-incidents", "risks": "orvane-security-risks"}
    answer = command_answer(sample_home, "risk", inputs, "horizon_days=7")
    command_rows = {row["id"]: row for row in answer["rows"]}
    assert page_rows["ACT-017"]["rank"] == 1
    assert set(page_rows) < set(command_rows)
    assert page_rows["ACT-008"]["count_certain"] == command_rows["ACT-008"]["count_certain"] == 0
    assert page_rows["ACT-008"]["count_possible"] == command_rows["ACT-008"]["count_possible"] == 9


def test_journey_3_who_is_not_reached(sample: Watched, sample_home: Path, tmp_path: Path) -> None:
    open_page(sample, "coverage")
    drawn(sample)
    choose(sample, "Sector", "WASH")
    sentence = sample.page.locator(".o-sentence")
    expect(sentence).to_contain_text("no reported active WASH activity within 5 km")
    drawn(sample)
    file = download(sample, "Download", "CSV")
    file.save_as(tmp_path / "coverage.csv")
    with (tmp_path / "coverage.csv").open(encoding="utf-8-sig", newline="") as text:
        rows = list(csv.DictReader(text))
    beyond = sum(int(r["people"]) for r in rows if r["covered"] == "false" and r["people"])
    inputs = {"demand": "orvane-idp-sites", "services": "orvane-activities", "areas": "orvane-admin2"}
    answer = command_answer(sample_home, "coverage", inputs, "sector=WSH")
    assert answer["summary"]["uncovered_people"] == beyond
    assert {r["overlay_marking"] for r in rows} == {"UNCLASSIFIED"}
    expect(sentence).to_have_text(answer["summary"]["sentence"])
    later = command_answer(sample_home, "coverage", inputs, "sector=WSH", as_of="2026-12-12")
    open_page(sample, "coverage", **{"coverage.sector": "WASH", "as_of": "2026-12-12"})
    expect(sample.page.locator(".o-sentence")).to_have_text(later["summary"]["sentence"])
    assert later["summary"]["uncovered_people"] - beyond == PEOPLE_WHOSE_ONLY_WASH_PROJECT_ENDS
    sample.clean()


def test_hostile_names_stay_text_on_every_page(browser, tmp_path: Path) -> None:
    payloads = [
        "<img src=x onerror=window.top.hacked=1>",
        "${window.top.hacked=1}",
        "`",
        "</script><script>window.top.hacked=1</script>",
    ]
    features = [
        {
            "type": "Feature",
            "id": f"<b>{n}",
            "properties": {"name": text, "status": "planned", "sector_code": text, "start_date": "2026-11-13"},
            "geometry": {"type": "Point", "coordinates": [18.0 + n / 10, 4.0]},
        }
        for n, text in enumerate(payloads)
    ]
    file = tmp_path / "hostile `${1}`.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    home = tmp_path / "home"
    done = overlay(home, "ingest", str(file), "--kind", "projects", "--json")
    assert done.returncode == 0, done.stdout
    layer = json.loads(done.stdout)["files"][0]["layer"]
    with serving(home) as served, watched(browser, served.address) as seen:
        open_page(seen)
        drawn(seen, len(payloads))
        click_feature(seen, layer, "<b>0")
        expect(seen.page.locator(".o-card").first).to_contain_text("<img src=x")
        for path in ("risk", "coverage", "buffers", "layers"):
            open_page(seen, path)
            settled(seen)
        assert seen.page.evaluate("() => window.hacked") is None
        seen.clean()


def test_drop_a_file_publish_it_and_roll_it_back(browser, tmp_path: Path) -> None:
    file = tmp_path / "wells.csv"
    file.write_text("id,name,lat,lon,status\nW1,One,4.4,18.5,planned\nW2,Two,4.5,18.6,planned\n,Nowhere,,,planned\n")
    home = tmp_path / "home"
    with serving(home) as served, watched(browser, served.address) as seen:
        open_page(seen, "layers")
        seen.page.locator('input[type="file"]').set_input_files(file)
        choose(seen, "Taken as", "Activities")
        expect(seen.page.get_by_text("3 rows in: 2 ok, 0 repaired, 1 rejected")).to_be_visible(timeout=30_000)
        drawn(seen, 2)
        seen.page.reload()
        expect(seen.page.get_by_text("3 rows in: 2 ok, 0 repaired, 1 rejected")).to_be_visible(timeout=30_000)
        seen.page.get_by_label("Note").fill("first wells")
        seen.page.get_by_role("button", name="Publish").click()
        expect(seen.page.get_by_text("1 loaded")).to_be_visible(timeout=30_000)
        history = seen.page.locator(".o-card", has_text="Versions of")
        expect(history.get_by_text("first wells")).to_be_visible(timeout=30_000)
        seen.clean()


def test_other_names_of_this_machine_are_refused(sample_address: str) -> None:
    connection = http.client.HTTPConnection(sample_address.removeprefix("http://"), timeout=10)
    connection.request("GET", "/", headers={"Host": "overlay.example"})
    assert connection.getresponse().status == 403
    connection.close()
