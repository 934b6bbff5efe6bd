"""What was worked out of the rows of an object and can be made again: arrays, kept beside it.

OVERLAY_HOME/derived/<object>/<name>-<SHA-256 of the file>.npz. A file whose bytes are not
those of its name is deleted and made anew; one that cannot be written is not missed.
Nothing here is part of a backup, and what is read is numbers alone: no pickles.
"""

from __future__ import annotations

import hashlib
import shutil
import uuid
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from layers.dataset import Arrays


class DerivedFolder:
    """Arrays by the name of the object that they were made of.

    Parameters
    ----------
    there : callable
        Whether an object is still there: nothing is kept of one that is gone.
    """

    def __init__(self, folder: Path, there: Callable[[str], bool]) -> None:
        self.folder = folder
        self._there = there

    def get(self, of: str, name: str, make: Callable[[], Arrays]) -> Arrays:
        """The arrays of this name; made, and kept if the disk allows, where they are not there whole.

        Parameters
        ----------
        of : str
            The object's name, which stands for its content.
        name : str
            What the arrays are, and the form of them: another form needs another name.
        """
        for file in self._place(of).glob(f"{name}-*.npz"):
            found = _read(file)
            if found is not None:
                return found
            file.unlink(missing_ok=True)
        made = make()
        try:
            self._keep(of, name, made)
        except OSError:  # a disk that is full or may not be written: made again next time
            return made
        if not self._there(of):
            self.delete(of)
        return made

    def delete(self, of: str) -> None:
        """Take away all that was made of an object."""
        shutil.rmtree(self._place(of), ignore_errors=True)

    def sweep(self) -> None:
        """Take away what was made of objects that are gone."""
        for place in self.folder.glob("*"):
            if not self._there(place.name):
                shutil.rmtree(place, ignore_errors=True)

    def _place(self, of: str) -> Path:
        return self.folder / of

    def _keep(self, of: str, name: str, arrays: Arrays) -> None:
        place = self._place(of)
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = place / f"{uuid.uuid4().hex}.draft"
        try:
            with draft.open("wb") as file:
                np.savez(file, allow_pickle=False, **arrays)
            draft.replace(place / f"{name}-{_digest(draft)}.npz")
        finally:
            draft.unlink(missing_ok=True)


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _read(file: Path) -> Arrays | None:
    """The arrays of a file; None where it is gone, torn or changed."""
    try:
        if _digest(file) != file.stem.rpartition("-")[2]:
            return None
        with np.load(file, allow_pickle=False) as arrays:
            return dict(arrays)
    except (OSError, ValueError, zipfile.BadZipFile):
        return None
