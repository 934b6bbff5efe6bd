"""GDACS: natural hazards that stand between their dates, as GeoJSON or as RSS.

The feed mixes centre points with outlines of the area affected: the points are the
layer, the outlines a second one beside it.
"""

from __future__ import annotations

from datetime import UTC, date
from email.utils import parsedate_to_datetime

import numpy as np
import pandas as pd

from layers.report import Finding
from loaders.raw import RawLayer
from loaders.reshape import kept, table
from loaders.sources.source import ONE_READING, Look, Prepared, Reading, Source, constant, fit, headers, numbered
from loaders.sources.source import column as column_of

GEOJSON = headers(
    "eventtype,eventid,episodeid,eventname,glide,name,description,htmldescription,icon,iconoverall,url,alertlevel,"
    "alertscore,episodealertlevel,episodealertscore,istemporary,iscurrent,country,fromdate,todate,datemodified,iso3,"
    "source,sourceid,polygonlabel,Class,affectedcountries,severitydata"
)
RSS = headers(
    "title,description,link,pubDate,guid,dc:subject,geo:Point/geo:lat,geo:Point/geo:long,georss:point,"
    "gdacs:temporary,gdacs:dateadded,gdacs:datemodified,gdacs:iscurrent,gdacs:fromdate,gdacs:todate,"
    "gdacs:durationinweek,gdacs:year,gdacs:bbox,gdacs:cap,gdacs:icon,gdacs:version,gdacs:eventtype,gdacs:alertlevel,"
    "gdacs:alertscore,gdacs:episodealertlevel,gdacs:episodealertscore,gdacs:eventname,gdacs:eventid,gdacs:episodeid,"
    "gdacs:calculationtype,gdacs:severity,gdacs:population,gdacs:vulnerability,gdacs:iso3,gdacs:country,gdacs:glide"
)
AREAS = "areas"
HAZARD = {
    "EQ": "earthquake",
    "TC": "cyclone",
    "FL": "flood",
    "DR": "drought",
    "VO": "volcano",
    "WF": "wildfire",
    "TS": "other",
}
SEVERITY_TEXT = r'"severitytext":\s*"([^"]*)"'
YES, NO = ("true", "1", "yes"), ("false", "0", "no")


def _spellings(name: str) -> tuple[str, str]:
    return name, f"gdacs {name}"


def _has(look: Look, *names: str) -> bool:
    return all(look.any_of(*_spellings(name)) for name in names)


def _recognise(look: Look) -> float:
    if not _has(look, "eventtype", "alertlevel", "episodeid"):
        return 0.0
    return fit(look, (), GEOJSON, RSS, least=0.85)


def _is_point(raw: RawLayer, look: Look) -> np.ndarray:
    """Which features are centre points: by their class, else by their geometry."""
    import shapely

    header = look.any_of("class")
    stated = table(raw)[header].str.startswith("Point") if header else constant(table(raw), None)
    drawn = np.ones(len(raw), bool)
    if raw.geometry is not None:
        shapes = shapely.from_wkb(raw.geometry.to_numpy(zero_copy_only=False))
        drawn = shapely.is_missing(shapes) | (shapely.get_dimensions(shapes) == 0)
    result: np.ndarray = np.where(stated.isna(), drawn, stated.fillna(False).astype(bool)) & drawn
    return result


def _points(raw: RawLayer, look: Look) -> RawLayer:
    point = _is_point(raw, look)
    note = Finding(
        "outlines_beside",
        "info",
        f"{int((~point).sum())} outlines of the areas affected are a layer of their own; the points are this one.",
        field="geometry",
    )
    return kept(raw, point, note)


def _outlines(raw: RawLayer, look: Look) -> RawLayer:
    point = _is_point(raw, look)
    note = Finding(
        "points_beside",
        "info",
        f"{int(point.sum())} centre points are a layer of their own; the outlines are this one.",
        field="geometry",
    )
    return kept(raw, ~point, note)


def _readings(look: Look) -> tuple[Reading, ...]:
    mixed = "point" in look.geometries and len(look.geometries) > 1
    return (Reading(reshape=_points), Reading(AREAS, _outlines)) if mixed else ONE_READING


def _mapping(look: Look) -> dict[str, str]:
    fields = {
        "geo point geo lat": "latitude",
        "geo point geo long": "longitude",
        "geo lat": "latitude",
        "geo long": "longitude",
        "description": "description",
        "gdacs iso3": "location_code",
        "iso3": "location_code",
        "source": "source_name",
    }
    return look.mapping(fields)


def _prepare(texts: pd.DataFrame, look: Look, as_of: date | None) -> Prepared:
    def column(name: str) -> pd.Series:
        return column_of(texts, look, *_spellings(name))

    kind = column("eventtype").str.upper().str.strip()
    current = column("iscurrent").str.lower().str.strip()
    begins, ends = _days(column("fromdate")), _days(column("todate"))
    over = current.isin(NO)
    severity = column_of(texts, look, "severitydata severitytext", "gdacs severity", "severity")
    nested = column_of(texts, look, "severitydata").str.extract(SEVERITY_TEXT, expand=False).astype("str")
    severity = severity.fillna(nested)
    event = kind + column("eventid")
    if look.reading == AREAS:
        event = event + "/" + column_of(texts, look, "polygonlabel", "class").fillna("area")
    columns = {
        "id": numbered(event),
        "name": column("eventname").fillna(column_of(texts, look, "name", "title")),
        "hazard_type": kind.map(HAZARD).fillna(constant(texts, "other").where(kind.notna())),
        "status": constant(texts, "active").where(current.isin(YES)).mask(over, "cleared"),
        "status_date": ends.where(over),
        "start_date": begins,
        "end_date": ends,
        "threat": _threat(column("alertlevel"), severity),
    }
    note = Finding(
        "natural_hazards",
        "info",
        "GDACS alerts are made by models from the first readings; a hazard stands between the two dates given.",
        field="hazard_type",
        remedy="Confirm on the ground before a decision rests on it.",
    )
    return Prepared(columns, (note,))


def _threat(alert: pd.Series, severity: pd.Series) -> pd.Series:
    said = alert + " alert"
    return (said + "; " + severity).fillna(said).fillna(severity)


def _days(texts: pd.Series) -> pd.Series:
    """Days as ISO text, from ISO or from the dates of mails that feeds use; what is neither stays."""
    return texts.map(_day, na_action="ignore").astype("str")


def _day(text: str) -> str:
    try:
        return parsedate_to_datetime(text).astimezone(UTC).date().isoformat()
    except (ValueError, TypeError, OverflowError):
        return text


GDACS = Source(
    id="gdacs",
    label="GDACS",
    kind=lambda look: "security_risks",
    recognise=_recognise,
    mapping=_mapping,
    prepare=_prepare,
    computes=frozenset({"id", "name", "hazard_type", "status", "status_date", "start_date", "end_date", "threat"}),
    readings=_readings,
)
