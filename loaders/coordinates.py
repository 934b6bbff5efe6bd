"""Text to degrees: decimal, degrees and minutes, pairs, WKT and GeoJSON in a cell.

Letters and signs are taken as people write them: N S E W, O for Ouest and Oeste, words
in French, Spanish and Arabic, any quotation mark for minutes and seconds, Arabic and
Persian digits, the comma as decimal mark. Grid references are in `loaders.grids`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from loaders.formats.projection import system_of, transformed
from loaders.values import DIGITS, floats, read_coordinates
from loaders.wkb import shallow

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Geometries = npt.NDArray[np.object_]
Axis = Literal["latitude", "longitude"]

SIGNS = str.maketrans(
    dict.fromkeys("º˚⁰*", "°") | dict.fromkeys("′’‘´`ʹ‛", "'") | dict.fromkeys("″”“ʺ‟", '"') | {"−": "-", "\u00a0": " "}
)
WORDS = {
    r"\b(?:nord|north|norte)\b|شمالا?": "N",
    r"\b(?:sud|south|sur)\b|جنوبا?": "S",
    r"\b(?:est|east|este)\b|شرقا?": "E",
    r"\b(?:ouest|west|oeste)\b|غربا?": "W",
    r"(?<=\d)\s*(?:degrees|degres|degrés|grados|deg|d)(?![a-z])\.?": "°",
    # A lone S at the end is South, unless letters stand for the minutes too: 4d21m40s.
    r"(\d\s*m\s*[\d.,]+)s$": r"\1" + '"',
    r"(?<=\d)\s*(?:minutes|minutos|min|m)(?![a-z])\.?": "'",
    r"(?<=\d)\s*(?:(?:seconds|secondes|segundos|sec)(?![a-z])|s(?=\s*[nsewo]$))\.?": '"',
    "''": '"',
}
WORDED = r"(?i)[^\W\d_]{2}|[dm]|\ds|''|\p{Arabic}"
# One angle, for RE2. A bare decimal does not come here.
ANGLE = (
    r"^(?P<before>[NSEWO])?\s*(?P<sign>[+-])?\s*(?P<degrees>\d{1,3}(?:\.\d+)?)\s*[°: -]?\s*"
    r"(?:(?P<minutes>\d{1,2}(?:\.\d+)?)\s*['°: -]?\s*(?:(?P<seconds>\d{1,2}(?:\.\d+)?)\s*\"?)?)?\s*(?P<after>[NSEWO])?$"
)
BARE = r"^\s*[+-]?\d+(?:[.,]\d+)?\s*$"
NUMBER = r"[+-]?\d{1,3}(?:\.\d+)?"
FRACTION = r"[+-]?\d{1,3}\.\d+"
# Without a space a comma parts two numbers only where the dot is decimal in both: "4,36" is one number.
PAIR = (
    rf"^[\[(]?\s*(?:(?P<a>{NUMBER})(?:\s*[,;]\s+|\s*;\s*)(?P<b>{NUMBER})"
    rf"|(?P<c>{NUMBER})\s+(?P<d>{NUMBER})(?:\s+-?\d+(?:\.\d+)?(?:\s+(?P<accuracy>\d+(?:\.\d+)?))?)?"
    rf"|(?P<e>{FRACTION}),(?P<f>{FRACTION}))\s*[\])]?$"
)
LETTERED = re.compile(r"^(.*[NSEWO])[\s,;/]+(.*[NSEWO])$|^(.*\d[^NSEWO]*[NSEWO])(.*\d[^NSEWO]*[NSEWO])$")
FRONTED = re.compile(r"^([NSEWO].*?)[\s,;/]*([NSEWO].*)$")
HALVED = re.compile(
    r"^([^;|]+)[;|]([^;|]+)$|^(\S+[.,]\d+)\s*[, ]\s+(\S+)$|^(\S+)\s+(\S+)$|^([^,]+),\s+([^,]+)$"
    r"|^([^,]*[°'\"NSEWO][^,]*),([^,]*[°'\"NSEWO][^,]*)$"
)
EWKT = re.compile(r"^SRID=(\d+);\s*", re.IGNORECASE)
SHORT, MOST_COLLECTIONS = 500, 100  # a cell of fewer characters nests nothing deep; nobody puts more in one cell
HEX_WKB = re.compile(r"^0[01][0-9A-Fa-f]{16,}$")


@dataclass(frozen=True)
class Angles:
    """A column read as degrees of one axis.

    Attributes
    ----------
    values : array of float
        Degrees, or the sender's projected numbers; NaN where blank or not understood.
    bad : array of bool
        Not blank and not understood.
    axis : array of str
        The axis that its own letter names, "latitude" or "longitude"; empty without one.
    notes : tuple of (code, message)
        What was decided for the whole column.
    """

    values: Floats
    bad: Mask
    axis: npt.NDArray[np.object_]
    notes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Placed:
    """Places read from a column of text.

    Attributes
    ----------
    geometries : array of Geometry
        None where nothing was read. EPSG:4326 unless the cell holds other numbers.
    bad : array of bool
        Not blank and not understood.
    radius_m : array of float
        Within how many metres of its point the place lies, as the cell itself says; NaN where it does not.
    precision : array of str
        A value of `place_precision`; empty where the cell does not say.
    """

    geometries: Geometries
    bad: Mask
    radius_m: Floats
    precision: npt.NDArray[np.object_]

    @classmethod
    def nowhere(cls, count: int) -> Placed:
        """Nothing read yet."""
        return cls(
            np.full(count, None, dtype=object),
            np.zeros(count, bool),
            np.full(count, np.nan),
            np.full(count, "", dtype=object),
        )


def tidy(column: pd.Series) -> pd.Series:
    """Cells with digits, signs and words brought to one form, in capitals."""
    text = column.str.translate(DIGITS).str.translate(SIGNS).str.strip()
    worded = text.str.contains(WORDED).fillna(False).to_numpy(bool)
    if worded.any():
        some = text[worded]
        for pattern, sign in WORDS.items():
            some = some.str.replace(pattern, sign, regex=True, case=False)
        text = text.mask(worded, some)
    return text.str.upper()


def read_angles(column: pd.Series, axis: Axis) -> Angles:
    """Degrees of one axis, decimal or with minutes; larger numbers stay, for they may be projected.

    Parameters
    ----------
    axis : {"latitude", "longitude"}
        What the column is for; a letter in the cell may say otherwise.
    """
    empty = np.full(len(column), "", dtype=object)
    worded = np.isnan(floats(column)) & column.notna().to_numpy(bool)
    if worded.any():
        worded[worded] = ~column[worded].str.match(BARE).fillna(False).to_numpy(bool)
    if not worded.any():
        cells = read_coordinates(column)
        return Angles(cells.values.to_numpy(float, na_value=np.nan), cells.bad, empty, cells.notes)
    degrees, named = np.full(len(column), np.nan), empty
    degrees[worded], named[worded] = _angles(tidy(column[worded]), axis)
    read = ~np.isnan(degrees)
    cells = read_coordinates(column.mask(read))
    notes = list(cells.notes)
    if read.any():
        notes.append(("degrees_minutes", f"{int(read.sum())} places are written with degrees, minutes or letters"))
    values = np.where(read, degrees, cells.values.to_numpy(float, na_value=np.nan))
    return Angles(values, cells.bad & ~read, named, tuple(notes))


def _angles(texts: pd.Series, axis: Axis) -> tuple[Floats, npt.NDArray[np.object_]]:
    """Degrees of tidy texts (NaN where no angle) and the axis that each one's letter names."""
    cells = pa.array(texts.str.replace(",", ".", regex=False), type=pa.large_string(), from_pandas=True)
    parts = pc.extract_regex(cells, ANGLE)

    def numbers(name: str) -> Floats:
        part = pc.struct_field(parts, name)
        blank = pc.equal(part, "")
        filled = pc.if_else(blank, pa.scalar(None, pa.large_string()), part)
        return np.asarray(pc.cast(filled, pa.float64()).to_numpy(zero_copy_only=False), float)

    degrees, minutes, seconds = numbers("degrees"), numbers("minutes"), numbers("seconds")
    before, after = (
        pc.fill_null(pc.struct_field(parts, name), "").to_numpy(zero_copy_only=False) for name in ("before", "after")
    )
    letter = np.where(before == "", after, before)
    broken = (degrees % 1 != 0) & ~np.isnan(minutes) | (minutes % 1 != 0) & ~np.isnan(seconds)
    wrong = broken | (minutes >= 60) | (seconds >= 60) | (degrees > 180) | ((before != "") & (after != ""))
    named = np.where(
        np.isin(letter, ["N", "S"]), "latitude", np.where(np.isin(letter, ["E", "W", "O"]), "longitude", "")
    ).astype(object)
    sign = pc.equal(pc.fill_null(pc.struct_field(parts, "sign"), ""), "-").to_numpy(zero_copy_only=False)
    wrong |= sign & (letter != "")
    value = degrees + np.nan_to_num(minutes) / 60 + np.nan_to_num(seconds) / 3600
    value = np.where(sign | np.isin(letter, ["S", "W", "O"]), -value, value)
    value[wrong] = np.nan
    named[np.isnan(value)] = ""
    return value, named


def read_geopoints(column: pd.Series) -> Placed:
    """Pairs in one cell, latitude first: "lat, lon", Kobo's "lat lon altitude accuracy", degrees and minutes.

    Kobo's accuracy in metres is the radius of the place; its 0 stands for a point set on
    the map, of which nothing is known. Several such points parted by ";" are a line, or
    an area when the last is the first (geotrace, geoshape).
    """
    placed = Placed.nowhere(len(column))
    cells = pa.array(column, type=pa.large_string(), from_pandas=True)
    pairs = pc.extract_regex(cells, PAIR)
    read = np.asarray(pc.is_valid(pairs).to_numpy(zero_copy_only=False), bool)
    if read.any():
        lat, lon, accuracy = (
            pd.to_numeric(_first_of(pairs, names), errors="coerce").to_numpy(float)
            for names in (("a", "c", "e"), ("b", "d", "f"), ("accuracy",))
        )
        placed.geometries[read] = shapely.points(lon[read], lat[read])
        placed.radius_m[read & (accuracy > 0)] = accuracy[read & (accuracy > 0)]
    rest = column.notna().to_numpy(bool) & ~read
    if rest.any():
        placed.geometries[rest] = _by_unique(column[rest], _odd_pair)
    placed.bad[:] = rest & shapely.is_missing(placed.geometries)
    return placed


def _first_of(parts: pa.StructArray, names: tuple[str, ...]) -> pd.Series:
    """The one of these groups that was matched."""
    found = pc.struct_field(parts, names[0])
    for name in names[1:]:
        found = pc.if_else(pc.equal(found, ""), pc.struct_field(parts, name), found)
    return found.to_pandas()


def _by_unique(column: pd.Series, read: Callable[[str], shapely.Geometry | None]) -> Geometries:
    """Read each different text once."""
    codes, uniques = pd.factorize(column)
    shapes = np.array([*(read(str(text)) for text in uniques), None], dtype=object)
    result: Geometries = shapes[codes]
    return result


def _odd_pair(text: str) -> shapely.Geometry | None:
    """One cell that is no plain pair."""
    if text.count(";") >= 1 and (points := _trace(text)) is not None:
        return points
    tidied = str(tidy(pd.Series([text], dtype="str")).iloc[0]).strip("()[] ")
    for pattern in (LETTERED, FRONTED, HALVED):
        match = pattern.match(tidied)
        halves = [half.strip(" ,;") for half in match.groups() if half] if match else []
        if len(halves) == 2 and (point := _pair(halves[0], halves[1])) is not None:
            return point
    return None


def _pair(first: str, second: str) -> shapely.Point | None:
    degrees, named = _angles(pd.Series([first, second], dtype="str"), "latitude")
    if np.isnan(degrees).any() or (named[0] and named[0] == named[1]):
        return None
    a, b = degrees
    return shapely.Point(a, b) if named[0] == "longitude" or named[1] == "latitude" else shapely.Point(b, a)


def _trace(text: str) -> shapely.Geometry | None:
    """Points as ODK writes a line or an area."""
    points = [part.split() for part in text.strip(" ;").split(";")]
    if len(points) < 2 or any(not 2 <= len(point) <= 4 for point in points):
        return None
    try:
        pairs = [(float(point[1]), float(point[0])) for point in points]
    except ValueError:
        return None
    ring = len(pairs) > 3 and pairs[0] == pairs[-1]
    return shapely.Polygon(pairs) if ring else shapely.LineString(pairs)


def _deep(column: pd.Series, some: Mask, hexed: Mask) -> Mask:
    """Which of some cells nest collections so deep that GEOS, which recurses into them, might end the process."""
    result = np.zeros(len(column), bool)
    long = some & (column.str.len() > SHORT).fillna(False).to_numpy(bool)
    for index in np.flatnonzero(long).tolist():
        text = str(column.iloc[index])
        if hexed[index]:
            result[index] = len(text) % 2 > 0 or not shallow(bytes.fromhex(text))
        else:
            opened = text.count("{") if text[0] == "{" else text.upper().count("COLLECTION")
            result[index] = opened > MOST_COLLECTIONS
    return result


def read_shapes(column: pd.Series, where: str) -> Placed:
    """Geometry written out: WKT, WKT with its SRID, GeoJSON, or WKB in hexadecimal digits.

    Parameters
    ----------
    where : str
        The file and column, for refusals.

    Raises
    ------
    NoCrs
        When an SRID is unknown.
    """
    placed = Placed.nowhere(len(column))
    filled = column.notna().to_numpy(bool)
    texts = column.to_numpy(object, na_value=None)
    json = column.str.startswith("{").fillna(False).to_numpy(bool)
    srids = column.str.extract(EWKT, expand=False)
    hexed = column.str.match(HEX_WKB).fillna(False).to_numpy(bool)
    plain = filled & ~json & ~hexed
    json, hexed, plain = (some & ~_deep(column, some, hexed) for some in (json, hexed, plain))
    bare = column.str.replace(EWKT, "", regex=True).to_numpy(object, na_value=None)
    placed.geometries[plain] = shapely.from_wkt(bare[plain], on_invalid="ignore")
    placed.geometries[hexed] = shapely.from_wkb(texts[hexed], on_invalid="ignore")
    placed.geometries[json] = shapely.from_geojson(texts[json], on_invalid="ignore")
    for srid in srids.dropna().unique():
        theirs = (srids == srid).to_numpy(bool) & ~shapely.is_missing(placed.geometries)
        if srid not in ("4326", "0"):
            placed.geometries[theirs] = transformed(placed.geometries[theirs], system_of(f"EPSG:{srid}", where))
    placed.bad[:] = filled & shapely.is_missing(placed.geometries)
    return placed
