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
            aliases=("t tl", "pop", "total", "individuals", "people", "persons", "number of people"),
            hxl=("#population", "#population+total", "#affected", "#affected+ind", "#inneed", "#population+t"),
        ),
        Field("reference_period_start", "date", "From", aliases=("date",), hxl=("#date+start", "#date")),
        Field("reference_period_end", "date", "To", hxl=("#date+end",)),
        SOURCE_ORG,
        *place_fields(),
    ),
    filters=(Filter("population_group", "People"),),
    style=Style("circle", "settlement", size_by="population"),
    places=("point", "polygon"),
    required_any=(("geometry", "admin3_code", "admin2_code", "admin1_code", "location_code"),),
    starts="reference_period_start",
    ends="reference_period_end",
)
