"""What a person types into the search of the map, read as a place: MGRS, degrees, UTM.

Names and identifiers are looked up in `dashboard.name_index`; `dashboard.cache.finding`
puts both together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from dashboard.safe_text import safe_text
from layers.geodesy import mgrs_of
from layers.mgrs_grid import looks_like_mgrs, square_of
from loaders.coordinates import read_geopoints, tidy
from loaders.grids import read_utm

LONGEST = 120
MOST_ANSWERS = 8
LATITUDE_FIRST, LONGITUDE_FIRST = "latitude first", "longitude first"
_HEMISPHERE = re.compile(r"[NSEWO]")
_NO_PLACE = "No such place: latitude is within 90 degrees, longitude within 180."


@dataclass(frozen=True)
class Answer:
    """One line of the list under the search.

    Attributes
    ----------
    label, note : str
        What it is called; its kind, layer and what was assumed.
    shape : BaseGeometry or None
        What is drawn, EPSG:4326; None where its place is not known.
    layer, id : str
        The record it stands for; both empty for a place, `id` for several records.
    """

    label: str
    note: str
    shape: BaseGeometry | None
    layer: str = ""
    id: str = ""

    def as_json(self) -> dict[str, object]:
        """What the browser is handed, every text made safe."""
        box = None if self.shape is None else [round(v, 6) for v in self.shape.bounds]
        drawn = self.shape is not None and not self.layer and self.shape.geom_type != "Point"
        return {
            "label": safe_text(self.label, 80),
            "note": safe_text(self.note, 160),
            "box": box,
            "shape": shapely.geometry.mapping(self.shape) if drawn else None,
            "layer": self.layer,
            "id": self.id,
        }


@dataclass(frozen=True)
class Found:
    """All that a search answers: at most `MOST_ANSWERS`, and what must be said of them."""

    answers: tuple[Answer, ...] = ()
    said: tuple[str, ...] = field(default=())

    def as_json(self) -> dict[str, object]:
        """What the browser is handed, every text made safe."""
        return {"answers": [a.as_json() for a in self.answers], "said": [safe_text(s) for s in self.said]}


def read_places(text: str) -> Found:
    """The places that a text may mean; none where it is no place, and why not where it was meant as one."""
    if not any(c.isdigit() for c in text):
        return Found()
    if looks_like_mgrs(text):
        return _square(text)
    column = pd.Series([text], dtype="str")
    point = read_utm(column)[0].geometries[0]
    if isinstance(point, shapely.Point):
        return Found((Answer(degrees(point.y, point.x), f"UTM{_and_mgrs(point.y, point.x)}", point),))
    point = read_geopoints(column).geometries[0]
    if not isinstance(point, shapely.Point):
        return Found()
    found = tuple(_orders(point.y, point.x, stated=_HEMISPHERE.search(str(tidy(column).iloc[0])) is not None))
    return Found(found) if found else Found(said=(_NO_PLACE,))


def _square(text: str) -> Found:
    try:
        square = square_of(text)
    except ValueError as error:
        said = str(error)
        return Found(said=(f"{said[0].upper()}{said[1:]}.",))
    size = "zone and band" if square.side_m is None else f"square of {metres(square.side_m)}"
    return Found((Answer(square.reference, f"MGRS, {size}", square.geometry),))


def _orders(first: float, second: float, *, stated: bool) -> Iterator[Answer]:
    """The place with latitude first, and the one with longitude first where letters do not tell."""
    for lat, lon, order in ((first, second, LATITUDE_FIRST), (second, first, LONGITUDE_FIRST)):
        if abs(lat) > 90 or abs(lon) > 180 or (order == LONGITUDE_FIRST and (stated or first == second)):
            continue
        assumed = "" if stated else f", {order} (assumed)"
        yield Answer(degrees(lat, lon), f"Degrees{assumed}{_and_mgrs(lat, lon)}", shapely.Point(lon, lat))


def _and_mgrs(lat: float, lon: float) -> str:
    reference = mgrs_of(lon, lat, "point")
    return f" · {square_of(reference).reference}" if reference else ""


def degrees(lat: float, lon: float) -> str:
    """A place in degrees, as the corner of the map writes it.

    >>> degrees(-8.0142, -119.7761)
    '8.0142° S 119.7761° W'
    """
    return f"{abs(lat):.4f}° {'S' if lat < 0 else 'N'} {abs(lon):.4f}° {'W' if lon < 0 else 'E'}"


def metres(side: int) -> str:
    """A length of the grid in words.

    >>> metres(100), metres(10_000)
    ('100 m', '10 km')
    """
    return f"{side} m" if side < 1000 else f"{side // 1000} km"
