"""`/vendor`: browser files from an allow-list, by name."""

from __future__ import annotations

from mimetypes import guess_type

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

from dashboard.assets import BUNDLES, VENDOR_FILES, bundle
from dashboard.routes.answers import UNCHANGING


def vendor_file(request: Request) -> Response:
    """One of our browser files; anything else is not there."""
    name = request.path_params["name"]
    if name in BUNDLES:
        return Response(bundle(name), media_type=guess_type(name)[0], headers=UNCHANGING)
    path = VENDOR_FILES.get(name)
    if path is None or not path.is_file():
        return PlainTextResponse("No such browser file.", status_code=404)
    return FileResponse(path, headers=UNCHANGING)
