"""CSV that a spreadsheet opens safely, with marking and source on every row.

UTF-8 with a byte-order mark; places as ``lon`` and ``lat``, or as ``wkt`` where not all
are points. Text that a spreadsheet would run as a formula gets an apostrophe in front;
numbers stay numbers, also those that came as text.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from exports.content import Content
from exports.export import Export
from exports.values import json_column
from layers.spreadsheet import cell


def write_csv(content: Content, path: Path) -> None:
    """Write the rows, each carrying the statements that must survive a cut."""
    columns = {name: json_column(content.frame[name]) for name in _names(content.frame)} | _places(content.frame)
    said = content.statements
    constant = {
        "overlay_source": said["source"],
        "overlay_as_of": said["as_of"],
        "overlay_marking": said["marking"],
        "overlay_exercise": said["exercise"],
        "overlay_boundary_note": said["boundary_note"],
    }
    constant |= {f"overlay_{name}": said[name] for name in ("where", "parameters") if name in said}
    tail = [cell(value) for value in constant.values()]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([cell(name) for name in (*columns, *constant)])
        for row in zip(*columns.values(), strict=True):
            writer.writerow([*map(cell, row), *tail])
        if content.frame.empty:  # no row to carry them: a line of statements alone, which our reader leaves out
            writer.writerow([*[""] * len(columns), *tail])


def _names(frame: gpd.GeoDataFrame) -> list[str]:
    return [name for name in frame.columns if name != frame.geometry.name]


def _places(frame: gpd.GeoDataFrame) -> dict[str, list[Any]]:
    """Columns for the place, under names that the rows do not use."""
    geometry = frame.geometry.to_numpy()
    absent = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    if bool((absent | (shapely.get_type_id(geometry) == 0)).all()):
        present = np.where(absent, None, geometry)  # GEOS gives no coordinates of an empty point
        named = {"lon": shapely.get_x(present), "lat": shapely.get_y(present)}
        values = {name: [None if np.isnan(v) else v for v in ordinates.tolist()] for name, ordinates in named.items()}
    else:
        text = shapely.to_wkt(geometry, rounding_precision=-1)
        values = {"wkt": [None if gone else wkt for gone, wkt in zip(absent.tolist(), text.tolist(), strict=True)]}
    return {(f"place_{name}" if name in frame else name): column for name, column in values.items()}


CSV = Export("csv", "CSV", ".csv", "text/csv; charset=utf-8", write_csv)
