"""What a person does on a page, in their words."""

from __future__ import annotations

from pathlib import Path

from conftest import Watched
from playwright.sync_api import Download, FrameLocator, Locator, expect

MAP = 'iframe[title^="streamlit_folium"]'
PATHS = {
    "Picture": "",
    "Risk near activities": "risk",
    "Coverage gaps": "coverage",
    "Movements": "movements",
    "Buffers": "buffers",
    "Layers": "layers",
}


def open_page(seen: Watched, path: str = "", **parameters: str) -> None:
    """Open a page by its address."""
    query = "&".join(f"{name}={value}" for name, value in parameters.items())
    seen.page.goto(f"{seen.address}/{path}{f'?{query}' if query else ''}")
    expect(seen.page.locator(".o-banner")).to_be_visible(timeout=30_000)


def go_to(seen: Watched, title: str) -> None:
    """Choose a page in the menu."""
    seen.page.get_by_test_id("stSidebarNav").get_by_text(title, exact=True).click()
    expect(seen.page.locator(".o-head h1").first).to_have_text(title, timeout=30_000)
    settled(seen)


def settled(seen: Watched) -> None:
    """Wait until the server has answered."""
    expect(seen.page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=60_000)


def drawn(seen: Watched, least: int = 1) -> FrameLocator:
    """Wait until the map has drawn at least so many features."""
    frame = seen.page.frame_locator(MAP)
    expect(frame.locator('#map_div[data-state="drawn"]')).to_be_visible(timeout=60_000)
    count = int(frame.locator("#map_div").get_attribute("data-drawn"))
    assert count >= least, f"{count} features drawn"
    return frame


def feature_at(seen: Watched, layer: str, record: str) -> tuple[float, float]:
    """Where a feature is on the screen."""
    drawn(seen)
    frame = next(f for f in seen.page.frames if "streamlit_folium" in f.url)
    point = frame.evaluate(
        """([layer, id]) => {
            let found = null;
            window.map.eachLayer((l) => {
                const p = l.feature && l.feature.properties;
                if (!p || p.layer !== layer || p.id !== id) return;
                const at = l.getLatLng ? l.getLatLng() : l.getBounds().getCenter();
                const xy = window.map.latLngToContainerPoint(at);
                found = [xy.x, xy.y];
            });
            return found;
        }""",
        [layer, record],
    )
    assert point, f"{layer}/{record} is not on the map"
    box = seen.page.locator(MAP).bounding_box()
    return box["x"] + point[0], box["y"] + point[1]


def press_feature(seen: Watched, layer: str, record: str) -> None:
    """Click a feature on the map; where others lie on the same spot, once more in the ring."""
    seen.page.mouse.click(*feature_at(seen, layer, record))
    spread = spread_at(seen, layer, record)
    if spread:
        seen.page.mouse.click(*spread)


def click_feature(seen: Watched, layer: str, record: str) -> None:
    """The same, until it is the chosen one."""
    press_feature(seen, layer, record)
    seen.page.wait_for_url(lambda url: f"sel={layer}" in url, timeout=15_000)
    settled(seen)


def spread_at(seen: Watched, layer: str, record: str) -> tuple[float, float] | None:
    """Where a feature is on the screen in the ring of those on its spot; None where nothing is spread."""
    frame = next(f for f in seen.page.frames if "streamlit_folium" in f.url)
    point = frame.evaluate(
        """([layer, id]) => {
            const items = window.map.spread ? window.map.spread.items : [];
            const item = items.find((i) => i.spreads.layer === layer && i.spreads.id === id);
            if (!item) return null;
            const xy = window.map.latLngToContainerPoint(item.getLatLng());
            return [xy.x, xy.y];
        }""",
        [layer, record],
    )
    box = seen.page.locator(MAP).bounding_box()
    return (box["x"] + point[0], box["y"] + point[1]) if point else None


def download(seen: Watched, menu: str, form: str) -> Download:
    """Take a file from a download menu."""
    seen.page.get_by_role("button", name=menu, exact=True).click()
    with seen.page.expect_download(timeout=60_000) as waiting:
        seen.page.get_by_role("link", name=form).click()
    seen.page.keyboard.press("Escape")
    return waiting.value


def choose(seen: Watched, label: str, option: str) -> None:
    """Choose an option of a select box."""
    box = seen.page.get_by_role("combobox", name=label)
    box.click()
    seen.page.get_by_role("option", name=option, exact=True).click()
    settled(seen)


def drop(seen: Watched, *files: Path) -> None:
    """Choose files in the drop zone, as dropping them does."""
    seen.page.locator('input[type="file"]').set_input_files([str(file) for file in files])


def panel(seen: Watched, file: str) -> Locator:
    """The panel of a file that came in, once it was checked."""
    found = seen.page.locator('[class*="st-key-draft-"]', has_text=file)
    expect(found.locator(".o-sentence").first).to_be_visible(timeout=180_000)
    settled(seen)
    return found


def take_link(seen: Watched, words: str) -> Download:
    """Follow a download link on the page."""
    with seen.page.expect_download(timeout=60_000) as waiting:
        seen.page.get_by_role("link", name=words).first.click()
    return waiting.value


def publish(seen: Watched, note: str) -> None:
    """Publish the file on the page with a note, and wait until it is in."""
    box = seen.page.get_by_label("Note", exact=True)
    box.fill(note)
    box.press("Tab")
    settled(seen)
    seen.page.get_by_role("button", name="Publish", exact=True).click()
    expect(seen.page.locator(".o-card", has_text="Versions of").get_by_text(note)).to_be_visible(timeout=120_000)
    settled(seen)
