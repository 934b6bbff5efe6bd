"""Layers and a View become a folium.Map. The only file that knows folium.

The map itself holds the base and never changes while people filter, so the view (centre,
zoom) survives; all that a filter changes is one `Scene`, handed over as a feature group.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import Any

import folium
from folium.elements import JSCSSMixin
from folium.template import Template

from dashboard.assets import vendor
from dashboard.safe_text import safe_text

LIGHT = {
    "name": "light",
    "page": "#F5F7F9",
    "panel": "#FFFFFF",
    "line": "#DCE3E9",
    "ink": "#15212C",
    "muted": "#5C6B78",
    "accent": "#1B75B8",
    "stale": "#8A5A00",
    "sea": "#DDE8F0",
    "land": "#FAFAF7",
    "admin": "#B9C3CC",
    "road_open": "#8A7A56",
    "road_restricted": "#B36B00",
    "road_closed": "#C0202B",
    "halo": "#FFFFFF",
    "activity": "#0B8A7A",
    "incident": "#B81D5B",
    "idp": "#5B3CC4",
    "risk": "#D08700",
    "facility": "#5F7A12",
    "mission": "#1B75B8",
    "settlement": "#5C6B78",
    "other": "#8A6A2F",
    "gap": "#5B3CC4",
    "grew": "#C2540A",
    "fell": "#1BA3C6",
    "risk_few": "#AEB8C1",
    "risk_1": "#F7DC8C",
    "risk_2": "#F6A93B",
    "risk_3": "#E0662B",
    "risk_4": "#A51D2D",
}
DARK = {
    **LIGHT,
    "name": "dark",
    "page": "#0E151C",
    "panel": "#151F29",
    "line": "#263543",
    "ink": "#E7EDF2",
    "muted": "#94A5B3",
    "accent": "#57AEE6",
    "stale": "#F2B437",
    "sea": "#0B1A26",
    "land": "#1B2631",
    "admin": "#43566A",
    "road_open": "#B7A77E",
    "road_restricted": "#F2B437",
    "road_closed": "#FF6B5E",
    "halo": "#0E151C",
    "activity": "#37C2AF",
    "incident": "#F0699C",
    "idp": "#A594F9",
    "risk": "#F2B437",
    "facility": "#A9C24B",
    "mission": "#57AEE6",
    "settlement": "#A9B1A2",
    "other": "#C8B07F",
    "gap": "#A594F9",
    "grew": "#F2935A",
    "fell": "#8FE3F0",
}
TIME_BAR = 96  # pixels: controls, bars and their axis
LEGEND_WIDTH, LEGEND_HEIGHT = 200, 64  # pixels kept free for it, as the map opens
THEMES = {"light": LIGHT, "dark": DARK}


@dataclass(frozen=True)
class DrawnLayer:
    """One file of features: where the browser gets it, and how it is drawn.

    Attributes
    ----------
    shape : str
        A symbol of `layers.kind.Style`, or land, ring, gap, picture, flow.
    ground : bool
        Part of the base, below every picture.
    pictures : str
        Where the pictures of its features come from: an address to which an id is added.
    opacity : float
        Of the pictures, 0 to 1.
    tiles : str
        Where its points come from as vector tiles: an address with {z}, {x} and {y}; empty for all in `url`.
    records : str
        Where what is said of one of them comes from: an address to which a row number is added.
    number : int
        Points in the tiles.
    mark : (lon, lat), optional
        The selected one among them, degrees.
    stale : bool
        Older than its kind keeps: drawn grey.
    """

    url: str
    name: str
    shape: str
    token: str
    interactive: bool = True
    fill: bool = False
    weight: float = 1.0
    ground: bool = False
    pictures: str = ""
    opacity: float = 1.0
    tiles: str = ""
    records: str = ""
    number: int = 0
    mark: tuple[float, float] | None = None
    stale: bool = False


@dataclass(frozen=True)
class LegendItem:
    """One line of the legend; the label holds the count, the note stands below it.

    ``look`` is one of `dashboard.looks`; ``lines`` are those it opens to, one for each symbol.
    ``layer`` is the layer that it counts, if any: while that plays, `Played.legend` stands in its
    place, whose labels hold no count and whose lines say which ``part`` they count (`cache.parts`).
    """

    shape: str
    token: str
    label: str
    note: str = ""
    stale: bool = False
    look: dict[str, object] = field(default_factory=dict)
    lines: tuple[LegendItem, ...] = ()
    layer: str = ""
    part: int | None = None

    def as_script(self) -> dict[str, object]:
        """What the browser is handed, every text made safe."""
        said = {"label": safe_text(self.label), "note": safe_text(self.note)}
        return {**asdict(self), **said, "lines": [line.as_script() for line in self.lines]}


@dataclass(frozen=True)
class Label:
    """A name on the map; earlier ones win where two collide."""

    text: str
    lon: float
    lat: float
    kind: str


@dataclass(frozen=True)
class Scale:
    """A stepped colour scale in the legend."""

    label: str
    steps: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Pin:
    """A marker that can be dragged: where a record is assumed to lie.

    Attributes
    ----------
    layer, id : str
        The record that it stands for; what a drag reports.
    moved : bool
        Whether it lies elsewhere than the record.
    """

    layer: str
    id: str
    lon: float
    lat: float
    label: str
    moved: bool = False


@dataclass(frozen=True)
class Base:
    """A base map that lies on the coastline, below all layers.

    Attributes
    ----------
    form : {"pmtiles", "xyz", "wms"}
    url : str
        Where the browser gets it.
    layers, styles : str
        Of a WMS: which of its layers, and how they are drawn.
    bounds : (west, south, east, north) or None
        Degrees, where it has tiles.
    last_zoom : int
        The closest zoom that it has tiles for.
    """

    name: str
    form: str
    url: str
    attribution: str
    layers: str = ""
    styles: str = ""
    bounds: tuple[float, float, float, float] | None = None
    last_zoom: int = 18


@dataclass(frozen=True)
class Find:
    """What the search of the map asks.

    Attributes
    ----------
    address : str
        To which the typed text is added.
    selects : bool
        Whether a record that is found becomes the chosen one.
    """

    address: str
    selects: bool = True


@dataclass(frozen=True)
class Sheet:
    """What stands around the map on paper and in full screen, where the page is not seen.

    Attributes
    ----------
    marking, background : str
        The highest marking of what is loaded, and its colour.
    exercise : bool
    title, words : str
        The page, and the view in words: as-of, areas, period.
    sources : tuple of str
        A line for each layer that is drawn; the map's own attribution stands behind them.
    """

    marking: str
    background: str
    exercise: bool
    title: str
    words: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Played:
    """A layer that is played through time.

    Attributes
    ----------
    drawn : DrawnLayer
        Its features whatever the period; without an address where cells are drawn.
    times : str
        Where the times of its records come from.
    days : str
        Where its counts by day come from, for the bars; empty where its records are not counted there.
    how : {"happens", "spans", "stands"}
        In which way it is in time (`dashboard.in_time`).
    label : str
        What it is called.
    legend : LegendItem
        Its line while it plays.
    undated : int
        Records that state no date and so are not played.
    undrawn : int
        Lines and areas that are counted, and not drawn where cells are.
    begins : str, optional
        The first day on which one of its records is stated to be there, ISO.
    """

    drawn: DrawnLayer
    times: str
    days: str
    how: str
    label: str
    legend: LegendItem
    undated: int = 0
    undrawn: int = 0
    begins: str | None = None

    def as_script(self) -> dict[str, object]:
        """What the browser is handed, every text made safe."""
        return {**asdict(self), "label": safe_text(self.label), "legend": self.legend.as_script()}


@dataclass(frozen=True)
class Time:
    """The bar below the map: what plays, until which day, and the period in view; days as ISO text."""

    layers: tuple[Played, ...]
    until: str
    first: str | None = None
    last: str | None = None


@dataclass(frozen=True)
class Scene:
    """All that is drawn, bottom first: the base map where one is chosen, then the layers.

    Attributes
    ----------
    drawn : dict, optional
        GeoJSON geometry of the area that filters everything.
    sketches : tuple of str
        What a shape drawn on this map may be used for (`dashboard.view.PURPOSES`); none: no drawing.
    """

    layers: tuple[DrawnLayer, ...]
    legend: tuple[LegendItem, ...] = ()
    labels: tuple[Label, ...] = ()
    scale: Scale | None = None
    selected: tuple[str, str] | None = field(default=None)
    pin: Pin | None = None
    base: Base | None = None
    find: Find | None = None
    drawn: dict[str, Any] | None = None
    sketches: tuple[str, ...] = ()
    sheet: Sheet | None = None
    time: Time | None = None

    def as_script(self) -> dict[str, object]:
        """What the browser is handed, every text made safe."""
        return {
            "layers": [{**asdict(layer), "name": safe_text(layer.name)} for layer in self.layers],
            "legend": [item.as_script() for item in self.legend],
            "labels": [{**asdict(label), "text": safe_text(label.text, 40)} for label in self.labels],
            "scale": {
                "label": safe_text(self.scale.label),
                "steps": [{"token": token, "label": safe_text(label)} for token, label in self.scale.steps],
            }
            if self.scale
            else None,
            "selected": {"layer": self.selected[0], "id": self.selected[1]} if self.selected else None,
            "pin": {**asdict(self.pin), "label": safe_text(self.pin.label)} if self.pin else None,
            "base": {
                **asdict(self.base),
                "name": safe_text(self.base.name, 80),
                "attribution": safe_text(self.base.attribution),
            }
            if self.base
            else None,
            "find": asdict(self.find) if self.find else None,
            "drawn": self.drawn,
            "sketches": list(self.sketches),
            "sheet": {
                **asdict(self.sheet),
                **{name: safe_text(getattr(self.sheet, name)) for name in ("marking", "title", "words")},
                "sources": [safe_text(line) for line in self.sheet.sources],
            }
            if self.sheet
            else None,
            "time": {
                **asdict(self.time),
                "layers": [each.as_script() for each in self.time.layers],
            }
            if self.time
            else None,
        }


class _SceneElement(folium.map.Layer):
    """Hands a scene to our own drawing code."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "var {{ this.get_name() }} = Overlay.scene({{ this.scene }});"
        "{{ this.get_name() }}.addTo({{ this._parent.get_name() }});"
        "{% endmacro %}"
    )

    def __init__(self, scene: Scene) -> None:
        super().__init__(name="scene", control=False)
        self._name = "Scene"
        self.scene = script_json(scene.as_script())


class _Prepare(folium.MacroElement):
    """Sets the theme and the canvas of the map, and leaves room below it."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "Overlay.prepare({{ this._parent.get_name() }}, {{ this.theme }}, {{ this.addresses }}, {{ this.below }});"
        "{% endmacro %}"
    )

    def __init__(self, theme: dict[str, str], below: int) -> None:
        super().__init__()
        self._name = "Prepare"
        self.below = below
        self.theme = script_json(theme)
        self.addresses = script_json({"milsymbol": vendor("milsymbol.js")})


@lru_cache(maxsize=1)
def use_local_files() -> None:
    """Turn folium's links, which point at other people's servers, to our own files.

    What we do not serve is not asked for.
    """
    for cls in _subclasses(JSCSSMixin):
        cls.default_js = []
        cls.default_css = []
    folium.Map.default_js = [("map_js", vendor("map.js"))]
    folium.Map.default_css = [("map_css", vendor("map.css"))]


def _subclasses(cls: Any) -> list[Any]:
    return [cls, *(found for child in cls.__subclasses__() for found in _subclasses(child))]


def script_json(value: object) -> str:
    """JSON that cannot end a script element, whatever the text holds."""
    return json.dumps(value).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def base_map(
    bounds: tuple[float, float, float, float], theme: str, attribution: str, *, narrow: bool = False, below: int = 0
) -> folium.Map:
    """The map without its scene.

    Parameters
    ----------
    bounds : (west, south, east, north)
        Degrees, what the map opens on.
    theme : {"light", "dark"}
    attribution : str
        Sources and the boundary note; made safe here.
    narrow : bool
        The legend has its room above what the map opens on, not beside it.
    below : int
        Pixels of the frame that the bar of time takes.
    """
    use_local_files()
    west, south, east, north = bounds
    drawn = folium.Map(
        location=((south + north) / 2, (west + east) / 2),
        tiles=None,
        prefer_canvas=True,
        font_size="12px",
        min_zoom=2,
        max_zoom=18,
        world_copy_jump=False,
        zoom_snap=0.25,
        fade_animation=False,
    )
    drawn.add_child(_Prepare(THEMES[theme], below))  # first: what the map opens on must fit the room it has
    drawn.fit_bounds(
        [[south, west], [north, east]],
        padding_top_left=(12, LEGEND_HEIGHT if narrow else 12),
        padding_bottom_right=(12 if narrow else LEGEND_WIDTH, 12),
    )
    drawn.add_child(_Attribution(attribution))
    return drawn


class _Attribution(folium.MacroElement):
    """Sources and boundary note in the corner."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "{{ this._parent.get_name() }}.attributionControl.addAttribution({{ this.text }});"
        "{% endmacro %}"
    )

    def __init__(self, text: str) -> None:
        super().__init__()
        self._name = "Attribution"
        self.text = script_json(safe_text(text, 600))


def scene_group(scene: Scene) -> folium.FeatureGroup:
    """The scene in the form that streamlit-folium swaps without touching the view."""
    group = folium.FeatureGroup(name="scene", control=False)
    group.add_child(_SceneElement(scene))
    return group


def legend_item(
    drawn: DrawnLayer, label: str, number: int, total: int, note: str = "", lines: tuple[LegendItem, ...] = ()
) -> LegendItem:
    """The legend's line of a layer: always of what is drawn."""
    count = f"{number:,}" if number == total else f"{number:,} of {total:,}"
    return LegendItem(drawn.shape, drawn.token, f"{label} ({count})", note, drawn.stale, lines=lines, layer=drawn.name)
