"""What is known of the theatre already: admin areas, P-code points and settlements of the same world.

Areas come from stored layers of admin areas, and from P-code points (settlements whose
id is their admin code). Names are folded by `normalise` and looked for within their
parent; a name that several areas bear is not guessed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from layers.kind import normalise

Geometries = npt.NDArray[np.object_]
LEVELS = (1, 2, 3)
NEAR_ENOUGH = 72  # rapidfuzz's WRatio, 0 to 100, from which a spelling is worth proposing
DEGREE_M = 111_320.0
PCODE = re.compile(r"([A-Z]{2,3})\d")


def country_of(code: object) -> str:
    """The country that a P-code begins with, two letters or three; empty where it is none."""
    found = PCODE.match(code) if isinstance(code, str) else None
    return found[1] if found else ""


def may_be_of(stated: frozenset[str], known: frozenset[str]) -> bool:
    """Whether what states these countries may speak of those; only codes of one length can be compared."""
    lengths = {len(code) for code in stated}
    comparable = {code for code in known if len(code) in lengths}
    return not comparable or bool(comparable & stated)


@dataclass(frozen=True, eq=False)
class Area:
    """One admin area.

    Attributes
    ----------
    code : str or None
        P-code; None where only its name is known.
    level : int
        1 to 3; 0 for a country, -1 where not stated.
    names : frozenset of str
        Folded spellings.
    parent, country : str or None
        P-codes.
    geometry : Geometry or None
        Its outline, or a point in it.
    """

    code: str | None
    level: int
    name: str
    names: frozenset[str]
    parent: str | None = None
    country: str | None = None
    geometry: shapely.Geometry | None = None

    @property
    def countries(self) -> frozenset[str]:
        """Codes of its country, as its own P-code and the sender of the layer state them."""
        own = self.code if self.level == 0 else country_of(self.code)
        return frozenset(code for code in (own, self.country) if code)

    @property
    def outlined(self) -> bool:
        """Whether its outline is known, not only a point."""
        return self.geometry is not None and int(shapely.get_dimensions(self.geometry)) == 2


@dataclass(frozen=True)
class Town:
    """A stored settlement."""

    name: str
    point: shapely.Point


@dataclass(frozen=True, eq=False)
class Reference:
    """Stored admin areas and settlements; `of` makes it.

    Attributes
    ----------
    area_frames, place_frames : tuple of GeoDataFrame
        Canonical frames of kind admin_areas and settlements, EPSG:4326.
    """

    area_frames: tuple[gpd.GeoDataFrame, ...] = ()
    place_frames: tuple[gpd.GeoDataFrame, ...] = ()

    @classmethod
    def of(cls, areas: Sequence[gpd.GeoDataFrame], places: Sequence[gpd.GeoDataFrame]) -> Reference:
        """A reference from stored frames of kind admin_areas and of kind settlements."""
        return cls(tuple(areas), tuple(places))

    @cached_property
    def listed(self) -> dict[str, Area]:
        """Areas by P-code; of two with one code the one with an outline, then with a point, then the first."""
        result: dict[str, Area] = {}
        for area in (*_areas(self.area_frames), *_pcode_points(self.place_frames)):
            known = result.get(area.code or "")
            if area.code and (known is None or _tells_more(area, known)):
                names = area.names | (known.names if known else frozenset())
                parent = (known.parent if known else None) or area.parent
                result[area.code] = Area(area.code, area.level, area.name, names, parent, area.country, area.geometry)
        result |= {a.code: a for a in _named_by_parts(self.place_frames, result) if a.code}
        return result

    @cached_property
    def areas(self) -> tuple[Area, ...]:
        """All areas: those with a code, and first levels of which only the name is known, by their parts."""
        nameless = (a for a in _named_by_parts(self.place_frames, self.listed) if not a.code)
        return (*self.listed.values(), *nameless)

    @cached_property
    def levels(self) -> frozenset[int]:
        """Levels of which any area is known."""
        return frozenset(area.level for area in self.areas)

    @cached_property
    def countries(self) -> frozenset[str]:
        """Codes of the countries that areas belong to."""
        stated = {area.country for area in self.areas if area.country}
        return frozenset(stated | {area.code for area in self.areas if area.level == 0 and area.code})

    @cached_property
    def country_codes(self) -> frozenset[str]:
        """Codes of all countries of which any area is known, of two letters and of three."""
        return frozenset(code for area in self.areas for code in area.countries)

    @cached_property
    def towns(self) -> dict[str, list[Town]]:
        """Settlements with a point, by folded name."""
        result: dict[str, list[Town]] = defaultdict(list)
        for frame in self.place_frames:
            points = shapely.centroid(frame.geometry.to_numpy())
            for name, point in zip(frame["name"], points, strict=True):
                if isinstance(name, str) and point is not None and normalise(name):
                    result[normalise(name)].append(Town(name, point))
        return dict(result)

    def named(self, name: str, level: int | None = None, within: Area | None = None) -> list[Area]:
        """Areas of this name, of one level or any, within a greater one where that is known."""
        found = [a for a in self._by_name.get(normalise(name), []) if level is None or a.level == level]
        if within is None:
            return found
        inside = [a for a in found if a is within or self._lies_in(a, within)]
        # A parent that the reference does not link to its parts tells nothing against them.
        return inside or [a for a in found if a.parent is None]

    def town(self, name: str) -> Town | None:
        """The one settlement of this name; None when there is none, or several in different places."""
        found = self.towns.get(normalise(name), [])
        return found[0] if found and all(t.point.dwithin(found[0].point, 0.05) for t in found) else None

    def nearest_spelling(
        self,
        name: str,
        level: int | None = None,
        *,
        towns: bool = False,
        countries: frozenset[str] = frozenset(),
    ) -> str:
        """The known name most like this one, with its P-code; empty when none is like it.

        Parameters
        ----------
        countries : frozenset of str
            In which it is looked for; in all where none is given.
        """
        from rapidfuzz import fuzz, process

        if towns and not may_be_of(countries, self.country_codes):
            return ""
        if towns:
            choices = {folded: found[0].name for folded, found in self.towns.items()}
        else:
            choices = {
                folded: f"{area.name} ({area.code})" if area.code else area.name
                for area in self.areas
                if (level is None or area.level == level) and may_be_of(countries, area.countries)
                for folded in area.names
            }
        best = process.extractOne(normalise(name), choices.keys(), scorer=fuzz.WRatio, score_cutoff=NEAR_ENOUGH)
        return choices[best[0]] if best else ""

    def point_of(self, area: Area) -> shapely.Point | None:
        """A point that stands for an area: inside its outline, else its own, else that of its most central part."""
        if area.geometry is not None:
            return shapely.point_on_surface(area.geometry) if area.outlined else shapely.centroid(area.geometry)
        points = np.array([p for p in (self.point_of(part) for part in self._parts(area)) if p is not None])
        if not len(points):
            return None
        middle = shapely.centroid(shapely.multipoints(points))
        central: shapely.Point = points[int(np.argmin(shapely.distance(points, middle)))]
        return central

    def above(self, area: Area) -> Iterator[Area]:
        """The greater areas that hold this one, from the nearest up."""
        seen = {area.code}
        parent = self.listed.get(area.parent or "")
        while parent is not None and parent.code not in seen:
            seen.add(parent.code)
            yield parent
            parent = self.listed.get(parent.parent or "")

    def outlined(self, level: int) -> list[Area]:
        """Areas of one level whose outline is known."""
        return self._outlined.get(level, [])

    def at(self, points: Geometries, level: int) -> npt.NDArray[np.intp]:
        """Position in `outlined(level)` of the area that holds each point; -1 where none does."""
        result = np.full(len(points), -1, dtype=np.intp)
        outlines = np.array([a.geometry for a in self.outlined(level)], dtype=object)
        if len(outlines) and len(points):
            # The points make the tree: then each outline is prepared once for all of them.
            area, point = shapely.STRtree(points).query(outlines, predicate="intersects")
            # On a shared border the first of the areas has it.
            result[point[::-1]] = area[::-1]
        return result

    def covers(self, points: Geometries, tolerance: float = 0.0) -> npt.NDArray[np.bool_]:
        """Whether each point lies in any area, or near a P-code point.

        Parameters
        ----------
        tolerance : float
            Degrees.
        """
        result = np.zeros(len(points), bool)
        if not len(points) or not len(self._everything):
            return result
        found = shapely.STRtree(points).query(
            self._everything, predicate="dwithin", distance=tolerance + self._point_reach
        )
        result[found[1]] = True
        return result

    @cached_property
    def outlines_known(self) -> bool:
        """Whether there is any outline: without one nothing can be said to lie outside."""
        return any(area.outlined for area in self.areas)

    @cached_property
    def box(self) -> tuple[float, float, float, float] | None:
        """West, south, east and north of all that is known, in degrees."""
        return tuple(shapely.total_bounds(self._everything).tolist()) if len(self._everything) else None

    @cached_property
    def boxes(self) -> Geometries | None:
        """A box round each admin layer, or all P-code points, by which exchanged axes are noticed."""
        bounds = [frame.total_bounds for frame in self.area_frames]
        boxes = [shapely.box(*b) for b in bounds if not np.isnan(b[0])]
        if not boxes and self.box is not None:
            boxes = [shapely.box(*self.box)]
        return np.array(boxes, dtype=object) if boxes else None

    @cached_property
    def _everything(self) -> Geometries:
        shapes = [a.geometry for a in self.areas if a.geometry is not None]
        return np.array(shapes, dtype=object) if shapes else np.empty(0, dtype=object)

    @property
    def _point_reach(self) -> float:
        """How far from a P-code point its area may reach, where no outline is known; degrees."""
        return 0.0 if self.outlines_known else 1.0

    @cached_property
    def _outlined(self) -> dict[int, list[Area]]:
        result: dict[int, list[Area]] = defaultdict(list)
        for area in sorted(self.areas, key=lambda a: a.code or ""):
            if area.outlined and area.code:
                result[area.level].append(area)
        return dict(result)

    @cached_property
    def _by_name(self) -> dict[str, list[Area]]:
        result: dict[str, list[Area]] = defaultdict(list)
        for area in self.areas:
            for name in area.names:
                result[name].append(area)
        return dict(result)

    def _lies_in(self, area: Area, within: Area) -> bool:
        parents = {area.parent, *(a.code for a in self.above(area))} - {None}
        return within.code in parents if within.code else any(p in within.names for p in map(_folded, parents))

    def _parts(self, area: Area) -> list[Area]:
        return self._by_parent.get(area.code or area.name, [])

    @cached_property
    def _by_parent(self) -> dict[str, list[Area]]:
        result: dict[str, list[Area]] = defaultdict(list)
        for area in self.listed.values():
            if area.parent:
                result[area.parent].append(area)
        return dict(result)


def _folded(text: str | None) -> str:
    return normalise(text or "")


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _names(*values: object) -> frozenset[str]:
    return frozenset(normalise(v) for v in values if isinstance(v, str) and normalise(v))


def _tells_more(area: Area, known: Area) -> bool:
    def rank(a: Area) -> int:
        return 2 if a.outlined else int(a.geometry is not None)

    return rank(area) > rank(known)


def _areas(frames: Iterable[gpd.GeoDataFrame]) -> Iterator[Area]:
    for frame in frames:
        columns = (frame[c] for c in ("id", "name", "name_local", "admin_level", "parent_code", "location_code"))
        for code, name, local, level, parent, country, geometry in zip(*columns, frame.geometry, strict=True):
            if level == "sector":
                continue
            yield Area(
                _text(code),
                int(level) if isinstance(level, str) else -1,
                _text(name) or _text(code) or "",
                _names(name, local),
                _text(parent),
                _text(country),
                geometry,
            )


def _pcode_points(frames: Iterable[gpd.GeoDataFrame]) -> Iterator[Area]:
    """Areas that are known by a point: settlements whose id is their deepest admin code."""
    for frame in frames:
        for level in LEVELS:
            rows = frame[(frame["id"] == frame[f"admin{level}_code"]) & frame["id"].notna()]
            above = rows[f"admin{level - 1}_code" if level > 1 else "location_code"]
            # Without the code of its parent, the parent's name stands for it.
            named = rows["provider_admin1_name"] if level == 2 else above
            columns = (rows["id"], rows["name"], above.fillna(named), rows["location_code"])
            for code, name, parent, country, geometry in zip(*columns, rows.geometry, strict=True):
                yield Area(code, level, _text(name) or code, _names(name), _text(parent), _text(country), geometry)


def _named_by_parts(frames: Iterable[gpd.GeoDataFrame], listed: dict[str, Area]) -> Iterator[Area]:
    """First-level areas that only the P-code points inside them name; some have no known code."""
    known = {name for area in listed.values() if area.level == 1 for name in area.names}
    for frame in frames:
        rows = frame[(frame["id"] == frame["admin2_code"]) & frame["provider_admin1_name"].notna()]
        for part, name in zip(rows["id"], rows["provider_admin1_name"], strict=True):
            if normalise(name) in known:
                continue
            known.add(normalise(name))
            parent = listed[part].parent
            yield Area(parent if parent != name else None, 1, name, _names(name))
