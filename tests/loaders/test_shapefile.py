from __future__ import annotations

import struct
import warnings
import zipfile

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from layers.errors import UnreadableFile
from layers.settings import Settings
from loaders.sandbox import read_in_sandbox

COUNT = 40
POINTS = [shapely.Point(20 + i / 10, 5) for i in range(COUNT)]


@pytest.fixture
def shp(tmp_path):
    """``shp(name, frame) -> path`` of the loose .shp."""

    def written(name="sites", shapes=None, crs=4326, **values):
        codes = pd.array([None, *range(2**53 + 1, 2**53 + COUNT)], dtype="Int64")
        frame = gpd.GeoDataFrame({"name": ["Sô"] * COUNT, "code": codes} | values, geometry=shapes or POINTS, crs=crs)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            frame.to_file(tmp_path / f"{name}.shp", encoding="utf-8")
        return tmp_path / f"{name}.shp"

    return written


def read(path):
    return read_in_sandbox(path, Settings())[0]


def zipped(folder, *names):
    path = folder / "all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in folder.iterdir():
            if file.stem in names:
                archive.write(file, f"inside/{file.name}")
    return path


def codes(layer, severity=None):
    return [(f.code, f.row) for f in layer.findings if severity in (None, f.severity)]


def there(layer):
    return [b is not None for b in layer.geometry.to_pylist()]


def test_loose_files_and_long_codes(shp):
    (layer,) = read(shp())
    assert layer.cells[0].to_pylist() == ["Sô"] * COUNT
    assert layer.cells[1].to_pylist()[:3] == [None, "9007199254740993", "9007199254740994"]
    assert all(there(layer))
    assert (codes(layer), layer.crs) == ([], "")


def test_several_in_one_zip_are_several_layers(shp, tmp_path):
    shp("roads")
    shp("wells")
    assert {layer.name for layer in read(zipped(tmp_path, "roads", "wells"))} == {"roads", "wells"}


def test_companions_in_capitals(shp, tmp_path):
    path = shp()
    for suffix in (".dbf", ".shx", ".prj", ".cpg"):
        path.with_suffix(suffix).rename(tmp_path / f"SITES{suffix.upper()}")
    archive = tmp_path / "all.zip"
    with zipfile.ZipFile(archive, "w") as out:
        for file in tmp_path.glob("[sS]*.*"):
            out.write(file, file.name)
    (layer,) = read(archive)
    assert layer.cells[0].to_pylist() == ["Sô"] * COUNT
    assert codes(layer) == []


@pytest.mark.parametrize(("crs", "unknown"), [(4326, ""), (32634, "unknown")], ids=["degrees", "projected"])
def test_without_prj(shp, crs, unknown):
    shapes = gpd.GeoSeries(POINTS, crs=4326).to_crs(crs)
    path = shp(shapes=list(shapes), crs=crs)
    path.with_suffix(".prj").unlink()
    (layer,) = read(path)
    assert layer.crs == unknown
    assert shapely.from_wkb(layer.geometry[0].as_py()).equals_exact(shapes.iloc[0], 1e-6)
    assert codes(layer) == [("missing_sidecar", None)]


def test_without_cpg_the_encoding_is_guessed_and_said(shp):
    path = shp()
    path.with_suffix(".cpg").unlink()
    (layer,) = read(path)
    assert layer.cells[0].to_pylist() == ["Sô"] * COUNT
    assert codes(layer) == [("encoding_guessed", None)]


@pytest.mark.parametrize("suffix", [".shp", ".dbf"])
def test_rows_that_were_cut_off_are_rejected_one_by_one(shp, suffix):
    path = shp()
    part = path.with_suffix(suffix)
    content = part.read_bytes()
    part.write_bytes(content[: len(content) * 2 // 3])
    (layer,) = read(path)
    rejected = [row for code, row in codes(layer, "rejected") if code == "truncated"]
    assert len(layer) == COUNT
    assert rejected == list(range(rejected[0], COUNT + 1))
    assert 20 < rejected[0] < 32


def test_deleted_records_are_said(shp):
    path = shp()
    dbf = path.with_suffix(".dbf")
    content = bytearray(dbf.read_bytes())
    begins, width = struct.unpack("<HH", content[8:12])
    content[begins + 4 * width] = ord("*")
    dbf.write_bytes(content)
    (layer,) = read(path)
    assert layer.rows.tolist() == [row for row in range(1, COUNT + 1) if row != 5]
    assert codes(layer) == [("deleted_rows", None)]


@pytest.mark.parametrize("keep", [4, 60, 100])
def test_nothing_but_a_header_is_refused(shp, keep):
    path = shp()
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(UnreadableFile, match=r"sites\.shp"):
        read(path)
