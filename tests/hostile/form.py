"""What a hostile form is: how it is made, what must become of it, and what stops it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

SECRET = "PLANTED-SECRET-7f3a91"  # noqa: S105 - planted, to be searched for

# Safeguards by the names that docs/hostile.md uses. The first eight are switched off by the
# names that `loaders.confinement` and `loaders.limits` give them.
LANDLOCK, OWN_NETWORK, LANDLOCK_NETWORK, CALLS = "Landlock", "own network", "Landlock network", "system calls"
MEMORY, PROCESSOR, FILE_SIZE = "memory limit", "processor limit", "file size limit"
CLOCK = "clock"
RECOGNITION = "recognition by content"  # off: whatever it shows, GDAL or rasterio opens it
DRIVERS = "GDAL drivers"  # off: all of them
PROXY = "dead proxy"
ARCHIVE = "archive check"
UNPACKING = "own unpacking"  # off: every file is written where the archive says
DEPTH = "depth cap"
COLUMNS = "column cap"
CRS = "crs by name"
TABLES = "tables only"
READER = "own reader"  # nothing to switch off: no code that would follow what the form asks for
SEPARATE = "own process"  # a crash ends the worker alone; nothing to switch off
TEXT = "text is only text"  # cells are never evaluated; what shows or writes them escapes them

FILES = (RECOGNITION, DRIVERS, LANDLOCK)
NETWORK = (RECOGNITION, DRIVERS, OWN_NETWORK, LANDLOCK_NETWORK, CALLS, PROXY)
NO_NETWORK = (READER, OWN_NETWORK, LANDLOCK_NETWORK, CALLS)
TIME = (CLOCK, PROCESSOR)


@dataclass(frozen=True)
class Planted:
    """What a form may reach for: a secret in several forms, and an address that counts every request."""

    folder: Path
    address: str

    def file(self, name: str) -> str:
        return str(self.folder / name)

    def url(self, name: str) -> str:
        return f"{self.address}/{name}"


@dataclass(frozen=True)
class Refused:
    """Refused with one of these codes."""

    codes: tuple[str, ...] = ("unreadable_file",)


@dataclass(frozen=True)
class Loads:
    """Loads, with this account of its rows; ``kept`` stands verbatim in what was read."""

    rows_in: int
    rows_rejected: int = 0
    kept: tuple[str, ...] = ()


Verdict = Refused | Loads
Make = Callable[[Planted], bytes]


@dataclass(frozen=True)
class Form:
    """One hostile file.

    Attributes
    ----------
    family : str
        Heading in docs/hostile.md.
    file : str
        As the sender names it.
    attempt : str
        What it would do.
    stopped_by : tuple of str
        Safeguards, each of which stops it without the others.
    verdict : Refused or Loads, or both
        Both where either does no harm.
    beside : dict
        Files sent with it (a loose shapefile).
    only_read : bool
        Whether it ends with the sandbox: its rows are many, and all alike.
    """

    family: str
    file: str
    attempt: str
    make: Make
    verdict: Verdict | tuple[Verdict, ...] = Refused()
    stopped_by: tuple[str, ...] = (READER, SEPARATE)
    kind: str = "other"
    beside: dict[str, bytes] = field(default_factory=dict)
    only_read: bool = False

    @property
    def id(self) -> str:
        return f"{self.family}: {self.file}"


def text(content: str) -> Make:
    """The same text, wherever the secret lies."""
    return lambda planted: content.encode("utf-8", errors="surrogatepass")


def raw(content: bytes) -> Make:
    """The same bytes, wherever the secret lies."""
    return lambda planted: content
