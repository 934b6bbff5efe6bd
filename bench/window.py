"""Risk: 5,000,000 incidents of ten years, 10,000 activities, 365 days, against the memory's own speed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from analysis.grid import THREADS, in_threads
from analysis.proximity import PointIndex, chord_band
from bench.timing import Figure, in_child, in_turn
from bench.worlds import Points, clustered

INCIDENTS, ACTIVITIES, RADIUS_M, YEARS = 5_000_000, 10_000, 25_000.0, 10
LAST = np.datetime64("2026-11-12")
WINDOW = (LAST - 364, LAST)
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


def reading(size: int) -> Callable[[], Any]:
    """Work that reads so many bytes in order, by all cores together: the floor of any that reads as many."""
    parts = [np.ones(size // 8 // THREADS) for _ in range(THREADS)]
    return lambda: in_threads(np.sum, parts)


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
    size = bytes_read(inside, activities)

    def asked() -> np.ndarray:
        return inside.within(activities.lon, activities.lat, RADIUS_M, weights)[0]

    asked()
    taken = in_turn(
        {"ours": (asked, RUNS), "floor": (reading(size), RUNS), "first": (lambda: _first(index, activities), 3)}
    )
    spent, floor = taken["ours"].seconds, taken["floor"].seconds
    note = (
        f"{taken['ours'].answer.sum():,} pairs; to read the same {size / 1e6:,.0f} MB in order takes {floor:.4f} s: "
        f"{spent / floor:.1f}x; a window asked for the first time {taken['first'].seconds:.2f} s"
    )
    return [
        Figure("Risk, 5M incidents x 10k activities, 365 days, kept", spent, None, "s", "under 3x the floor", note),
        *_memory(),
    ]


def _first(index: PointIndex, activities: Points) -> None:
    index.during(LAST - 3, LAST)
    index.within(activities.lon, activities.lat, RADIUS_M, days=WINDOW)


def _memory() -> list[Figure]:
    megabytes, before = map(float, in_child(MEMORY).split())
    note = f"of which {before:,.0f} MB before the engine begins"
    return [Figure("Peak memory, engine, 5M incidents x 10k activities", megabytes, None, "MB", "1,200 MB", note)]
