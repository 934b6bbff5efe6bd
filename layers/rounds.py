"""Rounds: of a thing that is assessed again and again, the latest at or before as-of counts."""

from __future__ import annotations

import re
from datetime import date

import geopandas as gpd
import pandas as pd

from layers.kind import Kind


def has_rounds(kind: Kind) -> bool:
    """Whether one thing of this kind may have several rows."""
    return kind.entity != "id"


def round_number(text: str | None) -> float:
    """The number in the name of a round ("Round 12", "R5"); -1 where there is none."""
    found = re.search(r"\d+(\.\d+)?", text or "")
    return float(found.group()) if found else -1.0


def entities(frame: pd.DataFrame, kind: Kind) -> pd.Series:
    """What each row speaks of: the thing's own id, else the row's."""
    return frame[kind.entity].fillna(frame["id"])


def in_round_order(frame: gpd.GeoDataFrame, kind: Kind) -> gpd.GeoDataFrame:
    """Rows by thing, oldest first; those without round or date are oldest.

    Adds the columns it is sorted by: ``_entity``, ``_day``, ``_number``.
    """
    number = frame["reporting_round"].map(lambda r: round_number(None if pd.isna(r) else r)).astype(float)
    day = frame[kind.starts].fillna(pd.Timestamp("1900-01-01"))
    ordered = frame.assign(_entity=entities(frame, kind), _day=day, _number=number)
    return ordered.sort_values(["_entity", "_day", "_number", "id"], kind="stable")


def latest_rounds(frame: gpd.GeoDataFrame, kind: Kind, as_of: date) -> gpd.GeoDataFrame:
    """One row a thing: its latest round at or before `as_of`."""
    past = frame[~(frame[kind.starts] > pd.Timestamp(as_of)).fillna(False).to_numpy(dtype=bool)]
    ordered = in_round_order(past, kind)
    return frame.loc[ordered.index[~ordered["_entity"].duplicated(keep="last")]]
