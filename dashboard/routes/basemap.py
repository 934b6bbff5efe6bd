"""`/basemap`: the base map files of the operator, by name, in parts as the browser asks for them."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

from dashboard.basemaps import checked, files
from dashboard.routes.answers import refusal
from layers.errors import UnreadableFile


def basemap_file(request: Request) -> Response:
    """One file of the folder `basemaps`, or the part of it that the header Range names."""
    path = files().get(request.path_params["name"])
    if path is None:
        return PlainTextResponse("No such base map.", status_code=404)
    try:
        checked(path)
    except UnreadableFile as error:
        return refusal(error)
    headers = {"Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff"}
    return FileResponse(path, media_type="application/octet-stream", headers=headers)
