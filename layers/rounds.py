"""Rounds: of a thing that is assessed again and again, the latest at or before as-of counts."""

from __future__ import annotations

import re
from datetime import date

import geopandas as gpd
import pandas as pd

from layers.kind import Kind, normalise
from layers.schema import ROW

OLDEST = pd.Timestamp("1900-01-01")


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


def round_days(frame: pd.DataFrame, kind: Kind) -> pd.Series:
    """The day that each row speaks of, for ordering; `OLDEST` where nothing tells.

    An undated row takes the latest day of its round in `frame`; a round undated throughout
    takes the latest day of the rounds with a smaller number.
    """
    dated, number, key = frame[kind.starts], _numbers(frame), _round_keys(frame)
    rounds = pd.DataFrame({"number": number.groupby(key).first(), "day": dated.groupby(key).max()})
    before = rounds.groupby("number")["day"].max().cummax().ffill().shift()
    before_it = before.reindex(rounds["number"]).set_axis(rounds.index)
    of_round = rounds["day"].fillna(before_it).reindex(key).set_axis(frame.index)
    return dated.fillna(of_round).fillna(OLDEST)


def in_round_order(frame: gpd.GeoDataFrame, kind: Kind, as_of: date) -> gpd.GeoDataFrame:
    """Rows at or before `as_of`, by thing, oldest first; those without round or date are oldest.

    Adds ``_entity``, ``_round_key`` (round, else day) and what it is sorted by: ``_day``,
    ``_number``, and last the sender's row number.
    """
    day = round_days(frame, kind)
    key = _round_keys(frame).fillna(day.dt.strftime("%Y-%m-%d"))
    ordered = frame.assign(_entity=entities(frame, kind), _round_key=key, _day=day, _number=_numbers(frame))
    ordered = ordered[(day <= pd.Timestamp(as_of)).to_numpy(dtype=bool)]
    return ordered.sort_values(["_entity", "_day", "_number", ROW, "id"], kind="stable")


def same_site_twice(ordered: gpd.GeoDataFrame) -> pd.Series:
    """Rows, as `in_round_order` gives them, behind which another of the same thing and round counts."""
    return ordered.duplicated(["_entity", "_round_key"], keep="last")


def latest_rounds(frame: gpd.GeoDataFrame, kind: Kind, as_of: date) -> gpd.GeoDataFrame:
    """One row a thing: its latest round at or before `as_of`."""
    ordered = in_round_order(frame, kind, as_of)
    return frame.loc[ordered.index[~ordered["_entity"].duplicated(keep="last")]]


def _numbers(frame: pd.DataFrame) -> pd.Series:
    return frame["reporting_round"].map(lambda r: round_number(None if pd.isna(r) else r)).astype(float)


def _round_keys(frame: pd.DataFrame) -> pd.Series:
    """What rounds are told apart by: the number, else the name; null where there is neither."""
    number = _numbers(frame)
    names = frame["reporting_round"].map(normalise, na_action="ignore").astype("str")
    return names.where(number < 0, number.astype("str"))
