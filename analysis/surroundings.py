"""What lies around displacement sites: the nearest standing hazard, the nearest service."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.hazards import NOT_LOOKED_AT, stands
from analysis.incident_counts import place_radius
from analysis.method import Context
from analysis.places import Places
from analysis.proximity import Floats, Ints
from analysis.services import services_at
from layers.dataset import Dataset
from layers.known_place import known_by_area

COLUMNS = ("hazard_id", "hazard_type", "hazard_m", "near_hazard", "service_id", "service_m", "beyond_service")
CERTAIN, POSSIBLE, NO = "certain", "possible", "no"
NO_SERVICES = "No layer of services was given: how far the nearest lies was not looked at."
NONE_STANDS = "No hazard stands in the layer that was given: no site is near one of them."
NONE_ACTIVE = "No active service of the sector is in the layer that was given: every site is beyond."
STRAIGHT = "Distances are straight lines; services known by admin area only have none."
BY_STATED_PLACE = "Where a site does not say how closely its place is known, near and beyond are only possible."


class Asked(Protocol):
    """Up to which distance a hazard is near, and from which on a service of a sector is beyond reach."""

    @property
    def near_km(self) -> float: ...

    @property
    def beyond_km(self) -> float: ...

    @property
    def sector(self) -> str: ...


def add_surroundings(
    rows: gpd.GeoDataFrame, inputs: Mapping[str, Dataset], asked: Asked, context: Context
) -> tuple[str, ...]:
    """Add the nearest standing hazard and the nearest active service of the sector; what must be said comes back.

    ``near_hazard`` and ``beyond_service`` are `CERTAIN`, `POSSIBLE` or `NO` of each site that
    is not closed, by how closely its place is known; missing where that cannot be judged.
    """
    measured = rows.geometry.to_numpy().copy()
    measured[known_by_area(rows)] = None
    places = Places(measured)
    for column in COLUMNS:
        rows[column] = pd.Series(pd.NA, index=rows.index, dtype="Float64" if column.endswith("_m") else "str")
    said = [
        _add_hazards(rows, places, inputs["risks"], asked, context) if "risks" in inputs else NOT_LOOKED_AT,
        _add_services(rows, places, inputs["services"], asked, context) if "services" in inputs else NO_SERVICES,
    ]
    if inputs.keys() & {"risks", "services"}:
        unmeasured = int((~places.known).sum())
        area = f"{unmeasured} of {len(rows)} sites are known by admin area only: what lies around them is not measured."
        unsure = (np.isnan(place_radius(rows)) & places.known).any()
        said += [area if unmeasured else "", BY_STATED_PLACE if unsure else "", STRAIGHT]
    return tuple(filter(None, said))


def _add_hazards(rows: gpd.GeoDataFrame, places: Places, risks: Dataset, asked: Asked, context: Context) -> str:
    frame = risks.frame.sort_values("id", kind="stable")
    frame = frame[stands(frame, context.as_of)]
    hazards = Places(frame.geometry.to_numpy())
    position, metres = places.nearest(hazards)
    rows["hazard_id"], rows["hazard_type"] = (_named(frame, c, position) for c in ("id", "hazard_type"))
    rows["hazard_m"] = _metres(position, metres)
    if hazards.known.any() or frame.empty:
        limit = 1000 * asked.near_km
        rows["near_hazard"] = _how_sure(rows, places, position, metres, lambda m: m <= limit, further=1)
    return NONE_STANDS if frame.empty else ""


def _add_services(rows: gpd.GeoDataFrame, places: Places, given: Dataset, asked: Asked, context: Context) -> str:
    services = services_at(given, asked.sector, "active", context.as_of, context.settings)
    counted = services.counted(include_qips=False)
    placed = services.frame[counted & ~services.by_area]
    there = Places(placed.geometry.to_numpy())
    position, metres = places.nearest(there)
    rows["service_id"], rows["service_m"] = _named(placed, "id", position), _metres(position, metres)
    if there.known.any() or not counted.any():
        limit = 1000 * asked.beyond_km
        rows["beyond_service"] = _how_sure(rows, places, position, metres, lambda m: m > limit, further=-1)
    return "" if counted.any() else NONE_ACTIVE


def _how_sure(
    rows: gpd.GeoDataFrame,
    places: Places,
    position: Ints,
    metres: Floats,
    holds: Callable[[Floats], npt.NDArray[np.bool_]],
    *,
    further: int,
) -> pd.Series:
    """Certain where it holds wherever the site may lie, possible where it holds at some such place.

    Where its radius is not known, the stated place decides what is possible. With nothing
    there at all, everything is infinitely far.

    Parameters
    ----------
    further : int
        1 where being further away speaks against it, -1 where being nearer does.
    """
    off = place_radius(rows)
    away = np.where(position >= 0, metres, np.inf)
    against, favouring = (np.where(np.isinf(away), away, away + sign * off) for sign in (further, -further))
    words = np.select([holds(against), holds(np.where(np.isnan(favouring), away, favouring))], [CERTAIN, POSSIBLE], NO)
    judged = places.known & (rows["state"] != "closed").to_numpy(dtype=bool)
    return pd.Series(words, index=rows.index, dtype="str").where(judged)


def around(rows: pd.DataFrame, column: str) -> tuple[int, int] | None:
    """How many sites are certainly and how many possibly so; None where that was judged of none."""
    if rows[column].isna().all():
        return None
    return int((rows[column] == CERTAIN).sum()), int((rows[column] == POSSIBLE).sum())


def may_be(rows: pd.DataFrame, column: str) -> pd.Series:
    """Sites of which it is certain or possible."""
    return rows[column].isin([CERTAIN, POSSIBLE])


def _named(frame: gpd.GeoDataFrame, column: str, position: Ints) -> pd.Series:
    values = frame[column].to_numpy(dtype=object, na_value=None)
    return pd.Series([values[p] if p >= 0 else None for p in position], dtype="str")


def _metres(position: Ints, metres: Floats) -> pd.arrays.FloatingArray:
    return pd.array(np.where(position >= 0, metres.round(1), np.nan), dtype="Float64")
