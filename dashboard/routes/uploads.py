"""`/upload`: a file streamed to disk, looked at in the sandbox, kept as a draft.

The page is told the draft's id only; a refresh finds the draft again by the address.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dashboard import cache
from dashboard.routes.answers import NEVER_KEPT, refusal_json
from layers.errors import OverlayError, TooLarge
from layers.settings import settings
from loaders.ingest import inspect

LONGEST_NAME, LONGEST_ENDING = 60, 10  # characters; at four bytes each well within any file system


def staged_name(sent: str) -> str:
    """The sender's file name as it may stand on our disk: no path, no control character, not too long.

    >>> staged_name("..%2F..%2Fetc%2Fpasswd"), staged_name("a%00b.csv"), staged_name("..")
    ('passwd', 'a_b.csv', 'upload')
    """
    last = PurePosixPath(unquote(sent).replace("\\", "/")).name
    plain = re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]", "_", last).lstrip(".")
    stem, dot, ending = plain.rpartition(".")
    short = f"{stem[:LONGEST_NAME]}{dot}{ending[:LONGEST_ENDING]}" if dot else plain[:LONGEST_NAME]
    return short or "upload"


async def upload(request: Request) -> Response:
    """Body: the file's bytes. Header ``X-File-Name``: its name, percent-encoded."""
    name = staged_name(request.headers.get("x-file-name", ""))
    limit = settings().max_file_mb * 1_000_000
    with tempfile.TemporaryDirectory(prefix="overlay-upload-") as folder:
        path = Path(folder) / name
        try:
            taken = 0
            with path.open("wb") as file:
                async for chunk in request.stream():
                    taken += len(chunk)
                    if taken > limit:
                        raise TooLarge(
                            name,
                            f"more than {settings().max_file_mb} MB",
                            f"at most {settings().max_file_mb} MB",
                            "Split the file, or raise max_file_mb.",
                        )
                    file.write(chunk)
            drafts = await run_in_threadpool(inspect, path, cache.access())
        except OverlayError as error:
            return refusal_json(error)
    return JSONResponse({"drafts": [draft.id for draft in drafts]}, headers=NEVER_KEPT)
