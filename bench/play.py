"""Playing 52 weeks of a million incidents in a real Chromium: steps drawn a second.

The server is warm. Counted are the frames of the browser in which a step was drawn, at 4x,
and, without waiting between steps, how quickly they could follow each other.
"""

from __future__ import annotations

import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from playwright.sync_api import Frame, Page, sync_playwright

from bench.browser import QUIET, chromium, serving
from bench.first_map import MANY, MAP, MOST, fill, fresh, idle, incidents
from bench.timing import Figure

WEEKS = 52
FASTEST = """async () => {
  const time = window.map.time, begin = performance.now();
  for (let week = 0; week < 52; week += 1) {
    time.end = time.lastWeek - 51 + week;
    time.show();
    await new Promise((drawn) => requestAnimationFrame(drawn));
  }
  return 52 / ((performance.now() - begin) / 1000);
}"""
TO_THE_END = """() => new Promise((done) => {
  const time = window.map.time, begin = performance.now(), before = time.steps;
  const look = (now) => (time.playing ? requestAnimationFrame(look) : done([time.steps - before, now - begin]));
  requestAnimationFrame(look);
})"""
SUM = "() => [window.map.time.shown.numbers[0][0], window.map.time.all(...window.map.time.bars.shown.spans[0])]"


def of_a_year(number: int) -> gpd.GeoDataFrame:
    """The incidents of the bench of the first map, on the days of the last 52 weeks."""
    frame = incidents(number)
    days = np.random.default_rng(9).integers(0, 7 * WEEKS, number)
    today = pd.Timestamp(datetime.now(UTC)).floor("D")
    frame["occurred_at"] = today - pd.Timedelta(days=today.weekday() + 1) - pd.to_timedelta(days, unit="D")
    return frame


def played(page: Page, frame: Frame) -> tuple[float, float]:
    """Seconds from the click on Play to the first window, and steps drawn a second at 4x."""
    bar = page.frame_locator(MAP)
    bar.get_by_label("Window", exact=True).select_option("1")
    bar.get_by_label("Speed", exact=True).select_option("4")
    start = time.perf_counter()
    bar.get_by_role("button", name="Play", exact=True).click()
    frame.wait_for_function("() => window.map.time.playing", timeout=60_000)
    loaded = time.perf_counter() - start
    steps, taken = frame.evaluate(TO_THE_END)
    return loaded, 1000 * steps / taken


def run() -> list[Figure]:
    """A million, and more where asked for (`OVERLAY_BENCH_MOST`)."""
    figures = []
    for number in [MANY, *([MOST] if MOST else [])]:
        with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
            home = Path(folder) / "home"
            home.mkdir()
            fill(home, of_a_year(number))
            browser = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
            with serving(home) as served:
                for _ in range(2):  # the first warms the server
                    with fresh(browser) as page:
                        page.goto(f"{served.address}/?period=all")
                        idle(page)
                        frame = next(f for f in page.frames if "streamlit_folium" in f.url)
                        frame.wait_for_function("() => window.map.time.first !== undefined", timeout=60_000)
                        loaded, rate = played(page, frame)
                        most = frame.evaluate(FASTEST)
                        summed, counted = frame.evaluate(SUM)
                        cells = frame.evaluate("window.map.time.played[0][1].columns.length - 1")
                        heap = frame.evaluate("performance.memory.usedJSHeapSize / 1e6")
        if summed != counted:
            raise RuntimeError(f"cells hold {summed} incidents, the bar {counted}")
        note = (
            f"{cells:,} cells; {most:.0f} a second without waiting; first window {loaded:.1f} s after the click; "
            f"heap {heap:.0f} MB; cells add up to the bar"
        )
        figures.append(
            Figure(f"Play {WEEKS} weeks, {number:,} incidents, at 4x (16 a second)", rate, None, "frames a second",
                   "8 or more", note)
        )  # fmt: skip
    return figures
