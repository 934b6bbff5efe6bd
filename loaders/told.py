"""What a file written by Overlay says of itself, as far as it can be used."""

from __future__ import annotations

from typing import Any

from layers.errors import LoadError
from layers.kinds import KIND_BY_ID
from layers.marking import Marking
from layers.report import Finding
from loaders.draft import parse_as_of


def told_by(overlay: dict[str, Any], file: str, *, exercise_known: bool) -> tuple[dict[str, Any], list[Finding]]:
    """Its as-of, marking, source, layer and world, and what of that cannot be used.

    Parameters
    ----------
    exercise_known : bool
        The person said whether it is exercise data.

    Raises
    ------
    LoadError
        When it does not say clearly whether it is exercise data.
    """
    told: dict[str, Any] = {}
    doubts = []
    readers = {"as_of": parse_as_of, "marking": Marking.of, "source": str, "layer": str, "exercise": _flag}
    for name, read in readers.items():
        value = overlay.get(name)
        if value is None or value == "":
            continue
        try:
            told[name] = read(value)  # type: ignore[operator]
        except (ValueError, KeyError, AttributeError, TypeError):
            doubts.append(_unusable(file, name, str(value)[:60]))
    if overlay.get("kind") and overlay["kind"] not in KIND_BY_ID:
        doubts.append(
            Finding("overlay_member", "warning", f"{file}: its overlay member names no known kind.", field="kind")
        )
    if "exercise" in overlay and "exercise" not in told and not exercise_known:
        raise LoadError(
            file,
            f'rows that state exercise as "{str(overlay["exercise"])[:40]}"',
            "a file of exercise data or of real data",
            "Separate the two; they never meet in one layer.",
        )
    return told, doubts


def _flag(value: Any) -> bool:
    """True and false, as JSON or as text."""
    return {"true": True, "false": False}[str(value).lower()]


def _unusable(file: str, name: str, value: str) -> Finding:
    return Finding(
        "overlay_member",
        "warning",
        f'{file}: its overlay member gives {name} "{value}", which cannot be used.',
        field=name,
        found=value,
        remedy=f"Say it with --{name.replace('_', '-')}.",
    )
