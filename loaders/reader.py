"""A file to its layers, inside the worker: the right format, or every file of an archive."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from layers.errors import OverlayError, TooLarge, UnreadableFile
from layers.report import Finding
from loaders.drivers import OtherDrivers
from loaders.formats import FORMATS, format_of, readable
from loaders.formats.archive import MAX_RATIO, MAX_RATIO_OF_WORKBOOKS, check_zip, is_zip, unpack
from loaders.formats.format import Opened
from loaders.formats.shapefile import SIDECARS
from loaders.raw import RawLayer

EXTENSIONS = frozenset(extension for f in FORMATS for extension in f.extensions) - {".zip"}
# Read-me files and metadata lie beside a layer: they are read only where there is nothing else.
ACCOMPANYING = frozenset({".txt", ".xml"})
LONGEST_HEADER = 1_000
REMEDY = "Export or copy the file again."


@dataclass(frozen=True)
class Bounds:
    """Most columns, most unpacked bytes, and whom to tell how many rows were read."""

    max_columns: int = 500
    max_bytes: int = 1_000_000_000
    progress: Callable[[int], None] = lambda rows: None


def read_file(path: Path, name: str, bounds: Bounds) -> tuple[list[RawLayer], list[Finding]]:
    """All layers of a file, or of the files in an archive.

    Raises
    ------
    LoadError
        When nothing in it can be read.
    """
    if not is_zip(path):
        return _read_one(path, name, bounds)
    packed = _taken_packed(path)
    check_zip(path, name, bounds.max_bytes, MAX_RATIO_OF_WORKBOOKS if packed else MAX_RATIO)
    if packed:
        return _read_one(path, name, bounds)
    folder = path.parent / "unpacked"
    folder.mkdir()
    files = [f for f in unpack(path, name, folder, bounds.max_bytes) if f.suffix not in SIDECARS]
    return _read_archive(files, name, bounds)


def _taken_packed(path: Path) -> bool:
    """Whether a format reads the archive as it is: a workbook, a KMZ, a data package."""
    with path.open("rb") as stream:
        head = stream.read(65_536)
    return any(f.sniff(head, path) for f in FORMATS)


def _read_archive(files: list[Path], name: str, bounds: Bounds) -> tuple[list[RawLayer], list[Finding]]:
    layers: list[RawLayer] = []
    findings: list[Finding] = []
    failures: list[OverlayError] = []
    main_files = [f for f in files if f.suffix in EXTENSIONS]
    main_files = [f for f in main_files if f.suffix not in ACCOMPANYING] or main_files
    for file in main_files:
        shown = name if len(main_files) == 1 else f"{name}/{file.name}"
        try:
            if is_zip(file):
                check_zip(file, shown, bounds.max_bytes, MAX_RATIO_OF_WORKBOOKS)
            found, notes = _read_one(file, shown, bounds)
        except OverlayError as error:
            failures.append(error)
            continue
        for layer in found:
            layer.name = layer.name or (file.stem if len(main_files) > 1 else "")
        layers += found
        findings += [n for n in notes if n.code != "name_mismatch" or len(main_files) > 1]
    if not layers:
        raise failures[0] if failures else _nothing_inside(name, files)
    return layers, [*findings, *map(_as_finding, failures)]


def _read_one(path: Path, name: str, bounds: Bounds) -> tuple[list[RawLayer], list[Finding]]:
    chosen, findings = format_of(path, name)
    try:
        layers = chosen.read(Opened(path, name, bounds.max_columns, bounds.progress))
    except (OverlayError, MemoryError, OtherDrivers):
        raise
    except RecursionError as error:
        raise UnreadableFile(name, "content nested too deeply", f"ordinary {chosen.label}", REMEDY) from error
    except Exception as error:
        # A reader that stumbles over hostile or damaged content is no fault of the person's.
        found = f"content on which the reader of {chosen.label} stopped ({type(error).__name__})"
        raise UnreadableFile(name, found, f"sound {chosen.label}", REMEDY) from error
    for layer in layers:
        _check_headers(layer, name)
        layer.format = layer.format or chosen.id
    return layers, findings


def _check_headers(layer: RawLayer, name: str) -> None:
    longest = max(map(len, (*layer.columns, *layer.hxl)), default=0)
    if longest > LONGEST_HEADER:
        raise TooLarge(name, f"a header of {longest} characters", f"at most {LONGEST_HEADER}", "Shorten the header.")


def _nothing_inside(name: str, files: list[Path]) -> UnreadableFile:
    inside = ", ".join(sorted(f.name for f in files)[:5])
    what = "an Excel workbook" if any(f.name == "workbook.xml" for f in files) else f"a zip archive with {inside}"
    return UnreadableFile(name, what, readable(), "Save the sheet as CSV, or zip the files of a layer.")


def _as_finding(error: OverlayError) -> Finding:
    return Finding(error.code, "warning", str(error), found=error.found, remedy=error.remedy)
