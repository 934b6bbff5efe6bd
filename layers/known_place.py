"""How well the place of a record is known: its own, or only the area that it lies in."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

BY_AREA_PRECISION = ("area", "region")


def known_by_area(frame: gpd.GeoDataFrame) -> npt.NDArray[np.bool_]:
    """Rows whose place is an area: none at all, or a point that only stands for the area.

    The point's distance says nothing, so such a row takes part by its admin area alone.
    """
    geometry = frame.geometry.to_numpy()
    no_place = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    point = shapely.get_type_id(geometry) == 0
    return no_place | (point & frame["place_precision"].isin(BY_AREA_PRECISION).to_numpy(bool))
