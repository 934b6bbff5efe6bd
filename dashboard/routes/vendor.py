"""`/vendor`: browser files from an allow-list, by name."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

from dashboard.assets import VENDOR_FILES
from dashboard.routes.answers import UNCHANGING


def vendor_file(request: Request) -> Response:
    """One of our browser files; anything else is not there."""
    path = VENDOR_FILES.get(request.path_params["name"])
    if path is None or not path.is_file():
        return PlainTextResponse("No such browser file.", status_code=404)
    return FileResponse(path, headers=UNCHANGING)
