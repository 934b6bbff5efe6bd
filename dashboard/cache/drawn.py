"""Layers as the map draws them: features, tiles, pictures."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dashboard import assets, features
from dashboard.cache.door import check
from dashboard.cache.keeping import kept
from dashboard.cache.layers import count, filtered, filtered_by, kind, rows_kept_by, version
from dashboard.looks import Looks, looks_of
from dashboard.map_tiles import TileSet, index_of, tile_set
from dashboard.pictures import picture_of
from dashboard.view import LayerQuery, from_text, to_text
from layers.errors import UnknownLayer
from layers.filters import Where, with_rows
from layers.road_states import VEHICLES, has_states

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


@kept("drawn", 4)
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


@kept("tiles")
def tile_set_of(query_text: str) -> TileSet:
    """The tiles of the same, made once."""
    asked = from_text(LayerQuery, query_text)
    whole = version(asked.ref, asked.edition)
    index = whole.derived(TILE_INDEX, lambda: index_of(*features.lonlat(whole.frame)))
    keep = np.zeros(len(whole.frame), bool)
    keep[rows_kept_by(query_text)] = True
    return tile_set(index, _looks(_looked_at(asked)).index, keep)


def _looked_at(asked: LayerQuery) -> str:
    """The whole version: what a filter hides does not change how the rest is drawn. Roads have a state for a day."""
    if not has_states(kind(asked)):
        return to_text(LayerQuery(asked.ref, asked.edition))
    vehicles = {VEHICLES: asked.where.fields[VEHICLES]} if VEHICLES in asked.where.fields else {}
    return to_text(LayerQuery(asked.ref, asked.edition, Where(vehicles, round_at=asked.where.round_at)))


@kept("small", 10)
def _looks(query_text: str) -> Looks:
    asked = from_text(LayerQuery, query_text)
    whole = version(asked.ref, asked.edition)
    return looks_of(with_rows(whole, asked.where, np.arange(len(whole.frame), dtype=np.int32)).frame, whole.kind)


def drawn_shapes(query_text: str) -> bytes:
    """What of a filtered layer stands at no single point, as GeoJSON, and the looks that its tiles name."""
    check(from_text(LayerQuery, query_text))
    return _drawn_shapes(query_text)


@kept("drawn", 4)
def _drawn_shapes(query_text: str) -> bytes:
    asked = from_text(LayerQuery, query_text)
    whole, looks = version(asked.ref, asked.edition), _looks(_looked_at(asked))
    rows = rows_kept_by(query_text)
    shapes = rows[~_points(asked.ref, asked.edition)[rows]]
    frame = with_rows(whole, asked.where, shapes).frame
    return features.drawn_rows(frame, whole.kind, whole.layer, Looks(looks.table, looks.index[shapes]))


@kept("small", 10)
def _points(ref: str, edition: str) -> npt.NDArray[np.bool_]:
    return features.is_point(version(ref, edition).frame)


def place_of(asked: LayerQuery, record: str) -> tuple[float, float] | None:
    """Degrees of the record of a filtered layer that stands at one point; else None."""
    check(asked)
    whole = version(asked.ref, asked.edition)
    found = np.flatnonzero((whole.frame["id"] == record).fillna(False).to_numpy(dtype=bool))[:1]
    lon, lat = features.lonlat(whole.frame.iloc[np.intersect1d(found, rows_kept_by(to_text(asked)))])
    return (float(lon[0]), float(lat[0])) if len(lon) and np.isfinite(lon[0]) else None


def record_at(query_text: str, row: int) -> dict[str, str]:
    """Layer, id and tooltip of the record that a tile names by its row.

    Raises
    ------
    UnknownLayer
        When the filtered layer has no such row.
    """
    asked = from_text(LayerQuery, query_text)
    check(asked)
    if row not in rows_kept_by(query_text):
        raise UnknownLayer(asked.ref, f"row {row}", "a row that the filters keep", "Reload the page.")
    whole = version(asked.ref, asked.edition)
    one = with_rows(whole, asked.where, np.array([row], dtype=np.int32))
    return features.told(one.frame, whole.kind, whole.layer)


def land(bounds: tuple[float, float, float, float]) -> bytes:
    """Coastline around what is shown."""
    return assets.coastline(*bounds)
