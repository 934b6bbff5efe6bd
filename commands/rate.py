"""`rate`: an officer's rating of an activity, with the reason."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from commands.options import Json, User, open_store, utf8
from commands.output import print_json, say

Level = typer.Option(min=1, max=5, help="Class 1 (lowest) to 5.")


def rate(
    layer: Annotated[str, typer.Argument(metavar="LAYER", help="A layer of activities.", callback=utf8)],
    record: Annotated[str, typer.Argument(metavar="ID", help="The activity.", callback=utf8)],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why.", callback=utf8)],
    likelihood: Annotated[int | None, Level] = None,
    impact: Annotated[int | None, Level] = None,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Take the rating before back.")] = False,
    by: Annotated[str, typer.Option("--by", metavar="WHO", help="Who rates: a post.", callback=utf8)] = "",
    json: Json = False,
    user: User = None,
) -> None:
    """Rate likelihood or impact of an activity; risk shows it, and every export carries it."""
    if withdraw == (likelihood is not None or impact is not None):
        raise typer.BadParameter(
            "expected --likelihood or --impact, or else --withdraw.", param_hint="--likelihood / --impact / --withdraw"
        )
    rating = open_store(user).rate(layer, record, likelihood=likelihood, impact=impact, reason=reason, by=by)
    said = asdict(rating) | {"at": rating.at.isoformat()}
    if json:
        print_json(said)
    else:
        rated = ", ".join(f"{name} {said[name]}" for name in ("likelihood", "impact") if said[name] is not None)
        say(f"{record} in {layer}: {rated or 'rating withdrawn'}. {rating.reason}")
