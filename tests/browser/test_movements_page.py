"""The Movements page in a real browser: sites and tapered lines on the sample."""

from __future__ import annotations

import pytest
from conftest import Watched
from playwright.sync_api import expect
from steps import MAP, drawn, go_to, open_page, settled

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
