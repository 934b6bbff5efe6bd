"""Administrative areas with P-codes, and the mission's own sectors."""

from __future__ import annotations

from layers.kind import Choice, Field, Filter, Kind, Style
from layers.vocabularies import SOURCE_ORG

ADMIN_LEVEL = (
    Choice("0", "Country"),
    Choice("1", "Admin 1"),
    Choice("2", "Admin 2"),
    Choice("3", "Admin 3"),
    Choice("sector", "Mission sector"),
)

ADMIN_AREAS = Kind(
    id="admin_areas",
    label="Admin areas",
    singular="admin area",
    group="Places",
    fields=(
        Field("id", "text", "P-code", aliases=("pcode", "p code", "code")),
        Field("name", "text", "Name", aliases=("shapename", "area name")),
        Field("name_local", "text", "Local name"),
        Field("admin_level", "code", "Level", choices=ADMIN_LEVEL, aliases=("admin level", "level")),
        Field("parent_code", "text", "Parent P-code", aliases=("parent p code", "parent pcode")),
        Field(
            "location_code",
            "text",
            "Country code",
            aliases=("admin0pcod", "admin0pcode", "adm0 pcode", "iso3", "shapegroup"),
            hxl=("#country+code",),
        ),
        Field("valid_on", "date", "Valid on", aliases=("validon", "valid from date", "valid from", "date")),
        SOURCE_ORG,
    ),
    filters=(Filter("admin_level", "Level"),),
    style=Style("outline", "admin"),
    places=("polygon", "point"),
    required_any=(("id", "name"),),
)
