"""`variants`: edits kept under a name."""

from __future__ import annotations

from json import loads
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands.options import Json, User, open_store, utf8
from commands.output import print_json, print_table, say

if TYPE_CHECKING:
    from store import Variant


def variants(
    remove: Annotated[
        str | None, typer.Option("--remove", metavar="NAME", callback=utf8, help="Take one away.")
    ] = None,
    by: Annotated[str, typer.Option("--by", metavar="WHO", callback=utf8, help="Who takes it away.")] = "",
    json: Json = False,
    user: User = None,
) -> None:
    """List the variants: assumptions that `run --keep` kept, or take one away."""
    access = open_store(user)
    removed = None if remove is None else access.remove_variant(remove, by=by)
    kept = [entry_of(variant) for variant in access.variants()]
    if json:
        print_json({"variants": kept} | ({"removed": entry_of(removed)} if removed else {}))
        return
    if removed:
        say(f'Variant "{removed.name}" is taken away.')
    if kept:
        print_table(kept, ("name", "exercise", "marking", "by", "at", "note", "edits"))
    else:
        say("No variant is kept. Keep one with `python cli.py run METHOD ... --edit FILE --keep NAME`.")


def entry_of(variant: Variant) -> dict[str, Any]:
    """A variant as the command line shows it."""
    return {
        "name": variant.name,
        "exercise": variant.exercise,
        "marking": variant.marking.label,
        "by": variant.by,
        "at": variant.at.isoformat(),
        "note": variant.note,
        "edits": loads(variant.edits)["edits"],
    }
