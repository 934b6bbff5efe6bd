"""Places where a new service could stand: of a layer, the places of the demand, a grid, one of one's own."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from analysis.place_text import read_place
from analysis.places import Places
from analysis.proximity import PointIndex
from layers.dataset import Dataset
from layers.errors import WrongParameter
from layers.geodesy import mgrs_of
from layers.schema import CRS

MOST_GRID_POINTS = 20_000
KM_PER_DEGREE = 111.7
"""The longest that a degree is, of latitude or, times its cosine, of longitude: no grid is coarser than asked for."""


def of_frame(frame: gpd.GeoDataFrame, known: np.ndarray, origin: str) -> gpd.GeoDataFrame:
    """The rows with a place, as points: a line or area stands at a point on it."""
    kept = frame[known].sort_values("id", kind="stable")
    points = shapely.point_on_surface(kept.geometry.to_numpy())
    return _table(kept["id"].astype(str), kept["name"], origin, kept["place_precision"], points)


def one_of_own(text: str) -> gpd.GeoDataFrame:
    """The place written as ``lon,lat`` or MGRS, as a table of one row; of none where the text is empty."""
    points = [shapely.Point(read_place("siting, try_at", text))] if text else []
    name = pd.Series([text] * len(points), dtype="str")
    return _table(pd.Series(["try_at"] * len(points), dtype="str"), name, "own", "point", points)


def grid(demand: Places, spacing_km: float, radius_m: float, land: Dataset | None) -> gpd.GeoDataFrame:
    """Points every `spacing_km` that lie within the radius of some demand, inside the areas where they are given.

    Raises
    ------
    WrongParameter
        More than `MOST_GRID_POINTS` points.
    """
    west, south, east, north = shapely.total_bounds(demand.geometries[demand.known])
    margin = 1.02 * radius_m / 1000 / KM_PER_DEGREE
    lat = np.arange(max(south - margin, -90), min(north + margin, 90), spacing_km / KM_PER_DEGREE)
    rows = list(_rows(lat, west, east, margin, spacing_km)) if east - west <= 180 else []
    if not 0 < (number := sum(len(lon) for _, lon in rows)) <= MOST_GRID_POINTS:
        raise WrongParameter(
            "siting, grid_km",
            f'"{spacing_km:g}", a grid of {number:,} points over the demand',
            f"1 to {MOST_GRID_POINTS:,} points",
            "Choose a wider spacing, or fewer places of demand.",
        )
    lonlat = np.concatenate([np.column_stack([lon, np.full(len(lon), y)]) for y, lon in rows])
    points = shapely.points(lonlat)
    near = Places(points).nearest(demand, decisive_m=radius_m)[1] <= radius_m
    if land is not None:
        near = near & shapely.intersects(shapely.union_all(land.frame.geometry.dropna().to_numpy()), points)
    number_of = np.flatnonzero(near)
    ids = pd.Series([f"grid-{i}" for i in number_of], dtype="str")
    return _table(ids, pd.Series(None, index=ids.index, dtype="str"), "grid", "near", points[near])


def _rows(
    latitudes: np.ndarray, west: float, east: float, margin: float, spacing_km: float
) -> Iterator[tuple[float, np.ndarray]]:
    for lat in latitudes:
        narrowed = max(np.cos(np.radians(lat)), 0.01)
        step = spacing_km / KM_PER_DEGREE / narrowed
        yield float(lat), (np.arange(west - margin / narrowed, east + margin / narrowed, step) + 180) % 360 - 180


def _table(
    ids: pd.Series, names: pd.Series, origin: str, precision: pd.Series | str, points: object
) -> gpd.GeoDataFrame:
    table = pd.DataFrame({"id": ids, "name": names.astype("str"), "candidate_from": origin})
    table["place_precision"] = pd.Series(precision, index=table.index, dtype="str")
    return gpd.GeoDataFrame(table, geometry=np.asarray(points, dtype=object), crs=CRS).reset_index(drop=True)


def described(candidates: gpd.GeoDataFrame, demand: gpd.GeoDataFrame, places: Places) -> gpd.GeoDataFrame:
    """With `place` in words (its name, else its way from the nearest named demand) and `mgrs`."""
    known = places.known & (shapely.get_type_id(places.geometries) == 0)
    index = PointIndex(shapely.get_x(places.geometries[known]), shapely.get_y(places.geometries[known]))
    lon, lat = candidates.geometry.x.to_numpy(), candidates.geometry.y.to_numpy()
    at, metres = index.nearest(lon, lat)
    names = demand["name"].fillna(demand["id"]).to_numpy(dtype=object)[known]
    words = [
        name if isinstance(name, str) and origin != "own" else _beside(names, position, away)
        for name, origin, position, away in zip(
            candidates["name"], candidates["candidate_from"], at, metres, strict=True
        )
    ]
    grid_references = [
        mgrs_of(x, y, precision) for x, y, precision in zip(lon, lat, candidates["place_precision"], strict=True)
    ]
    return candidates.assign(
        place=pd.Series(words, index=candidates.index, dtype="str"),
        mgrs=pd.Series(grid_references, index=candidates.index, dtype="str"),
    )


def _beside(names: np.ndarray, position: int, metres: float) -> str | None:
    return f"{metres / 1000:.1f} km from {names[position]}" if position >= 0 else None
