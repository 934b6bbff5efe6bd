"""What lies around displacement sites: the nearest standing hazard, the nearest service."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd

from analysis.hazards import NOT_LOOKED_AT, stands
from analysis.method import Context
from analysis.places import Places
from analysis.proximity import Floats, Ints
from analysis.services import services_at
from layers.dataset import Dataset
from layers.known_place import known_by_area

COLUMNS = ("hazard_id", "hazard_type", "hazard_m", "service_id", "service_m")
NO_SERVICES = "No layer of services was given: how far the nearest lies was not looked at."
STRAIGHT = "Distances are straight lines; services known by admin area only have none."


def add_surroundings(
    rows: gpd.GeoDataFrame, inputs: Mapping[str, Dataset], sector: str, context: Context
) -> tuple[str, ...]:
    """Add the nearest standing hazard and the nearest active service of the sector; what must be said comes back."""
    measured = rows.geometry.to_numpy().copy()
    measured[known_by_area(rows)] = None
    places = Places(measured)
    for column in COLUMNS:
        rows[column] = pd.Series(pd.NA, index=rows.index, dtype="Float64" if column.endswith("_m") else "str")
    said = []
    if "risks" in inputs:
        frame = inputs["risks"].frame.sort_values("id", kind="stable")
        frame = frame[stands(frame, context.as_of)]
        position, metres = places.nearest(Places(frame.geometry.to_numpy()))
        rows["hazard_id"], rows["hazard_type"] = (_named(frame, c, position) for c in ("id", "hazard_type"))
        rows["hazard_m"] = _metres(position, metres)
    else:
        said.append(NOT_LOOKED_AT)
    if "services" in inputs:
        services = services_at(inputs["services"], sector, "active", context.as_of, context.settings)
        placed = services.frame[services.counted(include_qips=False) & ~services.by_area]
        position, metres = places.nearest(Places(placed.geometry.to_numpy()))
        rows["service_id"], rows["service_m"] = _named(placed, "id", position), _metres(position, metres)
    else:
        said.append(NO_SERVICES)
    if not inputs.keys() & {"risks", "services"}:
        return tuple(said)
    unmeasured = int((~places.known).sum())
    coarse = f"{unmeasured} of {len(rows)} sites are known by admin area only: what lies around them is not measured."
    return (*said, *([coarse] if unmeasured else []), STRAIGHT)


def near(rows: pd.DataFrame, km: float) -> pd.Series:
    """Sites that are not closed, with a standing hazard within so many kilometres."""
    return (rows["hazard_m"] <= 1000 * km).fillna(False).astype(bool) & (rows["state"] != "closed")


def beyond(rows: pd.DataFrame, km: float) -> pd.Series:
    """Sites that are not closed, whose nearest service is known to lie further than so many kilometres."""
    return (rows["service_m"] > 1000 * km).fillna(False).astype(bool) & (rows["state"] != "closed")


def _named(frame: gpd.GeoDataFrame, column: str, position: Ints) -> pd.Series:
    values = frame[column].to_numpy(dtype=object, na_value=None)
    return pd.Series([values[p] if p >= 0 else None for p in position], dtype="str")


def _metres(position: Ints, metres: Floats) -> pd.arrays.FloatingArray:
    return pd.array(np.where(position >= 0, metres.round(1), np.nan), dtype="Float64")
