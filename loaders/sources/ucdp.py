"""UCDP Georeferenced Event Dataset (GED), as CSV with or without its header, GeoJSON, or an answer of its API.

Codes after the UCDP GED codebook 23.1: where_prec 1 exact place, 2 within about 25 km of
it, 3 second-order admin area, 4 first-order, 5 a line or region, 6 country, 7 waters or
airspace; date_prec 1 the day, 2 two to six days, 3 the week, 4 the month, 5 longer;
type_of_violence 1 state-based, 2 non-state, 3 one-sided.
"""

from __future__ import annotations

import re
from datetime import date

import pandas as pd

from layers.report import Finding
from loaders.raw import RawLayer
from loaders.reshape import renamed
from loaders.sources.source import ONE_READING, Look, Prepared, Reading, Source, column, constant, fit, in_order

COLUMNS = in_order(
    "id,relid,year,active_year,code_status,type_of_violence,conflict_dset_id,conflict_new_id,conflict_name,"
    "dyad_dset_id,dyad_new_id,dyad_name,side_a_dset_id,side_a_new_id,side_a,side_b_dset_id,side_b_new_id,side_b,"
    "number_of_sources,source_article,source_office,source_date,source_headline,source_original,where_prec,"
    "where_coordinates,where_description,adm_1,adm_2,latitude,longitude,geom_wkt,priogrid_gid,country,country_id,"
    "region,event_clarity,date_prec,date_start,date_end,deaths_a,deaths_b,deaths_civilians,deaths_unknown,best,"
    "high,low,gwnoa,gwnob"
)
LAYOUT = frozenset(name.replace("_", " ") for name in COLUMNS)
AS_GEOMETRY = LAYOUT - {"latitude", "longitude", "geom wkt"}
# By what values a table without a header is known.
VALUES = {
    "type_of_violence": r"[123](\.0)?",
    "where_prec": r"[1-7](\.0)?",
    "date_prec": r"[1-5](\.0)?",
    "event_clarity": r"[12](\.0)?",
    "latitude": r"-?\d{1,2}(\.\d+)?",
    "longitude": r"-?\d{1,3}(\.\d+)?",
    "date_start": r"\d{4}-\d{2}-\d{2}.*",
}
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


def _nameless(look: Look) -> bool:
    """Whether these are the 49 columns without their header, by what stands in them."""
    if len(look.columns) != len(COLUMNS) or look.has("type of violence"):
        return False
    shown = {name: look.samples.get(header, ()) for name, header in zip(COLUMNS, look.columns, strict=True)}
    return all(shown[name] and all(re.fullmatch(p, v) for v in shown[name]) for name, p in VALUES.items())


def _recognise(look: Look) -> float:
    known = fit(look, ("type of violence", "date prec", "best"), LAYOUT, AS_GEOMETRY, least=0.8)
    return known or (0.95 if _nameless(look) else 0.0)


def _with_header(raw: RawLayer, look: Look) -> RawLayer:
    return renamed(raw, COLUMNS)


def _readings(look: Look) -> tuple[Reading, ...]:
    return (Reading(reshape=_with_header),) if _nameless(look) else ONE_READING


def _code(texts: pd.DataFrame, look: Look, spelling: str) -> pd.Series:
    """A code; spreadsheets and JSON may write it as a fraction."""
    return column(texts, look, spelling).str.removesuffix(".0")


def _prepare(texts: pd.DataFrame, look: Look, as_of: date | None) -> Prepared:
    violence, where = _code(texts, look, "type of violence"), _code(texts, look, "where prec")
    civilians = pd.to_numeric(column(texts, look, "deaths civilians"), errors="coerce") > 0
    victims = constant(texts, "armed").mask(civilians | (violence == "3"), "civilian")
    columns = {
        "place_precision": where.map(PLACE_PRECISION),
        "place_radius_m": where.map(PLACE_RADIUS_M),
        "time_precision": _code(texts, look, "date prec").map(TIME_PRECISION),
        "incident_type": violence.map(INCIDENT_TYPE),
        "sub_event_type": violence.map(SUB_TYPE),
        "victim_group": victims.where(violence.notna()),
        "description": column(texts, look, "source headline").fillna(column(texts, look, "where description")),
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
    recognise=_recognise,
    mapping=lambda look: look.mapping(FIELDS),
    prepare=_prepare,
    computes=frozenset(
        {"place_precision", "place_radius_m", "time_precision", "incident_type", "sub_event_type", "victim_group"}
        | {"description"}
    ),
    readings=_readings,
)
