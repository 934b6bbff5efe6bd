"""`/upload`: a file streamed to disk, looked at in the sandbox, kept as a draft.

The page is told the draft's id only; a refresh finds the draft again by the address.
"""

from __future__ import annotations

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


async def upload(request: Request) -> Response:
    """Body: the file's bytes. Header ``X-File-Name``: its name, percent-encoded."""
    name = PurePosixPath(unquote(request.headers.get("x-file-name", "")).replace("\\", "/")).name or "upload"
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
