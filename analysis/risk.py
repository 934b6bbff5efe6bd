"""Which planned activities are at risk: incidents around each, and hazards that stand.

Counts speak of reported incidents. Hard flags (hazardous areas, armed presence,
closures) stand beside the counts and are never added into them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from analysis.activities import STATUS, area_of, choose_activities, count_in_areas, places_of, the_activity
from analysis.admin import AdminAreas
from analysis.baseline import add_baseline
from analysis.hazards import AMBER, NOT_LOOKED_AT, RED, Flags, add_flags, flag_counts, hard_flags
from analysis.incident_counts import RingCounts, Threat, count_in_rings, threat_incidents
from analysis.likelihood import CLASSES, add_likelihood, add_ratings
from analysis.medical import add_medical
from analysis.method import Context, Method, Outcome, Role, as_table
from analysis.outlook import add_expected, outlook, outlook_limits
from analysis.parameters import parameter
from analysis.places import Places
from analysis.reporting import blind_spots, few_reports, told_earlier
from layers.dataset import Dataset
from layers.geodesy import mgrs_of
from layers.kind import Choice
from layers.kinds.projects import ACTIVITY_CLASS
from layers.schema import CRS
from layers.settings import Settings
from layers.times import spans, window

LEADING = [
    "id", "name", "rank", "start_date", "end_date", "flag_text", "count_certain", "count_possible",
    "expected", "expected_low", "expected_high", "p_any", "likelihood_class",
]  # fmt: skip
"""Columns that a reader wants first."""


@dataclass(frozen=True)
class RiskParameters:
    """What the planner sets."""

    radius_km: float = parameter(5.0, label="Radius", unit="km", minimum=0.1, maximum=500)
    window_days: int | None = parameter(
        90, label="Incidents of the last", unit="days", minimum=1, maximum=36500, allow_all=True
    )
    horizon_days: int | None = parameter(
        30, label="Activities of the next", unit="days", minimum=0, maximum=36500, allow_all=True
    )
    status: str = parameter(
        "planned_or_active",
        label="Status",
        choices=STATUS,
        help="Planned or active takes in activities whose status is not stated.",
    )
    activity_class: str = parameter(
        "any",
        label="Activity class",
        choices=(Choice("any", "Any", ("all",)), Choice("mission", "Mission-owned"), *ACTIVITY_CLASS),
        help="Mission-owned: military, UN-CIMIC and quick-impact projects.",
    )


def _defaults(
    values: Mapping[str, Any], settings: Settings, inputs: Mapping[str, Dataset] | None = None
) -> dict[str, Any]:
    return {
        "radius_km": settings.risk_rings_km[0],
        "window_days": settings.baseline_days,
        "horizon_days": settings.horizon_days,
    }


def run(inputs: Mapping[str, Dataset], parameters: RiskParameters, context: Context) -> Outcome:
    """Rank the activities by hard flags, then by the incidents expected during their own days.

    Order: a red flag first; then incidents expected within the first ring of the settings
    (5 km), most first; then an amber flag; then count in that ring; then id.
    Activities known only by admin area have no ring and follow after those that have one.
    """
    settings, as_of = context.settings, context.as_of
    asked = (parameters.status, parameters.activity_class, parameters.horizon_days)
    chosen, left_out = choose_activities(inputs["activities"], *asked, as_of, settings)
    period = window(as_of, parameters.window_days)
    threat = threat_incidents(inputs["incidents"], period, settings)
    places = places_of(chosen)
    radii_km = [parameters.radius_km, *settings.risk_rings_km]
    counts = count_in_rings(places, threat, [1000 * r for r in radii_km])
    flags = _flags(inputs, chosen, places, as_of, settings)
    rows = _describe(chosen, places)
    _add_counts(rows, places.known, counts, settings.risk_rings_km)
    _add_area_counts(rows, chosen, places, threat)
    _add_nearest(rows, places, threat)
    add_flags(rows, flags)
    rows["few_reports"] = few_reports(chosen, places, inputs["incidents"], as_of, settings)
    rows["blind_spot"] = blind_spots(chosen, places, inputs["incidents"], as_of, settings)
    medical = add_medical(rows, places, inputs.get("medical"))
    ahead = outlook(inputs, chosen, as_of, parameters.horizon_days, settings)
    add_expected(rows, places, ahead, settings.risk_rings_km)
    add_likelihood(rows, ahead.enough, settings)
    add_ratings(rows, context.ratings, settings)
    usual = add_baseline(rows, places, ahead.known, settings.risk_rings_km[-1], settings)
    rows = _ranked(rows, settings.risk_rings_km[0])
    summary = _summary(rows, chosen, threat, left_out, flags, len(inputs["activities"]))
    shapes = {"rings": _rings(rows, 1000 * parameters.radius_km)}
    if "sectors" in inputs:
        shapes["by_sector"] = _by_sector(rows, AdminAreas(inputs["sectors"].frame), threat)
    earlier = told_earlier(inputs["activities"], inputs["incidents"], len(rows), period, as_of, settings)
    limits = (*earlier, *_limits(inputs, rows), *outlook_limits(ahead, as_of, settings), *usual, *medical)
    return Outcome(summary, rows, shapes, limits, tables=tuple({"by_sector"} & shapes.keys()))


def incidents_near(
    activity_id: str,
    activities: Dataset,
    incidents: Dataset,
    radius_km: float,
    window_days: int | None,
    as_of: date,
    settings: Settings,
) -> gpd.GeoDataFrame:
    """The incidents behind an activity's count, nearest first.

    Canonical rows with ``distance_m`` (None by admin area), ``certain`` and ``possible``,
    ``within`` (by the stated place) and ``weight``. They are those that `run` counts.

    Raises
    ------
    WrongParameter
        When the layer has no such activity.
    """
    one = the_activity(activities, activity_id)
    threat = threat_incidents(incidents, window(as_of, window_days), settings)
    places = places_of(one)
    if not places.known[0]:
        column, code = area_of(one.iloc[0])
        at = np.flatnonzero(threat.of_area(code, column)) if column and code else np.zeros(0, int)
        near = incidents.frame.iloc[threat.position[at]].assign(
            distance_m=np.nan, within=False, certain=False, possible=False
        )
        return near.assign(weight=threat.weight[at])
    radius = 1000 * radius_km
    pairs = places.pairs(threat.places, radius + float(np.nanmax(threat.radius_m, initial=0.0)))
    off, metres = threat.radius_m[pairs.right], pairs.distance_m
    within = metres <= radius
    certain = within & (metres + off <= radius) & threat.over[pairs.right]
    possible = ~certain & np.where(np.isnan(off), within, metres - off <= radius)
    near = incidents.frame.iloc[threat.position[pairs.right]].assign(
        distance_m=metres, within=within, certain=certain, possible=possible, weight=threat.weight[pairs.right]
    )
    return near[within | possible].sort_values(["distance_m", "id"], kind="stable")


def _flags(
    inputs: Mapping[str, Dataset], chosen: gpd.GeoDataFrame, places: Places, as_of: date, settings: Settings
) -> Flags | None:
    if "risks" not in inputs:
        return None
    first, last = spans(chosen, inputs["activities"].kind, settings.theatre_timezone)
    return hard_flags(places, first, last, inputs["risks"], as_of, settings)


def _describe(chosen: gpd.GeoDataFrame, places: Places) -> gpd.GeoDataFrame:
    columns = ["id", "name", "activity_class", "status", "start_date", "end_date"]
    rows = gpd.GeoDataFrame(chosen[columns].reset_index(drop=True), geometry=places.geometries, crs=CRS)
    precision = chosen["place_precision"].to_numpy(dtype=object, na_value=None)
    grid: list[str | None] = [None] * len(rows)
    for i in np.flatnonzero(places.known):
        middle = shapely.point_on_surface(places.geometries[i])
        grid[i] = mgrs_of(middle.x, middle.y, precision[i])
    rows["mgrs"] = pd.Series(grid, index=rows.index, dtype="str")
    rows["place_precision"] = chosen["place_precision"].to_numpy()
    return rows


def _add_counts(rows: gpd.GeoDataFrame, known: npt.NDArray[np.bool_], counts: RingCounts, rings_km: Any) -> None:
    tables = (("within", counts.within), ("certain", counts.certain), ("possible", counts.possible))
    for name, table in tables:
        column = "count_within_radius" if name == "within" else f"count_{name}"
        rows[column] = pd.array(table[:, 0], dtype="Int64")
    rows["weighted_sum"] = pd.array(counts.weighted[:, 0].round(6), dtype="Float64")
    for i, km in enumerate(rings_km, start=1):
        for name, table in tables:
            rows[f"{name}_{km:g}km"] = pd.array(table[:, i], dtype="Int64")
        rows[f"weighted_{km:g}km"] = pd.array(counts.weighted[:, i].round(6), dtype="Float64")
    by_distance = [c for c in rows if str(c).startswith(("count_", "within_", "certain_", "possible_", "weighted_"))]
    rows.loc[~known, by_distance] = pd.NA


def _add_area_counts(rows: gpd.GeoDataFrame, chosen: gpd.GeoDataFrame, places: Places, threat: Threat) -> None:
    """Count by admin code for the activities that have no place of their own."""
    rows["count_in_area"], rows["area_code"] = count_in_areas(chosen, places, threat.frame)


def _add_nearest(rows: gpd.GeoDataFrame, places: Places, threat: Threat) -> None:
    position, metres = places.nearest(threat.places)
    found = position >= 0
    ids = threat.frame["id"].to_numpy(dtype=object)
    rows["nearest_incident_m"] = pd.array(np.where(found, metres.round(3), np.nan), dtype="Float64")
    rows["nearest_incident_id"] = pd.Series([ids[p] if p >= 0 else None for p in position], dtype="str")


def _ranked(rows: gpd.GeoDataFrame, first_ring_km: float) -> gpd.GeoDataFrame:
    order = pd.DataFrame(
        {
            "red": rows["flag_level"] != RED,
            "expected": -rows["expected"].fillna(-1.0),
            "amber": rows["flag_level"] != AMBER,
            "count": -rows[f"within_{first_ring_km:g}km"].fillna(-1),
            "id": rows["id"],
        }
    ).sort_values(["red", "expected", "amber", "count", "id"], kind="stable")
    ranked = rows.loc[order.index].reset_index(drop=True)
    ranked["rank"] = np.arange(1, len(ranked) + 1)
    return ranked[[*LEADING, *(c for c in ranked if c not in LEADING)]]


def _rings(rows: gpd.GeoDataFrame, radius_m: float) -> gpd.GeoDataFrame:
    drawn = Places(rows.geometry.to_numpy()).widened(radius_m)
    level = rows["flag_level"].where(
        rows["flag_level"].notna(), np.where(rows["few_reports"], "few_reports", "counted")
    )
    table = gpd.GeoDataFrame(
        {"id": rows["id"], "name": rows["name"], "rank": rows["rank"], "level": level}, geometry=drawn, crs=CRS
    )
    return table[~shapely.is_missing(drawn)].reset_index(drop=True)


def _by_sector(rows: gpd.GeoDataFrame, sectors: AdminAreas, threat: Threat) -> gpd.GeoDataFrame:
    """Activities and violent incidents of the window by mission sector, told by place alone.

    Chances are of single activities and do not add up: the highest stands for the sector.
    """
    lying = sectors.sector_of(threat.places)
    of_sector = pd.Series(sectors.sector_of(Places(rows.geometry.to_numpy())), index=rows.index, dtype=object)
    codes = [*sectors.sector_names, *([None] if of_sector.isna().any() else [])]
    table = [
        {
            "area_code": code,
            "name": None if code is None else sectors.sector_names[code],
            "activities": len(part),
            "flagged_red": int((part["flag_level"] == RED).sum()),
            "flagged_amber": int((part["flag_level"] == AMBER).sum()),
            "few_reports": int(part["few_reports"].sum()),
            "highest_p_any": part["p_any"].max(),
            "incidents": None if code is None else int((lying == code).sum()),
        }
        for code in codes
        for part in [rows[of_sector.isna() if code is None else of_sector == code]]
    ]
    named = pd.DataFrame(table).astype({"area_code": "str", "name": "str", "incidents": "Int64"})
    return as_table(named.sort_values(["activities", "area_code"], ascending=[False, True], kind="stable"))


def _summary(
    rows: gpd.GeoDataFrame,
    chosen: gpd.GeoDataFrame,
    threat: Threat,
    left_out: dict[str, int],
    flags: Flags | None,
    total: int,
) -> dict[str, Any]:
    return {
        "activities": total,
        "activities_ranked": len(rows),
        **left_out,
        "status_unknown": int(chosen["status"].fillna("unknown").eq("unknown").sum()),
        "by_area_only": int(rows["count_in_area"].notna().sum()),
        "activities_without_place": int(rows["mgrs"].isna().sum() if rows.empty else rows.geometry.isna().sum()),
        **flag_counts(rows, flags),
        "few_reports": int(rows["few_reports"].sum()),
        "rated": int(rows["rated_by"].notna().sum()),
        "blind_spots": int(rows["blind_spot"].sum()),
        "likelihood_classes": {word: int((rows["likelihood_class"] == word).sum()) for word in CLASSES},
        "incidents_counted": len(threat.frame) - threat.left_out["without_place"],
        "incidents_left_out": dict(threat.left_out),
        "unknown_type": int(threat.frame["incident_type"].isna().sum()),
        "incidents_not_over": int((~threat.over).sum()),
        "unknown_place_radius": int((np.isnan(threat.radius_m) & threat.places.known).sum()),
        "risks_standing": flags.standing if flags else None,
        "risks_ended": flags.ended if flags else None,
        "risks_without_place": flags.without_place if flags else None,
    }


def _limits(inputs: Mapping[str, Dataset], rows: gpd.GeoDataFrame) -> tuple[str, ...]:
    limits = []
    if "risks" not in inputs:
        limits.append(NOT_LOOKED_AT)
    if rows["count_in_area"].notna().any():
        limits.append(
            "Activities known only by admin area have no ring: the incidents of their area are counted by its code."
        )
    if "ged" in inputs["incidents"].source.casefold() or "ucdp" in inputs["incidents"].source.casefold():
        limits.append("UCDP GED holds lethal events only.")
    return tuple(limits)


RISK = Method(
    id="risk",
    label="Risk near activities",
    question="Which planned activities are at risk?",
    roles=(
        Role("activities", "Activities", ("projects",)),
        Role("incidents", "Incidents", ("incidents",)),
        Role("risks", "Security risks", ("security_risks",), optional=True),
        Role("areas", "Areas of the theatre", ("admin_areas",), optional=True),
        Role("medical", "Medical posts", ("facilities",), optional=True),
        Role("sectors", "Mission sectors", ("admin_areas",), optional=True),
    ),
    parameters=RiskParameters,
    run=run,
    limits=(
        "Only violent incidents with a place, not discounted, that meet the window are counted.",
        "Few reports is not safe: a quiet area may be one that does not report.",
        "No record of mines or explosive remnants is not clearance.",
        "Hard flags stand beside the counts and are not part of them.",
        "What is expected is computed from reports and is indicative. The cell of the 5 x 5 table is decision support: "
        "security risk management decisions are made by people.",
    ),
    references=("Karney (2013), Algorithms for geodesics, https://doi.org/10.1007/s00190-012-0578-z",),
    defaults=_defaults,
)
