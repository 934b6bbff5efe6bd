"""One distance, one ring, one corridor: metres on the WGS84 ellipsoid.

Point to point is exact (Karney's geodesics, `pyproj.Geod`). Edges of lines and polygons
are straight in longitude and latitude (RFC 7946) and are densified to one vertex each
0.01 degree before measuring, which keeps them within 0.03 m of the true edge. An edge
that spans more than 180 degrees of longitude is taken the short way round.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import antimeridian
import mgrs
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Geod, Proj
from shapely.geometry.base import BaseGeometry

Floats = npt.NDArray[np.float64]

GEOD = Geod(ellps="WGS84")
DENSIFY_DEGREES = 0.01
PIECE_DEGREES = 0.9
RING_VERTICES = 128
MGRS_DIGITS = {"point": 8, "near": 4, "area": 2, "region": 0}
MGRS_DIGITS_NOT_STATED = 6
MGRS_REFERENCE = re.compile(r"(?:MGRS:?)?\d{1,2}[C-HJ-NP-X][A-HJ-NP-Z][A-HJ-NP-V](?:\d\d){1,5}")


@dataclass(frozen=True)
class Piece:
    """A part of a geometry, at most about 100 km long, in a plane of its own.

    Attributes
    ----------
    lon, lat : float
        Centre of the plane (azimuthal equidistant), degrees.
    plane : Proj
        Degrees to metres and back.
    flat : BaseGeometry
        The part, densified, in metres.
    reach_m : float
        No point of the part is further from the centre.
    """

    lon: float
    lat: float
    plane: Proj
    flat: BaseGeometry
    reach_m: float


def local_plane(lon: float, lat: float) -> Proj:
    """Azimuthal equidistant on WGS84: distances from the centre are exact."""
    return Proj(proj="aeqd", lon_0=float(lon), lat_0=float(lat), ellps="WGS84", units="m")


def unwrapped(geometry: BaseGeometry) -> BaseGeometry:
    """The geometry with continuous longitudes, which may then exceed 180 degrees."""
    west, _, east, _ = geometry.bounds
    if east - west <= 180:
        return geometry
    if isinstance(geometry, shapely.Polygon):
        shells = [_continuous(np.asarray(ring.coords)[:, :2]) for ring in (geometry.exterior, *geometry.interiors)]
        return shapely.Polygon(shells[0], [_beside(hole, shells[0]) for hole in shells[1:]])
    if hasattr(geometry, "geoms"):
        return type(geometry)([unwrapped(part) for part in geometry.geoms])
    return shapely.transform(geometry, _continuous)


def cut_at_antimeridian(geometry: BaseGeometry) -> BaseGeometry:
    """The line or area as it is measured: edges of more than 180 degrees run the short way round, cut at the 180th.

    Edges of 360 degrees lie around the world or along its edge: they stay.
    """
    west, _, east, _ = geometry.bounds
    parts = shapely.get_parts(geometry)
    if east - west <= 180 or not any(_goes_over(part) for part in parts):
        return geometry
    if shapely.get_dimensions(geometry) == 1:
        cut = [antimeridian.fix_line_string(part, great_circle=False) if _goes_over(part) else part for part in parts]
        return shapely.multilinestrings(shapely.get_parts(cut))
    cut = [
        antimeridian.fix_polygon(part, fix_winding=True, great_circle=False) if _goes_over(part) else part
        for part in parts
    ]
    return shapely.multipolygons(shapely.get_parts(cut))


def _goes_over(part: BaseGeometry) -> bool:
    lines = shapely.get_rings(part) if isinstance(part, shapely.Polygon) else np.array([part])
    lon, number = shapely.get_coordinates(lines, return_index=True)
    span = np.abs(np.diff(lon[:, 0]))[np.diff(number) == 0]
    return bool(((span > 180) & (span < 360)).any())


def _continuous(coordinates: Floats) -> Floats:
    return np.column_stack([np.unwrap(coordinates[:, 0], period=360.0), coordinates[:, 1]])


def _beside(hole: Floats, shell: Floats) -> Floats:
    turns = np.round((shell[:, 0].mean() - hole[:, 0].mean()) / 360.0)
    return np.column_stack([hole[:, 0] + turns * 360.0, hole[:, 1]])


def densified(geometry: BaseGeometry) -> BaseGeometry:
    """The geometry without heights, longitudes continuous, a vertex each 0.01 degree."""
    return shapely.segmentize(unwrapped(shapely.force_2d(geometry)), DENSIFY_DEGREES)


def _flatten(geometry: BaseGeometry, plane: Proj) -> BaseGeometry:
    return shapely.transform(geometry, lambda lonlat: np.column_stack(plane(lonlat[:, 0], lonlat[:, 1])))


def _lay_back(flat: BaseGeometry, plane: Proj) -> BaseGeometry:
    return shapely.transform(flat, lambda xy: np.column_stack(plane(xy[:, 0], xy[:, 1], inverse=True)))


def pieces(geometry: BaseGeometry) -> Iterator[Piece]:
    """Points, lines and the edges of polygons, cut to about 100 km.

    The inside of a polygon is not part of it: test that with `inside`.
    """
    for part in shapely.get_parts(densified(geometry)):
        if isinstance(part, shapely.Polygon):
            lines = [part.exterior, *part.interiors]
        elif hasattr(part, "geoms"):
            yield from pieces(part)
            continue
        else:
            lines = [part]
        for line in lines:
            yield from _cut(shapely.get_coordinates(line))


def _cut(coordinates: Floats) -> Iterator[Piece]:
    steps = np.hypot(*np.diff(coordinates, axis=0).T)
    number = np.concatenate([[0], np.floor(np.cumsum(steps) / PIECE_DEGREES)])
    for start, stop in _runs(number):
        run = coordinates[start : min(stop + 1, len(coordinates))]
        lon, lat = run[len(run) // 2]
        plane = local_plane(lon, lat)
        x, y = plane(run[:, 0], run[:, 1])
        flat = shapely.Point(x[0], y[0]) if len(run) == 1 else shapely.LineString(np.column_stack([x, y]))
        if len(run) > 1 or len(coordinates) == 1:
            yield Piece(float(lon), float(lat), plane, flat, float(np.hypot(x, y).max()))


def _runs(number: Floats) -> Iterator[tuple[int, int]]:
    bounds = [0, *(np.flatnonzero(np.diff(number)) + 1).tolist(), len(number)]
    yield from pairwise(bounds)


def inside(geometry: BaseGeometry, lon: Floats, lat: Floats) -> npt.NDArray[np.bool_]:
    """Which points lie in (or on the edge of) the polygons of `geometry`; degrees."""
    areas = [p for p in shapely.get_parts(unwrapped(geometry)) if isinstance(p, shapely.Polygon)]
    result = np.zeros(len(lon), bool)
    for area in areas:
        shapely.prepare(area)
        for turn in (-360.0, 0.0, 360.0):
            if area.bounds[0] <= 180 + turn and area.bounds[2] >= -180 + turn:
                result |= shapely.intersects_xy(area, lon + turn, lat)
    return result


def distances_to(piece: Piece, lon: Floats, lat: Floats) -> Floats:
    """Metres from each point (degrees) to the piece.

    The foot of the perpendicular is found in the plane, its distance on the ellipsoid:
    an error of the foot along the line enters the distance in the second order only.
    """
    x, y = piece.plane(lon, lat)
    feet = shapely.get_coordinates(shapely.shortest_line(piece.flat, shapely.points(x, y)))[::2]
    foot_lon, foot_lat = piece.plane(feet[:, 0], feet[:, 1], inverse=True)
    return np.asarray(GEOD.inv(lon, lat, foot_lon, foot_lat)[2], dtype=float)


def distance_m(a: BaseGeometry, b: BaseGeometry) -> float:
    """Shortest distance between two geometries in EPSG:4326, metres on WGS84.

    Two points: exact (Karney 2013, https://doi.org/10.1007/s00190-012-0578-z). Otherwise
    within 0.1 m. A point inside a polygon, or geometries that meet: 0.

    Raises
    ------
    ValueError
        When either is empty: there is no distance to nothing.
    """
    if a.is_empty or b.is_empty:
        raise ValueError("distance to an empty geometry")
    if isinstance(a, shapely.Point) and isinstance(b, shapely.Point):
        return float(GEOD.inv(a.x, a.y, b.x, b.y)[2])
    if isinstance(a, shapely.Point):
        return _from_point(a, b)
    if isinstance(b, shapely.Point):
        return _from_point(b, a)
    return _between_shapes(a, b)


def _from_point(point: shapely.Point, shape: BaseGeometry) -> float:
    lon, lat = np.array([point.x]), np.array([point.y])
    if inside(shape, lon, lat)[0]:
        return 0.0
    return float(min(distances_to(piece, lon, lat)[0] for piece in pieces(shape)))


def _between_shapes(a: BaseGeometry, b: BaseGeometry) -> float:
    fine_a, fine_b = densified(a), densified(b)
    lon, lat = shapely.get_coordinates(fine_a)[0]
    length = 0.0
    for _ in range(4):  # each turn lays the plane at the nearest place found: three suffice
        plane = local_plane(lon, lat)
        line = shapely.shortest_line(_flatten(fine_a, plane), _flatten(fine_b, plane))
        length = float(line.length)
        if length == 0:
            return 0.0
        feet = np.asarray(line.coords)
        foot_lon, foot_lat = plane(feet[:, 0], feet[:, 1], inverse=True)
        lon, lat = foot_lon[0], foot_lat[0]
        length = float(GEOD.inv(lon, lat, foot_lon[1], foot_lat[1])[2])
    return length


def rings(lon: Floats, lat: Floats, radius_m: float, vertices: int = RING_VERTICES) -> npt.NDArray[np.object_]:
    """`ring` around many points at once."""
    lon, lat = np.atleast_1d(np.asarray(lon, float)), np.atleast_1d(np.asarray(lat, float))
    azimuths = np.linspace(360.0, 0.0, vertices, endpoint=False)  # falling, so that rings turn left
    shape = (len(lon), vertices)
    x, y, _ = GEOD.fwd(
        np.repeat(lon, vertices),
        np.repeat(lat, vertices),
        np.tile(azimuths, len(lon)),
        np.full(len(lon) * vertices, float(radius_m)),
    )
    circles = np.stack([np.reshape(x, shape), np.reshape(y, shape)], axis=2)
    result = np.asarray(shapely.polygons(circles), dtype=object)
    crossing = np.flatnonzero(np.ptp(circles[:, :, 0], axis=1) > 180)
    for i in crossing:
        result[i] = antimeridian.fix_polygon(result[i], fix_winding=False)
    return result


def ring(lon: float, lat: float, radius_m: float, vertices: int = RING_VERTICES) -> BaseGeometry:
    """The true circle around a point, EPSG:4326.

    Vertices lie on the circle; between them the edge runs at most
    ``radius * (1 - cos(pi / vertices))`` inside it: 7.5 m at 25 km with 128 vertices,
    30 m with 64. It is for drawing: counts are made from distances. Cut at the
    antimeridian, closed over a pole.
    """
    return rings(np.array([lon]), np.array([lat]), radius_m, vertices)[0]


def ellipse(
    lon: float, lat: float, major_m: float, minor_m: float, azimuth: float, vertices: int = RING_VERTICES
) -> BaseGeometry:
    """The ellipse around a point, EPSG:4326, its vertices at geodesic distance.

    Parameters
    ----------
    major_m, minor_m : float
        Semi-axes, metres.
    azimuth : float
        Direction of the major axis, degrees east of north.
    """
    azimuths = np.linspace(360.0, 0.0, vertices, endpoint=False)
    turn = np.radians(azimuths - azimuth)
    radii = major_m * minor_m / np.hypot(minor_m * np.cos(turn), major_m * np.sin(turn))
    x, y, _ = GEOD.fwd(np.full(vertices, float(lon)), np.full(vertices, float(lat)), azimuths, radii)
    polygon = shapely.Polygon(np.column_stack([x, y]))
    return antimeridian.fix_polygon(polygon, fix_winding=False) if np.ptp(x) > 180 else polygon


def corridor(geometry: BaseGeometry, radius_m: float) -> BaseGeometry:
    """All within `radius_m` metres of a geometry, EPSG:4326.

    A point gives its `ring`. Lines and edges are cut to about 100 km, each piece is
    widened in a plane of its own and the results are united, with polygons filled in.
    Between arc vertices the edge runs at most 0.0003 of the radius inside.
    """
    if isinstance(geometry, shapely.Point):
        return ring(geometry.x, geometry.y, radius_m)
    parts = [_widened(piece, radius_m) for piece in pieces(geometry)]
    parts += [
        _within_180(p) for p in shapely.get_parts(unwrapped(shapely.force_2d(geometry))) if p.geom_type == "Polygon"
    ]
    return shapely.union_all(parts)


def _widened(piece: Piece, radius_m: float) -> BaseGeometry:
    coordinates = shapely.get_coordinates(shapely.simplify(piece.flat, 0.05))
    if len(coordinates) > 1:
        edges = shapely.linestrings(np.stack([coordinates[:-1], coordinates[1:]], axis=1))
    else:
        edges = shapely.points(coordinates)
    # One edge at a time: GEOS smooths a line by 1 % of the distance before it widens it.
    flat = shapely.union_all(shapely.buffer(edges, radius_m, quad_segs=RING_VERTICES // 4))
    return _within_180(_lay_back(shapely.segmentize(flat, 2_000.0), piece.plane))


def _within_180(polygon: BaseGeometry) -> BaseGeometry:
    west, _, east, _ = polygon.bounds
    if east - west <= 180 and west >= -180 and east <= 180:
        return polygon
    return shapely.union_all(
        [
            antimeridian.fix_polygon(shapely.Polygon(part.exterior, part.interiors), fix_winding=False)
            for part in shapely.get_parts(shapely.orient_polygons(polygon))
        ]
    )


def drawn_error_m(geometry: BaseGeometry, drawn: BaseGeometry, radius_m: float, most: int = 400) -> float:
    """How far the edge of a drawn buffer lies from the true one at most, metres.

    Measured at vertices and between them, at about `most` places of the edge; those where
    it was cut (at the antimeridian, at a pole) are no edge of it.
    """
    edge = np.vstack([_edge_places(ring) for ring in shapely.get_rings(shapely.get_parts(drawn))])
    edge = edge[(np.abs(edge[:, 0]) < 180 - 1e-9) & (np.abs(edge[:, 1]) < 90 - 1e-9)]
    lon, lat = edge[:: max(1, len(edge) // most)].T
    if isinstance(geometry, shapely.Point):
        metres = GEOD.inv(np.full(len(lon), geometry.x), np.full(len(lat), geometry.y), lon, lat)[2]
    else:
        metres = np.min([distances_to(piece, lon, lat) for piece in pieces(geometry)], axis=0)
    return float(np.abs(metres - radius_m).max(initial=0.0))


def _edge_places(line: BaseGeometry) -> Floats:
    """Vertices, and the middle of each edge that was not made by cutting."""
    vertices = shapely.get_coordinates(line)
    middle = (vertices[:-1] + vertices[1:]) / 2
    cut = (np.abs(vertices[:, 0]) == 180) | (np.abs(vertices[:, 1]) == 90)
    return np.vstack([vertices, middle[~(cut[:-1] & cut[1:])]])


def areas_m2(geometries: npt.NDArray[np.object_]) -> Floats:
    """Area of each polygon on the WGS84 ellipsoid, its edges straight as `densified` ones are; 0 for others.

    By Lambert's cylindrical equal-area projection: exact but for edges that bend in it, which
    for those of drawn buffers is less than a millionth.
    """
    plane = Proj(proj="cea", ellps="WGS84", units="m")
    return np.asarray(shapely.area(shapely.transform(geometries, lambda p: np.column_stack(plane(p[:, 0], p[:, 1])))))


EQUATOR = 5e-8  # degrees: 6 mm


def mgrs_of(lon: float, lat: float, place_precision: str | None) -> str | None:
    """MGRS reference with as many digits as the place is known to.

    An exact place has 8 digits (10 m), a village 4 (1 km), an area 2 (10 km), a region
    its 100 km square; 6 (100 m) where the precision is not stated. None beyond 84 N and
    80 S, where the grid is another one.
    """
    if not -80 <= lat <= 84:
        return None
    if abs(lat) < EQUATOR:
        lat = 0.0  # the library rounds a northing up to 10,000 km there, and names a square that does not exist
    digits = MGRS_DIGITS.get(place_precision or "", MGRS_DIGITS_NOT_STATED)
    return str(mgrs.MGRS().toMGRS(float(lat), float(lon), MGRSPrecision=digits // 2))


def lonlat_of_mgrs(reference: str) -> tuple[float, float]:
    """Longitude and latitude of the middle of an MGRS square, degrees.

    Parameters
    ----------
    reference : str
        In any spacing, with 2 to 10 digits: a square of 100 km is no place.

    Raises
    ------
    ValueError
        When there is no such square.
    """
    compact = "".join(reference.split()).upper()
    if not MGRS_REFERENCE.fullmatch(compact):
        raise ValueError(f"no MGRS reference: {reference}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a square that its latitude band does not have
            lat, lon = mgrs.MGRS().toLatLon(compact.removeprefix("MGRS").removeprefix(":"))
    except (mgrs.core.MGRSError, RuntimeWarning) as error:
        raise ValueError(f"no MGRS square: {reference}") from error
    return float(lon), float(lat)
