"""`safeguards`: what protects this machine from the files it opens."""

from __future__ import annotations

from commands.options import Json, User, check_user
from commands.output import print_json, print_table


def safeguards(json: Json = False, user: User = None) -> None:
    """List the safeguards of the process that opens files, and which are active here."""
    check_user(user)
    from layers.settings import settings
    from loaders.safeguards import safeguards as active_safeguards

    entries = active_safeguards(settings())
    if json:
        print_json({"safeguards": entries})
    else:
        print_table(entries, ("name", "active", "detail"))
