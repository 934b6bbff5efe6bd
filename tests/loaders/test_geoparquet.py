from __future__ import annotations

import json

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from layers.errors import NoCrs, TooLarge, UnreadableFile
from loaders.formats import format_of
from loaders.formats.format import Opened
from loaders.formats.geoparquet import read

SHAPES = {
    "point": shapely.Point(20, 5),
    "line": shapely.LineString([(1, 2), (3, 4)]),
    "polygon": shapely.Polygon([(0, 0), (4, 0), (4, 4)], [[(2, 1), (3, 1), (3, 2)]]),
    "points": shapely.MultiPoint([(1, 1), (2, 2)]),
    "lines": shapely.MultiLineString([[(1, 2), (3, 4)], [(5, 6), (7, 8)]]),
    "polygons": shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(2, 2, 3, 3)]),
}


def table(shape, crs=4326):
    values = {
        "näme": ["Bria", None, "قرية"],
        "people": pd.array([9_007_199_254_740_993, None, 3], dtype="Int64"),
        "share": [1.5, None, 2.0],
        "seen": pd.to_datetime(["2026-01-01", None, "2026-02-01"]),
        "open": [True, None, False],
        "tags": [["a", "b"], None, []],
    }
    return gpd.GeoDataFrame(values, geometry=[shape, None, shape], crs=crs)


@pytest.fixture
def layer(tmp_path):
    """The one layer of a Parquet file, which `write` puts there."""

    def opened(write, columns=500):
        path = tmp_path / "sites.parquet"
        write(path)
        assert format_of(path, path.name)[0].id == "geoparquet"
        (found,) = read(Opened(path, path.name, columns))
        return found

    return opened


def shapes(layer):
    return [None if b is None else shapely.from_wkb(b) for b in layer.geometry.to_pylist()]


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("encoding", ["WKB", "geoarrow"])
def test_each_geometry_in_each_encoding(layer, shape, encoding):
    options = {"geometry_encoding": encoding, "schema_version": "1.1.0", "write_covering_bbox": True}
    found = layer(lambda path: table(shape).to_parquet(path, **options))
    assert shapes(found) == [shape, None, shape]
    assert found.columns == ("näme", "people", "share", "seen", "open", "tags")
    assert found.numeric == ("share",)
    assert [c.to_pylist() for c in found.cells] == [
        ["Bria", None, "قرية"],
        ["9007199254740993", None, "3"],
        ["1.5", None, "2"],
        ["2026-01-01", None, "2026-02-01"],
        ["true", None, "false"],
        ['["a", "b"]', None, "[]"],
    ]
    assert (found.crs, found.findings) == ("", [])


def test_a_projected_layer_comes_to_degrees(layer):
    found = layer(table(SHAPES["point"]).to_crs(32634).to_parquet)
    assert shapely.equals_exact(shapes(found)[0], SHAPES["point"], 1e-8)
    assert [f.code for f in found.findings] == ["reprojected"]


@pytest.mark.parametrize(("shape", "crs"), [(SHAPES["point"], ""), (shapely.Point(500_000, 600_000), "unknown")])
def test_a_system_that_is_stated_as_unknown(layer, shape, crs):
    found = layer(table(shape, crs=None).to_parquet)
    assert found.crs == crs
    assert shapes(found)[0] == shape


def test_a_second_geometry_stays_as_text(layer):
    frame = table(SHAPES["point"]).assign(gate=gpd.GeoSeries([SHAPES["points"]] * 3, crs=4326))
    found = layer(frame.to_parquet)
    assert found.cells[found.columns.index("gate")].to_pylist()[0] == "MULTIPOINT ((1 1), (2 2))"
    assert [f.code for f in found.findings] == ["other_geometry"]


def test_parquet_without_geometry_is_a_table(layer):
    found = layer(pd.DataFrame({"lat": [5.5], "lon": [20.0]}).to_parquet)
    assert found.geometry is None
    assert found.columns == ("lat", "lon")


def test_batches_are_one_layer(layer, monkeypatch):
    monkeypatch.setattr("loaders.formats.geoparquet.BATCH", 2)
    found = layer(table(SHAPES["point"]).to_parquet)
    assert found.rows.tolist() == [1, 2, 3]
    assert shapes(found) == [SHAPES["point"], None, SHAPES["point"]]


def arrow_with(geometry, geo):
    def write(path):
        pq.write_table(
            pa.table({"a": ["x", "y", "z"], "geometry": geometry}).replace_schema_metadata({"geo": geo}), path
        )

    return write


WKB = shapely.to_wkb(SHAPES["point"])
PLAIN = json.dumps({"columns": {"geometry": {"encoding": "WKB"}}, "primary_column": "geometry"})
CURVE = bytes.fromhex("0108000000030000000000000000000000000000000000000000000000000000f03f")


@pytest.mark.parametrize("bad", [b"junk", WKB[:-3], b"", CURVE])
def test_a_bad_geometry_is_named_and_the_others_stay(layer, bad):
    found = layer(arrow_with([WKB, bad, WKB], PLAIN))
    assert [(f.code, f.severity, f.row) for f in found.findings] == [("bad_geometry", "rejected", 2)]
    assert shapes(found) == [SHAPES["point"], None, SHAPES["point"]]


@pytest.mark.parametrize(
    ("geo", "error"),
    [
        ("no JSON", UnreadableFile),
        ("[]", UnreadableFile),
        ('{"columns": {}}', UnreadableFile),
        ('{"columns": {"other": {"encoding": "WKB"}}}', UnreadableFile),
        ('{"columns": {"geometry": {"encoding": "WKB"}}, "primary_column": "a"}', UnreadableFile),
        ('{"columns": {"geometry": {"encoding": "pickle"}}}', UnreadableFile),
        ('{"columns": {"geometry": {"encoding": "polygon"}}}', UnreadableFile),
        ('{"columns": {"geometry": {"encoding": "WKB", "crs": {"type": "nonsense"}}}}', NoCrs),
    ],
)
def test_metadata_that_lie_are_refused(layer, geo, error):
    with pytest.raises(error):
        layer(arrow_with([WKB] * 3, geo))


@pytest.mark.parametrize("keep", [4, 100, 0.5, -1])
def test_a_file_that_was_cut_short_is_refused(layer, tmp_path, keep):
    whole = tmp_path / "whole"
    table(SHAPES["point"]).to_parquet(whole)
    content = whole.read_bytes()
    with pytest.raises(UnreadableFile, match="damaged Parquet"):
        layer(lambda path: path.write_bytes(content[: int(keep * len(content)) if isinstance(keep, float) else keep]))


def test_a_table_without_rows_or_too_wide_is_refused(layer):
    with pytest.raises(UnreadableFile, match="without rows"):
        layer(table(SHAPES["point"]).head(0).to_parquet)
    with pytest.raises(TooLarge):
        layer(table(SHAPES["point"]).to_parquet, columns=3)
