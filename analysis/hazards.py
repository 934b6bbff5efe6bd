"""Hard flags: standing hazards in or near an activity, kept apart from any score."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from analysis.places import Places
from layers.dataset import Dataset
from layers.kinds.security_risks import ENDED, EXPLOSIVE, HAZARD_TYPE, SEASONAL, STATUS
from layers.settings import Settings
from layers.times import Days, spans

RED, AMBER = "red", "amber"
SURVEY_OLD_AFTER = timedelta(days=365)
LABEL = {c.value: c.label for c in HAZARD_TYPE}
STATUS_LABEL = {c.value: c.label.lower() for c in STATUS}
NOT_LOOKED_AT = "No layer of security risks was given: hazards were not looked at, so no flag does not mean no hazard."
FAR_PAST, FAR_FUTURE = np.datetime64("0001-01-01"), np.datetime64("9999-12-31")


@dataclass(frozen=True)
class Flags:
    """Hard flags of each activity, nearest first, and what was left out."""

    of: list[list[dict[str, Any]]]
    standing: int
    ended: int
    without_place: int


def stands(risks: pd.DataFrame, as_of: date) -> npt.NDArray[np.bool_]:
    """Which hazards stand at the end of `as_of`: they end by status, never by age."""
    ended = risks["status"].isin(ENDED).to_numpy(dtype=bool)
    later = (risks["status_date"] > pd.Timestamp(as_of)).to_numpy(dtype=bool)
    return ~ended | later


def hard_flags(places: Places, first: Days, last: Days, risks: Dataset, as_of: date, settings: Settings) -> Flags:
    """Flag the activities that a standing hazard touches.

    Parameters
    ----------
    places : Places
        The activities.
    first, last : array of datetime64[D]
        Each activity's own days; NaT is open. A seasonal hazard (flood) counts when it meets
        them. Of every other only the start can lie too late: an end that has passed while
        the status still holds is said in the text of the flag.
    """
    frame = risks.frame.sort_values("id", kind="stable")
    standing = stands(frame, as_of)
    frame = frame[standing]
    hazard = frame["hazard_type"].fillna("other").to_numpy()
    explosive = np.isin(hazard, list(EXPLOSIVE))
    sites = Places(frame.geometry.to_numpy())
    begins, ends = spans(frame, risks.kind, settings.theatre_timezone)
    begins = np.where(np.isnat(begins), FAR_PAST, begins)
    seasonal = np.isin(hazard, list(SEASONAL))
    overdue = ends < np.datetime64(as_of)
    ends = np.where(np.isnat(ends) | ~seasonal, FAR_FUTURE, ends)
    day_one = np.fmax(np.where(np.isnat(first), FAR_PAST, first), np.datetime64(as_of))
    day_last = np.where(np.isnat(last), FAR_FUTURE, last)
    found: list[list[dict[str, Any]]] = [[] for _ in range(len(places))]
    records = frame.to_dict("records")
    pairs = places.pairs(sites, max(settings.explosive_amber_m, settings.explosive_red_m, settings.hazard_amber_m))
    for left, right, metres in zip(pairs.left, pairs.right, pairs.distance_m, strict=True):
        level = _level(bool(explosive[right]), float(metres), settings)
        if level and begins[right] <= day_last[left] and ends[right] >= day_one[left]:
            flag = _flag(records[right], str(hazard[right]), float(metres), level, as_of)
            if overdue[right] and not seasonal[right]:
                flag["text"] += f", end date passed, status {_status_words(records[right]['status'])}"
            found[left].append(flag)
    for flags in found:
        flags.sort(key=lambda f: (f["level"] != RED, f["distance_m"], f["risk_id"]))
    return Flags(found, int(standing.sum()), int((~standing).sum()), int((~sites.known).sum()))


def add_flags(rows: gpd.GeoDataFrame, flags: Flags | None) -> None:
    """Add ``hard_flags``, and of them the worst level and all texts; no flags where hazards were not looked at."""
    of = flags.of if flags else [[] for _ in range(len(rows))]
    rows["hard_flags"] = pd.Series(of, index=rows.index, dtype=object)
    rows["flag_level"] = pd.Series([f[0]["level"] if f else None for f in of], index=rows.index, dtype="str")
    rows["flag_text"] = pd.Series(["; ".join(x["text"] for x in f) or None for f in of], index=rows.index, dtype="str")


def flag_counts(rows: gpd.GeoDataFrame, flags: Flags | None) -> dict[str, int | None]:
    """How many rows are red and amber; None where hazards were not looked at."""
    return {f"flagged_{level}": int((rows["flag_level"] == level).sum()) if flags else None for level in (RED, AMBER)}


def _level(explosive: bool, metres: float, settings: Settings) -> str | None:
    if not explosive:
        return AMBER if metres <= settings.hazard_amber_m else None
    if metres <= settings.explosive_red_m:
        return RED
    return AMBER if metres <= settings.explosive_amber_m else None


def _flag(risk: dict[Any, Any], hazard: str, metres: float, level: str, as_of: date) -> dict[str, Any]:
    surveyed = None if pd.isna(risk["last_surveyed"]) else risk["last_surveyed"].date()
    return {
        "risk_id": risk["id"],
        "name": None if pd.isna(risk["name"]) else risk["name"],
        "hazard_type": hazard,
        "distance_m": round(metres, 1),
        "level": level,
        "last_surveyed": surveyed,
        "text": _text(hazard, _where(risk["geometry"], metres), risk["status"], surveyed, as_of),
    }


def _text(hazard: str, where: str, status: Any, surveyed: date | None, as_of: date) -> str:
    label = LABEL[hazard] if hazard != "other" else "Hazard"
    name = label if label.split()[0].isupper() else label[0].lower() + label[1:]
    article = "" if hazard == "armed_presence" else "an " if name[0].lower() in "aeio" else "a "
    text = f"{where} {article}{name}"
    if status == "reduced":
        text += ", reported as reduced"
    if hazard in EXPLOSIVE and surveyed and as_of - surveyed > SURVEY_OLD_AFTER:
        text += f", last surveyed {surveyed.isoformat()}"
    return text


def _status_words(status: Any) -> str:
    return "not stated" if pd.isna(status) else f"still {STATUS_LABEL[status]}"


def _where(hazard: BaseGeometry, metres: float) -> str:
    if metres < 1:
        return "inside" if shapely.get_dimensions(hazard) == 2 else "at"
    return f"{metres:.0f} m from" if metres < 1000 else f"{metres / 1000:.1f} km from"
