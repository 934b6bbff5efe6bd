"""Where something lies, in words: MGRS and degrees, as closely as the place is known."""

from __future__ import annotations

from shapely.geometry.base import BaseGeometry

from layers.geodesy import mgrs_of


def place_words(place: BaseGeometry | None, precision: object = None) -> list[tuple[str, str]]:
    """MGRS and degrees as named lines; of what is no point, those of a point in it.

    Parameters
    ----------
    precision : object
        A value of `place_precision`; anything else where it is not stated.
    """
    if place is None or place.is_empty:
        return [("Place", "known by area only")]
    point = place if place.geom_type == "Point" else place.representative_point()
    grid = mgrs_of(point.x, point.y, precision if isinstance(precision, str) else None)
    north, east = "N" if point.y >= 0 else "S", "E" if point.x >= 0 else "W"
    degrees = f"{abs(point.y):.4f}° {north}  {abs(point.x):.4f}° {east}"
    about = "" if place.geom_type == "Point" else " (a point in it)"
    return [*([("MGRS", grid + about)] if grid else []), ("Degrees", degrees + about)]
