"""`variants`: edits kept under a name."""

from __future__ import annotations

from collections.abc import Mapping
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
        told = [entry | {"edits": "; ".join(map(words_of, entry["edits"]))} for entry in kept]
        print_table(told, ("name", "exercise", "marking", "by", "at", "note", "edits"))
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


def words_of(edit: Mapping[str, Any]) -> str:
    """An edit as people read it: ``move activities ACT-017: lon 18.61234, lat 4.4``."""
    given = {**edit, **edit.get("record", {})}
    what = [str(given.pop(name)) for name in ("edit", "role", "id") if name in given]
    facts = ", ".join(f"{name} {value}" for name, value in given.items() if name != "record" and value is not None)
    return " ".join(what) + (f": {facts}" if facts else "")
