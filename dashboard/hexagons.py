"""Points counted in hexagons of equal area."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Transformer

from dashboard.map_tiles import WIDEST_LATITUDE

Floats = npt.NDArray[np.float64]
WIDTHS_KM = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500)
ACROSS = 30
WIDE = 90.0  # degrees
WHOLE_WORLD = CRS.from_epsg(6933)
POLE_M = 7_314_540.83  # metres north of the equator on that plane


@dataclass(frozen=True)
class Hexagons:
    """Hexagons in which something lies.

    Attributes
    ----------
    shapes : array of Polygon, shape (n,)
        Degrees.
    counts : array of int64, shape (n,)
    width_km : float
        From side to opposite side.
    """

    shapes: npt.NDArray[np.object_]
    counts: npt.NDArray[np.int64]
    width_km: float

    @property
    def area_km2(self) -> float:
        """Of each."""
        return self.width_km**2 * np.sqrt(3) / 2


@dataclass(frozen=True)
class Grid:
    """Where hexagons lie: the same for whatever filters keep of a layer.

    Attributes
    ----------
    plane : CRS
        Equal-area.
    width_km : float
        From side to opposite side.
    """

    plane: CRS
    width_km: float


def grid_of(lon: Floats, lat: Floats) -> Grid:
    """The grid for these places, about `ACROSS` hexagons from edge to edge of what lies there.

    Parameters
    ----------
    lon, lat : array of float
        Degrees; NaN are left out.

    Notes
    -----
    Equal-area: Lambert azimuthal about the middle of the places, the cylindrical EPSG:6933 where
    they lie more than `WIDE` degrees apart.
    """
    known = _drawn(lon, lat)
    if not known.any():
        return Grid(WHOLE_WORLD, WIDTHS_KM[0])
    lon, lat = lon[known], lat[known]
    plane = _plane(lon, lat)
    x, y = Transformer.from_crs(4326, plane, always_xy=True).transform(lon, lat)
    extent = max(np.ptp(x), np.ptp(y)) / 1000
    return Grid(plane, float(next((width for width in WIDTHS_KM if extent / width <= ACROSS), WIDTHS_KM[-1])))


def hexagons_of(lon: Floats, lat: Floats, grid: Grid) -> Hexagons:
    """Count places, degrees, in the hexagons of a grid.

    Every place stands in one of them; those beyond `WIDEST_LATITUDE`, where the map ends, are left out.
    """
    known = _drawn(lon, lat)
    if not known.any():
        return Hexagons(np.empty(0, object), np.empty(0, np.int64), grid.width_km)
    plane = Transformer.from_crs(4326, grid.plane, always_xy=True)
    x, y = plane.transform(lon[known], lat[known])
    side = grid.width_km * 1000 / np.sqrt(3)
    column, row = _nearest(np.asarray(x), np.asarray(y), side)
    cells, counts = np.unique(np.stack([column, row], axis=1), axis=0, return_counts=True)
    return Hexagons(_shapes(cells, side, plane), counts, grid.width_km)


def _drawn(lon: Floats, lat: Floats) -> npt.NDArray[np.bool_]:
    return np.isfinite(lon) & (np.abs(lat) <= WIDEST_LATITUDE)


def _plane(lon: Floats, lat: Floats) -> CRS:
    if np.ptp(lon) > WIDE or np.ptp(lat) > WIDE:
        return WHOLE_WORLD
    west, east, south, north = lon.min(), lon.max(), lat.min(), lat.max()
    return CRS.from_proj4(f"+proj=laea +lat_0={(south + north) / 2} +lon_0={(west + east) / 2} +datum=WGS84")


def _nearest(x: Floats, y: Floats, side: float) -> tuple[Floats, Floats]:
    """Axial column and row of the hexagon, pointy side up, in which each place lies.

    Source: A. Patel, Hexagonal Grids (rounding of cube coordinates).
    """
    column, row = (np.sqrt(3) / 3 * x - y / 3) / side, (2 / 3 * y) / side
    third = -column - row
    a, b, c = np.round(column), np.round(row), np.round(third)
    off_a, off_b, off_c = abs(a - column), abs(b - row), abs(c - third)
    fix_a = (off_a > off_b) & (off_a > off_c)
    fix_b = ~fix_a & (off_b > off_c)
    return np.where(fix_a, -b - c, a), np.where(fix_b, -a - c, b)


def _shapes(cells: Floats, side: float, plane: Transformer) -> npt.NDArray[np.object_]:
    centre_x, centre_y = side * np.sqrt(3) * (cells[:, 0] + cells[:, 1] / 2), side * 1.5 * cells[:, 1]
    turn = np.radians(60 * np.arange(7) - 30)
    x, y = centre_x[:, None] + side * np.cos(turn), centre_y[:, None] + side * np.sin(turn)
    if plane.target_crs == WHOLE_WORLD:
        y = np.clip(y, -POLE_M, POLE_M)  # beyond it the plane has no place
    lon, lat = plane.transform(x.ravel(), y.ravel(), direction="INVERSE")
    corners = np.stack([lon, lat], axis=1).reshape(len(cells), 7, 2)
    shapes = shapely.polygons(corners)
    for number in np.flatnonzero(np.ptp(corners[:, :, 0], axis=1) > 180):
        shapes[number] = _cut_at_antimeridian(corners[number])
    return shapes


def _cut_at_antimeridian(corners: Floats) -> shapely.MultiPolygon:
    """A hexagon on both sides of 180 degrees, in two parts."""
    east = shapely.Polygon(corners + np.where(corners[:, :1] < 0, [[360.0, 0.0]], 0.0))
    parts = (east.intersection(shapely.box(0, -90, 180, 90)), east.intersection(shapely.box(180, -90, 360, 90)))
    return shapely.MultiPolygon([parts[0], shapely.transform(parts[1], lambda at: at - [360.0, 0.0])])
