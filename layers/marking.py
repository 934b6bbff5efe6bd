"""Markings of UN ST/SGB/2007/6: a compilation is never lower than its highest layer."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum


class Marking(IntEnum):
    """Sensitivity of a layer, ordered."""

    UNCLASSIFIED = 0
    CONFIDENTIAL = 1
    STRICTLY_CONFIDENTIAL = 2

    @property
    def label(self) -> str:
        """As it stands on banner and export."""
        return self.name.replace("_", " ")

    @classmethod
    def of(cls, text: str) -> Marking:
        """The marking that a text names, any case, space or underscore.

        Raises
        ------
        KeyError
            When there is no such marking.
        """
        return cls[text.strip().upper().replace(" ", "_")]


def highest(markings: Iterable[Marking]) -> Marking:
    """The marking of a compilation."""
    return max(markings, default=Marking.UNCLASSIFIED)


EXERCISE_NOTE = "EXERCISE EXERCISE EXERCISE - fictional data"
