"""What of a layer of roads can be used: open lines, cut at closed bridges, and the account of the rest."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from analysis.services import Mask
from layers.geodesy import densified, ring
from layers.known_place import BY_AREA_PRECISION

CUT_M = 100.0
"""Of a road within this distance of a closed bridge nothing can be used: more than ends are joined over."""


@dataclass(frozen=True)
class RoadAccount:
    """What became of the records of a layer of roads."""

    used: int
    closed: int
    restricted: int
    state_unknown: int
    schematic: int
    without_line: int

    def limits(self) -> tuple[str, ...]:
        """In words."""
        said = [f"{self.used} roads are used; {self.closed} closed roads and bridges are left out."]
        if self.restricted:
            said.append(f"{self.restricted} roads are restricted to some vehicles and count as open.")
        if self.state_unknown:
            said.append(f"{self.state_unknown} roads have no state and are taken as open.")
        if self.schematic:
            said.append(
                f"{self.schematic} roads are straight links between named places: the true way is longer, and they"
                " join at their ends only."
            )
        return tuple(said)


def is_closed(frame: gpd.GeoDataFrame) -> Mask:
    """Roads and bridges that are closed, of those with the state that holds (`layers.road_states`)."""
    return (frame["road_state"] == "closed").fillna(False).to_numpy(dtype=bool)


def account_of(frame: gpd.GeoDataFrame, closed: Mask, line: Mask) -> RoadAccount:
    used = line & ~closed
    state = frame["road_state"]
    return RoadAccount(
        used=int(used.sum()),
        closed=int(closed.sum()),
        restricted=int((state == "restricted").fillna(False).to_numpy(bool)[used].sum()),
        state_unknown=int(state.isna().to_numpy()[used].sum()),
        schematic=int(is_schematic(frame)[used].sum()),
        without_line=int((~line & ~closed).sum()),
    )


def is_schematic(frame: gpd.GeoDataFrame) -> Mask:
    """Links drawn straight between places that are known by name."""
    return frame["place_precision"].isin(BY_AREA_PRECISION).to_numpy(dtype=bool)


def lines_of(frame: gpd.GeoDataFrame, keep: Mask) -> tuple[list[np.ndarray], Mask]:
    """The parts of each road, on one side of the antimeridian, a vertex each 0.01 degree."""
    geometry = [densified(g) for g in frame.geometry.to_numpy()[keep]]
    if not geometry:
        return [], np.zeros(0, bool)
    middle = shapely.get_coordinates(geometry[0])[0, 0]
    parts = []
    for shape in geometry:
        turn = 360.0 * np.round((middle - shapely.get_coordinates(shape)[0, 0]) / 360.0)
        moved = shapely.transform(shape, lambda xy, turn=turn: xy + np.array([turn, 0.0]))
        found = shapely.get_parts(moved)
        parts.append(found[(shapely.get_type_id(found) == 1) & (shapely.length(found) > 0)])
    return parts, is_schematic(frame)[keep]


def without(lines: np.ndarray, blocked: np.ndarray) -> np.ndarray:
    """The lines without what lies within `CUT_M` of a closed bridge."""
    for point in blocked:
        hole = ring(point.x, point.y, CUT_M)
        for turn in (-360.0, 0.0, 360.0):
            moved = shapely.transform(hole, lambda xy, turn=turn: xy + np.array([turn, 0.0]))
            if shapely.intersects(moved, lines).any():
                lines = shapely.get_parts(shapely.difference(lines, moved))
    return lines[shapely.length(lines) > 0]
