"""Likelihood class, and the cell of the 5 x 5 table once an officer has rated the impact."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.rating import Rating
from layers.settings import Settings

LIKELIHOOD = ("very_unlikely", "unlikely", "moderately_likely", "likely", "very_likely")
IMPACT = ("negligible", "minor", "moderate", "severe", "critical")
FEW_REPORTS, NOT_RATED = "few_reports", "not_rated"
CLASSES = (FEW_REPORTS, *LIKELIHOOD)


def likelihoods(
    p_any: pd.Series, few_reports: npt.NDArray[np.bool_], enough: bool, settings: Settings
) -> list[int | None]:
    """Class 1 to 5 of each chance; None is few_reports or no figure.

    Where little is reported the lowest class would claim what nobody knows: it is worded
    few_reports. So is every class where the layer holds too few incidents.
    """
    classes: list[int | None] = []
    for chance, few in zip(p_any, few_reports, strict=True):
        level = None if pd.isna(chance) else bisect_right(settings.likelihood_bounds, chance) + 1
        classes.append(None if not enough or (few and level == 1) else level)
    return classes


def cell(likelihood: int | None, impact: int | None, settings: Settings) -> str | None:
    """The cell of the table; None until both sides are known."""
    return settings.risk_matrix[impact - 1][likelihood - 1] if likelihood and impact else None


def add_likelihood(rows: gpd.GeoDataFrame, enough: bool, settings: Settings) -> None:
    """Likelihood of at least one violent incident as a number and in words."""
    few = rows["few_reports"].to_numpy(dtype=bool)
    levels = likelihoods(rows["p_any"], few, enough, settings)
    rows["likelihood"] = pd.array(levels, dtype="Int64")
    words = [LIKELIHOOD[level - 1] if level else FEW_REPORTS for level in levels]
    placed = rows["p_any"].notna() | few | (not enough)
    rows["likelihood_class"] = pd.Series(words, index=rows.index, dtype="str").where(placed)


def add_ratings(rows: gpd.GeoDataFrame, ratings: Mapping[str, Rating], settings: Settings) -> None:
    """The officer's rating of each activity, and the cell that it makes with the likelihood.

    The officer's likelihood stands in for the computed one, which stays beside it. Without
    a rated impact, and without a likelihood from either, there is no cell.
    """
    given = [ratings.get(str(record)) for record in rows["id"]]
    for name in ("likelihood", "impact"):
        rows[f"rated_{name}"] = pd.array([getattr(rating, name, None) for rating in given], dtype="Int64")
    for column, name in (("rating_reason", "reason"), ("rated_by", "by")):
        rows[column] = pd.Series([getattr(rating, name, None) for rating in given], index=rows.index, dtype="str")
    rows["rated_at"] = pd.Series([rating.at.isoformat() if rating else None for rating in given], dtype="str")
    impacts = [rating.impact if rating else None for rating in given]
    rows["impact_class"] = pd.Series([IMPACT[i - 1] if i else NOT_RATED for i in impacts], dtype="str")
    likely = rows["rated_likelihood"].fillna(rows["likelihood"])
    cells = [
        cell(None if pd.isna(level) else int(level), impact, settings)
        for level, impact in zip(likely, impacts, strict=True)
    ]
    rows["risk_cell"] = pd.Series(cells, index=rows.index, dtype="str")
