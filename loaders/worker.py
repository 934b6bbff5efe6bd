"""The child process that opens one untrusted file: `python -m loaders.worker JOB`.

It knows no store and no network. It limits and walls itself in before anything large is
imported. What it makes of the file is GeoParquet and a report in its own folder;
whatever else happens, the parent believes only what it can check.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from loaders.confinement import confine
from loaders.limits import set_limits

REPORT, PROGRESS = "report.json", "progress"
OUT_OF_MEMORY = 77  # exit code
TELL_EVERY_S = 0.2
LONGEST_TEXT = 2_000


def main(job_file: str, without: frozenset[str] = frozenset()) -> int:
    """Read the file that the job names and write layers and report beside the job.

    Parameters
    ----------
    without : frozenset of str
        Safeguards left out; only the hostile set gives any, from a program of its own.
    """
    gc.disable()  # it lives for one file
    folder = Path(job_file).parent
    job = json.loads(Path(job_file).read_text("utf-8"))
    set_limits(job["limits"], without)
    confine(folder, without)
    if os.getppid() != job["parent"]:
        return 1  # it ended before we could ask to end with it
    try:
        report = _work(folder, job)
    except MemoryError:
        return OUT_OF_MEMORY
    (folder / REPORT).write_text(json.dumps(report), "utf-8")
    return 0


def _work(folder: Path, job: dict[str, Any]) -> dict[str, Any]:
    from layers.errors import OverlayError  # imports only now that the walls stand
    from loaders.raw import write_raw
    from loaders.reader import Bounds, read_file

    bounds = Bounds(job["max_columns"], job["max_bytes"], _Progress(folder / PROGRESS))
    try:
        layers, findings = read_file(folder / job["file"], job["name"], bounds)
        entries = [write_raw(layer, folder, number) for number, layer in enumerate(layers)]
    except OverlayError as error:
        said = {name: text[:LONGEST_TEXT] for name, text in error.as_dict().items()}
        return {"error": {"type": type(error).__name__, **said}}
    for entry in entries:
        entry["findings"] = [_shortened(finding) for finding in entry["findings"]]
    return {"layers": entries, "findings": [_shortened(finding.as_dict()) for finding in findings]}


def _shortened(finding: dict[str, Any]) -> dict[str, Any]:
    return {name: v[:LONGEST_TEXT] if isinstance(v, str) else v for name, v in finding.items()}


class _Progress:
    """Rows read so far, written where the parent looks now and then."""

    def __init__(self, file: Path) -> None:
        self._file = os.open(file, os.O_WRONLY | os.O_CREAT, 0o600)
        self._told = 0.0

    def __call__(self, rows: int) -> None:
        now = time.monotonic()
        if now - self._told >= TELL_EVERY_S:
            self._told = now
            os.pwrite(self._file, b"%019d" % rows, 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
