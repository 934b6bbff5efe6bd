"""GeoTIFF and COG as one picture in Web Mercator, with its outline and what its tags say.

The original is not kept: what is stored is a picture of at most 4,096 pixels a side, and
a finding says how fine it is against the original.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from layers.errors import NoCrs, TooLarge, UnreadableFile
from layers.report import Finding
from loaders.drivers import import_rasterio
from loaders.formats.format import Format, Opened
from loaders.formats.rendering import MOST_SIDE, Warped, along, degrees, outline_of, warped
from loaders.raw import RawLayer, text_array

MAGICS = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
MOST_VALUES = 3_000_000_000  # read at most: pixels of the original, or of the overview that serves, times bands
SHOWN_BANDS = 3
MOST_BANDS = 1_000
# Tags that say when the picture was taken, surest first; the last is often the day of processing.
DATE_TAGS = (
    "ACQUISITIONDATETIME",
    "ACQUISITION_DATETIME",
    "SENSING_TIME",
    "DATE_ACQUIRED",
    "ACQUISITION_DATE",
    "ACQUISITIONDATE",
    "DATETIME",
    "TIFFTAG_DATETIME",
)
DATE = re.compile(
    r"(?<!\d)((?:19|20)\d\d)[:\-_.]?([01]\d)[:\-_.]?([0-3]\d)(?:[T _-]?([0-2]\d):?([0-5]\d):?([0-5]\d))?(?!\d)"
)
REMEDY = "Export or copy the file again."
GEOREFERENCE = "Export it as GeoTIFF with its coordinate system, from the program that made it."


def sniff(head: bytes, path: Path) -> bool:
    """The magic bytes of TIFF or BigTIFF."""
    return head[:4] in MAGICS


def read(opened: Opened) -> list[RawLayer]:
    """Read the image as one record with its picture.

    Raises
    ------
    UnreadableFile
        When it is damaged, a plain TIFF, or lies where no web map can show it.
    NoCrs
        When it states no coordinate system.
    TooLarge
        Over the limits of pixels or bands.
    """
    rasterio = import_rasterio()
    try:
        with (
            rasterio.Env(GDAL_DISABLE_READDIR_ON_OPEN="EMPTY_DIR", GDAL_PAM_ENABLED="NO", GDAL_CACHEMAX=256),
            _quiet(),
            rasterio.open(opened.path, driver="GTiff") as image,
        ):
            findings = _check(image, opened.name)
            opened.progress(0)
            picture = warped(image, opened.name)
            return [_layer(image, picture, opened, [*findings, *picture.findings])]
    except rasterio.errors.RasterioError as error:
        reason = str(error.__cause__ or error).splitlines()[0].replace(str(opened.path), opened.name)[:120]
        raise UnreadableFile(opened.name, f"a damaged TIFF ({reason})", "a complete GeoTIFF", REMEDY) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Without rasterio's warning of a missing georeference: that is a refusal of ours."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _check(image: Any, name: str) -> list[Finding]:
    """Refuse what cannot be shown, before any pixel is read."""
    if image.count > MOST_BANDS:
        raise TooLarge(name, f"{image.count} bands", f"at most {MOST_BANDS}", "Export the bands that are needed.")
    if _pixels_read(image) * min(image.count, SHOWN_BANDS) > MOST_VALUES:
        raise TooLarge(
            name,
            f"{image.width} x {image.height} pixels in {image.count} bands, without overviews that would serve",
            f"at most {MOST_VALUES / 1e9:.0f} billion values to read",
            "Build overviews (export as Cloud Optimized GeoTIFF), or cut out the part that is needed.",
        )
    if any(kind.startswith("complex") for kind in image.dtypes):
        raise UnreadableFile(name, "complex numbers (raw radar)", "a picture", "Export amplitude or intensity.")
    placed = not image.transform.is_identity or bool(image.gcps[0])
    if not placed:
        raise UnreadableFile(name, "a plain TIFF, which says nowhere where it lies", "a GeoTIFF", GEOREFERENCE)
    if image.crs is None and image.gcps[1] is None:
        raise NoCrs(name, "an image without a coordinate system", "a stated coordinate system", GEOREFERENCE)
    pages = len(image.subdatasets)
    if pages < 2:
        return []
    message = f"{name}: it holds {pages} images; the first was read."
    return [Finding("pages_not_read", "warning", message, found=f"{pages} images", remedy="Send each as a file.")]


def _pixels_read(image: Any) -> float:
    """How many pixels GDAL goes through for a picture of our size."""
    wanted = max(image.width, image.height) / MOST_SIDE
    factor = max((f for f in image.overviews(1) if f <= wanted), default=1) if wanted > 1 else 1
    return float(image.width) * image.height / factor**2


def _layer(image: Any, picture: Warped, opened: Opened, findings: list[Finding]) -> RawLayer:
    outline, metres = _outline(picture)
    taken, said = _taken(image, opened.name)
    west, south, east, north = picture.box
    cells = {
        "name": Path(opened.name).stem,
        "taken_at": taken,
        "resolution_m": f"{metres:.6g}",
        "width_px": str(image.width),
        "height_px": str(image.height),
        "bands": str(image.count),
        "crs_name": _crs_name(picture.crs),
        "picture": picture.text,
        "picture_west": f"{west:.8f}",
        "picture_south": f"{south:.8f}",
        "picture_east": f"{east:.8f}",
        "picture_north": f"{north:.8f}",
        "copyright": _tag(image, "TIFFTAG_COPYRIGHT"),
        "description": _tag(image, "TIFFTAG_IMAGEDESCRIPTION"),
    }
    cells = {name: value for name, value in cells.items() if value}
    shown = Finding(
        "picture_made",
        "info" if picture.metres <= metres * 1.05 else "warning",
        f"{opened.name}: the picture on the map has {picture.metres:.3g} m a pixel, the original {metres:.3g} m"
        f" ({image.width} x {image.height} pixels, {image.count} bands). The original is not kept.",
        found=f"{picture.metres:.3g} m",
        remedy="Cut out the part that is needed where finer detail matters." if picture.metres > metres * 1.05 else "",
    )
    return RawLayer(
        name="",
        columns=tuple(cells),
        cells=[text_array([value]) for value in cells.values()],
        rows=np.array([1], dtype=np.int64),
        geometry=pa.array([shapely.to_wkb(outline)], pa.large_binary()),
        feature_ids=text_array([Path(opened.name).stem]),
        numeric=("resolution_m", "picture_west", "picture_south", "picture_east", "picture_north"),
        findings=[*findings, *said, shown],
    )


def _outline(picture: Warped) -> tuple[Any, float]:
    """The edge of the image in degrees, and the size of its pixels, metres."""
    from rasterio.warp import transform

    from layers.geodesy import GEOD

    width, height = picture.size
    columns, lines = outline_of(width, height)
    # With it the middle and its neighbours, one pixel to the right and one below.
    columns, lines = np.r_[columns, width / 2 + np.array([0, 1, 0])], np.r_[lines, height / 2 + np.array([0, 0, 1])]
    east, north = transform(picture.crs, "EPSG:3857", *along(picture.transform, columns, lines))
    longitude, latitude = degrees(np.array(east), np.array(north))
    _, _, sides = GEOD.inv(longitude[[-3, -3]], latitude[[-3, -3]], longitude[-2:], latitude[-2:])
    return shapely.Polygon(np.column_stack([longitude, latitude])[:-3]), float(np.mean(sides))


def _crs_name(crs: Any) -> str:
    import pyproj

    try:
        return str(pyproj.CRS.from_user_input(crs.to_wkt()).name)[:200]
    except pyproj.exceptions.CRSError:
        return str(crs)[:200]


def _tag(image: Any, name: str) -> str | None:
    value = str(image.tags().get(name) or "").strip()
    return value[:500] or None


def _taken(image: Any, name: str) -> tuple[str | None, list[Finding]]:
    """When it was taken, as its tags or its name say, and which of them said it."""
    tags = {
        key.upper(): str(value)
        for space in (None, *image.tag_namespaces())
        for key, value in (image.tags(ns=space) if space else image.tags()).items()
    }
    said = [(tag, tags[tag]) for tag in DATE_TAGS if tag in tags]
    for where, text in [*((f"the tag {tag}", value) for tag, value in said), ("its name", Path(name).stem)]:
        moment = _moment(text)
        if moment:
            message = f"{name}: {where} says that it was taken on {moment}."
            remedy = "Check it: some programs write the day of processing." if "TIFFTAG" in where else ""
            return moment, [Finding("date_from", "info", message, field="taken_at", found=text[:80], remedy=remedy)]
    message = f"{name}: neither its tags nor its name say when it was taken."
    remedy = "Put the day into its name (image_2026-11-20.tif), or correct the record once it is loaded."
    return None, [Finding("no_date", "warning", message, field="taken_at", remedy=remedy)]


def _moment(text: str) -> str | None:
    """The first day in a text, with its time where it has one; None where there is no such day."""
    for found in DATE.finditer(text):
        parts = [int(part) for part in found.groups() if part is not None]
        try:
            moment = datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001 - the file states no zone
        except ValueError:
            continue
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ" if len(parts) > 3 else "%Y-%m-%d")
    return None


GEOTIFF = Format("geotiff", "GeoTIFF", (".tif", ".tiff"), sniff, read)
