"""Anything else: drawn and filtered, and said to take part in no analysis."""

from __future__ import annotations

from layers.kind import Field, Kind, Style
from layers.vocabularies import ID, SOURCE_ORG, place_fields

OTHER = Kind(
    id="other",
    label="Other layers",
    singular="feature",
    group="Other",
    fields=(ID, Field("name", "text", "Name", aliases=("title", "label")), SOURCE_ORG, *place_fields()),
    filters=(),
    style=Style("circle", "other"),
    places=("point", "line", "polygon"),
    required_any=(),
)
