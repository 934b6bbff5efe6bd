"""Answers that are kept: bounded in bytes, computed once however many ask at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import geopandas as gpd
import pandas as pd
import shapely
from cachetools import LRUCache, cached

from analysis.method import Result
from dashboard.map_tiles import TileSet
from dashboard.name_index import NameIndex
from layers.dataset import Dataset

P = ParamSpec("P")
T = TypeVar("T")
MEGABYTE = 1_000_000
BYTES_A_VERTEX = 16


_CACHES: list[LRUCache[Any, Any]] = []


def kept(megabytes: int) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Keep the answers of a function, the least used going first beyond so many megabytes."""
    store_of: LRUCache[Any, Any] = LRUCache(megabytes * MEGABYTE, getsizeof=size_of)
    _CACHES.append(store_of)
    return cached(store_of, condition=threading.Condition())


def size_of(value: object) -> int:
    """About how many bytes an answer holds."""
    if isinstance(value, bytes):
        return len(value)
    if isinstance(value, Dataset):
        return _frame_bytes(value.frame)
    if isinstance(value, Result):
        return _frame_bytes(value.rows) + sum(_frame_bytes(shape) for shape in value.shapes.values())
    if isinstance(value, TileSet):
        return 2 * value.nbytes  # its groups, made after it is kept, take less than itself
    if isinstance(value, NameIndex):
        return value.nbytes
    return _frame_bytes(value) if isinstance(value, pd.DataFrame) else 100


def _frame_bytes(frame: pd.DataFrame) -> int:
    size = int(frame.memory_usage(deep=False).sum())
    if isinstance(frame, gpd.GeoDataFrame):
        size += BYTES_A_VERTEX * int(shapely.get_num_coordinates(frame.geometry.to_numpy()).sum())
    return size


def forget_answers() -> None:
    """Empty every cache of answers."""
    for each in _CACHES:
        each.clear()
