"""Rows as the browser draws them: GeoJSON with symbol size, class and tooltip, nothing more."""

from __future__ import annotations

import json
from collections.abc import Iterable

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from dashboard.looks import Looks, looks_of
from dashboard.pictures import boxes_of
from dashboard.safe_text import safe_text
from layers.geodesy import cut_at_antimeridian
from layers.kind import Field, Kind
from layers.times import date_time_group

TOOLTIP_FIELDS = 3


def is_point(frame: gpd.GeoDataFrame) -> npt.NDArray[np.bool_]:
    """Rows that stand at one point, as tiles hold them."""
    geometry = frame.geometry.to_numpy()
    return (shapely.get_type_id(geometry) == 0) & ~shapely.is_empty(geometry)


def lonlat(frame: gpd.GeoDataFrame) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Degrees of the rows that stand at one point; NaN for the others."""
    points = is_point(frame)
    lon, lat = np.full((2, len(frame)), np.nan)
    at = frame.geometry.to_numpy()[points]
    lon[points], lat[points] = shapely.get_x(at), shapely.get_y(at)
    return lon, lat


def told(one: gpd.GeoDataFrame, kind: Kind, layer: str) -> dict[str, str]:
    """What the map says of one record: ``layer``, ``id``, ``t`` (safe HTML)."""
    title, note = titles_of(one, kind)[0], tooltip_lines(one, kind)[0]
    return {"layer": layer, "id": str(one["id"].iloc[0]), "t": f"<b>{safe_text(title)}</b>{note}"}


def drawn_rows(frame: gpd.GeoDataFrame, kind: Kind, layer: str, looks: Looks | None = None) -> bytes:
    """A layer's rows as a FeatureCollection; rows without a place are left out.

    Properties: ``layer``, ``id``, ``t`` (tooltip, safe HTML), ``m`` (which of the collection's
    ``looks``), and for an image ``b``: where its picture lies (degrees west, south, east, north).
    """
    placed = has_place(frame)
    looks = looks or looks_of(frame, kind)
    frame, look_of = frame[placed], looks.index[placed].tolist()
    titles = titles_of(frame, kind)
    notes = tooltip_lines(frame, kind)
    properties = [
        {
            "layer": layer,
            "id": record,
            "t": f"<b>{safe_text(title)}</b>{note}",
            "m": look,
            **({"b": box} if box else {}),
        }
        for record, title, note, look, box in zip(
            frame["id"], titles, notes, look_of, boxes_of(frame, kind), strict=True
        )
    ]
    return collection(frame.geometry.to_numpy(), properties, looks.table)


def collection(
    geometries: npt.NDArray[np.object_],
    properties: Iterable[dict[str, object]],
    looks: tuple[dict[str, object], ...] = (),
) -> bytes:
    """GeoJSON bytes, with the looks that features name by number.

    Coordinates are rounded to about 0.1 m, which no screen can show. What runs over the 180th
    meridian is cut there: left whole, it would be drawn around the world.
    """
    rounded = shapely.set_precision(geometries, 1e-6, mode="pointwise")
    bounds = shapely.bounds(rounded)
    for wide in np.flatnonzero(bounds[:, 2] - bounds[:, 0] > 180):
        rounded[wide] = cut_at_antimeridian(rounded[wide])
    parts = [
        f'{{"type":"Feature","geometry":{geometry},"properties":{json.dumps(values)}}}'
        for geometry, values in zip(shapely.to_geojson(rounded), properties, strict=True)
    ]
    table = f',"looks":{json.dumps(looks)}' if looks else ""
    return f'{{"type":"FeatureCollection"{table},"features":[{",".join(parts)}]}}'.encode()


def has_place(frame: gpd.GeoDataFrame) -> npt.NDArray[np.bool_]:
    """Rows that have a geometry to draw."""
    geometry = frame.geometry.to_numpy()
    return ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))


def titles_of(frame: pd.DataFrame, kind: Kind) -> list[str]:
    """What a person calls each record: its title, else its id."""
    if kind.title not in frame:
        return [str(value) for value in frame["id"]]
    return [
        str(title) if isinstance(title, str) and title else str(record)
        for title, record in zip(frame[kind.title], frame["id"], strict=True)
    ]


def tooltip_lines(frame: pd.DataFrame, kind: Kind) -> list[str]:
    """The first coded, dated and counted fields of each record, as safe HTML lines."""
    chosen = [f for f in kind.fields if f.name in tooltip_fields(kind)]
    columns = [ranged_values(frame, f) for f in chosen]
    if not columns:
        return [""] * len(frame)
    return ["".join(f"<br>{safe_text(text)}" for text in row if text) for row in zip(*columns, strict=True)]


def tooltip_fields(kind: Kind) -> tuple[str, ...]:
    """The fields that stand in a tooltip: the first filter, the start, and the figure."""
    wanted = [*(f.field for f in kind.filters[:1]), kind.starts, kind.style.size_by]
    return tuple(dict.fromkeys(name for name in wanted if name))[:TOOLTIP_FIELDS]


def ranged_values(frame: pd.DataFrame, field: Field) -> list[str]:
    """A column as people read it, an estimate with the ends of its range where they differ."""
    texts = display_values(frame[field.name], field)
    if not field.low or not field.high:
        return texts
    ends = zip(texts, frame[field.low], frame[field.high], strict=True)
    return [
        f"{text} ({low:,} to {high:,})" if text and pd.notna(low) and pd.notna(high) and low != high else text
        for text, low, high in ends
    ]


def display_values(values: pd.Series, field: Field) -> list[str]:
    """A column as people read it: labels for codes, units for numbers, blank for missing."""
    if field.type == "code":
        labels = {choice.value: choice.label for choice in field.choices}
        return [labels.get(v, str(v)) if isinstance(v, str) else "" for v in values]
    if field.type == "date":
        return ["" if text != text else text.upper() for text in values.dt.strftime("%d %b %y")]
    if field.type == "moment":
        return ["" if pd.isna(v) else date_time_group(v.to_pydatetime()) for v in values]
    if field.type == "integer":
        return ["" if pd.isna(v) else f"{v:,} {field.unit}".strip() for v in values]
    if field.type == "number":
        return ["" if pd.isna(v) else f"{v:,.6g} {field.unit}".strip() for v in values]
    if field.type == "flag":
        return ["" if pd.isna(v) else ("yes" if v else "no") for v in values]
    return [v if isinstance(v, str) else "" for v in values]
