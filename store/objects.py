"""Rows on disk: one immutable GeoParquet file per content, named after its own bytes.

A file is written beside the others under a temporary name, flushed to the disk, renamed
into place, and the folder is flushed too. So a name stands for whole bytes or is not
there. Writers hold a shared lock on the folder from the first byte until the catalogue
knows the object; whoever sweeps or deletes holds it alone. The system drops the lock of
a process that was killed. A mark beside the temporary files names each object that the
catalogue does not know yet, so that one left by a killed writer can be swept.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import math
import os
import shutil
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from layers.errors import StoreError
from layers.hashing import content_hash
from layers.kind import Kind
from layers.schema import conform
from store.parts import Part, parts_of
from store.records import Written

Box = tuple[float, float, float, float]


class ObjectFolder:
    """Immutable GeoParquet files, by the SHA-256 of their bytes.

    Parameters
    ----------
    folder : Path
        Made when it is not there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._incoming = folder / "incoming"
        with self._told():
            self._incoming.mkdir(parents=True, exist_ok=True)

    def path(self, name: str) -> Path:
        """Where an object lies."""
        return self.folder / name[:2] / f"{name}.parquet"

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold while an object is written and until the catalogue knows it."""
        with self._lock(fcntl.LOCK_SH):
            yield

    @contextmanager
    def deleting(self) -> Iterator[None]:
        """Hold while objects are taken away: no writer is at work."""
        with self._lock(fcntl.LOCK_EX):
            yield

    def put(self, frame: gpd.GeoDataFrame | Written) -> str:
        """Write a frame, or take one that `write_rows` wrote, and return the object's name.

        Call inside `writing`, then `keep`.

        Raises
        ------
        StoreError
            When the disk is full or may not be written, or what was written has changed since.
        """
        draft = self._incoming / f"{uuid.uuid4().hex}.parquet"
        with self._told():
            try:
                if isinstance(frame, Written):
                    shutil.copyfile(frame.path, draft)
                else:
                    _write(frame, draft)
                name = _flushed_digest(draft)
                _expect_unchanged(frame, name)
                target = self.path(name)
                target.parent.mkdir(exist_ok=True)
                self._pending(name).touch()
                draft.replace(target)
            except BaseException:
                draft.unlink(missing_ok=True)
                raise
            _flush_folder(target.parent)
            _flush_folder(self.folder)
        return name

    def keep(self, name: str) -> None:
        """Say that the catalogue knows the object. Call inside `writing`."""
        with self._told():
            self._pending(name).unlink(missing_ok=True)

    def get(self, name: str) -> gpd.GeoDataFrame:
        """The frame of an object.

        Raises
        ------
        StoreError
            When the object is missing or cannot be read.
        """
        with self._whole(name) as path:
            return gpd.read_parquet(path)

    def columns(self, name: str, wanted: Sequence[str]) -> pd.DataFrame:
        """Those of the wanted columns that an object has, without its places. Raises StoreError as `get` does."""
        with self._whole(name) as path:
            there = set(pq.read_schema(path).names)
            return pq.read_table(path, columns=[c for c in wanted if c in there]).to_pandas()

    def parts(self, name: str) -> list[Part]:
        """The row groups of an object. Raises StoreError as `get` does."""
        with self._whole(name) as path:
            return parts_of(path)

    def box(self, name: str) -> Box | None:
        """West, south, east, north of all places in degrees, from the head of the file; None where there are none.

        Raises StoreError as `get` does.
        """
        with self._whole(name) as path:
            said = json.loads((pq.read_schema(path).metadata or {}).get(b"geo", b"{}"))
        box = said.get("columns", {}).get("geometry", {}).get("bbox") or [math.nan]
        return (box[0], box[1], box[2], box[3]) if len(box) == 4 and all(map(math.isfinite, box)) else None

    @contextmanager
    def _whole(self, name: str) -> Iterator[Path]:
        """The file of an object; what goes wrong in reading it is a StoreError."""
        try:
            yield self.path(name)
        except (OSError, pa.ArrowException, ValueError) as error:
            found = "nothing there" if isinstance(error, FileNotFoundError) else "bytes that cannot be read"
            raise StoreError(
                str(self.path(name)), found, "the rows that were stored",
                "Run `python cli.py verify`, and restore this file from a backup.",
            ) from error  # fmt: skip

    def is_whole(self, name: str) -> bool | None:
        """Whether the bytes are those written; None when there is no such object."""
        try:
            with self.path(name).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == name
        except FileNotFoundError:
            return None
        except OSError:
            return False

    def delete(self, name: str) -> None:
        """Take an object away. Call inside `deleting`."""
        with self._told():
            self.path(name).unlink(missing_ok=True)

    def sweep(self, in_use: Callable[[], set[str]]) -> None:
        """Delete what killed writers left behind; nothing while a writer is at work.

        Only what a writer put here and never told the catalogue of goes: an object that
        a lost or older catalogue does not know stays for the one from the backup.

        Parameters
        ----------
        in_use : callable
            Gives the names of all objects that the catalogue knows.
        """
        try:
            with self._lock(fcntl.LOCK_EX | fcntl.LOCK_NB), self._told():
                for draft in self._incoming.glob("*.parquet"):
                    draft.unlink(missing_ok=True)
                pending = list(self._incoming.glob("*.pending"))
                for name in {mark.stem for mark in pending} - (in_use() if pending else set()):
                    self.path(name).unlink(missing_ok=True)
                for mark in pending:
                    mark.unlink(missing_ok=True)
        except BlockingIOError:
            return

    def _pending(self, name: str) -> Path:
        return self._incoming / f"{name}.pending"

    @contextmanager
    def _lock(self, how: int) -> Iterator[None]:
        with self._told():
            handle = os.open(self.folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(handle, how)
            except BlockingIOError:
                raise
            except OSError as error:  # a file system without locks
                raise cannot_write(self.folder, error) from error
            yield
        finally:
            os.close(handle)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise cannot_write(self.folder, error) from error


def hash_of(frame: gpd.GeoDataFrame, kind: Kind, layer: str) -> str:
    """The content hash of what would be stored.

    Raises
    ------
    StoreError
        When ids are missing or stand twice.
    """
    try:
        return content_hash(frame, kind)
    except ValueError as error:
        raise StoreError(
            f'layer "{layer}"',
            "ids that are missing or stand twice",
            "one id for each record",
            "Correct the ids in the file.",
        ) from error


def write_rows(frame: gpd.GeoDataFrame, kind: Kind, layer: str, file: Path) -> Written:
    """Write a canonical frame as objects are written; its rows are hashed beside that.

    Raises
    ------
    StoreError
        When an id is missing or stands twice.
    """
    with ThreadPoolExecutor(1) as beside:
        hashed = beside.submit(hash_of, frame, kind, layer)
        _write(frame, file)
        return Written(file, _flushed_digest(file), hashed.result(), len(frame))


def read_written(written: Written, kind: Kind) -> gpd.GeoDataFrame:
    """The canonical frame that `write_rows` wrote."""
    return conform(gpd.read_parquet(written.path), kind)


def _write(frame: gpd.GeoDataFrame, file: Path) -> None:
    frame.to_parquet(file, index=False, compression="zstd")


def _expect_unchanged(frame: gpd.GeoDataFrame | Written, digest: str) -> None:
    if isinstance(frame, Written) and digest != frame.digest:
        raise StoreError(
            str(frame.path), "bytes that changed after the check", "the rows that were checked", "Load the file again."
        )


def cannot_write(folder: Path, error: OSError) -> StoreError:
    """The refusal for a folder that takes no files."""
    return StoreError(
        str(folder),
        (error.strerror or str(error)).lower(),
        "a folder that this user may write, on a disk with free space",
        "Free some space or correct the rights, or set OVERLAY_HOME to another folder. Nothing stored is harmed.",
    )


def _flushed_digest(path: Path) -> str:
    with path.open("rb") as file:
        os.fsync(file.fileno())
        return hashlib.file_digest(file, "sha256").hexdigest()


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
