"""Where little or nothing is reported: a quiet map may be one of silence."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from analysis.activities import count_in_areas
from analysis.incident_counts import count_within, threat_incidents
from analysis.places import Places
from analysis.proximity import Ints
from layers.dataset import Dataset
from layers.settings import Settings
from layers.times import Period, in_period, spans, window

SET_AS_OF = "Set as-of to a day that the data tell of: As of on the page, --as-of on the command line."
FEW_REPORTS_KM, FEW_REPORTS_DAYS = 25.0, 365


def few_reports(
    chosen: gpd.GeoDataFrame, places: Places, incidents: Dataset, as_of: date, settings: Settings
) -> npt.NDArray[np.bool_]:
    """Fewer violent incidents than the setting within 25 km (or in the area) in 365 days."""
    year = threat_incidents(incidents, window(as_of, FEW_REPORTS_DAYS), settings, only_over=True)
    reports = count_within(places, year.places, 1000 * FEW_REPORTS_KM)
    reports += _in_areas(chosen, places, year.frame)
    return reports < settings.few_reports_incidents


def blind_spots(
    chosen: gpd.GeoDataFrame, places: Places, incidents: Dataset, as_of: date, settings: Settings
) -> npt.NDArray[np.bool_]:
    """No report of any kind within 25 km (or in the area) in 365 days, peaceful and discounted ones included."""
    met = in_period(incidents, window(as_of, FEW_REPORTS_DAYS), settings.theatre_timezone)
    year = incidents.frame[met]
    reports = count_within(places, Places(year.geometry.to_numpy()), 1000 * FEW_REPORTS_KM)
    return (reports + _in_areas(chosen, places, year)) == 0


def told_earlier(
    activities: Dataset, incidents: Dataset, ranked: int, period: Period, as_of: date, settings: Settings
) -> tuple[str, ...]:
    """What to do where as-of lies after all that the layers tell of; nothing where it does not.

    Parameters
    ----------
    ranked : int
        Activities that fit what was asked; only without any are their dates at fault.
    period : Period
        The window of incidents.
    """
    said = []
    zone = settings.theatre_timezone
    ended = spans(activities.frame, activities.kind, zone)[1]
    past = ended[ended < np.datetime64(as_of)]
    if not ranked and len(past):
        said.append(f"No activity fits: {len(past)} ended before {as_of}, the last of them on {past.max()}.")
    happened = spans(incidents.frame, incidents.kind, zone)[1]
    happened = happened[~np.isnat(happened)]
    if len(happened) and period.first is not None and happened.max() < np.datetime64(period.first):
        said.append(f"The latest incident is of {happened.max()}: none is within the days asked, up to {as_of}.")
    return tuple(f"{line} {SET_AS_OF}" for line in said)


def _in_areas(chosen: gpd.GeoDataFrame, places: Places, reported: gpd.GeoDataFrame) -> Ints:
    """Reports with the area code of each activity that has no place of its own; 0 for the others."""
    return count_in_areas(chosen, places, reported)[0].to_numpy(dtype=np.int64, na_value=0)
