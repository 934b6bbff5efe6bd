"""Features read one by one, each with cells of its own, as the columns of a raw layer."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely
from shapely.errors import ShapelyError

from layers.report import Finding
from loaders.formats.format import Opened
from loaders.raw import RawLayer, check_width, text_array, unique_headers
from loaders.wkb import not_deep

Position = tuple[float, ...]
PROGRESS_EACH = 5_000


@dataclass
class Features:
    """The features of one layer; a bad geometry rejects its feature and no other.

    Attributes
    ----------
    word : str
        What the format calls a feature, for messages.
    name : str
        Layer inside the file; empty where it holds one only.
    """

    opened: Opened
    word: str
    name: str = ""
    cells: list[dict[str, str | None]] = field(default_factory=list)
    shapes: list[Any] = field(default_factory=list)
    ids: list[str | None] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.cells)

    def add(
        self,
        cells: dict[str, str | None],
        shape: Callable[[], Any],
        identifier: str | None = None,
        row: int | None = None,
    ) -> None:
        """Keep a feature; `shape` makes its geometry and may fail. It is counted where no row is given."""
        row = row or len(self.cells) + 1
        self.cells.append(cells)
        self.ids.append(identifier)
        self.rows.append(row)
        if len(self.cells) % PROGRESS_EACH == 0:
            self.opened.progress(len(self.cells))
        try:
            self.shapes.append(shape())
        except (ValueError, TypeError, IndexError, KeyError, ShapelyError) as error:
            self.shapes.append(None)
            self.findings.append(self._rejected(row, str(error).splitlines()[0][:120] if str(error) else "unreadable"))

    def repaired(self, code: str, message: str, remedy: str) -> None:
        """Say, while its shape is made, that something in a feature was put right."""
        row = self.rows[-1]
        said = f"{self.opened.name}, {self.word} {row}: {message}."
        self.findings.append(Finding(code, "repaired", said, row=row, field="geometry", remedy=remedy))

    def _rejected(self, row: int, reason: str) -> Finding:
        return Finding(
            "bad_geometry",
            "rejected",
            f"{self.opened.name}, {self.word} {row}: its geometry cannot be read ({reason}).",
            row=row,
            field="geometry",
            found=reason,
            remedy="Correct its coordinates.",
        )

    def layer(self, title: str = "", findings: Sequence[Finding] = ()) -> RawLayer:
        """All features as columns, in the order in which the headers first came.

        Raises
        ------
        TooLarge
            Over the limit of columns.
        """
        headers = list(dict.fromkeys(header for cells in self.cells for header in cells))
        headers = [header for header in headers if any(cells.get(header) for cells in self.cells)]
        check_width(len(headers), self.opened.max_columns, self.opened.name)
        columns, renamed = unique_headers(headers, self.opened.name)
        shapes = np.empty(len(self.shapes), dtype=object)
        shapes[:] = self.shapes
        return RawLayer(
            name=self.name,
            columns=columns,
            cells=[text_array([cells.get(header) or None for cells in self.cells]) for header in headers],
            rows=np.array(self.rows, dtype=np.int64),
            geometry=pa.array(shapely.to_wkb(shapes), pa.large_binary()),
            feature_ids=text_array(self.ids) if any(self.ids) else None,
            title=title[:300],
            findings=[*findings, *renamed, *self.findings],
        )


def number(text: str | None, what: str) -> float:
    """A finite number in plain digits.

    Raises
    ------
    ValueError
        When it is none; the message says what was found.
    """
    try:
        value = float(text or "")
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(f'{what} "{(text or "")[:40]}" is no number')
    return value


def ring(positions: list[Position]) -> tuple[list[Position], bool]:
    """An outline with its first position repeated at the end, and whether that had to be done.

    Raises
    ------
    ValueError
        When it has fewer than three corners.
    """
    is_open = bool(positions) and positions[0][:2] != positions[-1][:2]
    if len({position[:2] for position in positions}) < 3:
        raise ValueError(f"an outline with {len(positions)} points")
    return ([*positions, positions[0]], True) if is_open else (positions, False)


def line(positions: list[Position]) -> Any:
    """A line through at least two positions.

    Raises
    ------
    ValueError
        When there are fewer.
    """
    if len(positions) < 2:
        raise ValueError(f"a line with {len(positions)} point{'s' * (len(positions) != 1)}")
    return shapely.LineString(positions)


def together(shapes: Sequence[Any]) -> Any:
    """Several geometries as one: as a multi-geometry where they are of one type."""
    if len(shapes) < 2:
        return shapes[0] if shapes else None
    parts = [part for shape in shapes for part in shapely.get_parts(shape)]
    if len({part.geom_type for part in parts}) > 1:
        return shapely.GeometryCollection(parts)
    many = {"Point": shapely.MultiPoint, "LineString": shapely.MultiLineString, "Polygon": shapely.MultiPolygon}
    return many[parts[0].geom_type](parts)


def from_wkb(
    blobs: Sequence[bytes | None] | npt.NDArray[np.object_],
    where: str,
    word: str,
    rows: Sequence[int] | npt.NDArray[np.int64],
) -> tuple[Any, list[Finding]]:
    """Geometries from WKB, and a finding for each that cannot be read: none is lost in silence.

    Parameters
    ----------
    where : str
        File or layer, for messages.
    rows : sequence of int
        The number of each.
    """
    sound = np.full(len(blobs), None, dtype=object)
    try:
        sound[:] = [not_deep(blob) for blob in blobs]
        return shapely.from_wkb(sound), []
    except (ShapelyError, NotImplementedError, TypeError, ValueError):
        pass  # one of them at least: now one by one
    shapes, findings = np.full(len(blobs), None, dtype=object), []
    for index, (row, blob) in enumerate(zip(rows, blobs, strict=True)):
        try:
            shapes[index] = shapely.from_wkb(not_deep(blob))
        except (ShapelyError, NotImplementedError, TypeError, ValueError) as error:
            curved = isinstance(error, NotImplementedError)
            reason = "curves are not read" if curved else str(error).splitlines()[0][:120]
            findings.append(
                Finding(
                    "bad_geometry",
                    "rejected",
                    f"{where}, {word} {row}: its geometry cannot be read ({reason}).",
                    row=int(row),
                    field="geometry",
                    found=reason,
                    remedy="Change curves to straight segments." if curved else "Correct its geometry.",
                )
            )
    return shapes, findings
