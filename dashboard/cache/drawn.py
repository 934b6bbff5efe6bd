"""Layers as the map draws them: features, tiles, pictures."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dashboard import assets, features, result_features
from dashboard.cache.door import check, today
from dashboard.cache.keeping import kept
from dashboard.cache.layers import count, filtered, kind, rows_kept_by, version
from dashboard.classes import NOT_STATED, Classes, classes_of, figures
from dashboard.hexagons import Grid, Hexagons, grid_of, hexagons_of
from dashboard.looks import Looks, looks_of, symbol_numbers
from dashboard.map_tiles import TileSet, index_of, tile_set
from dashboard.pictures import picture_of
from dashboard.view import LayerQuery, from_text, to_text
from layers.dataset import Dataset
from layers.errors import UnknownLayer
from layers.filters import Where, with_rows
from layers.layer_style import parse_style
from layers.road_states import VEHICLES, has_states, states_by_road

MOST_FEATURES = 5_000
"""Features that a browser is handed in one file; beyond it points come as tiles."""
TILE_INDEX = "morton-1"


def picture(query_text: str, record: str) -> bytes:
    """The picture of one image of a filtered layer: PNG or WebP."""
    data = filtered(from_text(LayerQuery, query_text))
    return picture_of(data.frame, data.kind, record)


def drawn_layer(query_text: str, style_text: str = "") -> bytes:
    """A filtered layer as the browser draws it: GeoJSON bytes."""
    check(from_text(LayerQuery, query_text))
    return _drawn_layer(query_text, style_text)


@kept("drawn")
def _drawn_layer(query_text: str, style_text: str) -> bytes:
    return _drawn_rows(query_text, style_text, rows_kept_by(query_text))


def _drawn_rows(query_text: str, style_text: str, rows: npt.NDArray[np.int32]) -> bytes:
    asked = from_text(LayerQuery, query_text)
    looks = _looks(_looked_at(asked), style_text)
    data = with_rows(version(asked.ref, asked.edition), asked.where, rows)
    return features.drawn_rows(data.frame, data.kind, data.layer, Looks(looks.table, looks.index[rows]))


def tiled(asked: LayerQuery) -> bool:
    """Whether the points of a filtered layer are too many to be drawn one by one from one file."""
    return count(asked) > MOST_FEATURES


def tile(query_text: str, zoom: int, x: int, y: int, style_text: str = "") -> bytes:
    """A vector tile of the points of a filtered layer."""
    check(from_text(LayerQuery, query_text))
    return tile_set_of(query_text, style_text).tile(zoom, x, y)


@kept("tiles")
def tile_set_of(query_text: str, style_text: str = "") -> TileSet:
    """The tiles of the same, made once."""
    asked = from_text(LayerQuery, query_text)
    whole = version(asked.ref, asked.edition)
    index = whole.derived(TILE_INDEX, lambda: index_of(*features.lonlat(whole.frame)))
    keep = np.zeros(len(whole.frame), bool)
    keep[rows_kept_by(query_text)] = True
    return tile_set(index, _looks(_looked_at(asked), style_text).index, keep)


def _looked_at(asked: LayerQuery) -> str:
    """The whole version: what a filter hides does not change how the rest is drawn. Roads have a state for a day."""
    if not has_states(kind(asked)):
        return to_text(LayerQuery(asked.ref, asked.edition))
    vehicles = {VEHICLES: asked.where.fields[VEHICLES]} if VEHICLES in asked.where.fields else {}
    return to_text(LayerQuery(asked.ref, asked.edition, Where(vehicles, round_at=asked.where.round_at)))


def _whole(looked_at: str) -> Dataset:
    asked = from_text(LayerQuery, looked_at)
    whole = version(asked.ref, asked.edition)
    if not has_states(whole.kind):
        return whole
    return with_rows(whole, asked.where, np.arange(len(whole.frame), dtype=np.int32))


@kept("columns")
def _looks(looked_at: str, style_text: str) -> Looks:
    whole = _whole(looked_at)
    return looks_of(whole.frame, whole.kind, parse_style(style_text, whole.kind))


def road_state(asked: LayerQuery, road: str) -> str | None:
    """The state of a road of a filtered layer as the map draws it, whatever else the filters hide; None: not known."""
    check(asked)
    return _road_states(_looked_at(asked))[road]


@kept("small")
def _road_states(looked_at: str) -> dict[str, str | None]:
    asked = from_text(LayerQuery, looked_at)
    vehicles = asked.where.fields.get(VEHICLES, ())
    return states_by_road(version(asked.ref, asked.edition).frame, asked.where.round_at or today(), vehicles)


def class_counts(asked: LayerQuery, style_text: str) -> tuple[tuple[str, str, int], ...]:
    """Label, colour and number of records of each class of a filtered layer's style; its last: not stated."""
    check(asked)
    return _class_counts(to_text(asked), style_text)


@kept("small")
def _class_counts(query_text: str, style_text: str) -> tuple[tuple[str, str, int], ...]:
    asked = from_text(LayerQuery, query_text)
    whole = version(asked.ref, asked.edition)
    style = parse_style(style_text, whole.kind)
    values = figures(whole.frame, style.field)
    classes = classes_of(values, style)
    shown = values[rows_kept_by(query_text)]
    if classes is None:
        return (("not stated", NOT_STATED, len(shown)),)
    numbers = classes.of(shown)
    counts = [int((numbers == n).sum()) for n in range(len(classes.ends))]
    said = list(zip(classes.labels(), classes.colours, counts, strict=True))
    missing = int((numbers < 0).sum())
    return (*said, ("not stated", NOT_STATED, missing)) if missing else tuple(said)


def parts(query_text: str, style_text: str) -> npt.NDArray[np.int16]:
    """Which class of its style each record of a filtered layer is in, else which symbol it has; -1 for none."""
    asked = from_text(LayerQuery, query_text)
    whole = version(asked.ref, asked.edition)
    style = parse_style(style_text, whole.kind)
    rows = rows_kept_by(query_text)
    if not style.field:
        return _symbols(_looked_at(asked))[rows]
    values = figures(whole.frame, style.field)
    classes = classes_of(values, style)
    return classes.of(values[rows]) if classes else np.full(len(rows), -1, np.int16)


def drawn_hexagons(query_text: str, style_text: str) -> bytes:
    """How many of a filtered layer's points stand in each hexagon, as the browser draws it."""
    check(from_text(LayerQuery, query_text))
    return _drawn_hexagons(query_text, style_text)


@kept("drawn")
def _drawn_hexagons(query_text: str, style_text: str) -> bytes:
    asked = from_text(LayerQuery, query_text)
    found, classes = _hexagons(query_text), _hexagon_classes(query_text, style_text)
    return result_features.hexagon_rows(found, classes, kind(asked).label.lower())


def hexagons(asked: LayerQuery, style_text: str) -> tuple[float, tuple[tuple[str, str, int], ...]]:
    """Width of the hexagons of a filtered layer, km; label, colour and number of each class of them."""
    check(asked)
    text = to_text(asked)
    found, classes = _hexagons(text), _hexagon_classes(text, style_text)
    if classes is None:
        return found.width_km, ()
    numbers = np.bincount(classes.of(found.counts.astype(float)), minlength=len(classes.ends)).tolist()
    return found.width_km, tuple(zip(classes.labels(), classes.colours, numbers, strict=True))


@kept("small")
def _hexagons(query_text: str) -> Hexagons:
    asked = from_text(LayerQuery, query_text)
    frame = version(asked.ref, asked.edition).frame
    places = features.lonlat(frame.iloc[rows_kept_by(query_text)])
    return hexagons_of(*places, _grid(asked.ref, asked.edition))


@kept("small")
def _grid(ref: str, edition: str) -> Grid:
    return grid_of(*features.lonlat(version(ref, edition).frame))


@kept("small")
def _hexagon_classes(query_text: str, style_text: str) -> Classes | None:
    asked = from_text(LayerQuery, query_text)
    style = parse_style(style_text, kind(asked))
    return classes_of(_hexagons(query_text).counts.astype(float), style)


def symbol_counts(asked: LayerQuery) -> dict[int, int]:
    """How many records of a filtered layer have each symbol of its kind; -1 stands for none."""
    check(asked)
    numbers, counts = np.unique(_symbols(_looked_at(asked))[rows_kept_by(to_text(asked))], return_counts=True)
    return dict(zip(numbers.tolist(), counts.tolist(), strict=True))


@kept("columns")
def _symbols(looked_at: str) -> npt.NDArray[np.int16]:
    whole = _whole(looked_at)
    return symbol_numbers(whole.frame, whole.kind)


def drawn_shapes(query_text: str, style_text: str = "") -> bytes:
    """What of a filtered layer stands at no single point, as GeoJSON, and the looks that its tiles name."""
    check(from_text(LayerQuery, query_text))
    return _drawn_shapes(query_text, style_text)


@kept("drawn")
def _drawn_shapes(query_text: str, style_text: str) -> bytes:
    asked = from_text(LayerQuery, query_text)
    rows = rows_kept_by(query_text)
    return _drawn_rows(query_text, style_text, rows[~point_rows(asked.ref, asked.edition)[rows]])


@kept("columns")
def point_rows(ref: str, edition: str) -> npt.NDArray[np.bool_]:
    """Which rows of a version stand at a single point."""
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
