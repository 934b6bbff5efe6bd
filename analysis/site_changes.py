"""Displacement sites as a stock: who is where, and the change from round to round, like for like.

The definitions of a round, of what is assessed and of like for like are those of the headline
(`analysis.headlines`). People who moved are a flow and are no part of it (`analysis.movements`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from analysis.demand import IDP, main_group
from analysis.headlines import is_assessed, round_names, site_rounds
from analysis.method import Context, Method, Outcome, Role, as_table
from analysis.parameters import parameter
from analysis.surroundings import add_surroundings, around
from analysis.world import SECTOR_CHOICES
from layers.dataset import Dataset
from layers.errors import NotEnoughData
from layers.settings import Settings
from layers.vocabularies import POPULATION_GROUPS

UNSTATED = "not stated"
STATES = ("assessed", "opened", "not_assessed", "not_listed", "closed")
COLUMNS = ("site_id", "name", "site_type", "admin1_code", "admin2_code", "place_precision", "place_radius_m")


@dataclass(frozen=True)
class SitesParameters:
    """Whom it is about."""

    group: str = parameter(IDP, label="People", choices=POPULATION_GROUPS)
    near_km: float = parameter(5.0, label="Near a hazard", unit="km", minimum=0, maximum=500)
    beyond_km: float = parameter(5.0, label="Beyond a service", unit="km", minimum=0, maximum=500)
    sector: str = parameter("HEA", label="Sector of the service", choices=SECTOR_CHOICES)


def defaults(
    values: Mapping[str, Any], settings: Settings, inputs: Mapping[str, Dataset] | None = None
) -> dict[str, Any]:
    """The group that the layer speaks of: IDPs where there are any."""
    return {"group": main_group(inputs["sites"].frame)} if inputs else {}


def run(inputs: Mapping[str, Dataset], parameters: SitesParameters, context: Context) -> Outcome:
    """One row a site, the largest first; a table of the rounds, the oldest first."""
    sites = inputs["sites"]
    ordered = site_rounds(sites, context.as_of, parameters.group)
    names = round_names(ordered)
    if not names and len(ordered):  # one list without rounds or days, as a DTM master list
        ordered["_round"], names = UNSTATED, [UNSTATED]
    if not names:
        raise NotEnoughData(
            f"sites, {sites.layer}",
            f"no site up to {context.as_of}",
            "at least one",
            "Set as-of to a later day, or choose another layer.",
        )
    once = ordered[~ordered.duplicated(["_entity", "_round"], keep="last")]
    rows, rounds = _sites(once, names), _rounds(once, names)
    limits = add_surroundings(rows, inputs, parameters, context)
    hazards, services = around(rows, "near_hazard"), around(rows, "beyond_service")
    summary = _summary(rows, rounds, names) | {
        "sites_near_hazard": hazards and hazards[0],
        "sites_possibly_near_hazard": hazards and hazards[1],
        "sites_beyond_service": services and services[0],
        "sites_possibly_beyond_service": services and services[1],
    }
    return Outcome(summary, rows, {"rounds": rounds, "figures": _figures(once)}, limits, tables=("rounds",))


def _round_day(once: gpd.GeoDataFrame) -> pd.Series:
    """The day of the round of each row: the last on which anything in it was assessed."""
    return once.groupby("_round")["assessment_date"].transform("max")


def _figures(once: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """What each round says of each site that it lists: people, missing where it was not assessed."""
    people = once["population"].where(is_assessed(once)).astype("Int64")
    return as_table(
        pd.DataFrame({"site_id": once["site_id"], "id": once["_entity"], "round": once["_round"]}).assign(
            listed_on=_round_day(once), people=people
        )
    )


def _sites(once: gpd.GeoDataFrame, names: list[str]) -> gpd.GeoDataFrame:
    latest = once.assign(listed_on=_round_day(once)).groupby("_entity").tail(1).set_index("_entity")
    assessed = once[is_assessed(once)]
    known = assessed.groupby("_entity").tail(1).set_index("_entity")
    now, before = (_people(assessed, name) for name in (names[-1], names[-2] if len(names) > 1 else None))
    rows = latest[["id", *COLUMNS, "listed_on", "geometry"]].copy()
    rows["state"] = _state(latest, once, now, names)
    rows["people"] = now.reindex(rows.index).astype("Int64")
    rows["people_before"] = before.reindex(rows.index).astype("Int64")
    rows["change"] = rows["people"] - rows["people_before"]
    rows["last_known_people"] = known["population"].reindex(rows.index).astype("Int64")
    rows["last_known_round"] = known["_round"].reindex(rows.index)
    rows["last_known_on"] = known["assessment_date"].reindex(rows.index)
    size = rows["people"].fillna(rows["last_known_people"]).fillna(-1)
    order = rows.assign(_size=size).sort_values(["_size", "id"], ascending=[False, True], kind="stable").index
    return rows.loc[order].reset_index(drop=True)


def _people(assessed: gpd.GeoDataFrame, name: str | None) -> pd.Series:
    """People by site in one round, where it was assessed."""
    return assessed[assessed["_round"] == name].set_index("_entity")["population"]


def _state(latest: gpd.GeoDataFrame, once: gpd.GeoDataFrame, now: pd.Series, names: list[str]) -> list[str]:
    """Where each site stands in the latest round."""
    earlier = set(once.loc[once["_round"] != names[-1], "_entity"])
    closed = (latest["assessment_status"] == "closed").fillna(False).to_numpy(dtype=bool)
    listed = (latest["_round"] == names[-1]).fillna(False).to_numpy(dtype=bool)
    opened = [len(names) > 1 and site not in earlier for site in latest.index]
    found = np.select(
        [closed, latest.index.isin(now.index) & opened, latest.index.isin(now.index), listed],
        ["closed", "opened", "assessed", "not_assessed"],
        "not_listed",
    )
    return [str(state) for state in found]


def _rounds(once: gpd.GeoDataFrame, names: list[str]) -> gpd.GeoDataFrame:
    """People by round, and the change over the sites that were assessed in it and in the round before."""
    rows = []
    assessed = once[is_assessed(once)]
    before = _people(assessed, None)
    for name in names:
        now, listed = _people(assessed, name), once[once["_round"] == name]
        both = now.index.intersection(before.index)
        day = listed["assessment_date"].max()
        rows.append(
            {
                "round": name,
                "assessed_on": day,
                "sites_assessed": len(now),
                "people": int(now.sum()),
                "sites_compared": len(both),
                "change": int((now[both] - before[both]).sum()) if len(both) else None,
                "sites_not_assessed": int(
                    (~is_assessed(listed) & (listed["assessment_status"] != "closed").fillna(True)).sum()
                ),
                "sites_closed": int((listed["assessment_status"] == "closed").sum()),
            }
        )
        before = now
    return as_table(pd.DataFrame(rows).astype({"change": "Int64"}))


def _summary(rows: gpd.GeoDataFrame, rounds: pd.DataFrame, names: list[str]) -> dict[str, Any]:
    last = rounds.iloc[-1]
    counts = rows["state"].value_counts()
    unknown = rows["state"].isin(["not_assessed", "not_listed"])
    return {
        "latest_round": names[-1],
        "round_before": names[-2] if len(names) > 1 else None,
        "assessed_on": None if pd.isna(last["assessed_on"]) else last["assessed_on"].date().isoformat(),
        "people": int(last["people"]),
        "change": None if pd.isna(last["change"]) else int(last["change"]),
        "sites_compared": int(last["sites_compared"]),
        "sites": {state: int(counts.get(state, 0)) for state in STATES},
        "last_known_people_not_assessed": int(rows.loc[unknown, "last_known_people"].sum()),
    }


SITES = Method(
    id="sites",
    label="Sites by round",
    question="How many people are at each site, and how did that change since the round before?",
    roles=(
        Role("sites", "IDP sites", ("idp_sites",)),
        Role("risks", "Security risks", ("security_risks",), optional=True),
        Role("services", "Services", ("facilities", "projects"), optional=True),
    ),
    parameters=SitesParameters,
    run=run,
    defaults=defaults,
    limits=(
        "People present, not people who moved: a change is what came less what left, and says nothing of who.",
        "Changes are like for like: only sites assessed in both rounds.",
        "A site that was not assessed is neither empty nor closed: its last known figure is no part of the total.",
    ),
    references=("IOM DTM, methodological framework, https://dtm.iom.int/about/methodological-framework",),
)
