"""A million points as vector tiles: every zoom from 0 to 14, and PostGIS's own tiles at zoom 4 to 6."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

import numpy as np
import psycopg

from bench import postgis
from bench.timing import Figure, seconds
from bench.worlds import Points, clustered
from dashboard.map_tiles import TileSet, index_of, tile_set

POINTS, ZOOMS, EACH, COMPARED, FEW = 1_000_000, range(15), 60, (4, 5, 6), 4
TILE = """
WITH inside AS (
  SELECT id, ST_AsMVTGeom(m, ST_TileEnvelope(%(z)s, %(x)s, %(y)s)) AS geom
  FROM mercator WHERE m && ST_TileEnvelope(%(z)s, %(x)s, %(y)s))
SELECT ST_AsMVT(inside, 'points', 4096, 'geom', 'id') FROM inside
"""


def run() -> list[Figure]:
    """The 95th percentile of tiles where points are, a warm index, and how long the index takes."""
    points = clustered(POINTS, 1)
    lon, lat = np.asarray(points.lon), np.asarray(points.lat)
    index_of(lon[:10], lat[:10])
    looks = np.zeros(POINTS, np.uint16)
    built, index = seconds(lambda: index_of(lon, lat))
    tiles = tile_set(index, looks)
    grouped, _ = seconds(lambda: tiles.cells(0))
    spent = {zoom: [seconds(lambda a=at: tiles.tile(*a))[0] for at in _tiles(tiles, zoom, EACH)] for zoom in ZOOMS}
    worst = max(ZOOMS, key=lambda zoom: np.percentile(spent[zoom], 95))
    each = ", ".join(f"z{zoom} {1000 * np.percentile(spent[zoom], 95):.1f}" for zoom in ZOOMS)
    compared = [t for zoom in COMPARED for t in spent[zoom]]
    ours = statistics.median(compared)
    return [
        Figure(f"Tile of 1M points, slowest zoom (z{worst}), 95th percentile", float(np.percentile(spent[worst], 95)),
               None, "s", "0.005 s", f"ms at each zoom: {each}; index {built:.2f} s, groups {grouped:.2f} s"),
        Figure("Tile of 1M points, zoom 4 to 6, median", ours, None, "s", "PostGIS 20x",
               "PostGIS: one point a feature, GiST on web Mercator", {"PostGIS ST_AsMVT": _postgis(points, tiles)}),
    ]  # fmt: skip


def _tiles(tiles: TileSet, zoom: int, number: int) -> Iterator[tuple[int, int, int]]:
    """Tiles in which points lie, by the points: crowded ones more often."""
    from dashboard.tile_kernels import gather

    for code in tiles.codes[np.random.default_rng(zoom).integers(0, len(tiles.codes), number)]:
        yield zoom, *(int(gather(code >> np.uint64(axis))) >> (32 - zoom) for axis in (0, 1))


def _postgis(points: Points, tiles: TileSet) -> float | str:
    """The median of some tiles in seconds; in words why PostGIS was not tried."""
    reason = postgis.missing()
    if reason is not None:
        return reason
    with postgis.served() as connection:
        postgis.load(connection, "incidents", points)
        connection.execute(
            "CREATE UNLOGGED TABLE mercator AS SELECT id, ST_Transform(place::geometry, 3857) AS m FROM incidents"
        )
        connection.execute("CREATE INDEX ON mercator USING gist (m)")
        connection.execute("ANALYZE mercator")
        return statistics.median(
            seconds(lambda a=at: _theirs(connection, *a))[0] for zoom in COMPARED for at in _tiles(tiles, zoom, FEW)
        )


def _theirs(connection: psycopg.Connection, zoom: int, x: int, y: int) -> bytes:
    row = connection.execute(TILE, {"z": zoom, "x": x, "y": y}).fetchone()
    return bytes(row[0]) if row else b""
