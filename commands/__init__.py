"""The command line. A new command is a file beside this and one line here.

Exit code 0: done, also when some files loaded and some did not. 1: refused, or nothing
loaded. 2: wrong usage. With `--json` exactly one JSON document goes to standard output,
whatever happens; messages go to standard error.
"""

from __future__ import annotations

import sys

import typer

from commands import backtest, export, ingest, layers, rate, run, safeguards, sample, template, variants, verify
from commands.output import print_json, say
from commands.run_help import RunCommand
from layers.errors import OverlayError

app = typer.Typer(
    name="overlay",
    help="Geospatial situational awareness for civil-military operations in peacekeeping.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    no_args_is_help=True,
)
for command in (
    sample.sample,
    ingest.ingest,
    layers.layers,
    run.run,
    backtest.backtest,
    rate.rate,
    variants.variants,
    export.export,
    template.template,
    verify.verify,
    safeguards.safeguards,
):
    app.command(cls=RunCommand if command is run.run else None)(command)


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code.

    Parameters
    ----------
    arguments : list of str, optional
        Default: those of this process.
    """
    given = sys.argv[1:] if arguments is None else arguments
    try:
        code = app(given, prog_name="cli.py", standalone_mode=False)
    except OverlayError as error:
        return _refuse(given, error.as_dict(), str(error), 1)
    except typer.TyperException as error:  # wrong usage, as Typer found it
        text = error.format_message() if hasattr(error, "format_message") else str(error)
        remedy = "See `python cli.py --help`, or --help after a command."
        refusal = {"code": "usage", "where": "command line", "found": text, "expected": "a command as --help shows it"}
        return _refuse(given, refusal | {"remedy": remedy}, f"{text} {remedy}", getattr(error, "exit_code", 2))
    return code if isinstance(code, int) else 0


def _refuse(given: list[str], refusal: dict[str, str], message: str, code: int) -> int:
    say(message)
    if "--json" in given:
        print_json({"error": refusal})
    return code
