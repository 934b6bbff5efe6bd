"""`/drawn/in-time` and `/drawn/days`: a layer through time, as numbers (`dashboard.in_time.pack` says the format)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from dashboard import cache
from dashboard.routes.answers import drawn, parameter

NUMBERS = "application/octet-stream"


def layer_in_time(request: Request) -> Response:
    """When records of a filtered layer are on the map: ``?q=<LayerQuery>&style=<LayerStyle>``."""
    style = request.query_params.get("style", "")
    return drawn(request, lambda: cache.in_time_of(parameter(request, "q"), style), lambda _: NUMBERS)


def layer_days(request: Request) -> Response:
    """How many records begin and end on each day: ``?q=<LayerQuery>``."""
    return drawn(request, lambda: cache.days_in_time(parameter(request, "q")), lambda _: NUMBERS)
