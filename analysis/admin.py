"""Which admin area a record belongs to: by its own code, else by where it lies."""

from __future__ import annotations

from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from analysis.places import Places

FINEST_FIRST = ("2", "1", "3", "0")
SECTOR = "sector"
"""The level of the mission's own sectors, which are laid over the admin levels."""


class AdminAreas:
    """Admin areas, canonical columns; None where no layer was given."""

    def __init__(self, frame: gpd.GeoDataFrame | None) -> None:
        self._frame = frame

    def _level(self, level: str) -> gpd.GeoDataFrame | None:
        if self._frame is None:
            return None
        frame = self._frame[(self._frame["admin_level"] == level).fillna(False).to_numpy(dtype=bool)]
        return frame[frame.geometry.notna()] if len(frame) else None

    @cached_property
    def level(self) -> str | None:
        """The level by which results are told: admin 2 if there, else admin 1 ..."""
        return next((level for level in FINEST_FIRST if self._level(level) is not None), None)

    @cached_property
    def _shown(self) -> gpd.GeoDataFrame | None:
        if self._frame is None:
            return None
        levelled = None if self.level is None else self._level(self.level)
        frame = self._frame if levelled is None else levelled
        polygon = shapely.get_dimensions(frame.geometry.to_numpy()) == 2
        return frame[polygon].sort_values("id", kind="stable")

    @cached_property
    def polygons(self) -> dict[str, BaseGeometry]:
        """Code -> polygon, of the level shown."""
        if self._shown is None:
            return {}
        return dict(zip(_keys(self._shown), self._shown.geometry, strict=True))

    @cached_property
    def names(self) -> dict[str, str]:
        """Code -> name, of the level shown."""
        if self._shown is None:
            return {}
        keys = _keys(self._shown)
        return dict(zip(keys, self._shown["name"].fillna(keys), strict=True))

    def admin2_of(self, frame: gpd.GeoDataFrame, places: Places) -> np.ndarray:
        """Admin 2 code of each row, or None."""
        return self._filled(frame["admin2_code"], places, self._level("2"))

    def admin1_of(self, frame: gpd.GeoDataFrame, places: Places) -> np.ndarray:
        """Admin 1 code of each row, or None."""
        return self._filled(frame["admin1_code"], places, self._level("1"))

    @cached_property
    def admin1_names(self) -> dict[str, str]:
        """Code -> name of the first level."""
        level = self._level("1")
        if level is None:
            return {}
        keys = _keys(level)
        return dict(zip(keys, level["name"].fillna(keys), strict=True))

    def code_of(self, frame: gpd.GeoDataFrame, places: Places) -> np.ndarray:
        """Code by which each row is told: of the level shown, else the finest it states."""
        if self._frame is None:
            return frame["admin2_code"].fillna(frame["admin1_code"]).to_numpy(dtype=object, na_value=None)
        column = f"admin{self.level}_code"
        stated = frame[column] if column in frame else pd.Series(None, index=frame.index, dtype="str")
        return self._filled(stated, places, self._shown)

    def sector_of(self, places: Places) -> np.ndarray:
        """Code of the mission sector that holds each place, or None."""
        nowhere = pd.Series([None] * len(places), dtype="str")
        return self._filled(nowhere, places, self._level(SECTOR))

    @cached_property
    def sector_names(self) -> dict[str, str]:
        """Code -> name of the mission sectors."""
        level = self._level(SECTOR)
        return {} if level is None else dict(zip(_keys(level), level["name"].fillna(_keys(level)), strict=True))

    def codes_at(self, places: Places) -> dict[str, str | None]:
        """Level -> code of the area that holds the first place; levels that the layer has alone."""
        nowhere = pd.Series([None] * len(places), dtype="str")
        levels = {level: self._level(level) for level in ("1", "2", "3")}
        return {level: self._filled(nowhere, places, areas)[0] for level, areas in levels.items() if areas is not None}

    @staticmethod
    def _filled(stated: pd.Series, places: Places, areas: gpd.GeoDataFrame | None) -> np.ndarray:
        codes = stated.to_numpy(dtype=object, na_value=None).copy()
        blank = np.array([c is None for c in codes], dtype=bool) & places.known
        if areas is None or areas.empty or not blank.any():
            return codes
        at = np.flatnonzero(blank)
        points = shapely.point_on_surface(places.geometries[at])
        row, area = shapely.STRtree(areas.geometry.to_numpy()).query(points, predicate="intersects")
        keys = _keys(areas).to_numpy(dtype=object)
        order = np.lexsort((-area, row))  # of areas that share an edge, the first stays
        codes[at[row[order]]] = keys[area[order]]
        return codes


def _keys(areas: gpd.GeoDataFrame) -> pd.Series:
    return areas["id"].fillna(areas["name"])
