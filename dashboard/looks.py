"""How records are drawn: many share one look, so a look is said once and each record names it.

A look is a small mapping that the browser reads (`Overlay.paint` in static/overlay-symbols.js):
``r`` radius of the symbol in pixels, ``h`` the radius that the high estimate would have,
``g`` pictogram, ``q`` military symbol and ``n`` the name beside it, ``c`` colour, ``s`` shape,
``d`` dashes of a line, ``u`` how far from its place the record may lie, metres (-1: not known).
What else a record can look like is one more entry of `PARTS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from dashboard.classes import NOT_STATED, classes_of, figures
from layers.kind import Kind, Symbol
from layers.layer_style import SAME, LayerStyle

Part = Callable[[gpd.GeoDataFrame, Kind, LayerStyle], npt.NDArray[Any]]
LONGEST_NAME = 28  # characters beside a military symbol
SYMBOL = "symbol"
LARGEST = {"fatalities": 25.0, "population": 25_000.0}
"""Figures at which a symbol is as large as it gets, the same for every layer."""
UNSURE = frozenset({"near", "area", "region"})


@dataclass(frozen=True)
class Looks:
    """The looks of a layer's rows.

    Attributes
    ----------
    table : tuple of dict
        Each look once.
    index : array of uint32, shape (rows,)
        Which of them each row has.
    """

    table: tuple[dict[str, object], ...]
    index: npt.NDArray[np.uint32]


def looks_of(frame: gpd.GeoDataFrame, kind: Kind, style: LayerStyle = LayerStyle()) -> Looks:  # noqa: B008 - frozen
    """The looks of these rows, in their order."""
    index, kept = np.zeros(len(frame), np.int64), [dict[str, object]()]
    for key, part in PARTS:
        codes, values = pd.factorize(part(frame, kind, style))
        seen, index = np.unique(index * (len(values) + 1) + codes + 1, return_inverse=True)
        kept = [
            {**kept[int(pair) // (len(values) + 1)], **said}
            for pair in seen
            for said in [_said(key, values, int(pair) % (len(values) + 1) - 1)]
        ]
    return Looks(tuple(_with_symbol(look, kind) for look in kept), index.astype(np.uint32))


def _said(key: str, values: npt.NDArray[Any], code: int) -> dict[str, object]:
    """One part of a look; nothing where the row has none."""
    return {} if code < 0 else {key: values[code].item() if isinstance(values[code], np.generic) else values[code]}


def symbol_numbers(frame: pd.DataFrame, kind: Kind) -> npt.NDArray[np.int16]:
    """Which of its kind's symbols each row has, the first that it meets; -1 for none."""
    symbols = kind.style.symbols
    coded = {name: pd.factorize(frame[name]) for symbol in symbols for name in symbol.when}
    numbers = np.full(len(frame), -1, np.int16)
    for number, symbol in reversed(list(enumerate(symbols))):
        met = np.ones(len(frame), bool)
        for name, value in symbol.when.items():
            codes, values = coded[name]
            met &= codes == (list(values).index(value) if value in values else -2)
        numbers[met] = number
    return numbers


def _symbol_codes(frame: pd.DataFrame, kind: Kind, style: LayerStyle) -> npt.NDArray[np.float64]:
    """The same, NaN for none."""
    numbers = symbol_numbers(frame, kind).astype(float)
    return np.where(numbers < 0, np.nan, numbers)


def _with_symbol(look: dict[str, object], kind: Kind) -> dict[str, object]:
    """A look that says what its symbol looks like in place of its number.

    A colour that was chosen goes before that of the symbol, and before a military frame, which has its own.
    """
    number = look.pop(SYMBOL, None)
    if not isinstance(number, float):
        return look
    return {**symbol_look(kind.style.symbols[int(number)], str(look.get("c", ""))), **look}


def symbol_look(symbol: Symbol, colour: str = "") -> dict[str, object]:
    """What a symbol looks like, as a part of a look; in a colour that was chosen, without its military frame."""
    said = {"g": symbol.glyph, "q": "" if colour else symbol.sidc, "c": colour or symbol.token, "s": symbol.shape,
            "d": symbol.dash}  # fmt: skip
    return {key: value for key, value in said.items() if value}


def names_beside(frame: pd.DataFrame, kind: Kind, style: LayerStyle) -> npt.NDArray[Any]:
    """What stands beside a military symbol, cut to `LONGEST_NAME`."""
    named = np.full(len(frame), None, object)
    if not any(symbol.named_by for symbol in kind.style.symbols):
        return named
    numbers = symbol_numbers(frame, kind)
    for number, symbol in enumerate(kind.style.symbols):
        if symbol.named_by:
            rows = np.flatnonzero(numbers == number)
            texts = frame[symbol.named_by].iloc[rows]
            named[rows] = [text[:LONGEST_NAME] if isinstance(text, str) else None for text in texts]
    return named


def _sized_by(kind: Kind, style: LayerStyle) -> str:
    return "" if style.size_by == SAME else style.size_by or kind.style.size_by or ""


def _radius(values: npt.NDArray[np.float64], sized: str, style: LayerStyle) -> npt.NDArray[np.float64]:
    """Area grows with the figure, up to one that all layers share, or to the largest of another figure."""
    known = np.clip(np.nan_to_num(values), 0, None)
    largest = LARGEST.get(sized) or max(float(known.max(initial=0.0)), 1.0)
    low, high = (3.2, 9.0) if sized == "fatalities" else (3.5, 13.0)
    return np.round((low + (high - low) * np.sqrt(np.clip(known / largest, 0, 1))) * style.scale, 1)


def radii(frame: pd.DataFrame, kind: Kind, style: LayerStyle) -> npt.NDArray[np.float64]:
    """Symbol radius in pixels, to a tenth."""
    sized = _sized_by(kind, style)
    return _radius(figures(frame, sized), sized, style) if sized else np.full(len(frame), 5.0 * style.scale)


def high_radii(frame: pd.DataFrame, kind: Kind, style: LayerStyle) -> npt.NDArray[np.float64]:
    """The radius that the high estimate would have; NaN where it is not higher than the best."""
    sized = _sized_by(kind, style)
    high = kind.field_by_name[sized].high if sized in kind.field_by_name else ""
    if not high:
        return np.full(len(frame), np.nan)
    radius = _radius(figures(frame, high), sized, style)
    return np.where(radius > radii(frame, kind, style), radius, np.nan)


def colours(frame: pd.DataFrame, kind: Kind, style: LayerStyle) -> npt.NDArray[Any]:
    """The colour of the class that each row is in; grey where its figure is not stated, None where none is asked."""
    if not style.field:
        return np.full(len(frame), style.colour or None, object)
    values = figures(frame, style.field)
    classes = classes_of(values, style)
    return np.array([*(classes.colours if classes else ()), NOT_STATED], object)[
        classes.of(values) if classes else np.full(len(frame), -1)
    ]


def uncertainties(frame: pd.DataFrame, kind: Kind, style: LayerStyle) -> npt.NDArray[np.float64]:
    """Metres, to two digits, within which a record may lie that is not known to the point; NaN for one that is.

    -1 where it is not known how far.
    """
    if "place_radius_m" not in kind.names:
        return np.full(len(frame), np.nan)
    radius = frame["place_radius_m"].astype("Float64").fillna(-1).to_numpy(dtype=float)
    sizes, which = np.unique(radius, return_inverse=True)
    rounded = np.array([float(f"{size:.2g}") for size in sizes])[which]
    unsure = frame["place_precision"].isin(UNSURE).fillna(False).to_numpy(dtype=bool) & (radius != 0)
    return np.where(unsure | (radius > 0), rounded, np.nan)


PARTS: tuple[tuple[str, Part], ...] = (
    ("r", radii),
    ("h", high_radii),
    ("c", colours),
    (SYMBOL, _symbol_codes),
    ("n", names_beside),
    ("u", uncertainties),
)
