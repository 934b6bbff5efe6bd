"""A note that a person put on the map: what they wrote, where, and when it was withdrawn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shapely.geometry.base import BaseGeometry

from layers.marking import Marking


@dataclass(frozen=True)
class Withdrawal:
    """Why a note holds no longer, and who said so."""

    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Note:
    """One note. It is never changed; when it is withdrawn, it stays with who, when and why.

    Attributes
    ----------
    number : int
        Given by the store; 0 before that.
    exercise : bool
        Which world it belongs to.
    place : BaseGeometry
        EPSG:4326.
    layer, record : str
        The record that it is about; empty where it is about the place alone.
    at : datetime
        UTC.
    """

    number: int
    exercise: bool
    text: str
    place: BaseGeometry
    marking: Marking
    by: str
    at: datetime
    layer: str = ""
    record: str = ""
    withdrawn: Withdrawal | None = None
