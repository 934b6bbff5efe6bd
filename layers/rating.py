"""An officer's rating of an activity: what a person decided, with the reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Rating:
    """One rating. The last one of a record holds; those before it are its history.

    Attributes
    ----------
    likelihood, impact : int or None
        Class 1 (lowest) to 5. A likelihood stands in for the computed one; None leaves that.
        Neither: the rating before is withdrawn.
    reason : str
        Never empty.
    at : datetime
        UTC.
    """

    layer: str
    record: str
    likelihood: int | None
    impact: int | None
    reason: str
    by: str
    at: datetime

    @property
    def withdrawn(self) -> bool:
        """Whether it takes the rating before it back."""
        return self.likelihood is None and self.impact is None


def in_force(history: Iterable[Rating]) -> dict[str, Rating]:
    """Record -> the rating that holds, of a history told oldest first."""
    last = {rating.record: rating for rating in history}
    return {record: rating for record, rating in last.items() if not rating.withdrawn}
