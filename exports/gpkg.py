"""GeoPackage: typed columns, any mix of geometries, the statements as metadata.

The rows are one layer; what else an analysis draws (rings, gaps) are layers beside it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyogrio
from pandas.api import types

from exports.content import Content
from exports.export import Export
from exports.values import is_calendar, json_column

DAY = pd.ArrowDtype(pa.date32())
RESERVED = frozenset({"fid", "geom"})


def write_gpkg(content: Content, path: Path) -> None:
    """Write the rows and the shapes; a layer without rows is a valid, empty one."""
    metadata = {f"overlay_{name}": _text(value) for name, value in content.statements.items() if value is not None}
    description = "; ".join(
        filter(None, [content.marking.label, content.statements.get("note"), f"source: {content.source}",
                      f"as of {content.as_of.isoformat()}", content.boundary_note])
    )  # fmt: skip
    main = layer_name(content.layer)
    layers = {main: content.frame}
    layers |= {_free(layer_name(f"{main}_{name}"), layers): shape for name, shape in content.shapes.items()}
    for name, frame in layers.items():
        pyogrio.write_dataframe(
            _table(frame),
            path,
            layer=name,
            driver="GPKG",
            use_arrow=True,
            append=name != main,
            geometry_type="Unknown",
            promote_to_multi=False,
            layer_metadata=metadata | {"DESCRIPTION": description},
            dataset_metadata=metadata,
            layer_options={"DESCRIPTION": description, "IDENTIFIER": name, "GEOMETRY_NAME": "geom"},
        )


def layer_name(text: str) -> str:
    """A name that every reader of GeoPackage takes.

    >>> layer_name("IDP sites, round 7")
    'IDP_sites_round_7'
    """
    name = re.sub(r"\W+", "_", text).strip("_")
    return name if name[:1].isalpha() and not name.lower().startswith(("gpkg", "sqlite")) else f"layer_{name}"


def _table(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The frame with column types and names that SQLite keeps apart."""
    columns: dict[str, pd.Series] = {}
    for name in frame.columns:
        if name == frame.geometry.name:
            continue
        columns[_free(str(name), columns)] = _typed(frame[name])
    return gpd.GeoDataFrame(
        columns, geometry=frame.geometry.to_numpy(), index=frame.index, crs=frame.crs or "EPSG:4326"
    )


def _typed(series: pd.Series) -> pd.Series:
    if is_calendar(series):
        days = pa.array(series.to_numpy(dtype="datetime64[D]"), mask=series.isna().to_numpy())
        return pd.Series(pd.array(days, dtype=DAY), index=series.index)
    if types.is_object_dtype(series.dtype) and not series.empty:
        return pd.Series([_text(value) for value in json_column(series)], index=series.index, dtype="str")
    return series


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False, allow_nan=False)


def _free(name: str, taken: dict[str, Any]) -> str:
    """`name`, or with a number behind it where SQLite would take it for another's."""
    used = {other.casefold() for other in taken} | RESERVED
    candidate, number = name, 2
    while candidate.casefold() in used:
        candidate, number = f"{name}_{number}", number + 1
    return candidate


GPKG = Export("gpkg", "GeoPackage", ".gpkg", "application/geopackage+sqlite3", write_gpkg)
