"""How routes answer: expected errors as one sentence, cached bytes as unchanging."""

from __future__ import annotations

import hashlib
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


def drawn(request: Request, make: Callable[[], bytes], media_type: Callable[[bytes], str]) -> Response:
    """What `make` makes, or why not.

    The address names an edition, so it is its own tag; but the door is asked each time.
    """
    tag = f'"{hashlib.sha256(str(request.url.query).encode()).hexdigest()[:32]}"'
    headers = {"Cache-Control": "private, no-cache", "ETag": tag, "X-Content-Type-Options": "nosniff"}
    try:
        body = make()
    except OverlayError as error:
        return refusal(error)
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type(body), headers=headers)


def geojson(request: Request, make: Callable[[], bytes]) -> Response:
    """The same, of GeoJSON."""
    return drawn(request, make, lambda _: "application/geo+json")


def parameter(request: Request, name: str) -> str:
    """A query parameter, empty when absent."""
    return request.query_params.get(name, "")
