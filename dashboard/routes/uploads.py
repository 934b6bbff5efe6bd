"""`/upload`: a file streamed to disk, then opened by a job of its own.

The page is told the job's id only; the drafts that it makes are found by any refresh.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dashboard import cache
from dashboard.routes.answers import NEVER_KEPT, refusal_json
from layers.errors import LoadError, OverlayError, TooLarge
from layers.settings import settings
from loaders import jobs

LONGEST_NAME, LONGEST_ENDING = 60, 10  # characters; at four bytes each well within any file system
MOST_PARTS, LONGEST_HEADER = 16, 8_000


@dataclass(frozen=True)
class Part:
    """A file of an upload: its name on our disk and its size in bytes (None: whatever comes)."""

    name: str
    size: int | None


def staged_name(sent: str) -> str:
    """The sender's file name as it may stand on our disk: no path, no control character, not too long.

    >>> staged_name("../../etc/passwd"), staged_name("a\\x00b.csv"), staged_name("..")
    ('passwd', 'a_b.csv', 'upload')
    """
    last = PurePosixPath(sent.replace("\\", "/")).name
    plain = re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]", "_", last).lstrip(".")
    stem, dot, ending = plain.rpartition(".")
    short = f"{stem[:LONGEST_NAME]}{dot}{ending[:LONGEST_ENDING]}" if dot else plain[:LONGEST_NAME]
    return short or "upload"


def parts_of(parts_header: str, name_header: str) -> list[Part]:
    """The files of an upload, in the order of the body.

    Parameters
    ----------
    parts_header : str
        ``X-File-Parts``: percent-encoded JSON, ``[[name, bytes], ...]``; several are the
        parts of one shapefile, the .shp first.
    name_header : str
        ``X-File-Name``: the percent-encoded name, where the whole body is one file.

    Raises
    ------
    LoadError
        When neither is usable.
    """
    if not parts_header and name_header:
        return [Part(staged_name(unquote(name_header)), None)]
    try:
        said = json.loads(unquote(parts_header[:LONGEST_HEADER]))
        parts = _as_one([Part(staged_name(str(name)), int(size)) for name, size in said])
    except (ValueError, TypeError, RecursionError):
        parts = []
    if not 1 <= len(parts) <= MOST_PARTS or any((part.size or 0) < 0 for part in parts):
        raise LoadError(
            "upload", "no usable list of files", "one file, or the parts of one shapefile", "Send it from the page."
        )
    return parts


def _as_one(parts: list[Part]) -> list[Part]:
    """The parts of a shapefile under one stem, by which they are found; none when they are not of one."""
    if len(parts) < 2:
        return parts
    stems = {PurePosixPath(part.name.lower().removesuffix(".xml")).stem for part in parts}
    endings = [PurePosixPath(part.name).suffix.lower() for part in parts]
    if len(stems) > 1 or endings[0] != ".shp" or len(set(endings)) < len(parts):
        return []
    stem = PurePosixPath(parts[0].name).stem
    return [Part(f"{stem}{ending}", part.size) for part, ending in zip(parts, endings, strict=True)]


async def upload(request: Request) -> Response:
    """Body: the bytes of the files, one after another; headers as `parts_of` reads them."""
    folder: Path | None = None
    try:
        parts = parts_of(request.headers.get("x-file-parts", ""), request.headers.get("x-file-name", ""))
        folder = await run_in_threadpool(jobs.staging, cache.access())
        await _receive(request.stream(), parts, folder)
        job = await run_in_threadpool(jobs.start_inspect, folder / parts[0].name, cache.access())
    except OverlayError as error:
        _forget(folder)
        return refusal_json(error)
    except BaseException:  # the sender went away, or the disk is full: nothing stays behind
        _forget(folder)
        raise
    return JSONResponse({"job": job.id}, headers=NEVER_KEPT)


async def _receive(body: AsyncIterator[bytes], parts: list[Part], folder: Path) -> None:
    """Write the body into its files, bounded by the setting.

    Raises
    ------
    TooLarge
        Over `max_file_mb`.
    LoadError
        When the body is shorter or longer than was said.
    """
    limit = settings().max_file_mb * 1_000_000
    taken = 0
    waiting = list(parts)
    part = waiting.pop(0)
    left = part.size
    file = (folder / part.name).open("wb")
    try:
        async for chunk in body:
            taken += len(chunk)
            if taken > limit:
                raise TooLarge(
                    parts[0].name,
                    f"more than {settings().max_file_mb} MB",
                    f"at most {settings().max_file_mb} MB",
                    "Split the file, or raise max_file_mb.",
                )
            rest = memoryview(chunk)
            while left is not None and len(rest) >= left and waiting:
                file.write(rest[:left])
                rest = rest[left:]
                file.close()
                part = waiting.pop(0)
                left = part.size
                file = (folder / part.name).open("wb")
            file.write(rest)
            left = None if left is None else left - len(rest)
    finally:
        file.close()
    if waiting or left:
        raise LoadError(
            parts[0].name, f"{taken:,} bytes", "as many as its parts were said to have", "Send the file again."
        )


def _forget(folder: Path | None) -> None:
    if folder is not None:
        shutil.rmtree(folder.parent, ignore_errors=True)
