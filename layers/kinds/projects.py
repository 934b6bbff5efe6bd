"""Activities and projects: who does what, where, when (3W and mission activities)."""

from __future__ import annotations

from layers.kind import Choice, Field, Filter, Kind, Style, Symbol, symbols_by
from layers.vocabularies import ID, SECTOR_GLYPHS, SECTORS, SOURCE_ORG, TIME_PRECISION, place_fields

STATUS = (
    Choice("planned", "Planned", ("planifie", "pipeline", "proposed", "not started", "a venir")),
    Choice("active", "Active", ("on going", "ongoing", "en cours", "in progress", "open", "started", "implementation")),
    Choice("completed", "Completed", ("complete", "finished", "termine", "acheve", "closed", "done", "cloture")),
    Choice("suspended", "Suspended", ("on hold", "suspendu", "paused", "stopped")),
    Choice("cancelled", "Cancelled", ("canceled", "annule", "withdrawn")),
    Choice("unknown", "Not stated"),
)

ACTIVITY_CLASS = (
    Choice("mission_military", "Mission, military", ("military", "patrol", "engineer", "mission")),
    Choice("uncimic", "UN-CIMIC", ("cimic", "un cimic", "uncimic outreach")),
    Choice("qip", "Quick-impact project", ("qips", "quick impact", "quick impact project")),
    Choice("humanitarian", "Humanitarian", ("ngo", "cluster", "un agency")),
    Choice("development", "Development"),
    Choice("government", "Government", ("state", "host government", "line ministry")),
)

MISSION_OWNED = frozenset({"mission_military", "uncimic", "qip"})

# What the mission's forces do stands in their own frame, and blue is the mission's. All else has no affiliation.
SYMBOLS = (
    Symbol({"activity_class": "mission_military", "sector_code": "ROA"}, "Mission engineers",
           sidc="10031000001407000000"),
    Symbol({"activity_class": "mission_military", "sector_code": "MIN"}, "Mission clearance",
           sidc="10031000001408000000"),
    Symbol({"activity_class": "mission_military"}, "Mission forces", sidc="10031000000000000000"),
    Symbol({"activity_class": "uncimic"}, "UN-CIMIC", sidc="10031000001103000000"),
    *symbols_by("sector_code", SECTORS, SECTOR_GLYPHS),
)  # fmt: skip

PROJECTS = Kind(
    id="projects",
    label="Activities",
    singular="activity",
    group="Activities",
    fields=(
        Field(
            "id",
            "text",
            "Identifier",
            aliases=(*ID.aliases, "project id", "activity id", "id projet", "project code", "activity code"),
        ),
        Field(
            "name",
            "text",
            "Name",
            aliases=(
                "title",
                "project",
                "project name",
                "project title",
                "activity name",
                "nom activite projet2",
                "nom projet",
            ),
            hxl=("#activity+name", "#activity+title"),
        ),
        Field(
            "activity_type",
            "text",
            "Activity type",
            aliases=("activity", "activite", "activity description", "type", "type d activite", "activites"),
            hxl=("#activity", "#activity+type"),
        ),
        Field("activity_class", "code", "Activity class", choices=ACTIVITY_CLASS, aliases=("class",)),
        Field(
            "sector_code",
            "code",
            "Sector",
            choices=SECTORS,
            aliases=("cluster", "sector", "secteur", "secteur domaine", "cluster sector", "sector cluster"),
            hxl=("#sector", "#sector+cluster", "#sector+code", "#sector+name"),
        ),
        Field(
            "status",
            "code",
            "Status",
            choices=STATUS,
            aliases=("activity status", "project status", "etat projet", "etat", "statut"),
            hxl=("#status",),
        ),
        Field(
            "start_date",
            "date",
            "Start",
            aliases=(
                "start",
                "date debut",
                "project start",
                "begin",
                "from",
                "date start",
                "date de debut",
                "start date",
            ),
            hxl=("#date+start",),
        ),
        Field(
            "end_date",
            "date",
            "End",
            aliases=("end", "date fin", "project end", "to", "date end", "finish", "date de fin"),
            hxl=("#date+end",),
        ),
        Field("time_precision", "code", "Dates known", choices=TIME_PRECISION),
        Field(
            "owner",
            "text",
            "Owner",
            aliases=(
                "lead",
                "program partner name",
                "programme partner",
                "organisation",
                "organization",
                "nom organization",
                "nom organisation",
                "organization name",
                "org name",
                "org",
            ),
            hxl=("#org", "#org+name", "#org+prog"),
        ),
        Field(
            "org_acronym",
            "text",
            "Organisation acronym",
            aliases=("acronym", "acronyme", "program partner acronym", "org acronym"),
            hxl=("#org+acronym", "#org+code"),
        ),
        Field(
            "implementing_partner",
            "text",
            "Implementing partner",
            aliases=("implementing partner name", "ip", "implementer", "partner"),
            hxl=("#org+impl", "#org+impl+name"),
        ),
        Field(
            "donor",
            "text",
            "Donor",
            aliases=("donor name", "bailleur", "funder", "source de financement"),
            hxl=("#org+funder",),
        ),
        Field("liaison_role", "text", "Liaison (post)", aliases=("focal point post", "liaison")),
        Field("requested_support", "text", "Support requested", aliases=("support requested", "support")),
        Field(
            "people_targeted",
            "integer",
            "People targeted",
            unit="people",
            minimum=0,
            aliases=("targeted", "target", "beneficiaries targeted", "people targeted", "nombre beneficiaires directs"),
            hxl=("#targeted", "#targeted+ind", "#beneficiary+targeted", "#beneficiary"),
        ),
        Field(
            "people_reached",
            "integer",
            "People reached",
            unit="people",
            minimum=0,
            aliases=("reached", "beneficiaries reached", "people reached"),
            hxl=("#reached", "#reached+ind"),
        ),
        Field("mission_sector", "text", "Mission sector"),
        Field(
            "reported_date",
            "date",
            "Reported",
            aliases=("reporting date", "last updated", "updated"),
            hxl=("#date+reported",),
        ),
        Field("description", "text", "Description", aliases=("details", "comments", "remarks"), hxl=("#description",)),
        SOURCE_ORG,
        *place_fields(),
    ),
    filters=(
        Filter("activity_class", "Class"),
        Filter("sector_code", "Sector"),
        Filter("status", "Status"),
        Filter("mission_sector", "Mission sector"),
        Filter("org_acronym", "Organisation"),
    ),
    style=Style("square", "activity", symbols=SYMBOLS),
    places=("point", "line", "polygon"),
    required_any=(
        (
            "geometry",
            "admin1_code",
            "admin2_code",
            "admin3_code",
            "provider_admin1_name",
            "provider_admin2_name",
            "provider_admin3_name",
        ),
    ),
    starts="start_date",
    ends="end_date",
    open_ended=True,
    stale_after_days=45,
    default_marking="CONFIDENTIAL",
)
