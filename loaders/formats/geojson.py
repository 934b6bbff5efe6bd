"""GeoJSON (RFC 7946), read feature by feature: a bad one never takes the others with it.

Newline-delimited features and text sequences (RFC 8142) are read as the same layer.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from shapely.errors import ShapelyError

from layers.errors import UnreadableFile
from layers.report import Finding
from loaders.formats.format import Format, Opened
from loaders.formats.json_text import begin, cell, content_of, loads, members, parse, uncollected
from loaders.formats.projection import Geometries, crs_of, to_degrees
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
BATCH = 50_000
RECORD_SEPARATOR = b"\x1e"
Json = dict[str, Any]


def sniff(head: bytes, path: Path) -> bool:
    """Whether it is JSON: what kind of JSON, `read` says."""
    return begin(head)[:1] == "{"


@uncollected()
def read(opened: Opened) -> list[RawLayer]:
    """Read a FeatureCollection, a Feature, a bare geometry, or features one after the other.

    Raises
    ------
    UnreadableFile
        When it is truncated, no JSON, no GeoJSON, or its `crs` is a link.
    TooLarge
        Over the limit of columns or of depth.
    NoCrs
        When its named `crs` is unknown.
    """
    content, findings = content_of(opened, "GeoJSON")
    document, features = _opened(content, opened.name)
    del content
    crs = _crs(document, opened.name)
    table = _Table(opened)
    for batch in _batches(features):
        table.add(_decoded(batch))
        opened.progress(table.count)
    del features
    geometries, moved = to_degrees(table.geometries(), crs, opened.name)
    columns, cells, renamed = table.columns()
    overlay = document.get("overlay")
    return [
        RawLayer(
            name="",
            columns=columns,
            cells=cells,
            rows=np.arange(1, table.count + 1, dtype=np.int64),
            geometry=pa.array(shapely.to_wkb(geometries), pa.large_binary()),
            numeric=tuple(c for c, h in zip(columns, table.cells, strict=True) if h in table.fractions),
            feature_ids=table.feature_ids(),
            overlay=overlay if isinstance(overlay, dict) else {},
            findings=[*findings, *renamed, *table.findings, *moved],
            crs=crs_of(geometries) if crs is None else "",
        )
    ]


def _opened(content: bytes, name: str) -> tuple[Json, Sequence[Any]]:
    """The document without its features, and those: packed where that is possible, so that memory stays small."""
    import msgspec  # here, for the worker starts for every file

    _, second = members(begin(content[:65_536]))
    if RECORD_SEPARATOR in content[:4] or second:
        return {}, _sequence(content)
    try:
        packed = msgspec.json.decode(content, type=dict[str, msgspec.Raw])
        if bytes(packed.get("type", b"")) == b'"FeatureCollection"' and "features" in packed:
            features = msgspec.json.decode(packed.pop("features"), type=list[msgspec.Raw])
            if features:
                return {key: loads(bytes(raw).decode()) for key, raw in packed.items()}, features
    except (msgspec.DecodeError, RecursionError, ValueError):
        pass  # the careful parser takes more, and says where it breaks
    document = parse(content, name, "GeoJSON")
    if not isinstance(document, dict):
        raise UnreadableFile(name, "a JSON list", "a GeoJSON FeatureCollection", "Export it as GeoJSON.")
    _crs(document, name)  # a link is refused before anything else is said
    return document, _features(document, name)


def _sequence(content: bytes) -> list[Any]:
    """The texts of a sequence, each one feature, by separators or by lines."""
    import msgspec

    texts = content.split(RECORD_SEPARATOR) if RECORD_SEPARATOR in content else content.splitlines()
    return [msgspec.Raw(text) for text in texts if text.strip()]


def _batches(features: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (features[start : start + BATCH] for start in range(0, len(features), BATCH))


def _decoded(batch: Sequence[Any]) -> list[Any]:
    """Packed features as objects: all at once, or one by one where one of them needs care."""
    import msgspec

    if not isinstance(batch[0], msgspec.Raw):
        return list(batch)
    try:
        features: list[Any] = msgspec.json.decode(b"[" + b",".join(batch) + b"]")
    except (msgspec.DecodeError, RecursionError):
        return [_with_care(bytes(feature).decode("utf-8", errors="replace")) for feature in batch]
    return features if len(features) == len(batch) else [_with_care(bytes(f).decode()) for f in batch]


def _with_care(text: str) -> Any:
    """One feature; text that is no JSON stays text, and is rejected as such."""
    try:
        return loads(text)
    except (ValueError, RecursionError):
        return text


class _Table:
    """Features on their way into columns of text and geometries, a batch at a time."""

    def __init__(self, opened: Opened) -> None:
        self.opened = opened
        self.count = 0
        self.cells: dict[str, list[pa.Array]] = {}
        self.ids: list[pa.Array] = []
        self.fractions: set[str] = set()
        self.findings: list[Finding] = []
        self._geometries: list[Geometries] = []

    def add(self, features: list[Any]) -> None:
        """Take a batch."""
        properties = [p if isinstance(f, dict) and isinstance(p := f.get("properties"), dict) else {} for f in features]
        for given in properties:
            if not given.keys() <= self.cells.keys():
                self._begin_columns(given)
        for header, chunks in self.cells.items():
            texts, fractions = _texts([p.get(header) for p in properties])
            chunks.append(texts)
            if fractions:
                self.fractions.add(header)
        self.ids.append(_texts([f.get("id") if isinstance(f, dict) else None for f in features])[0])
        geometries = _points(features)
        if geometries is None:
            geometries, notes = _geometries_of(features, self.opened.name, self.count)
            self.findings += notes
        self._geometries.append(geometries)
        self.count += len(features)

    def _begin_columns(self, given: Json) -> None:
        for header in given:
            if header not in self.cells:
                self.cells[header] = [pa.nulls(self.count, pa.large_string())] if self.count else []
        check_width(len(self.cells), self.opened.max_columns, self.opened.name)

    def geometries(self) -> Geometries:
        """Geometries of all features; None where there is none."""
        return np.concatenate(self._geometries)

    def columns(self) -> tuple[tuple[str, ...], list[pa.ChunkedArray], list[Finding]]:
        """Unique headers, the columns, and what is said of them."""
        headers, findings = unique_headers(self.cells, self.opened.name)
        return headers, [pa.chunked_array(chunks, pa.large_string()) for chunks in self.cells.values()], findings

    def feature_ids(self) -> pa.Array | None:
        """The ids; None where no feature has one."""
        ids = pa.concat_arrays(self.ids)
        return ids if ids.null_count < len(ids) else None


def _texts(values: list[Any]) -> tuple[pa.Array, bool]:
    """Values as a column of text, and whether fractions are among them."""
    kinds = set(map(type, values))
    if kinds <= {str, type(None)}:
        return text_array(values), False
    if kinds == {int}:
        return text_array(map(str, values)), False
    return text_array([cell(v) for v in values]), float in kinds


def _points(features: list[Any]) -> Geometries | None:
    """The quick way for a batch of points; None where any needs care."""
    try:
        geometries = [f["geometry"] for f in features]
        if {g["type"] for g in geometries} != {"Point"}:
            return None
        positions = [g["coordinates"] for g in geometries]
        x, y = [p[0] for p in positions], [p[1] for p in positions]
        if not set(map(type, x)) | set(map(type, y)) <= {float, int}:
            return None
        points: Geometries = shapely.points(np.array(x, float), np.array(y, float))
    except (TypeError, KeyError, IndexError, OverflowError, ValueError, ShapelyError):
        return None
    return points


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


def _geometries_of(features: list[Any], name: str, before: int) -> tuple[Geometries, list[Finding]]:
    """Geometry by geometry; what cannot be read is rejected by the number of its feature."""
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
                    findings.append(_closed(name, before + index + 1))
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, ShapelyError) as error:
            findings.append(_rejected(name, before + index + 1, geometry, error))
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


GEOJSON = Format("geojson", "GeoJSON", (".geojson", ".json", ".geojsonl", ".geojsons", ".ndjson"), sniff, read)
