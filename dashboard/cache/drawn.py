"""Layers as the map draws them: features, tiles, pictures."""

from __future__ import annotations

import numpy as np

from dashboard import assets, features
from dashboard.cache.door import check
from dashboard.cache.keeping import kept
from dashboard.cache.layers import count, filtered, filtered_by, version
from dashboard.looks import Looks, looks_of
from dashboard.map_tiles import TileSet, index_of, tile_set
from dashboard.pictures import picture_of
from dashboard.view import LayerQuery, from_text
from layers.errors import UnknownLayer

MOST_FEATURES = 5_000
"""Features that a browser is handed in one file; beyond it points come as tiles."""
TILE_INDEX = "morton-1"


def picture(query_text: str, record: str) -> bytes:
    """The picture of one image of a filtered layer: PNG or WebP."""
    data = filtered(from_text(LayerQuery, query_text))
    return picture_of(data.frame, data.kind, record)


def drawn_layer(query_text: str) -> bytes:
    """A filtered layer as the browser draws it: GeoJSON bytes."""
    check(from_text(LayerQuery, query_text))
    return _drawn_layer(query_text)


@kept(100)
def _drawn_layer(query_text: str) -> bytes:
    data = filtered_by(query_text)
    return features.drawn_rows(data.frame, data.kind, data.layer)


def tiled(asked: LayerQuery) -> bool:
    """Whether the points of a filtered layer are too many to be drawn one by one from one file."""
    return count(asked) > MOST_FEATURES


def tile(query_text: str, zoom: int, x: int, y: int) -> bytes:
    """A vector tile of the points of a filtered layer."""
    check(from_text(LayerQuery, query_text))
    return tile_set_of(query_text).tile(zoom, x, y)


@kept(600)
def tile_set_of(query_text: str) -> TileSet:
    asked = from_text(LayerQuery, query_text)
    whole, data = version(asked.ref, asked.edition), filtered_by(query_text)
    index = whole.derived(TILE_INDEX, lambda: index_of(*features.lonlat(whole.frame)))
    keep = np.zeros(len(whole.frame), bool)
    keep[data.frame.index] = True
    looks = np.zeros(len(whole.frame), np.uint16)
    looks[data.frame.index] = looks_of(data.frame, data.kind).index
    return tile_set(index, looks, keep)


def drawn_shapes(query_text: str) -> bytes:
    """What of a filtered layer stands at no single point, as GeoJSON, and the looks that its tiles name."""
    check(from_text(LayerQuery, query_text))
    return _drawn_shapes(query_text)


@kept(50)
def _drawn_shapes(query_text: str) -> bytes:
    data = filtered_by(query_text)
    looks = looks_of(data.frame, data.kind)
    shapes = ~features.is_point(data.frame)
    return features.drawn_rows(data.frame[shapes], data.kind, data.layer, Looks(looks.table, looks.index[shapes]))


def place_of(asked: LayerQuery, record: str) -> tuple[float, float] | None:
    """Degrees of the record of a filtered layer that stands at one point; else None."""
    frame = filtered(asked).frame
    one = frame[(frame["id"] == record).fillna(False).to_numpy(dtype=bool)].head(1)
    lon, lat = features.lonlat(one)
    return (float(lon[0]), float(lat[0])) if len(one) and np.isfinite(lon[0]) else None


def record_at(query_text: str, row: int) -> dict[str, str]:
    """Layer, id and tooltip of the record that a tile names by its row.

    Raises
    ------
    UnknownLayer
        When the filtered layer has no such row.
    """
    data = filtered(from_text(LayerQuery, query_text))
    if row not in data.frame.index:
        raise UnknownLayer(data.ref, f"row {row}", "a row that the filters keep", "Reload the page.")
    return features.told(data.frame.loc[[row]], data.kind, data.layer)


def land(bounds: tuple[float, float, float, float]) -> bytes:
    """Coastline around what is shown."""
    return assets.coastline(*bounds)
