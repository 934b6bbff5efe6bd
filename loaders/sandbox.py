"""The locked-down child process that opens an untrusted file.

One process per file, in a folder of its own outside OVERLAY_HOME, with an environment of
its own. It limits itself (`loaders.limits`) and walls itself in (`loaders.confinement`);
what it hands over is checked before it is believed (`loaders.output`). What of this is
active on a machine, `loaders.safeguards` measures.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from layers.errors import TooLarge, UnreadableFile
from layers.report import Finding
from layers.settings import PROJECT, Settings
from loaders.drivers import skipped
from loaders.formats.shapefile import SIDECARS
from loaders.limits import Limits
from loaders.output import plain_file, read_output
from loaders.raw import RawLayer
from loaders.worker import OUT_OF_MEMORY, PROGRESS, REPORT

PREFIX = "overlay-worker-"
LOOK_EVERY_S = (0.005, 0.1)  # at first, and at most
# What libraries say that get no memory, or no thread because its stack finds no room.
STARVED = (
    *("MemoryError", "bad_alloc", "mmap", "Cannot allocate", "memory allocation", "out of memory"),
    *("start new thread", "Resource temporarily unavailable", "failed to spawn thread"),
)
SAID = "said"  # what the worker writes to standard error
Progress = Callable[[int], None]


def environment() -> dict[str, str]:
    """The whole environment of the worker: nothing of ours passes but this."""
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(PROJECT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "GDAL_SKIP": skipped(),
        "GDAL_DRIVER_PATH": "disable",
        "GDAL_HTTP_PROXY": "127.0.0.1:9",
        "GDAL_PAM_ENABLED": "NO",
        "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
        "OGR_ENABLE_PARTIAL_REPROJECTION": "NO",
        "PROJ_NETWORK": "OFF",
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "ARROW_IO_THREADS": "2",  # each takes room for its stack
        "MALLOC_ARENA_MAX": "2",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


@dataclass(frozen=True)
class Program:
    """What is started to open a file. The hostile set starts others, with a safeguard left out."""

    arguments: tuple[str, ...] = ("-P", "-m", "loaders.worker")
    environment: dict[str, str] = field(default_factory=environment)


WORKER = Program()


def read_in_sandbox(
    path: Path, settings: Settings, *, progress: Progress | None = None, program: Program = WORKER
) -> tuple[list[RawLayer], list[Finding]]:
    """Read an untrusted file in a process of its own.

    Parameters
    ----------
    path : Path
        The file; a loose .shp brings the files beside it.
    progress : callable, optional
        Told, several times a second, how many rows were read so far.

    Raises
    ------
    LoadError
        What the reader refused, UnreadableFile when it crashed, or TooLarge when it ran
        over its limits.
    """
    if not path.is_file():
        raise UnreadableFile(path.name, "no such file", "a file", "Check the path.")
    limit = settings.max_file_mb * 1_000_000
    if path.stat().st_size > limit:
        size = path.stat().st_size / 1e6
        raise TooLarge(path.name, f"{size:.0f} MB", f"at most {settings.max_file_mb} MB", "Split the file.")
    with _folder() as folder:
        job = {
            "file": _stage(path, folder),
            "name": path.name,
            "max_columns": settings.max_columns,
            "max_bytes": limit,
            "limits": limits_of(settings),
            "parent": os.getpid(),
        }
        (folder / "job.json").write_text(json.dumps(job), "utf-8")
        _run(folder, path.name, settings, progress or (lambda rows: None), program)
        return read_output(folder, REPORT, path.name, limits_of(settings)["file_size"])


def limits_of(settings: Settings) -> Limits:
    """The worker's limits, from the settings; two threads may spend its time."""
    return Limits(
        memory=settings.worker_memory_mb * 1024 * 1024,
        seconds=2 * settings.worker_seconds,
        file_size=4 * settings.max_file_mb * 1_000_000,
    )


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder that only this user can enter, gone afterwards: personal data may pass through it."""
    _sweep(Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _sweep(parent: Path) -> None:
    """Remove the folders of processes that were killed before they could."""
    for folder in parent.glob(f"{PREFIX}*-*"):
        pid = folder.name.removeprefix(PREFIX).partition("-")[0]
        with suppress(OSError):
            if pid.isdigit() and folder.lstat().st_uid == os.getuid() and not _runs(int(pid)):
                shutil.rmtree(folder)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _stage(path: Path, folder: Path) -> str:
    """Copy the file, and a shapefile's companions, under a name of our own."""
    suffix = path.suffix.lower()[:20]
    staged = f"input{suffix if suffix.removeprefix('.').isalnum() else ''}"
    shutil.copyfile(path, folder / staged)
    if suffix == ".shp":
        for beside in path.parent.iterdir():
            if beside.stem == path.stem and beside.suffix.lower() in SIDECARS and beside.is_file():
                shutil.copyfile(beside, folder / f"input{beside.suffix.lower()}")
    return staged


def _run(folder: Path, name: str, settings: Settings, progress: Progress, program: Program) -> None:
    """Start the worker and wait for its end, or end it.

    Raises
    ------
    LoadError
        When it did not end well.
    """
    with (folder / SAID).open("wb") as said:
        worker = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, *program.arguments, str(folder / "job.json")],
            cwd=folder,
            env=program.environment | {"TMPDIR": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
            start_new_session=True,
        )
    try:
        in_time = _wait(worker, folder, settings.worker_seconds, progress)
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
    _judge(worker.returncode if in_time else None, folder, name, settings)


def _judge(code: int | None, folder: Path, name: str, settings: Settings) -> None:
    """Nothing when the worker ended well; else why it did not, in words for the person who sent the file."""
    if code == 0:
        return
    lines = _last_lines(folder)
    said = lines[-1][:160] if lines else ""
    if code is None or code == -signal.SIGXCPU:
        found = f"a file still unread after {settings.worker_seconds} s"
        raise TooLarge(name, found, "one that is read in time", "Split or simplify it.")
    starved = any(word in "\n".join(lines) for word in STARVED)
    if code in (OUT_OF_MEMORY, -signal.SIGKILL) or starved:
        limit = f"at most {settings.worker_memory_mb} MB"
        raise TooLarge(name, "a file that needs more memory", limit, "Split or simplify it.")
    if "File too large" in said or "No space left" in said:
        raise TooLarge(name, "a file that grows too large when it is read", "a smaller one", "Split or simplify it.")
    if code < 0:
        found = f"content on which the reader crashed ({signal.Signals(-code).name})"
    else:
        found = f"content on which the reader stopped ({said or f'code {code}'})"
    raise UnreadableFile(name, found, "a sound file", "Export it again.")


def _wait(worker: subprocess.Popen[bytes], folder: Path, seconds: float, progress: Progress) -> bool:
    """Whether the worker ended in time; how far it is, is told meanwhile."""
    deadline, pause, told = time.monotonic() + seconds, LOOK_EVERY_S[0], 0
    while worker.poll() is None:
        if time.monotonic() > deadline:
            return False
        rows = _rows_so_far(folder)
        if rows > told:
            progress(told := rows)
        time.sleep(pause)
        pause = min(pause * 1.3, LOOK_EVERY_S[1])
    return True


def _rows_so_far(folder: Path) -> int:
    try:
        file = os.open(folder / PROGRESS, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return 0
    try:
        digits = os.read(file, 19)
    except OSError:
        return 0
    finally:
        os.close(file)
    return int(digits) if digits.isdigit() else 0


def _last_lines(folder: Path) -> list[str]:
    """The last that the worker wrote to standard error: for a person, so printable."""
    with suppress(UnreadableFile, OSError), plain_file(folder / SAID, 1 << 62, SAID).open("rb") as stream:
        stream.seek(-min(4096, stream.seek(0, os.SEEK_END)), os.SEEK_END)
        lines = stream.read().decode("utf-8", errors="replace").strip().splitlines()
        return ["".join(c for c in line if c.isprintable()) for line in lines]
    return []
