"""Cursor on Target events, one or many, and TAK data packages that hold them.

9999999.0 means "not known" and is never taken for metres. Drawings become lines and
polygons, circles and ellipses polygons on the ellipsoid; every other event, of whatever
type, is a point. Chat, orders to delete and pings are no places: they are counted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import shapely

from layers.errors import LoadError, UnreadableFile
from layers.report import Finding
from loaders.formats import kml
from loaders.formats.archive import unpack
from loaders.formats.features import Features, Position, line, number, ring
from loaders.formats.format import Format, Opened
from loaders.formats.xml_safe import Element, elements, root_of
from loaders.raw import RawLayer

UNKNOWN = 9_999_999.0
MAX_RADIUS_M = 2_000_000.0
EVENT = re.compile(rb"<event\b[^>]*\b(uid|type)\s*=")
# Messages between devices, by the beginning of their type: they say nothing of a place.
MESSAGES = {"b-t-f": "chat", "t-x-d-d": "an order to delete", "t-": "a message of the network", "b-f-t": "a file offer"}
AFFILIATIONS = {
    "f": "friend",
    "a": "assumed friend",
    "h": "hostile",
    "s": "suspect",
    "n": "neutral",
    "u": "unknown",
    "p": "pending",
    "j": "joker",
    "k": "faker",
    "o": "none",
}
OWN_COLUMN = {("contact", "callsign"): "callsign", ("status", "readiness"): "readiness"}
COLOURS = ("color", "strokeColor", "fillColor")
# Drawn from, and therefore no columns.
GEOMETRY_PARTS = frozenset({"shape", "ellipse", "polyline", "vertex", "link"})
MANIFEST = "manifest.xml"


def sniff(head: bytes, path: Path) -> bool:
    """An `event` with a uid or type; a zip archive with the manifest of a data package."""
    if head.startswith(b"PK\x03\x04"):
        return any(name.lower().endswith(f"manifest/{MANIFEST}") for name in kml.member_names(path))
    return root_of(head) in ("event", "events") and EVENT.search(head) is not None


def read(opened: Opened) -> list[RawLayer]:
    """Read all events of a file or a data package; KML in a package gives layers of its own.

    Raises
    ------
    UnreadableFile
        When it is no XML, cut short, has a DOCTYPE, or holds no event with a place.
    """
    with opened.path.open("rb") as stream:
        if stream.read(4) == b"PK\x03\x04":
            return _package(opened)
    features, findings, messages = Features(opened, "event"), list[Finding](), Counter[str]()
    _events(opened, features, findings, messages)
    if not len(features):
        raise _no_place(opened.name, messages)
    return [features.layer(findings=[*findings, *_said(messages, opened.name)])]


def _no_place(name: str, messages: Counter[str]) -> UnreadableFile:
    said = f"only {_listed(messages)}" if messages else "no event"
    return UnreadableFile(name, said, "at least one event with a place", "Export markers, routes or drawings.")


def _listed(messages: Counter[str]) -> str:
    return ", ".join(f"{count} x {what}" for what, count in sorted(messages.items()))


def _said(messages: Counter[str], name: str) -> list[Finding]:
    if not messages:
        return []
    return [
        Finding(
            "messages_not_loaded",
            "warning",
            f"{name}: {messages.total()} events are no places and were not loaded: {_listed(messages)}.",
            found=_listed(messages),
            remedy="Nothing, unless a place was expected among them.",
        )
    ]


def _events(
    opened: Opened, features: Features, findings: list[Finding], messages: Counter[str], file: str | None = None
) -> None:
    """Add the events of one file to the features, numbered on."""
    row = features.rows[-1] if features.rows else 0
    for event, _ in elements(opened.path, opened.name, frozenset({"event"}), findings, several_roots=True):
        row += 1
        kind = event.attributes.get("type", "")
        message = next((what for start, what in MESSAGES.items() if kind.startswith(start)), None)
        if message:
            messages[message] += 1
            continue
        shapes = _Drawing(event, kind)
        cells = _cells(event, kind, shapes) | ({"file": file} if file else {})
        features.add(cells, partial(shapes.shape, features), event.attributes.get("uid"), row)


def _package(opened: Opened) -> list[RawLayer]:
    folder = opened.path.parent / f"{opened.path.stem}-package"
    folder.mkdir()
    files = unpack(opened.path, opened.name, folder, kml.MAX_UNPACKED)
    findings: list[Finding] = []
    title, ignored = _manifest(next(f for f in files if f.name.lower() == MANIFEST), opened.name, findings)
    features, messages, others = Features(opened, "event"), Counter[str](), []
    layers: list[RawLayer] = []
    for file in files:
        if file.name.lower() == MANIFEST:
            continue
        inside = replace(opened, path=file, name=f"{opened.name}/{file.name}")
        with file.open("rb") as stream:
            head = stream.read(65_536)
        try:
            if file.name in ignored:
                others.append(f"{file.name} (marked as ignored)")
            elif sniff(head, file):
                _events(inside, features, findings, messages, file.name)
            elif kml.sniff(head, file):
                layers += [replace(layer, name=layer.name or file.stem, format="kml") for layer in kml.read(inside)]
            else:
                others.append(file.name)
        except LoadError as error:
            findings.append(Finding(error.code, "warning", str(error), found=error.found, remedy=error.remedy))
    findings += [*_said(messages, opened.name), *_others(others, opened.name)]
    if len(features):
        events = features.layer(title, findings)
        events.name = (title or "events") if layers else ""
        return [events, *layers]
    if not layers:
        raise _no_place(opened.name, messages)
    layers[0].findings += findings
    return layers


def _others(others: list[str], name: str) -> list[Finding]:
    if not others:
        return []
    listed = ", ".join(sorted(others)[:5])
    return [
        Finding(
            "not_read",
            "warning",
            f"{name}: {len(others)} files of the package are neither events nor KML and were not read: {listed}.",
            found=listed,
            remedy="Send layers among them as files of their own.",
        )
    ]


def _manifest(path: Path, name: str, findings: list[Finding]) -> tuple[str, set[str]]:
    """Name of the package, and the files that it says are to be ignored."""
    title, ignored = "", set()
    wanted = frozenset({"Configuration", "Content"})
    for element, _ in elements(path, f"{name}/{MANIFEST}", wanted, findings):
        if element.local == "Content" and element.attributes.get("ignore", "").lower() == "true":
            ignored.add(Path(element.attributes.get("zipEntry", "").replace("\\", "/")).name)
        for parameter in element.every("Parameter") if element.local == "Configuration" else ():
            if parameter.attributes.get("name") == "name":
                title = parameter.attributes.get("value", "")
    return title, ignored


def _cells(event: Element, kind: str, drawing: _Drawing) -> dict[str, str | None]:
    """What an event says of itself; other attributes of its detail as "element attribute"."""
    said = event.attributes
    point = event.first("point")
    where = point.attributes if point else {}
    detail = event.first("detail")
    parts = kind.split("-")
    cells: dict[str, str | None] = {
        "uid": said.get("uid"),
        "callsign": None,
        "type": kind or None,
        "affiliation": AFFILIATIONS.get(parts[1].lower()) if parts[0] == "a" and len(parts) > 1 else None,
        "time": said.get("time"),
        "start": said.get("start"),
        "stale": said.get("stale"),
        "how": said.get("how"),
        "ce": _known(where.get("ce")),
        "hae": _known(where.get("hae")),
        "le": _known(where.get("le")),
        "remarks": (detail.text_of("remarks") if detail else None),
    }
    cells |= {name: said[name] for name in ("access", "qos", "opex", "caveat", "releasableTo") if name in said}
    for element in _described(detail):
        if element.local in COLOURS:
            cells[element.local] = _colour(element.attributes.get("argb") or element.attributes.get("value"))
            continue
        for attribute, value in element.attributes.items():
            header = OWN_COLUMN.get((element.local, attribute), f"{element.local.lstrip('_')} {attribute}")
            if cells.get(header) is None:
                cells[header] = value
        if element.local != "remarks" and not element.children and element.text.strip():
            cells.setdefault(element.local.lstrip("_"), element.text.strip())
    return cells | drawing.cells()


def _described(detail: Element | None) -> Iterator[Element]:
    """The elements of the detail that are no part of its geometry."""
    for element in detail.children if detail else ():
        if element.local not in GEOMETRY_PARTS:
            yield element
            yield from element.below()


def _known(text: str | None) -> str | None:
    """A number of metres; None for 9999999, which means that it is not known."""
    try:
        value = number(text, "the number")
    except ValueError:
        return None
    return None if abs(value) >= UNKNOWN else f"{value:g}" if value.is_integer() else repr(value)


def _colour(text: str | None) -> str | None:
    """A signed 32-bit ARGB as #RRGGBB; what is no number stays as it is."""
    try:
        return f"#{int(text or '') & 0xFFFFFF:06X}"
    except ValueError:
        return text


class _Drawing:
    """What an event draws: a line, an outline, an ellipse, or its point."""

    def __init__(self, event: Element, kind: str) -> None:
        self.event, self.kind = event, kind
        detail = event.first("detail")
        shapes = detail.every("shape") if detail else []
        self.ellipses = [e for shape in shapes for e in shape.below() if e.local == "ellipse"]
        self.polylines = [e for shape in shapes for e in shape.below() if e.local == "polyline"]
        links = detail.every("link") if detail else []
        self.links = [link.attributes["point"] for link in links if link.attributes.get("point")]

    def cells(self) -> dict[str, str | None]:
        """Semi-axes of the outermost ellipse, so that a circle keeps its radius."""
        if not self.ellipses:
            return {}
        outer = max(self.ellipses, key=lambda e: float(_known(e.attributes.get("major")) or 0)).attributes
        cells: dict[str, str | None] = {"radius_m": _known(outer.get("major"))}
        if outer.get("minor") != outer.get("major"):
            cells |= {"minor_radius_m": _known(outer.get("minor")), "angle": outer.get("angle")}
        if len(self.ellipses) > 1:
            cells["rings"] = str(len(self.ellipses))
        return cells

    def shape(self, features: Features) -> Any:
        """The geometry, EPSG:4326.

        Raises
        ------
        ValueError
            When its coordinates cannot be read.
        """
        positions = [_pair(text) for text in self.links]
        if len(positions) > 1 and self.kind.startswith(("b-m-r", "u-")):
            return self._through(positions, closed=self.kind.startswith("u-d-r"))
        if self.polylines:
            vertices = [_place(v.attributes) for v in self.polylines[0].below() if v.local == "vertex"]
            closed = self.polylines[0].attributes.get("closed", "").lower() == "true"
            return self._through(vertices, closed=closed)
        point = self.event.first("point")
        if point is None:
            raise ValueError("the event has no point")
        centre = _place(point.attributes)
        if self.ellipses and self.kind.startswith("u-"):
            return self._outer_ellipse(centre)
        return shapely.Point(centre)

    def _through(self, positions: list[Position], *, closed: bool) -> Any:
        corners = len(set(positions))
        if corners > 2 and not self.kind.startswith("b-m-r") and (closed or positions[0] == positions[-1]):
            return shapely.Polygon(ring(positions)[0])
        return line(positions)

    def _outer_ellipse(self, centre: Position) -> Any:
        from layers.geodesy import ellipse  # slow to import, and seldom needed

        axes = [
            (number(e.attributes.get("major"), "the radius"), number(e.attributes.get("minor"), "the radius"), e)
            for e in self.ellipses
        ]
        major, minor, outer = max(axes, key=lambda axis: axis[0])
        if not 0 < minor <= MAX_RADIUS_M or not 0 < major <= MAX_RADIUS_M:
            raise ValueError(f"a circle with a radius of {major:g} m")
        angle = number(outer.attributes.get("angle", "0"), "the angle")
        return ellipse(centre[0], centre[1], major, minor, angle)


def _pair(text: str) -> Position:
    """A place written as ``latitude,longitude[,height]``."""
    latitude, longitude = text.split(",")[:2]
    return number(longitude, "the longitude"), number(latitude, "the latitude")


def _place(attributes: dict[str, str]) -> Position:
    return number(attributes.get("lon"), "the longitude"), number(attributes.get("lat"), "the latitude")


COT = Format("cot", "Cursor on Target (TAK)", (".cot", ".xml", ".zip"), sniff, read)
