"""Vector tiles against GDAL's own reader of them: every point once, groups that add up."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pyogrio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard import map_tiles
from dashboard.map_tiles import CELL_BITS, EXTENT_BITS, LARGEST_ZOOM, WIDEST_LATITUDE, index_of, tile_set
from layers.errors import WrongParameter

SPAN = 1 << EXTENT_BITS
QUICK = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


def crowd(number: int, seed: int = 1, towns: int = 12):
    """Places around some towns, degrees."""
    rng = np.random.default_rng(seed)
    town = rng.uniform([-30.0, -40.0], [60.0, 50.0], (towns, 2))
    return (town[rng.integers(0, towns, number)] + rng.normal(0, 0.4, (number, 2))).T


def tiles_of(lon, lat, keep=None):
    return tile_set(index_of(lon, lat), np.arange(len(lon)).astype(np.uint32), keep)


def read(content: bytes, folder: Path, layer: str):
    """The features of a tile, as GDAL reads them; none where it is empty."""
    if not content:
        return None
    file = folder / "tile.mvt"
    file.write_bytes(content)
    assert pyogrio.list_layers(file)[:, 0].tolist() == [layer]
    return pyogrio.read_dataframe(file, layer=layer)


def column_and_row(lon, lat, zoom):
    """Tile coordinates by the textbook formula of web Mercator, with fractions."""
    lat = np.radians(lat)
    y = (1 - np.log(np.tan(lat) + 1 / np.cos(lat)) / math.pi) / 2
    return (np.asarray(lon) + 180) / 360 * 2**zoom, y * 2**zoom


@pytest.mark.parametrize("zoom", [0, 3, 7, 12, 18])
def test_a_point_lies_in_its_tile_where_the_formula_puts_it(zoom, tmp_path):
    lon, lat = crowd(200)
    tiles, (x, y) = tiles_of(lon, lat), column_and_row(lon, lat, zoom)
    for n in (1, 57, 199):
        found = read(tiles.tile(zoom, int(x[n]), int(y[n])), tmp_path, "points").set_index("mvt_id")
        at = found.geometry[n]
        assert at.x == pytest.approx(SPAN * (x[n] % 1), abs=1.01)
        assert SPAN - at.y == pytest.approx(SPAN * (y[n] % 1), abs=1.01)  # GDAL counts rows from below
        assert found["m"][n] == n


@QUICK
@given(number=st.integers(0, 3000), zoom=st.integers(0, 9), seed=st.integers(0, 9), most=st.sampled_from([3, 50, 4000]))
def test_points_summed_over_all_tiles_are_the_points_of_the_layer(number, zoom, seed, most, tmp_path, monkeypatch):
    monkeypatch.setattr(map_tiles, "MOST_POINTS", most)
    lon, lat = crowd(number, seed)
    keep = np.random.default_rng(seed).random(number) < 0.7
    tiles = tiles_of(lon, lat, keep)
    x, y = column_and_row(lon, lat, zoom)
    told = 0
    for column, row in {(int(a), int(b)) for a, b in zip(x, y, strict=True)}:
        grouped = tiles.grouped(zoom)
        found = read(tiles.tile(zoom, column, row), tmp_path, "cells" if grouped else "points")
        inside = int((keep & (x.astype(int) == column) & (y.astype(int) == row)).sum())
        here = 0 if found is None else int(found["n"].sum()) if grouped else len(found)
        assert here == inside
        told += here
    assert told == keep.sum()


def test_a_zoom_shows_groups_just_where_some_tile_holds_too_many():
    lon, lat = crowd(9000)
    tiles = tiles_of(lon, lat)
    for zoom in range(LARGEST_ZOOM + 1):
        x, y = column_and_row(lon, lat, zoom)
        _, counts = np.unique(x.astype(int) * 2**zoom + y.astype(int), return_counts=True)
        assert tiles.grouped(zoom) == (counts.max() > map_tiles.MOST_POINTS), zoom


def test_groups_of_each_zoom_add_up_to_all_points_in_the_cells_of_the_formula():
    lon, lat = crowd(30_000, towns=3)
    tiles = tiles_of(lon, lat)
    for zoom in range(tiles.deepest_grouped + 1):
        x, y = column_and_row(lon, lat, zoom + CELL_BITS)
        _, counts = np.unique(np.column_stack([x, y]).astype(int), axis=0, return_counts=True)
        cells, sums = tiles.cells(zoom)
        assert sums.sum() == len(lon)
        assert sorted(sums) == sorted(counts)
        assert (np.diff(cells.astype(np.int64)) > 0).all()


def test_all_at_one_spot_stay_a_group_to_the_deepest_zoom(tmp_path):
    tiles = tiles_of(np.full(5000, 18.6), np.full(5000, 4.4))
    x, y = column_and_row(18.6, 4.4, LARGEST_ZOOM)
    found = read(tiles.tile(LARGEST_ZOOM, int(x), int(y)), tmp_path, "cells")
    assert found["n"].tolist() == [5000]


def test_what_lies_beyond_the_projection_or_nowhere_is_told_apart(tmp_path):
    lat = [0.0, 85.0, 85.06, -90.0, np.nan, -WIDEST_LATITUDE]
    tiles = tiles_of([180.0, -180.0, 0.0, 0.0, 0.0, 180.0], lat)
    assert (len(tiles.codes), tiles.beyond) == (3, 2)
    assert len(read(tiles.tile(0, 0, 0), tmp_path, "points")) == 3


@pytest.mark.parametrize(("zoom", "x", "y"), [(40, 0, 0), (-1, 0, 0), (2, 4, 0), (2, 0, -1), (0, 0, 1), (19, 0, 0)])
def test_a_tile_that_there_is_not_is_refused_in_words(zoom, x, y):
    with pytest.raises(WrongParameter, match="map tile"):
        tiles_of([0.0], [0.0]).tile(zoom, x, y)


def test_an_empty_layer_has_empty_tiles():
    tiles = tiles_of([], [])
    assert tiles.tile(0, 0, 0) == tiles.tile(5, 3, 3) == b""
