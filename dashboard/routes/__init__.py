"""HTTP routes of the same process, behind one guard. None of them takes a path on disk."""

from __future__ import annotations

from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Route

from dashboard.menu import MENU
from dashboard.routes.basemap import basemap_file
from dashboard.routes.downloads import download, findings, rejected_rows, template
from dashboard.routes.drawing import (
    coastline,
    draft_features,
    draft_picture,
    layer_features,
    layer_hexagons,
    layer_picture,
    layer_record,
    layer_shapes,
    layer_tile,
    mgrs_lines,
    note_features,
    result_features,
)
from dashboard.routes.finding import find
from dashboard.routes.guard import LoopbackOnly
from dashboard.routes.in_time import layer_days, layer_in_time
from dashboard.routes.shell import shell
from dashboard.routes.uploads import upload
from dashboard.routes.vendor import vendor_file

ROUTES: list[BaseRoute] = [
    *(Route(f"/{entry.path}", shell) for entry in MENU),
    Route("/vendor/{name:path}", vendor_file),
    Route("/basemap/{name}", basemap_file),
    Route("/drawn/layer", layer_features),
    Route("/drawn/shapes", layer_shapes),
    Route("/drawn/hexagons", layer_hexagons),
    Route("/drawn/record", layer_record),
    Route("/tiles/{zoom:int}/{x:int}/{y:int}", layer_tile),
    Route("/drawn/in-time", layer_in_time),
    Route("/drawn/days", layer_days),
    Route("/drawn/result", result_features),
    Route("/drawn/notes", note_features),
    Route("/drawn/draft", draft_features),
    Route("/drawn/picture", layer_picture),
    Route("/drawn/draft-picture", draft_picture),
    Route("/drawn/coastline", coastline),
    Route("/drawn/mgrs", mgrs_lines),
    Route("/find", find),
    Route("/download", download),
    Route("/rejected", rejected_rows),
    Route("/findings", findings),
    Route("/template", template),
    Route("/upload", upload, methods=["POST"]),
]

MIDDLEWARE: list[Middleware] = [Middleware(LoopbackOnly)]
