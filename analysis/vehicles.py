"""The vehicle for which roads are asked about, as a parameter."""

from __future__ import annotations

from analysis.parameters import parameter
from layers.kind import Choice
from layers.kinds import ROADS

ANY_VEHICLE = "any"
VEHICLE_CHOICES = (
    Choice(ANY_VEHICLE, "All together", ("any vehicle",)),
    *(c for c in ROADS.field_by_name["vehicle_class"].choices if c.value != "all"),
)


def vehicle_class() -> str:
    """The parameter."""
    return parameter(
        ANY_VEHICLE,
        label="Vehicle",
        choices=VEHICLE_CHOICES,
        help="What is reported of this class, else of all vehicles. All together: closed where it is closed to all.",
    )


def vehicles_of(chosen: str) -> tuple[str, ...]:
    """The classes that a choice means; none for all together."""
    return () if chosen == ANY_VEHICLE else (chosen,)
