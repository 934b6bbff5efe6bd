"""Risk: 5,000,000 incidents of ten years, 10,000 activities, 365 days, against the memory's own speed."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from analysis.grid import THREADS
from analysis.proximity import PointIndex, Weights, chord_band
from bench.timing import Figure, in_child, seconds
from bench.worlds import Points, clustered

INCIDENTS, ACTIVITIES, RADIUS_M, YEARS = 5_000_000, 10_000, 25_000.0, 10
LAST = np.datetime64("2026-11-12")
WINDOW = (LAST - 364, LAST)
STREAM = 50_000_000  # numbers of 8 bytes
LINE = 64  # bytes: memory is read in no smaller pieces
RUNS = 15

MEMORY = """
from pathlib import Path
import numpy as np
from analysis.proximity import PointIndex
from bench.worlds import clustered

def peak():
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1024

incidents, activities = clustered(5_000_000, 1), clustered(10_000, 2)
before = peak()
index = PointIndex(incidents.lon, incidents.lat)
index.within(activities.lon, activities.lat, 25_000.0, incidents.weight)
print(peak(), before)
"""


def stream_seconds() -> float:
    """Seconds that all cores together need to read a gigabyte in order, at best."""
    parts = [np.ones(STREAM // THREADS) for _ in range(THREADS)]
    with ThreadPoolExecutor(THREADS) as threads:
        best = min(seconds(lambda: list(threads.map(np.sum, parts)))[0] for _ in range(7))
    return best / (STREAM * 8) * 1e9


def bytes_read(index: PointIndex, activities: Points) -> int:
    """Bytes that a question cannot do without, in whole lines of memory.

    Coordinates and running totals of the points that are compared, and one line of the
    table of cells for each run.
    """
    low, high = (float(v) for v in chord_band(RADIUS_M))
    total = 0
    for part in index.grid.parts(activities.lon, activities.lat, RADIUS_M):
        runs = index.grid.runs(activities.lon[part], activities.lat[part], RADIUS_M, low, high).astype(np.int64)
        total += LINE * len(runs)
        for start, stop in ((runs[:, 1], runs[:, 2]), (runs[:, 3], runs[:, 4])):
            some = stop > start
            for size in (24, 8):
                lines = (stop[some] * size - 1) // LINE - start[some] * size // LINE + 1
                total += LINE * int(lines.sum())
    return total


def run() -> list[Figure]:
    """The figure, its floor, and what the first question of a window takes."""
    incidents, activities = clustered(INCIDENTS, 1), clustered(ACTIVITIES, 2)
    days = LAST - np.random.default_rng(7).integers(0, 365 * YEARS, INCIDENTS)
    index = PointIndex(incidents.lon, incidents.lat, days)
    at, inside = index.during(*WINDOW)
    weights = inside.weigh(incidents.weight[at])
    ask = _asking(inside, activities, weights)
    counts = ask()
    spent = statistics.median(seconds(ask)[0] for _ in range(RUNS))
    floor = bytes_read(inside, activities) / 1e9 * stream_seconds()
    first = statistics.median(seconds(lambda: _first(index, activities))[0] for _ in range(3))
    note = (
        f"{counts.sum():,} pairs; the floor is {floor:.4f} s for {bytes_read(inside, activities) / 1e6:,.0f} MB: "
        f"{spent / floor:.1f}x; a window asked for the first time {first:.2f} s"
    )
    return [
        Figure("Risk, 5M incidents x 10k activities, 365 days, kept", spent, None, "s", "under 3x the floor", note),
        *_memory(),
    ]


def _asking(index: PointIndex, activities: Points, weights: Weights) -> Callable[[], Any]:
    return lambda: index.within(activities.lon, activities.lat, RADIUS_M, weights)[0]


def _first(index: PointIndex, activities: Points) -> None:
    index.during(LAST - 3, LAST)
    index.within(activities.lon, activities.lat, RADIUS_M, days=WINDOW)


def _memory() -> list[Figure]:
    megabytes, before = map(float, in_child(MEMORY).split())
    note = f"of which {before:,.0f} MB before the engine begins"
    return [Figure("Peak memory, engine, 5M incidents x 10k activities", megabytes, None, "MB", "1,200 MB", note)]
