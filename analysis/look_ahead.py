"""What changes by a later day: services that end, and the people who lose their only one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from analysis.coverage_tables import tally
from analysis.coverage_words import people_words
from analysis.demand import Demand, known_sum
from analysis.reach import Reach
from analysis.services import Mask, Services
from layers.schema import CRS

SHOWN = ("id", "name", "org_acronym", "sector_code", "end_date")


@dataclass(frozen=True)
class Ahead:
    """The services of a later day and who is reached by them.

    Attributes
    ----------
    planned : int
        Services that are planned now and would run on that day; they do not count.
    """

    day: date
    services: Services
    counted: Mask
    reach: Reach
    planned: int


def ending(services: Services, counted: Mask, ahead: Ahead) -> gpd.GeoDataFrame:
    """Services that count now and no longer on the later day, the first to end first."""
    later = set(ahead.services.frame["id"][ahead.counted])
    frame = services.frame
    gone = counted & ~frame["id"].isin(later).to_numpy(dtype=bool)
    columns = [c for c in SHOWN if c in frame]
    table = gpd.GeoDataFrame(frame.loc[gone, columns], geometry=frame.geometry[gone], crs=CRS)
    last = pd.Series(services.last[gone].astype("datetime64[us]"), index=table.index)
    return table.assign(end_date=last).sort_values(["end_date", "id"], kind="stable").reset_index(drop=True)


def summary_of(
    rows: gpd.GeoDataFrame, services: Services, counted: Mask, ahead: Ahead, demand: Demand
) -> dict[str, Any]:
    """The fields ``then_*``: the gap on the later day, and what it grows by."""
    gap = tally(rows.assign(covered=rows["covered_then"]))
    losing = rows[(rows["covered"] & ~rows["covered_then"]).fillna(False).to_numpy(dtype=bool)]
    gaining = rows[(~rows["covered"] & rows["covered_then"]).fillna(False).to_numpy(dtype=bool)]
    ends = ending(services, counted, ahead)
    now = set(services.frame["id"][counted])
    then = {
        "then_as_of": ahead.day,
        "then_services": int(ahead.counted.sum()),
        **{f"then_{name}": gap[name] for name in gap if name.startswith("uncovered")},
        "then_losing_points": len(losing),
        "then_losing_people": known_sum(losing["people"]),
        "then_losing_people_unknown": int(losing["people"].isna().sum()),
        "then_gaining_points": len(gaining),
        "then_gaining_people": known_sum(gaining["people"]),
        "then_ending_services": [
            {"id": r.id, "name": r.name, "end_date": r.end_date} for r in _records(ends[["id", "name", "end_date"]])
        ],
        "then_starting_services": int((~ahead.services.frame["id"][ahead.counted].isin(now)).sum()),
        "then_planned_services": ahead.planned,
    }
    return then | {"then_sentence": sentence(then, len(ends), demand.noun)}


def _records(frame: pd.DataFrame) -> list[Any]:
    return list(pd.DataFrame(frame).itertuples(index=False))


def sentence(then: Mapping[str, Any], ending_number: int, noun: tuple[str, str]) -> str:
    """What the later day changes, in words."""
    until = f"By {then['then_as_of']:%d %B %Y}".replace("By 0", "By ")
    end = {0: "no service ends", 1: "1 service ends"}.get(ending_number, f"{ending_number} services end")
    losing = then["then_losing_points"]
    if not losing:
        return f"{until}, {end}; nobody loses the only one."
    people = people_words(then["then_losing_people"], losing, then["then_losing_people_unknown"], noun)
    verb, theirs = ("loses", "its") if losing == 1 else ("lose", "their")
    return f"{until}, {end}; {losing} {noun[losing != 1]} ({people}) {verb} {theirs} only one."


def limits_of(then: Mapping[str, Any], services: Services, status: str) -> tuple[str, ...]:
    """What must be said of looking ahead."""
    said = ["The later day is looked at with the places and people of as-of: who will move is not known."]
    if status == "any":
        said.append("Services of any status count without their dates: none of them ends.")
    elif np.isnat(services.last).all() and len(services.last):
        said.append("No service states an end: none is seen to end.")
    if then["then_planned_services"]:
        said.append(
            f"{then['then_planned_services']} planned services would run on the later day: they do not count until"
            " they are reported as active."
        )
    return tuple(said)
