"""What leaves Overlay. A new format is a file beside this and its name in `EXPORTS`."""

from __future__ import annotations

import uuid
from pathlib import Path

from exports.content import Content, of_dataset, of_result
from exports.csv import CSV
from exports.export import Export
from exports.geojson import GEOJSON
from exports.gpkg import GPKG
from layers.errors import ExportError

EXPORTS: tuple[Export, ...] = (GEOJSON, CSV, GPKG)

__all__ = ["EXPORTS", "Content", "Export", "export_for", "export_to", "of_dataset", "of_result"]


def export_for(path: Path) -> Export:
    """The format that a file's extension names.

    Raises
    ------
    ExportError
        When there is none.
    """
    for export in EXPORTS:
        if path.suffix.lower() == export.extension:
            return export
    extensions = ", ".join(export.extension for export in EXPORTS)
    raise ExportError(
        str(path), f'extension "{path.suffix}"', f"one of {extensions}", "Choose one of these extensions."
    )


def export_to(content: Content, path: Path) -> Path:
    """Write `content` in the format that the extension names, whole or not at all.

    A file of that name is replaced only when the new one is complete.

    Raises
    ------
    ExportError
        When the extension names no format, or the file cannot be written.
    """
    export = export_for(path)
    _expect_folder(path)
    draft = path.with_name(f".{uuid.uuid4().hex}{export.extension}")
    try:
        export.write(content, draft)
        draft.replace(path)
    except (OSError, RuntimeError) as error:  # pyogrio's failures to write are RuntimeErrors
        raise _cannot_write(path, draft, error) from error
    finally:
        draft.unlink(missing_ok=True)
    return path


def _expect_folder(path: Path) -> None:
    try:
        there = path.parent.is_dir()
    except OSError as error:
        raise _cannot_write(path, path, error) from error
    if not there:
        raise ExportError(
            str(path), f'no folder "{path.parent}"', "a folder that is there", "Make the folder, or choose another."
        )


def _cannot_write(path: Path, draft: Path, error: OSError | RuntimeError) -> ExportError:
    cause = getattr(error, "strerror", None) or next(iter(str(error).splitlines()), "") or type(error).__name__
    return ExportError(
        str(path),
        cause.replace(str(draft), str(path)).replace(draft.name, path.name),
        "a name and a folder that can be written, with free space",
        "Choose another name or folder, or free some space.",
    )
