"""Every expected failure, as one tree.

    OverlayError
    ├── LoadError            a file or feed could not become a layer
    │   ├── UnreadableFile     empty, truncated, or not what its name says
    │   ├── UnknownKind        no kind of layer fits its columns
    │   ├── MissingField       no place, or a required column is absent
    │   ├── NoCrs              projected coordinates without a coordinate system
    │   └── TooLarge           over a limit of size, columns or time
    ├── StoreError           the store refused or cannot answer
    │   ├── UnknownLayer       no such layer or version
    │   └── StaleVersion       somebody published in between
    ├── AnalysisError        an analysis cannot answer
    │   ├── WrongParameter     a parameter outside its bounds, or not one of its own
    │   ├── NotEnoughData      nothing to analyse
    │   └── MixedWorlds        exercise and real layers were given together
    ├── ExportError          the file cannot be written in that form
    ├── FeedError            a feed did not answer as it should
    ├── SettingsError        a setting is not usable
    └── AccessDenied         this person may not

Expected bad *data* is a `Finding` (see `layers.report`), never an exception.
Each error says where, what was found, what was expected and the remedy.
"""

from __future__ import annotations

import re


class OverlayError(Exception):
    """Base of all expected failures.

    Parameters
    ----------
    where : str
        File, layer, parameter or page that failed.
    found, expected, remedy : str
        What was there, what should have been, and what to do about it.
    """

    def __init__(self, where: str, found: str, expected: str, remedy: str) -> None:
        self.where, self.found, self.expected, self.remedy = where, found, expected, remedy
        super().__init__(f"{where}: found {found}; expected {expected}. {remedy}")

    @property
    def code(self) -> str:
        """Machine-readable name, e.g. ``unreadable_file``."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", type(self).__name__).lower()

    def as_dict(self) -> dict[str, str]:
        """The refusal in the form that the command line prints."""
        return {
            "code": self.code,
            "where": self.where,
            "found": self.found,
            "expected": self.expected,
            "remedy": self.remedy,
        }


class LoadError(OverlayError):
    """A file or feed could not become a layer."""


class UnreadableFile(LoadError):
    """Empty, truncated, or not what its name says."""


class UnknownKind(LoadError):
    """No kind of layer fits the columns."""


class MissingField(LoadError):
    """No place, or a required column is absent."""


class NoCrs(LoadError):
    """Projected coordinates without a coordinate system."""


class TooLarge(LoadError):
    """Over a limit of size, columns or time."""


class StoreError(OverlayError):
    """The store refused, or cannot answer."""


class UnknownLayer(StoreError):
    """No such layer or version."""


class StaleVersion(StoreError):
    """Somebody published in between."""


class AnalysisError(OverlayError):
    """An analysis cannot answer."""


class WrongParameter(AnalysisError):
    """A parameter outside its bounds, or not one of the method's own."""


class NotEnoughData(AnalysisError):
    """Nothing to analyse."""


class MixedWorlds(AnalysisError):
    """Exercise and real layers were given together."""


class ExportError(OverlayError):
    """The file cannot be written in that form."""


class FeedError(OverlayError):
    """A feed did not answer as it should."""


class SettingsError(OverlayError):
    """A setting is not usable."""


class AccessDenied(OverlayError):
    """This person may not."""
