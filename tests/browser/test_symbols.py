"""Symbols in a real browser: pictograms with few in view, military frames, a legend that adds up."""

from __future__ import annotations

import re

import pytest
from conftest import watched
from playwright.sync_api import Browser, expect
from steps import drawn, open_page, settled

pytestmark = pytest.mark.browser
FEATURE_LOOK = """([layer, id]) => {
    let found = null;
    window.map.eachLayer((l) => {
        const p = l.options && l.options.look && l.feature.properties;
        if (p && p.layer === layer && p.id === id) found = l;
    });
    return found && { look: found.options.look, reach: found._radius };
}"""


def test_few_in_view_are_large_with_their_pictogram_and_military_ones_stand_in_frames(
    browser: Browser, sample_address: str
) -> None:
    with watched(browser, sample_address) as seen:
        open_page(seen, "", sel="orvane-activities/ACT-017")
        frame = drawn(seen, 400)
        settled(seen)
        inside = next(f for f in seen.page.frames if "streamlit_folium" in f.url)
        box = frame.locator("#map_div")
        expect(box).to_have_attribute("data-few", "false")
        assert inside.evaluate("() => typeof ms") == "object", "military symbols of this layer were fetched"
        far = inside.evaluate(FEATURE_LOOK, ["orvane-activities", "ACT-017"])
        assert far["look"]["g"] == "drinking-water"
        assert far["reach"] == 5
        inside.evaluate("() => { window.map.setView([-7.85, -118.9], 10, {animate: false}); }")
        expect(box).to_have_attribute("data-few", "true")
        assert inside.evaluate(FEATURE_LOOK, ["orvane-activities", "ACT-017"])["reach"] == 9
        seen.clean()


def test_the_lines_of_the_legend_add_up_to_its_layer(browser: Browser, sample_address: str) -> None:
    with watched(browser, sample_address) as seen:
        open_page(seen)
        frame = drawn(seen, 400)
        folds = frame.locator(".overlay-legend details")
        assert folds.count() >= 4
        for n in range(folds.count()):
            fold = folds.nth(n)
            fold.locator("summary").click()
            texts = fold.locator(".row span").all_inner_texts()
            counts = [int(re.search(r"\(([\d,]+)", text)[1].replace(",", "")) for text in texts]
            assert counts[0] == sum(counts[1:]), texts
            fold.locator("summary").click()
        assert "Armed presence (5)" in frame.locator(".overlay-legend").text_content()
        seen.clean()


def test_names_give_way_to_the_legend(browser: Browser, sample_address: str) -> None:
    with watched(browser, sample_address) as seen:
        open_page(seen)
        frame = drawn(seen, 400)
        legend = frame.locator(".overlay-legend").bounding_box()
        for span in frame.locator(".overlay-label span").all():
            box = span.bounding_box()
            if box is None or not span.is_visible():
                continue
            apart = box["x"] >= legend["x"] + legend["width"] or box["x"] + box["width"] <= legend["x"]
            apart = apart or box["y"] >= legend["y"] + legend["height"] or box["y"] + box["height"] <= legend["y"]
            assert apart, span.inner_text()
        seen.clean()
