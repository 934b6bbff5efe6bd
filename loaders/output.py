"""What a worker hands over, checked before any of it is believed.

The worker opened an untrusted file, so it is not trusted either: its report must be of a
fixed form, its tables of a fixed schema, its geometry of bounded depth, and all of them
plain files of its own folder.
"""

from __future__ import annotations

import os
import stat
import struct
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import shapely
from msgspec import Meta, Struct

from layers import errors
from layers.errors import LoadError, UnreadableFile
from layers.report import Finding
from loaders.raw import RawLayer, read_raw
from loaders.wkb import shallow

MAX_REPORT_BYTES = 256 * 1024 * 1024
MAX_FOOTER_BYTES = 32 * 1024 * 1024
MAX_OVERLAY_BYTES = 100_000
MAX_LAYERS = 1_000
DEEPEST_OVERLAY = 64

Name = Annotated[str, Meta(max_length=1_000)]
Text = Annotated[str, Meta(max_length=10_000)]
Names = Annotated[list[Name], Meta(max_length=10_000)]
Count = Annotated[int, Meta(ge=0)]


class _Finding(Struct, forbid_unknown_fields=True):
    code: Name
    severity: Literal["info", "repaired", "warning", "rejected", "refused"]
    message: Text
    row: int | None
    field: Text | None
    found: Text
    remedy: Text


class _Layer(Struct, forbid_unknown_fields=True):
    file: Name
    name: Name
    columns: Names
    hxl: Names
    title: Name
    rows: Count
    geometry: bool
    feature_ids: bool
    numeric: Names
    overlay: dict[str, Any]
    format: Name
    crs: Name
    spare: list[Count]
    findings: list[_Finding]


class _Refusal(Struct, forbid_unknown_fields=True):
    type: Name
    code: Name
    where: Text
    found: Text
    expected: Text
    remedy: Text


class _Report(Struct, forbid_unknown_fields=True):
    layers: Annotated[list[_Layer], Meta(max_length=MAX_LAYERS)] = []
    findings: list[_Finding] = []
    error: _Refusal | None = None


def read_output(folder: Path, report: str, name: str, max_bytes: int) -> tuple[list[RawLayer], list[Finding]]:
    """The layers and findings that a worker left in its folder.

    Parameters
    ----------
    report : str
        Name of the report in the folder.
    name : str
        The file, as the sender named it.
    max_bytes : int
        Most bytes of one table, as its footer declares them unpacked.

    Raises
    ------
    LoadError
        The worker's refusal, or UnreadableFile when its output is of another form.
    """
    content = plain_file(folder / report, MAX_REPORT_BYTES, name).read_bytes()
    try:
        said = msgspec.json.decode(content, type=_Report)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _another_form(name) from error
    if said.error:
        raise _refusal(said.error)
    layers = [_layer(folder, number, entry, name, max_bytes) for number, entry in enumerate(said.layers)]
    return layers, [Finding(**msgspec.structs.asdict(finding)) for finding in said.findings]


def plain_file(file: Path, max_bytes: int, name: str) -> Path:
    """The path, if it is a plain file: no link to another one, and not too large.

    Raises
    ------
    UnreadableFile
        When it is anything else. The worker has ended by then: nothing exchanges it.
    """
    try:
        found = file.lstat()
    except OSError as error:
        raise _another_form(name, "no report") from error
    if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1 or found.st_size > max_bytes:
        raise _another_form(name, "output that is no plain file")
    return file


def _layer(folder: Path, number: int, entry: _Layer, name: str, max_bytes: int) -> RawLayer:
    if len(msgspec.json.encode(entry.overlay)) > MAX_OVERLAY_BYTES or _deep(entry.overlay, DEEPEST_OVERLAY):
        raise _another_form(name)
    file = plain_file(folder / f"{number}.parquet", max_bytes, name)
    _check_footer(file, entry.rows, name, max_bytes)
    try:
        layer = read_raw(file, msgspec.to_builtins(entry))
    except (OSError, ValueError, TypeError, KeyError) as error:  # Arrow's errors are among them
        raise _another_form(name) from error
    if layer.geometry is not None:
        _check_geometry(layer.geometry, name)
    return layer


def _deep(value: Any, left: int) -> bool:
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return left == 0 or any(_deep(member, left - 1) for member in members)


def _check_footer(file: Path, rows: int, name: str, max_bytes: int) -> None:
    """The footer is parsed whole: it must be small, and declare what can be held."""
    import pyarrow.parquet as pq

    with file.open("rb") as stream:
        stream.seek(-min(8, file.stat().st_size), os.SEEK_END)
        end = stream.read()
    if len(end) < 8 or end[4:] != b"PAR1" or struct.unpack("<I", end[:4])[0] > MAX_FOOTER_BYTES:
        raise _another_form(name)
    try:
        footer = pq.read_metadata(file)
        declared = sum(footer.row_group(i).total_byte_size for i in range(footer.num_row_groups))
    except (OSError, ValueError) as error:
        raise _another_form(name) from error
    if footer.num_rows != rows or not 0 <= declared <= max_bytes:
        raise _another_form(name)


def _check_geometry(geometry: Any, name: str) -> None:
    """Every geometry can be read, and none is nested so deep that reading ends the process."""
    blobs = geometry.to_numpy(zero_copy_only=False)
    if any(blob is not None and not shallow(blob) for blob in blobs):
        raise _another_form(name, "geometry nested too deeply")
    try:
        shapely.from_wkb(blobs)
    except shapely.errors.ShapelyError as error:
        raise _another_form(name, "geometry that cannot be read") from error


def _another_form(name: str, found: str = "output of another form") -> UnreadableFile:
    return UnreadableFile(
        name, f"content on which the reader gave {found}", "the reader's fixed form", "Report this file."
    )


def _refusal(error: _Refusal) -> LoadError:
    """The worker's refusal as the same error here; only load errors are taken from it."""
    kind = getattr(errors, error.type, None)
    if not (isinstance(kind, type) and issubclass(kind, LoadError)):
        kind = UnreadableFile
    return kind(error.where, error.found, error.expected, error.remedy)
