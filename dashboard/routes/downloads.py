"""What leaves by a link: a filtered layer or an analysis, the rows and findings of a draft, a template."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse

from dashboard import cache
from dashboard.routes.answers import NEVER_KEPT, parameter, refusal
from dashboard.view import DraftQuery, LayerQuery, Question, from_text
from exports import EXPORTS, of_dataset, of_result
from exports.content import Content
from layers.errors import ExportError, OverlayError
from layers.kinds import kind_of
from layers.settings import settings
from loaders.kept import FINDINGS
from loaders.returned import as_csv, as_xlsx, findings_csv, rejected_parts
from loaders.templates import write_template

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def download(request: Request) -> Response:
    """``?format=geojson`` with ``layer=<LayerQuery>`` or ``question=<Question>``."""
    try:
        content = _content(parameter(request, "layer"), parameter(request, "question"))
        wanted = parameter(request, "format")
        export = next((e for e in EXPORTS if e.id == wanted), None)
        if export is None:
            raise _no_format("download", wanted, ", ".join(e.id for e in EXPORTS))
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
    """The rejected rows of a draft with their reasons: ``?q=<DraftQuery>&format=csv`` or ``xlsx``."""
    try:
        kept = cache.reviewed(from_text(DraftQuery, parameter(request, "q")))
        wanted = parameter(request, "format") or "csv"
        if wanted not in ("csv", "xlsx"):
            raise _no_format("rejected rows", wanted, "csv, xlsx")
    except OverlayError as error:
        return refusal(error)
    if wanted == "csv":
        return StreamingResponse(
            as_csv(rejected_parts(kept)), media_type="text/csv", headers=_named("rejected-rows.csv")
        )
    return Response(
        as_xlsx(rejected_parts(kept), kept.report.rows_rejected),
        media_type=XLSX,
        headers=_named("rejected-rows.xlsx"),
    )


def findings(request: Request) -> Response:
    """Every finding of a draft as CSV: ``?q=<DraftQuery>``."""
    try:
        kept = cache.reviewed(from_text(DraftQuery, parameter(request, "q")))
    except OverlayError as error:
        return refusal(error)
    return StreamingResponse(
        findings_csv(kept.folder / FINDINGS), media_type="text/csv", headers=_named("findings.csv")
    )


def template(request: Request) -> Response:
    """A spreadsheet to fill in: ``?kind=incidents``."""
    try:
        kind = kind_of(parameter(request, "kind"))
    except OverlayError as error:
        return refusal(error)
    sheet = io.BytesIO()
    write_template(kind, sheet)
    return Response(sheet.getvalue(), media_type=XLSX, headers=_named(f"template-{kind.id}.xlsx"))


def _named(name: str) -> dict[str, str]:
    return {**NEVER_KEPT, "Content-Disposition": f'attachment; filename="{name}"'}


def _no_format(where: str, wanted: str, known: str) -> ExportError:
    return ExportError(where, f'format "{wanted[:20]}"', f"one of {known}", "Choose a format on the page.")


def _content(layer: str, question: str) -> Content:
    if layer:
        return of_dataset(cache.filtered(from_text(LayerQuery, layer)), settings())
    return of_result(cache.answer(from_text(Question, question)), settings())
