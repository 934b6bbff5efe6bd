from __future__ import annotations

import base64
import io
import warnings
from datetime import UTC, datetime

import numpy as np
import pytest
import rasterio
import shapely
from PIL import Image

from layers.errors import LoadError, NoCrs, TooLarge, UnreadableFile
from layers.picture import is_picture
from layers.settings import Settings
from loaders.ingest import inspect, review
from loaders.sandbox import read_in_sandbox


def from_origin(west, north, size):
    return rasterio.Affine(size, 0, west, 0, -size, north)


UTM = from_origin(500_000, 600_000, 10)  # 21 east, 5.4 north in zone 34
DEGREES = from_origin(20, 5, 0.001)
RAMP = np.linspace(0, 255, 60 * 40).reshape(40, 60)


@pytest.fixture
def tif(tmp_path):
    """``tif(data, name, ...) -> path`` of a GeoTIFF."""

    def written(data, name="image.tif", *, crs="EPSG:32634", transform=UTM, tags=None, colours=None, **k):
        data = data[None] if data.ndim == 2 else data
        bands, height, width = data.shape
        shape = {"width": width, "height": height, "count": bands, "dtype": data.dtype}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with rasterio.open(tmp_path / name, "w", driver="GTiff", crs=crs, transform=transform, **shape, **k) as out:
                out.write(data)
                if colours:
                    out.write_colormap(1, colours)
                out.update_tags(**(tags or {}))
        return tmp_path / name

    return written


def read(path):
    (layer,), _ = read_in_sandbox(path, Settings())
    cells = {name: column[0].as_py() for name, column in zip(layer.columns, layer.cells, strict=True)}
    pixels = Image.open(io.BytesIO(base64.b64decode(cells["picture"].partition(",")[2])))
    return cells, np.asarray(pixels.convert("RGBA")), shapely.from_wkb(layer.geometry[0].as_py()), layer.findings


def three(kind=np.uint8):
    return np.stack([RAMP, RAMP[::-1], RAMP * 0 + 80]).astype(kind)


def test_from_the_file_to_a_record(tif, take):
    result = take(tif(three(), "camp.tif", tags={"TIFFTAG_DATETIME": "2026:11:12 06:00:00"}, photometric="RGB"))
    (row,) = result.frame.to_dict("records")
    assert result.report.rows_ok == 1
    assert (row["id"], row["name"]) == ("camp", "camp")
    assert row["taken_at"] == datetime(2026, 11, 12, 6, tzinfo=UTC)
    assert (row["width_px"], row["height_px"], row["bands"]) == (60, 40, 3)
    assert row["resolution_m"] == pytest.approx(10, rel=0.005)
    assert row["crs_name"] == "WGS 84 / UTM zone 34N"
    assert is_picture(row["picture"])
    assert row["geometry"].bounds == pytest.approx((21.0, 5.4246, 21.0054, 5.4282), abs=1e-3)
    box = tuple(row[f"picture_{side}"] for side in ("west", "south", "east", "north"))
    assert box == pytest.approx(row["geometry"].bounds, abs=1e-4)


def test_it_is_a_layer_of_images(tif, access):
    (draft,) = inspect(tif(three(), "camp.tif"), access)
    assert (draft.kind, draft.layer) == ("images", "camp")
    assert "no_date" in {f.code for f in review(draft, access).report.findings}


def test_colours_stay_and_lie_the_right_way_up(tif):
    _, pixels, _, findings = read(tif(three(), photometric="RGB"))
    assert pixels[3, 3, 0] < 30 < 220 < pixels[-4, -4, 0], "red grows downwards"
    assert pixels[-4, -4, 1] < 30
    assert (pixels[5:-5, 5:-5, 3] == 255).all()
    assert "stretched" not in {f.code for f in findings}


@pytest.mark.parametrize(
    ("data", "options"),
    [
        (np.where(RAMP < 128, 0, RAMP * 20).astype(np.uint16), {"nodata": 0}),
        (np.where(RAMP < 128, np.nan, RAMP).astype(np.float32), {"crs": "EPSG:4326", "transform": DEGREES}),
        (np.where(RAMP < 128, -9999, RAMP).astype(np.float64), {"nodata": -9999}),
    ],
    ids=["16 bits", "elevation", "no data"],
)
def test_measured_values_become_grey_and_gaps_clear(tif, data, options):
    _, pixels, _, findings = read(tif(data, **options))
    assert (pixels[3, 5:-5, 3] == 0).all()
    assert (pixels[-4, 5:-5, 3] == 255).all()
    low, high = pixels[24, 30, :3].astype(int), pixels[-4, 30, :3].astype(int)
    assert low.max() < 80
    assert high.min() > 200
    (said,) = [f for f in findings if f.code == "stretched"]
    assert "grey" in said.message
    assert "percentile" in said.message


def test_a_palette_stays_exact(tif):
    colours = {0: (255, 0, 0, 255), 1: (0, 255, 0, 255), 2: (0, 0, 255, 255)}
    cells, pixels, _, _ = read(tif((RAMP / 100).astype(np.uint8), colours=colours))
    assert cells["picture"].startswith("data:image/png;")
    seen = {tuple(colour[:3]) for colour in pixels.reshape(-1, 4).tolist() if colour[3]}
    assert seen == {(255, 0, 0), (0, 255, 0), (0, 0, 255)}


def test_opacity_is_kept(tif):
    data = np.concatenate([three(), np.where(RAMP > 128, 255, 0)[None].astype(np.uint8)])
    _, pixels, _, _ = read(tif(data, photometric="RGB", alpha="YES"))
    assert (pixels[3, 5:-5, 3] == 0).all()
    assert (pixels[-4, 5:-5, 3] == 255).all()


def test_of_many_bands_three_are_shown_and_said(tif):
    cells, _, _, findings = read(tif(np.stack([RAMP * 10] * 13).astype(np.uint16)))
    assert cells["bands"] == "13"
    assert "1, 2, 3" in next(f.message for f in findings if f.code == "bands_not_shown")


def test_a_turned_image_has_a_turned_outline(tif):
    _, pixels, outline, _ = read(tif(three(), transform=UTM @ rasterio.Affine.rotation(30)))
    assert shapely.minimum_rotated_rectangle(outline).area == pytest.approx(outline.area, rel=0.01)
    assert outline.area < 0.8 * shapely.box(*outline.bounds).area
    assert pixels[0, 0, 3] == 0, "the corner beside the image is clear"


def test_a_large_image_is_made_smaller_and_that_is_said(tif):
    data = np.zeros((100, 9_000), np.uint8)
    cells, pixels, _, findings = read(tif(data + 90, compress="deflate"))
    assert pixels.shape[1] == 4_096
    assert cells["width_px"] == "9000"
    (said,) = [f for f in findings if f.code == "picture_made"]
    assert said.severity == "warning"
    assert "22" in said.message
    assert "original 10 m" in said.message


@pytest.mark.parametrize(
    ("name", "tags", "taken"),
    [
        ("S2_20260506T101112_B4.tif", {}, "2026-05-06T10:11:12Z"),
        ("camp 2026-05-06.tif", {}, "2026-05-06"),
        ("camp 2026-02-31.tif", {}, None),
        ("sheet 1234567890.tif", {}, None),
        ("camp.tif", {"ACQUISITION_DATE": "2026-05-06", "TIFFTAG_DATETIME": "2026:11:01 00:00:00"}, "2026-05-06"),
        ("camp 2020-01-01.tif", {"TIFFTAG_DATETIME": "2026:05:06 07:08:09"}, "2026-05-06T07:08:09Z"),
    ],
)
def test_when_it_was_taken(tif, name, tags, taken):
    cells, _, _, findings = read(tif(three(), name, tags=tags))
    assert cells.get("taken_at") == taken
    assert ("date_from" if taken else "no_date") in {f.code for f in findings}


@pytest.mark.parametrize(
    ("data", "options", "error", "said"),
    [
        (three(), {"crs": None}, NoCrs, "without a coordinate system"),
        (three(), {"crs": None, "transform": rasterio.Affine.identity()}, UnreadableFile, "plain TIFF"),
        (RAMP.astype(np.complex64), {}, UnreadableFile, "complex numbers"),
        (np.zeros((40, 60), np.uint8), {"nodata": 0}, UnreadableFile, "without a single value"),
        (three(), {"crs": "EPSG:4326", "transform": from_origin(179.99, 5, 0.001)}, UnreadableFile, "180th"),
        (three(), {"crs": "EPSG:4326", "transform": from_origin(20, 89, 0.1)}, UnreadableFile, "85 degrees"),
    ],
)
def test_what_no_map_can_show_is_refused(tif, data, options, error, said):
    with pytest.raises(error, match=said):
        read(tif(data, **options))


def test_pixels_are_counted_before_any_is_read(tmp_path):
    path = tmp_path / "bomb.tif"
    size = {"width": 200_000, "height": 200_000, "count": 1, "dtype": "uint8"}
    tiles = {"tiled": True, "blockxsize": 4096, "blockysize": 4096, "SPARSE_OK": True}
    with rasterio.open(path, "w", driver="GTiff", crs="EPSG:32634", transform=UTM, **size, **tiles):
        pass
    with pytest.raises(TooLarge, match="200000 x 200000"):
        read(path)


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content[:4],
        lambda content: content[:40],
        lambda content: content[: len(content) // 2],
        lambda content: content[:500] + b"\xff" * 200 + content[700:],
        lambda content: b'<VRTDataset rasterXSize="1" rasterYSize="1"><VRTRasterBand/></VRTDataset>',
    ],
    ids=["magic alone", "header alone", "half", "damaged", "VRT"],
)
def test_what_is_damaged_is_refused(tif, change):
    path = tif(three(), compress="deflate")
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(LoadError, match=r"image\.tif"):
        read(path)


@pytest.mark.parametrize(
    "cell", ["javascript:alert(1)", "data:image/svg+xml;base64,PHN2Zy8+", "https://127.0.0.1/x.png"]
)
def test_a_picture_cell_of_another_file_must_be_a_picture(take, write, feature, cell):
    square = [[[20, 5], [21, 5], [21, 6], [20, 5]]]
    result = take(write("images.geojson", [feature("Polygon", square, picture=cell)]), kind="images")
    assert result.frame["picture"].isna().all()
    assert "bad_picture" in {f.code for f in result.report.findings}
