"""ESRI shapefile: .shp with .dbf, .shx, .prj and .cpg beside it, usually zipped.

The attribute table is not UTF-8 unless its .cpg says so, the coordinate system is in
the .prj alone, and a .shp that was cut short still opens: all three are looked at here.
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

from layers.errors import UnreadableFile
from layers.report import Finding
from loaders.formats.format import Format, Opened
from loaders.formats.projection import to_degrees
from loaders.raw import RawLayer, check_width, text_array, unique_headers

SIDECARS = (".dbf", ".shx", ".prj", ".cpg")
HEADER_BYTES = 100
MAGIC = b"\x00\x00\x27\x0a"
DRIVER = "ESRI Shapefile"
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
        When it has no .prj and its coordinates are no degrees.
    """
    findings = _missing_sidecars(opened)
    encoding = _encoding(opened, findings)
    columns, geometry, fields = _read_with_gdal(opened, encoding)
    count = len(geometry)
    check_width(len(columns), opened.max_columns, opened.name)
    headers, renamed = unique_headers(columns, opened.name)
    lost = _beyond_the_end(opened.path, count)
    findings += [*renamed, *_truncated(opened, lost)]
    geometry[lost] = None
    shapes = shapely.from_wkb(geometry, on_invalid="ignore")
    shapes, moved = to_degrees(shapes, _prj(opened), opened.name)
    return [
        RawLayer(
            name="",
            columns=headers,
            cells=[text_array(_texts(values)) for values in fields],
            rows=np.arange(1, count + 1, dtype=np.int64),
            numeric=tuple(h for h, values in zip(headers, fields, strict=True) if values.dtype.kind == "f"),
            geometry=pa.array(shapely.to_wkb(shapes), pa.large_binary()),
            findings=[*findings, *moved],
        )
    ]


def _sidecar(path: Path, suffix: str) -> Path | None:
    """The file beside `path` with this suffix, in any case."""
    return next((p for p in path.parent.iterdir() if p.stem == path.stem and p.suffix.lower() == suffix), None)


def _missing_sidecars(opened: Opened) -> list[Finding]:
    lacking = {
        ".dbf": "it has no attributes",
        ".shx": "its index was rebuilt",
        ".prj": "its coordinates were taken as longitude and latitude",
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


def _read_with_gdal(opened: Opened, encoding: str | None) -> tuple[list[str], npt.NDArray[np.object_], list[Any]]:
    pyogrio = _import_pyogrio()
    allowed_drivers(pyogrio.list_drivers())
    if _sidecar(opened.path, ".shx") is None:
        pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": "YES"})
    try:
        meta, _, geometry, fields = pyogrio.raw.read(opened.path, encoding=encoding, datetime_as_string=True)
    except (pyogrio.errors.DataSourceError, UnicodeDecodeError, ValueError) as error:
        raise UnreadableFile(
            opened.name,
            f"a damaged shapefile ({str(error).splitlines()[0][:120]})",
            "a complete shapefile",
            "Export it again and send all its files in one zip.",
        ) from error
    if geometry is None:
        geometry = np.full(len(fields[0]) if fields else 0, None, dtype=object)
    return [str(name) for name in meta["fields"]], geometry, list(fields)


def _import_pyogrio() -> Any:
    """Import pyogrio without pandas and geopandas: it looks for them, at half a second, for no use here."""
    absent = [name for name in ("geopandas", "pandas") if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]
    try:
        import pyogrio
        import pyogrio.errors
        import pyogrio.raw
    finally:
        for name in absent:
            del sys.modules[name]
    return pyogrio


def allowed_drivers(drivers: dict[str, str]) -> None:
    """Stop unless GDAL opens shapefiles and nothing else: any other driver may read any path."""
    if set(drivers) != {DRIVER}:
        raise RuntimeError(f"GDAL has other drivers than {DRIVER}: {sorted(set(drivers) - {DRIVER})[:5]}")


def _prj(opened: Opened) -> str | None:
    prj = _sidecar(opened.path, ".prj")
    text = prj.read_text("utf-8", errors="replace").strip("\ufeff \r\n\t") if prj else ""
    return text or None


def _beyond_the_end(path: Path, count: int) -> npt.NDArray[np.bool_]:
    """Which records the index places beyond the end of the .shp: they were cut off."""
    lost = np.zeros(count, bool)
    index = _sidecar(path, ".shx")
    if index is None:
        return lost
    content = index.read_bytes()[HEADER_BYTES:]
    entries = np.frombuffer(content[: len(content) // 8 * 8], dtype=">i4").reshape(-1, 2)[:count].astype(np.int64)
    ends = entries.sum(axis=1) * 2 + 8
    lost[: len(ends)] = ends > path.stat().st_size
    return lost


def _truncated(opened: Opened, lost: npt.NDArray[np.bool_]) -> list[Finding]:
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
        for row in np.flatnonzero(lost) + 1
    ]
    return [summary, *rows]


def _texts(values: npt.NDArray[Any]) -> list[str | None]:
    if values.dtype.kind == "f":
        whole = bool(np.all(np.isnan(values) | (values == np.floor(values))))
        return [None if np.isnan(v) else str(int(v)) if whole else repr(float(v)) for v in values]
    if values.dtype.kind == "b":
        return ["true" if v else "false" for v in values]
    return [None if v is None or v == "" or str(v) == "NaT" else str(v).strip() for v in values]


SHAPEFILE = Format("shapefile", "shapefile (zipped)", (".shp", ".zip"), sniff, read)
