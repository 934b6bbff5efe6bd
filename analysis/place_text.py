"""One place as text: ``lon,lat`` in degrees, or an MGRS reference."""

from __future__ import annotations

import re

from layers.errors import WrongParameter
from layers.geodesy import lonlat_of_mgrs

DEGREES = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*[,; ]\s*(-?\d+(?:\.\d+)?)\s*")


def read_place(where: str, text: str) -> tuple[float, float]:
    """Longitude and latitude, degrees. An MGRS square of 10 km or less is taken at its centre.

    Raises
    ------
    WrongParameter
        Neither form, or no place on the globe.
    """
    degrees = DEGREES.fullmatch(text)
    if degrees:
        lon, lat = (float(part) for part in degrees.groups())
        if abs(lon) <= 180 and abs(lat) <= 90:
            return lon, lat
    try:
        return lonlat_of_mgrs(text)
    except ValueError as error:
        raise WrongParameter(
            where,
            f'"{text}"',
            'degrees "lon,lat" such as 18.55,4.36, or an MGRS reference such as 34NBK2782',
            "Correct the place.",
        ) from error
