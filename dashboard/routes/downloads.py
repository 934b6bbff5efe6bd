"""`/download`: a filtered layer or an analysis as a file, holding what the filters show."""

from __future__ import annotations

import tempfile
from pathlib import Path

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from dashboard import cache
from dashboard.routes.answers import NEVER_KEPT, parameter, refusal
from dashboard.view import DraftQuery, LayerQuery, Question, from_text
from exports import EXPORTS, of_dataset, of_result
from exports.content import Content
from exports.csv import cell
from layers.errors import ExportError, OverlayError
from layers.settings import settings


def download(request: Request) -> Response:
    """``?format=geojson`` with ``layer=<LayerQuery>`` or ``question=<Question>``."""
    try:
        content = _content(parameter(request, "layer"), parameter(request, "question"))
        wanted = parameter(request, "format")
        export = next((e for e in EXPORTS if e.id == wanted), None)
        if export is None:
            raise ExportError(
                "download",
                f'format "{wanted}"',
                f"one of {', '.join(e.id for e in EXPORTS)}",
                "Choose a format on the page.",
            )
        folder = tempfile.TemporaryDirectory(prefix="overlay-download-")
        name = f"{content.title.lower().replace(' ', '-')}{export.extension}"
        path = Path(folder.name) / f"export{export.extension}"
        export.write(content, path)
    except OverlayError as error:
        return refusal(error)
    return FileResponse(
        path, filename=name, media_type=export.media_type, headers=NEVER_KEPT, background=BackgroundTask(folder.cleanup)
    )


def rejected_rows(request: Request) -> Response:
    """The rows of a draft that were rejected, each with its reason: ``?q=<DraftQuery>``."""
    try:
        review = cache.review(from_text(DraftQuery, parameter(request, "q")))
    except OverlayError as error:
        return refusal(error)
    table = review.rejected.map(cell).to_csv(index=False).encode("utf-8-sig")
    headers = {**NEVER_KEPT, "Content-Disposition": 'attachment; filename="rejected-rows.csv"'}
    return Response(table, media_type="text/csv", headers=headers)


def _content(layer: str, question: str) -> Content:
    if layer:
        return of_dataset(cache.filtered(from_text(LayerQuery, layer)), settings())
    return of_result(cache.answer(from_text(Question, question)), settings())
