"""Ways along a layer of roads: the lines as a graph, straight connectors to and from it.

A road is cut into stretches between stations: its ends, crossings, and the points nearest
to what is asked about. Lengths are metres on WGS84 along the line; the shortest way is
Dijkstra's (`scipy.sparse.csgraph`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import numpy as np
import shapely
from scipy import sparse
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from analysis.places import Places
from analysis.proximity import Floats, Ints, Pairs, to_ecef
from analysis.road_lines import account_of, is_closed, lines_of, without
from analysis.vehicles import ANY_VEHICLE, vehicles_of
from layers.errors import NotEnoughData
from layers.geodesy import GEOD
from layers.road_states import with_states

SNAP_M = 50.0
"""Ends that come this close to another road are joined to it. Proposal."""
LEAST_M = 1e-6
SOURCES_AT_ONCE = 200


class RoadNetwork:
    """The roads that are open at as-of, in one plane of continuous longitudes.

    Parameters
    ----------
    frame : GeoDataFrame
        Canonical rows of the kind `roads`.
    as_of : date
        The state of each road is that of this day.
    vehicle : str
        Class of vehicle asked about; `ANY_VEHICLE` for all together.

    Raises
    ------
    NotEnoughData
        When no open road has a line.
    """

    def __init__(self, frame: gpd.GeoDataFrame, as_of: date, vehicle: str = ANY_VEHICLE) -> None:
        frame = with_states(frame, as_of, vehicles_of(vehicle)).sort_values("id", kind="stable")
        closed = is_closed(frame)
        line = shapely.get_dimensions(frame.geometry.to_numpy()) == 1
        self.account = account_of(frame, closed, line)
        drawn, schematic = lines_of(frame, line & ~closed)
        blocked = frame.geometry.to_numpy()[closed & (shapely.get_type_id(frame.geometry.to_numpy()) == 0)]
        cut = [without(lines, blocked) for lines in drawn]
        self._schematic = np.repeat(schematic, [len(c) for c in cut])
        lines = [line for parts in cut for line in parts]
        if not lines:
            raise NotEnoughData(
                "coverage, roads", "no open road with a line", "at least one", "Choose another layer or measure."
            )
        self._lines = np.array(lines, dtype=object)
        self._measure()
        self._joints = _Links.joined([self._crossings(), self._ends()])

    def _measure(self) -> None:
        """Segments of all lines one after another: ends, length, and metres from the start of their line."""
        xy, line = shapely.get_coordinates(self._lines, return_index=True)
        inner = line[1:] == line[:-1]
        metres = np.where(inner, GEOD.inv(xy[:-1, 0], xy[:-1, 1], xy[1:, 0], xy[1:, 1])[2], 0.0)
        first = np.concatenate([[0], np.flatnonzero(~inner) + 1])
        total = np.concatenate([[0.0], np.cumsum(metres)])
        self._xy, self._line = xy, line
        self._along = total - total[first][line]
        self._starts_segment = np.append(inner, False)
        self._length = self._along[np.concatenate([first[1:] - 1, [len(xy) - 1]])]
        self._half = float(metres.max(initial=0.0)) / 2
        self._tree = cKDTree(to_ecef(xy[:, 0], xy[:, 1]))

    def _near(self, lon: Floats, lat: Floats, reach: Floats) -> tuple[Ints, Ints, Floats, Floats]:
        """Segments within reach of each point: number of the point, line, metres along it, metres away."""
        around = self._tree.query_ball_point(to_ecef(lon, lat), reach + self._half + 1.0)
        point = np.repeat(np.arange(len(lon)), [len(v) for v in around])
        vertex = np.concatenate([np.asarray(v, np.int64) for v in around]) if len(around) else np.zeros(0, np.int64)
        ends = np.concatenate([vertex, vertex - 1])  # the segment after the vertex, and the one before
        point = np.concatenate([point, point])
        real = self._starts_segment[ends]
        point, start = point[real], ends[real]
        share, away = _foot(lon[point], lat[point], self._xy[start], self._xy[start + 1])
        along = self._along[start] + share * (self._along[start + 1] - self._along[start])
        return point, self._line[start], along, away

    def foot(self, lon: Floats, lat: Floats) -> tuple[Ints, Floats, Floats]:
        """Nearest point of the roads to each place: line, metres along it, metres away."""
        reach = self._tree.query(to_ecef(lon, lat))[0]
        point, line, along, away = self._near(lon, lat, reach)
        order = np.lexsort((along, line, away, point))
        first = order[np.concatenate([[True], np.diff(point[order]) > 0])]
        return line[first], along[first], away[first]

    def _ends(self) -> _Links:
        """Ends of lines joined to the other lines that come within `SNAP_M`."""
        n = len(self._lines)
        first = np.concatenate([[0], np.flatnonzero(np.diff(self._line)) + 1])
        vertex = np.concatenate([first, np.append(first[1:] - 1, len(self._xy) - 1)])
        own, own_along = np.tile(np.arange(n), 2), np.concatenate([np.zeros(n), self._length])
        lon, lat = self._xy[vertex].T
        point, line, along, away = self._near(lon, lat, np.full(2 * n, SNAP_M))
        at_end = np.minimum(along, self._length[line] - along) <= SNAP_M
        drawn = ~(self._schematic[line] | self._schematic[own[point]])
        use = (line != own[point]) & (away <= SNAP_M) & (at_end | drawn)
        point, line, along, away = point[use], line[use], along[use], away[use]
        order = np.lexsort((away, line, point))
        fresh = np.concatenate([[True], (np.diff(point[order]) > 0) | (np.diff(line[order]) > 0)])[: len(order)]
        kept = order[fresh]
        return _Links(own[point[kept]], own_along[point[kept]], line[kept], along[kept], away[kept])

    def _crossings(self) -> _Links:
        """Points where two drawn lines cross or touch; links between named places do not."""
        real = np.flatnonzero(~self._schematic)
        left, right = shapely.STRtree(self._lines[real]).query(self._lines[real], predicate="intersects")
        pairs = left < right
        left, right = real[left[pairs]], real[right[pairs]]
        shared = shapely.intersection(self._lines[left], self._lines[right])
        xy, number = shapely.get_coordinates(shared, return_index=True)
        points = shapely.points(xy)
        one, other = left[number], right[number]
        return _Links(one, self._position(one, points), other, self._position(other, points), np.zeros(len(number)))

    def _position(self, line: Ints, points: np.ndarray) -> Floats:
        """Metres along the line of a point on it."""
        located = shapely.line_locate_point(self._lines[line], points)
        steps = np.append(0.0, np.hypot(*np.diff(self._xy, axis=0).T))
        steps[np.append(True, np.diff(self._line) > 0)] = 0.0
        degrees = np.cumsum(steps)
        first = np.searchsorted(self._line, np.arange(len(self._lines)))
        # The lines lie one after another on one axis, so that one interpolation serves all.
        metres = np.cumsum(np.append(0.0, np.where(np.diff(self._line) > 0, 0.0, np.diff(self._along))))
        return np.interp(degrees[first][line] + located, degrees, metres) - metres[first][line]

    def ways(self, places: Places, services: Places) -> Ways:
        """The graph with both as leaves on it; what has no place is on no road."""
        return Ways(self, places, services)


@dataclass(frozen=True)
class _Links:
    """Pairs of points on lines, and metres between them."""

    line: Ints
    along: Floats
    other: Ints
    other_along: Floats
    metres: Floats

    @classmethod
    def joined(cls, links: list[_Links]) -> _Links:
        """All of them."""
        return cls(
            np.concatenate([v.line for v in links]),
            np.concatenate([v.along for v in links]),
            np.concatenate([v.other for v in links]),
            np.concatenate([v.other_along for v in links]),
            np.concatenate([v.metres for v in links]),
        )


class Ways:
    """Shortest ways by road from places to services.

    The way is straight from the place to the nearest point of a road, along the roads, and
    straight to the service. Where the service is no further in a straight line than the
    road is, the way is that straight line.
    """

    def __init__(self, network: RoadNetwork, places: Places, services: Places) -> None:
        self.places, self.services = places, services
        joints = network._joints
        self._own, self._goal = _on_road(network, places), _on_road(network, services)
        n = len(network._lines)
        line = np.concatenate([np.arange(n), np.arange(n), joints.line, joints.other, self._own.line, self._goal.line])
        along = np.concatenate(
            [np.zeros(n), network._length, joints.along, joints.other_along, self._own.along, self._goal.along]
        )
        order = np.lexsort((along, line))
        follows = line[order][1:] == line[order][:-1]
        a, b = order[:-1][follows], order[1:][follows]
        stations, links = len(line), len(joints.line)
        first_own = 2 * n + 2 * links
        first_goal = first_own + len(self._own.line)
        self._leaf = stations + np.arange(len(self._own.line))
        self._service = stations + len(self._own.line) + np.arange(len(self._goal.line))
        start = np.concatenate([a, 2 * n + np.arange(links), first_own + np.arange(len(self._own.line)),
                                first_goal + np.arange(len(self._goal.line))])  # fmt: skip
        end = np.concatenate([b, 2 * n + links + np.arange(links), self._leaf, self._service])
        metres = np.concatenate([along[b] - along[a], joints.metres, self._own.away, self._goal.away])
        self._graph = _graph(start, end, metres, stations + len(self._leaf) + len(self._service))

    @property
    def to_road_m(self) -> Floats:
        """Metres from each place to the nearest road, NaN without a place."""
        away = np.full(len(self.places), np.nan)
        away[self._own.at] = self._own.away
        return away

    def nearest(self, group: Ints, radius_m: float) -> tuple[Ints, Floats]:
        """For each place the nearest by road of a group of services: number in the group, and metres.

        -1 and NaN where no way leads there.
        """
        position, metres = np.full(len(self.places), -1, np.int64), np.full(len(self.places), np.inf)
        leaf_of = {int(at): int(leaf) for at, leaf in zip(self._goal.at, self._service, strict=True)}
        sources = [leaf_of[int(g)] for g in group if int(g) in leaf_of]
        if sources:
            found, _, source = dijkstra(
                self._graph, directed=False, indices=sources, min_only=True, return_predecessors=True
            )
            number = {leaf_of[int(g)]: i for i, g in enumerate(group) if int(g) in leaf_of}
            there = np.isfinite(found[self._leaf])
            metres[self._own.at] = found[self._leaf]
            position[self._own.at[there]] = [number[int(s)] for s in source[self._leaf[there]]]
        near, straight_m = self.places.nearest(Places(self.services.geometries[group]), decisive_m=radius_m)
        beside = (near >= 0) & (straight_m <= np.nan_to_num(self.to_road_m, nan=-1.0)) & (straight_m < metres)
        position[beside], metres[beside] = near[beside], straight_m[beside]
        return position, np.where(position < 0, np.nan, metres)

    def pairs(self, group: Ints, limit_m: float) -> Pairs:
        """All pairs of a place (left) and one of a group of services (right, its number) within the limit."""
        straight_pairs = self.places.pairs(Places(self.services.geometries[group]), limit_m)
        beside = straight_pairs.distance_m <= np.nan_to_num(self.to_road_m, nan=-1.0)[straight_pairs.left]
        found = [(straight_pairs.left[beside], straight_pairs.right[beside], straight_pairs.distance_m[beside])]
        leaf_of = dict(zip(self._goal.at.tolist(), self._service.tolist(), strict=True))
        on_road = np.flatnonzero([g in leaf_of for g in group.tolist()])
        for numbers in np.array_split(on_road, max(1, len(on_road) // SOURCES_AT_ONCE)):
            sources = [leaf_of[int(group[i])] for i in numbers]
            metres = dijkstra(self._graph, directed=False, indices=sources, limit=limit_m)[:, self._leaf]
            service, place = np.nonzero(metres <= limit_m)
            found.append((self._own.at[place], numbers[service], metres[service, place]))
        left, right, metres = (np.concatenate(v) for v in zip(*found, strict=True))
        order = np.lexsort((metres, right, left))
        left, right, metres = left[order], right[order], metres[order]
        fresh = np.append(True, (np.diff(left) > 0) | (np.diff(right) > 0))[: len(left)]
        return Pairs(left[fresh], right[fresh], metres[fresh])


@dataclass(frozen=True)
class _Feet:
    """Where places stand on the roads: number of the place, line, metres along it, metres away."""

    at: Ints
    line: Ints
    along: Floats
    away: Floats


def _on_road(network: RoadNetwork, places: Places) -> _Feet:
    """A line or area stands at a point on it."""
    at = np.flatnonzero(places.known)
    points = shapely.point_on_surface(places.geometries[at])
    if not len(at):
        return _Feet(at, at, np.zeros(0), np.zeros(0))
    return _Feet(at, *network.foot(shapely.get_x(points), shapely.get_y(points)))


def _graph(start: Ints, end: Ints, metres: Floats, size: int) -> sparse.csr_array:
    """The shortest edge of each pair of nodes; none is quite 0, which would be no edge."""
    low, high = np.minimum(start, end), np.maximum(start, end)
    order = np.lexsort((metres, high, low))
    low, high, metres = low[order], high[order], metres[order]
    fresh = np.concatenate([[True], (np.diff(low) > 0) | (np.diff(high) > 0)])
    return sparse.csr_array((np.maximum(metres[fresh], LEAST_M), (low[fresh], high[fresh])), shape=(size, size))


def _foot(lon: Floats, lat: Floats, start: Floats, end: Floats) -> tuple[Floats, Floats]:
    """Nearest point of each segment: its share of the segment from the start, and metres to it."""
    narrowed = np.cos(np.radians(lat))[:, None] * [1.0, 0.0] + [0.0, 1.0]
    shift = 360.0 * np.round((start[:, 0] - lon) / 360.0)
    origin = np.column_stack([lon + shift, lat])
    a, b = (start - origin) * narrowed, (end - origin) * narrowed
    way = b - a
    share = np.clip(-(a * way).sum(axis=1) / np.maximum((way**2).sum(axis=1), 1e-30), 0.0, 1.0)
    foot = start + share[:, None] * (end - start)
    return share, GEOD.inv(lon, lat, foot[:, 0], foot[:, 1])[2]
