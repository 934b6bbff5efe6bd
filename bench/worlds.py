"""Synthetic worlds: points clustered around towns over DRC and Sudan, seeded, in memory."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt

SEED = 20261112
TOWNS, SPREAD, SHARE = 60, 0.25, 0.85
WEST, EAST, SOUTH, NORTH = 12.0, 38.0, -13.0, 22.0


@dataclass(frozen=True)
class Points:
    """Longitude, latitude and a weight (severity, or people) for each."""

    lon: npt.NDArray[np.float64]
    lat: npt.NDArray[np.float64]
    weight: npt.NDArray[np.float64]

    def frame(self) -> gpd.GeoDataFrame:
        """The points as geopandas has them."""
        return gpd.GeoDataFrame(
            {"weight": self.weight}, geometry=gpd.points_from_xy(self.lon, self.lat), crs="EPSG:4326"
        )


def clustered(number: int, stream: int) -> Points:
    """Most near one of the towns, the others anywhere.

    Towns, spread and share are set so that 1M incidents and 10k activities have about the
    22.6 million pairs within 25 km of the measurement that the design rests on.
    """
    towns = np.random.default_rng(SEED)
    x, y = towns.uniform(WEST, EAST, TOWNS), towns.uniform(SOUTH, NORTH, TOWNS)
    rng = np.random.default_rng([SEED, stream])
    town = rng.integers(0, TOWNS, number)
    near = rng.random(number) < SHARE
    lon = np.where(near, x[town] + rng.normal(0, SPREAD, number), rng.uniform(WEST, EAST, number))
    lat = np.where(near, y[town] + rng.normal(0, SPREAD, number), rng.uniform(SOUTH, NORTH, number))
    return Points(lon, lat, rng.choice([0.3, 0.4, 0.8, 1.0, 1.8], number))
