"""Coverage: 1,000,000 settlements and 10,000 services, people beyond 25 km."""

from __future__ import annotations

import geopandas as gpd

from analysis.proximity import PointIndex
from bench.timing import Figure, in_turn
from bench.worlds import Points, clustered

SETTLEMENTS, SERVICES, RADIUS_M = 1_000_000, 10_000, 25_000.0


def ours(demand: Points, services: Points) -> tuple[int, float]:
    """Nearest service of every settlement, then places and people beyond the radius."""
    _, metres = PointIndex(services.lon, services.lat).nearest(demand.lon, demand.lat, decisive_m=RADIUS_M)
    beyond = metres > RADIUS_M
    return int(beyond.sum()), float(demand.weight[beyond].sum())


def naive(demand: gpd.GeoDataFrame, services: gpd.GeoDataFrame) -> tuple[int, float]:
    """Buffer in EPSG:3857, sjoin, and what was not joined."""
    rings = services.to_crs(3857)
    rings["geometry"] = rings.buffer(RADIUS_M)
    reached = gpd.sjoin(demand.to_crs(3857), rings[["geometry"]], predicate="within").index.unique()
    beyond = demand.drop(index=reached)
    return len(beyond), float(beyond["weight"].sum())


def run() -> list[Figure]:
    """The figure, with how far the naive answer is off."""
    demand, services = clustered(SETTLEMENTS, 3), clustered(SERVICES, 4)
    frames = demand.frame(), services.frame()
    taken = in_turn({"ours": (lambda: ours(demand, services), 5), "geopandas": (lambda: naive(*frames), 2)})
    mine, theirs = taken["ours"], taken["geopandas"]
    off = (theirs.answer[0] - mine.answer[0]) / max(mine.answer[0], 1)
    note = f"{mine.answer[0]:,} places beyond reach; naive {off:+.0%}"
    name = "Coverage, 1M settlements x 10k services, 25 km"
    return [Figure(name, mine.seconds, theirs.seconds, "s", "at least 28x", note)]
