"""How the engine grows from 100,000 to 10,000,000 points, and what its first call costs."""

from __future__ import annotations

import math
import statistics
from pathlib import Path

import numpy as np

from analysis.proximity import PointIndex
from bench.timing import Figure, in_child, seconds
from bench.worlds import clustered

SIZES = (100_000, 300_000, 1_000_000, 3_000_000, 10_000_000)
ACTIVITIES, RADIUS_M = 10_000, 25_000.0
CHART = Path(__file__).parents[1] / "docs" / "pictures" / "growth.svg"
WIDTH, HEIGHT, LEFT, BOTTOM = 560, 340, 70, 50

FIRST = """
import time
{}
import numpy as np
from analysis.proximity import PointIndex
lon, lat = np.linspace(20, 21, 1000), np.linspace(5, 6, 1000)
start = time.perf_counter()
PointIndex(lon, lat).within(lon[:10], lat[:10], 25_000.0, lat)
print(time.perf_counter() - start)
"""


def run() -> list[Figure]:
    """Build and question at each size, the exponent between, and first calls."""
    taken = [_seconds(size) for size in SIZES]
    exponent, _ = np.polyfit(np.log(SIZES), np.log(taken), 1)
    CHART.write_text(chart(taken, float(exponent)), "utf-8")
    each = ", ".join(f"{size / 1e6:g}M {spent:.2f} s" for size, spent in zip(SIZES, taken, strict=True))
    note = f"build and query, 10k activities, 25 km: {each}"
    return [
        Figure("Growth from 100k to 10M incidents, exponent", float(exponent), None, "", "1.05", note),
        *first_calls(),
    ]


def first_calls() -> list[Figure]:
    """The first question of a fresh process, its compiled code kept from an earlier one."""
    figures = []
    for name, imports in (("after imports", "import analysis.kernels"), ("numba's import included", "")):
        in_child(FIRST.format(imports))
        spent = statistics.median(float(in_child(FIRST.format(imports))) for _ in range(5))
        figures.append(Figure(f"First call in a fresh process, {name}", spent, None, "s", "under 0.5 s"))
    return figures


def _seconds(size: int) -> float:
    incidents, activities = clustered(size, 1), clustered(ACTIVITIES, 2)

    def work() -> None:
        PointIndex(incidents.lon, incidents.lat).within(activities.lon, activities.lat, RADIUS_M, incidents.weight)

    work()
    return statistics.median(seconds(work)[0] for _ in range(5))


def chart(taken: list[float], exponent: float) -> str:
    """The times on two logarithmic axes, as an SVG."""
    decades = (math.log10(SIZES[0]), math.log10(SIZES[-1]))
    floor, roof = math.floor(math.log10(min(taken))), math.ceil(math.log10(max(taken)))

    def x(size: float) -> float:
        return LEFT + (math.log10(size) - decades[0]) / (decades[1] - decades[0]) * (WIDTH - LEFT - 20)

    def y(spent: float) -> float:
        return HEIGHT - BOTTOM - (math.log10(spent) - floor) / max(roof - floor, 1) * (HEIGHT - BOTTOM - 40)

    places = [(x(size), y(spent)) for size, spent in zip(SIZES, taken, strict=True)]
    said = f"Build and query, 10k activities, 25 km: time grows as size to the {exponent:.2f}"
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"',
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="20">{said}</text>',
    ]
    for power in range(floor, roof + 1):
        at = y(10.0**power)
        drawn.append(f'<path d="M{LEFT} {at:.1f}H{WIDTH - 20}" stroke="#ddd"/>')
        drawn.append(f'<text x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{10.0**power:g} s</text>')
    for size, spent, (across, up) in zip(SIZES, taken, places, strict=True):
        drawn.append(f'<text x="{across:.1f}" y="{HEIGHT - 28}" text-anchor="middle">{size / 1e6:g}M</text>')
        drawn.append(f'<circle cx="{across:.1f}" cy="{up:.1f}" r="4" fill="#1f5fa8"/>')
        drawn.append(f'<text x="{across:.1f}" y="{up - 10:.1f}" text-anchor="middle">{spent:.2f}</text>')
    line = " ".join(f"{across:.1f},{up:.1f}" for across, up in places)
    drawn.append(f'<polyline points="{line}" fill="none" stroke="#1f5fa8"/>')
    drawn.append(f'<text x="{(WIDTH + LEFT) / 2}" y="{HEIGHT - 8}" text-anchor="middle">incidents</text>')
    return "\n".join([*drawn, "</svg>", ""])
