"""Pictures that lie on the map: where each one lies, and its bytes."""

from __future__ import annotations

from base64 import b64decode

import numpy as np
import pandas as pd

from layers.errors import WrongParameter
from layers.kind import Kind
from layers.picture import is_picture

EDGES = ("west", "south", "east", "north")
MOST_SOURCES = 2
Box = list[float]


def boxes_of(frame: pd.DataFrame, kind: Kind) -> list[Box | None]:
    """Where the picture of each record lies: degrees west, south, east, north; None where nothing is to be shown."""
    if not kind.pictures:
        return [None] * len(frame)
    name = kind.pictures[0]
    edges = np.column_stack([frame[f"{name}_{edge}"].to_numpy(dtype=float, na_value=np.nan) for edge in EDGES])
    west, south, east, north = edges.T
    drawable = frame[name].notna().to_numpy() & (west < east) & (south < north)
    return [box.tolist() if shown else None for box, shown in zip(edges, drawable, strict=True)]


def picture_of(frame: pd.DataFrame, kind: Kind, record: str) -> bytes:
    """The picture of one record, as the bytes of a PNG or WebP file.

    Raises
    ------
    WrongParameter
        When there is no such record, or nothing that a browser may be given as a picture.
    """
    cells = frame.loc[frame["id"] == record, kind.pictures[0]] if kind.pictures else frame["id"].head(0)
    text = str(cells.iloc[0]) if len(cells) else ""
    try:
        content = b64decode(text.partition(",")[2], validate=True) if is_picture(text) else b""
    except ValueError:
        content = b""
    if not media_type(content):
        raise WrongParameter("map", f'no picture of "{record[:80]}"', "a PNG or WebP of this layer", "Reload the page.")
    return content


def media_type(content: bytes) -> str:
    """What a picture is, by its first bytes and nothing else; empty when it is none that we show."""
    if content[:8] == b"\x89PNG\r\n\x1a\n":
        return "image/png"
    return "image/webp" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else ""


def note_of(frame: pd.DataFrame, source: str) -> str:
    """When the pictures were taken and by whom; `source` is the layer's, where they do not say.

    >>> taken = pd.to_datetime(["2026-10-01T09:30Z", "2026-11-12T09:30Z"], utc=True)
    >>> note_of(pd.DataFrame({"taken_at": taken, "source_name": ["Drone team", None]}), "")
    '01 OCT 26 to 12 NOV 26 · Drone team'
    """
    taken = frame["taken_at"].dropna()
    days = dict.fromkeys(f"{day:%d %b %y}".upper() for day in (taken.min(), taken.max())) if len(taken) else ()
    named = frame["source_name"].dropna().unique().tolist() or [source]
    return " · ".join(filter(None, [" to ".join(days) or "date not stated", ", ".join(named[:MOST_SOURCES])]))
