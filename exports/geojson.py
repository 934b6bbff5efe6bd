"""GeoJSON as RFC 7946 has it: longitude and latitude, rings by the right-hand rule, no crs.

The member ``overlay`` stands before the features and says what must be known of them;
Overlay's own loader takes it for its defaults.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import shapely

from exports.content import Content
from exports.export import Export
from exports.values import json_column


def write_geojson(content: Content, path: Path) -> None:
    """Write the rows as a FeatureCollection. A place that is missing or empty is null."""
    with path.open("w", encoding="utf-8") as file:
        file.write('{"type": "FeatureCollection",\n')
        file.write(f'"overlay": {_json(content.statements)},\n"features": [')
        for number, feature in enumerate(_features(content.frame)):
            file.write(("\n" if number == 0 else ",\n") + feature)
        file.write("\n]}\n")


def _features(frame: gpd.GeoDataFrame) -> Iterator[str]:
    names = [name for name in frame.columns if name != frame.geometry.name]
    columns = [json_column(frame[name]) for name in names]
    places = _places(frame)
    ids = json_column(frame["id"]) if "id" in names else [None] * len(frame)
    for number, row_id in enumerate(ids):
        properties = {name: column[number] for name, column in zip(names, columns, strict=True)}
        identity = "" if row_id is None else f'"id": {_json(row_id)}, '
        yield f'{{"type": "Feature", {identity}"properties": {_json(properties)}, "geometry": {places[number]}}}'


def _places(frame: gpd.GeoDataFrame) -> list[str]:
    geometry = shapely.orient_polygons(frame.geometry.to_numpy(), exterior_cw=False)
    absent = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    text = shapely.to_geojson(geometry)
    return ["null" if gone else place for gone, place in zip(absent.tolist(), text.tolist(), strict=True)]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


GEOJSON = Export("geojson", "GeoJSON", ".geojson", "application/geo+json", write_geojson)
