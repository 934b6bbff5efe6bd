"""A Draft: a file that was opened and looked at, and is not published yet. It lies on disk."""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from layers.errors import LoadError
from layers.marking import Marking
from layers.report import Finding
from loaders.raw import RawLayer, read_raw, write_raw
from loaders.sources import Look

DRAFT_FILE, ROWS_FILE = "draft.json", "raw.json"
SAMPLES, SAMPLE_LENGTH = 20, 200
# The rows that this process wrote last, until they are asked for: a file is mostly reviewed right after its inspection.
_at_hand: list[tuple[str, RawLayer]] = []
DRAFT_ID = re.compile(r"[0-9a-f]{32}$")


@dataclass(frozen=True)
class Column:
    """A column of the sender, with the first filled cells in it."""

    name: str
    samples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Draft:
    """One layer of a file, and what it seems to be.

    Attributes
    ----------
    file, file_layer : str
        File as the person named it, and the layer inside it (empty where there is one).
    source : str
        Id of the recognised source; empty when columns were matched by spelling.
    source_label : str
        Who published it, as far as known.
    confidence : float
        0 to 1.
    kind : str
        Id of the kind; empty when nothing fits surely: then `review` needs one.
    layer : str
        Proposed name.
    as_of : date, datetime or None
        None when only the data can tell: `review` finds it.
    mapping : dict
        Column -> canonical field.
    geometry : bool
        Whether the file holds geometry of its own.
    overlay : dict
        What a file written by Overlay says of itself.
    base : int or None
        Version of the layer that the person saw; None when it was new.
    confidences : dict
        Column -> how surely it is that field, 0 to 1.
    personal : tuple of str
        Columns about people, which were not stored.
    crs : str
        Coordinate system that the person gave; empty for what the file says.
    remembered : bool
        The mapping is that of an earlier file of this shape, which a person published.
    reading : str
        Which of the layers that a source makes of the file; empty for the main one.
    format, title : str
        What read it; lines above its header.
    """

    id: str
    file: str
    file_layer: str
    source: str
    source_label: str
    confidence: float
    kind: str
    layer: str
    as_of: date | None
    marking: Marking | None
    exercise: bool
    mapping: dict[str, str]
    columns: tuple[Column, ...]
    geometry: bool
    rows: int
    named_day: date | None = None
    hxl: tuple[str, ...] = ()
    geometries: tuple[str, ...] = ()
    overlay: dict[str, Any] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    base: int | None = None
    confidences: dict[str, float] = field(default_factory=dict)
    personal: tuple[str, ...] = ()
    crs: str = ""
    remembered: bool = False
    reading: str = ""
    format: str = ""
    title: str = ""
    shape: str = ""

    @property
    def shown(self) -> str:
        """File and layer, as messages name them."""
        parts = [self.file, f"layer {self.file_layer}" if self.file_layer else "", self.reading]
        return ", ".join(filter(None, parts))

    @property
    def look(self) -> Look:
        """What recognition sees of it."""
        return Look(
            columns=tuple(column.name for column in self.columns),
            hxl=self.hxl,
            geometries=frozenset(self.geometries),
            file=self.file,
            overlay=self.overlay,
            title=self.title,
            samples={column.name: column.samples for column in self.columns},
            format=self.format,
            layer=self.file_layer,
            reading=self.reading,
        )


def new_id() -> str:
    """A draft's id, which is also its folder: nothing of the sender's name gets there."""
    return uuid.uuid4().hex


def columns_of(raw: RawLayer) -> tuple[Column, ...]:
    """Headers with their first filled cells."""
    return tuple(
        Column(
            header,
            tuple(str(v)[:SAMPLE_LENGTH] for v in cells.slice(0, 1000).drop_null().slice(0, SAMPLES).to_pylist()),
        )
        for header, cells in zip(raw.columns, raw.cells, strict=True)
    )


def save_draft(draft: Draft, raw: RawLayer | None, drafts: Path) -> Draft:
    """Write the draft, with its rows where they are given; itself last, so that a half-written one does not count."""
    folder = drafts / draft.id
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    content = asdict(draft)
    content["as_of"] = draft.as_of.isoformat() if draft.as_of else None
    content["named_day"] = draft.named_day.isoformat() if draft.named_day else None
    content["marking"] = draft.marking.name if draft.marking is not None else None
    if raw is not None:
        _at_hand[:] = [(draft.id, raw)]
        (folder / ROWS_FILE).write_text(json.dumps(write_raw(raw, folder, 0)), "utf-8")
    fresh = folder / f"{DRAFT_FILE}.new"
    fresh.write_text(json.dumps(content), "utf-8")
    fresh.replace(folder / DRAFT_FILE)
    return draft


def read_draft(draft_id: str, drafts: Path) -> Draft:
    """Read a draft back.

    Raises
    ------
    LoadError
        When there is none of this id.
    """
    file = drafts / draft_id / DRAFT_FILE
    if not DRAFT_ID.match(draft_id) or not file.is_file():
        raise LoadError("draft", f'"{draft_id[:40]}"', "a file that was inspected", "Upload the file again.")
    content = json.loads(file.read_text("utf-8"))
    content["as_of"] = parse_as_of(content["as_of"])
    content["named_day"] = parse_as_of(content["named_day"])
    content["marking"] = Marking[content["marking"]] if content["marking"] else None
    content["columns"] = tuple(Column(c["name"], tuple(c["samples"])) for c in content["columns"])
    content["findings"] = tuple(Finding(**f) for f in content["findings"])
    for name in ("hxl", "geometries", "personal"):
        content[name] = tuple(content[name])
    return Draft(**content)


def drafts_in(drafts: Path) -> list[Draft]:
    """Every draft that lies there, oldest first; what is half written is passed over."""
    files = sorted(drafts.glob(f"*/{DRAFT_FILE}"), key=lambda file: file.stat().st_mtime)
    return [read_draft(file.parent.name, drafts) for file in files if (file.parent / ROWS_FILE).is_file()]


def read_rows(draft: Draft, drafts: Path) -> RawLayer:
    """The rows of a draft: those at hand, or from the disk."""
    for draft_id, raw in _at_hand:
        _at_hand.clear()
        if draft_id == draft.id:
            return raw
    folder = drafts / draft.id
    entry = json.loads((folder / ROWS_FILE).read_text("utf-8"))
    return read_raw(folder / "0.parquet", entry, repeated=True)


def parse_as_of(text: str | None) -> date | None:
    """A day, or an instant when the text has a time.

    Raises
    ------
    ValueError
        When it is neither.
    """
    if not text:
        return None
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
