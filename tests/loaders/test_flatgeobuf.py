from __future__ import annotations

import struct
import warnings

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from layers.errors import LoadError, UnreadableFile
from layers.settings import Settings
from loaders.sandbox import read_in_sandbox

COUNT = 500
SHAPES = {
    "points": [shapely.Point(i / 10, 5) for i in range(COUNT)],
    "heights": [shapely.Point(i / 10, 5, 300) for i in range(COUNT)],
    "mixed": [shapely.Point(i, 5) if i % 2 else shapely.LineString([(i, 1), (i, 2)]) for i in range(COUNT)],
}


def frame(shapes, crs=4326):
    people = pd.array([None, *range(2**53 + 1, 2**53 + COUNT)], dtype="Int64")
    return gpd.GeoDataFrame({"näme": ["قرية"] * COUNT, "people": people}, geometry=list(shapes), crs=crs)


@pytest.fixture
def fgb(tmp_path):
    """``fgb(frame, change=None) -> path``, with the bytes changed."""

    def written(layer, change=None, **options):
        path = tmp_path / "sites.fgb"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it has no coordinate system
            layer.to_file(path, driver="FlatGeobuf", **options)
        if change:
            path.write_bytes(change(path.read_bytes()))
        return path

    return written


def read(path):
    (layer,), findings = read_in_sandbox(path, Settings())
    assert findings == []
    return layer


def shapes(layer):
    return [None if b is None else shapely.from_wkb(b) for b in layer.geometry.to_pylist()]


@pytest.mark.parametrize("name", SHAPES)
def test_every_feature_comes_in(fgb, name):
    layer = read(fgb(frame(SHAPES[name]), SPATIAL_INDEX="NO"))
    assert shapes(layer) == SHAPES[name]
    assert layer.cells[0].to_pylist() == ["قرية"] * COUNT
    assert layer.cells[1].to_pylist()[:2] == [None, "9007199254740993"]
    assert (layer.format, layer.crs) == ("flatgeobuf", "")


def test_a_projected_layer_comes_to_degrees(fgb):
    layer = read(fgb(frame(SHAPES["points"]).to_crs(32634), SPATIAL_INDEX="NO"))
    assert shapely.equals_exact(shapes(layer)[200], shapely.Point(20, 5), 1e-7)
    assert [f.code for f in layer.findings] == ["reprojected"]


def test_no_system_and_no_degrees_is_for_the_person_to_say(fgb):
    projected = frame(SHAPES["points"]).to_crs(32634)
    layer = read(fgb(projected.set_crs(None, allow_override=True), SPATIAL_INDEX="NO"))
    assert layer.crs == "unknown"


@pytest.mark.parametrize("index", ["YES", "NO"])
def test_what_was_cut_off_is_counted_row_by_row(fgb, index):
    layer = read(fgb(frame(SHAPES["points"]), lambda content: content[: len(content) * 3 // 4], SPATIAL_INDEX=index))
    there = sum(shape is not None for shape in shapes(layer))
    assert 0 < there < COUNT
    assert len(layer) == COUNT
    rejected = [f.row for f in layer.findings if f.severity == "rejected"]
    assert rejected == list(range(there + 1, COUNT + 1))


def declaring(count):
    def change(content):
        place = content.index(struct.pack("<Q", COUNT))
        return content[:place] + struct.pack("<Q", count) + content[place + 8 :]

    return change


@pytest.mark.parametrize(
    "change",
    [
        declaring(10**12),
        declaring(COUNT * 2),
        lambda content: content[:12],
        lambda content: content[:200],
        lambda content: content[:8] + b"\xff\xff\xff\xff" + content[12:],
        lambda content: content[:12] + b"\xff" * 200 + content[212:],
    ],
    ids=["huge count", "count of another", "magic alone", "half a header", "huge header", "damaged header"],
)
def test_a_header_that_lies_is_refused(fgb, change):
    with pytest.raises(LoadError, match=r"sites\.fgb"):
        read(fgb(frame(SHAPES["points"]), change))


def test_no_features(fgb):
    with pytest.raises(UnreadableFile, match="no features"):
        read(fgb(frame(SHAPES["points"]).head(0), SPATIAL_INDEX="NO"))
