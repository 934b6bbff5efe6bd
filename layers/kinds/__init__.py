"""The kinds of layer. A new one is a file beside this and its name in `KINDS`."""

from __future__ import annotations

from layers.errors import UnknownKind
from layers.kind import Kind
from layers.kinds.admin_areas import ADMIN_AREAS
from layers.kinds.facilities import FACILITIES
from layers.kinds.idp_flows import IDP_FLOWS
from layers.kinds.idp_sites import IDP_SITES
from layers.kinds.images import IMAGES
from layers.kinds.incidents import INCIDENTS
from layers.kinds.other import OTHER
from layers.kinds.population_groups import POPULATION_GROUPS
from layers.kinds.projects import PROJECTS
from layers.kinds.roads import ROADS
from layers.kinds.security_risks import SECURITY_RISKS
from layers.kinds.settlements import SETTLEMENTS

KINDS: tuple[Kind, ...] = (
    PROJECTS,
    INCIDENTS,
    IDP_SITES,
    IDP_FLOWS,
    SECURITY_RISKS,
    FACILITIES,
    SETTLEMENTS,
    ADMIN_AREAS,
    ROADS,
    POPULATION_GROUPS,
    IMAGES,
    OTHER,
)

__all__ = [
    "ADMIN_AREAS",
    "FACILITIES",
    "IDP_FLOWS",
    "IDP_SITES",
    "IMAGES",
    "INCIDENTS",
    "KINDS",
    "KIND_BY_ID",
    "OTHER",
    "POPULATION_GROUPS",
    "PROJECTS",
    "ROADS",
    "SECURITY_RISKS",
    "SETTLEMENTS",
    "kind_of",
]

KIND_BY_ID = {kind.id: kind for kind in KINDS}


def kind_of(kind_id: str) -> Kind:
    """The kind with this id.

    Raises
    ------
    UnknownKind
        When there is none.
    """
    if kind_id not in KIND_BY_ID:
        raise UnknownKind("kind", f'"{kind_id}"', f"one of {', '.join(KIND_BY_ID)}", "Choose one of these kinds.")
    return KIND_BY_ID[kind_id]
