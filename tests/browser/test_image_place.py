"""A GeoTIFF lies on the map where its coordinates say, to the pixel."""

from __future__ import annotations

import io
import math
from pathlib import Path

import numpy as np
import pyproj
import pytest
import rasterio
from conftest import overlay, watched
from PIL import Image
from steps import drawn, open_page

from bench.browser import serving

pytestmark = pytest.mark.browser

CELLS, CELL = 8, 40  # cells a side of the board, pixels a side of a cell
DARK, LIGHT = 30, 230
# Coordinate system, upper left corner and size of a cell in its units, zoom of the map. The
# first is so far north and so tall that a picture stretched in degrees would be off by 8 pixels.
BOARDS = {
    "degrees": ("EPSG:4326", (10.0, 60.0), (2.0, 1.0), 5),
    "utm": ("EPSG:32634", (300_000.0, 900_000.0), (40_000.0, 40_000.0), 7),
}


def write_board(file: Path, crs: str, corner: tuple[float, float], cell: tuple[float, float]) -> None:
    """A board of dark and light cells; the upper left one is dark."""
    down, across = np.indices((CELLS * CELL, CELLS * CELL)) // CELL
    board = np.where((down + across) % 2 == 0, DARK, LIGHT).astype("uint8")
    size = (cell[0] / CELL, cell[1] / CELL)
    transform = rasterio.Affine(size[0], 0, corner[0], 0, -size[1], corner[1])
    with rasterio.open(
        file, "w", driver="GTiff", width=CELLS * CELL, height=CELLS * CELL, count=3, dtype="uint8", crs=crs,
        transform=transform,
    ) as image:  # fmt: skip
        image.write(np.stack([board] * 3))
        image.update_tags(ACQUISITIONDATETIME="2026-11-02T09:30:00Z")


def mercator(lon: float, lat: float, zoom: float) -> tuple[float, float]:
    """Pixels of Web Mercator, from the upper left corner of the world."""
    side = 256 * 2**zoom
    y = math.log(math.tan(math.pi / 4 + math.radians(lat) / 2))
    return side * (lon + 180) / 360, side * (1 - y / math.pi) / 2


def crossing(profile: np.ndarray, expected: float) -> float:
    """Where the brightness along a line of pixels passes the middle, nearest to where it should, in pixels."""
    above = profile > (DARK + LIGHT) / 2
    steps = np.flatnonzero(above[1:] != above[:-1])
    assert len(steps), f"no edge near {expected:.1f}"
    low, high = profile[steps], profile[steps + 1]
    # Pixel i is seen at its middle, i + 0.5.
    at = steps + 0.5 + ((DARK + LIGHT) / 2 - low) / (high - low)
    return float(at[np.argmin(abs(at - expected))])


@pytest.mark.parametrize("name", BOARDS)
def test_every_edge_of_a_board_lies_where_its_coordinates_say(browser, tmp_path: Path, name: str) -> None:
    crs, corner, cell, zoom = BOARDS[name]
    home = tmp_path / "home"
    write_board(tmp_path / "board.tif", crs, corner, cell)
    done = overlay(home, "ingest", str(tmp_path / "board.tif"))
    assert done.returncode == 0, done.stderr + done.stdout
    to_degrees = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)

    def degrees(across: float, down: float) -> tuple[float, float]:
        return to_degrees.transform(corner[0] + across * cell[0], corner[1] - down * cell[1])

    middle = degrees(CELLS / 2, CELLS / 2)
    with serving(home) as served, watched(browser, served.address, width=1600, height=900) as seen:
        open_page(seen)
        frame = drawn(seen, 1)
        assert "02 NOV 26" in frame.locator(".overlay-legend").inner_text()
        live = next(f for f in seen.page.frames if "streamlit_folium" in f.url)
        live.evaluate(
            "([lon, lat, zoom]) => { window.map.setView([lat, lon], zoom, { animate: false }); }", [*middle, zoom]
        )
        live.wait_for_function(
            "() => (document.querySelector('.leaflet-pictures-pane img') || {}).naturalWidth > 0", timeout=30_000
        )
        seen.page.wait_for_timeout(300)  # the canvas of outlines follows a frame later
        shot = Image.open(io.BytesIO(frame.locator("#map_div").screenshot())).convert("L")
        seen.clean()
    seen_map = np.asarray(shot, dtype=float)
    height, width = seen_map.shape
    origin = np.array(mercator(*middle, zoom)) - (width / 2, height / 2)
    off = []
    for step in range(1, CELLS):
        for halfway in np.arange(CELLS) + 0.5:
            x, y = np.array(mercator(*degrees(step, halfway), zoom)) - origin
            off.append(crossing(seen_map[int(y)], x) - x)
            x, y = np.array(mercator(*degrees(halfway, step), zoom)) - origin
            off.append(crossing(seen_map[:, int(x)], y) - y)
    assert max(map(abs, off)) <= 1, f"{max(map(abs, off)):.2f} pixels off"
