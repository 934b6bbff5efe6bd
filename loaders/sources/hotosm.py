"""Humanitarian OpenStreetMap Team exports on HDX: health facilities and the like."""

from __future__ import annotations

from datetime import date

import pandas as pd

from loaders.sources.source import Look, Prepared, Source

FIELDS = {"osm id": "id", "name": "name", "name ar": "name_local", "name fr": "name_local", "operator t": "operator"}
HEALTH = frozenset({"hospital", "clinic", "doctors", "pharmacy", "dentist", "health_post", "laboratory"})


def _prepare(texts: pd.DataFrame, look: Look, as_of: date | None) -> Prepared:
    nothing = pd.Series(None, index=texts.index, dtype="str")
    amenity, healthcare = (texts[c] if (c := look.any_of(s)) else nothing for s in ("amenity", "healthcare"))
    stated = amenity.where(amenity.isin(HEALTH)).fillna(healthcare).fillna(amenity)
    health = healthcare.notna() | amenity.isin(HEALTH)
    return Prepared(
        {
            "facility_type": stated.str.replace("_", " ").replace({"centre": "clinic", "yes": "other"}),
            "sector_code": pd.Series("HEA", index=texts.index, dtype="str").where(health),
        }
    )


HOTOSM = Source(
    id="hotosm",
    label="HOT / OpenStreetMap",
    kind=lambda look: "facilities",
    recognise=lambda look: 0.9 if look.has("osm id") and look.any_of("amenity", "healthcare") else 0.0,
    mapping=lambda look: look.mapping(FIELDS),
    prepare=_prepare,
    computes=frozenset({"facility_type", "sector_code"}),
)
