"""People who moved from area to area: flows, never added to the people present (`analysis.site_changes`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from analysis.demand import is_idp
from analysis.method import Context, Method, Outcome, Role, as_table
from analysis.parameters import parameter
from layers.dataset import Dataset
from layers.errors import NotEnoughData
from layers.kind import Choice, normalise
from layers.schema import CRS

MOST_LINES = 60
"""More lines than these are drawn by admin 1: proposal, so that a map can be read."""
BEND, BEND_POINTS = 0.12, 17
LEVELS = (
    Choice("auto", "As many as can be read"),
    Choice("reported", "As reported"),
    Choice("admin1", "Admin 1"),
)
Points = npt.NDArray[np.float64]


@dataclass(frozen=True)
class FlowsParameters:
    """What is drawn."""

    level: str = parameter(
        "auto", label="Destinations by", choices=LEVELS, help=f"Admin 1 where more than {MOST_LINES} lines remain."
    )
    minimum_people: int = parameter(
        50, label="Least people a line", unit="people", minimum=0, maximum=1_000_000, help="Smaller ones are counted."
    )


def run(inputs: Mapping[str, Dataset], parameters: FlowsParameters, context: Context) -> Outcome:
    """One row a pair of origin and destination, most people first; arrivals by destination and by month."""
    flows = inputs["flows"]
    of_idps = flows.frame[is_idp(flows.frame)]
    placed = _named(of_idps)
    usable = placed[placed["_from"].notna() & placed["_to"].notna() & placed["population"].notna()]
    if usable.empty:
        raise NotEnoughData(
            f"flows, {flows.layer}",
            "no flow with an origin, a destination and people",
            "at least one",
            "Choose a longer period in the filters, or another layer.",
        )
    areas = _area_points(inputs.get("areas")) | _area_points(inputs.get("origins"))
    level = parameters.level
    pairs = _pairs(usable, areas)
    if level == "auto":
        level = "admin1" if (pairs["people"] >= parameters.minimum_people).sum() > MOST_LINES else "reported"
    if level == "admin1":
        pairs = _pairs(_by_admin1(usable), areas)
    drawable = pairs.geometry.notna()
    small = pairs["people"] < parameters.minimum_people
    lines = pairs[drawable & ~small].reset_index(drop=True)
    by_destination, by_month = _arrivals(usable), _months(usable)
    summary = _summary(of_idps, usable, pairs, drawable, small) | {
        "level": level,
        "other_groups": len(flows.frame) - len(of_idps),
    }
    tables = {"arrivals": by_destination, "months": by_month}
    return Outcome(summary, pairs, {"lines": lines, **tables}, _limits(summary), tables=("arrivals", "months"))


def _named(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Rows with what their ends are told apart by (``_from``, ``_to``), what these are called, and where."""
    ends = [_ends(geometry) for geometry in frame.geometry]
    destination = frame["destination_code"].fillna(frame["admin2_code"]).fillna(frame["admin1_code"])
    return frame.assign(
        _from=frame["origin_admin1_code"].fillna(_plain(frame["origin_name"])),
        _to=destination.fillna(_plain(frame["destination_name"])),
        _from_name=frame["origin_name"].fillna(frame["origin_admin1_code"]),
        _to_name=frame["destination_name"].fillna(destination),
        **{name: [end[n] for end in ends] for n, name in enumerate(("_x0", "_y0", "_x1", "_y1"))},
    )


def _plain(names: pd.Series) -> pd.Series:
    return names.map(normalise, na_action="ignore").astype("str")


def _ends(geometry: Any) -> tuple[float, float, float, float]:
    """First and last vertex in degrees; NaN where the flow is no line."""
    if geometry is None or geometry.is_empty or geometry.geom_type != "LineString":
        return (np.nan,) * 4
    return (*geometry.coords[0][:2], *geometry.coords[-1][:2])


def _by_admin1(usable: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Destinations by their admin 1, where that is known."""
    known = usable["admin1_code"].notna()
    name = usable["provider_admin1_name"].fillna(usable["admin1_code"])
    return usable.assign(
        _to=usable["admin1_code"].where(known, usable["_to"]), _to_name=name.where(known, usable["_to_name"])
    )


def _area_points(areas: Dataset | None) -> dict[str, tuple[str, float, float]]:
    """P-code -> name and the point that stands for the area, in degrees."""
    if areas is None:
        return {}
    frame = areas.frame[areas.frame["id"].notna() & areas.frame.geometry.notna()]
    points = frame.geometry.representative_point()
    names = frame["name"].fillna(frame["id"])
    return {code: (name, x, y) for code, name, x, y in zip(frame["id"], names, points.x, points.y, strict=True)}


def _pairs(usable: gpd.GeoDataFrame, areas: Mapping[str, tuple[str, float, float]]) -> gpd.GeoDataFrame:
    """Sums by origin and destination; an end lies at its area's point, else amid the ends of its own rows."""
    sums = usable.groupby(["_from", "_to"], sort=True).agg(
        people=("population", "sum"),
        records=("id", "size"),
        first_day=("start_date", "min"),
        last_day=("end_date", "max"),
    )
    pairs = sums.reset_index().rename(columns={"_from": "origin", "_to": "destination"})
    for end, column, x, y in (("origin", "_from", "_x0", "_y0"), ("destination", "_to", "_x1", "_y1")):
        own = usable.groupby(column).agg(name=(f"{column}_name", "first"), x=(x, "mean"), y=(y, "mean"))
        ends = [areas.get(code, tuple(own.loc[code])) for code in pairs[end]]
        pairs[f"{end}_name"] = [str(e[0]) for e in ends]
        pairs[[f"_{end}_x", f"_{end}_y"]] = np.array([e[1:] for e in ends], dtype=float).reshape(-1, 2)
    start = pairs[["_origin_x", "_origin_y"]].to_numpy()
    stop = pairs[["_destination_x", "_destination_y"]].to_numpy()
    lines = np.array([bent(a, b) for a, b in zip(start, stop, strict=True)], dtype=object)
    lines[(pairs["origin"] == pairs["destination"]).to_numpy()] = None
    pairs = pairs[[c for c in pairs if not c.startswith("_")]].assign(people=pairs["people"].astype("Int64"))
    pairs["id"] = pairs["origin"] + " > " + pairs["destination"]
    drawn = gpd.GeoDataFrame(pairs, geometry=lines, crs=CRS)
    return drawn.sort_values(["people", "id"], ascending=[False, True], kind="stable").reset_index(drop=True)


def bent(start: Points, stop: Points) -> shapely.LineString | None:
    """A curve from `start` to `stop` (degrees), bent to its left, so that there and back lie apart.

    None where an end is not known or both are the same. Nobody's way is known: the bend is drawing.
    """
    across = stop - start
    if not np.isfinite(across).all() or not across.any():
        return None
    middle = (start + stop) / 2 + BEND * 2 * np.array([-across[1], across[0]])
    t = np.linspace(0, 1, BEND_POINTS)[:, None]
    return shapely.LineString((1 - t) ** 2 * start + 2 * t * (1 - t) * middle + t**2 * stop)


def _arrivals(usable: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """People who arrived, by destination as reported; from how many origins, and most from where."""
    pairs = usable.groupby(["_to", "_from"]).agg(
        people=("population", "sum"), name=("_to_name", "first"), origin=("_from_name", "first")
    )
    most = pairs.sort_values("people", ascending=False, kind="stable").reset_index()
    found = most.groupby("_to").agg(
        name=("name", "first"), people=("people", "sum"), origins=("_from", "size"), most_from=("origin", "first"),
        most_from_people=("people", "first"),
    )  # fmt: skip
    found = found.reset_index().rename(columns={"_to": "destination"})
    return as_table(found.sort_values(["people", "destination"], ascending=[False, True], kind="stable"))


def _months(usable: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """People by the month in which the period of their movement ended; what has no date is no part of it."""
    day = usable["end_date"].fillna(usable["start_date"])
    dated = usable[day.notna()].assign(month=day.dt.strftime("%Y-%m"))
    return as_table(dated.groupby("month").agg(people=("population", "sum"), records=("id", "size")).reset_index())


def _summary(
    of_idps: gpd.GeoDataFrame, usable: gpd.GeoDataFrame, pairs: gpd.GeoDataFrame, drawable: pd.Series, small: pd.Series
) -> dict[str, Any]:
    within = pairs["origin"] == pairs["destination"]
    parts = {
        "drawn": drawable & ~small,
        "below_minimum": small & ~within,
        "same_area": within,
        "without_place": ~drawable & ~small & ~within,
    }
    undated = usable["end_date"].isna() & usable["start_date"].isna()
    said: dict[str, Any] = {"people": int(usable["population"].sum()), "records": len(usable)}
    for name, part in parts.items():
        some = pairs[part]
        said |= {f"{name}_people": int(some["people"].sum()), f"{name}_records": int(some["records"].sum())}
        said[f"{name}_lines"] = len(some)
    said["incomplete_records"] = len(of_idps) - len(usable)
    said |= {"undated_records": int(undated.sum()), "undated_people": int(usable.loc[undated, "population"].sum())}
    return said


def _limits(summary: Mapping[str, Any]) -> tuple[str, ...]:
    if not summary["undated_records"]:
        return ()
    return (
        f"{summary['undated_records']:,} flows state no period ({summary['undated_people']:,} people): people by where"
        " they came from, not arrivals of a period.",
    )


FLOWS = Method(
    id="flows",
    label="Movements",
    question="From where to where did people move, and how many?",
    roles=(
        Role("flows", "IDP flows", ("idp_flows",)),
        Role("origins", "Areas of origin", ("admin_areas",), optional=True),
        Role("areas", "Areas", ("admin_areas",), optional=True),
    ),
    parameters=FlowsParameters,
    run=run,
    limits=(
        "People who moved in a period, not people present: the two are never added.",
        "Lines run from area to area; nobody's way is known, and the bend only keeps there and back apart.",
    ),
    references=("Holten, van Wijk (2009), Visualizing directed edges, https://doi.org/10.1145/1518701.1519054",),
)
