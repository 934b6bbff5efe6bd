"""A base map of the operator, from the folder to the screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import overlay, watched
from playwright.sync_api import expect
from region import write_region
from steps import drawn, open_page

from bench.browser import serving

pytestmark = pytest.mark.browser

COLOURS = """() => {
    const seen = {};
    document.querySelectorAll(".leaflet-base-pane canvas").forEach((canvas) => {
        if (!canvas.width) return;
        const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
        for (let i = 0; i < data.length; i += 4 * 97) {
            const key = Array.from(data.slice(i, i + 4)).join(",");
            seen[key] = (seen[key] || 0) + 1;
        }
    });
    return seen;
}"""
EARTH = {False: "226,223,218,255", True: "31,31,31,255"}
WATER = {False: "128,222,234,255", True: "49,53,63,255"}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A store with the sample and a folder for base maps."""
    made = tmp_path / "home"
    done = overlay(made, "sample")
    assert done.returncode == 0, done.stderr
    (made / "basemaps").mkdir()
    return made


def map_frame(seen):
    return next(f for f in seen.page.frames if "streamlit_folium" in f.url)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_file_in_the_folder_is_drawn_on_the_map(browser, home: Path, dark: bool) -> None:
    write_region(home / "basemaps/region.pmtiles", attribution="<b>Basin</b> `${alert(1)}`")
    with serving(home) as served, watched(browser, served.address, dark=dark) as seen:
        open_page(seen, base="region.pmtiles")
        frame = drawn(seen)
        expect(frame.locator('#map_div[data-base="drawn"]')).to_be_visible(timeout=30_000)
        colours = map_frame(seen).evaluate(COLOURS)
        assert colours.get(EARTH[dark], 0) > 100, colours
        assert colours.get(WATER[dark], 0) > 100, colours
        corner = frame.locator(".leaflet-control-attribution")
        expect(corner).to_contain_text("OpenStreetMap contributors (ODbL) · Basin `${alert(1)}`")
        expect(corner).to_contain_text("Natural Earth")
        seen.clean()


def test_a_filter_leaves_the_base_map_and_the_view_as_they_are(browser, home: Path) -> None:
    write_region(home / "basemaps/region.pmtiles")
    with serving(home) as served, watched(browser, served.address) as seen:
        open_page(seen, base="region.pmtiles")
        frame = drawn(seen)
        expect(frame.locator('#map_div[data-base="drawn"]')).to_be_visible(timeout=30_000)
        map_frame(seen).evaluate("() => { window.kept = window.map.base; window.map.setZoom(8); }")
        seen.page.get_by_test_id("stSidebar").get_by_text("7 d", exact=True).click()
        seen.page.wait_for_url(lambda url: "period=7" in url)
        drawn(seen)
        assert map_frame(seen).evaluate("() => window.kept === window.map.base && window.map.getZoom() === 8")
        seen.clean()


def test_a_broken_file_is_said_and_the_coastline_stays(browser, home: Path) -> None:
    whole = write_region(home / "basemaps/region.pmtiles").read_bytes()
    (home / "basemaps/region.pmtiles").write_bytes(whole[:-40])
    with serving(home) as served, watched(browser, served.address) as seen:
        open_page(seen, base="region.pmtiles")
        drawn(seen)
        bar = seen.page.get_by_test_id("stSidebar")
        expect(bar).to_contain_text("base map region.pmtiles")
        expect(bar).to_contain_text("it was not copied whole")
        seen.clean()


def test_a_tile_that_cannot_be_read_is_said_on_the_map(browser, home: Path) -> None:
    write_region(home / "basemaps/region.pmtiles", tile=b"\xff" * 50)
    with serving(home) as served, watched(browser, served.address) as seen:
        open_page(seen, base="region.pmtiles")
        frame = drawn(seen)
        expect(frame.locator(".overlay-notice")).to_contain_text("a part of the file cannot be read", timeout=30_000)


def test_an_address_that_does_not_answer_is_said_on_the_map(browser, home: Path) -> None:
    (home / "overlay.toml").write_text(
        '[[base_maps]]\nname = "Mission & sons"\naddress = "http://tiles.invalid/{z}/{x}/{y}.png"\n'
        'attribution = "GIS unit"\n'
    )
    with serving(home) as served, watched(browser, served.address) as seen:
        open_page(seen)
        drawn(seen)
        assert seen.outside == []  # nothing is asked before somebody chooses it
        open_page(seen, base="Mission %26 sons")
        frame = drawn(seen)
        notice = frame.locator(".overlay-notice")
        expect(notice).to_contain_text("Base map Mission & sons: its address does not answer", timeout=30_000)
        expect(frame.locator(".leaflet-control-attribution")).to_contain_text("GIS unit")
        assert all(url.startswith("http://tiles.invalid/") for url in seen.outside)
        assert seen.outside


def test_a_file_of_another_region_is_said_on_the_map(browser, home: Path) -> None:
    write_region(home / "basemaps/elsewhere.pmtiles", box=(20.0, 3.0, 24.0, 7.0))
    with serving(home) as served, watched(browser, served.address) as seen:
        open_page(seen, base="elsewhere.pmtiles")
        notice = drawn(seen).locator(".overlay-notice")
        expect(notice).to_contain_text("Base map elsewhere.pmtiles has nothing here", timeout=30_000)
        seen.clean()
