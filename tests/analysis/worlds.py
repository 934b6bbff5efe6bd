"""Small worlds for the tests of analysis: canonical Datasets, made in code."""

from __future__ import annotations

from datetime import UTC, date, datetime

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import Point

from layers.dataset import Dataset
from layers.kinds import kind_of
from layers.schema import conform, empty

AS_OF = date(2026, 11, 12)


def layer(kind_id, records, name=None, *, exercise=True, as_of=AS_OF, source="test", **more):
    """A Dataset of one kind from dicts; `at=(lon, lat)` stands for a point."""
    kind = kind_of(kind_id)
    rows = [{k: v for k, v in r.items() if k != "at"} for r in records]
    geometry = [r["geometry"] if "geometry" in r else Point(r["at"]) if r.get("at") else None for r in records]
    frame = conform(gpd.GeoDataFrame(rows, geometry=geometry), kind) if records else empty(kind)
    received = datetime(2026, 11, 12, 6, tzinfo=UTC)
    return Dataset(kind, frame, name or kind_id, 1, "hash", source, as_of, received, exercise=exercise, **more)


def moment(text):
    return pd.Timestamp(text, tz="UTC")


def day(text):
    return pd.Timestamp(text)


def incident(number, at, **more):
    base = {
        "id": f"I{number:05d}",
        "at": at,
        "occurred_at": moment("2026-11-01"),
        "time_precision": "day",
        "incident_type": "clash",
        "violent": True,
        "fatalities": 0,
        "place_precision": "point",
    }
    return base | more


def activity(number, at, **more):
    return {"id": f"P{number:05d}", "at": at, "status": "planned", "start_date": day("2026-11-13")} | more


def scattered(seed, number, centre=(20.0, 5.0), spread=0.5):
    """Points around a centre; longitudes are turned back into -180..180, latitudes kept in bounds."""
    rng = np.random.default_rng(seed)
    lon = (rng.normal(centre[0], spread, number) + 180) % 360 - 180
    lat = np.clip(rng.normal(centre[1], spread, number), -90, 90)
    return list(zip(lon.tolist(), lat.tolist(), strict=True))
