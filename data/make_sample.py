"""Make the sample scenario: ``python -m data.make_sample [FOLDER]``.

Same seed, same bytes. Each layer draws from its own stream, so that a change to one
leaves the others as they are.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from data.scenario.activities import activity_layer
from data.scenario.displacement import build_sites, flow_layer, site_layer
from data.scenario.facilities import facility_layer
from data.scenario.hazards import hazard_layer
from data.scenario.incidents import incident_layer
from data.scenario.layer import Layer
from data.scenario.places import build_places, road_layer, settlement_layer
from data.scenario.terrain import admin_layers, build_terrain

SEED = 2026
SAMPLE = Path(__file__).resolve().parent / "sample"
_STREAMS = ("terrain", "places", "sites", "rounds", "flows", "facilities", "hazards", "activities", "incidents")


def build_layers(seed: int = SEED) -> list[Layer]:
    """All layers of the scenario."""
    stream = {name: np.random.default_rng([seed, number]) for number, name in enumerate(_STREAMS, start=1)}
    terrain = build_terrain(stream["terrain"])
    places = build_places(stream["places"], terrain)
    sites = build_sites(stream["sites"], terrain, places)
    return [
        *admin_layers(terrain),
        settlement_layer(terrain, places),
        road_layer(terrain, places),
        facility_layer(stream["facilities"], terrain, places, sites),
        site_layer(stream["rounds"], terrain, places, sites),
        flow_layer(stream["flows"], places, sites),
        hazard_layer(stream["hazards"], terrain, places),
        activity_layer(stream["activities"], terrain, places, sites),
        incident_layer(stream["incidents"], terrain, places),
    ]


def write_sample(folder: Path, seed: int = SEED) -> list[Path]:
    """Write all layers into a folder, which is made when missing."""
    folder.mkdir(parents=True, exist_ok=True)
    return [layer.write(folder) for layer in build_layers(seed)]


if __name__ == "__main__":
    for path in write_sample(Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLE):
        sys.stdout.write(f"{path.name}: {path.stat().st_size:,} bytes\n")
