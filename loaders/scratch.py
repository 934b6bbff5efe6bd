"""Folders outside OVERLAY_HOME, for what must not be kept: uploads, work under way, personal columns.

They belong to this user alone. Personal columns lie in memory (/dev/shm) where the
system has such a folder, so that they reach no disk.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
import time
from pathlib import Path

from layers.errors import LoadError

IN_MEMORY = Path("/dev/shm")  # noqa: S108 - made private and checked below
FORGOTTEN_AFTER_S = 24 * 3600


def work_folder(home: Path) -> Path:
    """Uploads and jobs of the store at `home`."""
    return _own(Path(tempfile.gettempdir()), home)


def aside_folder(home: Path) -> Path:
    """Personal columns of drafts of the store at `home`, until the draft ends."""
    return _own(IN_MEMORY if os.access(IN_MEMORY, os.W_OK) else Path(tempfile.gettempdir()), home) / "aside"


def sweep(folder: Path) -> None:
    """Remove what was left behind in a folder for a day."""
    if folder.is_dir():
        for child in folder.iterdir():
            if time.time() - child.stat().st_mtime > FORGOTTEN_AFTER_S:
                shutil.rmtree(child, ignore_errors=True)


def _own(parent: Path, home: Path) -> Path:
    """A folder of this user and this store, which nobody else can read.

    Raises
    ------
    LoadError
        When somebody else made a folder of that name.
    """
    known = hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:12]
    folder = parent / f"overlay-{os.getuid()}-{known}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise LoadError(
            str(folder), "a folder that others made or can read", "one of this user alone", "Remove it and try again."
        )
    return folder
