"""Base maps from an address: a WMS and a WMTS on this machine, drawn where they should be, and when they fail."""

from __future__ import annotations

import io
import statistics
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pyproj
import pytest
from conftest import overlay, watched
from PIL import Image
from playwright.sync_api import expect
from steps import drawn, open_page

from bench.browser import serving

pytestmark = pytest.mark.browser

WORLD = 2 * 20037508.342789244  # metres, a side of Web Mercator
WEST, EAST = (200, 60, 60), (60, 60, 200)  # colours left and right of MERIDIAN
QUIET_LINE = 30  # pixels from the top
MERIDIAN = -119.5  # degrees: runs through the sample scenario


class Tiles(BaseHTTPRequestHandler):
    """Answers each tile with one picture: red west of the meridian, blue east of it."""

    asked: list[str]
    status = 200

    def do_GET(self) -> None:
        """Draw what is asked for."""
        self.asked.append(self.path)
        self.send_response(self.status)
        self.send_header("Content-Type", "image/png")
        self.end_headers()
        if self.status == 200:
            with suppress(ConnectionError):  # the map has moved on
                self.wfile.write(picture(*edges(self.path)))

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def edges(path: str) -> tuple[float, float]:
    """West and east of what a request asks for, metres of Web Mercator."""
    asked = {name.upper(): values[0] for name, values in parse_qs(urlsplit(path).query).items()}
    if "BBOX" in asked:
        west, _, east, _ = map(float, asked["BBOX"].split(","))
        return west, east
    if "TILEMATRIX" in asked:
        zoom, column = int(asked["TILEMATRIX"].rpartition(":")[2]), int(asked["TILECOL"])
    else:
        zoom, _, column = (int(part.removesuffix(".png")) for part in path.split("/")[-3:])
    side = WORLD / 2**zoom
    return column * side - WORLD / 2, (column + 1) * side - WORLD / 2


def picture(west: float, east: float) -> bytes:
    """256 pixels a side, one colour on each side of the meridian."""
    at, _ = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True).transform(MERIDIAN, 0)
    drawn_tile = Image.new("RGB", (256, 256), EAST)
    part = round(256 * min(max((at - west) / (east - west), 0), 1))
    drawn_tile.paste(WEST, (0, 0, part, 256))
    stream = io.BytesIO()
    drawn_tile.save(stream, "png")
    return stream.getvalue()


@contextmanager
def tile_server(status: int = 200) -> Iterator[tuple[str, list[str]]]:
    """A server of tiles on this machine, and what it was asked."""
    answers = type("Answers", (Tiles,), {"asked": [], "status": status})
    server = ThreadingHTTPServer(("localhost", 0), answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://localhost:{server.server_port}", answers.asked
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the sample."""
    made = tmp_path_factory.mktemp("online") / "home"
    assert overlay(made, "sample").returncode == 0
    return made


FORMS = {
    "WMS": ("/wms", 'layers = "relief"\nstyle = "night"'),
    "WMTS by key": ("/wmts?map=a", 'layers = "relief"\nstyle = "night"\ntile_matrix_set = "web"'),
    "WMTS by path": ("/wmts/relief/night/web/{TileMatrix}/{TileRow}/{TileCol}.png", ""),
}
ASKED = {
    "WMS": {"REQUEST": "GetMap", "LAYERS": "relief", "STYLES": "night", "FORMAT": "image/png"},
    "WMTS by key": {"REQUEST": "GetTile", "LAYER": "relief", "STYLE": "night", "TILEMATRIXSET": "web", "MAP": "a"},
    "WMTS by path": {},
}


def allow(home: Path, address: str, rest: str) -> None:
    """Write one base map into the settings."""
    (home / "overlay.toml").write_text(
        f'[[base_maps]]\nname = "Mission"\naddress = "{address}"\nattribution = "GIS unit"\n{rest}\n'
    )


def _edge(shot: Image.Image, line: int) -> int:
    """Column of a line of the screen where the western colour ends."""
    red = [shot.getpixel((column, line))[0] > (WEST[0] + EAST[0]) / 2 for column in range(150, 480)]
    return 150 + sum(red)


@pytest.mark.parametrize("form", FORMS)
def test_an_allowed_address_is_drawn_in_its_place(browser, home: Path, form: str) -> None:
    path, rest = FORMS[form]
    with tile_server() as (address, asked):
        allow(home, address + path, rest)
        with serving(home) as served, watched(browser, served.address, allowed=(address,)) as seen:
            open_page(seen, base="Mission")
            frame = drawn(seen)
            expect(frame.locator('#map_div[data-base="drawn"]')).to_be_visible(timeout=30_000)
            expect(frame.locator(".leaflet-control-attribution")).to_contain_text("GIS unit")
            shot = Image.open(io.BytesIO(frame.locator("#map_div").screenshot())).convert("RGB")
            live = next(f for f in seen.page.frames if "streamlit_folium" in f.url)
            x = live.evaluate("(lon) => window.map.latLngToContainerPoint([0, lon]).x", MERIDIAN)
            seen.clean()
    assert asked
    queries = [{k.upper(): v[0] for k, v in parse_qs(urlsplit(path).query).items()} for path in asked]
    assert all(ASKED[form].items() <= query.items() for query in queries), queries[0]
    # The meridian is where the colours meet, in lines of the screen on which little else is drawn.
    edges = [_edge(shot, line) for line in range(QUIET_LINE - 24, QUIET_LINE + 25, 4)]
    assert abs(statistics.median(edges) - x) <= 2, edges


@pytest.mark.parametrize("form", FORMS)
def test_an_address_that_answers_with_an_error_is_said_and_the_coastline_stays(browser, home: Path, form: str) -> None:
    path, rest = FORMS[form]
    with tile_server(status=500) as (address, asked):
        allow(home, address + path, rest)
        with serving(home) as served, watched(browser, served.address, allowed=(address,)) as seen:
            open_page(seen, base="Mission")
            notice = drawn(seen).locator(".overlay-notice")
            expect(notice).to_contain_text("Base map Mission: its address does not answer", timeout=30_000)
            expect(notice).to_contain_text("The coastline is shown")
    assert asked
