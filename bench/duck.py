"""DuckDB in plain SQL: cubes as wide as the radius, the neighbours joined, chords compared.

No extension is needed. The chord stands for the geodesic: what lies within millimetres of
the ring may be told wrongly, as there is no measure on the ellipsoid in it.
"""

from __future__ import annotations

import math

import duckdb
import numpy as np
import pandas as pd

from bench.worlds import Points

A, E2, R = 6378137.0, 0.00669437999014132, 6371000.0
PLACED = """
CREATE OR REPLACE TEMP TABLE {table} AS
WITH normal AS (
    SELECT *, {a} / sqrt(1 - {e2} * sin(radians(lat)) ** 2) AS n FROM {table}_rows
), placed AS (
    SELECT id, weight, n * cos(radians(lat)) * cos(radians(lon)) AS x,
           n * cos(radians(lat)) * sin(radians(lon)) AS y, n * (1 - {e2}) * sin(radians(lat)) AS z
    FROM normal
)
SELECT *, floor(x / {chord})::INT AS cx, floor(y / {chord})::INT AS cy, floor(z / {chord})::INT AS cz FROM placed
"""
COUNTED = """
WITH beside AS (
    SELECT a.*, a.cx + dx.d AS ix, a.cy + dy.d AS iy, a.cz + dz.d AS iz
    FROM activities a, (VALUES (-1), (0), (1)) dx(d), (VALUES (-1), (0), (1)) dy(d), (VALUES (-1), (0), (1)) dz(d)
)
SELECT b.id, count(*) AS number, sum(i.weight) AS weight
FROM beside b JOIN incidents i ON i.cx = b.ix AND i.cy = b.iy AND i.cz = b.iz
WHERE (i.x - b.x) ** 2 + (i.y - b.y) ** 2 + (i.z - b.z) ** 2 <= {chord} ** 2
GROUP BY b.id
"""


class Duck:
    """A database in memory; `place` is the building, `count` the question."""

    def __init__(self, incidents: Points, activities: Points, radius_m: float) -> None:
        self.connection = duckdb.connect()
        self.chord = 2 * R * math.sin(radius_m / 2 / R)
        self.activities = len(activities.lon)
        for table, points in (("incidents", incidents), ("activities", activities)):
            rows = pd.DataFrame({"lon": points.lon, "lat": points.lat, "weight": points.weight})
            self.connection.register(f"{table}_rows", rows.reset_index(names="id"))

    def place(self) -> Duck:
        """Earth-centred coordinates and cubes of both tables."""
        for table in ("incidents", "activities"):
            self.connection.execute(PLACED.format(table=table, a=A, e2=E2, chord=self.chord))
        return self

    def count(self) -> tuple[np.ndarray, np.ndarray]:
        """Counts and weighted sums around each activity."""
        found = self.connection.execute(COUNTED.format(chord=self.chord)).fetchnumpy()
        counts, sums = np.zeros(self.activities, np.int64), np.zeros(self.activities)
        counts[found["id"]], sums[found["id"]] = found["number"], found["weight"]
        return counts, sums
