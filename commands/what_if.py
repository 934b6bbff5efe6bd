"""What if, on the command line: which edits are meant, and both answers side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from commands.output import print_sentence, print_table, say, say_what_was_asked, split_sentences
from layers.errors import UnreadableFile
from layers.marking import Marking

if TYPE_CHECKING:
    from analysis.edits import Edit
    from layers.dataset import Dataset
    from store import Variant

SHOWN_CHANGES = 40


def edits_given(variant: Variant | None, file: Path | None, keep: str | None) -> tuple[Edit, ...]:
    """The edits of a variant and then those of a file; none where neither is named.

    Raises
    ------
    WrongParameter
        When a document is not one of edits.
    UnreadableFile
        When the file cannot be read.
    """
    from analysis.edits import read_edits

    if keep is not None and file is None and variant is None:
        raise typer.BadParameter("found no edits to keep; expected --edit FILE.", param_hint="--keep")
    kept = () if variant is None else read_edits(variant.edits, f'variant "{variant.name}"')
    return kept + (() if file is None else read_edits(_content(file), str(file)))


def marked_as(variant: Variant | None, layers: Mapping[str, Dataset]) -> dict[str, Dataset]:
    """The layers, none marked lower than the variant laid over them: so is whatever is made of both."""
    marking = Marking.UNCLASSIFIED if variant is None else variant.marking
    return {role: replace(d, marking=max(d.marking, marking)) for role, d in layers.items()}


def print_side_by_side(document: Mapping[str, Any], *, kept: bool) -> None:
    """Before and after: the summary, then each row that changed."""
    say_what_was_asked(document)
    for assumption in document["assumptions"]:
        say(f"Assumption{'' if kept else ', nothing stored'}: {assumption}.")
    (told_before, before), (told, after) = map(split_sentences, (document["before"]["summary"], document["summary"]))
    for name in dict.fromkeys([*told_before, *told]):
        for when, sentences in (("Before", told_before), ("After", told)):
            print_sentence(f"{when}: {sentences.get(name, '-')}")
    summary = [{"summary": n, "before": before.get(n), "after": after.get(n)} for n in dict.fromkeys([*before, *after])]
    print_table(summary, ("summary", "before", "after"))
    lines = list(_lines(document["changed"]))
    if lines:
        print_table(lines[:SHOWN_CHANGES], ("id", "change", "field", "before", "after"))
    if len(lines) > SHOWN_CHANGES:
        say(f"{len(lines) - SHOWN_CHANGES} more changes: use --json.")
    say(f"{len(document['changed'])} rows differ.")
    for limit in document["limits"]:
        if not limit.startswith("Assumption: "):
            say(limit)


def _lines(changed: Iterable[Mapping[str, Any]]) -> Iterable[dict[str, Any]]:
    for row in changed:
        for name, values in row["fields"].items() if row["change"] == "changed" else [("", {})]:
            yield {"id": row["id"], "change": row["change"], "field": name, **values}


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UnreadableFile(
            str(file), (error.strerror or str(error)).lower(), "a JSON document of edits", "Correct the path."
        ) from error
