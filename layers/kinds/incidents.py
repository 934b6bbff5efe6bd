"""Security incidents: our record of what a source calls an event."""

from __future__ import annotations

from layers.kind import Choice, Field, Filter, Kind, Style
from layers.vocabularies import ID, SOURCE_ORG, TIME_PRECISION, place_fields

INCIDENT_TYPE = (
    Choice(
        "attack_civilians",
        "Attack on civilians",
        ("violence against civilians", "attack", "attack on civilians", "one sided", "one sided violence"),
    ),
    Choice("attack_un_aid", "Attack on UN or aid", ("against un or aid", "attack on un", "attack on aid")),
    Choice("sexual_violence", "Sexual violence", ("crsv", "conflict related sexual violence")),
    Choice(
        "explosive",
        "IED, mine or explosive",
        (
            "explosions remote violence",
            "explosives",
            "ied",
            "mine",
            "landmine",
            "uxo",
            "remote explosive",
            "remote violence",
            "shelling",
            "remote explosive landmine ied",
        ),
    ),
    Choice(
        "clash",
        "Armed clash",
        (
            "battles",
            "battle",
            "armed clash",
            "clashes",
            "state based",
            "state based violence",
            "non state",
            "non state violence",
            "battle no change of territory",
            "ambush",
        ),
    ),
    Choice("abduction", "Abduction", ("kidnapping", "abduction forced disappearance", "hostage")),
    Choice("looting", "Looting or property destruction", ("looting property destruction", "theft")),
    Choice("crime", "Crime and banditry", ("banditry", "robbery", "crime", "criminality", "hijacking")),
    Choice("riot", "Riot", ("riots", "riots protests", "mob violence", "violent demonstration")),
    Choice("protest", "Peaceful protest", ("protests", "protest", "demonstration")),
    Choice(
        "agreement",
        "Agreement or strategic development",
        ("strategic developments", "strategic development", "agreement"),
    ),
    Choice("other", "Other", ("unknown",)),
)
PEACEFUL = frozenset({"protest", "agreement"})

VICTIM_GROUP = (
    Choice("civilian", "Civilian", ("civilians",)),
    Choice("un", "UN", ("peacekeepers", "united nations", "mission")),
    Choice("aid", "Aid", ("aid workers", "humanitarian", "ngo")),
    Choice("armed", "Armed", ("military", "combatants", "armed forces", "armed group")),
)

VERIFICATION = (
    Choice("reported", "Reported"),
    Choice("corroborated", "Corroborated"),
    Choice("verified", "Verified", ("confirmed",)),
    Choice("discounted", "Discounted", ("false", "rejected", "withdrawn")),
)

INCIDENTS = Kind(
    id="incidents",
    label="Incidents",
    singular="incident",
    group="Incidents",
    fields=(
        Field(
            "id",
            "text",
            "Identifier",
            aliases=(*ID.aliases, "event id", "event id cnty", "incident id", "sind event id", "eventid"),
            hxl=("#event+id",),
        ),
        Field(
            "occurred_at",
            "moment",
            "When",
            aliases=(
                "event date",
                "date",
                "date start",
                "date time",
                "datetime",
                "incident date",
                "date of incident",
                "dtg",
                "occurred",
                "start date",
                "start",
                "date et heure",
                "date incident",
                "date de l incident",
            ),
            hxl=("#date+occurred", "#date", "#date+event"),
        ),
        Field("ended_at", "moment", "Until", aliases=("date end", "end date")),
        Field("time_precision", "code", "Time known", choices=TIME_PRECISION),
        Field(
            "reported_at",
            "moment",
            "Reported",
            aliases=("reported date", "report date", "date reported", "timestamp"),
            hxl=("#date+reported",),
        ),
        Field(
            "incident_type",
            "code",
            "Type",
            choices=INCIDENT_TYPE,
            aliases=("event type", "type", "category", "incident category"),
            hxl=("#event+type", "#cause+type", "#event"),
        ),
        Field("sub_event_type", "text", "Sub-type", aliases=("sub type", "subtype"), hxl=("#event+subtype",)),
        Field("violent", "flag", "Violent"),
        Field(
            "actor1",
            "text",
            "Reported perpetrator",
            aliases=("perpetrator", "actor", "side a", "reported perpetrator name", "group name"),
            hxl=("#group+name", "#group+perp", "#group+perp+name"),
        ),
        Field("actor1_class", "text", "Perpetrator class", aliases=("inter1", "actor class")),
        Field("actor2", "text", "Other party", aliases=("side b", "target")),
        Field("victim_group", "code", "Victims", choices=VICTIM_GROUP, aliases=("victim", "victims", "target group")),
        Field(
            "fatalities",
            "integer",
            "Deaths, best estimate",
            unit="people",
            minimum=0,
            aliases=("best", "deaths", "killed", "fatality"),
            hxl=("#affected+killed",),
        ),
        Field("fatalities_low", "integer", "Deaths, low", unit="people", minimum=0, aliases=("low",)),
        Field("fatalities_high", "integer", "Deaths, high", unit="people", minimum=0, aliases=("high",)),
        Field("verification", "code", "Verification", choices=VERIFICATION, aliases=("verified", "confidence level")),
        Field(
            "place_name",
            "text",
            "Place",
            aliases=("location", "where coordinates", "place", "location of incident", "location of event"),
            hxl=("#loc", "#loc+name"),
        ),
        Field(
            "description",
            "text",
            "Account",
            aliases=("notes", "event description", "details", "narrative", "source headline", "where description"),
            hxl=("#description",),
        ),
        SOURCE_ORG,
        *place_fields(),
    ),
    filters=(
        Filter("incident_type", "Type"),
        Filter("violent", "Violent only", "flag"),
        Filter("victim_group", "Victims"),
        Filter("verification", "Verification"),
    ),
    style=Style("diamond", "incident", size_by="fatalities"),
    places=("point", "line", "polygon"),
    title="place_name",
    starts="occurred_at",
    ends="ended_at",
    stale_after_days=2,
)
