"""Who needs: one row a site or settlement, as last assessed at or before as-of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.dataset import Dataset
from layers.errors import NotEnoughData, WrongParameter
from layers.filters import NOT_STATED
from layers.kind import normalise
from layers.rounds import OLDEST, in_round_order, same_site_twice
from layers.schema import CRS

COLUMNS = (
    "id",
    "record_id",
    "name",
    "people",
    "assessment",
    "reporting_round",
    "last_known_population",
    "last_known_round",
    "admin1_code",
    "admin2_code",
    "place_precision",
    "provider_admin1_name",
)

IDP = "idp"


@dataclass(frozen=True)
class Demand:
    """Places with people.

    Attributes
    ----------
    frame : GeoDataFrame
        Columns of `COLUMNS`, sorted by id; `people` is null where not known.
    noun : tuple of str
        Singular and plural, for sentences.
    closed, not_assessed, not_idp, later : int
        Sites closed; sites not assessed in their latest round (kept, people unknown);
        rows of another population group; rows after as-of.
    same_site_twice : int
        Rows that do not count: a later row speaks of the same site and round.
    older : int
        Population figures of an earlier period than the latest of their area.
    same_area_twice : int
        Population figures beside another of the same area and period; all are added.
    """

    frame: gpd.GeoDataFrame
    noun: tuple[str, str]
    closed: int = 0
    not_assessed: int = 0
    not_idp: int = 0
    later: int = 0
    same_site_twice: int = 0
    older: int = 0
    same_area_twice: int = 0


def known_sum(people: pd.Series) -> int | None:
    """Sum over the known figures: 0 of nobody, null where there are places and none is known."""
    return None if len(people) and people.isna().all() else int(people.sum())


def is_idp(frame: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Rows that speak of IDPs; where the group is not stated, sites speak of them."""
    return is_of_group(frame, IDP)


def is_of_group(frame: pd.DataFrame, group: str) -> npt.NDArray[np.bool_]:
    """Rows that speak of one population group; where none is stated, of IDPs."""
    return (frame["population_group"].fillna(IDP) == group).to_numpy(dtype=bool)


def main_group(frame: pd.DataFrame) -> str:
    """IDPs where any row speaks of them, else the group that most rows speak of."""
    groups = frame["population_group"].fillna(IDP).value_counts()
    return IDP if IDP in groups or groups.empty else str(groups.index[0])


def demand_of(dataset: Dataset, as_of: date) -> Demand:
    """The demand that a layer speaks of.

    Raises
    ------
    NotEnoughData
        When nothing is left.
    WrongParameter
        When a population layer mixes groups, which are never added together.
    """
    demand = sites_at(dataset, as_of) if dataset.kind.id == "idp_sites" else _figures(dataset, as_of)
    if demand.frame.empty:
        raise NotEnoughData(
            f"demand, {dataset.layer}",
            f"nobody to reach at {as_of.isoformat()}",
            "at least one place with people",
            "Choose another layer, a later as-of or a wider filter.",
        )
    return demand


def sites_at(dataset: Dataset, as_of: date) -> Demand:
    """Sites in their latest round at or before as-of; closed ones out, IDPs only."""
    idp = int(is_idp(dataset.frame).sum())
    ordered = in_round_order(dataset.frame, dataset.kind, as_of)
    ordered = ordered[is_idp(ordered)]
    latest = ordered.groupby("_entity", sort=True).tail(1).set_index("_entity", drop=False)
    counting = (ordered["_round_key"] == ordered["_entity"].map(latest["_round_key"])).to_numpy(dtype=bool)
    status = latest["assessment_status"]
    not_assessed = (status == "not_assessed").fillna(False)
    closed = (status == "closed").fillna(False)
    known = ordered[ordered["population"].notna() & ~(ordered["assessment_status"] == "not_assessed").fillna(False)]
    known = known.groupby("_entity", sort=True).tail(1).set_index("_entity")
    people = latest["population"].mask(not_assessed)
    missing = people.isna()
    frame = gpd.GeoDataFrame(
        {
            "id": latest["_entity"].astype("str"),
            "record_id": latest["id"],
            "name": latest["name"],
            "people": people,
            "assessment": status,
            "reporting_round": latest["reporting_round"],
            "last_known_population": known["population"].reindex(latest.index).where(missing),
            "last_known_round": known["reporting_round"].reindex(latest.index).where(missing),
            **{c: latest[c] for c in COLUMNS[8:]},
        },
        geometry=latest.geometry,
        crs=CRS,
    )[~closed].reset_index(drop=True)
    return Demand(
        frame,
        _noun_of(latest[~closed]),
        closed=int(closed.sum()),
        not_assessed=int((not_assessed & ~closed).sum()),
        not_idp=len(dataset) - idp,
        later=idp - len(ordered),
        same_site_twice=int((same_site_twice(ordered).to_numpy(dtype=bool) & counting).sum()),
    )


def _noun_of(sites: pd.DataFrame) -> tuple[str, str]:
    """Totals of areas, as a master list by locality gives them, are not called sites."""
    totals = len(sites) and (sites["site_type"] == "area_total").fillna(False).all()
    return ("area with IDPs", "areas with IDPs") if totals else ("IDP site", "IDP sites")


def _figures(dataset: Dataset, as_of: date) -> Demand:
    """Settlements, or population figures of one group, each area's of its latest period."""
    frame = dataset.frame.sort_values("id", kind="stable")
    later = older = same_area = 0
    if "population_group" in frame:
        groups = sorted(frame["population_group"].fillna(NOT_STATED).unique())
        if len(groups) > 1:
            raise WrongParameter(
                f"demand, {dataset.layer}",
                f"population groups {', '.join(groups)}",
                "one group: they are never added together",
                "Filter the layer by population_group.",
            )
        past = frame[~(_period_start(frame) > pd.Timestamp(as_of)).to_numpy(dtype=bool)]
        latest, same_area = _latest_figures(past)
        later, older, frame = len(frame) - len(past), len(past) - len(latest), latest
    blank = pd.Series(None, index=frame.index, dtype="str")
    table = gpd.GeoDataFrame(
        {
            "id": frame["id"],
            "record_id": frame["id"],
            "name": frame["name"],
            "people": frame["population"],
            "assessment": blank,
            "reporting_round": blank,
            "last_known_population": pd.Series(pd.NA, index=frame.index, dtype="Int64"),
            "last_known_round": blank,
            **{c: frame[c] for c in COLUMNS[8:]},
        },
        geometry=frame.geometry,
        crs=CRS,
    ).reset_index(drop=True)
    noun = ("settlement", "settlements") if dataset.kind.id == "settlements" else ("place", "places")
    return Demand(table, noun, later=later, older=older, same_area_twice=same_area)


def _period_start(frame: gpd.GeoDataFrame) -> pd.Series:
    return frame["reference_period_start"].fillna(frame["reference_period_end"])


def _latest_figures(frame: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, int]:
    """The figures of the latest period of each area, and how many stand beside another of it.

    An area is told by its finest P-code and its name, or by the record where it has neither.
    """
    code = frame["admin3_code"].fillna(frame["admin2_code"]).fillna(frame["admin1_code"])
    name = frame["name"].map(normalise, na_action="ignore").astype("str")
    area = (code.fillna("") + "/" + name.fillna("")).where(code.notna() | name.notna(), frame["id"])
    start = _period_start(frame).fillna(OLDEST)
    end = frame["reference_period_end"].fillna(start)
    latest = start == start.groupby(area).transform("max")
    latest &= end == end.where(latest).groupby(area).transform("max")
    return frame[latest.to_numpy(dtype=bool)], int(area[latest].duplicated().sum())
