"""What goes through the store's door: who asks, what is handed in, what comes out."""

from __future__ import annotations

import getpass
import os
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd

from layers.dataset import SharingTerms
from layers.kind import Kind
from layers.marking import Marking


@dataclass(frozen=True)
class Principal:
    """Who asks, and in which roles."""

    name: str
    roles: frozenset[str]


def _system_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return f"uid {os.getuid()}"


OPERATOR = Principal(_system_user(), frozenset({"operator"}))
"""Whoever can read the folder OVERLAY_HOME on this machine."""


@dataclass(frozen=True)
class LayerInfo:
    """One version of one layer, without its rows.

    Attributes
    ----------
    as_of : date or datetime
        What moment the data speak of: a day, or an instant in UTC.
    received_at : datetime
        When this version came in, UTC.
    by, note : str
        Who published it, and why.
    """

    layer: str
    kind: str
    version: int
    content_hash: str
    rows: int
    as_of: date
    received_at: datetime
    source: str
    marking: Marking
    exercise: bool
    id_stable: bool
    sharing: SharingTerms
    by: str
    note: str

    @property
    def ref(self) -> str:
        """``layer@version``."""
        return f"{self.layer}@{self.version}"

    @property
    def statements(self) -> dict[str, Any]:
        """All that is said of the rows, as JSON values: what the audit seals."""
        said = asdict(self)
        said |= {"as_of": self.as_of.isoformat(), "received_at": self.received_at.isoformat()}
        return said | {"marking": self.marking.name}


@dataclass(frozen=True)
class Shape:
    """How files with certain headers are understood, as a person confirmed it by publishing.

    Attributes
    ----------
    shape : str
        Hash of the headers.
    reading : str
        Which of the layers that a source makes of such a file.
    stem : str
        Words of the file's name that stay from one delivery to the next.
    mapping : dict
        Column -> field, "latitude" and the like; empty text leaves a column out.
    """

    shape: str
    reading: str
    stem: str
    exercise: bool
    kind: str
    layer: str
    mapping: dict[str, str]


@dataclass(frozen=True)
class Variant:
    """Edits kept under a name: assumptions, not rows.

    Attributes
    ----------
    exercise : bool
        Which world it was made for; it applies to layers of no other.
    edits : str
        The document, as `analysis.edits` reads it.
    marking : Marking
        The highest of the layers that it rests on.
    by, note : str
        Who kept it, and why.
    at : datetime
        When, UTC.
    """

    name: str
    exercise: bool
    edits: str
    marking: Marking
    by: str
    at: datetime
    note: str

    @property
    def statements(self) -> dict[str, Any]:
        """All that is kept of it, as JSON values: what the audit seals."""
        return asdict(self) | {"marking": self.marking.name, "at": self.at.isoformat()}


@dataclass(frozen=True)
class Written:
    """Rows on disk as the store writes them, and what was found out about them then.

    Attributes
    ----------
    path : Path
    digest : str
        SHA-256 of the file's bytes: by it the store knows that they are still the same.
    content_hash : str
        Of the rows (see `layers.hashing`).
    rows : int
    """

    path: Path
    digest: str
    content_hash: str
    rows: int


@dataclass(frozen=True, eq=False)
class Publication:
    """A layer to be published.

    Attributes
    ----------
    frame : GeoDataFrame or Written
        Canonical columns (see `layers.schema`), EPSG:4326, ids filled and unique; or the
        same as `store.write_rows` wrote it, which is then neither written nor hashed again.
    by, note : str
        Who publishes it, and why.
    shape : Shape, optional
        How the file was understood, to be remembered for the next one of its shape.
    """

    layer: str
    kind: Kind
    frame: gpd.GeoDataFrame | Written
    source: str
    as_of: date
    marking: Marking = Marking.UNCLASSIFIED
    exercise: bool = False
    id_stable: bool = True
    sharing: SharingTerms = field(default_factory=SharingTerms)
    by: str = ""
    note: str = ""
    shape: Shape | None = None


@dataclass(frozen=True)
class Difference:
    """Ids that differ between two versions, in the order of their rows."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.withdrawn)


@dataclass(frozen=True)
class Damage:
    """One thing that is not as it was stored.

    Attributes
    ----------
    problem : {"missing", "torn", "differs", "statements", "audit"}
        No object; its bytes are not those written; its rows are not those recorded;
        what the catalogue says of it is not what the audit has; the audit chain is
        broken (then `layer` is empty and `version` the row's number). Of a variant,
        `layer` is empty, `version` 0, and the detail names it.
    """

    layer: str
    version: int
    problem: Literal["missing", "torn", "differs", "statements", "audit"]
    detail: str
