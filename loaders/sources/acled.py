"""ACLED: events in three layouts, monthly aggregates on HDX, and CAST forecasts.

Codes after the ACLED codebook: geo_precision 1 the place itself, 2 near it, 3 the region;
time_precision 1 the day, 2 the week, 3 the month; inter 1 state forces, 2 rebel groups,
3 political militias, 4 identity militias, 5 rioters, 6 protesters, 7 civilians,
8 external and other forces.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd

from layers.kind import normalise
from layers.report import Finding
from loaders.sources.source import Look, Prepared, Source, by_value, column, constant, fit, folded, headers
from loaders.values import distinct, floats

NEW = headers(
    "event_id_cnty,event_date,year,time_precision,disorder_type,event_type,sub_event_type,actor1,assoc_actor_1,inter1,"
    "actor2,assoc_actor_2,inter2,interaction,civilian_targeting,iso,region,country,admin1,admin2,admin3,location,"
    "latitude,longitude,geo_precision,source,source_scale,notes,fatalities,tags,timestamp"
)
EXPOSURE = headers("population_1km,population_2km,population_5km,population_best")
OLD = headers(
    "data_id,iso,event_id_cnty,event_id_no_cnty,event_date,year,time_precision,event_type,sub_event_type,actor1,"
    "assoc_actor_1,inter1,actor2,assoc_actor_2,inter2,interaction,region,country,admin1,admin2,admin3,location,"
    "latitude,longitude,geo_precision,source,source_scale,notes,fatalities,timestamp,iso3"
)
OLDEST = headers(
    "GWNO,EVENT_ID_CNTY,EVENT_ID_NO_CNTY,EVENT_DATE,YEAR,TIME_PRECISION,EVENT_TYPE,ACTOR1,ALLY_ACTOR_1,INTER1,ACTOR2,"
    "ALLY_ACTOR_2,INTER2,INTERACTION,COUNTRY,ADMIN1,ADMIN2,ADMIN3,LOCATION,LATITUDE,LONGITUDE,GEO_PRECISION,SOURCE,"
    "NOTES,FATALITIES"
)
AGGREGATES = headers("Country,Admin1,Admin2,ISO3,Admin2 Pcode,Admin1 Pcode,Month,Year,Events,Fatalities")
AGGREGATES_BY_COUNTRY = headers("Country,Month,Year,Events,Fatalities")
CAST_LAYOUT = headers(
    "country,admin1,month,year,total_forecast,battles_forecast,erv_forecast,vac_forecast,total_observed,"
    "battles_observed,erv_observed,vac_observed,timestamp"
)

FIELDS = {
    "event id cnty": "id",
    "event date": "occurred_at",
    "actor1": "actor1",
    "actor2": "actor2",
    "iso3": "location_code",
    "admin1": "provider_admin1_name",
    "admin2": "provider_admin2_name",
    "admin3": "provider_admin3_name",
    "location": "place_name",
    "latitude": "latitude",
    "longitude": "longitude",
    "geo precision": "place_precision",
    "source": "source_name",
    "notes": "description",
    "fatalities": "fatalities",
}
TIME_PRECISION = {"1": "day", "2": "week", "3": "month"}
ACTOR_CLASS = {
    "1": "State forces",
    "2": "Rebel groups",
    "3": "Political militias",
    "4": "Identity militias",
    "5": "Rioters",
    "6": "Protesters",
    "7": "Civilians",
    "8": "External/Other forces",
    "rebel group": "Rebel groups",
    "rebel forces": "Rebel groups",
    "political militia": "Political militias",
    "identity militia": "Identity militias",
    "communal militia": "Identity militias",
    "state force": "State forces",
    "external other forces": "External/Other forces",
    "external forces": "External/Other forces",
    "other forces": "External/Other forces",
}
TYPE_OF_EVENT = {
    "battles": "clash",
    "battle": "clash",
    "battle no change of territory": "clash",
    "battle government regains territory": "clash",
    "battle non state actor overtakes territory": "clash",
    "explosions remote violence": "explosive",
    "remote violence": "explosive",
    "violence against civilians": "attack_civilians",
    "protests": "protest",
    "riots": "riot",
    "riots protests": "riot",
    "strategic developments": "agreement",
    "strategic development": "agreement",
    "headquarters or base established": "agreement",
    "non violent transfer of territory": "agreement",
}
# What a sub-event says more exactly than its event does.
TYPE_OF_SUB_EVENT = {
    "sexual violence": "sexual_violence",
    "abduction forced disappearance": "abduction",
    "looting property destruction": "looting",
    "chemical weapon": "explosive",
    "air drone strike": "explosive",
    "suicide bomb": "explosive",
    "shelling artillery missile attack": "explosive",
    "remote explosive landmine ied": "explosive",
    "grenade": "explosive",
}
SECONDS = (100_000_000, 5_000_000_000)  # 1973 to 2128
PROTESTORS = "protestors"  # as the files before 2021 spell it
AID = re.compile(r"aid workers?|humanitarian workers?|\bNGO\b", re.IGNORECASE)
UN = re.compile(r"\b[Uu]nited [Nn]ations\b|\bUN\b|[Pp]eacekeep|MINUSCA|MINUSMA|MONUSCO|UNMISS|UNISFA|UNAMID")


def _prepare(texts: pd.DataFrame, look: Look, as_of: date | None) -> Prepared:
    event = folded(column(texts, look, "event type"))
    sub_event = column(texts, look, "sub event type")
    inter1, inter2 = (_actor_class(column(texts, look, name)) for name in ("inter1", "inter2"))
    types = by_value(sub_event, lambda words: TYPE_OF_SUB_EVENT.get(normalise(words)))
    types = types.fillna(by_value(event, TYPE_OF_EVENT.get))
    # "Riots/Protests" of the older files: who acted tells which.
    types = types.mask((event == "riots protests") & (inter1 == "Protesters"), "protest")
    types = types.mask(types.isna() & event.notna(), "other")
    victims = _victims(texts, look, types, inter1, inter2)
    types = types.mask((types == "attack_civilians") & victims.isin(["aid", "un"]), "attack_un_aid")
    columns = {
        "incident_type": types,
        "sub_event_type": by_value(
            sub_event, lambda words: re.sub(PROTESTORS, "protesters", words, flags=re.IGNORECASE)
        ),
        "victim_group": victims,
        "actor1_class": inter1,
        "time_precision": by_value(column(texts, look, "time precision"), TIME_PRECISION.get),
        "reported_at": _moments(column(texts, look, "timestamp")),
    }
    unknown = sorted(set(distinct(event)[1]) - set(TYPE_OF_EVENT))
    old = _count(sub_event, lambda words: PROTESTORS in words.lower())
    findings = [_old_wording(old)] if old else []
    if unknown:
        findings.append(_unknown_types(unknown))
    return Prepared(columns, tuple(findings))


def _count(texts: pd.Series, wanted: Callable[[str], bool]) -> int:
    """How many cells are so; each different text is asked once."""
    codes, words = distinct(texts)
    return int(np.array([*map(wanted, words), False], bool)[codes].sum())


def _actor_class(inter: pd.Series) -> pd.Series:
    """The class in words, from a code or a word; words that are not known stay as they are."""
    return by_value(inter, lambda word: ACTOR_CLASS.get(normalise(word), word))


def _victims(texts: pd.DataFrame, look: Look, types: pd.Series, inter1: pd.Series, inter2: pd.Series) -> pd.Series:
    """Who was attacked, as far as the parties tell; blank where they do not."""
    targeted = column(texts, look, "civilian targeting").str.contains("civilian", case=False).fillna(False)
    civilians = targeted | (inter2 == "Civilians") | ((inter1 == "Civilians") & types.isin(["attack_civilians"]))
    victims = constant(texts, "armed").where(types == "clash").mask(civilians, "civilian")
    parties = (column(texts, look, "actor2"), column(texts, look, "assoc actor 2", "ally actor 2"))
    attacked = types.isin(["attack_civilians", "explosive", "abduction", "looting", "sexual_violence"])
    for party in parties:
        named = by_value(party, _protected)
        victims = victims.mask(attacked & named.notna(), named)
    return victims


def _protected(party: str) -> str | None:
    """Whether the party attacked is an aid worker or the UN."""
    return "aid" if AID.search(party) else "un" if UN.search(party) else None


def _moments(stamps: pd.Series) -> pd.Series:
    """Seconds since 1970 as instants, or as text beside what is written otherwise."""
    seconds = floats(stamps)
    counted = (seconds >= SECONDS[0]) & (seconds <= SECONDS[1])
    if not counted.any():
        return stamps
    moments = np.where(counted, seconds, 0).astype("int64").astype("datetime64[s]")
    if (counted | stamps.isna().to_numpy(bool)).all():
        return pd.Series(moments.astype("datetime64[us]"), index=stamps.index).where(counted)
    result = stamps.copy()
    result[counted] = np.datetime_as_string(moments[counted], timezone="UTC")
    return result


def _old_wording(count: int) -> Finding:
    return Finding(
        "older_wording",
        "info",
        f'{count} rows write "protestors", as ACLED did before; they are kept under today\'s "protesters".',
        field="sub_event_type",
        found=PROTESTORS,
    )


def _unknown_types(words: list[str]) -> Finding:
    return Finding(
        "unknown_event_type",
        "warning",
        f"the event types {', '.join(words[:5])} are none that ACLED publishes; they count as other.",
        field="incident_type",
        found=words[0],
        remedy="Check the spelling of the event types.",
    )


def _no_incidents(what: str) -> Finding:
    return Finding(
        "aggregates_are_no_incidents",
        "warning",
        f"each row is {what}, not an incident: the layer is drawn and filtered, and takes part in no analysis.",
        found=what,
        remedy="Load the events themselves where incidents are to be counted.",
    )


def _event_confidence(look: Look) -> float:
    return fit(look, ("event id cnty", "event date"), NEW, NEW | EXPOSURE, OLD, OLDEST)


def _aggregate_mapping(look: Look) -> dict[str, str]:
    return look.mapping(
        {
            "admin2 pcode": "admin2_code",
            "admin1 pcode": "admin1_code",
            "iso3": "location_code",
            "admin2": "provider_admin2_name",
            "admin1": "provider_admin1_name",
        }
    )


def _named(texts: pd.DataFrame, look: Look) -> pd.Series:
    """The smallest area that a row names, and its month."""
    area = column(texts, look, "admin2").fillna(column(texts, look, "admin1")).fillna(column(texts, look, "country"))
    return area + ", " + column(texts, look, "month").fillna("") + " " + column(texts, look, "year").fillna("")


def _prepare_aggregates(texts: pd.DataFrame, look: Look, as_of: date | None) -> Prepared:
    return Prepared({"name": _named(texts, look)}, (_no_incidents("a month's count of events in an area"),))


def _prepare_forecasts(texts: pd.DataFrame, look: Look, as_of: date | None) -> Prepared:
    return Prepared({"name": _named(texts, look)}, (_no_incidents("a forecast for a month and an area"),))


ACLED = Source(
    id="acled",
    label="ACLED",
    kind=lambda look: "incidents",
    recognise=_event_confidence,
    mapping=lambda look: look.mapping(FIELDS),
    prepare=_prepare,
    computes=frozenset(
        {"incident_type", "sub_event_type", "victim_group", "actor1_class", "time_precision", "reported_at"}
    ),
)

ACLED_AGGREGATES = Source(
    id="acled_aggregates",
    label="ACLED",
    kind=lambda look: "other",
    recognise=lambda look: (
        0.0
        if look.any_of("event type", "latitude", "org name")
        else fit(look, ("month", "year", "events", "fatalities"), AGGREGATES, AGGREGATES_BY_COUNTRY)
    ),
    mapping=_aggregate_mapping,
    prepare=_prepare_aggregates,
    computes=frozenset({"name"}),
)

CAST = Source(
    id="acled_cast",
    label="ACLED CAST",
    kind=lambda look: "other",
    recognise=lambda look: fit(look, ("total forecast", "vac forecast"), CAST_LAYOUT),
    mapping=_aggregate_mapping,
    prepare=_prepare_forecasts,
    computes=frozenset({"name"}),
)
