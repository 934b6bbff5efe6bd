"""The limits that a worker puts on itself before it touches a file.

Set by the process itself rather than between fork and exec, which is not safe in a
server with threads. Landlock and an empty network namespace belong here too.
"""

from __future__ import annotations

import resource
from typing import TypedDict


class Limits(TypedDict):
    """Bytes of memory, seconds of processor time, bytes of one written file."""

    memory: int
    seconds: int
    file_size: int


def set_limits(limits: Limits) -> None:
    """Limit this process for good: it cannot raise them again."""
    resource.setrlimit(resource.RLIMIT_AS, (limits["memory"], limits["memory"]))
    resource.setrlimit(resource.RLIMIT_CPU, (limits["seconds"], limits["seconds"] + 5))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits["file_size"], limits["file_size"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
