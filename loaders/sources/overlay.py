"""Files that Overlay wrote: their `overlay` member says what they are."""

from __future__ import annotations

from layers.kinds import KIND_BY_ID
from loaders.sources.source import Look, Source


def _kind(look: Look) -> str:
    return str(look.overlay["kind"])


def _mapping(look: Look) -> dict[str, str]:
    names = KIND_BY_ID[_kind(look)].field_by_name
    return {column: column for column in look.columns if column in names}


OVERLAY = Source(
    id="overlay",
    label="Overlay",
    kind=_kind,
    recognise=lambda look: 1.0 if look.overlay.get("kind") in KIND_BY_ID else 0.0,
    mapping=_mapping,
)
