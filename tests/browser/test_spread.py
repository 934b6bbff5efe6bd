"""Several records on one spot: a click spreads them, and each can be chosen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser

from bench.browser import serving
from tests.browser.conftest import Watched, overlay, watched
from tests.browser.steps import MAP, drawn, feature_at, open_page, settled, spread_at

SPOT = (24.5, 7.5)
ON_IT = 5
PLACES = "() => window.map.spread.items.map((i) => window.map.latLngToContainerPoint(i.getLatLng()))"
ALL_TOLD = "() => window.map.spread && window.map.spread.items.map((i) => i.spreads.id || i.spreads.row)"


def incidents(folder: Path, number: int) -> Path:
    """A store with so many incidents, the first five on one spot and all others far from it."""
    rng = np.random.default_rng(3)
    place = rng.uniform([16.0, 4.0], [22.0, 6.0], (number, 2))
    place[:ON_IT] = SPOT
    table = {"incident_id": [f"I{n}" for n in range(number)], "date": "2026-08-01", "latitude": place[:, 1],
             "longitude": place[:, 0], "type": "Clash", "location": "`${1}`"}  # fmt: skip
    pd.DataFrame(table).to_csv(folder / "some.csv", index=False)
    done = overlay(folder / "home", "ingest", str(folder / "some.csv"), "--kind", "incidents", "--layer", "some",
                   "--as-of", "2026-09-01")  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder / "home"


def frame_of(seen: Watched):
    return next(f for f in seen.page.frames if "streamlit_folium" in f.url)


def on_screen(seen: Watched, point: dict[str, float]) -> tuple[float, float]:
    box = seen.page.locator(MAP).bounding_box()
    return box["x"] + point["x"], box["y"] + point["y"]


@pytest.mark.parametrize("number", [60, 6_000], ids=["from one file", "from tiles"])
def test_a_click_spreads_them_and_each_can_be_chosen(browser: Browser, tmp_path: Path, number: int) -> None:
    with serving(incidents(tmp_path, number)) as served, watched(browser, served.address) as seen:
        open_page(seen, "", period="all", as_of="2026-09-01")
        settled(seen)
        drawn(seen)
        frame = frame_of(seen)
        frame.evaluate(f"window.map.setView([{SPOT[1]}, {SPOT[0]}], 12, {{animate: false}})")
        seen.page.wait_for_timeout(1500)
        middle = frame.evaluate(f"() => window.map.latLngToContainerPoint([{SPOT[1]}, {SPOT[0]}])")
        seen.page.mouse.click(*on_screen(seen, middle))
        frame.wait_for_function(f"() => window.map.getContainer().dataset.spread === '{ON_IT}'")
        assert len(set(frame.evaluate(ALL_TOLD))) == ON_IT
        places = frame.evaluate(PLACES)
        apart = [np.hypot(p["x"] - q["x"], p["y"] - q["y"]) for n, p in enumerate(places) for q in places[:n]]
        assert min(apart) > 16
        assert "sel=" not in seen.page.url
        seen.page.mouse.move(*on_screen(seen, places[3]))
        seen.page.frame_locator(MAP).get_by_text("Armed clash").wait_for(timeout=15_000)
        seen.page.mouse.click(*on_screen(seen, places[3]))
        seen.page.wait_for_url("**sel=some%2FI**", timeout=15_000)
        settled(seen)
        assert frame.evaluate(ALL_TOLD) is None
        for fold in (lambda: seen.page.mouse.click(*on_screen(seen, {"x": middle["x"] + 90, "y": middle["y"]})),
                     lambda: seen.page.keyboard.press("Escape"),
                     lambda: frame.evaluate("window.map.zoomIn(1, {animate: false})")):  # fmt: skip
            seen.page.mouse.click(*on_screen(seen, middle))
            frame.wait_for_function("() => window.map.spread")
            fold()
            frame.wait_for_function("() => !window.map.spread")
        seen.clean()


def test_one_that_stands_alone_is_chosen_at_once(sample: Watched) -> None:
    open_page(sample, "", **{"on.orvane-incidents": "false", "on.orvane-idp-sites": "false"})
    drawn(sample)
    settled(sample)
    alone = frame_of(sample).evaluate("""() => {
        const all = [];
        window.map.eachLayer((l) => {
            if (!l.getLatLng || !l.feature || !l.feature.properties.id) return;
            all.push([window.map.latLngToContainerPoint(l.getLatLng()), l.feature.properties]);
        });
        const free = ([p]) => p.x > 300 && p.x < 480 && all.every(([q]) => q === p || q.distanceTo(p) > 20);
        const found = all.find(free);
        return [found[1].layer, found[1].id];
    }""")
    sample.page.mouse.click(*feature_at(sample, *alone))
    assert spread_at(sample, *alone) is None
    sample.page.wait_for_url(lambda url: alone[1] in url, timeout=15_000)
    sample.clean()
