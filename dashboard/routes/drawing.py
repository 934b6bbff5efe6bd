"""`/drawn/...`: what the map draws. The address says all, so any process can answer it."""

from __future__ import annotations

import json

import shapely
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from dashboard import cache
from dashboard.pictures import media_type
from dashboard.routes.answers import NEVER_KEPT, drawn, geojson, parameter, refusal
from layers.errors import OverlayError
from layers.mgrs_grid import mgrs_grid

TILE = "application/vnd.mapbox-vector-tile"


def layer_features(request: Request) -> Response:
    """A filtered layer: ``?q=<LayerQuery>``, drawn as its ``style`` says."""
    return geojson(request, lambda: cache.drawn_layer(parameter(request, "q"), parameter(request, "style")))


def layer_shapes(request: Request) -> Response:
    """What of a filtered layer is no single point, where its points come as tiles: ``?q=<LayerQuery>&style=``."""
    return geojson(request, lambda: cache.drawn_shapes(parameter(request, "q"), parameter(request, "style")))


def layer_hexagons(request: Request) -> Response:
    """How many points of a filtered layer stand in each hexagon: ``?q=<LayerQuery>&style=``."""
    return geojson(request, lambda: cache.drawn_hexagons(parameter(request, "q"), parameter(request, "style")))


def layer_tile(request: Request) -> Response:
    """Points of a filtered layer: ``/tiles/{zoom}/{x}/{y}?q=<LayerQuery>&style=``."""
    zoom, x, y = (int(request.path_params[name]) for name in ("zoom", "x", "y"))
    style = parameter(request, "style")
    return drawn(request, lambda: cache.tile(parameter(request, "q"), zoom, x, y, style), lambda _: TILE)


def layer_record(request: Request) -> Response:
    """What is said of the record that a tile names by its row: ``?q=<LayerQuery>&row=17``."""
    row = parameter(request, "row")
    if not (row.isascii() and row.isdigit() and len(row) < 10):
        return PlainTextResponse("row: expected a whole number.", status_code=400)
    try:
        return JSONResponse(cache.record_at(parameter(request, "q"), int(row)), headers=NEVER_KEPT)
    except OverlayError as error:
        return refusal(error)


def note_features(request: Request) -> Response:
    """Notes that hold, of one world: ``?exercise=yes&edition=...``."""
    exercise = parameter(request, "exercise") == "yes"
    return geojson(request, lambda: cache.drawn_notes(parameter(request, "edition"), exercise=exercise))


def result_features(request: Request) -> Response:
    """Rows or a shape of an analysis: ``?q=<Question>&shape=rings``, of the ``most`` highest where given."""
    most = parameter(request, "most")
    if most and not (most.isascii() and most.isdigit()):
        return PlainTextResponse("most: expected a whole number.", status_code=400)
    return geojson(
        request,
        lambda: cache.drawn_shape(parameter(request, "q"), parameter(request, "shape"), int(most) if most else None),
    )


def draft_features(request: Request) -> Response:
    """Rows that are not published yet: ``?q=<DraftQuery>``."""
    return geojson(request, lambda: cache.drawn_draft(parameter(request, "q")))


def layer_picture(request: Request) -> Response:
    """The picture of one image: ``?q=<LayerQuery>&id=<record>``."""
    return drawn(request, lambda: cache.picture(parameter(request, "q"), parameter(request, "id")), media_type)


def draft_picture(request: Request) -> Response:
    """The same of a file that is not published yet: ``?q=<DraftQuery>&id=<record>``."""
    return drawn(request, lambda: cache.draft_picture(parameter(request, "q"), parameter(request, "id")), media_type)


def coastline(request: Request) -> Response:
    """Land within ``?box=west,south,east,north`` degrees."""
    try:
        bounds = _box(parameter(request, "box"))
    except ValueError as error:
        return PlainTextResponse(f"box: {error}", status_code=400)
    return geojson(request, lambda: cache.land(bounds))


def mgrs_lines(request: Request) -> Response:
    """The MGRS grid within ``?box=west,south,east,north`` degrees, a line each ``step`` metres."""
    step = parameter(request, "step")
    try:
        parts = mgrs_grid(_box(parameter(request, "box")), int(step) if step.isascii() and step.isdigit() else -1)
    except ValueError as error:
        return PlainTextResponse(f"grid: {error}", status_code=400)
    features = [
        {
            "type": "Feature",
            "properties": {"kind": part.kind, "label": part.label},
            "geometry": shapely.geometry.mapping(part.geometry),
        }
        for part in parts
    ]
    return geojson(request, lambda: json.dumps({"type": "FeatureCollection", "features": features}).encode())


def _box(text: str) -> tuple[float, float, float, float]:
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise ValueError("expected west,south,east,north in degrees.") from None
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise ValueError("outside the world.")
    return west, south, east, north
