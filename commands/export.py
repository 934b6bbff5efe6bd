"""`export`: a layer, or the rows of it that the filters keep, as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from commands.options import Json, User, open_store, parse_conditions, utf8
from commands.output import print_json, say


def export(
    layer: Annotated[
        str, typer.Argument(metavar="LAYER[@VERSION]", help="Layer, or an old version of it.", callback=utf8)
    ],
    to: Annotated[Path, typer.Option("--to", metavar="FILE", help="The extension decides the format.")],
    where: Annotated[
        list[str] | None, typer.Option("--where", metavar="FIELD=VALUE", help="Keep these rows only.")
    ] = None,
    json: Json = False,
    user: User = None,
) -> None:
    """Write a layer as GeoJSON, CSV or GeoPackage, with source, as-of, marking and boundary note."""
    conditions = parse_conditions("--where", where or ())
    from exports import export_for, export_to, of_dataset
    from layers.filters import Where, filter_dataset
    from layers.settings import settings

    chosen = settings()
    form = export_for(to)
    dataset = open_store(user).load(layer)
    kept = filter_dataset(dataset, Where(fields=conditions), zone=chosen.theatre_timezone)
    export_to(of_dataset(kept, chosen), to)
    if json:
        print_json(
            {
                "file": str(to),
                "format": form.id,
                "layer": dataset.layer,
                "version": dataset.version,
                "rows": len(kept),
                "rows_stored": len(dataset),
                "marking": dataset.marking.label,
                "exercise": dataset.exercise,
            }
        )
    say(f"{to}: {len(kept)} of {len(dataset)} rows of {dataset.ref}, {dataset.marking.label}.")
