"""What serves: projects and facilities that count as active at as-of, by sector."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.dataset import Dataset
from layers.known_place import known_by_area
from layers.settings import Settings
from layers.times import Days, Period, meets, spans

Mask = npt.NDArray[np.bool_]

SECTOR_OF_FACILITY = {
    "hospital": "HEA",
    "clinic": "HEA",
    "pharmacy": "HEA",
    "laboratory": "HEA",
    "dentist": "HEA",
    "school": "EDU",
    "water_point": "WSH",
}


@dataclass(frozen=True)
class Services:
    """Services that count, sorted by id, and the account of the others.

    Attributes
    ----------
    frame : GeoDataFrame
        Canonical rows.
    by_area : array of bool
        Counts in its admin 2 alone: no place of its own, or a sector that is judged so.
    qip : array of bool
        Quick-impact projects.
    left_out : dict
        Reason -> number.
    status_assumed : int
        Facilities without any status, counted as active; one that is not understood is left out.
    sectors : Series
        Sector as stated or by type of facility.
    first, last : array of datetime64[D]
        First and last day of each; NaT is open.
    without_sector : int
        Services of no stated sector, all in all; where a sector is asked for they do not count.
    """

    frame: gpd.GeoDataFrame
    by_area: Mask
    qip: Mask
    left_out: dict[str, int]
    status_assumed: int
    sectors: pd.Series
    first: Days
    last: Days
    without_sector: int

    def counted(self, include_qips: bool) -> Mask:
        """Which of them reach people: quick-impact projects only where they are asked for."""
        return np.ones(len(self.frame), bool) if include_qips else ~self.qip

    def radii_m(self, radius_km: float, by_type: bool, settings: Settings) -> npt.NDArray[np.float64]:
        """Radius of each, metres: the one asked for, or the settings' own of its type, else of its sector."""
        if not by_type:
            return np.full(len(self.frame), 1000 * radius_km)
        own = settings.coverage_radius_km
        named = self.frame.get("facility_type", self.sectors)
        km = named.map(own).fillna(self.sectors.map(own)).fillna(radius_km)
        return 1000 * km.to_numpy(dtype=float)


def services_at(
    dataset: Dataset, sector: str, status: Literal["active", "any"], as_of: date, settings: Settings
) -> Services:
    """The services of one sector (or ``any``), active at as-of or of any status."""
    frame = dataset.frame.sort_values("id", kind="stable")
    sectors = _sectors(frame)
    of_sector = np.ones(len(frame), bool) if sector == "any" else (sectors == sector).to_numpy(dtype=bool)
    active, reasons, assumed = _active(frame, dataset, as_of, settings)
    if status == "any":
        active, reasons, assumed = np.ones(len(frame), bool), {}, np.zeros(len(frame), bool)
    keep = of_sector & active
    left_out = {"other_sector": int((~of_sector).sum())}
    left_out |= {reason: int((of_sector & holds).sum()) for reason, holds in reasons.items()}
    kept = frame[keep]
    return Services(
        kept,
        _by_area(kept, sectors[keep], settings),
        _equal(kept, "activity_class", "qip"),
        left_out,
        int((of_sector & assumed).sum()),
        sectors[keep],
        *spans(kept, dataset.kind, settings.theatre_timezone),
        int(sectors.isna().sum()),
    )


def planned_at(dataset: Dataset, sector: str, day: date, settings: Settings) -> int:
    """Projects of the sector that are planned and whose dates take in the day."""
    if dataset.kind.id == "facilities":
        return 0
    frame = dataset.frame
    of_sector = np.ones(len(frame), bool) if sector == "any" else _equal(frame, "sector_code", sector)
    start, end = spans(frame, dataset.kind, settings.theatre_timezone)
    running = meets(start, end, Period(day, day), open_ended=True)
    return int((of_sector & running & _equal(frame, "status", "planned")).sum())


def one_type(dataset: Dataset, sector: str) -> str | None:
    """The type of facility, where all facilities of the sector (or ``any``) are of one."""
    if dataset.kind.id != "facilities":
        return None
    sectors = _sectors(dataset.frame)
    types = dataset.frame.loc[(sectors == sector) | (sector == "any"), "facility_type"]
    return str(types.iloc[0]) if len(types) and types.notna().all() and types.nunique() == 1 else None


def numbers_by_type(frame: pd.DataFrame) -> dict[str, int]:
    """Type of facility -> number, most first; ``not_stated`` for those of none. Projects have no such type."""
    if "facility_type" not in frame:
        return {}
    numbers = frame["facility_type"].fillna("not_stated").value_counts().sort_index()
    return {str(k): int(n) for k, n in numbers.sort_values(ascending=False, kind="stable").items()}


def _equal(frame: pd.DataFrame, column: str, value: str) -> Mask:
    if column not in frame:
        return np.zeros(len(frame), bool)
    return (frame[column] == value).fillna(False).to_numpy(dtype=bool)


def _sectors(frame: pd.DataFrame) -> pd.Series:
    """Sector as stated; for facilities without one, by their type."""
    if "facility_type" not in frame:
        return frame["sector_code"]
    return frame["sector_code"].fillna(frame["facility_type"].map(SECTOR_OF_FACILITY))


def _active(
    frame: pd.DataFrame, dataset: Dataset, as_of: date, settings: Settings
) -> tuple[Mask, dict[str, Mask], Mask]:
    """Active, the reasons of the others, and those assumed active."""
    if dataset.kind.id == "facilities":
        assumed = frame["status"].isna().to_numpy(dtype=bool)
        working = assumed | frame["status"].isin(["functional", "partial"]).to_numpy(dtype=bool)
        unknown = _equal(frame, "status", "unknown")
        return working, {"closed": ~working & ~unknown, "status_unknown": unknown}, assumed
    start, end = spans(frame, dataset.kind, settings.theatre_timezone)
    running = meets(start, end, Period(as_of, as_of), open_ended=True) | (np.isnat(start) & np.isnat(end))
    unknown = frame["status"].isna().to_numpy(dtype=bool) | _equal(frame, "status", "unknown")
    stated = _equal(frame, "status", "active")
    reasons = {
        "status_unknown": unknown,
        "not_active": ~stated & ~unknown,
        "status_contradicted": stated & ~running,
    }
    return stated & running, reasons, np.zeros(len(frame), bool)


def _by_area(frame: gpd.GeoDataFrame, sectors: pd.Series, settings: Settings) -> Mask:
    return known_by_area(frame) | sectors.isin(settings.coverage_by_area_only).to_numpy(dtype=bool)
