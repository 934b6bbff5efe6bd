"""What a format of export is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from exports.content import Content


@dataclass(frozen=True)
class Export:
    """One format.

    Attributes
    ----------
    extension : str
        With its dot.
    write : callable
        ``write(content, path)`` makes the file anew; `exports.export_to` puts it into place.
    """

    id: str
    label: str
    extension: str
    media_type: str
    write: Callable[[Content, Path], None]
