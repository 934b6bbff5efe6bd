"""The view as a whole: home, full screen, a sheet of paper. What the page says around the map comes along."""

from __future__ import annotations

import pytest
from conftest import Watched
from playwright.sync_api import Frame, expect
from steps import MAP, drawn, open_page, settled

pytestmark = pytest.mark.browser
VIEW = "() => [window.map.getCenter().lat, window.map.getCenter().lng, window.map.getZoom()]"
SIZE = "() => [window.map.getSize().x, window.map.getSize().y]"
SEEN = "() => { const b = window.map.getBounds(); return [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()]; }"


def map_frame(seen: Watched) -> Frame:
    """The map's own frame, once it has drawn."""
    drawn(seen)
    settled(seen)
    return next(f for f in seen.page.frames if "streamlit_folium" in f.url)


def holds(outer: list[float], inner: list[float]) -> bool:
    """Whether a box holds another, but for a hundredth of its width."""
    slack = (inner[2] - inner[0]) / 100
    return all(a <= b + slack for a, b in zip(outer[:2], inner[:2], strict=True)) and all(
        a >= b - slack for a, b in zip(outer[2:], inner[2:], strict=True)
    )


def test_home_goes_back_to_what_the_map_opened_on(sample: Watched) -> None:
    open_page(sample)
    frame = map_frame(sample)
    opened = frame.evaluate(VIEW)
    frame.evaluate("() => { window.map.setView([10, 20], 5, {animate: false}); }")
    frame.get_by_role("button", name="Back to what the map opened on").click()
    assert frame.evaluate(VIEW) == pytest.approx(opened)
    sample.clean()


def test_full_screen_shows_the_same_with_marking_and_tools_and_comes_back(sample: Watched) -> None:
    open_page(sample)
    frame = map_frame(sample)
    before, size, seen = (frame.evaluate(asked) for asked in (VIEW, SIZE, SEEN))
    button = frame.get_by_role("button", name="Full screen")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    frame.wait_for_function("() => window.innerWidth === window.screen.width || window.innerWidth >= 1280")
    expect(frame.locator(".overlay-bands")).to_contain_text("UNCLASSIFIED")
    expect(frame.locator(".overlay-bands")).to_contain_text("EXERCISE EXERCISE EXERCISE")
    frame.wait_for_function("() => window.map.getSize().x === window.innerWidth && window.map.getSize().y > 600")
    assert holds(frame.evaluate(SEEN), seen)
    for name in (".overlay-legend", ".overlay-tools", ".overlay-find", ".leaflet-control-scale"):
        expect(frame.locator(name)).to_be_visible()
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    expect(frame.locator(".overlay-bands")).to_have_count(0)
    frame.wait_for_function(f"() => window.map.getSize().y === {size[1]}")
    assert frame.evaluate(VIEW)[2] == pytest.approx(before[2])
    sample.clean()


def test_the_sheet_holds_what_must_stand_on_paper_and_fits_one_page(sample: Watched) -> None:
    open_page(sample)
    frame = map_frame(sample)
    frame.get_by_role("button", name="MGRS grid").click()
    frame.wait_for_function("() => Number(window.map.getContainer().dataset.grid) > 0")
    before, size, seen = (frame.evaluate(asked) for asked in (VIEW, SIZE, SEEN))
    frame.evaluate("() => { window.print = () => { window.printed = true; }; }")
    frame.get_by_role("button", name="Print the map").click()
    frame.wait_for_function("() => window.printed", timeout=20_000)
    assert frame.locator(".overlay-bands .marking").all_inner_texts() == ["UNCLASSIFIED"] * 2
    assert frame.locator(".overlay-bands .exercise").count() == 2
    expect(frame.locator(".overlay-head")).to_contain_text("Picture as of 120600Z NOV 26")
    for told in ("orvane-incidents, version 1: ", "Natural Earth", "do not imply"):
        expect(frame.locator(".overlay-foot")).to_contain_text(told)
    for name in (".overlay-legend", ".overlay-north", ".leaflet-control-scale", ".overlay-grid span >> nth=0"):
        expect(frame.locator(name)).to_be_visible()
    for name in (".overlay-tools", ".overlay-view", ".leaflet-control-zoom", ".overlay-position"):
        expect(frame.locator(name)).to_be_hidden()
    assert holds(frame.evaluate(SEEN), seen)
    parts = [frame.locator(name).bounding_box() for name in (".overlay-bands >> nth=0", ".overlay-bands >> nth=1")]
    sheet = parts[1]["y"] + parts[1]["height"] - parts[0]["y"]
    assert sheet <= 190 / 25.4 * 96  # A4 landscape less its margins
    assert frame.evaluate(SIZE)[0] == 1047
    frame.evaluate("() => { window.dispatchEvent(new Event('afterprint')); }")
    assert frame.evaluate(SIZE) == size
    assert frame.evaluate(VIEW) == pytest.approx(before)
    assert frame.locator(".overlay-bands, .overlay-head, .overlay-foot").count() == 0
    expect(sample.page.locator(MAP)).to_be_visible()
    sample.clean()
