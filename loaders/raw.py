"""What a reader hands over: columns of text, geometry as WKB, the sender's row numbers.

The worker writes it as GeoParquet of a fixed schema; the parent reads it back and
checks every part of it, for the worker is not trusted once it has opened a file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from layers.errors import TooLarge, UnreadableFile
from layers.report import Finding

GEO = {
    "version": "1.0.0",
    "primary_column": "geometry",
    "columns": {"geometry": {"encoding": "WKB", "geometry_types": []}},
}


CODED = pa.dictionary(pa.int32(), pa.string())  # the type of a column of few different texts


@dataclass
class RawLayer:
    """One layer of a file, as the sender wrote it.

    Attributes
    ----------
    name : str
        Layer inside the file; empty where a file holds one only.
    columns : tuple of str
        The sender's headers, made unique.
    cells : list of pyarrow string arrays
        One per column; null where nothing was given. A reader may leave them in chunks;
        `read_raw` gives whole ones. Columns of few different texts may be dictionaries
        (`CODED`): `unfolded` gives plain ones.
    rows : int64 array
        The number that the sender sees, ascending.
    geometry : pyarrow binary array or None
        WKB in EPSG:4326; None where the format has no geometry.
    feature_ids : pyarrow string array or None
        GeoJSON Feature ids.
    hxl : tuple of str
        HXL tag of each column, empty where there is no HXL row.
    title : str
        Title lines that stood above the header.
    numeric : tuple of str
        Columns that the format itself holds as fractions, not as text of a person.
    overlay : dict
        What a file written by Overlay says of itself.
    format : str
        Id of the format that read it.
    crs : str
        Empty where geometry is EPSG:4326; "unknown" where the numbers cannot be degrees
        and the file states no system: then the person is asked.
    spare : tuple of int
        Rows of the sender that a source made no record of (a row of zeros in a table of
        flows): they count as rows in.
    """

    name: str
    columns: tuple[str, ...]
    cells: list[pa.Array]
    rows: npt.NDArray[np.int64]
    geometry: pa.Array | None = None
    feature_ids: pa.Array | None = None
    hxl: tuple[str, ...] = ()
    title: str = ""
    numeric: tuple[str, ...] = ()
    overlay: dict[str, Any] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    format: str = ""
    crs: str = ""
    spare: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)


def text_array(values: Iterable[str | None]) -> pa.Array:
    """A column of text."""
    return pa.array(values, type=pa.large_string())


def plain_text(column: pa.Array) -> pa.Array:
    """A column of text without its dictionary."""
    return column.cast(pa.large_string())


def unfolded(layer: RawLayer) -> RawLayer:
    """The layer with plain columns: no dictionaries."""
    return replace(layer, cells=[plain_text(column) for column in layer.cells])


def unique_headers(headers: Iterable[str], name: str) -> tuple[tuple[str, ...], list[Finding]]:
    """Headers made unique: no column is lost because another has its name."""
    result: list[str] = []
    taken: set[str] = set()
    findings = []
    for position, header in enumerate(headers, 1):
        plain = " ".join(header.replace("\ufeff", "").split()) or f"column_{position}"
        unique, copy = plain, 2
        while unique in taken:
            unique, copy = f"{plain} ({copy})", copy + 1
        if unique != plain:
            findings.append(
                Finding(
                    "duplicate_header",
                    "warning",
                    f'{name}: the header "{plain}" stands more than once; the later column is kept as "{unique}".',
                    field=plain,
                    found=plain,
                    remedy="Give each column its own header.",
                )
            )
        taken.add(unique)
        result.append(unique)
    return tuple(result), findings


def check_width(count: int, limit: int, name: str) -> None:
    """Refuse a table with too many columns."""
    if count > limit:
        raise TooLarge(
            name, f"{count} columns", f"at most {limit}", "Remove columns that are not needed, or raise max_columns."
        )


def _schema(types: Iterable[pa.DataType]) -> pa.Schema:
    cells = [(f"c{i}", kind) for i, kind in enumerate(types)]
    return pa.schema([("row", pa.int64()), ("feature_id", pa.large_string()), ("geometry", pa.large_binary()), *cells])


def write_raw(layer: RawLayer, folder: Path, number: int) -> dict[str, Any]:
    """Write the layer as GeoParquet and give its entry for the worker's report."""
    count = len(layer)
    arrays = [
        pa.array(layer.rows, pa.int64()),
        pa.nulls(count, pa.large_string()) if layer.feature_ids is None else layer.feature_ids,
        pa.nulls(count, pa.large_binary()) if layer.geometry is None else layer.geometry,
        *(_one_dictionary(column) for column in layer.cells),
    ]
    schema = _schema(CODED if column.type == CODED else pa.large_string() for column in layer.cells)
    table = pa.Table.from_arrays(arrays, schema=schema.with_metadata({"geo": json.dumps(GEO)}))
    coded = [field.name for field in schema if field.type == CODED]
    file = f"{number}.parquet"
    # No statistics: nothing is ever searched in it.
    pq.write_table(table, folder / file, compression="lz4", use_dictionary=coded, write_statistics=False)
    return {
        "file": file,
        "name": layer.name,
        "columns": list(layer.columns),
        "hxl": list(layer.hxl),
        "title": layer.title,
        "rows": count,
        "geometry": layer.geometry is not None,
        "feature_ids": layer.feature_ids is not None,
        "numeric": list(layer.numeric),
        "overlay": layer.overlay,
        "format": layer.format,
        "crs": layer.crs,
        "spare": list(layer.spare),
        "findings": [finding.as_dict() for finding in layer.findings],
    }


def read_raw(file: Path, entry: dict[str, Any], *, repeated: bool = False) -> RawLayer:
    """Read back what the worker wrote, checked against the fixed schema.

    Parameters
    ----------
    repeated : bool
        Whether several records may stand for one row: so in a draft, where a source
        made them, and never in what comes out of the sandbox.

    Raises
    ------
    UnreadableFile
        When it differs in columns, types, row count or order.
    """
    columns = tuple(str(c) for c in entry["columns"])
    table = pq.ParquetFile(file).read()  # a chunk per row group: less to join than read_table gives
    types = [CODED if field.type == CODED else pa.large_string() for field in table.schema][3:]
    fits = len(types) == len(columns) and table.schema.remove_metadata().equals(_schema(types))
    if not fits or table.num_rows != entry["rows"]:
        raise UnreadableFile(file.name, "a table of another form", "the reader's fixed schema", "Report this file.")
    rows = table["row"].to_numpy()
    if len(rows) and (rows[0] < 1 or not bool(np.all(np.diff(rows) >= (0 if repeated else 1)))):
        raise UnreadableFile(file.name, "row numbers out of order", "ascending row numbers", "Report this file.")
    return RawLayer(
        name=str(entry["name"]),
        columns=columns,
        cells=[_flat(table[f"c{i}"]) for i in range(len(columns))],
        rows=rows,
        geometry=_flat(table["geometry"]) if entry["geometry"] else None,
        feature_ids=_flat(table["feature_id"]) if entry["feature_ids"] else None,
        hxl=tuple(str(tag) for tag in entry["hxl"]),
        title=str(entry["title"]),
        numeric=tuple(str(c) for c in entry["numeric"]),
        overlay=dict(entry["overlay"]),
        format=str(entry["format"]),
        crs=str(entry["crs"]),
        spare=tuple(int(row) for row in entry["spare"]),
        findings=[Finding(**finding) for finding in entry["findings"]],
    )


def _one_dictionary(column: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    return column.unify_dictionaries() if isinstance(column, pa.ChunkedArray) else column


def _flat(column: pa.ChunkedArray) -> pa.Array:
    """One array of a column, its texts and the numbers of its dictionary checked."""
    column.validate(full=True)
    if column.num_chunks == 1:
        return column.chunk(0)  # joining one would copy it
    whole = column.unify_dictionaries().combine_chunks()
    return whole if isinstance(whole, pa.Array) else pa.concat_arrays(whole.chunks)
