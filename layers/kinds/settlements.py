"""Towns and villages with their people."""

from __future__ import annotations

from layers.kind import Choice, Field, Filter, Kind, Style
from layers.vocabularies import ID, SOURCE_ORG, place_fields

SETTLEMENT_TYPE = (
    Choice("city", "City", ("capital",)),
    Choice("town", "Town", ("conflict zone",)),
    Choice("village", "Village", ("hamlet",)),
    Choice("camp", "Camp", ("refugee camp",)),
    Choice("other", "Other", ("marker", "forwarding hub")),
)

SETTLEMENTS = Kind(
    id="settlements",
    label="Settlements",
    singular="settlement",
    group="Places",
    fields=(
        ID,
        Field(
            "name",
            "text",
            "Name",
            aliases=("settlement", "town", "village", "place", "nom"),
            hxl=("#loc+name", "#loc"),
        ),
        Field(
            "settlement_type",
            "code",
            "Settlement type",
            choices=SETTLEMENT_TYPE,
            aliases=("type", "location type", "place type", "fclass"),
        ),
        Field(
            "population",
            "integer",
            "People",
            unit="people",
            minimum=0,
            aliases=("pop", "inhabitants", "total population", "t tl", "individuals"),
            hxl=("#population",),
        ),
        Field("country", "text", "Country", aliases=("country name", "admin0name"), hxl=("#country+name", "#country")),
        SOURCE_ORG,
        *place_fields(),
    ),
    filters=(Filter("settlement_type", "Settlement type"),),
    style=Style("circle", "settlement", size_by="population"),
    places=("point", "polygon"),
)
