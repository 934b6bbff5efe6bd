"""`layers`: what is loaded."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from commands.options import Json, User, open_store
from commands.output import print_json, print_table, say

if TYPE_CHECKING:
    from store import LayerInfo


def layers(json: Json = False, user: User = None) -> None:
    """List the current version of every layer."""
    entries = [entry_of(info) for info in open_store(user).layers()]
    if json:
        print_json({"layers": entries})
    elif entries:
        said = [entry | {"as_of": re.sub("T(..:..).*", r" \1Z", entry["as_of"])} for entry in entries]
        print_table(said, ("layer", "kind", "version", "rows", "as_of", "source", "marking", "exercise"))
    else:
        say("No layer is loaded. Load one with `python cli.py ingest FILE`, or the sample with `python cli.py sample`.")


def entry_of(info: LayerInfo) -> dict[str, Any]:
    """A layer as the command line shows it."""
    return {
        "layer": info.layer,
        "kind": info.kind,
        "version": info.version,
        "content_hash": info.content_hash,
        "rows": info.rows,
        "as_of": info.as_of.isoformat(),
        "source": info.source,
        "marking": info.marking.label,
        "exercise": info.exercise,
    }
