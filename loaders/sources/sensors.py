"""Machines and models that count by place: NASA FIRMS fires, VIEWS forecasts, Cursor on Target tracks.

None of them are incidents: they are drawn and filtered, and take part in no analysis.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from layers.report import Finding
from loaders.raw import RawLayer
from loaders.reshape import added, table
from loaders.sources.source import ONE_READING, Look, Prepared, Reading, Source, column, fit, headers

FIRMS_COMMON = headers(
    "latitude,longitude,scan,track,acq_date,acq_time,satellite,instrument,confidence,version,frp,daynight"
)
VIIRS, MODIS = FIRMS_COMMON | {"bright ti4", "bright ti5"}, FIRMS_COMMON | {"brightness", "bright t31"}
VIEWS_COUNTRY = headers("country_id,month_id,name,gwcode,isoab,year,month,main_mean,main_mean_ln,main_dich")
VIEWS_GRID = headers("pg_id,month_id,country_id,lat,lon,row,col,main_mean,main_mean_ln,main_dich")
COT_LAYOUT = headers("uid,type,time,start,stale,how,callsign,remarks,ce")
# PRIO-GRID: cells of half a degree, numbered from the south-west corner, 720 a row.
CELLS_A_ROW, CELL_DEGREES, SOUTH, WEST = 720, 0.5, -89.75, -179.75
CELLS = 360 * CELLS_A_ROW
UNKNOWN_METRES = 9_999_999.0


def _prepare_fires(texts: pd.DataFrame, look: Look, as_of: date | None) -> Prepared:
    """Time of day has lost its leading zeros: "113" is 01:13 UTC."""
    clock = column(texts, look, "acq time").str.replace(":", "", regex=False).str.removesuffix(".0").str.zfill(4)
    clock = clock.where(clock.str.fullmatch(r"([01]\d|2[0-3])[0-5]\d").fillna(False))
    when = column(texts, look, "acq date") + " " + clock.str[:2] + ":" + clock.str[2:] + " UTC"
    name = "Fire seen " + when.fillna(column(texts, look, "acq date"))
    note = Finding(
        "heat_is_no_incident",
        "info",
        "a heat point seen by satellite is no incident: burning fields, flares and fires look alike; the time was"
        ' read as UTC, "113" as 01:13.',
        field="acq_time",
        remedy="Compare with reports before you call it fighting.",
    )
    return Prepared({"name": name}, (note,))


FIRMS = Source(
    id="nasa_firms",
    label="NASA FIRMS",
    kind=lambda look: "other",
    recognise=lambda look: fit(look, ("acq date", "acq time", "frp"), VIIRS, MODIS, least=0.85),
    mapping=lambda look: look.mapping({"latitude": "latitude", "longitude": "longitude", "satellite": "source_name"}),
    prepare=_prepare_fires,
    computes=frozenset({"name"}),
)


def grid_centres(cells: pd.Series) -> pd.DataFrame:
    """Latitude and longitude, degrees, of the centre of PRIO-GRID cells; null where there is no such cell."""
    number = pd.to_numeric(cells, errors="coerce")
    number = number.where((number >= 1) & (number <= CELLS) & (number == np.floor(number)))
    row, place = (number - 1) // CELLS_A_ROW, (number - 1) % CELLS_A_ROW
    return pd.DataFrame({"latitude": SOUTH + row * CELL_DEGREES, "longitude": WEST + place * CELL_DEGREES})


def _with_centres(raw: RawLayer, look: Look) -> RawLayer:
    centres = grid_centres(table(raw)[look.by_spelling["pg id"]])
    placed = added(
        raw,
        {
            name: [None if pd.isna(v) else f"{v:.2f}" for v in centres[name].tolist()]
            for name in ("latitude", "longitude")
        },
    )
    note = Finding(
        "grid_centre",
        "info",
        "each row is a cell of half a degree; it is drawn at its centre, which PRIO-GRID's number gives.",
        field="pg_id",
    )
    placed.findings = [*placed.findings, note]
    return placed


def _is_grid(look: Look) -> bool:
    return look.has("pg id") and not (look.has("lat", "lon") or look.has("latitude", "longitude"))


def _prepare_forecasts(texts: pd.DataFrame, look: Look, as_of: date | None) -> Prepared:
    month = pd.to_numeric(column(texts, look, "month id"), errors="coerce") - 1  # 1 is January 1980
    when = (1980 + month // 12).map("{:.0f}".format, na_action="ignore").astype("str")
    when += "-" + (month % 12 + 1).map("{:02.0f}".format, na_action="ignore").astype("str")
    place = column(texts, look, "name").fillna("cell " + column(texts, look, "pg id"))
    note = Finding(
        "forecasts_are_no_incidents",
        "warning",
        "each row is a forecast of battle deaths for a month, not an incident: the layer is drawn and filtered, and"
        " takes part in no analysis.",
        field="main_mean",
    )
    return Prepared({"name": place + ", " + when}, (note,))


VIEWS = Source(
    id="views",
    label="VIEWS",
    kind=lambda look: "other",
    recognise=lambda look: fit(look, ("month id", "main dich"), VIEWS_COUNTRY, VIEWS_GRID, least=0.85),
    mapping=lambda look: look.mapping(
        {
            "latitude": "latitude",
            "longitude": "longitude",
            "lat": "latitude",
            "lon": "longitude",
            "isoab": "location_code",
        }
    ),
    prepare=_prepare_forecasts,
    computes=frozenset({"name"}),
    readings=lambda look: (Reading(reshape=_with_centres),) if _is_grid(look) else ONE_READING,
)


def _recognise_tracks(look: Look) -> float:
    if look.format == "cot" and look.has("uid", "type"):
        return 0.95
    return fit(look, ("uid", "how", "stale"), COT_LAYOUT, least=0.8)


def _prepare_tracks(texts: pd.DataFrame, look: Look, as_of: date | None) -> Prepared:
    metres = pd.to_numeric(column(texts, look, "ce"), errors="coerce")
    known = metres.where((metres >= 0) & (metres < UNKNOWN_METRES))
    note = Finding(
        "tracks_grow_stale",
        "info",
        "each object of the tactical picture holds until its stale time, which stays as an attribute.",
        field="stale",
        remedy="Do not read an old position as the present one.",
    )
    return Prepared({"place_radius_m": known.map("{:g}".format, na_action="ignore").astype("str")}, (note,))


COT = Source(
    id="cot",
    label="Cursor on Target",
    kind=lambda look: "other",
    recognise=_recognise_tracks,
    mapping=lambda look: look.mapping({"uid": "id", "callsign": "name"}),
    prepare=_prepare_tracks,
    computes=frozenset({"place_radius_m"}),
)
