"""How a figure is taken: medians of runs that alternate, so that both meet the same machine."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One line of the table.

    Attributes
    ----------
    ours, naive : float
        Seconds, megabytes ... as `unit` says; naive is None where nothing is compared.
    bar : str
        What issue 2 asks for.
    """

    name: str
    ours: float
    naive: float | None
    unit: str
    bar: str
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times the naive way takes."""
        return None if self.naive is None else self.naive / self.ours


def seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    """Wall-clock seconds of one run, and what it gave."""
    start = time.perf_counter()
    answer = work()
    return time.perf_counter() - start, answer


def median_of(work: Callable[[], Any], runs: int) -> tuple[float, Any]:
    """Median wall-clock seconds of some runs, and the last answer."""
    taken = [seconds(work) for _ in range(runs)]
    return statistics.median(spent for spent, _ in taken), taken[-1][1]


def side_by_side(
    ours: Callable[[], Any], naive: Callable[[], Any], *, ours_runs: int = 5, naive_runs: int = 2
) -> tuple[float, float, Any, Any]:
    """Medians of both, runs taken in turn, and the last answer of each."""
    taken: tuple[list[float], list[float]] = ([], [])
    answers: list[Any] = [None, None]
    for turn in range(max(ours_runs, naive_runs)):
        for which, (work, runs) in enumerate(((ours, ours_runs), (naive, naive_runs))):
            if turn < runs:
                spent, answers[which] = seconds(work)
                taken[which].append(spent)
    return statistics.median(taken[0]), statistics.median(taken[1]), answers[0], answers[1]


def in_child(code: str, *arguments: str) -> str:
    """Standard output of a fresh interpreter: clean memory, nothing imported."""
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()
