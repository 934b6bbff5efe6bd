"""How far each activity lies from the mission's medical posts."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from analysis.places import Places
from layers.dataset import Dataset

MEDICAL_POST, CLOSED = "medical_post", "closed"
NO_POSTS = "No layer of medical posts was given: the distance to medical help was not looked at."
STRAIGHT = (
    "Medical posts: 10-1-2 (10 minutes, 1 hour, 2 hours) are times. The distance given is a straight line; "
    "travel time is not computed."
)


def add_medical(rows: gpd.GeoDataFrame, places: Places, facilities: Dataset | None) -> tuple[str, ...]:
    """Add the nearest of the mission's medical posts that is not closed; what must be said comes back.

    Columns ``medical_post_id`` and ``medical_post_m``, a straight line in metres.
    """
    rows["medical_post_id"] = pd.Series(pd.NA, index=rows.index, dtype="str")
    rows["medical_post_m"] = pd.Series(pd.NA, index=rows.index, dtype="Float64")
    if facilities is None:
        return (NO_POSTS,)
    frame = facilities.frame.sort_values("id", kind="stable")
    posts = frame[(frame["facility_type"] == MEDICAL_POST).fillna(False) & ~(frame["status"] == CLOSED).fillna(False)]
    there = Places(posts.geometry.to_numpy())
    if not there.known.any():
        return (f"{facilities.layer} holds no medical post of the mission that is open and has a place.",)
    position, metres = places.nearest(there)
    ids = posts["id"].to_numpy(dtype=object)
    rows["medical_post_id"] = pd.Series([ids[p] if p >= 0 else None for p in position], dtype="str")
    rows["medical_post_m"] = pd.array(np.where(position >= 0, metres.round(1), np.nan), dtype="Float64")
    return (STRAIGHT,)
