"""Answers that are kept: bounded in bytes, computed once however many ask at the same time."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, ParamSpec, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from cachetools import LRUCache, cached

from analysis.method import Result
from dashboard.hexagons import Hexagons
from dashboard.looks import Looks
from dashboard.map_tiles import TileSet
from dashboard.name_index import NameIndex
from layers.dataset import Dataset
from layers.settings import settings

P = ParamSpec("P")
T = TypeVar("T")
MEGABYTE = 1_000_000
BYTES_A_VERTEX = 16


SHARES = {
    "versions": 0.4,
    "rows": 0.16,
    "tiles": 0.14,
    "columns": 0.1,
    "drawn": 0.08,
    "answers": 0.05,
    "names": 0.04,
    "small": 0.03,
}
"""Of the memory for kept answers, which part a group of functions may fill; within a group each has as much."""
_CACHES: list[LRUCache[Any, Any]] = []
_SHARING: Counter[str] = Counter()


def budget() -> int:
    """Bytes that kept answers may take in this process: the setting, else two fifths of the machine's memory."""
    chosen = settings().cache_mb
    return chosen * MEGABYTE if chosen else int(0.4 * os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))


def kept(share: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Keep the answers of a function, the least used going first beyond its part of a share of the memory.

    Parameters
    ----------
    share : str
        A key of `SHARES`; its functions divide it among them.
    """
    _SHARING[share] += 1

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        @lru_cache(maxsize=1)
        def keeper() -> Callable[P, T]:  # made when first asked: settings are read then
            answers: LRUCache[Any, Any] = LRUCache(budget() * SHARES[share] / _SHARING[share], getsizeof=size_of)
            _CACHES.append(answers)
            kept_function: Callable[P, T] = cached(answers, condition=threading.Condition())(function)
            return kept_function

        @wraps(function)
        def ask(*args: P.args, **kwargs: P.kwargs) -> T:
            return keeper()(*args, **kwargs)

        return ask

    return decorate


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
    if isinstance(value, Looks):
        return value.index.nbytes
    if isinstance(value, Hexagons):
        return 7 * BYTES_A_VERTEX * len(value.counts)
    if isinstance(value, NameIndex | np.ndarray):
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
