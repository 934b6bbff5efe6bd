"""Routes and line activities: what is to be expected along them, the worst leg, hazards, road state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.ops import substring

from analysis.activities import choose_activities, own_days
from analysis.expected import chance_of_any, history
from analysis.hazards import NOT_LOOKED_AT, RED, add_flags, flag_counts, hard_flags
from analysis.method import Context, Method, Outcome, Role
from analysis.outlook import Outlook, add_count, driver_terms, figures, outlook_limits
from analysis.parameters import parameter
from analysis.places import Places
from analysis.proximity import Floats
from analysis.road_lines import is_schematic
from analysis.theatre import theatre
from analysis.vehicles import vehicle_class, vehicles_of
from layers.dataset import Dataset
from layers.errors import NotEnoughData
from layers.geodesy import GEOD, mgrs_of
from layers.road_states import with_states
from layers.schema import CRS
from layers.times import Days, spans

ROAD_REACH_M = 100.0
LEADING = ["id", "name", "rank", "flag_level", "expected_per_km", "expected", "p_any"]
"""Columns that a reader wants first."""
STATES = ("closed", "restricted", "open")


@dataclass(frozen=True)
class CorridorParameters:
    """What the planner sets."""

    radius_km: float = parameter(2.0, label="To each side", unit="km", minimum=0.1, maximum=100)
    leg_km: float = parameter(5.0, label="Length of a leg", unit="km", minimum=0.5, maximum=500)
    travel_days: int = parameter(
        1,
        label="Days of travel",
        unit="days",
        minimum=1,
        maximum=365,
        help="For roads; activities have days of their own.",
    )
    vehicle_class: str = vehicle_class()
    horizon_days: int | None = parameter(
        30, label="Activities of the next", unit="days", minimum=0, maximum=36500, allow_all=True
    )


def run(inputs: Mapping[str, Dataset], parameters: CorridorParameters, context: Context) -> Outcome:
    """One row a line, from as-of on: a red flag first, then incidents expected per kilometre, most first.

    An incident near two legs counts in both, and once for the whole line: legs do not add up.
    """
    layer, as_of, settings = inputs["routes"], context.as_of, context.settings
    lines, left_out = _lines(layer, parameters, context)
    start, end = spans(lines, layer.kind, settings.theatre_timezone)
    days, last, assumed = _days(start, end, layer, parameters, context)
    known = history(inputs["incidents"], as_of, settings)
    of = Outlook(known, theatre(known.places, inputs.get("areas")), days, last, assumed)
    places = Places(lines.geometry.to_numpy())
    rows = gpd.GeoDataFrame(lines[["id", "name"]].reset_index(drop=True), geometry=places.geometries, crs=CRS)
    rows["length_km"] = [round(GEOD.geometry_length(line) / 1000, 3) for line in places.geometries]
    rows["days"], rows["days_assumed"] = days, assumed
    mean = driver_terms(places, of, days, parameters.radius_km).sum(axis=0)
    add_count(rows, "expected", mean)
    rows["p_any"] = figures(chance_of_any(mean))
    rows["expected_per_km"] = figures(mean / rows["length_km"].to_numpy(dtype=float))
    legs = _legs(rows, of, parameters)
    _add_worst_leg(rows, legs)
    flags = hard_flags(places, start, end, inputs["risks"], as_of, settings) if "risks" in inputs else None
    add_flags(rows, flags)
    vehicles, roads = vehicles_of(parameters.vehicle_class), inputs.get("roads")
    _add_road_state(rows, places, with_states(roads.frame, as_of, vehicles) if roads is not None else None)
    rows = _ranked(rows)
    summary: dict[str, Any] = {"routes": len(layer), "routes_ranked": len(rows), **left_out, "legs": len(legs)}
    summary |= flag_counts(rows, flags) | {"incidents_known": len(known)}
    summary |= {"road_closed": int((rows["road_state"] == "closed").sum()) if "roads" in inputs else None}
    limits = outlook_limits(of, as_of, settings)
    if "risks" not in inputs:
        limits.append(NOT_LOOKED_AT)
    if "roads" not in inputs:
        limits.append("No layer of roads was given: the state of the way was not looked at.")
    if straight := int(is_schematic(lines).sum()):
        limits.append(
            f"{straight} of {len(lines)} lines are straight links between named places: the true way is longer and runs"
            " elsewhere."
        )
    return Outcome(summary, rows, {"legs": legs}, tuple(limits))


def _lines(layer: Dataset, parameters: CorridorParameters, context: Context) -> tuple[gpd.GeoDataFrame, dict[str, int]]:
    """The lines asked about, by id, and how many others there are."""
    if layer.kind.id == "projects":
        frame, left_out = choose_activities(
            layer, "planned_or_active", "any", parameters.horizon_days, context.as_of, context.settings
        )
    else:
        one_each = with_states(layer.frame, context.as_of, vehicles_of(parameters.vehicle_class))
        frame, left_out = one_each.sort_values("id", kind="stable"), {}
    line = shapely.get_dimensions(frame.geometry.to_numpy()) == 1
    if not line.any():
        raise NotEnoughData(
            f"corridor, {layer.layer}",
            "no line",
            "a route or a line activity",
            "Choose another layer or widen the dates.",
        )
    return frame[line], left_out | {"not_lines": int((~line).sum())}


def _days(
    start: Days, end: Days, layer: Dataset, parameters: CorridorParameters, context: Context
) -> tuple[npt.NDArray[np.int64], Days, npt.NDArray[np.bool_]]:
    if layer.kind.id == "projects":
        assumed = max(context.settings.horizon_days, 1)
        return own_days(start, end, context.as_of, parameters.horizon_days, assumed)
    days = np.full(len(start), parameters.travel_days, np.int64)
    last = np.full(len(start), np.datetime64(context.as_of) + parameters.travel_days - 1)
    return days, last, np.zeros(len(start), bool)


def _legs(rows: gpd.GeoDataFrame, of: Outlook, parameters: CorridorParameters) -> gpd.GeoDataFrame:
    """Legs of about equal length, with what is to be expected along each."""
    parts: list[dict[str, Any]] = []
    for i, line in enumerate(rows.geometry):
        for piece in shapely.get_parts(line):
            length = GEOD.geometry_length(piece) / 1000
            number = max(1, round(length / parameters.leg_km))
            for leg in range(number):
                cut = substring(piece, leg / number, (leg + 1) / number, normalized=True)
                km = GEOD.geometry_length(cut) / 1000
                parts.append({"row": i, "id": rows["id"].iloc[i], "length_km": km, "geometry": cut})
    legs = gpd.GeoDataFrame(parts, geometry="geometry", crs=CRS)
    legs["leg"] = legs.groupby("row").cumcount() + 1
    legs["to_km"] = legs.groupby("row")["length_km"].cumsum()
    places = Places(legs.geometry.to_numpy())
    expected = driver_terms(places, of, of.days[legs["row"].to_numpy()], parameters.radius_km).sum(axis=0)
    legs["expected"] = figures(expected)
    return legs


def _add_worst_leg(rows: gpd.GeoDataFrame, legs: gpd.GeoDataFrame) -> None:
    """The leg of each line with most to be expected; the first of equals."""
    by_row = legs.sort_values(["row", "expected", "leg"], ascending=[True, False, True], kind="stable")
    worst = by_row.drop_duplicates("row").reset_index(drop=True)
    middle = [leg.interpolate(0.5, normalized=True) for leg in worst.geometry]
    rows["legs"] = legs.groupby("row").size().to_numpy()
    rows["worst_leg"] = worst["leg"].to_numpy()
    rows["worst_leg_from_km"] = (worst["to_km"] - worst["length_km"]).round(1).to_numpy()
    rows["worst_leg_to_km"] = worst["to_km"].round(1).to_numpy()
    rows["worst_leg_expected"] = worst["expected"].to_numpy()
    rows["worst_leg_mgrs"] = pd.Series([mgrs_of(p.x, p.y, "near") for p in middle], dtype="str")


def _add_road_state(rows: gpd.GeoDataFrame, places: Places, roads: gpd.GeoDataFrame | None) -> None:
    """The worst reported state of roads, bridges and ferries on the way, and which are not open."""
    rows["road_state"] = pd.Series(pd.NA, index=rows.index, dtype="str")
    rows["road_text"] = pd.Series(pd.NA, index=rows.index, dtype="str")
    if roads is None:
        return
    frame = roads.sort_values("id", kind="stable").reset_index(drop=True)
    pairs = places.pairs(Places(frame.geometry.to_numpy()), ROAD_REACH_M)
    for i in np.unique(pairs.left):
        on_the_way = frame.iloc[pairs.right[pairs.left == i]]
        states = set(on_the_way["road_state"].dropna())
        rows.loc[i, "road_state"] = next((state for state in STATES if state in states), None)
        bad = on_the_way[on_the_way["road_state"].isin(STATES[:2])]
        said = [f"{state}: {name if isinstance(name, str) else record}"
                for state, name, record in zip(bad["road_state"], bad["name"], bad["id"], strict=True)]  # fmt: skip
        rows.loc[i, "road_text"] = "; ".join(said) or None


def _ranked(rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    per_km: Floats = rows["expected_per_km"].to_numpy(dtype=float, na_value=-1.0)
    order = np.lexsort((rows["id"].to_numpy(dtype=str), -per_km, (rows["flag_level"] != RED).to_numpy(dtype=bool)))
    ranked = rows.iloc[order].reset_index(drop=True)
    ranked["rank"] = np.arange(1, len(ranked) + 1)
    return ranked[[*LEADING, *(c for c in ranked if c not in LEADING)]]


CORRIDOR = Method(
    id="corridor",
    label="Risk along routes",
    question="Where along a route is most to be expected?",
    roles=(
        Role("routes", "Routes or line activities", ("roads", "projects")),
        Role("incidents", "Incidents", ("incidents",)),
        Role("risks", "Security risks", ("security_risks",), optional=True),
        Role("roads", "State of roads", ("roads",), optional=True),
        Role("areas", "Areas of the theatre", ("admin_areas",), optional=True),
    ),
    parameters=CorridorParameters,
    run=run,
    limits=(
        "The backtest is of places, not of lines: expected numbers along a line are compared with each other only.",
        "An incident near two legs counts in both: legs do not add up to the whole.",
        f"Road state is that reported within {ROAD_REACH_M:g} m: a road that only crosses the way counts too.",
        "Few reports is not safe; no record of mines or explosive remnants is not clearance.",
    ),
    references=("docs/adr/0013-expected-incidents.md",),
)
