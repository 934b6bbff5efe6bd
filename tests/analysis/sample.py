"""The sample scenario as canonical Datasets, read from its files as they stand in the project."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

import pandas as pd
from shapely.geometry import shape

from layers.dataset import Dataset
from layers.kinds import kind_of
from layers.schema import DTYPES
from tests.analysis.worlds import layer

FOLDER = Path(__file__).resolve().parents[2] / "data" / "sample"
KINDS = {
    "activities": "projects",
    "idp-sites": "idp_sites",
    "idp-flows": "idp_flows",
    "facilities": "facilities",
    "settlements": "settlements",
    "security-risks": "security_risks",
    "roads": "roads",
    "admin2": "admin_areas",
    "admin1": "admin_areas",
    "sectors": "admin_areas",
    "incidents": "incidents",
}


@lru_cache
def sample(name: str) -> Dataset:
    """One layer of the sample by its file name without ``orvane-``."""
    kind = kind_of(KINDS[name])
    document = json.loads((FOLDER / f"orvane-{name}.geojson").read_text("utf-8"))
    types = {f.name: DTYPES[f.type] for f in kind.fields}
    records = []
    for feature in document["features"]:
        values = {k: v for k, v in feature["properties"].items() if k in types and v is not None}
        for field, value in values.items():
            if types[field].startswith("datetime64"):
                values[field] = pd.Timestamp(value)
        records.append(values | {"geometry": shape(feature["geometry"]) if feature["geometry"] else None})
    return layer(kind.id, records, f"orvane-{name}")
