"""What stands in a column as evidence of its field: P-codes, dates, degrees, coded values, grid references."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from layers.kind import Field, Kind, normalise
from loaders.places import PLACE_SPELLINGS
from loaders.sources.source import Look

LEAST_SAMPLES = 2
MOST_CODES, LONGEST_CODE = 15, 40
PCODE = re.compile(r"[A-Z]{2,3}\d{2,12}$")
DATE = re.compile(r"(?:19|20)\d{2}-\d{2}-\d{2}(?:[T ].*)?$|\d{1,2}/\d{1,2}/(?:19|20)\d{2}$")
NUMBER = re.compile(r"-?\d{1,3}(?:[.,]\d+)?$")
GEOPOINT = re.compile(r"-?\d{1,2}\.\d+[ ,;]+-?\d{1,3}\.\d+(?:[ ,;]+-?\d+(?:\.\d+)?){0,2}$")
MGRS = re.compile(
    r"\d{1,2}\s?[C-HJ-NP-X]\s?[A-HJ-NP-Z]{2}\s?(?:\d{2}|\d{4}|\d{6}|\d{8}|\d{10}|\d+\s\d+)$", re.IGNORECASE
)
AXES = {
    "latitude": (90, re.compile(r"\blat(?:itude)?\b|\by\b|\bnorthing\b")),
    "longitude": (180, re.compile(r"\blon(?:g|gitude)?\b|\blng\b|\bx\b|\beasting\b")),
}
DATE_WORDS = re.compile(r"\b(?:dates?|day|jour|fecha|when|on)\b|تاريخ")
# Headers of identifiers, which may look like P-codes.
ID_WORDS = re.compile(r"\b(?:guid|uuid|id|ids|key|ref|reference|event|site|project|name)\b")
CODE_WORDS = re.compile(r"\b(?:p ?codes?|codes?|pcod|cod)\b")
# Figures of a P-code behind the letters: two for admin 1, up to five for admin 2.
CODE_FIELDS = ((2, "admin1_code"), (5, "admin2_code"), (12, "admin3_code"))
# Words that many coded fields know: they tell nothing of which.
COMMON = frozenset({"yes", "no", "other", "unknown", "open", "closed", "active", "none", "n a", "1", "2", "3"})


@dataclass(frozen=True)
class Content:
    """What the cells of a column are, whatever the kind.

    Attributes
    ----------
    place : str
        Of `PLACE_SPELLINGS`; empty when they are no places.
    code : str
        The P-code field that they fit.
    dates : bool
    words : frozenset of str
        Folded values, where they are few and short enough to be codes.
    """

    place: str = ""
    code: str = ""
    dates: bool = False
    words: frozenset[str] = frozenset()


def guesses(look: Look, kind: Kind, left: list[str]) -> dict[str, tuple[str, float]]:
    """Column -> field and confidence, 0.3 to 0.6, from the first filled cells."""
    found = {}
    for column in left:
        guess = _guess(normalised(column), content_of(column, look.samples.get(column, ())), kind)
        if guess is not None:
            found[column] = guess
    return found


# The same columns are held against every kind.
normalised = lru_cache(maxsize=4096)(normalise)


@lru_cache(maxsize=4096)
def content_of(column: str, samples: tuple[str, ...]) -> Content:
    """Look at the cells of one column."""
    shown = [s for sample in samples if (s := sample.strip())]
    if len(shown) < LEAST_SAMPLES:
        return Content()
    header = normalise(column)
    place = _place(header, shown)
    if place:
        return Content(place=place)
    if not ID_WORDS.search(header) and all(PCODE.match(s) for s in shown) and len({s[:2] for s in shown}) == 1:
        figures = max(sum(c.isdigit() for c in s) for s in shown)
        return Content(code=next((name for most, name in CODE_FIELDS if figures <= most), ""))
    if all(DATE.match(s) for s in shown):
        return Content(dates=True)
    few = len(set(shown)) <= MOST_CODES and max(map(len, shown)) <= LONGEST_CODE
    return Content(words=frozenset(map(normalise, shown)) if few else frozenset())


def _place(header: str, shown: list[str]) -> str:
    for axis, (bound, words) in AXES.items():
        decimals = any(mark in s for s in shown for mark in ".,")
        if words.search(header) and decimals and all(_degrees(s, bound) for s in shown):
            return axis
    patterns = {"geopoint": GEOPOINT, "mgrs": MGRS}
    return next((p for p, form in patterns.items() if p in PLACE_SPELLINGS and all(form.match(s) for s in shown)), "")


def _guess(header: str, content: Content, kind: Kind) -> tuple[str, float] | None:
    if content.place:
        return content.place, 0.6 if content.place in AXES else 0.5
    if content.code in kind.field_by_name:
        return content.code, 0.5 if CODE_WORDS.search(header) else 0.4
    if content.dates and kind.starts is not None:
        return kind.starts, 0.5 if DATE_WORDS.search(header) else 0.35
    return _coded(content.words, kind)


def _degrees(text: str, bound: float) -> bool:
    return bool(NUMBER.match(text)) and abs(float(text.replace(",", "."))) <= bound


def _coded(words: frozenset[str], kind: Kind) -> tuple[str, float] | None:
    """The one coded field all of whose values these are."""
    if not words - COMMON:
        return None
    fields = [f.name for f in _coded_fields(kind) if words <= f.choice_by_spelling.keys()]
    return (fields[0], 0.5 if len(words) > 1 else 0.3) if len(fields) == 1 else None


@cache
def _coded_fields(kind: Kind) -> tuple[Field, ...]:
    return tuple(f for f in kind.fields if f.choices)
