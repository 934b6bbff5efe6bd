"""What lies within a distance: true-distance buffers of points, lines and polygons.

Rings are drawn; what lies inside them is counted from distances, never from the drawing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from analysis.inside import Things, inside_each, inside_united, things_of
from analysis.method import Context, Method, Outcome, Role
from analysis.parameters import parameter
from analysis.places import Geometries, Places
from layers.dataset import Dataset
from layers.errors import NotEnoughData
from layers.geodesy import areas_m2, drawn_error_m
from layers.schema import CRS

MEASURED_FEATURES = 24


@dataclass(frozen=True)
class BuffersParameters:
    """What to draw."""

    radius_km: float | tuple[float, ...] = parameter(
        5.0, label="Radius", unit="km", minimum=0.01, maximum=500, several=True, help="One, or several: 5, 10, 25."
    )
    dissolve: bool = parameter(False, label="Unite overlapping buffers")
    bands: bool = parameter(
        False, label="Bands between the rings", help="0 to 5, 5 to 10: each without the one inside."
    )


def run(inputs: Mapping[str, Dataset], parameters: BuffersParameters, context: Context) -> Outcome:
    """One row a feature and ring with its buffer, or one row a ring when dissolved."""
    layer = inputs["layer"]
    frame = layer.frame.sort_values("id", kind="stable")
    known = Places(frame.geometry.to_numpy()).known
    if not known.any():
        raise NotEnoughData(
            f"buffers, {layer.layer}", "no feature with a place", "at least one", "Choose another layer or filter."
        )
    kept = frame[known].reset_index(drop=True)
    places, radii_km = Places(kept.geometry.to_numpy()), np.atleast_1d(parameters.radius_km)
    rings = [places.widened(1000 * km) for km in radii_km]
    errors = [_largest_error_m(places.geometries, ring, 1000 * km) for ring, km in zip(rings, radii_km, strict=True)]
    columns = [c for c in ("id", layer.kind.title) if c in kept]
    described = pd.DataFrame({"features": [len(kept)]} if parameters.dissolve else kept[columns])
    rows = _rows(described, _as_asked(rings, parameters), radii_km, bands=parameters.bands)
    things = things_of(inputs["count"], context.as_of) if "count" in inputs else None
    if things is not None:
        count = inside_united if parameters.dissolve else inside_each
        rows = rows.assign(**count(places, things, 1000 * radii_km, bands=parameters.bands))
    summary = {"features": len(kept), "without_place": int((~known).sum()), **_of_things(things)}
    summary["rings"] = _of_rings(rows, radii_km, errors)
    shapes = rows[["radius_km", "geometry"]].sort_values("radius_km", ascending=False, kind="stable")
    return Outcome(summary, rows, {"rings": shapes.reset_index(drop=True)}, _limits(things, radii_km, errors))


def _as_asked(rings: list[Geometries], parameters: BuffersParameters) -> list[Geometries]:
    """The rings, smallest first, united and without the one inside where that is asked."""
    if parameters.dissolve:
        rings = [np.array([shapely.union_all(ring)], dtype=object) for ring in rings]
    return [rings[0], *(shapely.difference(b, a) for a, b in pairwise(rings))] if parameters.bands else rings


def _rows(described: pd.DataFrame, drawn: list[Geometries], radii_km: np.ndarray, *, bands: bool) -> gpd.GeoDataFrame:
    """Rings of each feature beside each other, the smallest first."""
    number = len(described)
    order = np.arange(number * len(radii_km)).reshape(len(radii_km), number).T.ravel()
    rows = gpd.GeoDataFrame(
        pd.concat([described] * len(radii_km), ignore_index=True), geometry=np.concatenate(drawn), crs=CRS
    )
    rows["radius_km"] = np.repeat(radii_km, number)
    if bands:
        rows["from_km"] = np.repeat([0.0, *radii_km[:-1]], number)
    return rows.iloc[order].reset_index(drop=True)


def _largest_error_m(geometries: Geometries, drawn: Geometries, radius_m: float) -> float:
    """Of some features, those furthest from the equator and the largest among them."""
    far = np.abs(shapely.bounds(geometries)[:, [1, 3]]).max(axis=1)
    size = shapely.get_num_coordinates(geometries)
    spread = np.linspace(0, len(geometries) - 1, MEASURED_FEATURES - 2).astype(int)
    chosen = np.unique([far.argmax(), size.argmax(), *np.argsort(far)[spread]])
    return max(drawn_error_m(geometries[i], drawn[i], radius_m) for i in chosen)


def _of_rings(rows: gpd.GeoDataFrame, radii_km: np.ndarray, errors: list[float]) -> list[dict[str, Any]]:
    """What must be known of each ring (or band): the area drawn, and how true its edge is."""
    area = pd.Series(areas_m2(rows.geometry.to_numpy()) / 1e6)
    by_ring = area.groupby(rows["radius_km"]).sum()
    return [
        {"radius_km": float(km), "area_km2": round(float(by_ring[km]), 3), "drawn_error_m": round(error, 1)}
        for km, error in zip(radii_km, errors, strict=True)
    ]


def _of_things(things: Things | None) -> dict[str, Any]:
    if things is None:
        return {}
    return {"things": len(things.places), "things_without_place": int((~things.places.known).sum())}


def _limits(things: Things | None, radii_km: np.ndarray, errors: list[float]) -> tuple[str, ...]:
    stated = ", ".join(f"{error:.1f} m at {km:g} km" for km, error in zip(radii_km, errors, strict=True))
    limits = [f"The edge as drawn lies off the true one by at most {stated}, as measured on some of the features."]
    if things is not None:
        limits.append("Counts are made from distances, not from the drawing; without a place nothing is counted.")
    return tuple(limits)


BUFFERS = Method(
    id="buffers",
    label="Buffers",
    question="What lies within a distance of these features?",
    roles=(Role("layer", "Layer", ()), Role("count", "Counted inside", (), optional=True)),
    parameters=BuffersParameters,
    run=run,
    limits=("Circles have 128 vertices: their edge runs at most 0.03 % of the radius inside the true circle.",),
    references=("Karney (2013), Algorithms for geodesics, https://doi.org/10.1007/s00190-012-0578-z",),
)
