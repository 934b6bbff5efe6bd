"""One job in a process of its own: `python -m loaders.job FOLDER`. See `loaders.jobs`."""

from __future__ import annotations

import gc
import json
import logging
import os
import resource
import secrets
import shutil
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

import pyarrow as pa

import store
from layers.errors import LoadError, OverlayError, TooLarge
from layers.settings import settings
from loaders import ingest
from loaders.draft import Draft
from loaders.drafting import IngestOptions
from loaders.jobs import MADE, OUTCOME, PROGRESS, REQUEST, TEMPORARY, UPLOAD, write_whole
from loaders.kept import kept_review, make_review
from loaders.limits import lower

NICE = 5  # a screen that is looked at comes first
LEAST_BETWEEN_S = 0.2
LOG = logging.getLogger("overlay")


def main(folder: Path) -> None:
    """Do what the folder's request says; the outcome, whatever it is, is written last."""
    os.nice(NICE)
    gc.disable()  # a million places are no garbage, and looking through them takes a second each time it is done
    lower(resource.RLIMIT_AS, settings().job_memory_mb * 1024 * 1024)
    signal.signal(signal.SIGTERM, _leave)
    request = json.loads((folder / REQUEST).read_text("utf-8"))
    try:
        outcome = _done(request, folder)
    except OverlayError as error:
        outcome = {"error": error.as_dict()}
    except (MemoryError, pa.ArrowMemoryError):
        limit = f"what can be checked within {settings().job_memory_mb} MB"
        found = "a file that needs more memory"
        outcome = {"error": TooLarge(request["file"], found, limit, "Split it, or raise job_memory_mb.").as_dict()}
    except Exception as error:
        # The process ends here: who waits for it must be told, and the log has the trace.
        reference = secrets.token_hex(3)
        LOG.exception("%s of %s, reference %s", request["task"], request["file"], reference)
        found = f"a fault of Overlay ({type(error).__name__}, reference {reference})"
        outcome = {"error": LoadError(request["file"], found, "an outcome", "Report it with its reference.").as_dict()}
    for name in (UPLOAD, TEMPORARY):
        shutil.rmtree(folder / name, ignore_errors=True)
    write_whole(folder / OUTCOME, outcome | {"at": time.time()})


def _done(request: dict[str, Any], folder: Path) -> dict[str, Any]:
    principal = store.Principal(request["principal"]["name"], frozenset(request["principal"]["roles"]))
    access = store.open(Path(request["home"]), as_=principal)
    progress = _Progress(folder / PROGRESS)
    if request["task"] == "inspect":
        return {"drafts": _inspect(folder / UPLOAD / request["file"], access, progress, folder / MADE)}
    draft = ingest.load_draft(access, request["draft"])
    if request["task"] == "review":
        make_review(draft, access, progress)
        return {}
    return {"published": _publish(draft, access, request["note"], progress)}


def _inspect(path: Path, access: store.Access, progress: ingest.Progress, made: Path) -> list[str]:
    """Inspect and review; each draft is noted before it is on the disk, for whoever cancels."""

    def note(draft: Draft) -> None:
        with made.open("a", encoding="utf-8") as file:
            file.write(f"{draft.id}\n")

    looked_at = IngestOptions(propose=True)
    drafts = ingest.inspect(path, access, looked_at, progress, note)
    try:
        for draft in drafts:
            if draft.kind:
                make_review(draft, access, progress)
    except BaseException:
        for draft in drafts:
            ingest.discard(draft, access)
        raise
    return [draft.id for draft in drafts]


def _publish(draft: Draft, access: store.Access, note: str, progress: ingest.Progress) -> dict[str, Any]:
    review = kept_review(draft, access)
    if review is None or review.refusal is not None:
        raise LoadError(draft.shown, "choices that were not checked", "a checked file", "Wait for the check.")
    progress("publishing", review.report.records)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # from here on it is done, and said to be done
    by = access.principal.name
    info = ingest.publish(draft, access, review.whole(), base=draft.base, by=by, note=note, confirmed=True)
    said = {"layer": info.layer, "version": info.version, "rows": info.rows}
    return said | {"marking": info.marking.label, "exercise": info.exercise}


class _Progress:
    """Writes how far it is, not more often than anybody looks."""

    def __init__(self, file: Path) -> None:
        self.file, self.stage, self.last = file, "", 0.0

    def __call__(self, stage: str, rows: int) -> None:
        now = time.monotonic()
        if stage != self.stage or now - self.last >= LEAST_BETWEEN_S:
            self.stage, self.last = stage, now
            write_whole(self.file, {"stage": stage, "rows": rows})


def _leave(number: int, frame: FrameType | None) -> None:
    """Asked to stop: leave through the clean-up of whatever is under way, which no second asking breaks off."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise SystemExit(1)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
