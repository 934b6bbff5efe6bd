"""What a kind of layer is made of: fields, filters, symbol.

A `Kind` is declared once, in `layers/kinds/`. The canonical schema, recognition of
columns, validation, filters, legend, popup and exports all follow from it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Literal

FieldType = Literal["text", "code", "integer", "number", "flag", "date", "moment", "picture"]
Shape = Literal["square", "diamond", "circle", "triangle", "hatched", "line", "outline"]
Geometry = Literal["point", "line", "polygon"]


@lru_cache(maxsize=65_536)
def normalise(text: str) -> str:
    """Fold a header or a cell so that spelling variants compare equal.

    Case, accents, byte-order mark, punctuation and runs of white space are folded;
    scripts other than Latin are kept.

    >>> normalise("\\ufeff Date  début*")
    'date debut'
    """
    decomposed = unicodedata.normalize("NFKD", text.replace("\ufeff", ""))
    plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    return re.sub(r"[^\w#+]+|_+", " ", plain.casefold()).strip()


@dataclass(frozen=True)
class Choice:
    """One value of a coded field, with the spellings that mean it."""

    value: str
    label: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Field:
    """One canonical column of a kind.

    Attributes
    ----------
    name : str
        Column name, the field's standard term (see docs/glossary.md).
    type : FieldType
        ``date`` is a calendar day (timezone-naive), ``moment`` an instant in UTC,
        ``picture`` a data URI (`layers.picture`) that only a map shows.
    label : str
        As people read it.
    unit : str
        Empty when it has none.
    aliases : tuple of str
        Headers seen in the wild, any spelling that `normalise` folds to the same.
    hxl : tuple of str
        HXL hashtags that mean this field.
    choices : tuple of Choice
        For ``code`` fields; anything else found is kept aside and reported.
    minimum, maximum : float or None
        Inclusive bounds; outside them the cell is rejected with a Finding.
    required : bool
        A row without it is rejected.
    low, high : str
        For an estimate: the fields that hold the ends of its range.
    """

    name: str
    type: FieldType
    label: str
    unit: str = ""
    aliases: tuple[str, ...] = ()
    hxl: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    required: bool = False
    description: str = ""
    low: str = ""
    high: str = ""

    @cached_property
    def spellings(self) -> frozenset[str]:
        """Every folded header that means this field."""
        return frozenset(normalise(a) for a in (self.name, self.label, *self.aliases))

    @cached_property
    def choice_by_spelling(self) -> dict[str, str]:
        """Folded spelling -> canonical value."""
        return {
            normalise(spelling): choice.value
            for choice in self.choices
            for spelling in (choice.value, choice.label, *choice.aliases)
        }

    def label_of(self, value: str) -> str:
        """The label of a coded value, or the value itself."""
        return next((c.label for c in self.choices if c.value == value), value)


@dataclass(frozen=True)
class Filter:
    """One control in the filter bar; the key in addresses is ``<kind>.<field>``."""

    field: str
    label: str
    control: Literal["choice", "flag"] = "choice"


@dataclass(frozen=True)
class Symbol:
    """How the records of a kind that are alike in some fields are told from the others.

    Attributes
    ----------
    when : mapping of str to str
        Fields and the value that each must have.
    label : str
        As the legend says it.
    glyph : str
        Pictogram within the kind's shape, a name of the Maki set.
    sidc : str
        For what is military: symbol identification code, 20 digits (MIL-STD-2525D, APP-6D), drawn in its frame.
    named_by : str
        Field that stands beside a military symbol.
    token, shape : str
        Colour of the theme and shape; empty for the kind's own.
    dash : str
        Of a line: pixels drawn and left out in turn; empty for a whole line.
    """

    when: dict[str, str] = field(hash=False)
    label: str
    glyph: str = ""
    sidc: str = ""
    named_by: str = ""
    token: str = ""
    shape: str = ""
    dash: str = ""


def symbols_by(
    coded: str, choices: tuple[Choice, ...], glyphs: dict[str, str], special: tuple[Symbol, ...] = ()
) -> tuple[Symbol, ...]:
    """A symbol for each value of a coded field, in the order of its choices; some have no pictogram.

    The `special` ones come first, and stand for the values that they name.
    """
    named = {symbol.when.get(coded) for symbol in special}
    plain = (Symbol({coded: c.value}, c.label, glyphs.get(c.value, "")) for c in choices if c.value not in named)
    return (*special, *plain)


@dataclass(frozen=True)
class Style:
    """Symbol of a kind: one hue and one shape each.

    ``token`` names a colour of the theme; ``size_by`` a field that scales the symbol;
    of ``symbols``, the first that a record meets is drawn in place of the plain shape.
    """

    shape: Shape
    token: str
    size_by: str | None = None
    symbols: tuple[Symbol, ...] = ()


@dataclass(frozen=True)
class Kind:
    """A kind of layer.

    Attributes
    ----------
    entity : str
        Field that names the thing a row speaks of. It differs from ``id`` where one
        thing has several rows (a displacement site has one row a round).
    starts, ends : str or None
        Fields that bound a record in time; a blank end is open when ``open_ended``.
    places : tuple of Geometry
        Geometries it takes. A record without geometry but with a code is kept.
    required_any : tuple of tuple of str
        Each group: at least one of these fields must be filled (``geometry`` counts).
    stale_after_days : float or None
        Age from which the layer is shown as stale.
    """

    id: str
    label: str
    singular: str
    group: str
    fields: tuple[Field, ...]
    filters: tuple[Filter, ...]
    style: Style
    places: tuple[Geometry, ...]
    required_any: tuple[tuple[str, ...], ...] = (("geometry", "admin2_code", "admin1_code"),)
    entity: str = "id"
    title: str = "name"
    starts: str | None = None
    ends: str | None = None
    open_ended: bool = False
    stale_after_days: float | None = None
    default_marking: str = "UNCLASSIFIED"

    @cached_property
    def field_by_name(self) -> dict[str, Field]:
        """Canonical fields by name."""
        return {f.name: f for f in self.fields}

    @cached_property
    def shown_fields(self) -> tuple[Field, ...]:
        """The fields that people read as text: all but pictures."""
        return tuple(f for f in self.fields if f.type != "picture")

    @cached_property
    def pictures(self) -> tuple[str, ...]:
        """Names of the fields that hold a picture: no table, card, export or sample has them."""
        return tuple(f.name for f in self.fields if f.type == "picture")

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Canonical columns, in order, without geometry."""
        return tuple(f.name for f in self.fields)
