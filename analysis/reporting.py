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
from layers.times import in_period, window

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


def _in_areas(chosen: gpd.GeoDataFrame, places: Places, reported: gpd.GeoDataFrame) -> Ints:
    """Reports with the area code of each activity that has no place of its own; 0 for the others."""
    return count_in_areas(chosen, places, reported)[0].to_numpy(dtype=np.int64, na_value=0)
