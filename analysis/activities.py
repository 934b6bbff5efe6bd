"""Which activities are asked about, where they lie, and how many days of theirs."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from analysis.places import Places
from analysis.proximity import Ints
from layers.dataset import Dataset
from layers.errors import NotEnoughData, WrongParameter
from layers.kind import Choice
from layers.kinds.projects import MISSION_OWNED
from layers.settings import Settings
from layers.times import Days, horizon, meets, spans

STATUS = (
    Choice("planned_or_active", "Planned or active", ("planned and active",)),
    Choice("planned", "Planned"),
    Choice("active", "Active"),
    Choice("any", "Any", ("all",)),
)


def choose_activities(
    activities: Dataset,
    status: str,
    activity_class: str,
    horizon_days: int | None,
    as_of: date,
    settings: Settings,
) -> tuple[gpd.GeoDataFrame, dict[str, int]]:
    """The activities asked about, by id, and how many of the others are left out and why."""
    frame = activities.frame.sort_values("id", kind="stable")
    if frame.empty:
        raise NotEnoughData(
            f"risk, {activities.layer}", "no activities", "at least one", "Choose another layer or widen the filter."
        )
    start, end = spans(frame, activities.kind, settings.theatre_timezone)
    stated = ~(np.isnat(start) & np.isnat(end))
    stated_status = frame["status"].fillna("unknown")
    fits = {
        "planned_or_active": stated_status.isin(["planned", "active", "unknown"]),
        "any": pd.Series(True, index=frame.index),
    }.get(status, stated_status == status).to_numpy(dtype=bool)
    if status == "active":
        today = horizon(as_of, 0)
        fits = fits & (meets(start, end, today, open_ended=True) | ~stated)
    wanted = MISSION_OWNED if activity_class == "mission" else {activity_class}
    of_class = frame["activity_class"].isin(wanted).to_numpy(dtype=bool) | (activity_class == "any")
    ahead = meets(start, end, horizon(as_of, horizon_days), open_ended=True)
    undated = ~stated & (horizon_days is not None)
    ahead |= ~stated & ~undated
    left_out = {
        "other_class": int((~of_class).sum()),
        "other_status": int((of_class & ~fits).sum()),
        "without_dates": int((of_class & fits & undated).sum()),
        "outside_horizon": int((of_class & fits & ~undated & ~ahead).sum()),
    }
    return frame[of_class & fits & ahead], left_out


def the_activity(activities: Dataset, activity_id: str) -> gpd.GeoDataFrame:
    """The one row of an activity.

    Raises
    ------
    WrongParameter
        When the layer has no such activity.
    """
    one = activities.frame[activities.frame["id"] == activity_id].iloc[:1]
    if one.empty:
        raise WrongParameter(
            "activity", f'"{activity_id}"', f'an id of layer "{activities.layer}"', "Choose an activity of the layer."
        )
    return one


def places_of(activities: gpd.GeoDataFrame) -> Places:
    """Where the activities lie. A point given for an admin area is none of their own."""
    geometry = activities.geometry.to_numpy().copy()
    coarse = activities["place_precision"].isin(["area", "region"]).to_numpy(dtype=bool)
    coded = (activities["admin2_code"].notna() | activities["admin1_code"].notna()).to_numpy(dtype=bool)
    geometry[coarse & coded & (shapely.get_type_id(geometry) == 0)] = None
    return Places(geometry)


def area_of(activity: pd.Series) -> tuple[str | None, str | None]:
    """Column and code of the finest admin area stated, of admin 2 and 1."""
    for column in ("admin2_code", "admin1_code"):
        if not pd.isna(activity[column]):
            return column, str(activity[column])
    return None, None


def areas_of(activities: gpd.GeoDataFrame, places: Places) -> tuple[pd.Series, pd.Series]:
    """Column and code of the area of each activity that has no place of its own; missing for the others."""
    column = pd.Series(None, index=range(len(activities)), dtype="str")
    code = column.copy()
    for name in ("admin2_code", "admin1_code"):
        own = activities[name].reset_index(drop=True).astype("str")
        here = own.notna() & code.isna() & ~places.known
        column[here], code[here] = name, own[here]
    return column, code


def count_in_areas(activities: gpd.GeoDataFrame, places: Places, reported: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """How many of the rows bear the area code of each activity, and that code; missing where there is none."""
    column, code = areas_of(activities, places)
    counts = pd.Series(pd.NA, index=code.index, dtype="Int64")
    for name in column.dropna().unique():
        here = column == name
        counts[here] = code[here].map(reported[name].value_counts()).fillna(0).astype("Int64")
    return counts, code


def own_days(
    start: Days, end: Days, as_of: date, horizon_days: int | None, assumed_days: int
) -> tuple[Ints, Days, npt.NDArray[np.bool_]]:
    """The days that each activity shares with as-of and the horizon after it.

    An activity without any date, or that ends before it starts, counts `assumed_days` from
    as-of; one without an end, where the horizon is all, as many from its start.

    Returns
    -------
    days : array of int
        0 where they do not meet.
    last : array of datetime64[D]
        The last of these days.
    assumed : array of bool
        Whether they are an assumption.
    """
    today = np.datetime64(as_of)
    undated = (np.isnat(start) & np.isnat(end)) | (end < start)
    first = np.maximum(np.where(np.isnat(start) | undated, today, start), today)
    assumed_last = first + np.timedelta64(assumed_days - 1, "D")
    assumed = undated | (np.isnat(end) & (horizon_days is None))
    last = np.where(assumed, assumed_last, end)
    if horizon_days is not None:
        bound = today + np.timedelta64(horizon_days, "D")
        last = np.where(np.isnat(last), bound, np.minimum(last, bound))
    days = (last - first).astype("timedelta64[D]").astype(np.int64) + 1
    return np.maximum(days, 0), last, assumed
