"""The state of each road on a day: of several rows of one road, the one that holds for the vehicles asked about.

A road has one row, or several: for classes of vehicle, and for states one after another. A
row holds from `state_since` (blank: always) until the day before `reopening_date` (blank:
on). From that day on the state is not known, until a later row says it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.kind import Kind

STATES = ("closed", "restricted", "open")
"""Worst first."""
RANK = {state: n for n, state in enumerate(STATES)}
ALL_VEHICLES = "all"
VEHICLES = "vehicle_class"
COLUMNS = ("id", "road_id", "road_state", VEHICLES, "state_since", "reopening_date", "reported_date")


def has_states(kind: Kind) -> bool:
    """Whether one thing of this kind may have several rows that say its state."""
    return "road_state" in kind.names


def roads(frame: pd.DataFrame) -> pd.Series:
    """The road that each row speaks of: its own id, else the row's."""
    return frame["road_id"].fillna(frame["id"])


def states_at(
    frame: pd.DataFrame, as_of: date, vehicles: Collection[str] = ()
) -> tuple[npt.NDArray[np.int32], pd.Series]:
    """One row a road, in the order of the rows: its position, and the state that holds.

    Parameters
    ----------
    vehicles : collection of str
        Classes asked about; none means all that are spoken of. Of each the latest row counts.
        What is said of a class goes before what is said of all vehicles, unless the latter is
        newer: a road closed to all is closed to each class that was let through before.

    Returns
    -------
    positions, states
        Where classes differ, the road is restricted; its row is one of that state, that of all
        vehicles first, else the worst. The state is missing where no row holds: before the
        first, after an expected reopening, or where only some classes are known to be open.
    """
    of_class = frame[VEHICLES].fillna(ALL_VEHICLES)
    rows = pd.DataFrame(
        {
            "at": np.arange(len(frame)),
            "road": roads(frame).to_numpy(),
            "class": of_class.to_numpy(),
            "state": frame["road_state"].to_numpy(dtype=object, na_value=None),
            "since": frame["state_since"].to_numpy(),
            "told": frame["reported_date"].to_numpy(),
            "lapsed": _lapsed(frame, as_of),
        }
    )
    asked = of_class.isin([ALL_VEHICLES, *vehicles]).to_numpy(dtype=bool) | (not vehicles)
    begun = ~(frame["state_since"] > pd.Timestamp(as_of)).to_numpy(dtype=bool)
    held = rows[begun & asked].sort_values(["since", "told", "at"], na_position="first", kind="stable")
    held = _without_lapsed(_without_outdated(held.drop_duplicates(["road", "class"], keep="last")))
    if vehicles:
        own = held[held["class"] != ALL_VEHICLES].groupby("road").size().reindex(held["road"], fill_value=0)
        held = held[(held["class"] != ALL_VEHICLES) | (own.to_numpy() < max(1, len(set(vehicles) - {ALL_VEHICLES})))]
    one = _one_each(held)
    first = rows.drop_duplicates("road").set_index("road")
    at = one["at"].reindex(first.index).fillna(first["at"]).astype(np.int32)
    states = one["result"].reindex(first.index).astype("str").set_axis(at.to_numpy()).sort_index()
    return states.index.to_numpy(dtype=np.int32), states


def _one_each(held: pd.DataFrame) -> pd.DataFrame:
    """By road: of the rows of its classes the one that stands for it, and the ``result`` of all."""
    known = held.groupby("road")["state"].transform("nunique")
    some_unknown = held["state"].isna().groupby(held["road"]).transform("any")
    only_open = (known == 1) & (held["state"] == "open").groupby(held["road"]).transform("any")
    differ = (known > 1) | ((known == 1) & some_unknown & ~only_open)
    held = held.assign(
        result=held["state"].mask(differ, "restricted").mask(some_unknown & only_open, None),
        rank=held["state"].map(RANK).fillna(len(STATES)),
    )
    other = (held["state"] != held["result"]).fillna(True).to_numpy(dtype=bool)
    held = held.assign(other=other, of_class=~other & (held["class"] != ALL_VEHICLES).to_numpy(dtype=bool))
    return held.sort_values(["other", "of_class", "rank", "at"]).drop_duplicates("road").set_index("road")


def states_by_road(frame: pd.DataFrame, as_of: date, vehicles: Collection[str] = ()) -> dict[str, str | None]:
    """The state that holds of each road; None where it is not known."""
    positions, states = states_at(frame, as_of, vehicles)
    named = zip(roads(frame).iloc[positions], states, strict=True)
    return {road: None if pd.isna(state) else str(state) for road, state in named}


def with_states(frame: pd.DataFrame, as_of: date, vehicles: Collection[str] = ()) -> pd.DataFrame:
    """One row a road, with the state that holds."""
    positions, states = states_at(frame, as_of, vehicles)
    return frame.iloc[positions].assign(road_state=states.to_numpy())


def _lapsed(frame: pd.DataFrame, as_of: date) -> npt.NDArray[np.bool_]:
    over = (frame["reopening_date"] <= pd.Timestamp(as_of)) & (frame["road_state"] != "open").fillna(False)
    return over.to_numpy(dtype=bool)


def _without_outdated(held: pd.DataFrame) -> pd.DataFrame:
    """Without the rows of a class that are older than the latest row for all vehicles of their road.

    A row is as old as its `since`, else as its report. One without either may be older: it
    stays where it is no better, for nothing is open by what nobody dated.
    """
    dated = held.assign(day=held["since"].fillna(held["told"]), rank=held["state"].map(RANK))
    for_all = dated[dated["class"] == ALL_VEHICLES].set_index("road").reindex(dated["road"]).set_axis(dated.index)
    day = for_all["day"]
    newer = (day > dated["day"]) | ((day == dated["day"]) & (for_all["told"] > dated["told"]))
    better = day.notna() & dated["day"].isna() & ~(dated["rank"] <= for_all["rank"])
    return held[~(newer | better)]


def _without_lapsed(held: pd.DataFrame) -> pd.DataFrame:
    """Lapsed states are not known any more; that of a class gives way to what holds for all vehicles."""
    for_all = held[(held["class"] == ALL_VEHICLES) & ~held["lapsed"]]["road"]
    held = held[~(held["lapsed"] & held["road"].isin(for_all))]
    return held.assign(state=held["state"].mask(held["lapsed"], None))
