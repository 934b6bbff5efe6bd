"""Displacement sites and areas: people present (a stock), one row a site and round."""

from __future__ import annotations

from layers.kind import Choice, Field, Filter, Kind, Style
from layers.vocabularies import POPULATION_GROUPS, SOURCE_ORG, TIME_PRECISION, place_fields

ASSESSMENT = (
    Choice("assessed", "Assessed", ("yes", "done")),
    Choice("not_assessed", "Not assessed", ("no", "not visited", "inaccessible", "no access")),
    Choice("closed", "Closed", ("site closed",)),
)
SITE_TYPE = (
    Choice("planned_camp", "Planned camp", ("planned", "planned site", "camp")),
    Choice("collective_centre", "Collective centre", ("collective center", "school", "collective centers")),
    Choice("informal", "Informal site", ("spontaneous", "makeshift", "informal settlement", "gathering site")),
    Choice("host_community", "Host community", ("host", "host families", "dispersed")),
    Choice("area_total", "Area total", ("locality", "admin2")),
)

IDP_SITES = Kind(
    id="idp_sites",
    label="IDP sites",
    singular="IDP site",
    group="IDP movements",
    fields=(
        Field("id", "text", "Record"),
        Field(
            "site_id",
            "text",
            "Site identifier",
            aliases=("ssid", "site code", "siteid", "site ssid"),
            hxl=("#loc+code",),
        ),
        Field(
            "name",
            "text",
            "Site",
            aliases=("site name", "site", "settlements", "map name", "location name"),
            hxl=("#loc+name", "#loc+camp", "#loc"),
        ),
        Field(
            "site_type",
            "code",
            "Site type",
            choices=SITE_TYPE,
            aliases=("type of location", "type of site"),
            hxl=("#loc+type",),
        ),
        Field(
            "population",
            "integer",
            "Individuals",
            unit="people",
            minimum=0,
            aliases=(
                "individuals",
                "ind",
                "# ind",
                "idps",
                "idp ind",
                "number of individuals",
                "numpresentidpind",
                "total individuals",
                "idp individuals",
                "population",
            ),
            hxl=("#affected+idps", "#affected+idps+ind", "#population+idps", "#affected+ind+idps"),
        ),
        Field(
            "households",
            "integer",
            "Households",
            unit="households",
            minimum=0,
            aliases=("hh", "hhs", "# hh", "number of households", "families"),
            hxl=("#affected+idps+hh", "#affected+hh"),
        ),
        Field("population_group", "code", "Population group", choices=POPULATION_GROUPS),
        Field(
            "reporting_round", "text", "Round", aliases=("round", "roundnumber", "round number"), hxl=("#round+code",)
        ),
        Field(
            "assessment_date",
            "date",
            "Assessed on",
            aliases=("reportingdate", "reporting date", "survey date", "date of assessment", "date"),
            hxl=("#date+reported",),
        ),
        Field("time_precision", "code", "Date known", choices=TIME_PRECISION),
        Field(
            "assessment_status", "code", "Assessment", choices=ASSESSMENT, aliases=("assessed", "verification status")
        ),
        Field("assessment_type", "text", "Assessment type", aliases=("assessmenttype",), hxl=("#assessment+type",)),
        Field("operation", "text", "Operation", hxl=("#operation+name",)),
        Field(
            "displacement_reason",
            "text",
            "Reason",
            aliases=("displacementreason", "reason", "cause"),
            hxl=("#cause+type",),
        ),
        Field(
            "origin_admin1_code",
            "text",
            "Main origin, P-code",
            aliases=("idporiginadmin1pcode",),
            hxl=("#adm1+code+origin",),
        ),
        Field(
            "origin_admin1_name", "text", "Main origin", aliases=("idporiginadmin1name",), hxl=("#adm1+name+origin",)
        ),
        Field("mission_sector", "text", "Mission sector"),
        SOURCE_ORG,
        *place_fields(),
    ),
    filters=(
        Filter("site_type", "Site type"),
        Filter("assessment_status", "Assessment"),
        Filter("population_group", "People"),
    ),
    style=Style("circle", "idp", size_by="population"),
    places=("point", "polygon"),
    required_any=(
        ("geometry", "admin1_code", "admin2_code", "admin3_code", "provider_admin1_name", "provider_admin2_name"),
    ),
    entity="site_id",
    starts="assessment_date",
    stale_after_days=120,
    default_marking="CONFIDENTIAL",
)
