"""Roads by their state on the day, for the vehicle that is asked about."""

from __future__ import annotations

import pytest
from conftest import Watched
from playwright.sync_api import expect
from steps import drawn, open_page

pytestmark = pytest.mark.browser

DASHES = """(id) => {
    let found;
    window.map.eachLayer((l) => { if (l.feature && l.feature.properties.id === id) found = l.options; });
    return found.dashArray || null;
}"""


@pytest.mark.parametrize(
    ("parameters", "said", "road", "dashes"),
    [
        ({}, ["Roads and bridges (48)", "Open (38)", "Restricted (8)", "Closed (2)"], "RD-24", "9 5"),
        (
            {"orvane-roads.vehicle_class": "Heavy+truck+or+trailer"},
            ["Roads and bridges (48)", "For: heavy truck or trailer", "Open (38)", "Closed (10)"],
            "RD-24-HEAVY_TRUCK",
            "3 5",
        ),
        ({"as_of": "2026-12-20"}, ["Roads and bridges (48)", "Closed (1)", "not stated (3)"], "RD-01", None),
    ],
)
def test_the_state_of_roads_is_drawn_and_counted(sample: Watched, parameters, said, road, dashes) -> None:
    open_page(sample, **parameters)
    legend = drawn(sample).locator(".overlay-legend")
    for line in said:
        expect(legend).to_contain_text(line)
    frame = next(f for f in sample.page.frames if "streamlit_folium" in f.url)
    assert frame.evaluate(DASHES, road) == dashes
    sample.clean()


def test_the_card_of_a_bridge_says_its_state_and_what_it_bears(sample: Watched) -> None:
    open_page(
        sample, **{"orvane-roads.vehicle_class": "Heavy+truck+or+trailer", "sel": "orvane-roads/BR-03-HEAVY_TRUCK"}
    )
    drawn(sample)
    card = sample.page.locator(".o-card").first
    expect(card).to_contain_text("Closed")
    expect(card).to_contain_text("10 t")
    sample.clean()
