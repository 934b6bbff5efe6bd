"""What a file written by Overlay says of itself, where its format has no place of its own for it.

GeoJSON has the member `overlay`; a GeoPackage carries the same in its metadata table, a
CSV in columns that begin with `overlay_`. Above all, exercise data come back as exercise.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

PREFIX = "overlay_"
# Columns that stand beside rejected rows when they go back to their sender.
RETURNED = frozenset({"overlay_row", "overlay_reason"})
ITEM = re.compile(r'<MDI key="overlay_(\w+)">(.*?)</MDI>', re.DOTALL)
# Starts at which our CSV puts an apostrophe, for a spreadsheet would run them as formulas.
ESCAPED = r"^'([=+\-@\t\r\n＝＋－＠])"


def from_metadata(texts: list[str]) -> dict[str, Any]:
    """The statements in the metadata table of a GeoPackage."""
    return {key: html.unescape(value) for text in texts for key, value in ITEM.findall(text)}


def from_columns(columns: list[str], cells: list[pa.Array]) -> dict[str, Any]:
    """The statements in the columns of a CSV; different ones are joined by a bar, so that none is believed."""
    said = {}
    for name, column in zip(columns, cells, strict=True):
        if name.startswith(PREFIX):
            values = [v for v in pc.unique(column).to_pylist() if v is not None]
            said[name.removeprefix(PREFIX)] = " | ".join(values[:3])
    return said if {"source", "exercise"} <= said.keys() else {}


Rows = Sequence[int] | npt.NDArray[np.int64]


def without_empty_export(rows: Rows, columns: list[str], cells: list[pa.Array]) -> tuple[Rows, list[pa.Array]]:
    """Without the first row when it holds statements alone: so our CSV states what an export of no rows is."""
    own = [column for name, column in zip(columns, cells, strict=True) if not name.startswith(PREFIX)]
    if not len(rows) or any(column[0].is_valid for column in own):
        return rows, cells
    return rows[1:], [column.slice(1) for column in cells]


def without_statements(columns: list[str], cells: list[pa.Array]) -> tuple[list[str], list[pa.Array]]:
    """The other columns of such a CSV, with the apostrophes taken off again."""
    kept = [i for i, name in enumerate(columns) if not name.startswith(PREFIX)]
    return [columns[i] for i in kept], [without_apostrophes(cells[i]) for i in kept]


def without_apostrophes(column: pa.Array) -> pa.Array:
    """The cells as they were before our CSV kept them from running as formulas."""
    return pc.replace_substring_regex(column, ESCAPED, r"\1")
