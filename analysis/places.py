"""Distances between any geometries: points through the index, the rest piece by piece."""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from analysis.partitions import index_of
from analysis.proximity import Floats, Ints, Pairs, PointIndex, to_ecef
from layers.dataset import Dataset
from layers.geodesy import (
    DENSIFY_DEGREES,
    GEOD,
    Piece,
    corridor,
    densified,
    distance_m,
    distances_to,
    inside,
    pieces,
    rings,
)

Geometries = npt.NDArray[np.object_]
MARGIN_M = 1.0
BETWEEN_VERTICES_M = 112_000 * DENSIFY_DEGREES + MARGIN_M
INDEX_FORM = "points-1"


def places_of(dataset: Dataset) -> Places:
    """The places of all rows of a layer; the index of its points is kept beside a stored version."""
    places = Places(dataset.frame.geometry.to_numpy())
    if len(places.points):
        kept = dataset.derived(INDEX_FORM, lambda: places.index.state())
        if "grid" not in vars(places.index):
            with suppress(ValueError):  # of another form or of other points: sorted anew
                places.index.take_state(kept)
    return places


class Places:
    """Geometries in EPSG:4326 by position; those missing or empty take part in nothing."""

    def __init__(self, geometries: Geometries) -> None:
        self.geometries = np.asarray(geometries, dtype=object)
        known = ~(shapely.is_missing(self.geometries) | shapely.is_empty(self.geometries))
        point = shapely.get_type_id(self.geometries) == 0
        self.points = np.flatnonzero(known & point)
        self.shapes = np.flatnonzero(known & ~point)
        self.known = known

    def __len__(self) -> int:
        return len(self.geometries)

    @cached_property
    def index(self) -> PointIndex:
        """The points alone; `points` gives their positions."""
        return index_of(shapely.get_x(self.geometries[self.points]), shapely.get_y(self.geometries[self.points]))

    @cached_property
    def pieces(self) -> list[list[Piece]]:
        """Pieces of each shape."""
        return [list(pieces(self.geometries[i])) for i in self.shapes]

    def pairs(self, others: Places, radius_m: float) -> Pairs:
        """All pairs with ``distance <= radius``: positions here (left) and there (right).

        Points exact, lines and polygons within 0.1 m; a point inside a polygon is at 0 m.
        """
        return _joined([self._points_points(others, radius_m), self.shape_pairs(others, radius_m)])

    def shape_pairs(self, others: Places, radius_m: float) -> Pairs:
        """`pairs` without those of two points."""
        found = [_none(), *(_swap(p) for p in others._shapes_points(self, radius_m))]
        found += self._shapes_points(others, radius_m)
        found += self._shapes_shapes(others, radius_m)
        return _joined(found)

    def widened(self, radius_m: float) -> Geometries:
        """True-distance buffer of each geometry, EPSG:4326; None where there is no place."""
        drawn = np.full(len(self), None, dtype=object)
        if len(self.points):
            drawn[self.points] = rings(self.index.lon, self.index.lat, radius_m)
        for i in self.shapes:
            drawn[i] = corridor(self.geometries[i], radius_m)
        return drawn

    def _points_points(self, others: Places, radius_m: float) -> Pairs:
        if not len(self.points) or not len(others.points):
            return _none()
        found = others.index.pairs(self.index.lon, self.index.lat, radius_m)
        return Pairs(self.points[found.left], others.points[found.right], found.distance_m)

    def _shapes_points(self, others: Places, radius_m: float) -> list[Pairs]:
        result = []
        for number, shape in enumerate(self.shapes if len(others.points) else []):
            place, metres = self._near(number, others, radius_m)
            result.append(Pairs(np.full(len(place), shape), others.points[place], metres))
        return result

    def _near(self, number: int, others: Places, radius_m: float) -> tuple[Ints, Floats]:
        """Points of `others` within the radius of one shape, and metres."""
        index = others.index
        places, distances = [self._inside(number, index)], []
        distances.append(np.zeros(len(places[0])))
        for piece in self.pieces[number]:
            around = index.pairs([piece.lon], [piece.lat], radius_m + piece.reach_m + MARGIN_M).right
            places.append(around)
            distances.append(distances_to(piece, index.lon[around], index.lat[around]))
        place, metres = np.concatenate(places), np.concatenate(distances)
        order = np.lexsort((metres, place))
        place, metres = place[order], metres[order]
        first = np.concatenate([[True], place[1:] != place[:-1]])[: len(place)] & (metres <= radius_m)
        return place[first], metres[first]

    def _inside(self, number: int, index: PointIndex) -> Ints:
        shape = self.geometries[self.shapes[number]]
        if shapely.get_dimensions(shape) < 2:
            return np.zeros(0, np.int64)
        return np.flatnonzero(inside(shape, index.lon, index.lat))

    @cached_property
    def circles(self) -> tuple[Floats, Floats, Floats]:
        """For each shape the centre (degrees) and reach (metres) of a circle that holds it."""
        lon = np.array([parts[0].lon for parts in self.pieces])
        lat = np.array([parts[0].lat for parts in self.pieces])
        reach = [
            max(GEOD.inv(parts[0].lon, parts[0].lat, p.lon, p.lat)[2] + p.reach_m for p in parts)
            for parts in self.pieces
        ]
        return lon, lat, np.array(reach)

    def _gaps(self, number: int, others: Places) -> Floats:
        """Least distance that each shape of `others` can have from one shape here."""
        (lon, lat, reach), (x, y, far) = self.circles, others.circles
        same = np.full(len(x), 1.0)
        apart = GEOD.inv(same * lon[number], same * lat[number], x, y)[2]
        return np.maximum(apart - reach[number] - far - MARGIN_M, 0.0)

    @cached_property
    def outlines(self) -> list[cKDTree]:
        """For each shape its vertices, one each 0.01 degree, as earth-centred coordinates."""
        return [cKDTree(to_ecef(*shapely.get_coordinates(densified(self.geometries[i])).T)) for i in self.shapes]

    def _surely_beyond(self, number: int, others: Places, other: int, radius_m: float) -> bool:
        """Whether two shapes are further apart than the radius, by their vertices alone.

        No place of an outline is further from a vertex than half the distance between two.
        """
        there = others.outlines[other]
        near, _ = self.outlines[number].query(there.data, distance_upper_bound=radius_m + BETWEEN_VERTICES_M)
        if np.isfinite(near).any():
            return False
        one, two = self.geometries[self.shapes[number]], others.geometries[others.shapes[other]]
        return not (_any_inside(one, two) or _any_inside(two, one))

    def _shapes_shapes(self, others: Places, radius_m: float) -> list[Pairs]:
        found = []
        for number, left in enumerate(self.shapes if len(others.shapes) else []):
            for other in np.flatnonzero(self._gaps(number, others) <= radius_m):
                if self._surely_beyond(number, others, int(other), radius_m):
                    continue
                right = others.shapes[other]
                metres = distance_m(self.geometries[left], others.geometries[right])
                if metres <= radius_m:
                    found.append(Pairs(np.array([left]), np.array([right]), np.array([metres])))
        return found

    def nearest(self, others: Places, decisive_m: float | None = None) -> tuple[Ints, Floats]:
        """Position of the nearest other and metres to it; the lower position of equals.

        -1 and NaN where either has no place. Comparing with `decisive_m` is exact for points.
        """
        position, metres = np.full(len(self), -1, np.int64), np.full(len(self), np.inf)
        if len(self.points) and len(others.points):
            at, distance = others.index.nearest(self.index.lon, self.index.lat, decisive_m)
            position[self.points], metres[self.points] = others.points[at], distance
        for number, other in enumerate(others.shapes if len(self.points) else []):
            lon, lat, reach = (float(v[number]) for v in others.circles)
            apart = _chords(self.index, lon, lat)
            near = np.flatnonzero(apart - reach - MARGIN_M <= metres[self.points])
            distance = others._distances(number, self.index.lon[near], self.index.lat[near])
            _keep_nearer(position, metres, self.points[near], int(other), distance)
        for number, shape in enumerate(self.shapes):
            self._nearest_of_shape(number, np.array([shape]), others, position, metres)
        return position, np.where(position < 0, np.nan, metres)

    def _nearest_of_shape(self, number: int, own: Ints, others: Places, position: Ints, metres: Floats) -> None:
        if len(others.points):
            piece = self.pieces[number][0]
            bound = others.index.nearest([piece.lon], [piece.lat])[1][0]  # the centre is on the shape
            place, distance = self._near(number, others, bound + MARGIN_M)
            for at in np.lexsort((place, distance))[:1]:
                _keep_nearer(position, metres, own, int(others.points[place[at]]), distance[at : at + 1])
        gaps = self._gaps(number, others) if len(others.shapes) else np.zeros(0)
        for other in np.argsort(gaps, kind="stable"):
            if gaps[other] <= metres[own[0]] and not self._surely_beyond(number, others, int(other), metres[own[0]]):
                right = int(others.shapes[other])
                apart = distance_m(self.geometries[own[0]], others.geometries[right])
                _keep_nearer(position, metres, own, right, np.array([apart]))

    def _distances(self, number: int, lon: Floats, lat: Floats) -> Floats:
        """Metres from points to one shape."""
        shape = self.geometries[self.shapes[number]]
        metres = np.full(len(lon), np.inf)
        for piece in self.pieces[number] if len(lon) else []:
            metres = np.minimum(metres, distances_to(piece, lon, lat))
        if shapely.get_dimensions(shape) == 2:
            metres[inside(shape, lon, lat)] = 0.0
        return metres


def _any_inside(area: BaseGeometry, shape: BaseGeometry) -> bool:
    """Whether a vertex of the shape lies in the polygons of the area."""
    return bool(inside(area, *shapely.get_coordinates(shape).T).any())


def _chords(index: PointIndex, lon: float, lat: float) -> Floats:
    """Straight-line metres, never more than the geodesic."""
    return np.linalg.norm(index.xyz - to_ecef(np.array([lon]), np.array([lat])), axis=1)


def _keep_nearer(position: Ints, metres: Floats, own: Ints, other: int, distance: Floats) -> None:
    better = (distance < metres[own]) | ((distance == metres[own]) & (other < position[own]))
    position[own[better]], metres[own[better]] = other, distance[better]


def _swap(pairs: Pairs) -> Pairs:
    return Pairs(pairs.right, pairs.left, pairs.distance_m)


def _joined(found: list[Pairs]) -> Pairs:
    left = np.concatenate([p.left for p in found])
    right = np.concatenate([p.right for p in found])
    metres = np.concatenate([p.distance_m for p in found])
    order = np.lexsort((right, left))
    return Pairs(left[order], right[order], metres[order])


def _none() -> Pairs:
    return Pairs(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
