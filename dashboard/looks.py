"""How records are drawn: many share one look, so a look is said once and each record names it.

A look is a small mapping that the browser reads: ``r``, the radius of the symbol in pixels;
of roads ``c``, the colour of their state, ``d``, its dashes, and ``s``, its shape. What else a
record can look like is one more entry of `PARTS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.kind import Kind
from layers.road_states import has_states

Part = Callable[[gpd.GeoDataFrame, Kind], npt.NDArray[Any]]


@dataclass(frozen=True)
class Looks:
    """The looks of a layer's rows.

    Attributes
    ----------
    table : tuple of dict
        Each look once.
    index : array of uint16, shape (rows,)
        Which of them each row has.
    """

    table: tuple[dict[str, object], ...]
    index: npt.NDArray[np.uint16]


def looks_of(frame: gpd.GeoDataFrame, kind: Kind) -> Looks:
    """The looks of these rows, in their order."""
    index, kept = np.zeros(len(frame), np.int64), [dict[str, object]()]
    for key, part in PARTS:
        codes, values = pd.factorize(part(frame, kind))
        seen, index = np.unique(index * (len(values) + 1) + codes + 1, return_inverse=True)
        kept = [
            {**kept[int(pair) // (len(values) + 1)], **said}
            for pair in seen
            for said in [_said(key, values, int(pair) % (len(values) + 1) - 1)]
        ]
    return Looks(tuple(kept), index.astype(np.uint16))


def _said(key: str, values: npt.NDArray[Any], code: int) -> dict[str, object]:
    """One part of a look; nothing where the row has none."""
    return {} if code < 0 else {key: values[code].item() if isinstance(values[code], np.generic) else values[code]}


def radii(frame: pd.DataFrame, kind: Kind) -> npt.NDArray[np.float64]:
    """Symbol radius in pixels, to a tenth: area grows with the figure that the kind is sized by."""
    if kind.style.size_by is None:
        return np.full(len(frame), 5.0)
    values = frame[kind.style.size_by].astype("Float64").fillna(0).to_numpy(dtype=float)
    scale = 25.0 if kind.style.size_by == "fatalities" else 25000.0
    smallest, largest = (3.2, 9.0) if kind.style.size_by == "fatalities" else (3.5, 13.0)
    return np.round(smallest + (largest - smallest) * np.sqrt(np.clip(values / scale, 0, 1)), 1)


ROAD_LOOKS: dict[str, dict[str, str]] = {
    "open": {"c": "road_open"},
    "restricted": {"c": "road_restricted", "d": "9 5", "s": "triangle"},
    "closed": {"c": "road_closed", "d": "3 5", "s": "cross"},
}
"""How a state of a road is drawn; one that is not known in grey."""


def road_part(key: str) -> Part:
    """A part of the look of roads, by their state: in each a colour and a shape, for eyes and prints without colour."""

    def part(frame: gpd.GeoDataFrame, kind: Kind) -> npt.NDArray[Any]:
        if not has_states(kind):
            return np.full(len(frame), None, dtype=object)
        said = {state: look.get(key) for state, look in ROAD_LOOKS.items()}
        unknown = "muted" if key == "c" else None
        states = frame["road_state"].to_numpy(dtype=object, na_value=None)
        return np.array([said.get(state, unknown) for state in states], dtype=object)

    return part


PARTS: tuple[tuple[str, Part], ...] = (("r", radii), *((key, road_part(key)) for key in ("c", "d", "s")))
