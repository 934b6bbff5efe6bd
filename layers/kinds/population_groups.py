"""People by area and group: host community, IDPs, returnees, refugees."""

from __future__ import annotations

from layers.kind import Field, Filter, Kind, Style
from layers.vocabularies import ID, SOURCE_ORG, place_fields
from layers.vocabularies import POPULATION_GROUPS as GROUPS

POPULATION_GROUPS = Kind(
    id="population_groups",
    label="Population",
    singular="population figure",
    group="Places",
    fields=(
        ID,
        Field("name", "text", "Area"),
        Field("population_group", "code", "Population group", choices=GROUPS),
        Field(
            "population",
            "integer",
            "Individuals",
            unit="people",
            minimum=0,
            aliases=("t tl", "pop", "total"),
            hxl=("#population",),
        ),
        Field("reference_period_start", "date", "From", aliases=("date",)),
        Field("reference_period_end", "date", "To"),
        SOURCE_ORG,
        *place_fields(),
    ),
    filters=(Filter("population_group", "People"),),
    style=Style("circle", "settlement", size_by="population"),
    places=("point", "polygon"),
    starts="reference_period_start",
    ends="reference_period_end",
)
