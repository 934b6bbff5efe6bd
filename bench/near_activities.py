"""Risk: 1,000,000 incidents near 10,000 and 1,000 activities, 25 km, count and weighted sum."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import Any

import geopandas as gpd
import numpy as np

from analysis.proximity import PointIndex
from bench import postgis
from bench.duck import Duck
from bench.timing import Figure, Taken, in_turn
from bench.worlds import Points, clustered
from layers.geodesy import GEOD

INCIDENTS, ACTIVITIES, FEW, RADIUS_M = 1_000_000, 10_000, 1_000, 25_000.0
CHECKED = 100
Answer = tuple[np.ndarray, np.ndarray]


def ours(incidents: Points, activities: Points) -> Answer:
    """Build the index and ask it, from longitude and latitude."""
    index = PointIndex(incidents.lon, incidents.lat)
    counts, sums = index.within(activities.lon, activities.lat, RADIUS_M, incidents.weight)
    return counts[:, 0], sums[:, 0]


def kept(incidents: Points, activities: Points) -> Callable[[], Answer]:
    """The question alone: the index and the running totals of its weights are there."""
    index = PointIndex(incidents.lon, incidents.lat)
    weights = index.weigh(incidents.weight)

    def ask() -> Answer:
        counts, sums = index.within(activities.lon, activities.lat, RADIUS_M, weights)
        return counts[:, 0], sums[:, 0]

    return ask


def naive(incidents: gpd.GeoDataFrame, activities: gpd.GeoDataFrame) -> Answer:
    """What is usually written: buffer in EPSG:3857, sjoin, groupby."""
    rings = activities.to_crs(3857)
    rings["geometry"] = rings.buffer(RADIUS_M)
    joined = gpd.sjoin(incidents.to_crs(3857), rings[["geometry"]], predicate="within")
    found = joined.groupby("index_right")["weight"].agg(["size", "sum"])
    found = found.reindex(range(len(activities)), fill_value=0)
    return found["size"].to_numpy(), found["sum"].to_numpy()


def mismatches(incidents: Points, activities: Points, counts: np.ndarray) -> int:
    """Activities, of some checked with Geod, whose count differs."""
    wrong = 0
    for i in np.linspace(0, len(counts) - 1, CHECKED).astype(int):
        close = np.abs(incidents.lat - activities.lat[i]) < 0.3
        n = int(close.sum())
        metres = GEOD.inv(
            np.full(n, activities.lon[i]), np.full(n, activities.lat[i]), incidents.lon[close], incidents.lat[close]
        )[2]
        wrong += int((metres <= RADIUS_M).sum() != counts[i])
    return wrong


def run() -> list[Figure]:
    """The figures against geopandas, PostGIS and DuckDB, and how many counts of each differ from ours."""
    reason = postgis.missing()
    with nullcontext() if reason else postgis.served() as database:
        incidents = clustered(INCIDENTS, 1)
        loaded = 0.0 if database is None else postgis.load(database, "incidents", incidents)
        figures = [_figure(incidents, number, database) for number in (ACTIVITIES, FEW)]
    print(f"PostGIS: {reason or f'loaded and indexed in {loaded:.0f} s, not counted'}")
    return figures


def _figure(incidents: Points, number: int, database: Any) -> Figure:
    activities = clustered(number, 2)
    frames = incidents.frame(), activities.frame()
    duck = Duck(incidents, activities, RADIUS_M)
    ready = number == FEW
    if ready:
        duck.place()
    works: dict[str, tuple[Callable[[], Any], int]] = {
        "ours": (kept(incidents, activities), 15) if ready else (lambda: ours(incidents, activities), 5),
        "geopandas": (lambda: naive(*frames), 2),
        "DuckDB": (duck.count if ready else lambda: duck.place().count(), 3),
    }
    if database is not None:
        postgis.load(database, "activities", activities)
        works["PostGIS"] = (lambda: postgis.count(database, RADIUS_M), 1)
    works["ours"][0]()
    taken = in_turn(works)
    counts = taken["ours"].answer[0]
    wrong = mismatches(incidents, activities, counts)
    note = f"{counts.sum():,} pairs; {wrong} of {CHECKED} counts differ from Geod; {_differ(taken, counts)}"
    others: dict[str, float | str] = {n: taken[n].seconds for n in ("PostGIS", "DuckDB") if n in taken}
    if database is None:
        others["PostGIS"] = postgis.missing() or ""
    name = f"Risk, 1M incidents x {number // 1000}k activities, 25 km, " + (
        "index kept" if ready else "build and query"
    )
    bar = "600x geopandas" if ready else "120x geopandas, 300x PostGIS"
    return Figure(name, taken["ours"].seconds, taken["geopandas"].seconds, "s", bar, note, others)


def _differ(taken: Mapping[str, Taken], counts: np.ndarray) -> str:
    """How many of each rival's counts are not ours."""
    rivals = (name for name in taken if name != "ours")
    return ", ".join(f"{name} differs at {(taken[name].answer[0] != counts).sum():,}" for name in rivals)
