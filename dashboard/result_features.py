"""Results of analyses as the browser draws them: rings, gaps, sites and flows, in the colours of their classes."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from analysis.method import Result
from dashboard.classes import Classes, words
from dashboard.features import collection, has_place
from dashboard.hexagons import Hexagons
from dashboard.safe_text import safe_text
from layers.errors import WrongParameter
from layers.settings import Settings


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
SET_LARGEST = 100_000.0  # people at the site that is drawn largest, where each has a layer of its own
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
    # A layer of one site is part of a set: all of them on one scale.
    largest = SET_LARGEST if len(frame) == 1 else max(25_000.0, known.max(initial=0.0))
    sizes = (3.5 + 9.5 * np.sqrt(np.minimum(known / largest, 1.0))).round(1).tolist()
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


def hexagon_rows(found: Hexagons, classes: Classes | None, counted: str) -> bytes:
    """Hexagons in the colour of their count; `counted` are the things they hold, in words."""
    numbers = classes.of(found.counts.astype(float)).tolist() if classes else []
    properties: list[dict[str, object]] = [
        {
            "t": f"<b>{count:,} {safe_text(counted)}</b><br>in {words(found.area_km2)} km²: "
            f"{words(100 * count / found.area_km2)} per 100 km²",
            "c": classes.colours[number] if classes else "",
        }
        for count, number in zip(found.counts.tolist(), numbers, strict=True)
    ]
    return collection(found.shapes, properties)


MARKS = {"sites": _site_marks, "flows": _flow_marks}
