"""Security risks that stand: hazardous areas, armed presence, checkpoints, closures."""

from __future__ import annotations

from layers.kind import Choice, Field, Filter, Kind, Style, Symbol, symbols_by
from layers.vocabularies import ID, SOURCE_ORG, TIME_PRECISION, place_fields

HAZARD_TYPE = (
    Choice("sha", "Suspected hazardous area", ("suspected hazardous area",)),
    Choice("cha", "Confirmed hazardous area", ("confirmed hazardous area", "minefield")),
    Choice("erw_spot", "ERW spot", ("erw", "uxo", "erw spot")),
    Choice("ied_segment", "IED road segment", ("ied", "ied road segment")),
    Choice("armed_presence", "Armed presence", ("armed group presence",)),
    Choice("checkpoint", "Checkpoint", ("roadblock", "road block", "check point")),
    Choice("flood", "Flood", ("seasonal flood", "flooding", "fl", "inondation")),
    Choice("bridge_down", "Bridge down", ("bridge destroyed", "broken bridge")),
    Choice("landslide", "Landslide", ("mudslide", "glissement de terrain")),
    Choice("earthquake", "Earthquake", ("eq", "quake", "seisme", "tremblement de terre")),
    Choice("cyclone", "Tropical cyclone", ("tc", "hurricane", "typhoon", "tropical storm")),
    Choice("drought", "Drought", ("dr", "secheresse")),
    Choice("volcano", "Volcano", ("vo", "volcanic eruption", "eruption", "volcan")),
    Choice("wildfire", "Wildfire", ("wf", "bush fire", "forest fire", "feu de brousse")),
    Choice("other", "Other"),
)
EXPLOSIVE = frozenset({"sha", "cha", "erw_spot", "ied_segment"})
SEASONAL = frozenset({"flood", "earthquake", "cyclone", "drought", "volcano", "wildfire"})
"""Natural hazards stand between their dates; every other hazard ends by its status alone."""

STATUS = (
    Choice("active", "Active", ("open", "current", "ongoing", "confirmed")),
    Choice("reduced", "Reduced"),
    Choice("cleared", "Cleared", ("closed", "resolved", "repaired")),
    Choice("cancelled", "Cancelled", ("canceled", "discredited")),
    Choice("unknown", "Not understood", ("not known", "inconnu")),
)
ENDED = frozenset({"cleared", "cancelled"})

GLYPHS = {
    "sha": "danger",
    "cha": "danger",
    "erw_spot": "danger",
    "ied_segment": "danger",
    "flood": "water",
    "bridge_down": "bridge",
    "landslide": "mountain",
    "volcano": "volcano",
    "wildfire": "fire-station",
    "cyclone": "windmill",
}
# Whoever holds a place is named, and has the frame of nobody's side: unknown.
SPECIAL = (
    Symbol({"status": "cleared"}, "Cleared", token="muted", shape="hollow"),  # noqa: S106
    Symbol({"status": "cancelled"}, "Cancelled", token="muted", shape="hollow"),  # noqa: S106
    Symbol({"hazard_type": "armed_presence"}, "Armed presence", sidc="10011000000000000000", named_by="controlled_by"),
    Symbol({"hazard_type": "checkpoint"}, "Checkpoint", sidc="10012500001303000000", named_by="controlled_by"),
)
SYMBOLS = symbols_by("hazard_type", HAZARD_TYPE, GLYPHS, SPECIAL)

SECURITY_RISKS = Kind(
    id="security_risks",
    label="Security risks",
    singular="security risk",
    group="Security risks",
    fields=(
        ID,
        Field("name", "text", "Name", aliases=("title",)),
        Field(
            "hazard_type",
            "code",
            "Hazard",
            choices=HAZARD_TYPE,
            aliases=("hazard", "type", "risk type", "kind", "hazard kind", "threat type", "category"),
        ),
        Field("status", "code", "Status", choices=STATUS),
        Field("status_date", "date", "Status since", aliases=("status changed", "cleared on")),
        Field("status_by", "text", "Status set by (post)", aliases=("cleared by", "authority")),
        Field("last_surveyed", "date", "Last surveyed", aliases=("survey date", "surveyed")),
        Field("start_date", "date", "From", aliases=("start", "date", "reported", "since")),
        Field("end_date", "date", "Until", aliases=("end", "until")),
        Field("time_precision", "code", "Dates known", choices=TIME_PRECISION),
        Field("controlled_by", "text", "Controlled by", aliases=("control", "actor", "held by")),
        Field("threat", "text", "Threat", aliases=("threat description",)),
        Field("likelihood", "text", "Likelihood (as reported)"),
        Field("impact", "text", "Impact (as reported)"),
        Field("srm_area", "text", "SRM area", aliases=("srm area",)),
        Field("srm_measures", "text", "SRM measures", aliases=("measures", "mitigation")),
        Field("description", "text", "Description", aliases=("notes", "details", "remarks"), hxl=("#description",)),
        SOURCE_ORG,
        *place_fields(),
    ),
    filters=(Filter("hazard_type", "Hazard"), Filter("status", "Status")),
    style=Style("hatched", "risk", symbols=SYMBOLS),
    places=("point", "line", "polygon"),
    required_any=(("geometry",),),
    starts="start_date",
    ends="end_date",
    open_ended=True,
    stale_after_days=365,
    default_marking="CONFIDENTIAL",
)
