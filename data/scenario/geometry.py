"""The flat frame in which the island is drawn, and natural-looking lines.

Places are designed in kilometres east and north of 8 S 120 W and written in degrees,
rounded to 5 decimals (about 1 m).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

Array = npt.NDArray[np.float64]
Km = tuple[float, float]

LON_0, LAT_0 = -120.0, -8.0
KM_PER_LON, KM_PER_LAT = 110.252, 110.594  # WGS84, at 8 S
DECIMALS = 5


def degrees(places: Any) -> Array:
    """Kilometres, shape (..., 2), to longitude and latitude in EPSG:4326."""
    xy = np.asarray(places, dtype=float)
    lonlat = np.stack([LON_0 + xy[..., 0] / KM_PER_LON, LAT_0 + xy[..., 1] / KM_PER_LAT], axis=-1)
    return np.round(lonlat, DECIMALS)


def on_earth(geometry: Any) -> Any:
    """A geometry in kilometres as one in EPSG:4326."""
    return shapely.transform(geometry, degrees)


def distance_km(a: Any, b: Any) -> Array:
    """Distance in the flat frame, km; within 0.3 % of the ellipsoid on this island."""
    difference = np.asarray(a, dtype=float) - np.asarray(b, dtype=float)
    return np.asarray(np.hypot(difference[..., 0], difference[..., 1]))


def catmull_rom(corners: Array, steps: int) -> Array:
    """A closed smooth curve through all corners, `steps` vertices between two of them."""
    before, after, beyond = np.roll(corners, 1, 0), np.roll(corners, -1, 0), np.roll(corners, -2, 0)
    t = (np.arange(steps) / steps)[None, :, None]
    p0, p1, p2, p3 = (c[:, None, :] for c in (before, corners, after, beyond))
    curve = 0.5 * (2 * p1 + (p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2 + (3 * p1 - p0 - 3 * p2 + p3) * t**3)
    return np.asarray(curve.reshape(-1, 2))


def roughen(rng: np.random.Generator, ring: Array, spacing_km: float, amplitude_km: float) -> Array:
    """A closed curve, moved along its normals by noise of many wavelengths.

    The amplitude falls with the wave number to the power 1.25: bays and heads, no saw teeth.
    """
    closed = np.vstack([ring, ring[:1]])
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
    count = int(along[-1] / spacing_km)
    at = np.arange(count) / count * along[-1]
    even = np.column_stack([np.interp(at, along, closed[:, i]) for i in (0, 1)])
    waves = np.arange(6, count // 6)
    size = amplitude_km * (waves / 6.0) ** -1.25 * rng.normal(size=len(waves))
    phase = rng.uniform(0, 2 * np.pi, len(waves))
    shift = (size * np.cos(2 * np.pi * waves * (at / along[-1])[:, None] + phase)).sum(axis=1)
    tangent = np.roll(even, -1, 0) - np.roll(even, 1, 0)
    normal = np.column_stack([-tangent[:, 1], tangent[:, 0]]) / np.hypot(*tangent.T)[:, None]
    return np.asarray(even + normal * shift[:, None])


def wander(rng: np.random.Generator, a: Km, b: Km, roughness: float, step_km: float) -> Array:
    """A line from `a` to `b`, bent by midpoint displacement; ends stay where they are.

    Parameters
    ----------
    roughness : float
        Largest sideways shift as a share of each piece's length.
    """
    line = np.array([a, b], dtype=float)
    while np.hypot(*np.diff(line, axis=0).T).max() > step_km:
        piece = np.diff(line, axis=0)
        shift = np.clip(rng.normal(size=len(piece)) * roughness * 0.6, -roughness, roughness)
        middle = line[:-1] + piece / 2 + np.column_stack([-piece[:, 1], piece[:, 0]]) * shift[:, None]
        grown = np.empty((len(line) + len(middle), 2))
        grown[0::2], grown[1::2] = line, middle
        line = grown
    return line


def blob(rng: np.random.Generator, centre: Km, radius_km: float, vertices: int = 9, unevenness: float = 0.22) -> Any:
    """An irregular polygon about a place, as survey teams draw them."""
    angle = (np.arange(vertices) + rng.uniform(-0.25, 0.25, vertices)) * 2 * np.pi / vertices
    reach = radius_km * (1 + rng.uniform(-unevenness, unevenness, vertices))
    return shapely.Polygon(np.column_stack([centre[0] + reach * np.cos(angle), centre[1] + reach * np.sin(angle)]))
