"""Work on files in processes of our own, so that the app neither grows nor waits.

A job lives in a folder outside OVERLAY_HOME: its request, how far it is, how it ended,
and the upload that it reads. Any process of the app can look at it or cancel it.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from layers.errors import LoadError
from layers.settings import PROJECT
from loaders.aside import forget_aside
from loaders.draft import DRAFT_ID, Draft
from loaders.scratch import sweep, work_folder
from store.access import Access

REQUEST, PROCESS, PROGRESS, OUTCOME, MADE = "request.json", "process.json", "progress.json", "outcome.json", "made"
UPLOAD, TEMPORARY, LOG = "upload", "tmp", "log"
LAST_WORDS_S = 2.0  # from being asked to stop to being stopped
_children: dict[int, subprocess.Popen[bytes]] = {}  # of this process of the app: it must take note of their end


@dataclass(frozen=True)
class Job:
    """A job as it stands on disk.

    Attributes
    ----------
    task : {"inspect", "review", "publish"}
    file : str
        As the sender named it.
    draft : str
        Id of the draft, for review and publish.
    state : {"running", "done", "failed"}
    stage : str
        What it does, in a word: reading, recognising, checking, comparing, publishing.
    rows : int
        Rows so far in this stage; 0 when not known.
    seconds : float
        Since it began, until now or its end.
    error : dict or None
        ``code, where, found, expected, remedy`` of why it failed.
    drafts : tuple of str
        Made by an inspection.
    published : dict or None
        ``layer, version, rows, marking, exercise`` of the version that was made.
    """

    id: str
    task: str
    file: str
    draft: str
    state: str
    stage: str
    rows: int
    seconds: float
    error: dict[str, str] | None = None
    drafts: tuple[str, ...] = ()
    published: dict[str, Any] | None = None


def staging(access: Access) -> Path:
    """A new folder, outside OVERLAY_HOME, into which an upload is streamed."""
    folder = _jobs(access) / uuid.uuid4().hex / UPLOAD
    folder.mkdir(mode=0o700, parents=True)
    return folder


def start_inspect(path: Path, access: Access) -> Job:
    """Inspect and review a file that lies in a folder of `staging`; the folder goes when the job ends."""
    return _start(path.parent.parent, access, task="inspect", file=path.name)


def start_review(draft: Draft, access: Access) -> Job:
    """Review a draft as it now stands."""
    return _start(_jobs(access) / uuid.uuid4().hex, access, task="review", file=draft.file, draft=draft.id)


def start_publish(draft: Draft, access: Access, *, note: str) -> Job:
    """Publish a reviewed draft over the version that the person saw."""
    folder = _jobs(access) / uuid.uuid4().hex
    return _start(folder, access, task="publish", file=draft.file, draft=draft.id, note=note)


def jobs(access: Access) -> list[Job]:
    """Jobs that run, and ended ones that were not dismissed; oldest first."""
    folders = [f for f in _jobs(access).iterdir() if (f / PROCESS).is_file()]
    return [_job(folder) for folder in sorted(folders, key=lambda f: (f / PROCESS).stat().st_mtime)]


def write_whole(file: Path, content: dict[str, Any]) -> None:
    """Whole or not at all, for others read it meanwhile."""
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps(content), "utf-8")
    fresh.replace(file)


def cancel(job_id: str, access: Access) -> None:
    """Stop a job and its worker, and remove all that it wrote.

    Publishing is not stopped half-way: what it did is taken back by rolling back. A job
    that somebody else cancelled is no fault.
    """
    folder = _folder(job_id, access)
    if not (folder / PROCESS).is_file() or _job(folder).task == "publish":
        return
    if _job(folder).state == "running":
        _stop(json.loads((folder / PROCESS).read_text("utf-8")))
    if not (folder / OUTCOME).is_file() and (folder / MADE).is_file():
        for draft_id in (folder / MADE).read_text("utf-8").split():
            if DRAFT_ID.match(draft_id):
                shutil.rmtree(access.drafts() / draft_id, ignore_errors=True)
                forget_aside(draft_id, access.home)
    shutil.rmtree(folder, ignore_errors=True)


def dismiss(job_id: str, access: Access) -> None:
    """Forget a job that has ended."""
    folder = _folder(job_id, access)
    if (folder / PROCESS).is_file() and _job(folder).state != "running":
        shutil.rmtree(folder, ignore_errors=True)


def _jobs(access: Access) -> Path:
    folder = work_folder(access.home) / "jobs"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _folder(job_id: str, access: Access) -> Path:
    folder = _jobs(access) / job_id
    if not DRAFT_ID.match(job_id):
        raise LoadError("job", f'"{job_id[:40]}"', "a job that was started", "Look at the page again.")
    return folder


def _start(folder: Path, access: Access, **request: str) -> Job:
    sweep(_jobs(access))
    (folder / TEMPORARY).mkdir(mode=0o700, parents=True)
    who = {"name": access.principal.name, "roles": sorted(access.principal.roles)}
    (folder / REQUEST).write_text(json.dumps(request | {"home": str(access.home), "principal": who}), "utf-8")
    with (folder / LOG).open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-P", "-m", "loaders.job", str(folder)],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(PROJECT), "TMPDIR": str(folder / TEMPORARY)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    _children[process.pid] = process
    entry = {"pid": process.pid, "since": _begun(process.pid), "at": time.time()}
    write_whole(folder / PROCESS, entry)
    return _job(folder)


def _job(folder: Path) -> Job:
    request, process = (json.loads((folder / name).read_text("utf-8")) for name in (REQUEST, PROCESS))
    running = _runs(process)
    outcome = json.loads((folder / OUTCOME).read_text("utf-8")) if (folder / OUTCOME).is_file() else None
    progress: dict[str, Any] = {"stage": "starting", "rows": 0}
    if (folder / PROGRESS).is_file():
        progress = json.loads((folder / PROGRESS).read_text("utf-8"))
    if outcome is None and not running:
        outcome = {"error": _vanished(request["file"]), "at": time.time()}
    state = "running" if outcome is None else "failed" if outcome.get("error") else "done"
    outcome = outcome or {}
    return Job(
        id=folder.name,
        task=request["task"],
        file=request["file"],
        draft=request.get("draft", ""),
        state=state,
        stage=progress["stage"],
        rows=progress["rows"],
        seconds=outcome.get("at", time.time()) - process["at"],
        error=outcome.get("error"),
        drafts=tuple(outcome.get("drafts", ())),
        published=outcome.get("published"),
    )


def _vanished(file: str) -> dict[str, str]:
    return LoadError(file, "a job that stopped without an answer", "an outcome", "Try again.").as_dict()


def _begun(pid: int) -> str:
    """When a process began, in the kernel's ticks: with its number, its identity. Empty when it is gone."""
    try:
        state, *rest = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(") ")[2].split()
    except OSError:
        return ""
    return "" if state == "Z" else rest[18]


def _runs(process: dict[str, Any]) -> bool:
    child = _children.get(process["pid"])
    if child is not None and child.poll() is not None:
        del _children[child.pid]
    return bool(process["since"]) and _begun(process["pid"]) == process["since"]


def _stop(process: dict[str, Any]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + LAST_WORDS_S
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process["pid"], number)
        while _runs(process) and time.monotonic() < deadline:
            time.sleep(0.02)
