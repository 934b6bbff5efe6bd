"""`sample`: the exercise scenario in, or away."""

from __future__ import annotations

import json as json_format
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands.ingest import ingest_files, loaded, print_entries
from commands.options import Json, User, open_store
from commands.output import print_json, say
from layers.errors import UnreadableFile
from layers.marking import EXERCISE_NOTE

if TYPE_CHECKING:
    from store import Access

NOTE = "sample scenario"
PLACES = ("admin", "settlements")


def sample(
    remove: Annotated[bool, typer.Option("--remove", help="Take all exercise layers away.")] = False,
    json: Json = False,
    user: User = None,
) -> None:
    """Load the sample scenario, marked EXERCISE; a second call changes nothing."""
    access = open_store(user)
    if remove:
        _remove(access, json=json)
        return
    paths = sample_files()
    there = {info.layer for info in access.layers(exercise=True)}
    missing = [path for path in paths if exercise_layer(path) not in there]
    if not missing:
        say("The sample scenario is loaded already: nothing was changed.")
        if json:
            print_json({"files": []})
        return
    from loaders.drafting import IngestOptions

    entries = ingest_files(access, missing, IngestOptions(note=NOTE, exercise=True))
    print_entries(entries, json=json, dry_run=False)
    if not any(map(loaded, entries)):
        raise typer.Exit(1)
    say(EXERCISE_NOTE)


def _remove(access: Access, *, json: bool) -> None:
    removed = access.remove_exercise(by=access.principal.name)
    say(f"Removed: {', '.join(removed)}." if removed else "No exercise layer is loaded: nothing was changed.")
    if json:
        print_json({"removed": removed})


def sample_files(folder: Path | None = None) -> list[Path]:
    """The files of the scenario, in the order of its `manifest`, else areas and towns first.

    Raises
    ------
    UnreadableFile
        When there is none.
    """
    from layers.settings import PROJECT

    place = folder or PROJECT / "data" / "sample"
    manifest = place / "manifest"
    named = manifest.read_text("utf-8").split() if manifest.is_file() else []
    paths = [place / name for name in named] or sorted(
        place.glob("*.geojson"), key=lambda path: (not any(word in path.stem for word in PLACES), path.name)
    )
    if not paths:
        raise UnreadableFile(str(place), "no GeoJSON file", "the sample scenario", "Make it again with `make sample`.")
    return paths


def exercise_layer(path: Path) -> str:
    """The name of the layer that a file of the scenario makes.

    Raises
    ------
    UnreadableFile
        When the file does not say that it is fictional: then it is no sample.
    """
    said = _said(path)
    if said.get("exercise") is not True or not said.get("layer"):
        raise UnreadableFile(
            str(path),
            "no mark of an exercise, or no layer named",
            "a file of the sample scenario",
            "Load real data with `python cli.py ingest`.",
        )
    return str(said["layer"])


def _said(path: Path) -> dict[str, Any]:
    try:
        said = json_format.loads(path.read_text("utf-8")).get("overlay", {})
    except (OSError, ValueError, AttributeError) as error:
        raise UnreadableFile(str(path), str(error), "a GeoJSON file", "Make it again with `make sample`.") from error
    return said if isinstance(said, dict) else {}
