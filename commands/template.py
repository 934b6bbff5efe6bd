"""`template`: an XLSX to fill in for a kind of layer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from commands.options import Json, User, check_user
from commands.output import print_json, say


def template(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="projects, incidents, idp_sites ...")],
    to: Annotated[Path | None, typer.Option("--to", help="File to write; default template-KIND.xlsx here.")] = None,
    json: Json = False,
    user: User = None,
) -> None:
    """Write a spreadsheet for a kind: drop-downs, an example, what each column means."""
    check_user(user)
    from layers.errors import ExportError
    from layers.kinds import kind_of
    from loaders.templates import write_template

    chosen = kind_of(kind)
    path = to or Path(f"template-{chosen.id}.xlsx")
    if path.suffix.lower() != ".xlsx":
        raise ExportError(str(path), f'the ending "{path.suffix}"', "a file that ends in .xlsx", "Name it so.")
    try:
        write_template(chosen, path)
    except OSError as error:
        raise ExportError(str(path), f"{error.strerror}", "a place to write to", "Choose another folder.") from error
    say(f"Wrote {path}: fill the first sheet and load it with `python cli.py ingest`.")
    if json:
        print_json({"kind": chosen.id, "file": str(path)})
