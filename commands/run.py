"""`run`: one analysis on loaded layers."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from commands.options import Json, User, open_store, parse_conditions, parse_day, parse_pairs, utf8
from commands.output import print_json, print_sentence, print_table, say, say_what_was_asked, split_sentences
from commands.what_if import edits_given, marked_as, print_side_by_side
from layers.errors import WrongParameter

if TYPE_CHECKING:
    from analysis.method import Method
    from layers.dataset import Dataset
    from layers.settings import Settings
    from store import Access

SHOWN_ROWS = 20
# What describes a row rather than answers the question: shown last, where a line has room.
DESCRIBES = frozenset({
    "record_id", "activity_class", "status", "mgrs", "place_precision", "assessment",
    "reporting_round", "last_known_population", "last_known_round", "admin1_code", "admin2_code", "nearest_service_id",
})  # fmt: skip
SHOWN_COLUMNS = 12


def run(
    method: Annotated[str, typer.Argument(metavar="METHOD", help="The analysis, see above.")],
    inputs: Annotated[
        list[str] | None, typer.Option("--input", metavar="ROLE=LAYER[@VERSION]", help="Layer for a role.")
    ] = None,
    values: Annotated[
        list[str] | None, typer.Option("--set", metavar="PARAMETER=VALUE", help="Parameter of the method.")
    ] = None,
    where: Annotated[
        list[str] | None, typer.Option("--where", metavar="ROLE.FIELD=VALUE", help="Keep these rows only.")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="Default: today; for exercise layers, their own.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write the rows; the extension decides the format.")
    ] = None,
    edit: Annotated[
        Path | None, typer.Option("--edit", metavar="FILE", help="What if: assume the edits of this JSON document.")
    ] = None,
    variant: Annotated[
        str | None, typer.Option("--variant", metavar="NAME", help="What if: assume the edits kept under this name.")
    ] = None,
    keep: Annotated[
        str | None,
        typer.Option("--keep", metavar="NAME", help="Keep the edits as a variant.", callback=utf8),
    ] = None,
    note: Annotated[str, typer.Option(metavar="TEXT", help="Why they are kept.", callback=utf8)] = "",
    workers: Annotated[
        int | None, typer.Option("--workers", metavar="N", help="Count with N processes of this machine.")
    ] = None,
    cluster: Annotated[
        str | None, typer.Option("--cluster", metavar="ADDRESS", help="Count with the workers of a Dask scheduler.")
    ] = None,
    json: Json = False,
    user: User = None,
) -> None:
    """Run an analysis and print its answer; with --edit or --variant before and after, side by side."""
    refs = parse_pairs("--input", inputs or ())
    parameters = parse_pairs("--set", values or ())
    conditions = parse_conditions("--where", where or ())
    day = parse_day("--as-of", as_of)
    from analysis import method_of
    from analysis.edits import edits_text
    from analysis.method import run_method
    from analysis.what_if import compare
    from exports import export_for, export_to, of_result
    from layers.rating import in_force
    from layers.settings import settings

    chosen, settings_now = method_of(method), settings()
    if out is not None:
        export_for(out)
    access = open_store(user)
    layers = _load_inputs(access, chosen, refs, conditions, settings_now)
    world = any(dataset.exercise for dataset in layers.values())
    kept = None if variant is None else access.variant(variant, exercise=world)
    edits, layers = edits_given(kept, edit, keep), marked_as(kept, layers)
    today = datetime.now(ZoneInfo(settings_now.theatre_timezone)).date()
    rated = in_force(access.ratings(layers["activities"].layer)) if "activities" in layers else {}
    asked: dict[str, Any] = {"as_of": day, "settings": settings_now, "today": today, "ratings": rated}
    with _who_counts(workers, cluster):
        if edits:
            compared = compare(chosen, layers, edits, parameters, **asked)
            result, document = compared.after, compared.as_dict()
        else:
            result = run_method(chosen, layers, parameters, **asked)
            document = result.as_dict()
    if out is not None:
        export_to(of_result(result, settings_now), out)
        say(f"{out}: {len(document['rows'])} rows, {result.marking.label}.")
    if keep is not None:
        access.keep_variant(keep, edits_text(edits), exercise=result.exercise, marking=result.marking, note=note)
        say(f'Kept as variant "{keep}"; no layer was changed.')
    if json:
        print_json(document)
    elif edits:
        print_side_by_side(document, kept=keep is not None)
    else:
        _print_short(document)


def _who_counts(workers: int | None, cluster: str | None) -> AbstractContextManager[None]:
    """This process, or workers: Dask is imported only where they are asked for."""
    if workers is None and cluster is None:
        return nullcontext()
    if workers is not None and cluster is not None:
        raise typer.BadParameter("found both; expected one of them.", param_hint="--workers, --cluster")
    from commands.cluster import counted_on

    return counted_on(workers, cluster)


def _load_inputs(
    access: Access,
    method: Method,
    refs: Mapping[str, str],
    conditions: Mapping[str, tuple[str, ...]],
    settings: Settings,
) -> dict[str, Dataset]:
    from layers.filters import Where, filter_dataset

    for role in refs:
        method.role(role)
    by_role = _by_role(method, refs, conditions)
    zone = settings.theatre_timezone
    return {
        role: filter_dataset(access.load(ref), Where(fields=by_role.get(role, {})), zone=zone)
        for role, ref in refs.items()
    }


def _by_role(
    method: Method, refs: Mapping[str, str], conditions: Mapping[str, tuple[str, ...]]
) -> dict[str, dict[str, tuple[str, ...]]]:
    by_role: dict[str, dict[str, tuple[str, ...]]] = {}
    for name, accepted in conditions.items():
        role, dot, field = name.partition(".")
        if not dot or role not in refs:
            raise WrongParameter(
                f"{method.id}, --where",
                f'"{name}"',
                f"ROLE.FIELD with a role that has a layer: {', '.join(refs) or 'none has'}",
                "Write the role before the field, and give that role a layer with --input.",
            )
        by_role.setdefault(role, {})[field] = accepted
    return by_role


def answer_first(columns: list[str]) -> list[str]:
    """Columns with the answer before what only describes the row."""
    return sorted(columns, key=lambda name: name in DESCRIBES)


def _print_short(document: dict[str, Any]) -> None:
    say_what_was_asked(document)
    told, figures = split_sentences(document["summary"])
    for sentence in told.values():
        print_sentence(sentence)
    print_table([{"summary": name, "value": value} for name, value in figures.items()], ("summary", "value"))
    rows = document["rows"]
    if rows:
        print_table(rows[:SHOWN_ROWS], answer_first(list(rows[0]))[:SHOWN_COLUMNS])
    more_rows, more_columns = len(rows) - SHOWN_ROWS, len(rows[0]) - SHOWN_COLUMNS if rows else 0
    more = [f"{count} more {what}" for count, what in ((more_rows, "rows"), (more_columns, "columns")) if count > 0]
    if more:
        say(f"{', '.join(more)}: use --json or --out FILE.")
    _print_tables(document["tables"])
    for limit in document.get("limits", ()):
        say(limit)


def _print_tables(tables: Mapping[str, list[dict[str, Any]]]) -> None:
    """The tables that belong to the answer, such as the one by admin area."""
    for name, rows in tables.items():
        shown = [{name: row[next(iter(row))], **row} for row in rows[:SHOWN_ROWS]]
        if shown:
            print_table(shown, [name, *list(rows[0])[1:SHOWN_COLUMNS]])
        if len(rows) > SHOWN_ROWS:
            say(f"{name}: {len(rows) - SHOWN_ROWS} more rows: use --json.")
