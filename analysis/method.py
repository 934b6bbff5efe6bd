"""What an analysis is: roles, parameters with bounds, a run, its limits.

The page controls, the command line and the checks all follow from a `Method`. A run is a
pure function of Datasets, parameters, as-of and settings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

import geopandas as gpd
import numpy as np
import pandas as pd

from analysis.parameters import Control, controls_of, parse
from analysis.plain import plain, plain_rows
from layers.dataset import Dataset
from layers.errors import MixedWorlds, WrongParameter
from layers.marking import Marking, highest
from layers.rating import Rating
from layers.schema import CRS
from layers.settings import Settings
from layers.times import check_as_of


@dataclass(frozen=True)
class Role:
    """A place that a layer takes in an analysis.

    Attributes
    ----------
    kinds : tuple of str
        Ids of the kinds of layer that fit; empty means any.
    """

    name: str
    label: str
    kinds: tuple[str, ...]
    optional: bool = False


@dataclass(frozen=True)
class Context:
    """What every run is handed besides its layers and parameters.

    Attributes
    ----------
    ratings : mapping
        Id of an activity -> the officer's rating that holds.
    """

    as_of: date
    settings: Settings
    ratings: Mapping[str, Rating] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What a run gives back; `run_method` makes a `Result` of it.

    Attributes
    ----------
    limits : tuple of str
        What must be said of this run, besides the limits of the method.
    tables : tuple of str
        Names of the shapes that are tables of the answer: printed, and rows in the JSON.
    """

    summary: dict[str, Any]
    rows: gpd.GeoDataFrame
    shapes: dict[str, gpd.GeoDataFrame] = field(default_factory=dict)
    limits: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()


def as_table(rows: pd.DataFrame) -> gpd.GeoDataFrame:
    """A table of the answer: rows without a place, in the form of a shape."""
    return gpd.GeoDataFrame(rows.reset_index(drop=True), geometry=np.full(len(rows), None, dtype=object), crs=CRS)


Run = Callable[[Mapping[str, Dataset], Any, Context], Outcome]


class Defaults(Protocol):
    """Defaults that the settings decide; they stand in for what was not given."""

    def __call__(
        self, values: Mapping[str, Any], settings: Settings, inputs: Mapping[str, Dataset] | None = None
    ) -> dict[str, Any]:
        """Parameter -> default, from the values given, the settings and the layers (None: not chosen yet)."""


def _no_defaults(
    values: Mapping[str, Any], settings: Settings, inputs: Mapping[str, Dataset] | None = None
) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Method:
    """An analysis.

    Attributes
    ----------
    parameters : type
        Frozen dataclass, its fields made with `analysis.parameters.parameter`.
    run : callable
        ``run(inputs, parameters, context) -> Outcome``.
    defaults : callable
        ``defaults(values given, settings, inputs)``, see `Defaults`.
    """

    id: str
    label: str
    question: str
    roles: tuple[Role, ...]
    parameters: type
    run: Run
    limits: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    defaults: Defaults = _no_defaults

    def role(self, name: str) -> Role:
        """The role of this name.

        Raises
        ------
        WrongParameter
            When the method has none.
        """
        for role in self.roles:
            if role.name == name:
                return role
        raise WrongParameter(
            f"{self.id}, input",
            f'role "{name}"',
            f"one of {', '.join(r.name for r in self.roles)}",
            "Correct the role.",
        )

    def controls(self, settings: Settings) -> tuple[Control, ...]:
        """The parameters as a page draws them, with the defaults in force."""
        return controls_of(self.parameters, self.defaults({}, settings))


@dataclass(frozen=True, eq=False)
class Result:
    """The answer of one run, as data: page, command line and export say the same.

    Attributes
    ----------
    inputs : dict
        Role -> ``{"layer", "version", "rows"}``, and ``"where"`` in words for a filtered layer.
    rows : GeoDataFrame
        EPSG:4326, one row a thing asked about.
    shapes : dict of str to GeoDataFrame
        What else is drawn, EPSG:4326.
    tables : tuple of str
        Names of the shapes that are tables of the answer.
    """

    method: str
    parameters: dict[str, Any]
    as_of: date
    inputs: dict[str, dict[str, Any]]
    summary: dict[str, Any]
    rows: gpd.GeoDataFrame
    shapes: dict[str, gpd.GeoDataFrame]
    limits: tuple[str, ...]
    marking: Marking
    exercise: bool
    sources: tuple[str, ...]
    tables: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The command line's JSON: missing figures null, dates ISO, no geometry."""
        return {
            "method": self.method,
            "parameters": {k: "all" if v is None else plain(v) for k, v in self.parameters.items()},
            "as_of": self.as_of.isoformat(),
            "inputs": self.inputs,
            "summary": plain(self.summary),
            "rows": plain_rows(self.rows),
            "tables": {name: plain_rows(self.shapes[name]) for name in self.tables},
            "limits": list(self.limits),
            "marking": self.marking.label,
            "exercise": self.exercise,
            "sources": list(self.sources),
        }


def run_method(
    method: Method,
    inputs: Mapping[str, Dataset],
    values: Mapping[str, Any],
    *,
    as_of: date | None,
    settings: Settings,
    today: date,
    ratings: Mapping[str, Rating] | None = None,
) -> Result:
    """Check what was handed in, run, and say what was used.

    Parameters
    ----------
    values : mapping
        Parameters by name, as text or typed; those left out take their default.
    as_of : date or None
        None: today, or for exercise layers the latest as-of of their own.
    ratings : mapping, optional
        Id of an activity -> the officer's rating that holds.

    Raises
    ------
    WrongParameter
        A role or parameter that the method does not have, or a value or as-of out of bounds.
    MixedWorlds
        Exercise and real layers together.
    """
    _check_inputs(method, inputs)
    given = {**method.defaults(values, settings, inputs), **values}
    parameters = parse(method.id, method.parameters, given)
    exercise = any(d.exercise for d in inputs.values())
    day = as_of or (max(d.as_of_day for d in inputs.values()) if exercise else today)
    check_as_of(method.id, day)
    outcome = method.run(inputs, parameters, Context(day, settings, ratings or {}))
    return Result(
        method=method.id,
        parameters={c.name: getattr(parameters, c.name) for c in controls_of(method.parameters, {})},
        as_of=day,
        inputs={role: _stated(dataset) for role, dataset in inputs.items()},
        summary=outcome.summary,
        rows=outcome.rows,
        shapes=outcome.shapes,
        limits=(*method.limits, *outcome.limits),
        marking=highest(d.marking for d in inputs.values()),
        exercise=exercise,
        sources=tuple(sorted({d.source for d in inputs.values() if d.source})),
        tables=outcome.tables,
    )


def _stated(dataset: Dataset) -> dict[str, Any]:
    used = {"layer": dataset.layer, "version": dataset.version, "rows": len(dataset)}
    return used | ({"where": dataset.filtered} if dataset.filtered else {})


def _check_inputs(method: Method, inputs: Mapping[str, Dataset]) -> None:
    for name, dataset in inputs.items():
        role = method.role(name)
        if role.kinds and dataset.kind.id not in role.kinds:
            raise WrongParameter(
                f"{method.id}, {name}",
                f'layer "{dataset.layer}" of kind {dataset.kind.id}',
                f"a layer of kind {' or '.join(role.kinds)}",
                "Choose a layer of that kind.",
            )
    for role in method.roles:
        if not role.optional and role.name not in inputs:
            raise WrongParameter(
                f"{method.id}, {role.name}",
                "no layer",
                f"a layer of kind {' or '.join(role.kinds) or 'any'}",
                "Choose a layer for it.",
            )
    worlds = {d.exercise for d in inputs.values()}
    if len(worlds) > 1:
        fictional = ", ".join(sorted(d.layer for d in inputs.values() if d.exercise))
        real = ", ".join(sorted(d.layer for d in inputs.values() if not d.exercise))
        raise MixedWorlds(
            method.id,
            f"exercise ({fictional}) and real ({real}) layers together",
            "layers of one world",
            "Choose exercise layers only, or real layers only.",
        )
