"""GPX 1.0 and 1.1: waypoints, routes and tracks, each a layer of its own."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import shapely

from layers.errors import UnreadableFile
from layers.report import Finding
from loaders.formats.features import Features, Position, line, number, together
from loaders.formats.format import Format, Opened
from loaders.formats.xml_safe import Element, elements, root_of
from loaders.raw import RawLayer

LAYERS = {"wpt": "waypoints", "rte": "routes", "trk": "tracks"}
WORDS = {"wpt": "waypoint", "rte": "route", "trk": "track"}
POINTS = {"rte": "rtept", "trk": "trkpt"}


def sniff(head: bytes, path: Path) -> bool:
    """XML whose first element is `gpx`."""
    return root_of(head) == "gpx"


def read(opened: Opened) -> list[RawLayer]:
    """Read waypoints, routes and tracks.

    A route or a track is one record, a line with the first and the last time of its points.

    Raises
    ------
    UnreadableFile
        When it is no XML, cut short, has a DOCTYPE, or holds none of the three.
    """
    findings: list[Finding] = []
    layers = {kind: Features(opened, WORDS[kind], LAYERS[kind]) for kind in LAYERS}
    title = ""
    for element, holders in elements(opened.path, opened.name, frozenset(LAYERS), findings):
        features = layers[element.local]
        if element.local == "wpt":
            features.add(_own(element), partial(_waypoint, element))
        else:
            points = [e for e in element.below() if e.local == POINTS[element.local]]
            features.add(_own(element) | _summary(points), partial(_line, element, features))
        title = title or _title(holders[0] if holders else None)
    filled = [features for features in layers.values() if len(features)]
    if not filled:
        raise UnreadableFile(
            opened.name, "GPX without waypoints, routes or tracks", "at least one of them", "Export it again."
        )
    for features in filled:
        if features.word != "waypoint":
            features.findings.append(_joined(features))
    result = [features.layer(title, findings if features is filled[0] else ()) for features in filled]
    if len(result) == 1:
        result[0].name = ""
    return result


def _title(root: Element | None) -> str:
    metadata = root.first("metadata") if root else None
    return (metadata.text_of("name") if metadata else root.text_of("name") if root else None) or ""


def _own(element: Element) -> dict[str, str | None]:
    """What a waypoint, route or track says of itself; its extensions by their own names."""
    cells: dict[str, str | None] = {"name": element.text_of("name")}
    for child in element.children:
        if child.local in ("trkseg", *POINTS.values()):
            continue
        if child.local == "link" and "href" in child.attributes:
            cells["link"] = child.attributes["href"]
        for leaf in [child] if not child.children else child.below():
            if not leaf.children and leaf.text.strip():
                cells.setdefault(leaf.local, leaf.text.strip())
    return cells


def _summary(points: list[Element]) -> dict[str, str | None]:
    times = [time for point in points if (time := point.text_of("time"))]
    names = [name for point in points if (name := point.text_of("name"))]
    return {
        "begin": times[0] if times else None,
        "end": times[-1] if times else None,
        "points": str(len(points)),
        "via": " > ".join(names) or None,
    }


def _joined(features: Features) -> Finding:
    count = sum(int(cells["points"] or 0) for cells in features.cells)
    return Finding(
        "points_joined",
        "info",
        f"{features.opened.name}: {count} points were joined to {len(features)} {features.name}; of the single points"
        " their places, names, first and last time are kept.",
        found=f"{count} points",
        remedy="Export them as waypoints where each point matters.",
    )


def _waypoint(point: Element) -> Any:
    return shapely.Point(_position(point))


def _position(point: Element) -> Position:
    return (
        number(point.attributes.get("lon"), "the longitude"),
        number(point.attributes.get("lat"), "the latitude"),
    )


def _line(element: Element, features: Features) -> Any:
    """A line for each segment; points that cannot be read are left out, and that is said."""
    segments = element.every("trkseg") if element.local == "trk" else [element]
    parts, bad = [], 0
    for segment in segments:
        positions = []
        for point in segment.every(POINTS[element.local]):
            try:
                positions.append(_position(point))
            except ValueError:
                bad += 1
        parts.append(positions)
    if bad:
        features.repaired("points_left_out", f"{bad} points without readable coordinates were left out", "Check them.")
    lines = [line(positions) for positions in parts if len(positions) > 1]
    single = [positions[0] for positions in parts if len(positions) == 1]
    if lines and single:
        features.repaired("points_left_out", f"{len(single)} segments of one point were left out", "Check them.")
    return together(lines or [shapely.Point(position) for position in single])


GPX = Format("gpx", "GPX", (".gpx",), sniff, read)
