"""What if: one analysis on the layers as they are and as edits assume them, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from analysis.assumed import apply_edits
from analysis.edits import Edit
from analysis.method import Method, Result, run_method
from analysis.plain import plain
from layers.dataset import Dataset
from layers.rating import Rating
from layers.settings import Settings

KEYS = ("id", "radius_km")
FOLLOWS = frozenset({"rank"})
"""Columns that shift in other rows when one changes: alone they make no row a changed one."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """Both answers, and what differs.

    Attributes
    ----------
    assumptions : tuple of str
        Each edit in words.
    changed : list of dict
        ``{"id", "change", "fields"}`` of each row that was added, withdrawn or changed;
        fields: name -> ``{"before", "after"}``, of changed rows only those that differ.
    summary_changed : dict
        Name -> ``{"before", "after"}``, of those that differ.
    """

    before: Result
    after: Result
    assumptions: tuple[str, ...]
    changed: list[dict[str, Any]]
    summary_changed: dict[str, dict[str, Any]]

    def as_dict(self) -> dict[str, Any]:
        """The answer with the edits applied, as the command line prints it, and beside it the one before."""
        before = self.before.as_dict()
        return self.after.as_dict() | {
            "before": {"summary": before["summary"], "rows": before["rows"]},
            "assumptions": list(self.assumptions),
            "changed": self.changed,
            "summary_changed": self.summary_changed,
        }


def compare(
    method: Method,
    inputs: Mapping[str, Dataset],
    edits: Sequence[Edit],
    values: Mapping[str, Any],
    *,
    as_of: date | None,
    settings: Settings,
    today: date,
    ratings: Mapping[str, Rating] | None = None,
) -> Comparison:
    """Run a method on the layers, and on the layers with the edits; both with the same parameters and as-of.

    Raises
    ------
    WrongParameter
        As `run_method` and `apply_edits` do.
    MixedWorlds
        Exercise and real layers together.
    """
    before = run_method(method, inputs, values, as_of=as_of, settings=settings, today=today, ratings=ratings)
    assumed, assumptions = apply_edits(method, inputs, edits)
    # defaults may follow from the layers: the second run takes what the first one had
    after = run_method(
        method, assumed, before.parameters, as_of=before.as_of, settings=settings, today=today, ratings=ratings
    )
    after = replace(after, limits=(*after.limits, *(f"Assumption: {said}." for said in assumptions)))
    old, new = before.as_dict(), after.as_dict()
    return Comparison(
        before, after, assumptions, changed_rows(old["rows"], new["rows"]), _differing(old["summary"], new["summary"])
    )


def changed_rows(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows that were added, withdrawn or changed, in the order of the answer after; see `Comparison`."""
    old, new = _keyed(before), _keyed(after)
    changed = []
    for key, row in new.items():
        fields = _differing(old.get(key, {}), row)
        if key not in old or set(fields) - FOLLOWS:
            changed.append({"id": row.get("id"), "change": "changed" if key in old else "added", "fields": fields})
    gone = ((row.get("id"), _differing(row, {})) for key, row in old.items() if key not in new)
    return changed + [{"id": row_id, "change": "withdrawn", "fields": fields} for row_id, fields in gone]


def _keyed(rows: list[dict[str, Any]]) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Rows by what names them: id, ring, and the how-manieth of these it is."""
    seen: dict[tuple[Any, ...], int] = {}
    keyed = {}
    for row in rows:
        name = tuple(row.get(column) for column in KEYS)
        seen[name] = seen.get(name, 0) + 1
        keyed[*name, seen[name]] = row
    return keyed


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    names = dict.fromkeys([*after, *before])
    both = {name: (before.get(name), after.get(name)) for name in names}
    return {name: {"before": plain(old), "after": plain(new)} for name, (old, new) in both.items() if old != new}
