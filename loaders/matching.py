"""Columns to fields: by spelling and HXL tag first, then by what is nearly spelled so, then by content.

Each match has a confidence: our own name 1.0, an HXL tag 0.9, a spelling that a kind lists
0.8, such a spelling with something around it 0.7, a misspelling 0.5 to 0.7, content 0.3 to
0.6. What is weak fills only what names left open: it never overrules, a field never gets
two weak guesses, and an even tie is no evidence. Columns about persons are never mapped.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import cache, lru_cache

from layers.kind import Kind, normalise
from layers.kinds import KINDS
from loaders.evidence import guesses, normalised
from loaders.places import PLACE_HXL, PLACE_SPELLINGS
from loaders.sources.source import Look

CANONICAL, BY_SOURCE, BY_TAG, BY_ALIAS, LOOSELY = 1.0, 0.95, 0.9, 0.8, 0.7
Matches = dict[str, tuple[str, float]]  # column -> field and confidence

# Sum of column weights from which a kind is proposed: about one header that only it knows.
LEAST_SCORE = 0.75
# From which likeness, of 100, a header counts as misspelled, and how short it may be.
ALIKE, LEAST_LETTERS = 88, 5
# Words that are one letter from a spelling of ours and mean something else.
OTHER_WORDS = frozenset(
    {"altitude", "elevation", "country", "county", "countries", "males", "female", "females", "states", "date of birth"}
)
BRACKETS = re.compile(r"[(\[{][^)\]}]*[)\]}]")


def match_names(look: Look, kind: Kind, skip: frozenset[str] = frozenset()) -> Matches:
    """Columns whose tag or header a field of the kind lists.

    Parameters
    ----------
    skip : frozenset of str
        Fields that are not to be matched.
    """
    names, spelled, tags = kind.field_by_name, spellings(kind), _tags(kind)
    hxl = look.hxl or ("",) * len(look.columns)
    found: Matches = {}
    for column, tag in zip(look.columns, hxl, strict=True):
        plain = column.strip().lower()
        by_tag, by_header = tags.get(_sorted_tag(tag)), spelled.get(normalised(column))
        if plain in names and plain not in skip:
            found[column] = (plain, CANONICAL)
        elif by_tag and by_tag not in skip:
            found[column] = (by_tag, BY_TAG)
        elif by_header and by_header not in skip:
            found[column] = (by_header, BY_ALIAS)
    return found


def match_weakly(
    look: Look, kind: Kind, known: Matches, skip: frozenset[str] = frozenset(), *, content: bool = True
) -> Matches:
    """Guesses for the columns and the fields that names left open: the best for each field, none in a tie.

    Parameters
    ----------
    content : bool
        Whether misspelled headers and what stands in the columns count; where a source's
        layout is known they can only mislead.
    """
    taken = {field for field, _ in known.values()} | skip
    personal = personal_headers(look.columns)
    left = [column for column in look.columns if column not in known and column not in personal]
    weak: list[tuple[float, str, str]] = []
    for step in (_loosely, _misspelled, guesses) if content else (_loosely,):
        weak += [(c, column, field) for column, (field, c) in step(look, kind, left).items() if field not in taken]
    return _one_each(weak)


def _one_each(weak: Iterable[tuple[float, str, str]]) -> Matches:
    """The surest guess of each field, unless two are equally sure; and one field a column."""
    found: Matches = {}
    by_field: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for confidence, column, field in weak:
        by_field[field].append((confidence, column))
    for field, offers in sorted(by_field.items(), key=lambda item: -max(item[1])[0]):
        free = sorted({c: s for s, c in sorted(offers) if c not in found}.items(), key=lambda item: -item[1])
        if free and (len(free) == 1 or free[0][1] > free[1][1]):
            found[free[0][0]] = (field, free[0][1])
    return found


def _loosely(look: Look, kind: Kind, left: list[str]) -> Matches:
    """Headers that are spelled so once what stands in brackets, or the group of a form, is taken off."""
    spelled = spellings(kind)
    found: Matches = {}
    for column in left:
        bare = (BRACKETS.sub(" ", column), re.split(r"/|::|\s-\s", column)[-1])
        field = next((spelled[n] for form in bare if (n := normalised(form)) in spelled), None)
        if field is not None:
            found[column] = (field, LOOSELY)
    return found


def _misspelled(look: Look, kind: Kind, left: list[str]) -> Matches:
    """Headers that are nearly spelled like one of ours, figures alike."""
    from rapidfuzz import fuzz, process

    spelled, words = spellings(kind), _long_spellings(kind)
    known = known_spellings()
    found: Matches = {}
    for column in left:
        folded = normalised(column)
        if len(folded) < LEAST_LETTERS or folded in known or folded in OTHER_WORDS:
            continue
        near = process.extractOne(folded, words, scorer=fuzz.ratio, score_cutoff=ALIKE)
        if near is not None and re.findall(r"\d", folded) == re.findall(r"\d", near[0]):
            found[column] = (spelled[near[0]], round(0.5 + 0.2 * (near[1] - ALIKE) / (100 - ALIKE), 2))
    return found


@lru_cache(maxsize=16)
def personal_headers(columns: tuple[str, ...]) -> frozenset[str]:
    """Headers that speak of persons."""
    import numpy as np

    from loaders.personal import personal_columns
    from loaders.raw import RawLayer, text_array

    nothing = RawLayer("", columns, [text_array([])] * len(columns), np.array([], dtype=np.int64))
    return frozenset(personal_columns(nothing, frozenset()))


@cache
def spellings(kind: Kind) -> dict[str, str]:
    """Folded header -> field of this kind; canonical names before aliases, earlier fields first."""
    result = {s: name for name, listed in PLACE_SPELLINGS.items() for s in listed}
    for field in reversed(kind.fields):
        result |= dict.fromkeys(field.spellings, field.name)
    return result | {normalise(f.name): f.name for f in kind.fields}


@cache
def _long_spellings(kind: Kind) -> list[str]:
    return [s for s in spellings(kind) if len(s) >= LEAST_LETTERS]


@cache
def known_spellings() -> frozenset[str]:
    """Every header that means something in some kind: it is not a misspelling of another."""
    return frozenset(spelling for kind in KINDS for spelling in spellings(kind))


@cache
def _tags(kind: Kind) -> dict[str, str]:
    fields = {_sorted_tag(tag): field.name for field in reversed(kind.fields) for tag in field.hxl}
    return {_sorted_tag(tag): name for tag, name in PLACE_HXL.items()} | fields


def _sorted_tag(tag: str) -> str:
    """HXL attributes may stand in any order; P-codes are `+code` or `+pcode`, figures `+num`."""
    name, *attributes = tag.replace(" ", "").lower().replace("+pcode", "+code").split("+")
    return "+".join([name, *sorted({a for a in attributes if a not in ("num", "en", "fr")})])


@cache
def _weights() -> Counter[str]:
    """Folded header -> in how many kinds it means something."""
    return Counter(spelling for kind in KINDS for spelling in spellings(kind))


def _score(look: Look, kind: Kind) -> float:
    """How much of the table this kind explains."""
    if look.geometries and not look.geometries & set(kind.places):
        return 0.0
    named = match_names(look, kind)
    columns = {field: column for column, (field, _) in reversed(named.items())}
    counts = _weights()
    # What every kind has (a name, a P-code) tells little; what one kind has tells much.
    weight = sum(1 / max(1, counts[normalised(c)]) for f, c in columns.items() if f not in PLACE_SPELLINGS)
    words = f" {normalise(look.file)} {normalise(look.layer)} "
    called = any(f" {normalise(w)}" in words for w in (kind.id, kind.label, kind.singular))
    return weight + (0.5 if called else 0.0)


def _weak_score(look: Look, kind: Kind) -> float:
    """What guesses add: never more than two sure columns would."""
    if look.geometries and not look.geometries & set(kind.places):
        return 0.0
    weak = match_weakly(look, kind, match_names(look, kind)).values()
    return min(1.5, sum(confidence / 2 for field, confidence in weak if field not in PLACE_SPELLINGS))


def best_kind(look: Look) -> tuple[Kind | None, Kind | None, float]:
    """The kind that explains the table best, the next one, and the confidence; no kind below the bar."""
    scores = sorted(((_score(look, k), k) for k in KINDS if k.id != "other"), key=lambda s: -s[0])
    if not _clear(scores[0][0], scores[1][0]):
        scores = sorted(((s + _weak_score(look, k), k) for s, k in scores), key=lambda s: -s[0])
    (best, kind), (second, rival) = scores[0], scores[1]
    if not _clear(best, second):
        return None, kind if best else None, 0.0
    return kind, rival, min(0.95, best / (best + second))


def _clear(best: float, second: float) -> bool:
    return best >= LEAST_SCORE and best - second >= 0.1
