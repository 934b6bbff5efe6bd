"""Roads and bridges with their state."""

from __future__ import annotations

from layers.kind import Choice, Field, Filter, Kind, Style
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
        Field("vehicle_class", "text", "Vehicles affected", aliases=("vehicles", "vehicle class")),
        Field("from_name", "text", "From", aliases=("name1", "from")),
        Field("to_name", "text", "To", aliases=("name2", "to")),
        Field("length_km", "number", "Length as reported", unit="km", minimum=0, aliases=("distance", "length", "km")),
        Field("reported_date", "date", "Reported", aliases=("reporting date", "updated")),
        SOURCE_ORG,
        *place_fields(),
    ),
    filters=(Filter("road_state", "State"), Filter("road_type", "Road type")),
    style=Style("line", "road"),
    places=("line", "point"),
    required_any=(("geometry", "from_name"),),
    stale_after_days=7,
)
