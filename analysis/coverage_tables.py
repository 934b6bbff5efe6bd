"""Coverage as tables and shapes: a row a place, sums by admin area, what is drawn."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from analysis.admin import AdminAreas
from analysis.demand import Demand, known_sum
from analysis.places import Places
from analysis.reach import Floats, Ints, Reach, Supply
from analysis.road_network import Ways
from analysis.services import Mask
from analysis.world import World
from layers.dataset import Dataset
from layers.schema import CRS

TABLES = ("by_sector", "by_admin1", "by_area", "ending", "overlap")
"""The shapes of coverage that are tables of the answer, as they are told."""


def rows_of(demand: Demand, supply: Supply, reach: Reach, home: np.ndarray) -> gpd.GeoDataFrame:
    """One row a place, as reached in a straight line; `home` is the admin 2 code of each."""
    nearest = reach.nearest
    rows = demand.frame.drop(columns=["geometry", "provider_admin1_name"])
    rows["admin2_code"] = pd.Series(home, index=rows.index, dtype="str")
    rows["nearest_service_id"] = of_service(supply, nearest.position, "id")
    rows["nearest_service_name"] = of_service(supply, nearest.position, "name")
    rows["distance_m"] = metres_column(nearest.distance_m)
    rows["covered"] = pd.array(reach.covered, dtype="boolean")
    rows["covered_by"] = pd.Series(reach.by, index=rows.index, dtype="str")
    rows["serving_id"] = of_service(supply, nearest.serving, "id")
    return gpd.GeoDataFrame(rows, geometry=demand.frame.geometry, crs=CRS)


def add_ways(rows: gpd.GeoDataFrame, supply: Supply, reach: Reach, ways: Ways, *, decides: bool) -> None:
    """Add the way by road beside the straight line; where it `decides`, cover follows from it."""
    rows["nearest_by_road_id"] = of_service(supply, reach.nearest.position, "id")
    rows["road_m"] = metres_column(reach.nearest.distance_m)
    rows["to_road_m"] = metres_column(ways.to_road_m)
    if decides:
        rows["covered"] = pd.array(reach.covered, dtype="boolean")
        rows["covered_by"] = pd.Series(reach.by, index=rows.index, dtype="str")
        rows["serving_id"] = of_service(supply, reach.nearest.serving, "id")


def of_service(supply: Supply, position: Ints, column: str) -> pd.Series:
    """A column of the service at each position; null at -1."""
    values = supply.services.frame[column].to_numpy(dtype=object)
    found = position >= 0
    picked = values[np.where(found, position, 0)] if len(values) else None
    return pd.Series(picked, index=pd.RangeIndex(len(position)), dtype="str").where(found)


def metres_column(metres: Floats) -> pd.arrays.FloatingArray:
    """Metres to the millimetre, null where not known or without a way."""
    finite = np.where(np.isfinite(metres), metres, np.nan)
    return pd.array(np.round(finite, 3), dtype="Float64")


def tally(rows: pd.DataFrame) -> dict[str, int | None]:
    """Places and people, and those not covered; people are of the known figures only.

    Where no place at all can be judged, what is not covered is null: nothing is known of it.
    """
    judged = bool(rows["covered"].notna().any()) or rows.empty
    beyond = rows[(~rows["covered"]).fillna(False).to_numpy(dtype=bool)]
    return {
        "demand_points": len(rows),
        "people": known_sum(rows["people"]),
        "people_unknown_points": int(rows["people"].isna().sum()),
        "uncovered_points": len(beyond) if judged else None,
        "uncovered_people": known_sum(beyond["people"]) if judged else None,
        "uncovered_people_unknown": int(beyond["people"].isna().sum()) if judged else None,
    }


def tables(rows: gpd.GeoDataFrame, world: World, supply: Supply, counted: Mask) -> dict[str, gpd.GeoDataFrame]:
    """The table by the finest admin area, and by the first level where any is known."""
    by_state = by_admin1(rows, world, supply, counted)
    known = {"by_admin1": by_state} if by_state["area_code"].notna().any() else {}
    return {"by_area": by_area(rows, world, supply, counted), **known}


def by_area(rows: gpd.GeoDataFrame, world: World, supply: Supply, counted: Mask) -> gpd.GeoDataFrame:
    """Places and people, covered and not, and services, by the finest admin area that is known."""
    areas = world.areas
    serving = areas.code_of(supply.services.frame, supply.places)[counted]
    table = _sums(rows, areas.code_of(rows, world.places), areas.names, serving)
    return gpd.GeoDataFrame(table, geometry=[areas.polygons.get(c) for c in table["area_code"]], crs=CRS)


def by_admin1(rows: gpd.GeoDataFrame, world: World, supply: Supply, counted: Mask) -> gpd.GeoDataFrame:
    """The same by the first admin level (state, region); names of the areas, else as the source writes them."""
    code = world.areas.admin1_of(rows, world.places)
    serving = world.areas.admin1_of(supply.services.frame, supply.places)[counted]
    table = _sums(rows, code, world.admin1_names(code), serving)
    return gpd.GeoDataFrame(table, geometry=np.full(len(table), None, dtype=object), crs=CRS)


def by_sector(
    rows: gpd.GeoDataFrame, sectors: Dataset, world: World, supply: Supply, counted: Mask
) -> gpd.GeoDataFrame:
    """The same by mission sector, told by place alone: no source states it."""
    areas = AdminAreas(sectors.frame)
    serving = areas.sector_of(supply.places)[counted]
    table = _sums(rows, areas.sector_of(world.places), areas.sector_names, serving)
    return gpd.GeoDataFrame(table, geometry=np.full(len(table), None, dtype=object), crs=CRS)


def _sums(rows: gpd.GeoDataFrame, code: np.ndarray, names: dict[str, str], serving: np.ndarray) -> pd.DataFrame:
    """Sums by area; `serving` is the area of each service: null where none of them tells its own."""
    tables = [
        {"area_code": c, **tally(part)} for c, part in rows.groupby(pd.Series(code, index=rows.index), dropna=False)
    ]
    figures = list(tally(rows))
    table = (
        pd.DataFrame(tables)
        .astype(dict.fromkeys(figures, "Int64"))
        .sort_values("uncovered_people", ascending=False, kind="stable", na_position="last")
        .reset_index(drop=True)
    )
    table["area_code"] = table["area_code"].astype("str")
    table.insert(1, "name", table["area_code"].map(names).astype("str"))
    known = pd.Series(serving, dtype=object).dropna()
    number = table["area_code"].map(known.value_counts()).fillna(0 if len(known) else np.nan)
    table.insert(2, "services", number.where(table["area_code"].notna()).astype("Int64"))
    return table


def drawn(supply: Supply, counted: Mask, areas: AdminAreas) -> dict[str, gpd.GeoDataFrame]:
    """The reach of the services in a straight line, and what of the areas lies beyond it."""
    placed = supply.in_place(counted)
    widened = [
        Places(supply.places.geometries[placed[supply.radius_m[placed] == radius]]).widened(float(radius))
        for radius in np.unique(supply.radius_m[placed])
    ]
    reach = shapely.union_all(np.concatenate(widened)) if widened else shapely.GeometryCollection()
    shapes = {"reach": gpd.GeoDataFrame({"services": [len(placed)]}, geometry=[reach], crs=CRS)}
    if areas.polygons:
        codes = list(areas.polygons)
        gaps = shapely.difference(np.array([areas.polygons[c] for c in codes], dtype=object), reach)
        table = gpd.GeoDataFrame(
            {"area_code": codes, "name": [areas.names.get(c) for c in codes]}, geometry=gaps, crs=CRS
        )
        shapes["gaps"] = table[~table.geometry.is_empty].reset_index(drop=True)
    return shapes
