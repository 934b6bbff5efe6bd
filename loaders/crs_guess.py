"""Which coordinate system numbers without one are probably in: that which brings them into the theatre."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import shapely

from loaders.formats.projection import degrees_of
from loaders.reference import Reference

if TYPE_CHECKING:
    from pyproj.database import CRSInfo

MOST_GUESSES = 3
SAMPLE = 400
NATIONAL_GRIDS = 40
TOLERANCE = 0.1  # degrees: a town on the border still counts
WEB_MERCATOR = 3857
# Easting and northing that a UTM zone can have, in metres, with its overlap.
UTM_EAST, UTM_NORTH = (100_000, 900_000), (0, 10_000_000)
# Systems whose area of use is more than this are of a continent or the world: no national grid.
WIDEST_GRID = 30.0  # degrees


@dataclass(frozen=True)
class Guess:
    """A system that may be meant.

    Attributes
    ----------
    code : str
        As ``EPSG:32634``.
    share : float or None
        Of the places that it brings into the theatre, 0 to 1; None where no theatre is known.
    exchanged : bool
        Northing stands where easting was expected.
    """

    code: str
    name: str
    share: float | None = None
    exchanged: bool = False

    @property
    def words(self) -> str:
        """As people read it."""
        part = "" if self.share is None else f", {self.share:.0%} of the places lie in the theatre"
        return f"{self.code} ({self.name}{part}{', northing first' if self.exchanged else ''})"


def likely_systems(
    numbers: npt.NDArray[np.float64], reference: Reference | None, *, named: bool = False
) -> tuple[Guess, ...]:
    """The likeliest systems, best first, at most three.

    Parameters
    ----------
    numbers : (n, 2) array
        First and second number of each place, as the sender wrote them.
    reference : Reference, optional
        What is stored of the theatre; without it only the size of the numbers can tell.
    named : bool
        The sender says which is easting and which northing: they are not exchanged.
    """
    numbers = numbers[:: max(1, len(numbers) // SAMPLE)]
    if reference is None or reference.box is None:
        return _by_size(numbers)
    found: list[Guess] = []
    for code, name in _candidates(reference.box):
        orders = _both_orders(numbers)[: 1 if named else 2]
        shares = [(_share(pairs, code, reference), exchanged) for pairs, exchanged in orders]
        share, exchanged = max(shares, key=lambda s: (s[0], not s[1]))
        if share > 0:
            found.append(Guess(f"EPSG:{code}", name, share, exchanged))
    # Candidates stand in order of preference, and sorting keeps it among equals.
    return tuple(sorted(found, key=lambda g: (-round(g.share or 0, 2), g.exchanged))[:MOST_GUESSES])


def _both_orders(numbers: npt.NDArray[np.float64]) -> tuple[tuple[npt.NDArray[np.float64], bool], ...]:
    return (numbers, False), (numbers[:, ::-1], True)


def _by_size(numbers: npt.NDArray[np.float64]) -> tuple[Guess, ...]:
    """Without a theatre: what is too large for a UTM zone is web Mercator; a zone cannot be told."""

    def in_zone(pairs: npt.NDArray[np.float64]) -> bool:
        east, north = pairs[:, 0], pairs[:, 1]
        fits = (east >= UTM_EAST[0]) & (east <= UTM_EAST[1]) & (north >= UTM_NORTH[0]) & (north <= UTM_NORTH[1])
        return bool(fits.mean() > 0.9)

    if any(in_zone(pairs) for pairs, _ in _both_orders(numbers)):
        return ()
    return (Guess(f"EPSG:{WEB_MERCATOR}", "WGS 84 / Pseudo-Mercator"),)


def _candidates(box: tuple[float, float, float, float]) -> list[tuple[int, str]]:
    """EPSG codes and names: UTM zones of and beside the theatre, web Mercator, national grids."""
    west, south, east, north = box
    first, last = (int((lon + 180) // 6) + 1 for lon in (west, east))
    zones = [(z - 1) % 60 + 1 for z in range(first - 1, last + 2)] if last - first < 20 else []
    halves = [(32600, "N")] * (north >= 0) + [(32700, "S")] * (south <= 0)
    halves += [half for half in ((32600, "N"), (32700, "S")) if half not in halves]
    utm = [(base + zone, f"WGS 84 / UTM zone {zone}{half}") for base, half in halves for zone in zones]
    known = [*utm, (WEB_MERCATOR, "WGS 84 / Pseudo-Mercator")]
    grids = [(int(grid.code), grid.name) for grid in _grids(box)]
    return known + [grid for grid in grids if grid not in known]


def _grids(box: tuple[float, float, float, float]) -> list[CRSInfo]:
    """National grids by their area of use, the smallest first."""
    from pyproj.aoi import AreaOfInterest
    from pyproj.database import query_crs_info
    from pyproj.enums import PJType

    def width(grid: Any) -> float:
        west, _, east, _ = grid.area_of_use.bounds
        return float(east - west)

    # pyproj finds those that meet the box only when asked not to hold all of it.
    found = query_crs_info(
        auth_name="EPSG", pj_types=PJType.PROJECTED_CRS, area_of_interest=AreaOfInterest(*box), contains=False
    )
    # WGS 72 differs from WGS 84 by metres, and is hardly in use.
    own = (g for g in found if 0 < width(g) <= WIDEST_GRID and not g.name.startswith("WGS 72"))
    return sorted(own, key=width)[:NATIONAL_GRIDS]


def _share(numbers: npt.NDArray[np.float64], code: int, reference: Reference) -> float:
    degrees = degrees_of(numbers, f"EPSG:{code}")
    plausible = np.isfinite(degrees).all(axis=1)
    points = shapely.points(degrees[plausible])
    return float(reference.covers(points, TOLERANCE).sum() / len(numbers)) if len(numbers) else 0.0
