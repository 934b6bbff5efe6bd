"""The canonical form of a layer's table: columns, types, order.

Canonical columns come first, in the kind's order; everything else that the sender
gave follows as text in columns that start with `src_`; `row` holds the sender's row
number; `geometry` is EPSG:4326 and may be null.

| field type     | column type                    |
|----------------|--------------------------------|
| text, code, picture | str (missing is null)     |
| integer        | Int64 (missing is null)        |
| number         | Float64 (missing is null)      |
| flag           | boolean (missing is null)      |
| date           | datetime64[us], midnight, no zone: a calendar day |
| moment         | datetime64[us, UTC]            |
"""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from layers.kind import FieldType, Kind

CRS = "EPSG:4326"
ATTRIBUTE_PREFIX = "src_"
ROW = "row"

DTYPES: dict[FieldType, str] = {
    "text": "str",
    "code": "str",
    "integer": "Int64",
    "number": "Float64",
    "flag": "boolean",
    "date": "datetime64[us]",
    "moment": "datetime64[us, UTC]",
    "picture": "str",
}


def attribute_columns(frame: pd.DataFrame) -> list[str]:
    """The sender's own columns that no canonical field took."""
    return [c for c in frame.columns if str(c).startswith(ATTRIBUTE_PREFIX)]


def conform(frame: pd.DataFrame, kind: Kind) -> gpd.GeoDataFrame:
    """Give a clean frame the canonical columns, types and order.

    Missing canonical columns are added as null; values must already be valid
    (`loaders.validate` sees to that). Rows and their order are kept.
    """
    columns: dict[str, pd.Series] = {}
    for field in kind.fields:
        dtype = DTYPES[field.type]
        if field.name in frame:
            columns[field.name] = frame[field.name].astype(dtype)
        else:
            columns[field.name] = pd.Series(
                pd.NA if dtype[0].isupper() or dtype == "boolean" else None, index=frame.index, dtype=dtype
            )
    for name in attribute_columns(frame):
        columns[name] = frame[name].astype("str")
    if ROW in frame:
        columns[ROW] = frame[ROW].astype("Int64")
    else:
        columns[ROW] = pd.Series(range(1, len(frame) + 1), index=frame.index, dtype="Int64")
    geometry = frame["geometry"] if "geometry" in frame else [None] * len(frame)
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(geometry, index=frame.index, crs=CRS))


def empty(kind: Kind) -> gpd.GeoDataFrame:
    """A canonical frame with no rows."""
    return conform(pd.DataFrame(index=pd.RangeIndex(0)), kind)
