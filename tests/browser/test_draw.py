"""Shapes drawn on the map, in the browser: what each may be used for, once."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import shapely
from conftest import Watched, watched
from playwright.sync_api import Browser, FrameLocator, expect
from steps import MAP, drawn, feature_at, go_to, open_page, press_feature, settled

from bench.browser import serving
from layers.drawn import parse_area

pytestmark = pytest.mark.browser
PLACES_DRAWN = """() => {
    const all = [];
    window.map.eachLayer((l) => {
        if (l.feature && l.feature.properties.id && l.getLatLng) all.push(l.toGeoJSON().geometry.coordinates);
    });
    return all;
}"""
CORNERS = ((0.45, 0.3), (0.62, 0.3), (0.62, 0.75), (0.45, 0.75))


def click_at(seen: Watched, u: float, v: float) -> None:
    """Click at a part of the map's width and height, too late after another for a double click."""
    box = seen.page.frame_locator(MAP).locator("#map_div").bounding_box()
    seen.page.mouse.move(box["x"] + box["width"] * u, box["y"] + box["height"] * v)
    seen.page.mouse.click(box["x"] + box["width"] * u, box["y"] + box["height"] * v)


def begin(seen: Watched, shape: str) -> FrameLocator:
    """Take the pen and a shape."""
    frame = drawn(seen)
    settled(seen)
    frame.get_by_role("button", name="Draw a point, line, area or circle").click()
    frame.get_by_role("button", name=shape, exact=True).click()
    return frame


def area_of_address(seen: Watched):
    """The drawn area that the address names, once it names one."""
    seen.page.wait_for_url(lambda url: "drawn=" in url, timeout=20_000)
    settled(seen)
    return parse_area(parse_qs(urlsplit(seen.page.url).query)["drawn"][0])


def test_an_area_filters_every_page_until_it_is_removed(sample: Watched) -> None:
    open_page(sample)
    frame = begin(sample, "Area")
    for corner in CORNERS:
        click_at(sample, *corner)
    expect(frame.locator(".overlay-panel")).not_to_contain_text("km²")
    click_at(sample, *CORNERS[-1])  # again on the last corner: done
    expect(frame.locator(".overlay-panel")).to_contain_text("Area, about")
    said = frame.locator(".overlay-panel .head").inner_text()
    frame.get_by_role("button", name="Filter to it").click()
    area = area_of_address(sample)
    assert len(area.places) == 4
    assert f"{area.km2:,.0f}" in said
    expect(frame.locator(".overlay-legend")).to_contain_text(f"drawn area, {area.km2:,.0f} km²", timeout=20_000)
    drawn(sample, least=20)
    inside = next(f for f in sample.page.frames if "streamlit_folium" in f.url).evaluate(PLACES_DRAWN)
    assert len(inside) > 20
    assert all(area.geometry.buffer(1e-5).intersects(shapely.Point(p)) for p in inside)
    go_to(sample, "Coverage gaps")
    expect(drawn(sample).locator(".overlay-legend")).to_contain_text("drawn area")
    assert area_of_address(sample) == area
    sample.page.get_by_role("button", name=re.compile("Drawn area, ")).click()
    settled(sample)
    expect(drawn(sample).locator(".overlay-legend")).not_to_contain_text("drawn area")
    assert "drawn=" not in sample.page.url
    sample.clean()


def test_a_circle_has_the_radius_that_is_typed(sample: Watched) -> None:
    open_page(sample)
    frame = begin(sample, "Circle")
    click_at(sample, 0.5, 0.6)
    click_at(sample, 0.55, 0.6)
    frame.get_by_label("Radius, km").fill("12.5")
    expect(frame.locator(".overlay-panel .head")).to_contain_text("491 km²")
    frame.get_by_role("button", name="Filter to it").click()
    assert area_of_address(sample).radius_m == 12_500
    sample.clean()


def test_a_radius_that_no_circle_has_is_said_and_cannot_be_used(sample: Watched) -> None:
    open_page(sample)
    frame = begin(sample, "Circle")
    click_at(sample, 0.5, 0.6)
    click_at(sample, 0.55, 0.6)
    field, said = frame.get_by_label("Radius, km"), frame.locator(".overlay-panel .wrong")
    use = frame.get_by_role("button", name="Filter to it")
    expect(said).to_be_hidden()
    for radius in ("0", "0.009", "2001", ""):
        field.fill(radius)
        expect(said).to_have_text("Radius: 0.01 to 2,000 km.")
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(use).to_be_disabled()
        expect(frame.locator(".overlay-panel .head")).to_have_text("Circle")
    field.fill("12.5")
    expect(said).to_be_hidden()
    use.click()
    assert area_of_address(sample).radius_m == 12_500
    sample.clean()


def test_an_outline_that_crosses_itself_is_refused_in_words(sample: Watched) -> None:
    open_page(sample)
    frame = begin(sample, "Area")
    for n in (0, 2, 1, 3):
        click_at(sample, *CORNERS[n])
    frame.get_by_role("button", name="Done").click()
    frame.get_by_role("button", name="Filter to it").click()
    expect(sample.page.get_by_text("an outline that crosses itself")).to_be_visible(timeout=15_000)
    assert "drawn=" not in sample.page.url
    sample.clean()


def test_a_service_is_assumed_where_a_point_is_drawn(sample: Watched) -> None:
    open_page(sample, "coverage")
    frame = begin(sample, "Point")
    click_at(sample, 0.5, 0.6)
    expect(frame.get_by_role("button", name="Filter to it")).to_have_count(0)
    frame.get_by_role("button", name="Try a service here").click()
    expect(sample.page.get_by_text("As assumed")).to_be_visible(timeout=30_000)
    expect(frame.locator(".overlay-legend")).to_contain_text("assumed service", timeout=20_000)
    settled(sample)
    sample.clean()


def test_escape_and_discard_leave_nothing(sample: Watched) -> None:
    open_page(sample)
    frame = begin(sample, "Line")
    for corner in CORNERS[:2]:
        click_at(sample, *corner)
    frame.get_by_role("button", name="Done").click()
    expect(frame.locator(".overlay-panel .head")).to_contain_text("Line, ")
    frame.get_by_role("button", name="Discard").click()
    expect(frame.locator(".overlay-panel")).to_be_hidden()
    begin(sample, "Area")
    click_at(sample, *CORNERS[0])
    sample.page.keyboard.press("Escape")
    expect(frame.locator(".overlay-panel")).to_be_hidden()
    assert (
        next(f for f in sample.page.frames if "streamlit_folium" in f.url).evaluate(
            "() => document.querySelectorAll('.leaflet-overlay-pane svg').length"
        )
        == 0
    )
    sample.clean()


def test_a_note_is_written_on_an_area_read_and_withdrawn(browser: Browser, sample_home: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(sample_home, home)
    with serving(home) as served, watched(browser, served.address) as seen:
        open_page(seen)
        frame = begin(seen, "Area")
        for corner in CORNERS[:3]:
            click_at(seen, *corner)
        frame.get_by_role("button", name="Done").click()
        frame.get_by_role("button", name="Note here").click()
        seen.page.get_by_label("Note", exact=True).fill("Flooded: 4x4 only <img src=x onerror=alert(1)> `${1}`")
        seen.page.get_by_role("button", name="Keep the note").click()
        expect(drawn(seen).locator(".overlay-legend")).to_contain_text("Notes (1)", timeout=20_000)
        settled(seen)
        seen.page.mouse.move(*feature_at(seen, "@notes", "1"))
        expect(frame.locator(".overlay-tip")).to_contain_text("Flooded: 4x4 only <img src=x onerror=alert(1)> `${1}`")
        press_feature(seen, "@notes", "1")
        card = seen.page.locator(".o-card", has_text="Note 1")
        expect(card).to_contain_text("Flooded: 4x4 only", timeout=15_000)
        seen.page.get_by_role("button", name="Withdraw").click()
        seen.page.get_by_label("Reason").fill("the water fell")
        seen.page.get_by_role("button", name="Withdraw the note").click()
        expect(frame.locator(".overlay-legend")).not_to_contain_text("Notes", timeout=20_000)
        settled(seen)
        seen.clean()


def test_a_record_is_entered_where_a_circle_was_drawn(sample: Watched) -> None:
    open_page(sample)
    frame = begin(sample, "Circle")
    click_at(sample, 0.5, 0.6)
    click_at(sample, 0.52, 0.6)
    frame.get_by_label("Radius, km").fill("4")
    frame.get_by_role("button", name="New record…").click()
    expect(sample.page.locator(".o-head h1").first).to_have_text("Layers", timeout=30_000)
    field = sample.page.get_by_label("Place, MGRS or degrees")
    expect(field).to_have_value(re.compile(r"^-\d\.\d{5}, -1\d\d\.\d{5} within 4,000 m$"), timeout=30_000)
    settled(sample)
    sample.clean()
