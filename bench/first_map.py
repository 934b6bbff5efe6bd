"""The map in a real Chromium: the first one, a change of filter, what the browser holds; others on the same points.

The server is warm, the browser fresh each time. Beside ours stand plain st_folium (one GeoJson
layer of circle markers on a canvas, its files served by Streamlit, for there is no internet)
and `st.pydeck_chart` (a ScatterplotLayer, drawn in software where there is no GPU), both on
the same points, with nothing else on their page.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from playwright.sync_api import Browser, Error, Page, TimeoutError, sync_playwright

import store
from bench.browser import QUIET, ROOT, chromium, free_port, serving
from bench.timing import Figure
from bench.worlds import clustered
from layers.kinds import INCIDENTS
from layers.schema import conform

FEW, MANY = 10_000, 1_000_000
RUNS, PATIENCE_S = 5, 120
MOST = int(os.environ.get("OVERLAY_BENCH_MOST", "0"))
"""A third, larger number of incidents, where the machine has the memory (10,000,000 take about 12 GB)."""
TYPES = np.array(("attack_civilians", "clash", "looting", "riot", "abduction", "protest"))
SOFTWARE_GL = ("--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
MAP = 'iframe[title^="streamlit_folium"]'

FOLIUM = """
import geopandas as gpd, folium, streamlit as st
from folium.elements import JSCSSMixin
from streamlit_folium import st_folium
def under(cls):
    return [cls, *(found for child in cls.__subclasses__() for found in under(child))]
for cls in under(JSCSSMixin):
    cls.default_js, cls.default_css = [], []
folium.Map.default_js = [("leaflet", "/app/static/leaflet.js")]
folium.Map.default_css = [("leaflet_css", "/app/static/leaflet.css")]
st.set_page_config(layout="wide")
kind = st.radio("Type", ["all", "clash"], horizontal=True)
frame = gpd.read_parquet("points.parquet")
frame = frame if kind == "all" else frame[frame["incident_type"] == kind]
drawn = folium.Map(location=(8, 25), zoom_start=5, tiles=None, prefer_canvas=True)
folium.GeoJson(frame.to_json(), marker=folium.CircleMarker(radius=4)).add_to(drawn)
st_folium(drawn, height=600, width=1100, returned_objects=[], key="map")
"""
DECK = """
import geopandas as gpd, pandas as pd, pydeck, streamlit as st
st.set_page_config(layout="wide")
kind = st.radio("Type", ["all", "clash"], horizontal=True)
frame = gpd.read_parquet("points.parquet")
frame = frame if kind == "all" else frame[frame["incident_type"] == kind]
table = pd.DataFrame({"lon": frame.geometry.x, "lat": frame.geometry.y})
layer = pydeck.Layer("ScatterplotLayer", table, get_position=["lon", "lat"], get_radius=4, radius_units='"pixels"',
                     get_fill_color=[184, 29, 91], pickable=True)
view = pydeck.ViewState(latitude=8, longitude=25, zoom=4)
st.pydeck_chart(pydeck.Deck([layer], initial_view_state=view, map_style=None), height=600)
"""


def incidents(number: int) -> gpd.GeoDataFrame:
    """Incidents of ten years around towns."""
    points, each = clustered(number, 7), np.arange(number)
    return gpd.GeoDataFrame(
        {
            "id": pd.array([f"I{n}" for n in each], dtype="str"),
            "occurred_at": pd.Timestamp(datetime.now(UTC)).floor("D") - pd.to_timedelta(each % 3650, unit="D"),
            "time_precision": "day",
            "incident_type": TYPES[each % len(TYPES)],
            "violent": True,
            "fatalities": each % 7,
        },
        geometry=gpd.points_from_xy(points.lon, points.lat),
        crs="EPSG:4326",
    )


def fill(home: Path, frame: gpd.GeoDataFrame) -> None:
    """A store that holds them."""
    access = store.open(home, as_=store.OPERATOR)
    access.publish(
        store.Publication(layer="incidents", kind=INCIDENTS, frame=conform(frame, INCIDENTS), source="bench",
                          as_of=datetime.now(UTC), by="bench", note=""),
        base=None,
    )  # fmt: skip


def idle(page: Page) -> None:
    """The script has stopped and the map says that it is drawn."""
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for(timeout=1000 * PATIENCE_S)
    page.frame_locator(MAP).locator('#map_div[data-state="drawn"]').wait_for(timeout=1000 * PATIENCE_S)


@contextmanager
def fresh(browser: Browser) -> Iterator[Page]:
    """A page of a browser profile that has seen nothing."""
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    try:
        yield context.new_page()
    finally:
        context.close()


def ours(home: Path, browser: Browser) -> tuple[float, float, float]:
    """Medians: seconds to the first map, seconds from a filter's click to its map, megabytes of JavaScript."""
    first, change, heap = [], [], []
    with serving(home) as served:
        for turn in range(RUNS + 1):
            with fresh(browser) as page:
                start = time.perf_counter()
                page.goto(f"{served.address}/?period=all")
                idle(page)
                taken = time.perf_counter() - start
                frame = next(f for f in page.frames if "streamlit_folium" in f.url)
                heap.append(frame.evaluate("performance.memory.usedJSHeapSize / 1e6"))
                days = (("1 y", "90 d"), ("90 d", "1 y"))[turn % 2]
                spent = [_clicked(page, label) for label in days]
                if turn:  # the first warms the server
                    first.append(taken)
                    change += spent
    return statistics.median(first), statistics.median(change), max(heap)


def _clicked(page: Page, label: str) -> float:
    """Seconds from the click on a period to the map that shows it."""
    frame = next(f for f in page.frames if "streamlit_folium" in f.url)
    seen = frame.evaluate("Overlay.shown")
    start = time.perf_counter()
    page.get_by_text(label, exact=True).first.click()
    frame.wait_for_function(
        "seen => Overlay.shown > seen && document.querySelector('#map_div').dataset.state === 'drawn'",
        arg=seen, timeout=1000 * PATIENCE_S,
    )  # fmt: skip
    return time.perf_counter() - start


@contextmanager
def page_of(script: str, points: Path) -> Iterator[str]:
    """A page of another way of drawing, served by Streamlit."""
    folder = points.parent
    (folder / "static").mkdir(exist_ok=True)
    for name in ("leaflet.js", "leaflet.css"):
        shutil.copy(ROOT / "node_modules/leaflet/dist" / name, folder / "static")
    (folder / "theirs.py").write_text(script)
    port = free_port()
    options = ("--server.enableStaticServing", "true", "--server.headless", "true", "--server.port", str(port),
               "--server.address", "localhost", "--browser.gatherUsageStats", "false")  # fmt: skip
    with (folder / "theirs.log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "theirs.py", *options], cwd=folder, stdout=log, stderr=log
        )
        try:
            address = f"http://localhost:{port}"
            for _ in range(300):
                try:
                    urllib.request.urlopen(f"{address}/_stcore/health", timeout=1)  # noqa: S310 - loopback
                    break
                except OSError:
                    time.sleep(0.1)
            yield address
        finally:
            server.terminate()
            server.wait(20)


def _folium_drawn(page: Page) -> None:
    page.frame_locator(MAP).locator(".leaflet-overlay-pane canvas").wait_for(timeout=1000 * PATIENCE_S)
    frame = next(f for f in page.frames if "streamlit_folium" in f.url)
    frame.evaluate("() => new Promise((done) => requestIdleCallback(() => requestAnimationFrame(done)))")


def _deck_drawn(page: Page) -> None:
    page.locator("[data-testid=stDeckGlJsonChart] canvas").first.wait_for(timeout=1000 * PATIENCE_S)
    page.evaluate("() => new Promise((done) => requestIdleCallback(() => requestAnimationFrame(done)))")


def theirs(script: str, drawn: Callable[[Page], None], points: Path, browser: Browser) -> tuple[float, float] | str:
    """Medians of the same two times; in words why there are none."""
    first, change = [], []
    with page_of(script, points) as address:
        try:
            for turn in range(3):
                with fresh(browser) as page:
                    page.set_default_timeout(1000 * PATIENCE_S)
                    start = time.perf_counter()
                    page.goto(address)
                    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
                    drawn(page)
                    taken = time.perf_counter() - start
                    start = time.perf_counter()
                    page.get_by_text("clash", exact=True).click()
                    page.wait_for_timeout(150)
                    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
                    drawn(page)
                    if turn:
                        first.append(taken)
                        change.append(time.perf_counter() - start)
        except Error as error:
            if not isinstance(error, TimeoutError):
                return f"failed: {str(error).splitlines()[0][:60]}"
            return f"not drawn in {PATIENCE_S} s"
    return statistics.median(first), statistics.median(change)


def run() -> list[Figure]:
    """Ours at each number, the others at the same numbers."""
    numbers = [FEW, MANY, *([MOST] if MOST else [])]
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = chromium()
        plain = playwright.chromium.launch(executable_path=path, args=QUIET)
        drawing = playwright.chromium.launch(
            executable_path=path, args=[*(a for a in QUIET if a != "--disable-gpu"), *SOFTWARE_GL]
        )
        base = 0.0
        for number in numbers:
            home = Path(folder) / str(number) / "home"
            home.mkdir(parents=True)
            frame = incidents(number)
            fill(home, frame)
            frame[["incident_type", "geometry"]].to_parquet(home.parent / "points.parquet")
            del frame
            first, change, heap = ours(home, plain)
            base = base or first
            others: dict[str, float | str] = {}
            changes: dict[str, float | str] = {}
            compared = ((FOLIUM, _folium_drawn, "st_folium", plain), (DECK, _deck_drawn, "st.pydeck_chart", drawing))
            for script, drawn, name, browser in compared if number <= MANY else ():
                found = theirs(script, drawn, home.parent / "points.parquet", browser)
                others[name], changes[name] = (found, found) if isinstance(found, str) else found
            what = f"{number:,} incidents"
            note = "fresh browser, warm server, median of 5" + ("" if number == FEW else f"; {first / base:.2f} x 10k")
            figures += [
                Figure(f"First map, {what}", first, None, "s", "4 s, 1.2 x 10k", note, others),
                Figure(f"Filter changed, {what}, click to drawn", change, None, "s", "1 s", "median of 10", changes),
                Figure(f"JavaScript heap of the map, {what}", heap, None, "MB", "250 MB", "most of the runs"),
            ]
    return figures
