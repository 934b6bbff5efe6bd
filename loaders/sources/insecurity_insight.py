"""Insecurity Insight: aid workers, health, education, explosive weapons, conflict-related sexual violence.

All figures are text. "Geo Precision" is text too, such as "(2) 25 km precision", which
validation splits into precision and radius.
"""

from __future__ import annotations

from datetime import date
from functools import reduce

import pandas as pd

from layers.kind import normalise
from loaders.sources.source import Look, Prepared, Source, constant, fit, headers

COMMON = headers(
    "Date,Event Description,Country,Country ISO,Admin 1,Latitude,Longitude,Geo Precision,Location of Incident,"
    "Reported Perpetrator,Reported Perpetrator Name,Weapon Carried/Used,SiND Event ID"
)
AID = COMMON | headers(
    "Organisation Affected,Programme Focus,Aid Workers Killed,Aid Workers Injured,Aid Workers Kidnapped,"
    "Aid Workers Arrested"
)
EXPLOSIVE = COMMON | headers("Sector Affected,Provider,Launch Type,Explosive Weapon Type")
FIELDS = {
    "sind event id": "id",
    "date": "occurred_at",
    "event description": "description",
    "country iso": "location_code",
    "admin 1": "provider_admin1_name",
    "latitude": "latitude",
    "longitude": "longitude",
    "geo precision": "place_precision",
    "location of incident": "place_name",
    "location of event": "place_name",
    "reported perpetrator name": "actor1",
    "reported perpetrator": "actor1_class",
}
HARMS = ("killed", "injured", "kidnapped", "arrested", "assaulted")


def _sum(texts: pd.DataFrame, look: Look, harm: str) -> pd.Series:
    """People harmed so, over all columns that count them; null where none says."""
    columns = [c for c in look.columns if normalise(c).endswith(f" {harm}")]
    counts = [pd.to_numeric(texts[c].str.replace(",", "", regex=False), errors="coerce") for c in columns]
    if not counts:
        return pd.Series(None, index=texts.index, dtype="Float64")
    return reduce(lambda a, b: a.add(b, fill_value=0), counts).astype("Float64")


def _prepare(texts: pd.DataFrame, look: Look, as_of: date | None) -> Prepared:
    harmed = {harm: _sum(texts, look, harm) for harm in HARMS}
    aid = look.any_of("aid workers killed", "organisation affected") is not None
    sexual = any(w in normalise(f"{look.file} {look.title} {' '.join(look.columns)}") for w in ("crsv", "sexual"))
    attack = "attack_un_aid" if aid else "attack_civilians"
    explosive = look.any_of("explosive weapon type", "launch type") is not None
    every_row = "explosive" if explosive else "sexual_violence" if sexual and not aid else attack
    types = constant(texts, every_row)
    if every_row == attack:
        taken = (harmed["kidnapped"] > 0).fillna(False).astype(bool)
        struck = ((harmed["killed"] > 0).fillna(False) | (harmed["injured"] > 0).fillna(False)).astype(bool)
        types = types.mask(taken & ~struck, "abduction")
    columns = {
        "incident_type": types,
        "sub_event_type": _in_words(harmed),
        "victim_group": constant(texts, "aid" if aid else "civilian"),
        "fatalities": harmed["killed"].map("{:.0f}".format, na_action="ignore").astype("str"),
    }
    return Prepared(columns)


def _in_words(harmed: dict[str, pd.Series]) -> pd.Series:
    """What was done to how many: "2 killed, 1 kidnapped"."""
    table = pd.DataFrame(harmed)
    words = [
        ", ".join(f"{count:.0f} {harm}" for harm, count in row.items() if pd.notna(count) and count > 0)
        for row in table.to_dict("records")
    ]
    return pd.Series([text or None for text in words], index=table.index, dtype="str")


INSECURITY_INSIGHT = Source(
    id="insecurity_insight",
    label="Insecurity Insight",
    kind=lambda look: "incidents",
    recognise=lambda look: fit(look, ("sind event id", "date"), COMMON, AID, EXPLOSIVE, least=0.85),
    mapping=lambda look: look.mapping(FIELDS),
    prepare=_prepare,
    computes=frozenset({"incident_type", "sub_event_type", "victim_group", "fatalities", "source_name"}),
)
