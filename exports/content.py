"""What leaves: rows, and all that must travel with them, the same for every format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import geopandas as gpd

from analysis.method import Result
from analysis.plain import plain
from layers.dataset import Dataset
from layers.marking import EXERCISE_NOTE, Marking
from layers.schema import ROW
from layers.settings import Settings


@dataclass(frozen=True, eq=False)
class Content:
    """One table to be written, with what must stand on it.

    Attributes
    ----------
    frame : GeoDataFrame
        EPSG:4326; exactly the rows and columns that are written.
    kind : str or None
        Id of the layer's kind; None for the result of an analysis.
    as_of : date or datetime
        What moment the data speak of.
    parameters : mapping or None
        What the analysis was asked; None for a layer.
    generated : str
        What it was made from.
    where : str
        The conditions that its rows were chosen by, in words; empty for a whole layer.
    shapes : mapping of str to GeoDataFrame
        What else is drawn (rings, gaps), EPSG:4326; only formats with several layers hold it.
    """

    frame: gpd.GeoDataFrame
    title: str
    kind: str | None
    layer: str
    source: str
    as_of: date
    marking: Marking
    exercise: bool
    boundary_note: str
    parameters: Mapping[str, Any] | None = None
    generated: str = ""
    where: str = ""
    shapes: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)

    @property
    def statements(self) -> dict[str, Any]:
        """What stands on the export besides the rows, as JSON values."""
        said: dict[str, Any] = {
            "title": self.title,
            "kind": self.kind,
            "layer": self.layer,
            "source": self.source,
            "as_of": self.as_of.isoformat(),
            "marking": self.marking.label,
            "exercise": self.exercise,
            "boundary_note": self.boundary_note,
            "generated": self.generated,
        }
        if self.where:
            said["where"] = self.where
        if self.exercise:
            said["note"] = EXERCISE_NOTE
        if self.parameters is not None:
            said["parameters"] = plain(dict(self.parameters))
        return said


def of_dataset(dataset: Dataset, settings: Settings) -> Content:
    """A layer, or the rows of it that the filters kept. The sender's row numbers and pictures stay behind."""
    return Content(
        frame=dataset.frame.drop(columns=[ROW, *dataset.kind.pictures], errors="ignore"),
        title=dataset.layer,
        kind=dataset.kind.id,
        layer=dataset.layer,
        source=dataset.source,
        as_of=dataset.as_of,
        marking=dataset.marking,
        exercise=dataset.exercise,
        boundary_note=settings.boundary_note,
        generated=f"Overlay, from {dataset.ref}",
        where=dataset.filtered,
    )


def of_result(result: Result, settings: Settings) -> Content:
    """The answer of an analysis: its rows, what it was asked, and its limits."""
    used = ", ".join(f"{role} {entry['layer']}@{entry['version']}" for role, entry in result.inputs.items())
    filters = {role: entry["where"] for role, entry in result.inputs.items() if entry.get("where")}
    asked = {name: "all" if value is None else value for name, value in result.parameters.items()}
    return Content(
        frame=result.rows,
        title=f"{result.method} analysis",
        kind=None,
        layer=result.method,
        source="; ".join(result.sources),
        as_of=result.as_of,
        marking=result.marking,
        exercise=result.exercise,
        boundary_note=settings.boundary_note,
        parameters={"method": result.method, **asked, "inputs": used, "limits": list(result.limits)},
        generated=f"Overlay, {result.method} analysis of {used}",
        where="; ".join(f"{role}: {words}" for role, words in filters.items()),
        shapes=result.shapes,
    )
