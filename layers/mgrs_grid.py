"""Lines and names of the Military Grid Reference System within a box, EPSG:4326.

Zones of 6 degrees by bands of 8, with the exceptions of Norway and Svalbard; within each,
lines of UTM on WGS84. Source: NGA.SIG.0012, The Universal Grids and the Transverse Mercator.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

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
            span = _SPECIAL.get((zone, band), (6 * zone - 186, 6 * zone - 180))
            if span is None or span[1] <= west or span[0] >= east or top <= south or bottom >= north:
                continue
            yield zone, shapely.intersection(shapely.box(span[0], bottom, span[1], top), window)


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
