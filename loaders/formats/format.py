"""What a format declares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from loaders.raw import RawLayer


@dataclass(frozen=True)
class Opened:
    """A file inside the worker.

    Attributes
    ----------
    path : Path
        Where it lies in the worker's own folder.
    name : str
        As the sender named it; stands in every message.
    max_columns : int
    progress : callable
        Told, every now and then, how many rows were read.
    """

    path: Path
    name: str
    max_columns: int = 500
    progress: Callable[[int], None] = lambda rows: None


@dataclass(frozen=True)
class Format:
    """How one kind of file is read.

    Attributes
    ----------
    extensions : tuple of str
        Usual names, with the dot, first the usual one.
    sniff : callable
        ``(first bytes, path) -> bool``: does the content show this format?
    read : callable
        ``Opened -> list of RawLayer``, one for each layer in the file.
    """

    id: str
    label: str
    extensions: tuple[str, ...]
    sniff: Callable[[bytes, Path], bool]
    read: Callable[[Opened], list[RawLayer]]
