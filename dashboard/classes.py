"""Figures in classes: where each ends, what it is called, which colour it has."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from branca.utilities import color_brewer

from layers.kind import Kind
from layers.layer_style import FEWEST_CLASSES, LayerStyle
from layers.schema import ATTRIBUTE_PREFIX

Floats = npt.NDArray[np.float64]
NOT_STATED = "muted"
MOST_FOR_BREAKS = 2_000


@dataclass(frozen=True)
class Classes:
    """Classes of a figure, lowest first.

    Attributes
    ----------
    ends : tuple of float
        The highest figure of each; a figure belongs to the first class whose end it does not exceed.
    starts : tuple of float
        The lowest figure that there is in each.
    whole : bool
        Whether all figures are whole numbers.
    colours : tuple of str
    """

    ends: tuple[float, ...]
    starts: tuple[float, ...]
    whole: bool
    colours: tuple[str, ...]

    def of(self, values: Floats) -> npt.NDArray[np.int16]:
        """Which class each figure has; -1 where there is none."""
        numbers = np.searchsorted(np.array(self.ends), values, "left").astype(np.int16)
        return np.where(np.isnan(values), -1, np.minimum(numbers, len(self.ends) - 1)).astype(np.int16)

    def labels(self) -> tuple[str, ...]:
        """Each class in figures, e.g. ``5 to 9``."""
        bounds = [*self.starts, *self.ends]
        digits = next(n for n in range(3, 18) if n == 17 or len({words(v, n) for v in bounds}) == len(set(bounds)))
        written = [f"{value:,.0f}" if self.whole else words(value, digits) for value in bounds]
        ends = zip(written[: len(self.starts)], written[len(self.starts) :], strict=True)
        return tuple(low if low == high else f"{low} to {high}" for low, high in ends)


def words(value: float, digits: int = 3) -> str:
    """A figure to so many digits that count, in full: no exponent.

    >>> words(2165.06), words(0.012345), words(57_735.0)
    ('2,170', '0.0123', '57,700')
    """
    if not value:
        return "0"
    after = digits - 1 - math.floor(math.log10(abs(value)))
    return f"{round(value, after):,.{max(after, 0)}f}"


def figures(frame: pd.DataFrame, field: str) -> Floats:
    """A column as figures, NaN where there is none; columns of the sender's own are text.

    A later file may come without a column that a saved style names: no figure is stated then.
    """
    if field not in frame:
        return np.full(len(frame), np.nan)
    column = frame[field]
    if field.startswith(ATTRIBUTE_PREFIX):
        return pd.to_numeric(column, errors="coerce").to_numpy(dtype=float)
    return column.astype("Float64").to_numpy(dtype=float, na_value=np.nan)


def classes_of(values: Floats, style: LayerStyle) -> Classes | None:
    """Classes of the figures that there are, as the style asks; fewer where figures repeat. None without any."""
    known = values[np.isfinite(values)]
    if not len(known):
        return None
    distinct = np.unique(known)
    ends = distinct if len(distinct) <= style.classes else _ends(known, style)
    last = np.unique(np.searchsorted(distinct, ends, "right")) - 1  # the highest figure in each class
    last = np.unique(np.append(last[last >= 0], len(distinct) - 1))
    ramp = color_brewer(style.palette, max(len(last), FEWEST_CLASSES))[-len(last) :]
    return Classes(
        ends=tuple(distinct[last].tolist()),
        starts=tuple(distinct[np.append(0, last[:-1] + 1)].tolist()),
        whole=bool(np.all(distinct == np.round(distinct))),
        colours=tuple(ramp),
    )


def _ends(known: Floats, style: LayerStyle) -> Floats:
    """Where classes end (`mapclassify`)."""
    import mapclassify

    makers = {
        "quantiles": mapclassify.Quantiles,
        "equal_steps": mapclassify.EqualInterval,
        "natural_breaks": mapclassify.FisherJenks,
        "round_numbers": mapclassify.PrettyBreaks,
    }
    if style.scheme == "natural_breaks" and len(known) > MOST_FOR_BREAKS:
        # The method takes the square of the figures: it is given as many, evenly along their order.
        known = np.quantile(known, np.linspace(0, 1, MOST_FOR_BREAKS), method="nearest")
        if len(np.unique(known)) <= style.classes:
            return known
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # figures that repeat give fewer classes: the legend shows them
        return np.asarray(makers[style.scheme](known, k=style.classes).bins, float)


def field_label(kind: Kind, field: str) -> str:
    """What a figure is called, with its unit."""
    if field.startswith(ATTRIBUTE_PREFIX):
        return field.removeprefix(ATTRIBUTE_PREFIX)
    found = kind.field_by_name[field]
    return f"{found.label}, {found.unit}" if found.unit else found.label
