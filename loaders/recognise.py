"""Which source, which kind, which column is which field, with how much confidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from layers.errors import UnknownKind
from layers.kind import Kind
from layers.kinds import KINDS, kind_of
from loaders.matching import BY_SOURCE, CANONICAL, Matches, best_kind, match_names, match_weakly
from loaders.places import PLACE_SPELLINGS
from loaders.sources import SOURCES, Look, Source

SURE_ENOUGH = 0.5
# From here on a source's layout says what its columns are, and guesses beside it only mislead.
LAYOUT_KNOWN = 0.9


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
        Column -> canonical field, or one of `PLACE_SPELLINGS`. Several columns may name
        one field: validation chooses, and says so.
    confidences : dict
        Column -> 0 to 1, for each column of the mapping; what the person chose is 1.
    """

    source: str
    source_label: str
    confidence: float
    kind: Kind
    mapping: dict[str, str]
    confidences: dict[str, float] = field(default_factory=dict)


def recognise(
    look: Look,
    kind: str | None = None,
    mapping: Mapping[str, str] | None = None,
    source: Source | None = None,
) -> Recognition:
    """Recognise a raw layer.

    Parameters
    ----------
    kind : str, optional
        Kind that the person chose.
    mapping : mapping, optional
        Column -> field that the person chose; it overrules everything. An empty field
        leaves the column unmapped.
    source : Source, optional
        The source, where it is known already; it is not looked for again.

    Raises
    ------
    UnknownKind
        When nothing fits, or the kind does not exist.
    """
    if source is None or not _makes(source, look, kind):
        source = source_of(look, kind)
    if source is not None:
        chosen = kind_of(source.kind(look) or kind or "")
        confidence = source.recognise(look)
        found = _by_source(look, chosen, source, content=confidence < LAYOUT_KNOWN)
    else:
        chosen, confidence = (kind_of(kind), 1.0) if kind else _proposed(look)
        found = match_names(look, chosen)
        found |= match_weakly(look, chosen, found)
    columns = with_choices(look, chosen, {c: f for c, (f, _) in found.items()}, mapping or {})
    own = {c for c, f in (mapping or {}).items() if f}
    return Recognition(
        source=source.id if source else "",
        source_label=source.label if source else "",
        confidence=round(confidence, 2),
        kind=chosen,
        mapping=columns,
        confidences={c: CANONICAL if c in own else found[c][1] for c in columns},
    )


def source_of(look: Look, kind: str | None = None) -> Source | None:
    """The surest source that makes the wanted kind."""
    fitting = [(s.recognise(look), s) for s in SOURCES]
    sure = [(c, s) for c, s in fitting if c >= SURE_ENOUGH and _makes(s, look, kind)]
    return max(sure, key=lambda pair: pair[0], default=(0.0, None))[1]


def _makes(source: Source, look: Look, kind: str | None) -> bool:
    """Whether the source makes this kind; one that makes any kind needs the person to say which."""
    made = source.kind(look)
    return made == kind if kind is not None and made else bool(made or kind)


def _by_source(look: Look, kind: Kind, source: Source, *, content: bool) -> Matches:
    """What the source declares; beside it what is spelled so, and guesses for the rest.

    A column that bears our own name wins over the source's, unless the source computes that
    field (ACLED's `time_precision` is a code of its own); any file may have an "id" of its own.
    """
    known: Matches = {column: (name, BY_SOURCE) for column, name in source.mapping(look).items()}
    declared = frozenset(name for name, _ in known.values())
    named = match_names(look, kind)
    ours = {c: m for c, m in named.items() if m[1] == CANONICAL and m[0] not in source.computes | {"id"}}
    beside = {c: m for c, m in named.items() if m[0] not in source.computes | declared}
    found = ours | beside | known
    return found | match_weakly(look, kind, found, source.computes | declared, content=content)


def with_choices(look: Look, kind: Kind, found: dict[str, str], chosen: Mapping[str, str]) -> dict[str, str]:
    """The mapping with the person's choices laid over it.

    Raises
    ------
    UnknownKind
        When a choice names a column or a field that does not exist.
    """
    fields = {*kind.names, *PLACE_SPELLINGS, ""}
    for column, name in chosen.items():
        if column not in look.columns:
            raise UnknownKind(
                "mapping", f'the column "{column}"', f"one of {', '.join(look.columns)}", "Correct the mapping."
            )
        if name not in fields:
            expected = f"a field of {kind.label}: {', '.join((*kind.names, *PLACE_SPELLINGS))}"
            raise UnknownKind("mapping", f'the field "{name}"', expected, "Correct the mapping.")
    taken = {name for name in chosen.values() if name}
    kept = {c: f for c, f in found.items() if c not in chosen and f not in taken}
    merged = kept | {c: f for c, f in chosen.items() if f}
    return {column: merged[column] for column in look.columns if column in merged}


def _proposed(look: Look) -> tuple[Kind, float]:
    """The kind that the columns propose.

    Raises
    ------
    UnknownKind
        When none is clearly ahead: then the person says.
    """
    kind, rival, confidence = best_kind(look)
    if kind is None:
        near = f" (nearest: {rival.id})" if rival else ""
        raise UnknownKind(
            look.file,
            f"the columns {', '.join(look.columns[:8])}, which fit no kind of layer surely{near}",
            f"columns of one of: {', '.join(k.id for k in KINDS)}",
            "Say what it is with --kind KIND, and which column is which with --mapping FILE; --kind other takes any"
            " file with places, as a layer that is only drawn.",
        )
    return kind, confidence
