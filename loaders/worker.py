"""The child process that opens one untrusted file: `python -m loaders.worker JOB`.

It knows no store and no network. What it makes of the file is GeoParquet and a report
in its own folder; whatever else happens, the parent believes only what it can check.
Imports are few, for every file pays for them.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from layers.errors import OverlayError, UnreadableFile
from layers.report import Finding
from loaders.formats import format_of, readable
from loaders.formats.archive import is_zip, unpack
from loaders.formats.format import Opened
from loaders.formats.shapefile import SIDECARS
from loaders.limits import set_limits
from loaders.raw import RawLayer, write_raw

REPORT = "report.json"


def main(job_file: str) -> None:
    """Read the file that the job names and write layers and report beside the job."""
    job = json.loads(Path(job_file).read_text("utf-8"))
    folder = Path(job_file).parent
    set_limits(job["limits"])
    try:
        layers, findings = read_file(folder / job["file"], job["name"], job["max_columns"], job["max_bytes"])
        entries = [write_raw(layer, folder, number) for number, layer in enumerate(layers)]
        report: dict[str, Any] = {"layers": entries, "findings": [f.as_dict() for f in findings]}
    except OverlayError as error:
        report = {"error": {"type": type(error).__name__, **error.as_dict()}}
    (folder / REPORT).write_text(json.dumps(report), "utf-8")


def read_file(path: Path, name: str, max_columns: int, max_bytes: int) -> tuple[list[RawLayer], list[Finding]]:
    """All layers of a file, or of the files in an archive.

    Raises
    ------
    LoadError
        When nothing in it can be read.
    """
    if not is_zip(path):
        return _read_one(Opened(path, name, max_columns))
    folder = path.parent / "unpacked"
    folder.mkdir()
    files = [f for f in unpack(path, name, folder, max_bytes) if f.suffix not in SIDECARS]
    layers: list[RawLayer] = []
    findings: list[Finding] = []
    failures: list[OverlayError] = []
    main_files = [f for f in files if f.suffix in (".shp", ".gpkg", ".geojson", ".json", ".csv", ".tsv")]
    for file in main_files:
        shown = name if len(main_files) == 1 else f"{name}/{file.name}"
        try:
            found, notes = _read_one(Opened(file, shown, max_columns))
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


def _read_one(opened: Opened) -> tuple[list[RawLayer], list[Finding]]:
    chosen, findings = format_of(opened.path, opened.name)
    return chosen.read(opened), findings


def _nothing_inside(name: str, files: list[Path]) -> UnreadableFile:
    inside = ", ".join(sorted(f.name for f in files)[:5])
    what = "an Excel workbook" if any(f.name == "workbook.xml" for f in files) else f"a zip archive with {inside}"
    return UnreadableFile(name, what, readable(), "Save the sheet as CSV, or zip the files of a layer.")


def _as_finding(error: OverlayError) -> Finding:
    return Finding(error.code, "warning", str(error), found=error.found, remedy=error.remedy)


if __name__ == "__main__":
    main(sys.argv[1])
