"""UCDP Georeferenced Event Dataset (GED), as CSV or GeoJSON.

Codes after the UCDP GED codebook 23.1: where_prec 1 exact place, 2 within about 25 km of
it, 3 second-order admin area, 4 first-order, 5 a line or region, 6 country, 7 waters or
airspace; date_prec 1 the day, 2 two to six days, 3 the week, 4 the month, 5 longer;
type_of_violence 1 state-based, 2 non-state, 3 one-sided.
"""

from __future__ import annotations

from datetime import date

import pandas as pd

from layers.report import Finding
from loaders.sources.source import Look, Prepared, Source

PLACE_PRECISION = {"1": "point", "2": "near", "3": "area", "4": "region", "5": "region", "6": "region", "7": "region"}
PLACE_RADIUS_M = {"1": "0", "2": "25000"}
TIME_PRECISION = {"1": "day", "2": "week", "3": "week", "4": "month", "5": "year"}
INCIDENT_TYPE = {"1": "clash", "2": "clash", "3": "attack_civilians"}
SUB_TYPE = {"1": "state-based violence", "2": "non-state violence", "3": "one-sided violence"}

FIELDS = {
    "id": "id",
    "date start": "occurred_at",
    "date end": "ended_at",
    "side a": "actor1",
    "side b": "actor2",
    "best": "fatalities",
    "low": "fatalities_low",
    "high": "fatalities_high",
    "where coordinates": "place_name",
    "source office": "source_name",
    "adm 1": "provider_admin1_name",
    "adm 2": "provider_admin2_name",
    "latitude": "latitude",
    "longitude": "longitude",
}


def _prepare(texts: pd.DataFrame, look: Look, as_of: date | None) -> Prepared:
    def column(spelling: str) -> pd.Series:
        name = look.any_of(spelling)
        return texts[name] if name else pd.Series(None, index=texts.index, dtype="str")

    violence, where = column("type of violence"), column("where prec")
    civilians = pd.to_numeric(column("deaths civilians"), errors="coerce") > 0
    victims = pd.Series("armed", index=texts.index, dtype="str").mask(civilians | (violence == "3"), "civilian")
    columns = {
        "place_precision": where.map(PLACE_PRECISION),
        "place_radius_m": where.map(PLACE_RADIUS_M),
        "time_precision": column("date prec").map(TIME_PRECISION),
        "incident_type": violence.map(INCIDENT_TYPE),
        "sub_event_type": violence.map(SUB_TYPE),
        "victim_group": victims.where(violence.notna()),
        "description": column("source headline").fillna(column("where description")),
    }
    vague = int(where.isin(["3", "4", "5", "6", "7"]).sum())
    note = Finding(
        "lethal_events_only",
        "info",
        f"UCDP GED holds lethal events only; {vague} of {len(texts)} are known to an area or coarser.",
        found="UCDP GED",
        remedy="Do not read a quiet area as safe.",
    )
    return Prepared(columns, (note,))


UCDP = Source(
    id="ucdp_ged",
    label="UCDP GED",
    kind=lambda look: "incidents",
    recognise=lambda look: 0.99 if look.has("type of violence", "date prec", "best") else 0.0,
    mapping=lambda look: look.mapping(FIELDS),
    prepare=_prepare,
    computes=frozenset(
        {"place_precision", "place_radius_m", "time_precision", "incident_type", "sub_event_type", "victim_group"}
        | {"description"}
    ),
)
