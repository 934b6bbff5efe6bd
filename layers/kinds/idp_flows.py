"""Displacement flows: people who moved from A to B in a period."""

from __future__ import annotations

from layers.kind import Field, Filter, Kind, Style
from layers.vocabularies import ID, POPULATION_GROUPS, SOURCE_ORG, TIME_PRECISION, place_fields

IDP_FLOWS = Kind(
    id="idp_flows",
    label="IDP flows",
    singular="IDP flow",
    group="IDP movements",
    fields=(
        ID,
        Field(
            "origin_admin1_code",
            "text",
            "Origin admin 1, P-code",
            aliases=("origin code", "origin pcode", "idporiginadmin1pcode"),
            hxl=("#adm1+code+origin",),
        ),
        Field(
            "origin_name",
            "text",
            "Origin",
            aliases=("from", "origin", "origin admin1 name", "idporiginadmin1name", "origin name"),
            hxl=("#adm1+origin", "#adm1+name+origin"),
        ),
        Field(
            "destination_code",
            "text",
            "Destination, P-code",
            aliases=("destination pcode",),
            hxl=("#adm2+code+dest", "#adm1+code+dest"),
        ),
        Field(
            "destination_name",
            "text",
            "Destination",
            aliases=("to", "destination"),
            hxl=("#adm2+name+dest", "#adm2+dest", "#adm1+dest", "#adm1+name+dest"),
        ),
        Field(
            "population",
            "integer",
            "Individuals moved",
            unit="people",
            minimum=0,
            aliases=("individuals", "people", "ind", "movement", "number of individuals"),
            hxl=("#affected+idps", "#affected", "#affected+ind", "#movement+ind"),
        ),
        Field(
            "households",
            "integer",
            "Households moved",
            unit="households",
            minimum=0,
            aliases=("hh", "hhs"),
            hxl=("#affected+hh",),
        ),
        Field("population_group", "code", "Population group", choices=POPULATION_GROUPS),
        Field(
            "start_date",
            "date",
            "Start",
            aliases=("start", "period start", "reference period start", "date"),
            hxl=("#date+start",),
        ),
        Field("end_date", "date", "End", aliases=("end", "period end", "reference period end"), hxl=("#date+end",)),
        Field("time_precision", "code", "Dates known", choices=TIME_PRECISION),
        Field("reporting_round", "text", "Round", aliases=("round",), hxl=("#round+code",)),
        Field("displacement_reason", "text", "Reason", aliases=("reason", "cause"), hxl=("#cause+type",)),
        SOURCE_ORG,
        *place_fields(),
    ),
    filters=(Filter("population_group", "People"), Filter("displacement_reason", "Reason")),
    style=Style("line", "idp", size_by="population"),
    places=("line",),
    required_any=(
        ("origin_admin1_code", "origin_name"),
        ("destination_code", "destination_name", "admin2_code", "admin1_code"),
    ),
    title="destination_name",
    starts="start_date",
    ends="end_date",
    stale_after_days=120,
    default_marking="CONFIDENTIAL",  # summed by destination they are the figures of the sites
)
