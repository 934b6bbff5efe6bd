"""`/find`: what the search of the map answers."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from dashboard import cache
from dashboard.routes.answers import NEVER_KEPT, parameter, refusal
from layers.errors import OverlayError

WORLDS = {"yes": True, "no": False}


def find(request: Request) -> Response:
    """Places, names and identifiers: ``?q=<text>&exercise=yes``, in the layers of that world."""
    exercise = WORLDS.get(parameter(request, "exercise"))
    if exercise is None:
        return PlainTextResponse("exercise: expected yes or no.", status_code=400, headers=NEVER_KEPT)
    try:
        return JSONResponse(cache.find(parameter(request, "q"), exercise=exercise).as_json(), headers=NEVER_KEPT)
    except OverlayError as error:
        return refusal(error)
