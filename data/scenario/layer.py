"""One layer of the scenario and how it is written."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import mapping

Row = dict[str, Any]

COUNTRY = "XOV"
AS_OF = "2026-11-12T06:00:00Z"
BOUNDARY_NOTE = "The Republic of Orvane is fictional. Boundaries and names are made for exercise only."


@dataclass(frozen=True)
class Layer:
    """Rows of one kind, canonical column names, `geometry` a shape in EPSG:4326 or None.

    Attributes
    ----------
    as_of : str
        ISO day, or moment in UTC, of which the layer speaks.
    """

    name: str
    kind: str
    source: str
    as_of: str
    rows: list[Row]

    def write(self, folder: Path) -> Path:
        """Write the layer as GeoJSON, one feature a line, the same bytes for the same rows."""
        head = {
            "kind": self.kind,
            "layer": self.name,
            "source": self.source,
            "as_of": self.as_of,
            "marking": "UNCLASSIFIED",
            "exercise": True,
            "boundary_note": BOUNDARY_NOTE,
        }
        lines = ",\n".join(_text(_feature(row)) for row in self.rows)
        path = folder / f"{self.name}.geojson"
        start = f'{{"type":"FeatureCollection","name":{_text(self.name)},"overlay":{_text(head)},"features":[\n'
        path.write_text(f"{start}{lines}\n]}}\n", encoding="utf-8", newline="\n")
        return path


def _feature(row: Row) -> Row:
    properties = {name: value for name, value in row.items() if name != "geometry"}
    shape = row["geometry"]
    if shape is not None and shape.geom_type.endswith("Polygon"):
        shape = shapely.orient_polygons(shapely.normalize(shape))
    return {"type": "Feature", "properties": properties, "geometry": None if shape is None else mapping(shape)}


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
