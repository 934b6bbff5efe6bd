"""Pixels of an opened raster as one small picture in Web Mercator."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from layers.errors import NoCrs, TooLarge, UnreadableFile
from layers.picture import MOST_BYTES, picture_text
from layers.report import Finding

MOST_SIDE = 4_096  # pixels
LOW, HIGH = 2, 98  # percent
NARROW = 32  # an 8-bit band with fewer steps than this is stretched, too
EARTH_RADIUS_M = 6_378_137.0  # of Web Mercator
SAMPLE = 2_000_000  # pixels from which percentiles are taken
EDGE_POINTS = 16
Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Warped:
    """The picture and what belongs to it.

    Attributes
    ----------
    text : str
        Data URI.
    box : tuple of float
        West, south, east, north of the picture, degrees. It is straight in Web Mercator.
    metres : float
        Size of its pixels on the ground, at the middle.
    crs, transform, size
        Of the original: coordinate system, affine from column and line, pixels.
    """

    text: str
    box: tuple[float, float, float, float]
    metres: float
    crs: Any
    transform: Any
    size: tuple[int, int]
    findings: tuple[Finding, ...]


def warped(image: Any, name: str) -> Warped:
    """Read as few pixels as the picture needs, colour them, and bring them to EPSG:3857.

    Raises
    ------
    NoCrs
        When its coordinate system cannot be related to the earth.
    UnreadableFile
        When not one pixel of it has a value.
    """
    from rasterio.transform import from_gcps

    findings: list[Finding] = []
    transform, crs = image.transform, image.crs
    if transform.is_identity:
        points, crs = image.gcps
        transform = from_gcps(points)
        message = f"{name}: it is placed by {len(points)} control points, through which a plane was laid."
        findings.append(Finding("control_points", "warning", message, remedy="Check its place on the map."))
    target, shape, factor = _target(transform, crs, image, name)
    colours, exact, said = _coloured(image, factor, name)
    if not colours[3].any():
        raise UnreadableFile(name, "an image without a single value", "an image", "Export it again.")
    from_smaller = transform @ transform.scale(image.width / colours.shape[2], image.height / colours.shape[1])
    picture = _reprojected(colours, from_smaller, crs, target, shape, exact=exact)
    box = _box(target, shape)
    middle = np.cos(np.radians((box[1] + box[3]) / 2))
    return Warped(
        text=_encoded(picture, name, exact=exact),
        box=box,
        metres=float(abs(target.a) * middle),
        crs=crs,
        transform=transform,
        size=(image.width, image.height),
        findings=(*findings, *said),
    )


def _target(transform: Any, crs: Any, image: Any, name: str) -> tuple[Any, tuple[int, int], float]:
    """Affine and lines x columns of the picture in EPSG:3857, and by what factor it is made smaller.

    GDAL would work them out on a virtual raster, whose driver may read any path and is left out.
    """
    from rasterio import Affine
    from rasterio.errors import RasterioError
    from rasterio.warp import transform as moved

    columns, lines = outline_of(image.width, image.height)
    try:
        east, north = (np.array(v) for v in moved(crs, "EPSG:3857", *along(transform, columns, lines)))
    except (RasterioError, ValueError) as error:
        found = "a coordinate system that cannot be brought to longitude and latitude"
        raise NoCrs(name, found, "a known coordinate system", "Export it in WGS84 or UTM.") from error
    half = np.pi * EARTH_RADIUS_M
    if not np.isfinite([east, north]).all() or np.abs(north).max() > half:
        found = "an image that reaches beyond 85 degrees north or south, or has no place on the earth"
        raise UnreadableFile(name, found, "an image that a web map can show", "Cut out the part below 85 degrees.")
    if np.ptp(east) > half:
        found = "an image that reaches over the 180th meridian, or around half of the earth"
        raise UnreadableFile(name, found, "an image on one side of it", "Cut it in two at 180 degrees.")
    # As fine as the original along its diagonal.
    corner = len(columns) // 2
    pixel = np.hypot(east[corner] - east[0], north[corner] - north[0]) / np.hypot(image.width, image.height)
    factor = max(1.0, max(np.ptp(east), np.ptp(north)) / pixel / MOST_SIDE)
    width, height = (max(1, min(MOST_SIDE, round(side / pixel / factor))) for side in (np.ptp(east), np.ptp(north)))
    target = Affine(np.ptp(east) / width, 0, east.min(), 0, -np.ptp(north) / height, north.max())
    return target, (height, width), float(factor)


def outline_of(width: int, height: int) -> tuple[Floats, Floats]:
    """Columns and lines along the edge of an image, from the upper left corner; halfway is the opposite one."""
    steps = np.linspace(0, 1, EDGE_POINTS, endpoint=False)
    one, none = np.ones(EDGE_POINTS), np.zeros(EDGE_POINTS)
    return width * np.concatenate([steps, one, 1 - steps, none]), height * np.concatenate([none, steps, one, 1 - steps])


def along(transform: Any, columns: Floats, lines: Floats) -> tuple[Floats, Floats]:
    """Places of an image in its own coordinate system."""
    x = transform.a * columns + transform.b * lines + transform.c
    y = transform.d * columns + transform.e * lines + transform.f
    return x, y


def degrees(east: Floats, north: Floats) -> tuple[Floats, Floats]:
    """Longitude and latitude of places in Web Mercator."""
    longitude = np.degrees(east / EARTH_RADIUS_M)
    latitude = np.degrees(2 * np.arctan(np.exp(north / EARTH_RADIUS_M)) - np.pi / 2)
    return np.clip(longitude, -180, 180), latitude


def _box(target: Any, shape: tuple[int, int]) -> tuple[float, float, float, float]:
    """West, south, east, north of the picture, degrees."""
    west, north = target.c, target.f
    east, south = target.c + target.a * shape[1], target.f + target.e * shape[0]
    longitude, latitude = degrees(np.array([west, east]), np.array([south, north]))
    return float(longitude[0]), float(latitude[0]), float(longitude[1]), float(latitude[1])


def _coloured(image: Any, factor: float, name: str) -> tuple[Bytes, bool, list[Finding]]:
    """Red, green, blue and opacity, each 0 to 255, and whether colours are classes that must stay exact."""
    from rasterio.enums import ColorInterp, Resampling

    shape = (max(1, round(image.height / factor)), max(1, round(image.width / factor)))
    palette = _palette(image)
    resampling = Resampling.nearest if palette is not None else Resampling.average
    chosen = _chosen(image, ColorInterp)
    opacity = image.dataset_mask(out_shape=shape, resampling=Resampling.nearest)
    layers: list[Bytes] = []
    limits = []
    for band in chosen:
        values = image.read(band, out_shape=shape, resampling=resampling)
        if palette is not None:
            colours = palette[np.clip(values, 0, len(palette) - 1).astype(np.intp)]
            bands = np.moveaxis(colours, -1, 0)
            return np.concatenate([bands[:3], np.minimum(bands[3:], opacity[None])]), True, []
        opacity = np.where(np.isfinite(values), opacity, 0).astype(np.uint8)
        layer, limit = _stretched(values, opacity, alone=len(chosen) == 1)
        layers.append(layer)
        limits.append(limit)
    said = _said(image, chosen, limits, name)
    return np.stack([*(layers if len(layers) == 3 else layers[:1] * 3), opacity]), False, said


def _palette(image: Any) -> Bytes | None:
    """Colours of the values 0 to 255, or of 16-bit ones."""
    try:
        entries = image.colormap(1)
    except ValueError:
        return None
    if image.count > 2 or not entries:
        return None
    table = np.zeros((max(entries) + 1, 4), np.uint8)
    for value, colour in entries.items():
        table[value] = colour
    return table


def _chosen(image: Any, interpretation: Any) -> tuple[int, ...]:
    """Bands of red, green and blue; else the first three that are no opacity; one where there are fewer."""
    meaning = list(image.colorinterp)
    colours = [interpretation.red, interpretation.green, interpretation.blue]
    if all(colour in meaning for colour in colours):
        return tuple(meaning.index(colour) + 1 for colour in colours)
    plain = [i + 1 for i, what in enumerate(meaning) if what != interpretation.alpha]
    return tuple(plain[:3]) if len(plain) >= 3 else tuple(plain[:1] or [1])


def _stretched(values: Any, opacity: Bytes, *, alone: bool) -> tuple[Bytes, tuple[float, float] | None]:
    """A band as 0 to 255, and between which values it was spread when it was."""
    there = values[opacity > 0]
    if not len(there):
        return np.zeros(values.shape, np.uint8), None
    if values.dtype == np.uint8 and not (alone and np.ptp(there) < NARROW):
        return values, None
    sample = there[:: max(1, len(there) // SAMPLE)].astype(np.float64)
    low, high = np.percentile(sample, [LOW, HIGH])
    if high <= low:
        low, high = float(sample.min()), float(sample.max())
    if high <= low:
        return np.full(values.shape, 128, np.uint8), (float(low), float(high))
    spread = (values.astype(np.float32) - low) / (high - low) * 255
    with np.errstate(invalid="ignore"):
        return np.clip(np.nan_to_num(spread), 0, 255).astype(np.uint8), (float(low), float(high))


def _said(image: Any, chosen: tuple[int, ...], limits: list[tuple[float, float] | None], name: str) -> list[Finding]:
    findings = []
    spread = [(band, limit) for band, limit in zip(chosen, limits, strict=True) if limit is not None]
    if spread:
        listed = "; ".join(f"band {band} from {low:.6g} to {high:.6g}" for band, (low, high) in spread)
        shade = " as shades of grey" if len(chosen) == 1 else ""
        message = f"{name}: values were spread{shade} between the {LOW}nd and the {HIGH}th percentile ({listed})."
        remedy = "Colours show contrast, no measured values."
        findings.append(Finding("stretched", "info", message, field="picture", found=listed, remedy=remedy))
    from rasterio.enums import ColorInterp

    unseen = image.count - len(chosen) - sum(what == ColorInterp.alpha for what in image.colorinterp)
    if unseen > 0:
        message = (
            f"{name}: of {image.count} bands, {', '.join(map(str, chosen))} are shown"
            f" as {'red, green and blue' if len(chosen) == 3 else 'grey'}."
        )
        remedy = "Export the bands that should be seen."
        findings.append(Finding("bands_not_shown", "info", message, field="picture", remedy=remedy))
    return findings


def _reprojected(
    colours: Bytes, transform: Any, crs: Any, target: Any, shape: tuple[int, int], *, exact: bool
) -> Bytes:
    """To Web Mercator; opacity is never mixed, so that no edge shines through."""
    from rasterio.enums import Resampling
    from rasterio.warp import reproject

    result = np.zeros((4, *shape), np.uint8)
    for band in range(4):
        smooth = band < 3 and not exact
        reproject(
            colours[band],
            result[band],
            src_transform=transform,
            src_crs=crs,
            dst_transform=target,
            dst_crs="EPSG:3857",
            resampling=Resampling.bilinear if smooth else Resampling.nearest,
            num_threads=1,
        )
    return result


def _encoded(picture: Bytes, name: str, *, exact: bool) -> str:
    """PNG for classes, else WebP.

    Raises
    ------
    TooLarge
        When even WebP is larger than a cell may be.
    """
    from PIL import Image

    whole = Image.fromarray(np.ascontiguousarray(np.moveaxis(picture, 0, -1)), "RGBA")
    forms: tuple[Literal["png", "webp"], ...] = ("png", "webp") if exact else ("webp",)
    for form in forms:
        stream = io.BytesIO()
        whole.save(stream, form, **({"optimize": True} if form == "png" else {"quality": 82, "method": 3}))
        if stream.tell() <= MOST_BYTES:
            return picture_text(stream.getvalue(), form)
    raise TooLarge(name, f"a picture of {stream.tell() / 1e6:.0f} MB", f"{MOST_BYTES / 1e6:.0f} MB", "Cut out a part.")
