"""One place as text: ``lon,lat`` in degrees, or an MGRS reference."""

from __future__ import annotations

import re
import warnings

import mgrs

from layers.errors import WrongParameter

DEGREES = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*[,; ]\s*(-?\d+(?:\.\d+)?)\s*")
REFERENCE = re.compile(r"(\d{1,2}[C-HJ-NP-X][A-HJ-NP-Z][A-HJ-NP-V])((?:\d\d){0,5})")


def read_place(where: str, text: str) -> tuple[float, float]:
    """Longitude and latitude, degrees. An MGRS square is taken at its centre.

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
    reference = REFERENCE.fullmatch(re.sub(r"\s", "", text.upper()))
    if reference:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a square beside its zone or band is only warned of
            try:
                return _centre(*reference.groups())
            except (mgrs.core.MGRSError, RuntimeWarning):
                pass
    raise WrongParameter(
        where,
        f'"{text}"',
        'degrees "lon,lat" such as 18.55,4.36, or an MGRS reference such as 34NBK2782',
        "Correct the place.",
    )


def _centre(square: str, digits: str) -> tuple[float, float]:
    """The corner of the same reference with a 5 behind each half is the centre."""
    half = len(digits) // 2
    finer = f"{digits[:half]}5{digits[half:]}5" if half < 5 else digits
    lat, lon = mgrs.MGRS().toLatLon(f"{square}{finer}")
    return float(lon), float(lat)
