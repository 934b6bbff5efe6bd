"""Peak memory of a whole process that runs risk on 1,000,000 incidents, and import time."""

from __future__ import annotations

import statistics

from bench.timing import Figure, in_child

RISK = """
from datetime import UTC, date, datetime
from pathlib import Path
import geopandas as gpd, numpy as np, pandas as pd
from analysis import RISK
from analysis.method import run_method
from bench.worlds import clustered
from layers.dataset import Dataset
from layers.kinds import kind_of
from layers.schema import conform
from layers.settings import Settings

def peak():
    # MB; VmHWM, as ru_maxrss takes over the peak of the process that started this one.
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024

def layer(kind_id, points, columns):
    kind = kind_of(kind_id)
    n = len(points.lon)
    table = gpd.GeoDataFrame(
        {"id": np.arange(n).astype("U7"), **columns}, geometry=gpd.points_from_xy(points.lon, points.lat)
    )
    day = date(2026, 11, 12)
    return Dataset(kind, conform(table, kind), kind_id, 1, "", "bench", day, datetime(2026, 11, 12, tzinfo=UTC))

def inputs():
    incidents, activities = clustered(1_000_000, 1), clustered(10_000, 2)
    days = pd.Timestamp("2026-11-12", tz="UTC") - pd.to_timedelta(np.arange(1_000_000) % 90, unit="D")
    return {
        "incidents": layer("incidents", incidents, {
            "occurred_at": days, "incident_type": "clash", "violent": True, "place_precision": "point",
            "place_radius_m": np.where(np.arange(1_000_000) % 4 == 0, 25000.0, 0.0),
        }),
        "activities": layer("projects", activities, {
            "status": "planned", "start_date": pd.Timestamp("2026-11-20"),
        }),
    }

import time
made = inputs()
layers = peak()
start = time.perf_counter()
result = run_method(
    RISK, made, {"radius_km": 25}, as_of=date(2026, 11, 12), settings=Settings(), today=date(2026, 11, 12)
)
spent = time.perf_counter() - start
print(peak(), layers, spent, len(result.rows))
"""

IMPORT = "import time; s = time.perf_counter(); import {}; print(time.perf_counter() - s)"


def memory() -> list[Figure]:
    """The whole method: counts certain and possible, rings, nearest, tables."""
    megabytes, layers, spent, rows = in_child(RISK).split()
    made = f"{float(layers):,.0f} MB to make the layers"
    note = f"of which {made}; risk whole in {float(spent):.1f} s for {int(rows):,} rows"
    return [
        Figure("Peak memory, risk whole, 1M incidents x 10k activities", float(megabytes), None, "MB", "1,500 MB", note)
    ]


def imports() -> list[Figure]:
    """A fresh interpreter each, warm files."""
    figures = []
    for module, bar in (("app", "at most 2 s"), ("analysis", "")):
        in_child(IMPORT.format(module))
        taken = statistics.median(float(in_child(IMPORT.format(module))) for _ in range(5))
        figures.append(Figure(f"Import of {module}", taken, None, "s", bar))
    return figures
