"""`backtest`: replay the history of a layer, and see how good the risk formula was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from commands.options import Json, User, open_store, parse_day, parse_pairs
from commands.output import print_json, print_table, say
from layers.errors import WrongParameter

if TYPE_CHECKING:
    from analysis.backtest import Calibration
    from layers.dataset import Dataset
    from store import Access

ROLES = {"incidents": "incidents", "areas": "admin_areas"}
SHOWN = ("sites", "radius_km", "happened", "calibration_error", "coverage", "crps", "crps_last_year", "difference")


def backtest(
    method: Annotated[str, typer.Argument(metavar="METHOD", help="risk.")],
    inputs: Annotated[
        list[str] | None,
        typer.Option("--input", metavar="ROLE=LAYER[@VERSION]", help="incidents, and areas of the theatre if wished."),
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of sites and bootstrap. Default: 2017.")] = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="DATE", help="Last day the layer tells all of. Default: its own."),
    ] = None,
    json: Json = False,
    user: User = None,
) -> None:
    """Score what would have been said at the first of each month against what happened."""
    refs = parse_pairs("--input", inputs or ())
    until = parse_day("--as-of", as_of)
    if method != "risk":
        raise WrongParameter("backtest, method", f'"{method}"', "risk", "Only risk is a forecast that can be replayed.")
    from analysis.backtest import SEED
    from analysis.backtest import backtest as replay
    from layers.settings import settings

    given = _load(open_store(user), refs)
    chosen = SEED if seed is None else seed
    found = replay(given["incidents"], settings(), areas=given.get("areas"), until=until, seed=chosen)
    if json:
        print_json(found.as_dict())
    else:
        _print_short(found)


def _load(access: Access, refs: dict[str, str]) -> dict[str, Dataset]:
    for role in refs:
        if role not in ROLES:
            raise WrongParameter("backtest, --input", f'role "{role}"', f"one of {', '.join(ROLES)}", "Correct it.")
    if "incidents" not in refs:
        raise WrongParameter("backtest, incidents", "no layer", "a layer of kind incidents", "Choose one for it.")
    given = {role: access.load(ref) for role, ref in refs.items()}
    for role, dataset in given.items():
        if dataset.kind.id != ROLES[role]:
            raise WrongParameter(
                f"backtest, {role}",
                f'layer "{dataset.layer}" of kind {dataset.kind.id}',
                f"a layer of kind {ROLES[role]}",
                "Choose a layer of that kind.",
            )
    return given


def _print_short(found: Calibration) -> None:
    say(f"{found.layer}@{found.version}: {found.cut_offs} cut-offs, {found.first} to {found.last}, seed {found.seed}.")
    rows = [
        {
            "sites": words,
            "radius_km": ring.radius_km,
            "happened": round(ring.happened, 3),
            "calibration_error": round(ring.formula.calibration_error, 4),
            "coverage": round(ring.formula.coverage, 3),
            "crps": round(ring.formula.crps, 4),
            "crps_last_year": round(ring.last_year.crps, 4),
            "difference": f"{ring.crps_difference_low:+.4f} to {ring.crps_difference_high:+.4f}",
        }
        for words, rings in (("named places", found.named_places), ("anywhere", found.anywhere))
        for ring in rings
    ]
    print_table(rows, SHOWN)
    for line in (*(ring.words for ring in found.named_places), *found.limits):
        say(line)
