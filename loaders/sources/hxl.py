"""Any table with a row of HXL tags that no other source knows: its tags say what it is.

The tags are read by ourselves: the whole of what we need of the standard is "one row of
#tag +attribute, in any order". Each field of a kind lists its own tags.
"""

from __future__ import annotations

from loaders.sources.source import Look, Source

# Tags that make a kind, surest first: each group is enough; an entry with "+" needs all its attributes.
KIND_BY_TAGS: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...] = (
    ("idp_flows", (("+origin", "+dest"), ("#adm1+origin", "#affected+idps"), ("#movement",))),
    ("incidents", (("#event",), ("#date+occurred",), ("#affected+killed",), ("#group+perp",))),
    ("projects", (("#activity",), ("#sector", "#org"), ("#beneficiary",), ("#targeted",), ("#reached",))),
    ("idp_sites", (("#affected+idps",), ("#population+idps",), ("#loc+camp",), ("#inneed+idps",))),
    ("facilities", (("#loc+facility",), ("#capacity",), ("#loc+type", "#geo+lat"), ("#service",))),
    ("population_groups", (("#population",), ("#affected",), ("#inneed",))),
    ("settlements", (("#loc", "#geo+lat"), ("#loc+name",))),
    ("admin_areas", (("#geo+bounds",), ("#adm1+code", "#adm1+name", "#geo"))),
)
LEAST_TAGS = 2


def _tags(look: Look) -> list[tuple[str, frozenset[str]]]:
    """Tag and attributes of each tagged column."""
    split = (tag.lower().replace(" ", "").split("+") for tag in look.hxl if tag.startswith("#"))
    return [(name, frozenset(attributes)) for name, *attributes in split]


def _stands(wanted: str, tags: list[tuple[str, frozenset[str]]]) -> bool:
    """Whether a column has this tag and at least these attributes."""
    name, *attributes = wanted.split("+")
    return any((not name or tag == name) and set(attributes) <= has for tag, has in tags)


def _kind(look: Look) -> str:
    tags = _tags(look)
    for kind, groups in KIND_BY_TAGS:
        if any(all(_stands(wanted, tags) for wanted in group) for group in groups):
            return kind
    return "other"


def _recognise(look: Look) -> float:
    tags = _tags(look)
    if len(tags) < LEAST_TAGS:
        return 0.0
    share = len(tags) / len(look.columns)
    return round((0.55 if _kind(look) == "other" else 0.65) + 0.2 * share, 3)


HXL = Source(
    id="hxl",
    label="HXL-tagged table",
    kind=_kind,
    recognise=_recognise,
    mapping=lambda look: {},
)
