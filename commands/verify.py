"""`verify`: is everything stored still what was stored?"""

from __future__ import annotations

from dataclasses import asdict

import typer

from commands.options import Json, User, open_store
from commands.output import print_json, print_table, say


def verify(json: Json = False, user: User = None) -> None:
    """Re-hash every stored version and check the audit; exit 1 if anything differs."""
    access = open_store(user)
    versions = sum(len(access.versions(info.layer)) for info in access.layers())
    damages = [asdict(damage) for damage in access.verify()]
    audit = access.audit()
    if json:
        head = audit[-1].hash if audit else None  # noted elsewhere, it gives away an audit cut short
        print_json({"versions": versions, "audit_rows": len(audit), "audit_head": head, "damages": damages})
    elif damages:
        print_table(damages, ("layer", "version", "problem", "detail"))
    if damages:
        say(f"{len(damages)} of what is stored differs. Restore the files named from a backup.")
        raise typer.Exit(1)
    say(f"{versions} stored versions, the ratings and the variants are as they were written.")
