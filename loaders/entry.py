"""An incident entered by hand: a file of one row, on the same road as any other.

It is validated as a file is, and laid by its identifier into a layer of its own. What was
entered can be amended and closed; each time is a version with its reason.
"""

from __future__ import annotations

import math
import re
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.errors import LoadError, MissingField, StaleVersion, UnknownLayer
from layers.kinds import INCIDENTS
from layers.marking import Marking
from layers.report import Finding
from layers.times import date_time_group
from loaders.coordinates import read_geopoints
from loaders.duplicates import Stored
from loaders.grids import read_mgrs, read_utm
from loaders.raw import RawLayer, text_array
from loaders.reference import Reference
from loaders.sources import Look
from loaders.validate import validate
from store.access import Access
from store.records import LayerInfo, Publication

SOURCE = "Entered by hand"
PLACE_EXPECTED = (
    "MGRS such as 11L JM 9397 1309, or degrees such as -8.0142, -119.7761 or 8°00'51\"S 119°46'34\"W, "
    "and where it is less sure: within 5 km"
)
WITHIN = re.compile(r"(.*?)[,;]?\s+within\s+(.*)", re.IGNORECASE | re.DOTALL)
LENGTH = re.compile(r"([0-9][0-9., ]{0,15}?)\s*(km|m)", re.IGNORECASE)
THOUSANDS = re.compile(r"[1-9][0-9]{0,2}([, ][0-9]{3})+(\.[0-9]{1,2})?")
DECIMAL = re.compile(r"[0-9]{1,8}([.,][0-9]{1,2})?|0[.,][0-9]{3}")
"""A point before three digits might be of thousands: such is refused."""
LENGTH_EXPECTED = "a distance that reads in one way only, such as within 500 m, within 1,500 m or within 5 km"
PRECISION_TO_M = ((50, "point"), (5_000, "near"), (50_000, "area"))
TRIES = 3


@dataclass(frozen=True)
class Entry:
    """What a person types, as text; blank is not known.

    Attributes
    ----------
    place : str
        MGRS, or latitude and longitude in degrees.
    when, until : str
        Date-time group, or a date with or without a time in UTC.
    incident_type, victim_group, verification : str
        Coded values of the kind.
    """

    place: str = ""
    when: str = ""
    incident_type: str = ""
    victim_group: str = ""
    fatalities: str = ""
    place_name: str = ""
    source_name: str = ""
    description: str = ""
    until: str = ""
    verification: str = "reported"


@dataclass(frozen=True)
class Point:
    """A place in degrees, and how closely it is known.

    Attributes
    ----------
    radius_m : float
        As far off as it may lie: as typed, or half the diagonal of the square that a grid
        reference names, whichever is larger; 0 for degrees alone.
    precision : str
        A value of `place_precision`; empty where the text does not say.
    """

    latitude: float
    longitude: float
    radius_m: float = 0.0
    precision: str = ""


@dataclass(frozen=True)
class Checked:
    """An entry after validation: one row, or none with the findings that say why."""

    frame: gpd.GeoDataFrame
    findings: tuple[Finding, ...]

    @property
    def accepted(self) -> bool:
        """Whether it can be published."""
        return len(self.frame) == 1


def layer_of(*, exercise: bool) -> str:
    """The layer that entries go to; exercise and real never share one."""
    return "incidents-entered-exercise" if exercise else "incidents-entered"


def new_id() -> str:
    """An identifier that stays with the incident."""
    return f"ENT-{secrets.token_hex(4).upper()}"


def read_place(text: str) -> Point:
    """A typed place: MGRS, degrees in any spelling, or UTM; and how far off it may be.

    >>> read_place("-8.0142, -119.7761")
    Point(latitude=-8.0142, longitude=-119.7761, radius_m=0.0, precision='')
    >>> read_place("-8.0142, -119.7761 within 5 km").radius_m
    5000.0

    Raises
    ------
    MissingField
        When it is blank.
    LoadError
        When it is neither MGRS nor degrees, or how sure it is may be read in two ways.
    """
    if not text.strip():
        raise MissingField("place", "nothing", PLACE_EXPECTED, "Type the place, or click it on the map.")
    about = WITHIN.fullmatch(text.strip())
    if about:
        point, metres = read_place(about[1]), _metres(about[2])
        if metres < point.radius_m:  # a square is no surer than its size, whatever is typed behind it
            return point
        word = next((word for most, word in PRECISION_TO_M if metres <= most), "region")
        return replace(point, radius_m=metres, precision=word)
    column = pd.Series([text], dtype="str")
    for placed in (read_mgrs(column), read_geopoints(column), read_utm(column)[0]):
        point = placed.geometries[0]
        if isinstance(point, shapely.Point) and abs(point.y) <= 90 and abs(point.x) <= 180:
            return Point(point.y, point.x, float(np.nan_to_num(placed.radius_m[0])), str(placed.precision[0]))
    raise LoadError("place", f'"{text[:60]}"', PLACE_EXPECTED, "Correct the place, or click it on the map.")


def within(metres: float) -> str:
    """How far off a place may be, as `read_place` reads it: whole metres, rounded up; empty below one.

    >>> within(12_349.2)
    ' within 12,350 m'
    """
    return f" within {math.ceil(metres):,} m" if metres >= 1 else ""


def _metres(text: str) -> float:
    length = LENGTH.fullmatch(text.strip())
    number = length[1] if length else ""
    if length and THOUSANDS.fullmatch(number):
        number = number.replace(",", "").replace(" ", "")
    elif not DECIMAL.fullmatch(number):
        raise LoadError("place, within", f'"{text[:60]}"', LENGTH_EXPECTED, "Type the distance in one of these ways.")
    return float(number.replace(",", ".")) * (1000 if text.strip().lower().endswith("km") else 1)


def check(
    entry: Entry,
    record: str,
    *,
    moment: datetime,
    reference: Reference | None = None,
    stored: Sequence[Stored] = (),
) -> Checked:
    """Validate an entry as a file of one row.

    Parameters
    ----------
    record : str
        Its identifier.
    moment : datetime
        Now, UTC: when it is reported.
    stored : sequence of Stored
        Incidents to hold it against; the record itself is left out.

    Raises
    ------
    LoadError
        When the place or the time cannot be read, or is missing.
    """
    if not entry.when.strip():
        raise MissingField("when", "nothing", "120600Z NOV 26, or 2026-11-12 06:00 (UTC)", "Type when it happened.")
    raw = _raw(entry, record, moment)
    others = [replace(s, frame=s.frame[s.frame["id"] != record]) for s in stored]
    made = validate(
        raw,
        INCIDENTS,
        {name: name for name in raw.columns},
        name="entry",
        look=Look(raw.columns, file="entry"),
        as_of=moment.date(),
        reference=reference,
        stored=others,
        today=moment.date(),
    )
    return Checked(made.frame, tuple(made.report.findings))


def publish_entry(
    checked: Checked, access: Access, *, exercise: bool, moment: datetime, by: str, note: str, base: int | None = None
) -> LayerInfo:
    """Lay an accepted entry into its layer, as a new version.

    Parameters
    ----------
    base : int, optional
        When amending: the version that the person saw. A new incident goes on top of
        whatever is there.

    Raises
    ------
    StaleVersion
        When somebody else changed the layer while it was amended.
    """
    publication = Publication(
        layer=layer_of(exercise=exercise),
        kind=INCIDENTS,
        frame=checked.frame,
        source=SOURCE,
        as_of=moment,
        marking=Marking.of(INCIDENTS.default_marking),
        exercise=exercise,
        id_stable=True,
        by=by,
        note=note,
    )
    for _ in range(TRIES - 1):
        try:
            return access.publish(publication, base=base or current(access, exercise=exercise), merge=True)
        except StaleVersion:
            if base is not None:
                raise
    return access.publish(publication, base=current(access, exercise=exercise), merge=True)


def current(access: Access, *, exercise: bool) -> int | None:
    """Version of the layer of entries; None before the first."""
    try:
        return access.info(layer_of(exercise=exercise)).version
    except UnknownLayer:
        return None


def entry_of(row: dict[str, object]) -> Entry:
    """A stored record as it was typed, to be amended."""

    def text(name: str) -> str:
        value = row.get(name)
        if value is None or value != value or str(value) in ("<NA>", "NaT"):
            return ""
        if isinstance(value, datetime):
            return date_time_group(value) if row.get("time_precision") == "moment" else f"{value:%Y-%m-%d}"
        return str(value)

    geometry = row.get("geometry")
    place = f"{geometry.y:.6f}, {geometry.x:.6f}" if geometry is not None else ""  # type: ignore[attr-defined]
    place += within(float(text("place_radius_m") or 0)) if place else ""
    same = {name: text(name) for name in asdict(Entry()) if name not in ("place", "when", "until")}
    return Entry(place=place, when=text("occurred_at"), until=text("ended_at"), **same)


def _raw(entry: Entry, record: str, moment: datetime) -> RawLayer:
    point = read_place(entry.place)
    cells = {
        "id": record,
        "occurred_at": entry.when,
        "ended_at": entry.until,
        "reported_at": f"{moment:%Y-%m-%dT%H:%MZ}",
        "incident_type": entry.incident_type,
        "victim_group": entry.victim_group,
        "fatalities": entry.fatalities,
        "verification": entry.verification,
        "place_name": entry.place_name,
        "source_name": entry.source_name,
        "description": entry.description,
        "place_precision": point.precision or "point",
        "place_radius_m": f"{math.ceil(point.radius_m)}",
        "latitude": f"{point.latitude:.7f}",
        "longitude": f"{point.longitude:.7f}",
    }
    columns = [text_array([value.strip() or None]) for value in cells.values()]
    return RawLayer("", tuple(cells), columns, np.array([1], dtype=np.int64), format="entry")
