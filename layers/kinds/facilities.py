"""Existing facilities: hospitals, schools, water points, mission bases, medical posts."""

from __future__ import annotations

from layers.kind import Choice, Field, Filter, Kind, Style, Symbol, symbols_by
from layers.vocabularies import ID, SECTORS, SOURCE_ORG, place_fields

FACILITY_TYPE = (
    Choice("hospital", "Hospital", ("hopital", "general hospital", "referral hospital")),
    Choice(
        "clinic",
        "Clinic or health centre",
        (
            "health centre",
            "health center",
            "doctors",
            "health post",
            "health unit",
            "centre de sante",
            "primary health",
        ),
    ),
    Choice("pharmacy", "Pharmacy", ("chemist",)),
    Choice("laboratory", "Laboratory", ("medical laboratory", "sample collection")),
    Choice("dentist", "Dentist", ("dental",)),
    Choice("school", "School", ("primary school", "college", "ecole")),
    Choice("water_point", "Water point", ("borehole", "well", "hand pump", "forage")),
    Choice("medical_post", "Mission medical post", ("level 1", "level 2", "level 3", "role 1", "role 2")),
    Choice("base", "Mission base", ("mission base", "camp", "team site", "headquarters")),
    Choice("warehouse", "Warehouse", ("store", "depot")),
    Choice("airfield", "Airfield", ("airport", "airstrip", "helipad")),
    Choice("other", "Other"),
)
STATUS = (
    Choice(
        "functional",
        "Functional",
        (
            "active",
            "open",
            "operational",
            "functioning",
            "fully functional",
            "fully functioning",
            "fully operational",
            "yes",
            "fonctionnel",
            "fonctionnelle",
            "operationnel",
            "operationnelle",
            "ouvert",
            "ouverte",
            "oui",
        ),
    ),
    Choice(
        "partial",
        "Partly functional",
        (
            "partially functional",
            "partially functioning",
            "partially operational",
            "partly functioning",
            "partly operational",
            "limited",
            "damaged",
            "partially damaged",
            "partly damaged",
            "partially destroyed",
            "partiellement fonctionnel",
            "partiellement fonctionnelle",
            "partiellement operationnel",
            "partiellement operationnelle",
            "partiellement endommage",
            "endommage",
            "endommagee",
        ),
    ),
    Choice(
        "closed",
        "Closed",
        (
            "non functional",
            "nonfunctional",
            "not functional",
            "not functioning",
            "non functioning",
            "not operational",
            "non operational",
            "inactive",
            "destroyed",
            "fully destroyed",
            "abandoned",
            "disused",
            "looted",
            "looted and closed",
            "no",
            "non fonctionnel",
            "non fonctionnelle",
            "non operationnel",
            "non operationnelle",
            "ferme",
            "fermee",
            "detruit",
            "detruite",
            "abandonne",
            "abandonnee",
            "pille",
            "pillee",
            "non",
        ),
    ),
    Choice("unknown", "Not understood", ("not known", "inconnu")),
)

GLYPHS = {
    "hospital": "doctor",
    "clinic": "heart",
    "dentist": "dentist",
    "school": "school",
    "water_point": "drinking-water",
    "warehouse": "warehouse",
    "airfield": "airfield",
}
SPECIAL = (
    Symbol({"facility_type": "base"}, "Mission base", sidc="10032000000000000000", named_by="name"),
    Symbol({"facility_type": "medical_post"}, "Mission medical post", glyph="doctor", token="mission"),  # noqa: S106
)
SYMBOLS = symbols_by("facility_type", FACILITY_TYPE, GLYPHS, SPECIAL)

FACILITIES = Kind(
    id="facilities",
    label="Facilities",
    singular="facility",
    group="Places",
    fields=(
        Field("id", "text", "Identifier", aliases=(*ID.aliases, "osm id", "facility id")),
        Field("name", "text", "Name", aliases=("facility name", "name en", "nom", "facility"), hxl=("#loc+name",)),
        Field("name_local", "text", "Local name", aliases=("name ar", "name fr", "arabic name")),
        Field(
            "facility_type",
            "code",
            "Facility type",
            choices=FACILITY_TYPE,
            aliases=("type", "amenity", "healthcare", "category", "facility category"),
            hxl=("#loc+type",),
        ),
        Field("sector_code", "code", "Sector", choices=SECTORS, aliases=("sector", "cluster")),
        Field("status", "code", "Status", choices=STATUS, aliases=("functionality", "operational status")),
        Field("operator", "text", "Operator", aliases=("managed by", "operator type", "owner")),
        Field("capacity", "integer", "Capacity", unit="people", minimum=0, aliases=("beds", "capacity persons")),
        SOURCE_ORG,
        *place_fields(),
    ),
    filters=(Filter("facility_type", "Facility type"), Filter("sector_code", "Sector"), Filter("status", "Status")),
    style=Style("triangle", "facility", symbols=SYMBOLS),
    places=("point", "polygon"),
    stale_after_days=180,
)
