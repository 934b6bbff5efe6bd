"""How routes answer: expected errors as one sentence, cached bytes as unchanging."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from layers.errors import AccessDenied, LoadError, OverlayError, UnknownLayer

STATUS: dict[type[OverlayError], int] = {AccessDenied: 403, UnknownLayer: 404, LoadError: 422}
UNCHANGING = {"Cache-Control": "private, max-age=86400, immutable", "X-Content-Type-Options": "nosniff"}
NEVER_KEPT = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def refusal(error: OverlayError) -> Response:
    """The error as status and sentence."""
    status = next((code for cls, code in STATUS.items() if isinstance(error, cls)), 400)
    return PlainTextResponse(str(error), status_code=status, headers=NEVER_KEPT)


def refusal_json(error: OverlayError) -> Response:
    """The error as the command line prints it."""
    status = next((code for cls, code in STATUS.items() if isinstance(error, cls)), 400)
    return JSONResponse({"error": error.as_dict()}, status_code=status, headers=NEVER_KEPT)


def geojson(make: Callable[[], bytes]) -> Response:
    """GeoJSON made by `make`, or why not."""
    try:
        return Response(make(), media_type="application/geo+json", headers=UNCHANGING)
    except OverlayError as error:
        return refusal(error)


def parameter(request: Request, name: str) -> str:
    """A query parameter, empty when absent."""
    return request.query_params.get(name, "")
