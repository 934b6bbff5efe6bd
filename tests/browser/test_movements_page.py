"""The Movements page in a real browser: sites and tapered lines on the sample."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Watched, overlay, watched
from playwright.sync_api import expect
from steps import MAP, drawn, go_to, open_page, settled

from bench.browser import serving

pytestmark = pytest.mark.browser


def lines_on_the_map(seen: Watched) -> list[dict]:
    """Width in pixels and tooltip of every line of a movement."""
    frame = next(f for f in seen.page.frames if "streamlit_folium" in f.url)
    return frame.evaluate(
        """() => {
            const found = [];
            window.map.eachLayer((l) => {
                const p = l.feature && l.feature.properties;
                if (p && p.w) found.push({ w: p.w, drawn: l.options.weight, t: p.t });
            });
            return found;
        }"""
    )


def test_it_opens_by_the_menu_and_draws_sites_and_movements(sample: Watched) -> None:
    open_page(sample)
    go_to(sample, "Movements")
    drawn(sample, 45)
    lines = lines_on_the_map(sample)
    assert lines
    assert max(line["w"] for line in lines) == 16
    assert all(line["drawn"] == line["w"] and "people moved" in line["t"] for line in lines)
    legend = sample.page.frame_locator(MAP).locator(".overlay-legend")
    for words in ("moved", "more people", "not assessed, last known", "closed"):
        expect(legend).to_contain_text(words)
    sample.clean()


def test_stock_and_flow_each_have_their_tile(sample: Watched) -> None:
    open_page(sample, "movements")
    settled(sample)
    expect(sample.page.locator(".o-tile", has_text="People present")).to_contain_text("212,000")
    expect(sample.page.locator(".o-tile", has_text="Change, like for like")).to_contain_text("+31,134")
    expect(sample.page.locator(".o-tile", has_text="People who moved")).to_be_visible()
    sample.clean()


def test_what_lies_around_sites_has_a_tile_and_buttons(sample: Watched) -> None:
    open_page(sample, "movements")
    settled(sample)
    tile = sample.page.locator(".o-tile", has_text="Near a hazard")
    expect(tile).to_contain_text("17 sites")
    expect(tile).to_contain_text("28 beyond 5 km of a health service")
    sample.page.get_by_role("button", name="near a hazard (<= 5 km)").click()
    settled(sample)
    expect(sample.page.get_by_test_id("stDataFrame").first).to_be_visible()
    sample.clean()


def test_layers_of_camps_are_one_set_and_the_switches_choose_from_it(browser, tmp_path: Path) -> None:
    camps = {"east": (20.1, [100, 140]), "west": (20.4, [30, 20]), "south": (20.7, [5, 7])}
    for name, (lon, people) in camps.items():
        lines = [f"{name},{name.title()},{lon},5.0,{n},2026-0{3 + i}-01" for i, n in enumerate(people)]
        header = "site_id,site_name,longitude,latitude,individuals,assessment_date"
        (tmp_path / f"{name}.csv").write_text("\n".join([header, *lines]) + "\n")
    files = [str(tmp_path / f"{name}.csv") for name in camps]
    done = overlay(tmp_path / "home", "ingest", *files, "--kind", "idp_sites", "--as-of", "2026-04-01")
    assert done.returncode == 0, done.stdout + done.stderr
    with serving(tmp_path / "home") as served, watched(browser, served.address) as seen:
        open_page(seen, "movements", as_of="2026-05-01")
        drawn(seen, 3)
        present = seen.page.locator(".o-tile", has_text="People present")
        expect(present).to_contain_text("167")
        expect(present).to_contain_text("people at 3 sites, each by its latest list, 01 APR 26")
        expect(seen.page.locator(".o-tile", has_text="Change since the list before")).to_contain_text("+32")
        seen.page.get_by_role("tab", name="Over time").click()
        expect(seen.page.get_by_text("People present by day")).to_be_visible()
        seen.page.get_by_test_id("stSidebar").get_by_text("west", exact=True).first.click()
        expect(present).to_contain_text("147", timeout=30_000)
        drawn(seen, 2)
        seen.clean()
