"""What if: edits of layers, as a page builds them from a dragged pin and as a file holds them.

An edits document is JSON, because the same text is what `variants` keeps and what other
programs write, and because msgspec decodes it strictly and says where it is wrong:

    {"edits": [
      {"edit": "move", "role": "activities", "id": "A-12", "lon": 18.6, "lat": 4.4},
      {"edit": "redate", "role": "activities", "id": "A-12", "start": "2026-11-20"},
      {"edit": "add", "role": "services", "record": {"sector_code": "HEA", "mgrs": "34NBL1234"}},
      {"edit": "close", "role": "roads", "id": "R-7"}]}
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec

from layers.errors import WrongParameter
from layers.geodesy import lonlat_of_mgrs

MOST_EDITS = 1000
"""Each edit copies what it changes: more of them belong into a layer."""

Cell = str | int | float | bool | None
TAKEN = (
    'a JSON document {"edits": [...]} of move (role, id, lon and lat or mgrs), redate (role, id, start, end),'
    " add (role, record) and close (role, id)"
)


class _Edit(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="edit", tag=str.lower):
    """One assumption about the layer of a role."""

    role: str


class Move(_Edit, frozen=True):
    """A record that stands at a point, or at none, stands at another; degrees, EPSG:4326."""

    id: str
    lon: float
    lat: float


class Redate(_Edit, frozen=True):
    """A record has other days; a side that is left out stays as it is."""

    id: str
    start: date | None = None
    end: date | None = None


class Add(_Edit, frozen=True):
    """A record more: canonical fields by name, its place as ``lon`` and ``lat``."""

    record: dict[str, Cell]


class Close(_Edit, frozen=True):
    """A road or a facility is closed, a project has ended."""

    id: str


Edit = Move | Redate | Add | Close


class _Document(msgspec.Struct, forbid_unknown_fields=True):
    edits: tuple[Edit, ...]


def read_edits(text: str | bytes, where: str = "edits") -> tuple[Edit, ...]:
    """The edits of a document.

    Places may be given as ``mgrs`` too; the middle of the square is taken.

    Parameters
    ----------
    where : str
        Name of the file or variant, for messages.

    Raises
    ------
    WrongParameter
        When it is no such document; the message says at which edit and field.
    """
    try:
        document = msgspec.convert(_with_degrees(msgspec.json.decode(text), where), _Document)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        found, _, place = str(error).partition(" - at ")
        found = found if found.startswith("JSON") else found[0].lower() + found[1:]
        at = place.strip("`").removeprefix("$").lstrip(".")
        raise WrongParameter(", ".join(filter(None, [where, at])), found, TAKEN, "Correct the document.") from error
    if not document.edits:
        raise WrongParameter(where, "no edit", "at least one", "Write what is to be assumed.")
    if len(document.edits) > MOST_EDITS:
        raise WrongParameter(where, f"{len(document.edits):,} edits", f"{MOST_EDITS:,} at most",
                             "Load them as a layer instead.")  # fmt: skip
    return document.edits


def edits_text(edits: Sequence[Edit]) -> str:
    """The document of these edits, as `read_edits` reads it."""
    return msgspec.json.encode(_Document(tuple(edits))).decode()


def _with_degrees(document: Any, where: str) -> Any:
    """The document with ``lon`` and ``lat`` in place of each ``mgrs``."""
    edits = document.get("edits") if isinstance(document, dict) else None
    for number, edit in enumerate(edits if isinstance(edits, list) else []):
        holder = edit.get("record", edit) if isinstance(edit, dict) else None
        if isinstance(holder, dict) and "mgrs" in holder:
            at = f"{where}, edits[{number}]"
            if "lon" in holder or "lat" in holder:
                raise WrongParameter(at, "mgrs beside lon and lat", "one of the two", "Leave one away.")
            holder["lon"], holder["lat"] = _degrees(holder.pop("mgrs"), at)
    return document


def _degrees(reference: Any, where: str) -> tuple[float, float]:
    try:
        return lonlat_of_mgrs(str(reference))
    except ValueError as error:
        raise WrongParameter(
            f"{where}, mgrs", f'"{reference}"', "an MGRS reference such as 34NBL1234", "Correct the reference."
        ) from error
