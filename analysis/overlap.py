"""Overlap to check: two organisations that report the same job in the same place at the same time."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from analysis.places import Places
from analysis.reach import Ints, Supply
from analysis.services import Mask
from layers.kind import normalise
from layers.schema import CRS
from layers.times import Days
from layers.vocabularies import SECTORS

MOST_ROWS = 1_000
MOST_COMPARED = 2_000_000
"""Pairs of one job that are compared: beyond it they are neither counted nor listed, and that is said."""
SECTOR_LABEL = {c.value: c.label for c in SECTORS}


def overlaps(supply: Supply, counted: Mask, within_km: float) -> tuple[gpd.GeoDataFrame, dict[str, Any]]:
    """Pairs of the counted projects to check, nearest first, and the figures of the summary.

    The same job: same sector and same activity type, both stated, by different organisations,
    on days that meet, at most `within_km` apart; or in the same admin 2 where one of them
    is known by area only.
    """
    frame = supply.services.frame
    job, organisation = _job(supply), _organisation(frame)
    both = [a is not None and b is not None for a, b in zip(job, organisation, strict=True)]
    stated = counted & np.array(both, dtype=bool)
    not_comparable = int((counted & ~stated).sum())
    found = _pairs(supply, job, stated, within_km)
    if found is None:
        nothing = np.zeros(0, dtype=np.int64)
        figures = {"overlaps_to_check": None, "overlap_not_comparable": not_comparable}
        return _table(supply, nothing, nothing, np.zeros(0), *([np.zeros(0, dtype="datetime64[D]")] * 2)), figures
    left, right, metres = found
    other = np.array([organisation[a] != organisation[b] for a, b in zip(left, right, strict=True)], dtype=bool)
    first, last = supply.services.first, supply.services.last
    # The later first day and the earlier last one; an open side gives way to the other.
    start: Days = np.fmax(first[left], first[right])
    end: Days = np.fmin(last[left], last[right])
    meets = ~(start > end)
    keep = other & meets
    order = np.lexsort((right[keep], left[keep], metres[keep]))
    left, right, metres = (v[keep][order] for v in (left, right, metres))
    start, end = start[keep][order], end[keep][order]
    figures = {"overlaps_to_check": len(left), "overlap_not_comparable": not_comparable}
    shown = slice(0, MOST_ROWS)
    return _table(supply, left[shown], right[shown], metres[shown], start[shown], end[shown]), figures


def _job(supply: Supply) -> list[str | None]:
    """Sector and activity type of each, folded; None where either is not stated."""
    types = supply.services.frame["activity_type"]
    return [
        f"{sector}/{normalise(kind)}" if isinstance(sector, str) and isinstance(kind, str) else None
        for sector, kind in zip(supply.services.sectors, types, strict=True)
    ]


def _organisation(frame: pd.DataFrame) -> list[str | None]:
    names = frame["org_acronym"].fillna(frame["owner"])
    return [normalise(name) if isinstance(name, str) else None for name in names]


def _pairs(
    supply: Supply, job: list[str | None], stated: Mask, within_km: float
) -> tuple[Ints, Ints, np.ndarray] | None:
    """Pairs of the same job: by distance, and by admin 2 where one is known by area; NaN metres there.

    None where there are more than `MOST_COMPARED`.
    """
    by_area = supply.services.by_area
    code = pd.factorize(np.array(job, dtype=object))[0]
    placed = np.flatnonzero(stated & ~by_area & supply.places.known)
    alike = _alike(placed, code)
    spots = [Places(supply.places.geometries[at]) for at in alike]
    known = stated & ~supply.without_area
    groups = pd.Series(np.flatnonzero(known)).groupby([code[known], supply.area[known].astype(str)])
    areas = [at for at in (members.to_numpy() for _, members in groups) if len(at) > 1 and by_area[at].any()]
    if sum(_near(one, 1000 * within_km) for one in spots) + sum(len(at) ** 2 // 2 for at in areas) > MOST_COMPARED:
        return None
    found = [(placed[:0], placed[:0], np.zeros(0))]
    for at, one in zip(alike, spots, strict=True):
        near = one.pairs(one, 1000 * within_km)
        once = near.left < near.right
        found.append((at[near.left[once]], at[near.right[once]], near.distance_m[once]))
    for at in areas:
        i, j = np.triu_indices(len(at), 1)
        use = by_area[at[i]] | by_area[at[j]]
        found.append((at[i][use], at[j][use], np.full(int(use.sum()), np.nan)))
    left, right, metres = (np.concatenate(v) for v in zip(*found, strict=True))
    return left, right, metres


def _alike(placed: Ints, code: np.ndarray) -> list[Ints]:
    """Those with a place in groups of the same job, two at least in each."""
    groups = pd.Series(placed).groupby(code[placed])
    return [members.to_numpy() for _, members in groups if len(members) > 1]


def _near(spots: Places, radius_m: float) -> int:
    """About how many pairs lie within the radius: of points exactly, of other shapes as if all did."""
    points, shapes = spots.index, len(spots) - len(spots.points)
    counts = points.within(points.lon, points.lat, radius_m)[0] if len(points) else np.zeros(0, np.int64)
    return (int(counts.sum()) - len(points)) // 2 + shapes * len(spots)


def _table(supply: Supply, left: Ints, right: Ints, metres: np.ndarray, start: Days, end: Days) -> gpd.GeoDataFrame:
    frame = supply.services.frame
    written = frame["org_acronym"].fillna(frame["owner"]).to_numpy(dtype=object)
    sector = supply.services.sectors.to_numpy(dtype=object)
    columns: dict[str, Any] = {}
    for side, at in (("a", left), ("b", right)):
        columns[f"id_{side}"] = frame["id"].to_numpy(dtype=object)[at]
        columns[f"name_{side}"] = frame["name"].to_numpy(dtype=object)[at]
        columns[f"organisation_{side}"] = written[at]
    columns["sector_code"] = sector[left]
    columns["activity_type"] = frame["activity_type"].to_numpy(dtype=object)[left]
    columns["admin2_code"] = supply.area[left]
    table = pd.DataFrame(columns, dtype="str")
    table["both_from"], table["both_until"] = start.astype("datetime64[us]"), end.astype("datetime64[us]")
    table["distance_m"] = pd.array(np.round(metres, 1), dtype="Float64")
    table["check"] = pd.Series([_words(row) for row in table.itertuples()], dtype="str")
    ends = [shapely.point_on_surface(supply.places.geometries[at]) for at in (left, right)]
    lines = [
        None if np.isnan(m) else shapely.LineString([a, b]) if m > 0 else a
        for m, a, b in zip(metres, *ends, strict=True)
    ]
    return gpd.GeoDataFrame(table, geometry=lines, crs=CRS)


def _words(row: Any) -> str:
    """For example ``To check: TRR and BKN both report latrines (WASH), 0.4 km apart``."""
    if pd.isna(row.distance_m):
        where = "in the same admin 2"
    else:
        where = "in the same place" if row.distance_m < 50 else f"{row.distance_m / 1000:.1f} km apart"
    sector = SECTOR_LABEL.get(row.sector_code, row.sector_code)
    return (
        f"To check: {row.organisation_a} and {row.organisation_b} both report {row.activity_type} ({sector}), {where}"
    )


def limits_of(figures: dict[str, Any]) -> list[str]:
    """What must be said of the pairs."""
    number = figures["overlaps_to_check"]
    if number is None:
        return [
            f"Overlap was not looked at: more than {MOST_COMPARED:,} pairs of records report the same job near each"
            " other. Take a smaller overlap_km, or a part of the layer by --where."
        ]
    if not number:
        return []
    cut = f" The nearest {MOST_ROWS:,} are listed." if number > MOST_ROWS else ""
    return [
        f"{number:,} pairs of organisations' projects are to check: the same job may be reported twice, or be shared"
        f" between them. Nothing is taken off.{cut}"
    ]
