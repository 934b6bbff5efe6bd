"""KML (OGC 12-007) and KMZ: every Placemark of every folder, read one by one.

Links to other files are never followed and pictures laid over the map are not drawn:
both are said. Styles are left out; descriptions may hold HTML and stay plain text.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

import shapely

from layers.errors import UnreadableFile
from layers.report import Finding
from loaders.formats.archive import unpack
from loaders.formats.features import Features, Position, line, number, ring, together
from loaders.formats.format import Format, Opened
from loaders.formats.xml_safe import Element, elements, root_of
from loaders.raw import RawLayer

GEOMETRIES = frozenset(
    {"Point", "LineString", "LinearRing", "Polygon", "MultiGeometry", "Track", "MultiTrack", "Model"}
)
# Elements that are no places; the value says what becomes of them.
ELSEWHERE = {
    "NetworkLink": "points at another file and was not followed",
    "NetworkLinkControl": "speaks of another file and was not followed",
    "GroundOverlay": "is a picture and was not read",
    "ScreenOverlay": "is a picture and was not read",
    "PhotoOverlay": "is a picture and was not read",
    "Tour": "is a tour and was not read",
}
# Of a Placemark, what says how it is drawn and not what it is.
DRAWING = frozenset(
    {"styleUrl", "visibility", "open", "balloonVisibility", "drawOrder", "altitudeMode", "extrude", "tessellate"}
)
# In a zip archive beside KML, these are layers too: then it is no KMZ.
OTHER_LAYERS = frozenset(
    {".shp", ".gpkg", ".geojson", ".json", ".csv", ".tsv", ".cot", ".gpx", ".fgb", ".xlsx", ".ods"}
)
ROOTS = frozenset({"kml", "Document", "Folder", "Placemark"})
MAX_UNPACKED = 1_000_000_000  # bytes
COMMA = re.compile(r"\s*,\s*")
TIMES = {"when": "time", "begin": "begin", "end": "end"}


def sniff(head: bytes, path: Path) -> bool:
    """KML by its first element; a zip archive that holds KML and no layer of another kind."""
    if not head.startswith(b"PK\x03\x04"):
        return root_of(head) in ROOTS
    names = [PurePosixPath(name.lower()) for name in member_names(path)]
    if any(name.name == "doc.kml" for name in names):
        return True
    suffixes = {name.suffix for name in names}
    other = suffixes & OTHER_LAYERS or any(name.name == "manifest.xml" for name in names)
    return ".kml" in suffixes and not other


def member_names(path: Path) -> list[str]:
    """Names of the files in an archive, with forward slashes; none when it does not open."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = [member.filename.replace("\\", "/") for member in archive.infolist() if not member.is_dir()]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return []
    return [name for name in names if "__MACOSX" not in name]


def read(opened: Opened) -> list[RawLayer]:
    """Read all places of a KML file, or of each KML file in a KMZ.

    Raises
    ------
    UnreadableFile
        When it is no XML, cut short, has a DOCTYPE, or holds no place.
    TooLarge
        Over the limits of columns, depth or unpacked size.
    """
    with opened.path.open("rb") as stream:
        if stream.read(4) != b"PK\x03\x04":
            return [_layer(opened)]
    folder = opened.path.parent / f"{opened.path.stem}-kmz"
    folder.mkdir()
    files = [f for f in unpack(opened.path, opened.name, folder, MAX_UNPACKED) if f.suffix == ".kml"]
    if len(files) == 1:
        return [_layer(replace(opened, path=files[0]))]
    return _several(opened, files)


def _several(opened: Opened, files: list[Path]) -> list[RawLayer]:
    """One layer for each KML file of a KMZ; one without places does not take the others with it."""
    layers, failures = [], []
    for file in files:
        try:
            layer = _layer(replace(opened, path=file, name=f"{opened.name}/{file.name}"))
        except UnreadableFile as error:
            failures.append(error)
            continue
        layer.name = file.stem
        layers.append(layer)
    if not layers:
        raise failures[0]
    layers[0].findings += [Finding(e.code, "warning", str(e), found=e.found, remedy=e.remedy) for e in failures]
    return layers


def _layer(opened: Opened) -> RawLayer:
    findings: list[Finding] = []
    features, elsewhere = Features(opened, "placemark"), list[Element]()
    holders_of: list[tuple[Element, ...]] = []
    wanted = frozenset({"Placemark", *ELSEWHERE})
    for element, holders in elements(opened.path, opened.name, wanted, findings):
        if element.local != "Placemark":
            elsewhere.append(element)
            continue
        holders_of.append(holders)
        features.add(_cells(element), partial(_shape, element, features), element.attributes.get("id"))
    # The name of a folder may stand below its places.
    for cells, holders in zip(features.cells, holders_of, strict=True):
        cells["folder"] = "/".join(filter(None, (h.text_of("name") for h in holders if h.local == "Folder")))
    findings += _said(elsewhere, opened.name)
    if not len(features):
        besides = " ".join(sorted({f"It has a {e.local}, which {ELSEWHERE[e.local]}." for e in elsewhere}))
        raise UnreadableFile(
            opened.name,
            "KML without a Placemark",
            "at least one place",
            f"{besides} Save the places themselves.".strip(),
        )
    documents = [h for h in holders_of[0] if h.local == "Document"]
    return features.layer(title=(documents[0].text_of("name") or "") if documents else "", findings=findings)


def _said(elsewhere: list[Element], name: str) -> list[Finding]:
    """One finding for each sort of element that is not read, with the names of the first."""
    findings = []
    for kind, effect in ELSEWHERE.items():
        found = [element for element in elsewhere if element.local == kind]
        if found:
            names = ", ".join(filter(None, (element.text_of("name") for element in found[:5])))[:200]
            findings.append(
                Finding(
                    "not_followed" if "followed" in effect else "not_read",
                    "warning",
                    f"{name}: {len(found)} {kind}{f' ({names})' if names else ''}: each {effect}.",
                    found=f"{len(found)} {kind}",
                    remedy="Send that file itself." if "followed" in effect else "Send the picture as GeoTIFF.",
                )
            )
    return findings


def _cells(placemark: Element) -> dict[str, str | None]:
    """What a Placemark says of itself; `ExtendedData` by its own names."""
    cells: dict[str, str | None] = {"name": placemark.text_of("name"), "folder": None}
    for child in placemark.children:
        if child.local == "ExtendedData":
            _extended(child, cells)
        elif child.local in ("TimeStamp", "TimeSpan"):
            cells |= {TIMES[t.local]: t.text.strip() for t in child.children if t.local in TIMES}
        elif child.local == "Track":
            cells |= _span([when.text.strip() for when in child.every("when")])
        elif child.local == "MultiTrack":
            cells |= _span([w.text.strip() for track in child.every("Track") for w in track.every("when")])
        elif not child.children and child.local not in DRAWING and child.text.strip():
            cells[child.local] = child.text.strip()
    return cells


def _span(times: list[str]) -> dict[str, str | None]:
    return {"begin": times[0], "end": times[-1]} if times else {}


def _extended(extended: Element, cells: dict[str, str | None]) -> None:
    for element in extended.below():
        if element.local == "Data":
            _put(cells, element.attributes.get("name", "Data"), element.text_of("value"))
        elif element.local == "SimpleData":
            _put(cells, element.attributes.get("name", "SimpleData"), element.text.strip())
        elif not element.children and element.local not in ("value", "displayName"):
            _put(cells, element.attributes.get("name", element.local), element.text.strip())


def _put(cells: dict[str, str | None], header: str, value: str | None) -> None:
    """Keep a value beside what stands there already, when it says something else."""
    name, copy = header, 2
    while cells.get(name) is not None and cells[name] != value:
        name, copy = f"{header} ({copy})", copy + 1
    cells[name] = value


def _shape(holder: Element, features: Features) -> Any:
    return together([shape for e in holder.children if e.local in GEOMETRIES for shape in _shapes(e, features)])


def _shapes(element: Element, features: Features) -> list[Any]:
    """The geometries of one element; nothing where it has no coordinates."""
    kind = element.local
    if kind in ("MultiGeometry", "MultiTrack"):
        return [shape for e in element.children if e.local in GEOMETRIES for shape in _shapes(e, features)]
    if kind == "Polygon":
        outer = [ring for e in element.every("outerBoundaryIs") for ring in e.every("LinearRing")]
        inner = [ring for e in element.every("innerBoundaryIs") for ring in e.every("LinearRing")]
        return [shapely.Polygon(_ring(outer[0], features), [_ring(e, features) for e in inner])] if outer else []
    if kind == "Track":
        coordinates = [e.text.split() for e in element.every("coord")]
        positions = [tuple(number(v, "the coordinate") for v in values[:2]) for values in coordinates if values]
        return [_line_or_point(positions)] if positions else []
    if kind == "Model":
        location = element.first("Location")
        found = [location.text_of(axis) for axis in ("longitude", "latitude")] if location else []
        return [shapely.Point([number(v, "the coordinate") for v in found])] if found else []
    positions = _positions(element.text_of("coordinates") or "")
    if not positions:
        return []
    if kind == "Point":
        if len(positions) > 1:
            raise ValueError(f"a point with {len(positions)} positions")
        return [shapely.Point(positions[0])]
    return [line(positions)]


def _line_or_point(positions: list[Position]) -> Any:
    return shapely.Point(positions[0]) if len(positions) == 1 else line(positions)


def _ring(element: Element, features: Features) -> list[Position]:
    closed, was_open = ring(_positions(element.text_of("coordinates") or ""))
    if was_open:
        features.repaired(
            "ring_closed",
            "the outline was not closed; its first point was repeated at the end",
            "Check the outline.",
        )
    return closed


def _positions(text: str) -> list[Position]:
    """Positions written as ``longitude,latitude[,height]``; heights only where they say something."""
    positions = []
    for part in COMMA.sub(",", text.strip()).split():
        values = part.strip(",").split(",")
        if not 2 <= len(values) <= 3:
            raise ValueError(f'the position "{part[:40]}" has {len(values)} numbers')
        positions.append(tuple(number(value, "the coordinate") for value in values))
    high = all(len(position) == 3 for position in positions) and any(position[2] for position in positions)
    return positions if high else [position[:2] for position in positions]


KML = Format("kml", "KML or KMZ", (".kml", ".kmz", ".zip"), sniff, read)
