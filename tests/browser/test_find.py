"""Find: a place or a record from words, a grid reference or a code; the map goes there and the rest follows."""

import re

import pytest
from playwright.sync_api import expect
from steps import drawn, open_page, settled


def find(seen, text, *, keys=("Enter",)):
    """Type into the field of the map; the frame of the map."""
    frame = drawn(seen)
    if not frame.get_by_role("combobox", name=re.compile("find", re.I)).is_visible():
        frame.get_by_role("button", name="Find a place or record").click()
    field = frame.get_by_role("combobox", name=re.compile("find", re.I))
    field.fill(text)
    expect(frame.get_by_role("option").first).to_be_visible(timeout=15_000)
    for key in keys:
        field.press(key)
    return frame


def centre(seen):
    """Middle of the map in degrees: latitude, longitude."""
    frame = next(f for f in seen.page.frames if "streamlit_folium" in f.url)
    frame.wait_for_function("!window.map._animatingZoom && !(window.map._panAnim && window.map._panAnim._inProgress)")
    return frame.evaluate("[window.map.getCenter().lat, window.map.getCenter().lng, window.map.getZoom()]")


@pytest.mark.parametrize("text", ["8 15 30 S, 120 30 W", "-8.2583, -120.5"])
def test_degrees_of_any_spelling_go_there(sample, text):
    open_page(sample)
    settled(sample)
    find(sample, text)
    sample.page.wait_for_timeout(1500)
    lat, lon, _ = centre(sample)
    assert (lat, lon) == pytest.approx((-8.2583, -120.5), abs=0.02)
    sample.clean()


def test_a_record_that_the_filters_hide_is_chosen_and_said(sample):
    open_page(sample)
    settled(sample)
    frame = find(sample, "heron's p")
    sample.page.wait_for_url(re.compile("sel=orvane-settlements"), timeout=15_000)
    settled(sample)
    expect(frame.locator(".overlay-legend")).to_contain_text("its layer is not on this map", timeout=15_000)
    expect(sample.page.get_by_text("Heron's Pool", exact=True).first).to_be_visible()
    sample.clean()


def test_the_keyboard_alone_and_nothing_found(sample):
    open_page(sample)
    settled(sample)
    frame = drawn(sample)
    frame.locator("#map_div").focus()
    sample.page.keyboard.press("/")
    field = frame.get_by_role("combobox", name=re.compile("find", re.I))
    expect(field).to_be_focused()
    field.fill("qqqqqq")
    expect(frame.get_by_text("Nothing found", exact=False)).to_be_visible(timeout=15_000)
    field.press("Escape")
    expect(field).to_be_hidden()
    sample.clean()
