"""Layers with edits applied: new Datasets, the stored version untouched.

An edited Dataset says so in `Dataset.filtered`, which travels into results and exports,
and has a content hash of its own, so that nothing kept for the stored rows is taken.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from analysis.admin import AdminAreas
from analysis.edits import Add, Edit, Move, Redate, edits_text
from analysis.method import Method
from analysis.places import Places
from layers.dataset import Dataset
from layers.errors import WrongParameter
from layers.geodesy import GEOD, mgrs_of
from layers.kind import Field, Kind, normalise
from layers.road_states import has_states, roads
from layers.schema import ROW, attribute_columns, conform
from layers.times import FIRST_DAY, LAST_DAY

CLOSED = {"roads": ("road_state", "closed"), "facilities": ("status", "closed"), "projects": ("status", "completed")}
"""Kind of layer -> the field that closes a record, and its value."""
PLACE = ("lon", "lat")
NEIGHBOURHOOD_M = 100_000.0
"""A place this near to a layer is never doubted, however small the layer is."""
LARGEST = 2**53
"""Beyond it a number is no longer whole in JSON and in sums."""


def apply_edits(
    method: Method, inputs: Mapping[str, Dataset], edits: Sequence[Edit]
) -> tuple[dict[str, Dataset], tuple[str, ...]]:
    """The layers as the edits assume them, and each assumption in words.

    Admin codes of a record that was moved or added follow its place where a layer of
    areas is among the inputs; otherwise they stay as stated, and the words say so.

    Raises
    ------
    WrongParameter
        A role, id, field or value that there is not, a place outside the world, an end
        before its start, or what the kind cannot do.
    """
    assumed, words = dict(inputs), []
    for number, edit in enumerate(edits, start=1):
        where = f"edit {number}, {type(edit).__name__.lower()}"
        method.role(edit.role)
        if edit.role not in assumed:
            raise WrongParameter(where, f'role "{edit.role}" without a layer', f"one of {', '.join(assumed)}",
                                 "Give the role a layer, or correct the edit.")  # fmt: skip
        areas = next((d.frame for r, d in assumed.items() if d.kind.id == "admin_areas" and r != edit.role), None)
        frame, said = _apply(where, edit, assumed[edit.role], AdminAreas(areas))
        assumed[edit.role] = assumed[edit.role].with_frame(frame)
        words.append((edit.role, said))
    for role in {edit.role for edit in edits}:
        own = [edit for edit in edits if edit.role == role]
        said = "; ".join(filter(None, [inputs[role].filtered, *(f"assumption: {w}" for r, w in words if r == role)]))
        content = hashlib.sha256(f"{inputs[role].content_hash}|{edits_text(own)}".encode()).hexdigest()
        assumed[role] = replace(assumed[role], filtered=said, content_hash=content)
    return assumed, tuple(said for _, said in words)


def _apply(where: str, edit: Edit, layer: Dataset, areas: AdminAreas) -> tuple[gpd.GeoDataFrame, str]:
    if isinstance(edit, Add):
        return _added(where, edit, layer, areas)
    at = _position(where, layer, edit.id)
    named = f'{layer.kind.singular} "{edit.id}"'
    if isinstance(edit, Move):
        return _moved(where, edit, layer, at, areas, named)
    if isinstance(edit, Redate):
        return _redated(where, edit, layer, at, named)
    return _closed(where, layer, at, named)


def _position(where: str, layer: Dataset, record_id: str) -> int:
    found = (layer.frame["id"] == record_id).fillna(False).to_numpy(dtype=bool).nonzero()[0]
    if not len(found):
        rows = f'layer "{layer.layer}"' + (f" as filtered ({layer.filtered})" if layer.filtered else "")
        raise WrongParameter(f"{where}, id", f'"{record_id}"', f"an id of {rows}", "Correct the id.")
    return int(found[0])


def _with(frame: gpd.GeoDataFrame, at: int, cells: Mapping[str, Any]) -> gpd.GeoDataFrame:
    """The frame with other cells in one row; only the columns concerned are copied."""
    changed = {}
    for name, value in cells.items():
        column = frame[name].copy()
        column.iloc[at] = value
        changed[name] = column
    return frame.assign(**changed)


def _moved(
    where: str, edit: Move, layer: Dataset, at: int, areas: AdminAreas, named: str
) -> tuple[gpd.GeoDataFrame, str]:
    place = _place(where, edit.lon, edit.lat)
    before = layer.frame.geometry.iloc[at]
    nowhere = before is None or before.is_empty
    if not nowhere and before.geom_type != "Point":
        raise WrongParameter(f"{where}, id", f"{named}, a line or polygon", "a record at a point, or without a place",
                             "Add one at the other place instead.")  # fmt: skip
    frame = _with(layer.frame, at, {"geometry": place} | _exact(layer.kind))
    frame, codes = _placed_in(frame, at, areas, anew=True)
    how_far = "" if nowhere else f", {GEOD.inv(before.x, before.y, place.x, place.y)[2] / 1000:,.1f} km away"
    return frame, f"{named} moved to {_spoken(place)}{how_far}{_doubt(layer, place)}; {codes}"


def _doubt(layer: Dataset, place: shapely.Point) -> str:
    """Words for a place further from the layer's other places than they are from each other: a slip of the pen."""
    west, south, east, north = layer.frame.total_bounds
    if not np.isfinite([west, south, east, north]).all():
        return ""
    across = max(GEOD.inv(west, south, east, north)[2], NEIGHBOURHOOD_M)
    nearest = min(max(place.x, west), east), min(max(place.y, south), north)
    off = GEOD.inv(place.x, place.y, *nearest)[2]
    return f" ({off / 1000:,.0f} km outside the layer's own extent: check the coordinates)" if off > across else ""


def _exact(kind: Kind) -> dict[str, Any]:
    """An assumed place is meant exactly, however the stored one was known."""
    said = {"place_precision": "point", "place_radius_m": pd.NA}
    return {name: value for name, value in said.items() if name in kind.field_by_name}


def _placed_in(frame: gpd.GeoDataFrame, at: int, areas: AdminAreas, *, anew: bool) -> tuple[gpd.GeoDataFrame, str]:
    """Admin codes of one row by its place (`anew`: those stated go first), and that in words."""
    codes = areas.codes_at(Places(frame.geometry.to_numpy()[[at]]))
    columns = {f"admin{level}_code": code for level, code in codes.items() if f"admin{level}_code" in frame}
    stated = {name: frame[name].iloc[at] for name in columns}
    cells = {name: code for name, code in columns.items() if anew or pd.isna(stated[name])}
    if not columns:
        return frame, "its admin codes stay as stated, for no layer of areas was given"
    said = ", ".join(f"{name} {code or 'unknown'}" for name, code in cells.items())
    return _with(frame, at, cells), f"by the areas given {said}" if said else "its admin codes are those stated"


def _redated(where: str, edit: Redate, layer: Dataset, at: int, named: str) -> tuple[gpd.GeoDataFrame, str]:
    kind = layer.kind
    asked = {kind.starts or "": edit.start, kind.ends or "": edit.end}
    given = {name: day for name, day in asked.items() if day is not None}
    if edit.start is None and edit.end is None:
        raise WrongParameter(where, "no day", "start, end or both", "Give the days that are to be assumed.")
    if any(not name or kind.field_by_name[name].type != "date" for name in given):
        raise WrongParameter(f"{where}, role", f'layer "{layer.layer}" of kind {kind.id}',
                             "a layer whose records have such a day", "Choose another role.")  # fmt: skip
    for day in given.values():
        _check_day(where, day)
    frame = _with(layer.frame, at, {name: pd.Timestamp(day) for name, day in given.items()})
    _check_order(where, kind, frame.iloc[at])
    days = " to ".join("open" if pd.isna(frame[n].iloc[at]) else f"{frame[n].iloc[at]:%Y-%m-%d}" for n in asked if n)
    return frame, f"{named} dated {days}"


def _check_order(where: str, kind: Kind, row: pd.Series) -> None:
    start, end = (row[name] if name else pd.NaT for name in (kind.starts, kind.ends))
    if pd.notna(start) and pd.notna(end) and end < start:
        raise WrongParameter(f"{where}, end", f"{end:%Y-%m-%d}, before the start", f"{start:%Y-%m-%d} or later",
                             "Correct the days.")  # fmt: skip


def _closed(where: str, layer: Dataset, at: int, named: str) -> tuple[gpd.GeoDataFrame, str]:
    if layer.kind.id not in CLOSED:
        raise WrongParameter(f"{where}, role", f'layer "{layer.layer}" of kind {layer.kind.id}',
                             f"a layer of kind {', '.join(CLOSED)}", "Choose another role.")  # fmt: skip
    column, value = CLOSED[layer.kind.id]
    if has_states(layer.kind):
        return _closed_road(layer.frame, at), f"{named} {value}"
    return _with(layer.frame, at, {column: value}), f"{named} {value}"


def _closed_road(frame: gpd.GeoDataFrame, at: int) -> gpd.GeoDataFrame:
    """All that is said of the road of that row: closed to every vehicle, at any day."""
    road = roads(frame)
    same = (road == road.iloc[at]).to_numpy(dtype=bool)
    closed = frame.copy()
    closed.loc[same, "road_state"] = "closed"
    closed.loc[same, ["state_since", "reopening_date"]] = pd.NaT
    return closed


def _added(where: str, edit: Add, layer: Dataset, areas: AdminAreas) -> tuple[gpd.GeoDataFrame, str]:
    kind, record = layer.kind, dict(edit.record)
    known = [f.name for f in kind.shown_fields]
    for name in record:
        if name not in (*known, *PLACE):
            raise WrongParameter(f"{where}, field", f'"{name}"', f"one of {', '.join((*known, *PLACE))}",
                                 "Correct the field.")  # fmt: skip
    lon, lat = (record.pop(name, None) for name in PLACE)
    place = None if lon is None and lat is None else _place(where, lon, lat)
    fields = {name: _cell(f"{where}, {name}", kind.field_by_name[name], value) for name, value in record.items()}
    cells = (_exact(kind) if place is not None else {}) | {n: v for n, v in fields.items() if v is not None}
    cells["id"] = cells.get("id") or _free_id(layer.frame)
    if (layer.frame["id"] == cells["id"]).any():
        raise WrongParameter(f"{where}, id", f'"{cells["id"]}"', "an id that the layer does not have", "Give another.")
    _check_place(where, kind, cells, place)
    row = pd.DataFrame([dict.fromkeys(attribute_columns(layer.frame)) | cells | {ROW: pd.NA, "geometry": place}])
    frame = pd.concat([layer.frame, conform(row, kind)[list(layer.frame.columns)]], ignore_index=True)
    _check_order(where, kind, frame.iloc[-1])
    said = f'{kind.singular} "{cells["id"]}" added'
    if place is None:
        return frame, f"{said} without a place of its own"
    frame, codes = _placed_in(frame, len(frame) - 1, areas, anew=False)
    return frame, f"{said} at {_spoken(place)}{_doubt(layer, place)}; {codes}"


def _check_place(where: str, kind: Kind, cells: Mapping[str, Any], place: shapely.Point | None) -> None:
    if place is not None and "point" not in kind.places:
        raise WrongParameter(f"{where}, lon and lat", f"a point for kind {kind.id}", " or ".join(kind.places),
                             "Load it as a layer instead.")  # fmt: skip
    for group in kind.required_any:
        if not ((place is not None and "geometry" in group) or any(name in cells for name in group)):
            wanted = ", ".join("lon and lat" if name == "geometry" else name for name in group)
            raise WrongParameter(f"{where}, record", "none of them", f"at least one of {wanted}", "Say where it is.")


def _free_id(frame: gpd.GeoDataFrame) -> str:
    taken, number = set(frame["id"]), 1
    while f"assumed-{number}" in taken:
        number += 1
    return f"assumed-{number}"


def _place(where: str, lon: Any, lat: Any) -> shapely.Point:
    for name, value, most in (("lon", lon, 180.0), ("lat", lat, 90.0)):
        if isinstance(value, bool) or not isinstance(value, int | float) or not -most <= value <= most:
            raise WrongParameter(f"{where}, {name}", "nothing" if value is None else f'"{value}"',
                                 f"degrees from -{most:g} to {most:g}", "Correct the place.")  # fmt: skip
    return shapely.Point(lon, lat)


def _spoken(place: shapely.Point) -> str:
    grid = mgrs_of(place.x, place.y, "point")
    return f"longitude {place.x:.5f}, latitude {place.y:.5f}" + (f" ({grid})" if grid else "")


def _check_day(where: str, day: date) -> None:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise WrongParameter(where, f'"{day}"', f"a day from {FIRST_DAY} to {LAST_DAY}", "Correct the day.")


def _cell(where: str, field: Field, value: Any) -> Any:
    """A value of a record as the canonical column takes it."""
    if value is None:
        return None
    if field.type in ("integer", "number"):
        return _number(where, field, value)
    if field.type == "flag":
        if isinstance(value, bool):
            return value
        raise WrongParameter(where, f'"{value}"', "true or false", "Correct the value.")
    if not isinstance(value, str):
        raise WrongParameter(where, f"{value}", "text", "Put it in quotes.")
    if field.type in ("date", "moment"):
        return _moment(where, field, value)
    if field.choices:
        code = field.choice_by_spelling.get(normalise(value))
        if code is None:
            raise WrongParameter(where, f'"{value}"', f"one of {', '.join(c.value for c in field.choices)}",
                                 "Choose one of these.")  # fmt: skip
        return code
    return value


def _number(where: str, field: Field, value: Any) -> int | float:
    low = -LARGEST if field.minimum is None else field.minimum
    high = LARGEST if field.maximum is None else field.maximum
    right = not isinstance(value, bool) and isinstance(value, int | float) and low <= value <= high
    if not right or (field.type == "integer" and value != int(value)):
        kind = "a whole number" if field.type == "integer" else "a number"
        kind += "" if field.minimum is None else f" from {low:g}"
        bounds = "" if field.maximum is None and right else f" to {high:g}"
        raise WrongParameter(where, f'"{value}"', kind + bounds, "Correct the value.")
    return int(value) if field.type == "integer" else float(value)


def _moment(where: str, field: Field, value: str) -> pd.Timestamp:
    try:
        read = date.fromisoformat(value) if field.type == "date" else datetime.fromisoformat(value)
    except ValueError:
        form = "2026-11-12" if field.type == "date" else "2026-11-12T06:00Z"
        raise WrongParameter(where, f'"{value}"', f"a day such as {form}", "Correct the value.") from None
    _check_day(where, read.date() if isinstance(read, datetime) else read)
    if not isinstance(read, datetime):
        return pd.Timestamp(read)
    return pd.Timestamp(read if read.tzinfo else read.replace(tzinfo=UTC)).tz_convert("UTC")
