"""Which source, which kind, which column is which field, with how much confidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from layers.errors import UnknownKind
from layers.kind import Kind, normalise
from layers.kinds import KINDS, kind_of
from loaders.places import PLACE_HXL, PLACE_SPELLINGS
from loaders.sources import SOURCES, Look, Source

SURE_ENOUGH = 0.5
# Sum of column weights from which a kind is proposed: about one header that only it knows.
LEAST_SCORE = 0.75


@dataclass(frozen=True)
class Recognition:
    """What a raw layer seems to be.

    Attributes
    ----------
    source : str
        Id of the recognised source; empty when columns were matched by their spelling.
    confidence : float
        0 to 1.
    mapping : dict
        Column -> canonical field, or "latitude", "longitude", "wkt". Several columns
        may name one field: validation chooses, and says so.
    """

    source: str
    source_label: str
    confidence: float
    kind: Kind
    mapping: dict[str, str]


def recognise(look: Look, kind: str | None = None, mapping: Mapping[str, str] | None = None) -> Recognition:
    """Recognise a raw layer.

    Parameters
    ----------
    kind : str, optional
        Kind that the person chose.
    mapping : mapping, optional
        Column -> field that the person chose; it overrules everything. An empty field
        leaves the column unmapped.

    Raises
    ------
    UnknownKind
        When nothing fits, or the kind does not exist.
    """
    source = source_of(look, kind)
    if source is not None:
        chosen, confidence, known = kind_of(source.kind(look)), source.recognise(look), source.mapping(look)
        beside = _by_spelling(look, chosen, skip=source.computes | frozenset(known.values()))
        found = _by_canonical_name(look, chosen) | beside | known
    else:
        chosen, confidence = (kind_of(kind), 1.0) if kind else _best_kind(look)
        found = _by_spelling(look, chosen)
    return Recognition(
        source=source.id if source else "",
        source_label=source.label if source else "",
        confidence=round(confidence, 2),
        kind=chosen,
        mapping=with_choices(look, chosen, found, mapping or {}),
    )


def source_of(look: Look, kind: str | None = None) -> Source | None:
    """The surest source that makes the wanted kind."""
    fitting = [(s.recognise(look), s) for s in SOURCES]
    sure = [(c, s) for c, s in fitting if c >= SURE_ENOUGH and (kind is None or s.kind(look) == kind)]
    return max(sure, key=lambda pair: pair[0], default=(0.0, None))[1]


def with_choices(look: Look, kind: Kind, found: dict[str, str], chosen: Mapping[str, str]) -> dict[str, str]:
    """The mapping with the person's choices laid over it.

    Raises
    ------
    UnknownKind
        When a choice names a column or a field that does not exist.
    """
    fields = {*kind.names, *PLACE_SPELLINGS, ""}
    for column, field in chosen.items():
        if column not in look.columns:
            raise UnknownKind(
                "mapping", f'the column "{column}"', f"one of {', '.join(look.columns)}", "Correct the mapping."
            )
        if field not in fields:
            expected = f"a field of {kind.label}: {', '.join(kind.names)}, latitude, longitude or wkt"
            raise UnknownKind("mapping", f'the field "{field}"', expected, "Correct the mapping.")
    taken = {field for field in chosen.values() if field}
    kept = {c: f for c, f in found.items() if c not in chosen and f not in taken}
    merged = kept | {c: f for c, f in chosen.items() if f}
    return {column: merged[column] for column in look.columns if column in merged}


def _by_spelling(look: Look, kind: Kind, skip: frozenset[str] = frozenset()) -> dict[str, str]:
    """Column -> field, by HXL tag first and by header otherwise."""
    spellings, tags = _spellings(kind), _tags(kind)
    hxl = look.hxl or ("",) * len(look.columns)
    found = {}
    for column, tag in zip(look.columns, hxl, strict=True):
        field = tags.get(_sorted_tag(tag)) or spellings.get(normalise(column))
        if field and field not in skip:
            found[column] = field
    return found


def _by_canonical_name(look: Look, kind: Kind) -> dict[str, str]:
    """Columns that bear our own names, which win over a source's; any file may have a column "id" of its own."""
    return {c: name for c in look.columns if (name := c.strip().lower()) in kind.field_by_name and name != "id"}


@cache
def _spellings(kind: Kind) -> dict[str, str]:
    """Folded header -> field of this kind; canonical names before aliases, earlier fields first."""
    result = {s: name for name, spellings in PLACE_SPELLINGS.items() for s in spellings}
    for field in reversed(kind.fields):
        result |= dict.fromkeys(field.spellings, field.name)
    return result | {normalise(f.name): f.name for f in kind.fields}


@cache
def _tags(kind: Kind) -> dict[str, str]:
    fields = {_sorted_tag(tag): field.name for field in reversed(kind.fields) for tag in field.hxl}
    return {_sorted_tag(tag): name for tag, name in PLACE_HXL.items()} | fields


def _sorted_tag(tag: str) -> str:
    """HXL attributes may stand in any order; P-codes are `+code` or `+pcode`."""
    name, *attributes = tag.replace(" ", "").lower().replace("+pcode", "+code").split("+")
    return "+".join([name, *sorted(attributes)])


@cache
def _weights() -> Counter[str]:
    """Folded header -> in how many kinds it means something."""
    return Counter(spelling for kind in KINDS for spelling in _spellings(kind))


def _score(look: Look, kind: Kind) -> float:
    if look.geometries and not look.geometries & set(kind.places):
        return 0.0
    columns = {field: column for column, field in reversed(_by_spelling(look, kind).items())}
    counts = _weights()
    # What every kind has (a name, a P-code) tells little; what one kind has tells much.
    weight = sum(1 / max(1, counts[normalise(c)]) for f, c in columns.items() if f not in PLACE_SPELLINGS)
    words = f" {normalise(look.file)} "
    named = any(f" {normalise(w)}" in words for w in (kind.id, kind.label, kind.singular))
    return weight + (0.5 if named else 0.0)


def _best_kind(look: Look) -> tuple[Kind, float]:
    scores = sorted(((_score(look, k), k) for k in KINDS if k.id != "other"), key=lambda s: -s[0])
    (best, kind), (second, rival) = scores[0], scores[1]
    if best < LEAST_SCORE or best - second < 0.1:
        near = f" (nearest: {kind.id}, {rival.id})" if best else ""
        raise UnknownKind(
            look.file,
            f"the columns {', '.join(look.columns[:8])}, which fit no kind of layer surely{near}",
            f"columns of one of: {', '.join(k.id for k in KINDS)}",
            "Say what it is with --kind KIND, and which column is which with --mapping FILE.",
        )
    return kind, min(0.95, best / (best + second))
