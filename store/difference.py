"""What changed between two versions of a layer, and how an update by id is laid in."""

from __future__ import annotations

from collections import Counter

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layers.kind import Kind
from layers.schema import ROW, attribute_columns, conform
from store.records import Difference


def difference(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, kind: Kind, *, by_id: bool) -> Difference:
    """Rows that came, changed or went.

    Parameters
    ----------
    old, new : GeoDataFrame
        Canonical frames of one kind.
    by_id : bool
        False when ids are only row numbers: then rows are told apart by what they say,
        and nothing is ever "changed".
    """
    columns = sorted({*kind.names, *attribute_columns(old), *attribute_columns(new)} - {"id"})
    if not by_id:
        return _by_content(_cells(old, columns), _cells(new, columns))
    before, after = _cells(old, columns), _cells(new, columns)
    common = after.index.intersection(before.index, sort=False)
    same = _equal(before.loc[common], after.loc[common])
    return Difference(
        added=tuple(after.index.difference(before.index, sort=False)),
        changed=tuple(common[~same]),
        withdrawn=tuple(before.index.difference(after.index, sort=False)),
    )


def laid_over(old: gpd.GeoDataFrame, update: gpd.GeoDataFrame, kind: Kind) -> gpd.GeoDataFrame:
    """`old` with the rows of `update` in the place of those with the same id, new ones after."""
    kept = old[~old["id"].isin(update["id"])]
    place = pd.Series(np.arange(len(old)), index=old["id"])
    order = pd.concat([place.reindex(kept["id"]), place.reindex(update["id"])]).to_numpy(dtype=float)
    both = pd.concat([pd.DataFrame(kept), pd.DataFrame(update)], ignore_index=True)
    return conform(both.iloc[np.argsort(order, kind="stable")].reset_index(drop=True), kind)


def _cells(frame: gpd.GeoDataFrame, columns: list[str]) -> pd.DataFrame:
    cells = pd.DataFrame(frame.drop(columns=[ROW, "geometry"], errors="ignore")).set_index("id")
    return cells.reindex(columns=columns).assign(geometry=shapely.to_wkb(frame.geometry.to_numpy(), hex=True))


def _equal(one: pd.DataFrame, other: pd.DataFrame) -> npt.NDArray[np.bool_]:
    same = np.ones(len(one), dtype=bool)
    for name in one.columns:
        left, right = one[name].array, other[name].array
        blank_left, blank_right = np.asarray(pd.isna(left)), np.asarray(pd.isna(right))
        equal = np.zeros(len(one), dtype=bool)
        both = ~blank_left & ~blank_right
        equal[both] = np.asarray(left[both] == right[both], dtype=bool)
        same &= equal | (blank_left & blank_right)
    return same


def _by_content(old: pd.DataFrame, new: pd.DataFrame) -> Difference:
    old_content = pd.util.hash_pandas_object(old.astype("str"), index=False)
    new_content = pd.util.hash_pandas_object(new.astype("str"), index=False)
    return Difference(added=_surplus(new_content, old_content), withdrawn=_surplus(old_content, new_content))


def _surplus(rows: pd.Series, others: pd.Series) -> tuple[str, ...]:
    left = Counter(others.tolist())
    surplus = []
    for row_id, content in zip(rows.index, rows.tolist(), strict=True):
        if left[content]:
            left[content] -= 1
        else:
            surplus.append(str(row_id))
    return tuple(surplus)
