"""Rows as the browser draws them: GeoJSON with symbol size, class and tooltip, nothing more."""

from __future__ import annotations

import json
from collections.abc import Iterable

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from analysis.method import Result
from dashboard.pictures import boxes_of
from dashboard.safe_text import safe_text
from layers.errors import WrongParameter
from layers.kind import Field, Kind
from layers.settings import Settings
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


def drawn_rows(frame: gpd.GeoDataFrame, kind: Kind, layer: str) -> bytes:
    """A layer's rows as a FeatureCollection; rows without a place are left out.

    Properties: ``layer``, ``id``, ``t`` (tooltip, safe HTML), ``r`` (radius, px),
    and for an image ``b``: where its picture lies (degrees west, south, east, north).
    """
    frame = frame[has_place(frame)]
    sizes = radii(frame, kind)
    titles = titles_of(frame, kind)
    notes = tooltip_lines(frame, kind)
    properties = [
        {
            "layer": layer,
            "id": record,
            "t": f"<b>{safe_text(title)}</b>{note}",
            "r": size,
            **({"b": box} if box else {}),
        }
        for record, title, note, size, box in zip(frame["id"], titles, notes, sizes, boxes_of(frame, kind), strict=True)
    ]
    return collection(frame.geometry.to_numpy(), properties)


def collection(geometries: npt.NDArray[np.object_], properties: Iterable[dict[str, object]]) -> bytes:
    """GeoJSON bytes; coordinates are rounded to about 0.1 m, which no screen can show."""
    rounded = shapely.set_precision(geometries, 1e-6, mode="pointwise")
    parts = [
        f'{{"type":"Feature","geometry":{geometry},"properties":{json.dumps(values)}}}'
        for geometry, values in zip(shapely.to_geojson(rounded), properties, strict=True)
    ]
    return f'{{"type":"FeatureCollection","features":[{",".join(parts)}]}}'.encode()


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


def radii(frame: pd.DataFrame, kind: Kind) -> list[float]:
    """Symbol radius in pixels, to a tenth: area grows with the figure that the kind is sized by."""
    return (sizes_of(frame, kind) / 10.0).tolist()


def sizes_of(frame: pd.DataFrame, kind: Kind) -> npt.NDArray[np.uint8]:
    """The same in tenths of a pixel."""
    if kind.style.size_by is None:
        return np.full(len(frame), 50, np.uint8)
    values = frame[kind.style.size_by].astype("Float64").fillna(0).to_numpy(dtype=float)
    scale = 25.0 if kind.style.size_by == "fatalities" else 25000.0
    smallest, largest = (3.2, 9.0) if kind.style.size_by == "fatalities" else (3.5, 13.0)
    size = smallest + (largest - smallest) * np.sqrt(np.clip(values / scale, 0, 1))
    return np.rint(10 * size).astype(np.uint8)


def tooltip_lines(frame: pd.DataFrame, kind: Kind) -> list[str]:
    """The first coded, dated and counted fields of each record, as safe HTML lines."""
    chosen = [f for f in kind.fields if f.name in tooltip_fields(kind)]
    columns = [display_values(frame[f.name], f) for f in chosen]
    if not columns:
        return [""] * len(frame)
    return ["".join(f"<br>{safe_text(text)}" for text in row if text) for row in zip(*columns, strict=True)]


def tooltip_fields(kind: Kind) -> tuple[str, ...]:
    """The fields that stand in a tooltip: the first filter, the start, and the figure."""
    wanted = [*(f.field for f in kind.filters[:1]), kind.starts, kind.style.size_by]
    return tuple(dict.fromkeys(name for name in wanted if name))[:TOOLTIP_FIELDS]


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


def drawn_result(result: Result, shape: str, most: int | None = None) -> bytes:
    """A shape of an analysis, or its ``rows``, as the browser draws it.

    Raises
    ------
    WrongParameter
        When the result has no such shape.
    """
    frame = result.rows if shape == "rows" else result.shapes.get(shape)
    if frame is None:
        raise WrongParameter(
            "map", f'shape "{shape}"', f"one of rows, {', '.join(result.shapes)}", "Open the page again."
        )
    frame = frame[has_place(frame)]
    if most is not None and "rank" in frame:
        frame = frame[frame["rank"] <= most].iloc[::-1]
    layer = next(iter(result.inputs.values()))["layer"]
    if result.method in MARKS:
        return collection(frame.geometry.to_numpy(), MARKS[result.method](frame, layer))
    ids = frame["id"].astype("str") if "id" in frame else pd.Series([""] * len(frame), index=frame.index)
    nothing = [None] * len(frame)
    risk = result.method == "risk"
    tokens = risk_tokens(result).reindex(ids.to_numpy()).to_numpy() if risk else nothing
    levels = result.rows.set_index("id")["flag_level"].reindex(ids.to_numpy()).to_numpy() if risk else nothing
    properties = [
        {"layer": layer, "id": record, **{k: v for k, v in (("c", token), ("f", level)) if isinstance(v, str)}}
        for record, token, level in zip(ids, tokens, levels, strict=True)
    ]
    return collection(frame.geometry.to_numpy(), properties)


STEPS = ("risk_few", "risk_1", "risk_2", "risk_3", "risk_4")
STEP_OF_CLASS = {1: "risk_1", 2: "risk_1", 3: "risk_2", 4: "risk_3", 5: "risk_4"}


def risk_steps(settings: Settings) -> tuple[tuple[str, str], ...]:
    """The one risk scale in words: chance of at least one violent incident during the activity's own days."""
    _, low, middle, high = (f"{100 * bound:g}" for bound in settings.likelihood_bounds)
    words = ("few reports, or not known", f"under {low} %", f"{low} to {middle} %", f"{middle} to {high} %",
             f"over {high} %")  # fmt: skip
    return tuple(zip(STEPS, words, strict=True))


def risk_tokens(result: Result) -> pd.Series:
    """Colour of each activity on the one risk scale, by id; an officer's likelihood goes before the computed one.

    Few reports is grey, never green. Hazards are no step of it: they are drawn as an outline.
    """
    rows = result.rows
    level = rows["rated_likelihood"].fillna(rows["likelihood"])
    tokens = [STEPS[0] if pd.isna(value) else STEP_OF_CLASS[int(value)] for value in level]
    return pd.Series(tokens, index=rows["id"].to_numpy(), dtype=object)


SITE_STATES = {
    "assessed": "assessed in the latest round",
    "opened": "new in the latest round",
    "not_assessed": "not assessed in the latest round",
    "not_listed": "not in the latest round",
    "closed": "closed",
}
WIDEST_LINE, THINNEST_LINE = 16.0, 1.5  # pixels


def site_token(state: str, change: object) -> str:
    """Colour of a site: more people, fewer, neither or new; grey where the latest round says nothing of it."""
    if state not in ("assessed", "opened"):
        return "muted"
    if change is None or pd.isna(change) or not change:
        return "idp"
    return "grew" if change > 0 else "fell"  # type: ignore[operator]


def site_words(row: pd.Series) -> str:
    """People at a site and the change, or what was last known of it."""
    if row["state"] in ("assessed", "opened"):
        change = "" if pd.isna(row["change"]) else f", {row['change']:+,} since the round before"
        return f"{row['people']:,} people{change}"
    if pd.isna(row["last_known_people"]):
        return "people not known"
    return f"last known {row['last_known_people']:,} people (round {row['last_known_round']})"


def _site_marks(frame: gpd.GeoDataFrame, layer: str) -> list[dict[str, object]]:
    """Circles by people; where nobody was assessed by the last known figure, hatched; closed ones hollow."""
    people = frame["people"].fillna(frame["last_known_people"])
    known = people.astype("Float64").fillna(0).to_numpy(dtype=float)
    sizes = (3.5 + 9.5 * np.sqrt(known / max(25_000.0, known.max(initial=0.0)))).round(1).tolist()
    shape = {"not_assessed": "hatched", "not_listed": "hatched", "closed": "hollow"}
    return [
        {
            "layer": layer,
            "id": row["id"],
            "t": f"<b>{safe_text(row['name'] if isinstance(row['name'], str) else row['site_id'])}</b>"
            f"<br>{SITE_STATES[row['state']]}<br>{safe_text(site_words(row))}",
            "r": size,
            "c": site_token(row["state"], row["change"]),
            "s": shape.get(row["state"], "circle"),
        }
        for (_, row), size in zip(frame.iterrows(), sizes, strict=True)
    ]


def _flow_marks(frame: gpd.GeoDataFrame, layer: str) -> list[dict[str, object]]:
    """Lines whose width is people, as a share of the largest; they are sums, so none is a record to select."""
    most = float(frame["people"].max()) if len(frame) else 1.0
    named = zip(frame["origin_name"], frame["destination_name"], frame["people"], frame["records"], strict=True)
    return [
        {
            "t": f"<b>{safe_text(origin)} to {safe_text(destination)}</b><br>{people:,} people moved"
            f"<br>{records:,} record{'' if records == 1 else 's'}",
            "w": round(max(THINNEST_LINE, WIDEST_LINE * float(people) / most), 1),
        }
        for origin, destination, people, records in named
    ]


MARKS = {"sites": _site_marks, "flows": _flow_marks}
