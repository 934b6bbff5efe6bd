"""What is being looked at, as data: typed, frozen, no Streamlit.

A `View` is what the filter bar says; a `Question` is one analysis to run on filtered
layers. Both have one text form, which addresses, caches and downloads share.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from layers.errors import WrongParameter
from layers.filters import Where
from layers.kinds import IDP_FLOWS, INCIDENTS
from layers.road_states import VEHICLES
from layers.times import FIRST_DAY, LAST_DAY, Period, window

T = TypeVar("T")


@dataclass(frozen=True)
class LayerQuery:
    """A layer version and what the filters keep of it.

    Attributes
    ----------
    ref : str
        ``layer@version``.
    edition : str
        Which content that was, as `dashboard.cache.edition` says it.
    areas : str
        Edition of the admin areas, where `where` names any.
    """

    ref: str
    edition: str
    where: Where = field(default_factory=Where)
    areas: str = ""


@dataclass(frozen=True)
class DraftQuery:
    """A file that came in, and which check of it: whatever is chosen otherwise is another one."""

    draft: str
    review: str


@dataclass(frozen=True)
class Question:
    """One analysis on filtered layers.

    Attributes
    ----------
    method : str
        Id of a Method.
    inputs : mapping of str to LayerQuery
        By role.
    values : mapping of str to str
        Parameters as text.
    as_of : date
        Calendar day in the theatre's zone.
    edits : str
        What is assumed of the layers, as an edits document (`analysis.edits`); empty for nothing.
    """

    method: str
    inputs: dict[str, LayerQuery]
    values: dict[str, str]
    as_of: date
    edits: str = ""


@dataclass(frozen=True)
class Selection:
    """The one thing chosen, everywhere: a record of a layer. Written ``layer/id``."""

    layer: str
    id: str

    def text(self) -> str:
        """As it stands in the address bar."""
        return f"{self.layer}/{self.id}"

    @classmethod
    def parse(cls, text: str | None) -> Selection | None:
        """The selection that an address names, or None when it names none."""
        layer, slash, record = (text or "").partition("/")
        return cls(layer, record) if layer and slash and record else None

    @classmethod
    def from_click(cls, clicked: object) -> Selection | None:
        """The record behind a clicked map feature, as streamlit-folium returns it."""
        properties = clicked.get("properties") if isinstance(clicked, dict) else None
        if not isinstance(properties, dict) or properties.get("dragged"):
            return None
        layer, record = properties.get("layer"), properties.get("id")
        return cls(layer, record) if isinstance(layer, str) and isinstance(record, str) and layer and record else None


@dataclass(frozen=True)
class Drag:
    """A pin that was put somewhere else: the record it stands for, and the new place in degrees."""

    layer: str
    id: str
    lon: float
    lat: float

    @classmethod
    def from_map(cls, drawn: object) -> Drag | None:
        """The drag behind what streamlit-folium returns; None when it is a click or anything else."""
        if not isinstance(drawn, dict) or not isinstance(drawn.get("properties"), dict):
            return None
        told, geometry = drawn["properties"], drawn.get("geometry")
        place = geometry.get("coordinates") if isinstance(geometry, dict) else None
        if not told.get("dragged") or not isinstance(place, list) or len(place) < 2:
            return None
        lon, lat = place[:2]
        named = isinstance(told.get("layer"), str) and isinstance(told.get("id"), str)
        if not named or not all(map(_number, (lon, lat))) or abs(lat) > 90:
            return None
        return cls(told["layer"], told["id"], (lon + 180.0) % 360.0 - 180.0, float(lat))


NOTES = "@notes"
"""What stands for a layer where notes are drawn or chosen: no layer can be called so."""
PURPOSES = ("filter", "note", "record", "service")
MOST_PLACES = 1000
SHAPES = {"point": "Point", "line": "LineString", "area": "Polygon", "circle": "Point"}


@dataclass(frozen=True)
class Sketch:
    """A shape that was drawn on a map, and what it is to be used for.

    Attributes
    ----------
    purpose : str
        One of `PURPOSES`.
    shape : str
        A key of `SHAPES`.
    places : tuple of (lon, lat)
        Degrees. A line and an area have many, an area is not closed; a circle has its middle.
    radius_m : float
        Of a circle, metres on the ellipsoid; else 0.
    """

    purpose: str
    shape: str
    places: tuple[tuple[float, float], ...]
    radius_m: float = 0.0

    @classmethod
    def from_map(cls, drawn: object) -> Sketch | None:
        """The shape behind what streamlit-folium returns; None when it is a click or anything that no map sends."""
        told = drawn.get("properties") if isinstance(drawn, dict) else None
        geometry = drawn.get("geometry") if isinstance(drawn, dict) else None
        if not isinstance(told, dict) or not isinstance(geometry, dict):
            return None
        purpose, shape, radius = told.get("sketch"), told.get("shape"), told.get("radius_m", 0)
        if purpose not in PURPOSES or shape not in list(SHAPES) or geometry.get("type") != SHAPES[shape]:
            return None
        numbers = geometry.get("coordinates")
        numbers = [numbers] if SHAPES[shape] == "Point" else _outline(numbers) if shape == "area" else numbers
        places = _places(numbers)
        least = {"line": 2, "area": 3}.get(shape, 1)
        if places is None or len(places) < least or not _number(radius) or (radius > 0) != (shape == "circle"):
            return None
        return cls(purpose, shape, places, float(radius))


def _outline(rings: object) -> object:
    """The outline of a polygon, without the place that closes it; None where there is none, or holes."""
    outline = rings[0] if isinstance(rings, list) and len(rings) == 1 else None
    return outline[:-1] if isinstance(outline, list) and outline and outline[0] == outline[-1] else outline


def _places(numbers: object) -> tuple[tuple[float, float], ...] | None:
    """Pairs of degrees, longitudes as they came; None where anything is no place."""
    if not isinstance(numbers, list) or len(numbers) > MOST_PLACES:
        return None
    pairs = [tuple(pair[:2]) for pair in numbers if isinstance(pair, list) and all(map(_number, pair[:2]))]
    sound = len(pairs) == len(numbers) and all(len(pair) == 2 and abs(pair[1]) <= 90 for pair in pairs)
    return tuple((float(lon), float(lat)) for lon, lat in pairs) if sound else None


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9  # false for nan


@dataclass(frozen=True)
class Brush:
    """Days that were brushed on the bars below the map.

    Attributes
    ----------
    first, last : date or None
        Both None for the whole span.
    at : int
        When it was brushed: the browser tells the last one again with whatever comes next.
    """

    first: date | None
    last: date | None
    at: int

    @classmethod
    def from_map(cls, drawn: object) -> Brush | None:
        """The brush behind what streamlit-folium returns; None when it is a click, a drag or junk."""
        told = drawn.get("properties") if isinstance(drawn, dict) else None
        days, at = (told.get("days"), told.get("at")) if isinstance(told, dict) else (None, None)
        if not isinstance(at, int):
            return None
        if days == []:
            return cls(None, None, at)
        if not isinstance(days, list) or len(days) != 2 or not all(isinstance(day, str) for day in days):
            return None
        try:
            first, last = (date.fromisoformat(day) for day in days)
        except ValueError:
            return None
        return cls(first, last, at) if FIRST_DAY <= first <= last <= LAST_DAY else None


HAPPENS = frozenset({INCIDENTS.id, IDP_FLOWS.id})
PERIODS: dict[str, int | None] = {"7 d": 7, "30 d": 30, "90 d": 90, "1 y": 365, "all": None}


@dataclass(frozen=True)
class View:
    """What the filter bar says.

    Attributes
    ----------
    exercise : bool
        Which world: exercise layers or real ones, never both.
    as_of : date
        Calendar day in the theatre's zone.
    period : Period
        Days that incidents and movements must meet.
    period_label : str
        As people read it, e.g. ``last 30 days``.
    areas : tuple of str
        Ids of chosen admin areas or mission sectors.
    shown : tuple of str
        Names of the layers that are switched on.
    fields : mapping of str to mapping
        Layer name -> column -> accepted values.
    opacity : mapping of str to float
        Layer name -> how strongly its pictures are drawn, 0 to 1; 1 where it is not named.
    styles : mapping of str to str
        Layer name -> how it is drawn (`layers.layer_style`); as its kind where it is not named.
    base : str
        Name of the chosen base map; empty for the coastline alone.
    drawn : str
        An area drawn on a map, as `layers.drawn` writes it; empty for none.
    """

    exercise: bool
    as_of: date
    period: Period
    period_label: str
    areas: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    fields: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)
    opacity: dict[str, float] = field(default_factory=dict)
    base: str = ""
    drawn: str = ""
    styles: dict[str, str] = field(default_factory=dict)

    def asked(self, layer: str, *, around: bool = False) -> Where:
        """What the filters keep of a layer as the input of an analysis.

        An analysis has a window and takes rounds by itself: the period is not applied. The
        area chooses what is asked about, not what lies `around` it: a hazard or a clinic
        just over the line is still near. Which vehicles are looked at is a parameter of the
        analysis, which needs all that is said of a road.
        """
        fields = {name: values for name, values in self.fields.get(layer, {}).items() if name != VEHICLES}
        return Where(fields) if around else Where(fields, areas=self.areas, drawn=self.drawn)

    def seen(self, layer: str, kind: str) -> Where:
        """What the filters keep of a layer on the map and in its count.

        The period applies to things that happen (incidents, movements), not to things that
        stand or are planned, which a look-back window must not hide.
        """
        period = self.period if kind in HAPPENS else Period()
        return replace(self.asked(layer), fields=self.fields.get(layer, {}), period=period, round_at=self.as_of)

    def over_time(self, layer: str, kind: str) -> Where:
        """What the filters keep of a layer to be played: whenever it was until as-of, and every round."""
        seen = self.seen(layer, kind)
        return replace(seen, period=Period(None, self.as_of) if kind in HAPPENS else Period(), round_at=None)


def period_of(label: str, as_of: date) -> tuple[Period, str]:
    """The window that a period button means, and its wording."""
    days = PERIODS[label]
    return window(as_of, days), "all until then" if days is None else f"last {days} days"


_ADAPTERS: dict[type, TypeAdapter[object]] = {cls: TypeAdapter(cls) for cls in (LayerQuery, DraftQuery, Question)}


def to_text(value: LayerQuery | DraftQuery | Question) -> str:
    """One text form, the same for equal values: fit for an address or a cache key."""
    return _ADAPTERS[type(value)].dump_json(value, exclude_defaults=True).decode()


def from_text(cls: type[T], text: str) -> T:
    """Read back what `to_text` wrote. Nothing is evaluated; junk is refused.

    Raises
    ------
    WrongParameter
        When the text is not of that form.
    """
    try:
        return _ADAPTERS[cls].validate_json(text)  # type: ignore[return-value]
    except ValidationError as error:
        raise WrongParameter(
            "address",
            f"{error.error_count()} unusable part(s)",
            f"a {cls.__name__.lower()}",
            "Open the page again and copy its link.",
        ) from error
