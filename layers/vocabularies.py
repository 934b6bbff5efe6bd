"""Coded values and fields shared by several kinds."""

from __future__ import annotations

from layers.kind import Choice, Field

SECTORS = (
    Choice(
        "CCM",
        "CCCM",
        (
            "camp coordination and camp management",
            "camp management",
            "ccm",
            "cccm cluster",
            "gestion des camps",
            "gsat",
        ),
    ),
    Choice(
        "EDU", "Education", ("education cluster", "education en situation d'urgence", "education cluster eng", "edu")
    ),
    Choice("ERY", "Early recovery", ("early recovery and livelihoods", "relevement precoce")),
    Choice(
        "FSC",
        "Food security and livelihoods",
        (
            "food",
            "food security",
            "food and livelihood",
            "agriculture",
            "fsl",
            "fsac",
            "food security cluster",
            "securite alimentaire",
            "livelihoods",
            "food assistance",
            "cash",
            "moyens de subsistance",
            "securite alimentaire et moyens de subsistance",
            "secal",
            "sam",
            "agriculture et securite alimentaire",
        ),
    ),
    Choice("HEA", "Health", ("health cluster", "sante", "medical", "cluster sante")),
    Choice("LOG", "Logistics", ("logistics cluster", "logistique", "logistics")),
    Choice("NUT", "Nutrition", ("nutrition cluster",)),
    Choice(
        "PRO",
        "Protection",
        (
            "general protection",
            "protection cluster",
            "child protection",
            "gbv",
            "gender based violence",
            "cp",
            "protection gbv",
            "protection cp",
            "pro cpn",
            "pro gbv",
            "pro hlp",
            "vbg",
            "violences basees sur le genre",
            "protection de l enfance",
            "protection de l enfant",
            "hlp",
            "housing land and property",
        ),
    ),
    Choice("MIN", "Mine action", ("pro min", "mine", "demining", "lutte antimines")),
    Choice(
        "SHL",
        "Shelter and NFI",
        (
            "shelter",
            "es nfi",
            "esnfi",
            "shelter nfi",
            "emergency shelter and nfi",
            "snfi",
            "abris",
            "abris ame",
            "nfi",
            "abri",
            "abri ame",
            "shelter and nfi cluster",
            "shelter cluster",
        ),
    ),
    Choice("TEL", "Emergency telecommunications", ("etc", "telecommunications")),
    Choice(
        "WSH",
        "WASH",
        (
            "water",
            "wash cluster",
            "water sanitation and hygiene",
            "eha",
            "eau hygiene assainissement",
            "eau hygiene et assainissement",
            "wsh",
        ),
    ),
    Choice("ROA", "Roads and engineering", ("roads", "engineering", "infrastructure", "bridge")),
    Choice("GOV", "Governance, DDR and dialogue", ("ddr", "dialogue", "governance", "rule of law", "outreach")),
    Choice(
        "MUL",
        "Multi-sector",
        (
            "multi sector",
            "multisector",
            "mas",
            "refugee response",
            "multi purpose cash",
            "multisectoriel",
            "multi secteur",
            "multisectorial",
        ),
    ),
)

SECTOR_GLYPHS = {
    "CCM": "campsite",
    "EDU": "school",
    "ERY": "construction",
    "FSC": "farm",
    "GOV": "town-hall",
    "HEA": "doctor",
    "LOG": "warehouse",
    "MIN": "danger",
    "NUT": "restaurant",
    "ROA": "bridge",
    "SHL": "shelter",
    "TEL": "communications-tower",
    "WSH": "drinking-water",
}
"""Pictograms of the Maki set; none shows a cross, for the protected emblems are not ours to draw."""

PLACE_PRECISION = (
    Choice("point", "exact place", ("1", "exact", "exact location")),
    Choice("near", "near the place named", ("2",)),
    Choice("area", "known to an area", ("admin2",)),
    Choice("region", "known to a region", ("3", "admin1", "country")),
)

TIME_PRECISION = (
    Choice("moment", "to the minute"),
    Choice("day", "to the day", ("1",)),
    Choice("week", "to the week", ("2",)),
    Choice("month", "to the month"),
    Choice("year", "to the year"),
)

POPULATION_GROUPS = (
    Choice("idp", "IDPs", ("idps", "internally displaced", "internally displaced persons", "displaced")),
    Choice("returnee", "Returnees", ("returnees", "idp returnees", "retournes")),
    Choice("refugee", "Refugees", ("refugees", "ref")),
    Choice("host", "Host community", ("host", "host communities", "residents")),
)

ID = Field("id", "text", "Identifier", aliases=("code", "fid", "uuid", "ref", "reference"))
SOURCE_ORG = Field(
    "source_name", "text", "Reported by", aliases=("source", "source office", "info source"), hxl=("#meta+source",)
)


def place_fields() -> tuple[Field, ...]:
    """Where a record lies, in OCHA's terms, and how surely."""
    return (
        Field("place_precision", "code", "Place known", choices=PLACE_PRECISION, aliases=("geo precision",)),
        Field(
            "place_radius_m",
            "number",
            "Place uncertainty",
            unit="m",
            minimum=0,
            aliases=("accuracy", "precision m", "uncertainty m", "geolocation precision"),
        ),
        Field(
            "location_code",
            "text",
            "Country code",
            aliases=("iso3", "country code", "admin0pcode", "adm0 pcode"),
            hxl=("#country+code",),
        ),
        Field(
            "admin1_code",
            "text",
            "Admin 1 P-code",
            aliases=(
                "admin1pcode",
                "adm1 pcode",
                "state code",
                "state pcode",
                "region pcode",
                "regionpcode",
                "code province",
                "province code",
                "adm1pcode",
            ),
            hxl=("#adm1+code", "#adm1+pcode"),
        ),
        Field(
            "admin2_code",
            "text",
            "Admin 2 P-code",
            aliases=(
                "admin2pcode",
                "adm2 pcode",
                "locality code",
                "district pcode",
                "districtpcode",
                "county code",
                "code territoire",
                "code terrtoire",
                "adm2pcode",
            ),
            hxl=("#adm2+code", "#adm2+pcode"),
        ),
        Field(
            "admin3_code",
            "text",
            "Admin 3 P-code",
            aliases=("admin3pcode", "adm3 pcode", "woredapcod", "woreda pcode", "woredapcode"),
            hxl=("#adm3+code", "#adm3+pcode"),
        ),
        Field(
            "provider_admin1_name",
            "text",
            "Admin 1 as reported",
            aliases=(
                "admin1",
                "adm 1",
                "adm1",
                "admin1name",
                "region",
                "state",
                "province",
                "prefecture",
                "state of displacement",
                "state name",
                "الولاية",
            ),
            hxl=("#adm1+name", "#adm1"),
        ),
        Field(
            "provider_admin2_name",
            "text",
            "Admin 2 as reported",
            aliases=(
                "admin2",
                "adm 2",
                "adm2",
                "admin2name",
                "zone",
                "district",
                "county",
                "territoire",
                "departement",
                "locality",
                "locality of displacement",
                "locality name",
                "المحلية",
            ),
            hxl=("#adm2+name", "#adm2"),
        ),
        Field(
            "provider_admin3_name",
            "text",
            "Admin 3 as reported",
            aliases=("admin3", "adm3", "woreda", "admin3name"),
            hxl=("#adm3+name", "#adm3"),
        ),
    )
