"""Lines and names of the Military Grid Reference System within a box, EPSG:4326.

Zones of 6 degrees by bands of 8, with the exceptions of Norway and Svalbard; within each,
lines of UTM on WGS84. Source: NGA.SIG.0012, The Universal Grids and the Transverse Mercator.
"""

from __future__ import annotations

import re
import unicodedata
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import mgrs
import numpy as np
import shapely
from pyproj import Proj
from shapely.geometry.base import BaseGeometry

from layers.geodesy import mgrs_of

STEPS_M = (1_000, 10_000, 100_000)
SQUARE_M = 100_000
MOST_LINES = 400
BANDS = "CDEFGHJKLMNPQRSTUVWX"
VERTICES = 33
_SPECIAL = {  # zone and band: west and east, degrees; None is not there
    (31, "V"): (0, 3),
    (32, "V"): (3, 12),
    (31, "X"): (0, 9),
    (32, "X"): None,
    (33, "X"): (9, 21),
    (34, "X"): None,
    (35, "X"): (21, 33),
    (36, "X"): None,
    (37, "X"): (33, 42),
}


SIDES_M = (100_000, 10_000, 1_000, 100, 10, 1)
_REFERENCE = re.compile(r"(?:MGRS )?(\d{1,2}) ?([A-Z])(?: ?([A-Z]) ?([A-Z])((?: ?\d)*))?")


@dataclass(frozen=True)
class Square:
    """What an MGRS reference names: a square, or a whole cell of zone and band.

    Attributes
    ----------
    reference : str
        Spaced as people read it: ``34N BK 27 82``.
    geometry : Polygon
        EPSG:4326, cut to its zone and band.
    side_m : int or None
        Metres; None of a whole cell.
    """

    reference: str
    geometry: BaseGeometry
    side_m: int | None


def looks_like_mgrs(text: str) -> bool:
    """Whether a text is meant as an MGRS reference, right or wrong."""
    return _REFERENCE.fullmatch(_folded(text)) is not None


def square_of(text: str) -> Square:
    """The square that an MGRS reference names, of any precision and in any spacing.

    Raises
    ------
    ValueError
        In words: no reference, unequal halves, or no such square.
    """
    match = _REFERENCE.fullmatch(_folded(text))
    if match is None:
        raise ValueError("no MGRS reference")
    zone, band, column, row = int(match[1]), match[2], match[3] or "", match[4] or ""
    halves = (match[5] or "").split()
    digits = "".join(halves)
    if len(digits) % 2 or len(digits) > 10 or (len(halves) == 2 and len(halves[0]) != len(halves[1])):
        raise ValueError("an MGRS reference has as many digits east as north, at most 5 each")
    cell = _cell(zone, band)
    if not column:
        return Square(f"{zone:02d}{band}", cell, None)
    half, side = len(digits) // 2, SIDES_M[len(digits) // 2]
    geometry = _polygon(f"{zone}{band}{column}{row}", digits, side, cell)
    name = f"{zone:02d}{band} {column}{row} {digits[:half]} {digits[half:]}".strip()
    return Square(name, geometry, side)


def _folded(text: str) -> str:
    """Capitals and plain digits, whatever parts the groups as one space."""
    plain = "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in text.upper())
    return re.sub(r"[\s:/,-]+", " ", plain).strip()


def _cell(zone: int, band: str) -> BaseGeometry:
    span = _span(zone, band) if 1 <= zone <= 60 and band in BANDS else None
    if span is None:
        raise ValueError(f"MGRS has no cell {zone}{band}")
    bottom = -80 + 8 * BANDS.index(band)
    return shapely.box(span[0], bottom, span[1], 84 if band == "X" else bottom + 8)


def _polygon(square: str, digits: str, side: int, cell: BaseGeometry) -> BaseGeometry:
    half = len(digits) // 2
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a square that its latitude band does not have
            zone, hemisphere, east, north = mgrs.MGRS().MGRSToUTM(square)
    except (mgrs.core.MGRSError, RuntimeWarning) as error:
        raise ValueError(f"MGRS has no square {square}") from error
    x, y = (v // SQUARE_M * SQUARE_M + int(d or 0) * side for v, d in ((east, digits[:half]), (north, digits[half:])))
    plane = Proj(proj="utm", zone=zone, south=hemisphere == "S", ellps="WGS84")
    flat = shapely.get_coordinates(shapely.segmentize(shapely.box(x, y, x + side, y + side), side / 8))
    lon, lat = plane(flat[:, 0], flat[:, 1], inverse=True)
    middle = 6 * zone - 183
    lon = middle + (lon - middle + 180) % 360 - 180  # no jump at the antimeridian
    seen = shapely.intersection(shapely.Polygon(np.column_stack([lon, lat])), cell)
    if seen.is_empty or seen.area == 0:
        raise ValueError(f"MGRS has no square {square} {digits}".strip())
    return seen


@dataclass(frozen=True)
class GridPart:
    """A line or a name of the grid.

    Attributes
    ----------
    geometry : LineString, MultiLineString or Point
        EPSG:4326; a name stands in the middle of the visible part of its square.
    kind : {"zone", "square", "line", "name"}
    label : str
        A line's principal digits (kilometres in its 100 km square), or a square's letters.
    """

    geometry: BaseGeometry
    kind: str
    label: str = ""


def cells(west: float, south: float, east: float, north: float) -> Iterator[tuple[int, BaseGeometry]]:
    """UTM zone and area of each zone by band cell within the box, cut to it."""
    window = shapely.box(west, south, east, north)
    for row, band in enumerate(BANDS):
        bottom, top = -80 + 8 * row, 84 if band == "X" else -72 + 8 * row
        for zone in range(1, 61):
            span = _span(zone, band)
            if span is None or span[1] <= west or span[0] >= east or top <= south or bottom >= north:
                continue
            yield zone, shapely.intersection(shapely.box(span[0], bottom, span[1], top), window)


def _span(zone: int, band: str) -> tuple[int, int] | None:
    """West and east of a zone within a band, degrees; None where that cell is not there."""
    return _SPECIAL.get((zone, band), (6 * zone - 186, 6 * zone - 180))


def mgrs_grid(box: tuple[float, float, float, float], step_m: int) -> list[GridPart]:
    """The grid within a box.

    Parameters
    ----------
    box : (west, south, east, north)
        Degrees.
    step_m : {0, 1000, 10000, 100000}
        Metres between lines; 0 for the zones alone.

    Raises
    ------
    ValueError
        Another step, or more than `MOST_LINES` lines.
    """
    if step_m and step_m not in STEPS_M:
        raise ValueError(f"step {step_m}")
    found: list[GridPart] = []
    for zone, cell in cells(*box):
        found.append(GridPart(cell.boundary, "zone"))
        if step_m:
            found += _within(zone, cell, step_m)
        if len(found) > MOST_LINES:
            raise ValueError("too many lines")
    return found


def _within(zone: int, cell: BaseGeometry, step_m: int) -> list[GridPart]:
    plane = Proj(proj="utm", zone=zone, ellps="WGS84")  # southern northings below 0: a shift of 100 squares
    lon, lat = shapely.get_coordinates(shapely.segmentize(cell, 0.25)).T
    x, y = plane(lon, lat)
    eastings, northings = (
        np.arange(np.ceil(v.min() / step_m), np.floor(v.max() / step_m) + 1) * step_m for v in (x, y)
    )
    if len(eastings) + len(northings) > MOST_LINES:
        raise ValueError("too many lines")
    along_x, along_y = np.linspace(x.min(), x.max(), VERTICES), np.linspace(y.min(), y.max(), VERTICES)
    lines = [(e, np.full(VERTICES, e), along_y) for e in eastings] + [
        (n, along_x, np.full(VERTICES, n)) for n in northings
    ]
    parts = [part for value, px, py in lines if (part := _line(plane, cell, step_m, value, px, py)) is not None]
    return parts + list(_names(plane, cell, (x.min(), y.min(), x.max(), y.max())))


def _line(plane: Proj, cell: BaseGeometry, step_m: int, value: float, x: np.ndarray, y: np.ndarray) -> GridPart | None:
    seen = shapely.intersection(shapely.LineString(np.column_stack(plane(x, y, inverse=True))), cell)
    if seen.is_empty or seen.length == 0:
        return None
    if value % SQUARE_M == 0:
        return GridPart(seen, "square")
    return GridPart(seen, "line", f"{int(value % SQUARE_M) // 1000:02d}")


def _names(plane: Proj, cell: BaseGeometry, bounds: tuple[float, float, float, float]) -> Iterator[GridPart]:
    west, south, east, north = (int(np.floor(v / SQUARE_M)) for v in bounds)
    for column in range(west, east + 1):
        for row in range(south, north + 1):
            flat = shapely.box(column, row, column + 1, row + 1)
            corners = shapely.get_coordinates(shapely.segmentize(flat, 0.125)) * SQUARE_M
            square = shapely.Polygon(np.column_stack(plane(corners[:, 0], corners[:, 1], inverse=True)))
            seen = shapely.intersection(square, cell)
            if seen.area > square.area / 500:
                middle = seen.representative_point()
                name = mgrs_of(middle.x, middle.y, "region")
                yield GridPart(middle, "name", name or "")
