"""Roads and bridges with their state."""

from __future__ import annotations

from layers.kind import Choice, Field, Filter, Kind, Style, Symbol
from layers.vocabularies import ID, SOURCE_ORG, place_fields

ROAD_TYPE = (
    Choice("road", "Road", ("primary", "secondary", "tertiary", "track", "trunk", "main road")),
    Choice("bridge", "Bridge", ("pont",)),
    Choice("ferry", "Ferry", ("bac",)),
)
ROAD_STATE = (
    Choice("open", "Open", ("passable", "ouvert", "good")),
    Choice("restricted", "Restricted", ("difficult", "limited", "4x4 only", "poor")),
    Choice("closed", "Closed", ("impassable", "blocked", "ferme", "cut", "destroyed")),
)
# Classes of the access constraint maps of the Logistics Cluster, and tracked vehicles beside them.
VEHICLE_CLASS = (
    Choice("all", "All vehicles", ("any", "any vehicle", "tous vehicules", "tous")),
    Choice("foot", "On foot or motorcycle", ("foot", "pedestrians", "motorbike", "motorcycle", "moto", "a pied")),
    Choice("light", "Light vehicle or 4x4", ("4x4", "4wd", "light vehicle", "light vehicles", "car", "vehicule leger")),
    Choice("medium_truck", "Medium truck", ("truck", "trucks", "medium trucks", "camion", "truck under 10 t")),
    Choice("heavy_truck", "Heavy truck or trailer", ("heavy trucks", "heavy truck", "trailer", "semi trailer",
                                                     "truck over 10 t", "camion lourd", "poids lourd")),
    Choice("tracked", "Tracked vehicle", ("tracked vehicles", "tracks", "chenille")),
)  # fmt: skip

# In each a colour, and dashes or a shape, for eyes and prints without colour. A state that is not known is grey.
SYMBOLS = (
    Symbol({"road_state": "open"}, "Open", token="road_open"),  # noqa: S106
    Symbol({"road_state": "restricted"}, "Restricted", token="road_restricted", shape="triangle", dash="9 5"),  # noqa: S106
    Symbol({"road_state": "closed"}, "Closed", token="road_closed", shape="cross", dash="3 5"),  # noqa: S106
)

ROADS = Kind(
    id="roads",
    label="Roads and bridges",
    singular="road",
    group="Places",
    fields=(
        ID,
        Field("name", "text", "Name", aliases=("road", "road name", "ref name")),
        Field("road_type", "code", "Road type", choices=ROAD_TYPE, aliases=("type", "fclass", "highway")),
        Field("road_state", "code", "Road state", choices=ROAD_STATE, aliases=("status", "condition", "passability")),
        Field("state_since", "date", "State since", aliases=("since", "status date", "date")),
        Field("reopening_date", "date", "Expected to reopen", aliases=("expected reopening", "reopening", "open from")),
        Field(
            "vehicle_class",
            "code",
            "Vehicles",
            choices=VEHICLE_CLASS,
            aliases=("vehicles", "vehicles affected", "vehicle"),
        ),
        Field(
            "load_limit_t",
            "number",
            "Load limit",
            unit="t",
            minimum=0,
            aliases=("load limit", "max tonnage", "weight limit", "tonnage"),
        ),
        Field(
            "road_id",
            "text",
            "Road id",
            aliases=("road code", "segment id", "road number"),
            description="The road that a row speaks of, where it has one row for each class of vehicle or state.",
        ),
        Field("from_name", "text", "From", aliases=("name1", "from")),
        Field("to_name", "text", "To", aliases=("name2", "to")),
        Field("length_km", "number", "Length as reported", unit="km", minimum=0, aliases=("distance", "length", "km")),
        Field("reported_date", "date", "Reported", aliases=("reporting date", "updated")),
        SOURCE_ORG,
        *place_fields(),
    ),
    filters=(Filter("road_state", "State"), Filter("vehicle_class", "Vehicle"), Filter("road_type", "Road type")),
    style=Style("line", "muted", symbols=SYMBOLS),
    places=("line", "point"),
    required_any=(("geometry", "from_name"),),
    stale_after_days=7,
)
