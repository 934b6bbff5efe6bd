"""How a figure is taken: medians of runs that alternate, so that all meet the same machine."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One line of the table.

    Attributes
    ----------
    ours, naive : float
        Seconds, megabytes ... as `unit` says; naive is geopandas, None where nothing is compared.
    bar : str
        What the issues ask for.
    others : dict
        What others took in the same run, or in words why they could not be tried.
    """

    name: str
    ours: float
    naive: float | None
    unit: str
    bar: str
    note: str = ""
    others: Mapping[str, float | str] = field(default_factory=dict)

    @property
    def ratio(self) -> float | None:
        """How many times the naive way takes."""
        return None if self.naive is None else self.naive / self.ours


@dataclass(frozen=True)
class Taken:
    """The median of some runs in seconds, and the last answer."""

    seconds: float
    answer: Any


def seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    """Wall-clock seconds of one run, and what it gave."""
    start = time.perf_counter()
    answer = work()
    return time.perf_counter() - start, answer


def in_turn(works: Mapping[str, tuple[Callable[[], Any], int]]) -> dict[str, Taken]:
    """Run each work so many times, in turn with the others."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    answers: dict[str, Any] = {}
    for turn in range(max(runs for _, runs in works.values())):
        for name, (work, runs) in works.items():
            if turn < runs:
                spent, answers[name] = seconds(work)
                taken[name].append(spent)
    return {name: Taken(statistics.median(taken[name]), answers[name]) for name in works}


def median_of(work: Callable[[], Any], runs: int) -> tuple[float, Any]:
    """Median wall-clock seconds of some runs, and the last answer."""
    taken = in_turn({"work": (work, runs)})["work"]
    return taken.seconds, taken.answer


def in_child(code: str, *arguments: str) -> str:
    """Standard output of a fresh interpreter: clean memory, nothing imported."""
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()
