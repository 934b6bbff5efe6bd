"""An image of the ground, from the file to the map."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from conftest import watched
from playwright.sync_api import expect
from steps import drawn, drop, open_page, panel, publish, settled

from bench.browser import serving

pytestmark = pytest.mark.browser

SHOWN = """() => Array.from(document.querySelectorAll(".leaflet-pictures-pane img"))
    .filter((img) => img.complete && img.naturalWidth > 0).map((img) => Number(getComputedStyle(img).opacity))"""


def write_image(file: Path) -> None:
    """A small image of fields beside a river, two tenths of a degree wide."""
    across, down = np.meshgrid(np.linspace(0, 6, 240), np.linspace(0, 6, 200))
    fields = (np.floor(across) + np.floor(down)) % 2
    river = np.abs(down - 3 - np.sin(across)) < 0.25
    bands = [np.where(river, wet, 90 + light * fields) for wet, light in ((40, 60), (80, 70), (160, 10))]
    with rasterio.open(
        file,
        "w",
        driver="GTiff",
        width=240,
        height=200,
        count=3,
        dtype="uint8",
        crs="EPSG:4326",
        transform=rasterio.Affine(0.2 / 240, 0, 21.9, 0, -0.1 / 200, 6.6),
    ) as image:
        image.write(np.array(bands).astype("uint8"))
        image.update_tags(ACQUISITIONDATETIME="2026-11-02T09:30:00Z")


def shown_opacities(seen) -> list[float]:
    """How strongly each picture on the map is drawn, once there is one."""
    frame = next(f for f in seen.page.frames if "streamlit_folium" in f.url)
    frame.wait_for_function(f"() => ({SHOWN})().length > 0", timeout=30_000)
    return frame.evaluate(SHOWN)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_an_image_is_seen_before_and_after_it_is_published(browser, tmp_path: Path, dark: bool) -> None:
    file = tmp_path / "bria_2026-11-02.tif"
    write_image(file)
    with serving(tmp_path / "home") as served, watched(browser, served.address, dark=dark) as seen:
        open_page(seen, "layers")
        drop(seen, file)
        expect(panel(seen, file.name)).to_contain_text("Images")
        drawn(seen, 1)
        assert shown_opacities(seen) == [1.0]
        publish(seen, "one pass of the drone")
        open_page(seen)
        frame = drawn(seen, 1)
        assert shown_opacities(seen) == [1.0]
        expect(frame.locator(".overlay-legend")).to_contain_text("02 NOV 26")
        seen.page.get_by_role("button", name="Filter Images").click()
        seen.page.get_by_role("slider").first.press("Home")
        settled(seen)
        for _ in range(4):
            seen.page.keyboard.press("ArrowRight")
        seen.page.wait_for_url(lambda url: "opacity.bria=40" in url, timeout=15_000)
        settled(seen)
        next(f for f in seen.page.frames if "streamlit_folium" in f.url).wait_for_function(
            f"() => ({SHOWN})()[0] === 0.4", timeout=15_000
        )
        seen.clean()
