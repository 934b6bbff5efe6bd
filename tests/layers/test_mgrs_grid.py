"""The MGRS grid against PyPI's mgrs: on both sides of each line another square."""

from __future__ import annotations

import mgrs
import numpy as np
import pytest
import shapely

from layers.mgrs_grid import cells, mgrs_grid

BOXES = {
    "Orvane": (-120.5, -9.0, -118.0, -7.0),
    "Norway": (2.0, 59.0, 8.0, 61.0),
    "Svalbard": (8.0, 77.0, 12.0, 79.0),
    "Bangui": (18.0, 4.0, 19.0, 5.0),
    "the equator": (17.0, -0.6, 19.0, 0.6),
}


def reference(lon: float, lat: float, digits: int) -> str:
    return str(mgrs.MGRS().toMGRS(lat, lon, MGRSPrecision=digits))


@pytest.mark.parametrize("box", BOXES.values(), ids=BOXES)
@pytest.mark.parametrize(("step", "digits"), [(100_000, 0), (10_000, 1)])
def test_a_line_parts_two_squares(box: tuple[float, float, float, float], step: int, digits: int) -> None:
    lines = [part for part in mgrs_grid(box, step) if part.kind in ("square", "line")]
    assert len(lines) >= 2
    for part in lines:
        for piece in shapely.get_parts(part.geometry):
            middle = piece.interpolate(0.5, normalized=True)
            ahead = piece.interpolate(0.51, normalized=True)
            along = np.array([ahead.x - middle.x, ahead.y - middle.y])
            aside = np.array([-along[1], along[0]]) / np.hypot(*along) * 1e-3
            left = reference(middle.x + aside[0], middle.y + aside[1], digits)
            right = reference(middle.x - aside[0], middle.y - aside[1], digits)
            assert left != right, f"{part} parts nothing"
            if part.label:
                assert part.label[0] in left + right


@pytest.mark.parametrize("box", BOXES.values(), ids=BOXES)
def test_every_square_seen_is_named_once(box: tuple[float, float, float, float]) -> None:
    names = [part.label for part in mgrs_grid(box, 100_000) if part.kind == "name"]
    assert len(names) == len(set(names))
    west, south, east, north = box
    lon, lat = np.meshgrid(np.linspace(west, east, 40)[1:-1], np.linspace(south, north, 40)[1:-1])
    seen = [reference(x, y, 0) for x, y in zip(lon.ravel(), lat.ravel(), strict=True)]
    often = {name for name in set(seen) if seen.count(name) > 20}
    assert often <= set(names)


def test_the_cells_of_the_world_cover_it_once() -> None:
    every = [cell for _, cell in cells(-180, -90, 180, 90)]
    assert sum(cell.area for cell in every) == pytest.approx(360 * 164)
    assert shapely.union_all(every).area == pytest.approx(360 * 164)


def test_refuses_what_would_be_a_wall_of_lines() -> None:
    with pytest.raises(ValueError, match="too many"):
        mgrs_grid((0.0, 0.0, 30.0, 30.0), 1_000)
    with pytest.raises(ValueError, match="step"):
        mgrs_grid((0.0, 0.0, 1.0, 1.0), 5_000)


def test_every_part_is_a_line_or_a_point_of_geojson() -> None:
    forms = {part.geometry.geom_type for box in BOXES.values() for part in mgrs_grid(box, 10_000)}
    assert forms <= {"LineString", "MultiLineString", "Point"}
