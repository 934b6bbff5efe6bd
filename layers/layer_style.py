"""How a layer is drawn where people chose otherwise than its kind does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from pydantic import TypeAdapter, ValidationError

from layers.errors import WrongParameter
from layers.kind import Field, Kind
from layers.schema import ATTRIBUTE_PREFIX

Scheme = Literal["quantiles", "equal_steps", "natural_breaks", "round_numbers"]
SCHEMES: dict[str, str] = {
    "quantiles": "as many records in each",
    "equal_steps": "equal steps",
    "natural_breaks": "natural breaks",
    "round_numbers": "round numbers",
}
PALETTES: dict[str, str] = {
    "YlOrRd": "yellow to red",
    "YlGnBu": "yellow to blue",
    "PuRd": "pale to magenta",
    "Greys": "greys, for print",
}
"""Sequential ramps of ColorBrewer that colour-blind eyes can follow, for they run from light to dark."""
COLOURS: dict[str, str] = {
    "activity": "teal",
    "incident": "magenta",
    "idp": "violet",
    "risk": "amber",
    "facility": "olive",
    "other": "brown",
    "settlement": "grey",
}
FEWEST_CLASSES, MOST_CLASSES = 3, 7
LARGEST_SYMBOL = 3.0


@dataclass(frozen=True)
class LayerStyle:
    """What was chosen for a layer; as it stands here, the style of its kind.

    Attributes
    ----------
    draw : {"symbols", "hexagons"}
        Each record, or how many stand in each hexagon.
    colour : str
        One of `COLOURS` for all; empty for that of the kind.
    field : str
        A figure that gives the colour, in classes (a column of the sender's own by its prefix); empty for none.
    scheme, classes, palette
        How those classes are made: of all records of the version, whatever is filtered (of hexagons: of the counts
        that are shown).
    size_by : str
        A figure that gives the size; ``same`` for one size; empty for that of the kind.
    scale : float
        By how much symbols are larger than usual.
    """

    draw: Literal["symbols", "hexagons"] = "symbols"
    colour: str = ""
    field: str = ""
    scheme: Scheme = "quantiles"
    classes: int = 5
    palette: str = "YlOrRd"
    size_by: str = ""
    scale: float = 1.0

    def text(self) -> str:
        """One text form, the same for equal styles; empty for that of the kind."""
        return "" if self == LayerStyle() else _ADAPTER.dump_json(self, exclude_defaults=True).decode()


SAME = "same"
_ADAPTER = TypeAdapter(LayerStyle)


def parse_style(text: str, kind: Kind) -> LayerStyle:
    """Read back what `LayerStyle.text` wrote, for a layer of a kind.

    Raises
    ------
    WrongParameter
        When it is not of that form, or names what the kind does not have.
    """
    if not text:
        return LayerStyle()
    try:
        style = _ADAPTER.validate_json(text)
    except ValidationError as error:
        raise _refused(f"{error.error_count()} unusable part(s)", "a style") from error
    figures = {field.name for field in figures_of(kind)} | {
        name for name in (style.field, style.size_by) if name.startswith(ATTRIBUTE_PREFIX)
    }
    for name, value, allowed in (
        ("colour", style.colour, {"", *COLOURS}),
        ("field", style.field, {"", *figures}),
        ("palette", style.palette, set(PALETTES)),
        ("scheme", style.scheme, set(get_args(Scheme))),
        ("size", style.size_by, {"", SAME, *figures}),
    ):
        if value not in allowed:
            raise _refused(f'{name} "{value[:40]}"', f"one of {', '.join(sorted(filter(None, allowed)))}")
    if not FEWEST_CLASSES <= style.classes <= MOST_CLASSES:
        raise _refused(f"{style.classes} classes", f"{FEWEST_CLASSES} to {MOST_CLASSES}")
    if not 1 / LARGEST_SYMBOL <= style.scale <= LARGEST_SYMBOL:
        raise _refused(f"symbols {style.scale:g} times as large", f"a third to {LARGEST_SYMBOL:g} times")
    return style


def _refused(found: str, expected: str) -> WrongParameter:
    return WrongParameter("style of a layer", found, expected, "Choose its style anew in the filter bar.")


def figures_of(kind: Kind) -> tuple[Field, ...]:
    """The fields of a kind that hold a figure by which records can be coloured or sized."""
    return tuple(f for f in kind.fields if f.type in ("integer", "number") and f.name not in _NOT_FIGURES)


_NOT_FIGURES = frozenset({"place_radius_m"})
