"""GeoJSON: the packed way and the careful way give the same layer; sequences; bad features."""

from __future__ import annotations

import json

import pytest
import shapely

from layers.errors import UnreadableFile
from loaders.formats import format_of, geojson
from loaders.formats.format import Opened


def read(path, **options):
    chosen, _ = format_of(path, path.name)
    assert chosen.id == "geojson"
    (layer,) = chosen.read(Opened(path, path.name, **options))
    return layer


def content(layer):
    cells = {name: column.to_pylist() for name, column in zip(layer.columns, layer.cells, strict=True)}
    ids = layer.feature_ids.to_pylist() if layer.feature_ids is not None else None
    findings = [f.as_dict() for f in layer.findings]
    return cells, layer.geometry.to_pylist(), ids, layer.numeric, layer.rows.tolist(), findings


def points(layer):
    return [None if g is None else shapely.from_wkb(g) for g in layer.geometry.to_pylist()]


@pytest.fixture
def features(feature):
    """Features of many sorts: good, odd and bad ones."""
    line = {"type": "LineString", "coordinates": [[0, 0], [1, 1]]}
    ring = [[[20.0, 5.0], [21.0, 5.0], [21.0, 6.0]]]
    made = [
        feature("Point", [20, 5], name="é", n=1, f=1.5, b=True, o={"x": [1]}, none=None),
        feature("Point", [20.5, 5.5, 100], name="b", late="x"),
        feature(None, None, name="no place"),
        feature("Polygon", ring, name="open ring"),
        feature("Point", ["a", "b"], name="words"),
        feature("Curve", [1, 2], name="no such type"),
        {"type": "Feature", "id": 7, "properties": None, "geometry": line},
        "no feature",
    ]
    return made * 3


def test_both_ways_agree(write, features, monkeypatch):
    path = write("a.geojson", features)
    monkeypatch.setattr(geojson, "BATCH", 5)
    packed = content(read(path))
    monkeypatch.setattr(geojson, "_opened", lambda *_: ({}, json.loads(path.read_text())["features"]))
    assert content(read(path)) == packed
    monkeypatch.setattr(geojson, "_points", lambda _: None)
    assert content(read(path)) == packed


def test_rows_of_later_batches_keep_their_number(write, features, monkeypatch):
    monkeypatch.setattr(geojson, "BATCH", 5)
    layer = read(write("a.geojson", features))
    rejected = [f.row for f in layer.findings if f.code == "bad_geometry"]
    assert rejected == [5, 6, 8, 13, 14, 16, 21, 22, 24]
    assert [f.row for f in layer.findings if f.code == "ring_closed"] == [4, 12, 20]
    assert points(layer)[8].coords[0] == (20, 5)


@pytest.mark.parametrize("odd", ['"\\ud800 half"', "1e999", "NaN", "9" * 5000])
def test_an_odd_value_takes_no_other_feature_with_it(write, odd):
    good = '{"type":"Feature","properties":{"n":"x"},"geometry":{"type":"Point","coordinates":[20,5]}}'
    bad = f'{{"type":"Feature","properties":{{"n":{odd}}},"geometry":{{"type":"Point","coordinates":[21,6]}}}}'
    layer = read(write("a.geojson", f'{{"type":"FeatureCollection","features":[{good},{bad},{good}]}}'))
    assert [p.x for p in points(layer)] == [20, 21, 20]
    assert layer.cells[0].to_pylist()[::2] == ["x", "x"]


def test_members_after_the_features(write, feature):
    text = json.dumps({"features": [feature("Point", [20, 5], name="a")], "overlay": {"kind": "other"}})
    layer = read(write("a.geojson", text[:-1] + ', "type": "FeatureCollection"}'))
    assert (len(layer), layer.overlay) == (1, {"kind": "other"})


@pytest.mark.parametrize("mark", ["", "\x1e"])
def test_sequences(write, feature, mark):
    texts = [json.dumps(feature("Point", [20 + i, 5], name=f"p{i}")) for i in range(3)]
    layer = read(write("a.geojsonl", "".join(f"{mark}{text}\n" for text in texts)))
    assert layer.cells[0].to_pylist() == ["p0", "p1", "p2"]
    assert [p.x for p in points(layer)] == [20, 21, 22]


def test_a_sequence_of_indented_features(write, feature):
    texts = [json.dumps(feature("Point", [20 + i, 5], name=f"p{i}"), indent=1) for i in range(2)]
    assert len(read(write("a.geojsons", "".join(f"\x1e{text}\n" for text in texts)))) == 2


def test_a_bad_line_takes_no_other_with_it(write, feature):
    good = json.dumps(feature("Point", [20, 5], name="a"))
    layer = read(write("a.geojsonl", f"{good}\n{good[:-9]}\n{good}\n"))
    assert len(layer) == 3
    assert [f.row for f in layer.findings if f.severity == "rejected"] == [2]


def test_cut_short(write, feature):
    whole = write("a.geojson", [feature("Point", [20, 5], name="x")] * 3).read_bytes()
    with pytest.raises(UnreadableFile, match="cut short"):
        read(write("cut.geojson", whole[:-30]))


def test_projected_numbers_are_kept_and_said(write, feature):
    layer = read(write("a.geojson", [feature("Point", [612345, 487654], name="x")]))
    assert layer.crs == "unknown"
    assert points(layer)[0].x == 612345


def test_progress_is_told(write, feature, monkeypatch):
    monkeypatch.setattr(geojson, "BATCH", 2)
    told = []
    read(write("a.geojson", [feature("Point", [20, 5], name="x")] * 5), progress=told.append)
    assert told == [2, 4, 5]
