"""The limits that a worker puts on itself before it touches a file.

Set by the process itself rather than between fork and exec, which is not safe in a
server with threads. Walls (files, network, system calls) are in `loaders.confinement`.
"""

from __future__ import annotations

import resource
from typing import TypedDict

OPEN_FILES = 256


class Limits(TypedDict):
    """Bytes of memory, seconds of processor time, bytes of one written file."""

    memory: int
    seconds: int
    file_size: int


def set_limits(limits: Limits, without: frozenset[str] = frozenset()) -> None:
    """Limit this process for good: it cannot raise them again.

    Parameters
    ----------
    without : frozenset of str
        For the hostile set alone: limits left out, to show that another one holds.
    """
    wanted = {
        "memory limit": (resource.RLIMIT_AS, limits["memory"]),
        "processor limit": (resource.RLIMIT_CPU, limits["seconds"]),
        "file size limit": (resource.RLIMIT_FSIZE, limits["file_size"]),
        "open files limit": (resource.RLIMIT_NOFILE, OPEN_FILES),
        "no core dumps": (resource.RLIMIT_CORE, 0),
    }
    for name, (what, value) in wanted.items():
        if name not in without:
            lower(what, value)


def lower(what: int, value: int) -> None:
    """Set one limit of this process, or leave a lower one that it was given."""
    hard = resource.getrlimit(what)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(what, (value, value))
