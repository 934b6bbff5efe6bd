"""What lies within a distance: true-distance buffers of points, lines and polygons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import shapely

from analysis.method import Context, Method, Outcome, Role
from analysis.parameters import parameter
from analysis.places import Places
from layers.dataset import Dataset
from layers.errors import NotEnoughData
from layers.schema import CRS


@dataclass(frozen=True)
class BuffersParameters:
    """What to draw."""

    radius_km: float = parameter(5.0, label="Radius", unit="km", minimum=0.01, maximum=500)
    dissolve: bool = parameter(False, label="Unite overlapping buffers")


def run(inputs: Mapping[str, Dataset], parameters: BuffersParameters, context: Context) -> Outcome:
    """One row a feature with its buffer, or one row in all when dissolved."""
    layer = inputs["layer"]
    frame = layer.frame.sort_values("id", kind="stable")
    places = Places(frame.geometry.to_numpy())
    if not places.known.any():
        raise NotEnoughData(
            f"buffers, {layer.layer}", "no feature with a place", "at least one", "Choose another layer or filter."
        )
    drawn = places.widened(1000 * parameters.radius_km)[places.known]
    kept = frame[places.known]
    if parameters.dissolve:
        rows = gpd.GeoDataFrame({"features": [len(kept)]}, geometry=[shapely.union_all(drawn)], crs=CRS)
    else:
        columns = [c for c in ("id", layer.kind.title) if c in kept]
        rows = gpd.GeoDataFrame(kept[columns].reset_index(drop=True), geometry=drawn, crs=CRS)
    rows["radius_km"] = parameters.radius_km
    summary = {"features": len(kept), "without_place": int((~places.known).sum())}
    return Outcome(summary, rows, {"rings": rows[["geometry"]]})


BUFFERS = Method(
    id="buffers",
    label="Buffers",
    question="What lies within a distance of these features?",
    roles=(Role("layer", "Layer", ()),),
    parameters=BuffersParameters,
    run=run,
    limits=("Circles have 128 vertices: their edge runs at most 0.03 % of the radius inside the true circle.",),
    references=("Karney (2013), Algorithms for geodesics, https://doi.org/10.1007/s00190-012-0578-z",),
)
