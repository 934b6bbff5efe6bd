"""How surely a place is known, as sources write it: a code, a distance, or both in words.

After the ACLED codebook: 1 the place itself, 2 near it, 3 the region's capital stands for
the region. In words, as Insecurity Insight has it: "(2) 25 km precision". Radii in metres.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from loaders.values import without_placeholders

LEADING_CODE = re.compile(r"^\(?([123])\)?(?=$|[\s:.-])(?!\s*(?:k?m|kilomet\w+|met\w+)\b)", re.IGNORECASE)
DISTANCE = re.compile(r"(\d+(?:[.,]\d+)?)\s*(km|kilomet\w+|m|met\w+)\b", re.IGNORECASE)
PRECISION = {"1": "point", "2": "near", "3": "region"}
FIELDS = ("place_precision", "place_radius_m")


@dataclass(frozen=True)
class Place:
    """Texts for both fields, and whether the column said more than they hold."""

    precision: pd.Series
    radius_m: pd.Series
    worded: bool


def read_place_precision(column: pd.Series, *, coded: bool) -> Place:
    """Split one column of text into precision and radius.

    Parameters
    ----------
    coded : bool
        Whether a bare number is a code (place_precision) rather than metres (place_radius_m).
    """
    codes, uniques = pd.factorize(without_placeholders(column))
    place = _read_each(pd.Series(uniques, dtype="str"), coded=coded)
    blank = pd.Series([None], dtype="str")
    precision, radius_m = (
        pd.concat([each, blank]).iloc[codes].set_axis(column.index) for each in (place.precision, place.radius_m)
    )
    return Place(precision, radius_m, place.worded)


def _read_each(stated: pd.Series, *, coded: bool) -> Place:
    bare = stated.str.fullmatch(r"[\d.,\s+-]+").fillna(False)
    code = stated.str.extract(LEADING_CODE, expand=False).mask(bare & (not coded))
    radius_m = _metres(stated).mask(bare)
    near = pd.Series("near", index=stated.index, dtype="str").where(radius_m.notna())
    precision = code.map(PRECISION).astype("str").fillna(near)
    radius_m = radius_m.fillna(pd.Series("0", index=stated.index, dtype="str").where(code == "1"))
    understood = precision.notna()
    if coded:
        precision = precision.fillna(stated)
    else:
        radius_m = radius_m.fillna(stated.mask(understood))
    return Place(precision, radius_m, bool((understood & ~bare).any()))


def _metres(texts: pd.Series) -> pd.Series:
    """The distance in a text, in metres, as text."""
    found = texts.str.extract(DISTANCE)
    number = pd.to_numeric(found[0].str.replace(",", ".", regex=False), errors="coerce")
    metres = number * found[1].str.lower().str.startswith("k").map({True: 1000, False: 1}).astype(float)
    return metres.map(lambda m: f"{m:g}" if m < 1e6 else f"{m:.0f}", na_action="ignore").astype("str")
