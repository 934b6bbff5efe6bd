"""What a source declares: whose columns these are, and what they mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import pandas as pd

from layers.kind import normalise
from layers.report import Finding
from loaders.raw import RawLayer
from loaders.values import by_text


@dataclass(frozen=True)
class Look:
    """What recognition sees of a raw layer.

    Attributes
    ----------
    columns : tuple of str
        The sender's headers.
    hxl : tuple of str
        HXL tags, one per column, or empty.
    geometries : frozenset of str
        Of "point", "line", "polygon": what the file itself holds.
    file : str
        Name of the file.
    overlay : dict
        What a file written by Overlay says of itself.
    title : str
        Title lines above the header.
    samples : dict
        Column -> its first filled cells: evidence where headers say nothing.
    format : str
        Id of the format that read it.
    layer : str
        Name of the layer (sheet, table) inside the file.
    reading : str
        Name of the `Reading` that a source made; empty before that, and for the main one.
    """

    columns: tuple[str, ...]
    hxl: tuple[str, ...] = ()
    geometries: frozenset[str] = frozenset()
    file: str = ""
    overlay: dict[str, Any] = field(default_factory=dict)
    title: str = ""
    samples: dict[str, tuple[str, ...]] = field(default_factory=dict)
    format: str = ""
    layer: str = ""
    reading: str = ""

    @cached_property
    def by_spelling(self) -> dict[str, str]:
        """Folded header -> header; the first of several wins."""
        return {normalise(column): column for column in reversed(self.columns)}

    def has(self, *spellings: str) -> bool:
        """Whether all these folded headers are there."""
        return all(s in self.by_spelling for s in spellings)

    def any_of(self, *spellings: str) -> str | None:
        """The first of these columns that is there."""
        return next((self.by_spelling[s] for s in spellings if s in self.by_spelling), None)

    def mapping(self, fields: dict[str, str]) -> dict[str, str]:
        """Column -> field, from folded header -> field."""
        return {self.by_spelling[s]: name for s, name in fields.items() if s in self.by_spelling}


def in_order(text: str) -> tuple[str, ...]:
    """Headers between commas, as they are written."""
    return tuple(header.strip() for header in text.split(","))


def headers(text: str) -> frozenset[str]:
    """A published layout, folded, from its headers between commas."""
    return frozenset(map(normalise, in_order(text)))


def fit(look: Look, needed: tuple[str, ...], *layouts: frozenset[str], least: float = 0.75) -> float:
    """How surely a table is of one of these layouts.

    0 without the needed columns; from `least` when only they are there to 0.99 when the
    table has all columns of a layout and no others.
    """
    if not look.has(*needed):
        return 0.0
    found = frozenset(look.by_spelling)
    shares = [len(found & wanted) / len(wanted) * (1 - len(found - wanted) / len(found) / 2) for wanted in layouts]
    return round(least + (0.99 - least) * max(shares, default=1.0), 3)


def column(texts: pd.DataFrame, look: Look, *spellings: str) -> pd.Series:
    """The first of these columns as text, or nulls."""
    name = look.any_of(*spellings)
    return texts[name] if name else constant(texts, None)


def by_value(texts: pd.Series, meaning: Callable[[str], Any]) -> pd.Series:
    """What each text means, asked once for each different text; a column of a million rows has few."""
    return by_text(texts, meaning)


def folded(texts: pd.Series) -> pd.Series:
    """Words as `normalise` folds them."""
    return by_value(texts, normalise)


def constant(texts: pd.DataFrame, value: str | None) -> pd.Series:
    """One value in every row."""
    return pd.Series(value, index=texts.index, dtype="str")


def numbered(ids: pd.Series) -> pd.Series:
    """Ids made unique: the second of the same name ends in " (2)"; blank ones stay blank."""
    copies = ids.groupby(ids).cumcount().reindex(ids.index)
    return ids.where((copies == 0) | ids.isna(), ids + " (" + (copies + 1).astype("Int64").astype("str") + ")")


@dataclass(frozen=True)
class Prepared:
    """What a source derives from its own columns: canonical fields as text."""

    columns: dict[str, pd.Series] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


Prepare = Callable[[pd.DataFrame, Look, date | None], Prepared]


@dataclass(frozen=True)
class Reading:
    """One layer that a source makes of a raw layer; most sources make just one.

    Attributes
    ----------
    name : str
        Added to the layer's name, and `Look.reading` from then on; empty for the main one.
    reshape : callable, optional
        ``(RawLayer, Look) -> RawLayer`` of the long form: `rows` may repeat (several records of
        one row of the sender) and `spare` holds the rows that gave none.
    """

    name: str = ""
    reshape: Callable[[RawLayer, Look], RawLayer] | None = None


ONE_READING = (Reading(),)


def nothing_to_prepare(texts: pd.DataFrame, look: Look, as_of: date | None) -> Prepared:
    """For sources whose columns say it all."""
    return Prepared()


@dataclass(frozen=True)
class Source:
    """One publisher's layout.

    Attributes
    ----------
    kind : callable
        ``Look -> kind id``; empty where the layout holds any kind and only the person can say.
    recognise : callable
        ``Look -> confidence``, 0 to 1; 0 when it is not this source.
    mapping : callable
        ``Look -> {column: canonical field}``; `loaders.recognise` adds by spelling what
        it leaves out, and never overrules it.
    prepare : callable
        ``(texts, Look, as_of) -> Prepared``: fields that are computed.
    computes : frozenset of str
        Fields that only `prepare` gives: no column is matched to them by its spelling.
    readings : callable
        ``Look -> tuple of Reading``: the layers made of one raw layer. `kind`, `mapping`
        and `prepare` are then asked with the reshaped columns and `Look.reading` set.
    """

    id: str
    label: str
    kind: Callable[[Look], str]
    recognise: Callable[[Look], float]
    mapping: Callable[[Look], dict[str, str]]
    prepare: Prepare = nothing_to_prepare
    computes: frozenset[str] = frozenset()
    readings: Callable[[Look], tuple[Reading, ...]] = lambda look: ONE_READING
