"""GeoJSON (RFC 7946), read feature by feature: a bad one never takes the others with it."""

from __future__ import annotations

import codecs
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from shapely.errors import ShapelyError

from layers.errors import UnreadableFile
from layers.report import Finding
from loaders.formats.format import Format, Opened
from loaders.formats.projection import Geometries, to_degrees
from loaders.raw import RawLayer, check_width, text_array, unique_headers

GEOMETRY_TYPES = {
    "Point",
    "MultiPoint",
    "LineString",
    "MultiLineString",
    "Polygon",
    "MultiPolygon",
    "GeometryCollection",
}
Json = dict[str, Any]
# Half a character, as JSON can escape it: no text can hold it.
HALF_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
HALF = re.compile("[\ud800-\udfff]")
LONGEST_NUMBER = 400  # digits; more is beyond any number that can be kept


def sniff(head: bytes, path: Path) -> bool:
    """Whether it is JSON: what kind of JSON, `read` says."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return head.decode("utf-16", errors="ignore").lstrip("\ufeff \r\n\t")[:1] == "{"
    return head.replace(codecs.BOM_UTF8, b"").lstrip()[:1] == b"{"


def read(opened: Opened) -> list[RawLayer]:
    """Read a FeatureCollection, a Feature or a bare geometry.

    Raises
    ------
    UnreadableFile
        When it is truncated, no JSON, no GeoJSON, or its `crs` is a link.
    NoCrs
        When its named `crs` is unknown, or coordinates are no degrees.
    """
    document, findings = _parse(opened)
    crs = _crs(document, opened.name)
    features = _features(document, opened.name)
    geometries, notes = _geometries(features, opened.name)
    geometries, moved = to_degrees(geometries, crs, opened.name)
    properties: list[Json] = [
        p if isinstance(f, dict) and isinstance(p := f.get("properties"), dict) else {} for f in features
    ]
    headers = list(dict.fromkeys(key for p in properties for key in p))
    check_width(len(headers), opened.max_columns, opened.name)
    columns, renamed = unique_headers(headers, opened.name)
    ids = [_text(f.get("id")) if isinstance(f, dict) else None for f in features]
    overlay = document.get("overlay")
    return [
        RawLayer(
            name="",
            columns=columns,
            cells=[text_array([_text(p.get(header)) for p in properties]) for header in headers],
            rows=np.arange(1, len(features) + 1, dtype=np.int64),
            geometry=pa.array(shapely.to_wkb(geometries), pa.large_binary()),
            numeric=tuple(
                column
                for column, header in zip(columns, headers, strict=True)
                if any(isinstance(p.get(header), float) for p in properties)
            ),
            feature_ids=text_array(ids) if any(i is not None for i in ids) else None,
            overlay=overlay if isinstance(overlay, dict) else {},
            findings=[*findings, *renamed, *notes, *moved],
        )
    ]


def _parse(opened: Opened) -> tuple[Json, list[Finding]]:
    content, findings = opened.path.read_bytes(), []
    encoding = "utf-16" if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
        findings.append(
            Finding(
                "encoding_guessed",
                "warning",
                f"{opened.name}: the text is not UTF-8, as GeoJSON must be; it was read as Windows-1252.",
                found="not UTF-8",
                remedy="Check names with accents; export as UTF-8.",
            )
        )
    text = text.lstrip("\ufeff")
    try:
        document = _loads(text)
    except json.JSONDecodeError as error:
        cut = not text.rstrip().endswith(("}", "]"))
        raise UnreadableFile(
            f"{opened.name}, line {error.lineno}, column {error.colno}",
            "a file that ends before the JSON is complete: it was cut short" if cut else f"no JSON: {error.msg}",
            "complete GeoJSON",
            "Export or copy the file again.",
        ) from error
    except RecursionError as error:
        raise UnreadableFile(opened.name, "JSON nested too deeply", "GeoJSON", "Export it again.") from error
    if not isinstance(document, dict):
        raise UnreadableFile(opened.name, "a JSON list", "a GeoJSON FeatureCollection", "Export it as GeoJSON.")
    return document, findings


def _loads(text: str) -> Any:
    """JSON without what no column can hold: NaN, endless numbers, half characters."""

    def loads(text: str) -> Any:
        return json.loads(text, parse_constant=lambda _: None, parse_int=_integer)

    document = loads(text)
    if not HALF_ESCAPE.search(text):
        return document
    return loads(HALF.sub("\ufffd", json.dumps(document, ensure_ascii=False)))


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= LONGEST_NUMBER else digits


def _features(document: Json, name: str) -> list[Any]:
    kind = document.get("type")
    if kind == "FeatureCollection":
        features = document.get("features")
        if isinstance(features, list) and features:
            return features
        raise UnreadableFile(
            name, "a FeatureCollection without features", "at least one feature", "Export the layer with its features."
        )
    if kind == "Feature":
        return [document]
    if kind in GEOMETRY_TYPES:
        return [{"type": "Feature", "properties": {}, "geometry": document}]
    found = f'JSON of type "{kind}"' if kind else f"JSON with the members {', '.join(list(document)[:6])}"
    raise UnreadableFile(name, found, "a GeoJSON FeatureCollection", "Export it as GeoJSON.")


def _crs(document: Json, name: str) -> str | None:
    """The old `crs` member by its name only: a link would be fetched by lesser readers."""
    crs = document.get("crs")
    if crs is None:
        return None
    properties = crs.get("properties") if isinstance(crs, dict) else None
    if not isinstance(properties, dict) or crs.get("type") != "name" or not isinstance(properties.get("name"), str):
        raise UnreadableFile(
            name,
            "a crs that is not given by name",
            "no crs, or one by name such as EPSG:4326",
            "Remove the crs member, or export in longitude and latitude.",
        )
    return str(properties["name"])


def _geometries(features: list[Any], name: str) -> tuple[Geometries, list[Finding]]:
    result: Geometries = np.full(len(features), None, dtype=object)
    findings: list[Finding] = []
    points: list[int] = []
    positions: list[tuple[float, float]] = []
    for index, feature in enumerate(features):
        geometry: Any = feature.get("geometry") if isinstance(feature, dict) else "no feature"
        if geometry is None:
            continue
        try:
            if geometry.get("type") == "Point":
                positions.append(_position(geometry["coordinates"]))
                points.append(index)
            else:
                result[index], closed = _other_geometry(geometry)
                if closed:
                    findings.append(_closed(name, index + 1))
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, ShapelyError) as error:
            findings.append(_rejected(name, index + 1, geometry, error))
    if points:
        result[points] = shapely.points(np.array(positions, dtype=float))
    return result, findings


def _position(coordinates: list[Any]) -> tuple[float, float]:
    x, y = coordinates[0], coordinates[1]
    if not all(isinstance(v, int | float) and not isinstance(v, bool) for v in (x, y)):
        raise ValueError("coordinates are no numbers")
    return float(x), float(y)


def _other_geometry(geometry: Json) -> tuple[Any, bool]:
    if geometry["type"] not in GEOMETRY_TYPES:
        raise ValueError("no such type of geometry")
    closed = False
    if geometry["type"] == "Polygon":
        closed = _close(geometry["coordinates"])
    elif geometry["type"] == "MultiPolygon":
        closed = sum(_close(rings) for rings in geometry["coordinates"]) > 0
    return shapely.from_geojson(json.dumps(geometry)), closed


def _close(rings: list[Any]) -> bool:
    """Repeat the first position of a ring that was left open; whether any was."""
    opened = [ring for ring in rings if len(ring) >= 3 and ring[0][:2] != ring[-1][:2]]
    for ring in opened:
        ring.append(ring[0])
    return bool(opened)


def _closed(name: str, row: int) -> Finding:
    return Finding(
        "ring_closed",
        "repaired",
        f"{name}, feature {row}: the outline was not closed; its first point was repeated at the end.",
        row=row,
        field="geometry",
        remedy="Check the outline.",
    )


def _rejected(name: str, row: int, geometry: Any, error: Exception) -> Finding:
    kind = geometry.get("type") if isinstance(geometry, dict) else geometry
    found = str(kind)[:60]
    reason = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
    return Finding(
        "bad_geometry",
        "rejected",
        f'{name}, feature {row}: found geometry "{found}" that cannot be read ({reason}).',
        row=row,
        field="geometry",
        found=found,
        remedy="Correct the geometry of this feature, or leave it null and give a P-code.",
    )


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)


GEOJSON = Format("geojson", "GeoJSON", (".geojson", ".json"), sniff, read)
