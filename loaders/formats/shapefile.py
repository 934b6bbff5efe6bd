"""ESRI shapefile: .shp with .dbf, .shx, .prj and .cpg beside it, usually zipped.

The attribute table is not UTF-8 unless its .cpg says so, the coordinate system is in
the .prj alone, and a .shp that was cut short still opens: all three are looked at here.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

from layers.errors import UnreadableFile
from layers.report import Finding
from loaders.drivers import import_pyogrio
from loaders.formats import arrow
from loaders.formats.features import from_wkb
from loaders.formats.format import Format, Opened
from loaders.formats.projection import crs_of, to_degrees
from loaders.raw import RawLayer, check_width, text_array, unique_headers

SIDECARS = (".dbf", ".shx", ".prj", ".cpg")
HEADER_BYTES = 100
MAGIC = b"\x00\x00\x27\x0a"
# Language driver byte of the .dbf (offset 29) that names an encoding; 0 says nothing.
LANGUAGE_DRIVERS = {0x03: "cp1252", 0x57: "cp1252", 0x01: "cp437", 0x02: "cp850", 0x13: "cp932", 0x7A: "gbk"}


def sniff(head: bytes, path: Path) -> bool:
    """The file code 9994."""
    return head[:4] == MAGIC


def read(opened: Opened) -> list[RawLayer]:
    """Read one shapefile.

    Raises
    ------
    UnreadableFile
        When nothing of it can be read.
    NoCrs
        When its .prj is no known coordinate system.
    """
    _name_sidecars_alike(opened.path)
    findings = _missing_sidecars(opened)
    encoding, table = _encoding(opened, findings), _table(opened.path)
    columns, rows, geometry, fields = _read_with_gdal(opened, encoding)
    check_width(len(columns), opened.max_columns, opened.name)
    headers, renamed = unique_headers(columns, opened.name)
    lost = _beyond_the_end(opened.path, rows)
    findings += [*renamed, *_truncated(opened, rows, lost), *_lacking(opened, table, rows)]
    geometry[lost] = None
    shapes, bad = from_wkb(geometry, opened.name, "feature", rows)
    crs = _prj(opened)
    shapes, moved = to_degrees(shapes, crs, opened.name)
    return [
        RawLayer(
            name="",
            columns=headers,
            cells=[_texts(values) for values in fields],
            rows=rows,
            numeric=tuple(h for h, values in zip(headers, fields, strict=True) if values.dtype.kind == "f"),
            geometry=pa.array(shapely.to_wkb(shapes), pa.large_binary()),
            crs=crs_of(shapes) if crs is None else "",
            findings=[*findings, *bad, *moved],
        )
    ]


def _sidecar(path: Path, suffix: str) -> Path | None:
    """The file beside `path` with this suffix, in any case."""
    return next((p for p in path.parent.iterdir() if p.stem == path.stem and p.suffix.lower() == suffix), None)


def _name_sidecars_alike(path: Path) -> None:
    """ROADS.DBF beside roads.shp: to a case-sensitive folder that is no companion."""
    for beside in list(path.parent.iterdir()):
        wanted = path.with_suffix(beside.suffix.lower())
        if beside.stem.lower() == path.stem.lower() and beside.suffix.lower() in SIDECARS and not wanted.exists():
            beside.rename(wanted)


def _missing_sidecars(opened: Opened) -> list[Finding]:
    lacking = {
        ".dbf": "it has no attributes",
        ".shx": "its index was rebuilt",
        ".prj": "its coordinates are taken as longitude and latitude where they can be degrees",
    }
    return [
        Finding(
            "missing_sidecar",
            "warning",
            f"{opened.name}: the {suffix} file is missing, so {effect}.",
            found=f"no {suffix}",
            remedy="Send the whole shapefile, zipped.",
        )
        for suffix, effect in lacking.items()
        if _sidecar(opened.path, suffix) is None
    ]


def _encoding(opened: Opened, findings: list[Finding]) -> str | None:
    if _sidecar(opened.path, ".cpg") is not None:
        return None  # GDAL follows it
    dbf = _sidecar(opened.path, ".dbf")
    if dbf is None:
        return None
    content = dbf.read_bytes()
    stated = LANGUAGE_DRIVERS.get(content[29]) if len(content) > 29 else None
    try:
        content[32:].decode("utf-8")
    except UnicodeDecodeError:
        guess = stated or "cp1252"
    else:
        guess = "utf-8"
    if not content[32:].isascii():
        findings.append(
            Finding(
                "encoding_guessed",
                "warning",
                f"{opened.name}: no .cpg file says how its text is encoded; it was read as {guess}.",
                found="no .cpg",
                remedy="Check names with accents; send the .cpg file with it.",
            )
        )
    return guess


def _read_with_gdal(
    opened: Opened, encoding: str | None
) -> tuple[list[str], npt.NDArray[np.int64], npt.NDArray[np.object_], list[Any]]:
    """Names of columns, numbers of the features, their WKB, and the columns."""
    pyogrio = import_pyogrio()
    if _sidecar(opened.path, ".shx") is None:
        pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": "YES"})
    try:
        meta, fids, geometry, fields = pyogrio.raw.read(
            opened.path, encoding=encoding, datetime_as_string=True, return_fids=True
        )
        for i, (kind, values) in enumerate(zip(meta["dtypes"], fields, strict=True)):
            # Whole numbers among blanks come as fractions, which hold 15 digits; codes may have more.
            if (
                str(kind).startswith("int")
                and values.dtype.kind == "f"
                and np.nanmax(np.abs(values), initial=0) > 2**53
            ):
                only = [str(meta["fields"][i])]
                table = pyogrio.raw.read_arrow(opened.path, encoding=encoding, columns=only, read_geometry=False)[1]
                fields[i] = np.array(arrow.texts(table[only[0]].combine_chunks()).to_pylist(), dtype=object)
    except (pyogrio.errors.DataSourceError, UnicodeDecodeError, ValueError) as error:
        raise UnreadableFile(
            opened.name,
            f"a damaged shapefile ({str(error).splitlines()[0][:120]})",
            "a complete shapefile",
            "Export it again and send all its files in one zip.",
        ) from error
    if geometry is None:
        geometry = np.full(len(fields[0]) if fields else 0, None, dtype=object)
    return [str(name) for name in meta["fields"]], fids.astype(np.int64) + 1, geometry, list(fields)


def _prj(opened: Opened) -> str | None:
    prj = _sidecar(opened.path, ".prj")
    text = prj.read_text("utf-8", errors="replace").strip("\ufeff \r\n\t") if prj else ""
    return text or None


def _beyond_the_end(path: Path, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Which records the index places beyond the end of the .shp: they were cut off."""
    lost = np.zeros(len(rows), bool)
    index = _sidecar(path, ".shx")
    if index is None:
        return lost
    content = index.read_bytes()[HEADER_BYTES:]
    entries = np.frombuffer(content[: len(content) // 8 * 8], dtype=">i4").reshape(-1, 2).astype(np.int64)
    ends = entries.sum(axis=1) * 2 + 8
    known = rows <= len(ends)
    lost[known] = ends[rows[known] - 1] > path.stat().st_size
    return lost


@dataclass(frozen=True)
class _Table:
    """Records that a .dbf declares, and that are whole in it; shapes that the index lists."""

    declared: int
    present: int
    shapes: int


def _table(path: Path) -> _Table | None:
    """What stands in the .dbf. One that was cut short is filled up with blanks, for GDAL gives up at the cut."""
    dbf, index = _sidecar(path, ".dbf"), _sidecar(path, ".shx")
    head = dbf.read_bytes()[:12] if dbf else b""
    if dbf is None or len(head) < 12:
        return None
    declared, begins, width = struct.unpack("<IHH", head[4:12])
    size = dbf.stat().st_size
    present = min(declared, max(0, size - begins) // max(1, width))
    shapes = (index.stat().st_size - HEADER_BYTES) // 8 if index else declared
    if begins <= size and present < declared <= shapes:
        with dbf.open("ab") as stream:
            stream.write(b" " * (begins + declared * width - size))
    return _Table(declared, present, shapes)


def _lacking(opened: Opened, table: _Table | None, rows: npt.NDArray[np.int64]) -> list[Finding]:
    """What is said of records that were cut off, marked as deleted, or that have no shape."""
    if table is None or not len(rows):
        return []
    findings = [
        Finding(
            "truncated",
            "rejected",
            f"{opened.name}, feature {row}: its attributes lie beyond the end of the .dbf.",
            row=int(row),
            remedy="Export or copy the file again.",
        )
        for row in rows[rows > table.present]
    ]
    for code, count, what in (
        ("deleted_rows", int(rows[-1]) - len(rows), "records are marked as deleted in the .dbf and were left out"),
        ("rows_without_shape", table.declared - table.shapes, "records of the .dbf have no shape and were left out"),
    ):
        if count > 0:
            message = f"{opened.name}: {count} {what}."
            findings.append(Finding(code, "warning", message, found=str(count), remedy="Check the file at its source."))
    return findings


def _truncated(opened: Opened, numbers: npt.NDArray[np.int64], lost: npt.NDArray[np.bool_]) -> list[Finding]:
    size = opened.path.stat().st_size
    with opened.path.open("rb") as stream:
        head = stream.read(28)
    declared = struct.unpack(">i", head[24:28])[0] * 2 if len(head) == 28 else 0
    if not lost.any() and declared <= size:
        return []
    if len(lost) and lost.all():
        raise UnreadableFile(
            opened.name, f"{size} of {declared} bytes: it was cut short", "a complete .shp", "Export or copy it again."
        )
    summary = Finding(
        "truncated",
        "warning",
        f"{opened.name}: {size} of {declared} bytes are there; {int(lost.sum())} of {len(lost)} features were cut off.",
        found=f"{size} bytes",
        remedy="Export or copy the file again.",
    )
    rows = [
        Finding(
            "truncated",
            "rejected",
            f"{opened.name}, feature {row}: its geometry lies beyond the end of the file.",
            row=int(row),
            field="geometry",
            remedy="Export or copy the file again.",
        )
        for row in numbers[lost]
    ]
    return [summary, *rows]


def _texts(values: npt.NDArray[Any]) -> pa.Array:
    if values.dtype.kind == "f":
        return arrow.texts(pa.array(values))
    if values.dtype.kind == "b":
        return text_array(["true" if v else "false" for v in values])
    return text_array([None if v is None or v == "" or str(v) == "NaT" else str(v).strip() for v in values])


SHAPEFILE = Format("shapefile", "shapefile (zipped)", (".shp", ".zip"), sniff, read)
