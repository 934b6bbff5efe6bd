"""A Dataset: one version of one layer, with all that must travel with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

import geopandas as gpd
import numpy.typing as npt

from layers.kind import Kind
from layers.marking import Marking

Arrays = Mapping[str, npt.NDArray[Any]]
Derived = Callable[[str, Callable[[], Arrays]], Arrays]
"""``derived(name, make)``: arrays worked out of the rows alone, made where they are not kept."""


def made_anew(name: str, make: Callable[[], Arrays]) -> Arrays:
    """Arrays of rows that nobody keeps."""
    return make()


@dataclass(frozen=True)
class SharingTerms:
    """What the originator allows.

    Attributes
    ----------
    originator : str
        Who may lower the marking.
    purpose : str
        What it was shared for.
    redistribution : bool or None
        None when not stated, which is treated as no.
    """

    originator: str = ""
    purpose: str = ""
    redistribution: bool | None = None


@dataclass(frozen=True, eq=False)
class Dataset:
    """A frozen layer version. Never assign into `frame`: it is shared.

    Attributes
    ----------
    kind : Kind
    frame : GeoDataFrame
        Canonical columns (see `layers.schema`), EPSG:4326.
    layer : str
        Name of the layer.
    version : int
        1, 2, 3 ... per layer.
    content_hash : str
        Over canonical rows, never over file bytes.
    source : str
        Who published it.
    as_of : date or datetime
        What moment the data speak of: a day, or an instant in UTC.
    received_at : datetime
        When it came in, UTC.
    exercise : bool
        Fictional data; never mixed with real.
    id_stable : bool
        False when ids are row numbers: such layers differ only as added / withdrawn.
    filtered : str
        The conditions that its rows were chosen by, in words; empty for a whole version.
    derived : callable
        Where an analysis asks for what follows from the rows alone (see `Derived`): the
        store keeps it beside a whole version, so that it is made once.
    """

    kind: Kind
    frame: gpd.GeoDataFrame
    layer: str
    version: int
    content_hash: str
    source: str
    as_of: date
    received_at: datetime
    marking: Marking = Marking.UNCLASSIFIED
    exercise: bool = False
    id_stable: bool = True
    sharing: SharingTerms = field(default_factory=SharingTerms)
    filtered: str = ""
    derived: Derived = made_anew

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def ref(self) -> str:
        """``layer@version``."""
        return f"{self.layer}@{self.version}"

    @property
    def as_of_day(self) -> date:
        """The calendar day of `as_of`."""
        return self.as_of.date() if isinstance(self.as_of, datetime) else self.as_of

    def with_frame(self, frame: gpd.GeoDataFrame) -> Dataset:
        """The same layer holding other rows of it."""
        return replace(self, frame=frame, derived=made_anew)
