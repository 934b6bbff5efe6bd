"""CPU-seconds of the server for one rerun of a page with 10,000 features in view, in a real browser."""

from __future__ import annotations

import os
import statistics
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from playwright.sync_api import Page, expect, sync_playwright

import store
from bench.browser import QUIET, chromium, serving
from bench.timing import Figure
from bench.worlds import clustered
from layers.kinds import INCIDENTS
from layers.schema import conform

FEATURES, RUNS = 10_000, 5
TYPES = ("attack_civilians", "clash", "looting", "riot")
TICK = os.sysconf("SC_CLK_TCK")


def fill(home: Path) -> None:
    """A store with 10,000 incidents of the last ten days."""
    points = clustered(FEATURES, 7)
    number = np.arange(FEATURES)
    now = datetime.now(UTC)
    table = gpd.GeoDataFrame(
        {
            "id": [f"I{n}" for n in number],
            "occurred_at": pd.Timestamp(now).floor("D") - pd.to_timedelta(number % 10, unit="D"),
            "time_precision": "day",
            "incident_type": np.array(TYPES)[number % len(TYPES)],
            "violent": True,
        },
        geometry=gpd.points_from_xy(points.lon, points.lat),
    )
    access = store.open(home, as_=store.OPERATOR)
    publication = store.Publication(
        layer="incidents",
        kind=INCIDENTS,
        frame=conform(table, INCIDENTS),
        source="bench",
        as_of=now,
        by="bench",
        note="",
    )
    access.publish(publication, base=None)


def cpu_seconds(pid: int) -> float:
    """User and system time of the server so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def settled(page: Page, pid: int) -> None:
    """Wait until the script has stopped, the map has drawn and the server is idle."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=60_000)
    frame = page.frame_locator('iframe[title^="streamlit_folium"]')
    expect(frame.locator('#map_div[data-state="drawn"]')).to_be_visible(timeout=60_000)
    before = -1.0
    while (spent := cpu_seconds(pid)) - before > 0.02:
        before = spent
        page.wait_for_timeout(500)


def cost(page: Page, pid: int, clicks: list[str]) -> float:
    """Median CPU-seconds of a rerun that each of the clicks makes."""
    spent = []
    for label in clicks:
        start = cpu_seconds(pid)
        page.get_by_text(label, exact=True).first.click()
        page.wait_for_timeout(300)
        settled(page, pid)
        spent.append(cpu_seconds(pid) - start)
    return statistics.median(spent)


def run() -> list[Figure]:
    """Both costs."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        home = Path(folder) / "home"
        fill(home)
        opened = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        with serving(home) as served:
            page = opened.new_page(viewport={"width": 1280, "height": 720})
            page.goto(served.address)
            settled(page, served.pid)
            same = cost(page, served.pid, ["90 d", "1 y"] * RUNS)
            first = cost(page, served.pid, ["7 d", "own dates", "all"])
        opened.close()
    note = f"{FEATURES:,} incidents in view, server process, real browser"
    return [
        Figure("Page rerun, same data", same, None, "CPU s", "0.3 at most", note),
        Figure(
            "Page rerun, filter changed", first, None, "CPU s", "1 at most", f"{note}; rows filtered and drawn anew"
        ),
    ]
