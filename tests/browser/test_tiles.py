"""Too many points for one file: tiles in a real browser, with a click, a tooltip and a refusal."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser, expect

from bench.browser import serving
from tests.browser.conftest import Watched, overlay, watched
from tests.browser.steps import MAP, drawn, open_page, settled

NUMBER = 12_000
LONE = (25.5, 9.5)
PIXELS = """() => { let n = 0; document.querySelectorAll("canvas.overlay-point-tile").forEach((tile) => {
  const data = tile.getContext("2d").getImageData(0, 0, tile.width, tile.height).data;
  for (let i = 3; i < data.length; i += 4) if (data[i]) n += 1; }); return n; }"""


DENSEST = """() => { let best = null; window.map.eachLayer((l) => { if (l.points) l.points.forEach((v, key) => {
  const [a, b, z] = key.split(":").map(Number);
  v.forEach((p) => { if (p.n && (!best || p.n > best[2])) {
    const at = window.map.latLngToContainerPoint(window.map.unproject([a * 256 + p.x, b * 256 + p.y], z));
    best = [at.x, at.y, p.n]; } }); }); }); return best; }"""


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A store with 12,000 incidents around twenty towns, and one that stands alone."""
    folder = tmp_path_factory.mktemp("crowded")
    rng = np.random.default_rng(5)
    town = rng.uniform([16.0, 4.0], [24.0, 8.0], (20, 2))
    place = town[rng.integers(0, 20, NUMBER)] + rng.normal(0, 0.2, (NUMBER, 2))
    place[0] = LONE
    days = pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(NUMBER) % 200, unit="D")
    table = {"incident_id": [f"I{n}" for n in range(NUMBER)], "date": days.strftime("%Y-%m-%d"),
             "latitude": place[:, 1], "longitude": place[:, 0], "type": "Clash",
             "location": "<img onerror=x>`${1}`"}  # fmt: skip
    pd.DataFrame(table).to_csv(folder / "many.csv", index=False)
    done = overlay(folder / "home", "ingest", str(folder / "many.csv"), "--kind", "incidents", "--layer", "many",
                   "--as-of", "2026-09-01")  # fmt: skip
    assert done.returncode == 0, done.stderr
    with serving(folder / "home") as served:
        yield served.address


@pytest.fixture
def many(browser: Browser, crowded: str) -> Iterator[Watched]:
    with watched(browser, crowded) as seen:
        open_page(seen, "", period="all", as_of="2026-09-01")
        settled(seen)
        drawn(seen)
        yield seen


def frame_of(seen: Watched):
    return next(f for f in seen.page.frames if "streamlit_folium" in f.url)


POINTS_OF_ZOOM = """(zoom) => { let n = 0; window.map.eachLayer((l) => {
    if (!l.points || l.isLoading()) return;
    l.points.forEach((points, key) => { if (key.endsWith(`:${zoom}`)) n += points.length; }); }); return n > 0; }"""


def look_at(seen: Watched, lon: float, lat: float, zoom: int) -> tuple[float, float]:
    """Move the map there; where on the screen that is."""
    frame = frame_of(seen)
    frame.evaluate(f"() => {{ window.map.setView([{lat}, {lon}], {zoom}, {{animate: false}}); }}")
    frame.wait_for_function(POINTS_OF_ZOOM, arg=zoom, timeout=30_000)
    x, y = frame.evaluate(f"(({{x, y}}) => [x, y])(window.map.latLngToContainerPoint([{lat}, {lon}]))")
    box = seen.page.locator(MAP).bounding_box()
    return box["x"] + x, box["y"] + y


def test_all_are_drawn_in_groups_that_add_up(many: Watched) -> None:
    frame = frame_of(many)
    told = frame.evaluate("""() => { let n = 0; window.map.eachLayer((l) => { if (l.points) l.points.forEach((v) =>
        v.forEach((p) => { n += p.n || 1; })); }); return n; }""")
    assert told == NUMBER
    assert frame.evaluate(PIXELS) > 1000
    expect(many.page.frame_locator(MAP).get_by_text("Squares hold several")).to_be_visible()
    many.clean()


def test_a_point_says_what_it_is_and_is_chosen_by_a_click(many: Watched) -> None:
    x, y = look_at(many, *LONE, 10)
    many.page.mouse.move(x, y)
    expect(many.page.frame_locator(MAP).get_by_text("Armed clash")).to_be_visible(timeout=15_000)
    many.page.mouse.click(x, y)
    many.page.wait_for_url("**sel=many%2FI0**", timeout=15_000)
    settled(many)
    expect(many.page.get_by_text("I0", exact=True)).to_be_visible()
    many.clean()


def test_a_click_on_a_group_goes_nearer(many: Watched) -> None:
    frame = frame_of(many)
    before = frame.evaluate("window.map.getZoom()")
    x, y, _ = frame.evaluate(DENSEST)
    box = many.page.locator(MAP).bounding_box()
    many.page.mouse.click(box["x"] + x, box["y"] + y)
    frame.wait_for_function(f"() => window.map.getZoom() !== {before}")
    assert frame.evaluate("window.map.getZoom()") == before + 2
    many.clean()


def test_tiles_that_do_not_come_are_said_on_the_map(browser: Browser, crowded: str) -> None:
    with watched(browser, crowded) as seen:
        seen.page.route("**/tiles/**", lambda route: route.fulfill(status=404, body="big@1: not in the store."))
        open_page(seen, "", period="all", as_of="2026-09-01")
        settled(seen)
        notice = seen.page.frame_locator(MAP).get_by_role("alert")
        expect(notice).to_contain_text("Not drawn: many: big@1: not in the store.", timeout=60_000)
