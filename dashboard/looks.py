"""How records are drawn: many share one look, so a look is said once and each record names it.

A look is a small mapping that the browser reads: ``r``, the radius of the symbol in pixels.
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

from layers.kind import Kind

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


PARTS: tuple[tuple[str, Part], ...] = (("r", radii),)
