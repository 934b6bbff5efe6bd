"""Security risks that stand: 30 of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from shapely.ops import substring

from data.scenario.geometry import Km, blob, on_earth
from data.scenario.layer import Layer, Row
from data.scenario.places import Places
from data.scenario.terrain import Terrain

ACT_017: Km = (-11.0, -11.5)  # the borehole of ACT-017, 12 km west of Heronsford
_CELL = "EXMIS Mine Action Cell"
_JOC = "EXMIS Joint Operations Centre"
_ENGINEERS = "EXMIS Engineers"
# id, name, hazard, place (km) or town, radius km, dates (from, last surveyed), what is known
_AREAS: tuple[tuple[str, str, str, Km | str, float, tuple[str, str | None], str], ...] = (
    ("CHA-01", "Larkfield old front line", "cha", (-61.5, 13.0), 1.4, ("2025-06-02", "2026-02-18"),
     "Mixed minefield along a dry ditch; two animal accidents reported."),
    ("CHA-02", "Amber ridge", "cha", (53.5, 14.5), 1.9, ("2025-08-19", "2026-05-07"),
     "Anti-personnel mines found by survey; marked on the north side only."),
    ("CHA-03", "Heronsford West field", "cha", ACT_017, 0.38, ("2025-11-24", "2026-03-14"),
     "Small confirmed area around old trenches; not marked on the ground."),
    ("CHA-04", "Twin Channels embankment", "cha", (-49.5, -1.5), 1.1, ("2025-10-03", "2026-06-22"),
     "Mines laid on the embankment; floods may have moved some."),
    ("SHA-01", "Wild Thyme plateau", "sha", (24.0, 27.5), 3.2, ("2026-01-30", "2026-01-30"),
     "Herders report explosions; no technical survey yet."),
    ("SHA-02", "Wadi Sabz quarry", "sha", (44.8, -33.9), 1.2, ("2025-07-14", "2026-08-03"),
     "Reduced by technical survey in August; the southern part remains."),
    ("SHA-03", "Stone Meadow pass", "sha", (-24.5, 9.0), 1.6, ("2026-04-21", "2025-09-10"),
     "Suspected after an accident; last surveyed over a year ago."),
    ("ARM-01", "Long Strand hills", "armed_presence", (-56.0, 47.0), 4.6, ("2026-06-15", None),
     "Armed Group North, about 80 fighters; keeps to the truce so far."),
    ("ARM-02", "Étang-Clair reeds", "armed_presence", (-25.5, -40.5), 5.2, ("2026-08-28", None),
     "Armed Group Coast; night movement by boat."),
    ("ARM-03", "Baie Bleue caves", "armed_presence", (80.0, 13.5), 4.0, ("2026-07-09", None),
     "Splinter of Armed Group Coast; taxes fishing boats."),
    ("ARM-04", "Osprey forest", "armed_presence", (12.5, -37.0), 5.0, ("2026-09-12", None),
     "Armed Group Coast; 40 to 60 fighters seen in September."),
    ("ARM-05", "Goat Steps valley", "armed_presence", (-25.0, 30.0), 4.3, ("2026-05-30", None),
     "Armed Group North; hill posts, few reports from the area."),
    ("FLD-01", "Saltmarsh flood plain", "flood", (-77.0, -20.5), 5.6, ("2026-10-20", None),
     "Seasonal flood; standing water up to 1 m on tracks."),
    ("FLD-02", "Reedwater flood plain", "flood", (-52.0, -33.5), 6.2, ("2026-10-23", None),
     "Seasonal flood; Reedwater reached by boat only."),
    ("FLD-03", "Mudlark flats", "flood", (-93.0, -11.0), 4.8, ("2026-10-26", None),
     "Seasonal flood; Ibis Landing cut off from the south."),
    ("FLD-04", "Étang-Clair basin", "flood", (-34.0, -49.0), 4.4, ("2026-11-02", None),
     "Seasonal flood; rising about 10 cm a day."),
)  # fmt: skip
# id, name, hazard, road or bridge or town, share of the road, controlled by, since, what is known
_SPOTS: tuple[tuple[str, str, str, tuple[str, str] | str, float, str | None, str, str], ...] = (
    ("ERW-01", "Saltmarsh harbour shells", "erw_spot", ("Saltmarsh", "Reedwater"), 0.12, None, "2026-09-17",
     "Three mortar shells beside the road; marked with tape."),
    ("ERW-02", "Thornfield culvert", "erw_spot", ("Heronsford", "Thornfield"), 0.7, None, "2026-04-05",
     "One rocket, destroyed on site."),
    ("CHK-01", "Port Lantern west gate", "checkpoint", ("Thornfield", "Port Lantern"), 0.9, "National Armed Forces",
     "2025-05-20", "Open 0600 to 1800 local; papers checked."),
    ("CHK-02", "Heronsford north gate", "checkpoint", ("Heronsford", "Crane Hill"), 0.12, "Police", "2025-09-01",
     "Open day and night; trucks unloaded at times."),
    ("CHK-03", "Saltmarsh causeway", "checkpoint", ("Saltmarsh", "Reedwater"), 0.25, "National Armed Forces",
     "2026-02-11", "Open by day; boats also checked."),
    ("CHK-04", "Bend of Reeds", "checkpoint", ("Twin Channels", "Reedwater"), 0.35, "Armed Group Coast", "2026-08-30",
     "Money asked from traders; aid trucks turned back twice."),
    ("CHK-05", "Baie Bleue road", "checkpoint", ("L'Anse-Bleue", "Port Lantern"), 0.3, "Armed Group Coast, splinter",
     "2026-07-18", "Money asked from all vehicles."),
    ("CHK-06", "Larkfield crossroads", "checkpoint", ("Three Wells", "Larkfield"), 0.8, None, "2026-10-09",
     "Men without insignia; who holds it is unclear."),
    ("BRG-01", "Heronsford bridge", "bridge_down", "BR-01", 0.0, None, "2026-11-01",
     "Middle span dropped; closed to all vehicles, people cross on foot."),
    ("BRG-02", "Amber Ford bridge", "bridge_down", "BR-02", 0.0, None, "2026-08-19",
     "East pier washed out; ford passable in dry weather."),
    ("LSL-01", "Val d'Érable slide", "landslide", ("Cloudgate", "Val d'Érable"), 0.75, None, "2026-10-30",
     "Slope moved after rain; one lane open to light vehicles."),
)  # fmt: skip
_SEGMENTS = (
    ("IED-01", "Twin Channels–Reedwater road, middle part", ("Twin Channels", "Reedwater"), (0.55, 0.72), "2026-09-25",
     "Two devices in September; one found by patrol."),
    ("IED-02", "Osprey Bay–Wadi Sabz road, west part", ("Osprey Bay", "Wadi Sabz"), (0.3, 0.42), "2026-10-14",
     "Pressure plate under gravel; one truck damaged."),
    ("IED-03", "L'Anse-Bleue–Port Lantern road, north part", ("L'Anse-Bleue", "Port Lantern"), (0.4, 0.52),
     "2026-08-06", "Command wire found; firing point in the caves."),
)  # fmt: skip
_CONTROL = {"ARM-01": "Armed Group North", "ARM-02": "Armed Group Coast", "ARM-03": "Armed Group Coast, splinter",
            "ARM-04": "Armed Group Coast", "ARM-05": "Armed Group North"}  # fmt: skip
_ENDED = {"SHA-02": ("reduced", "2026-08-03"), "ERW-02": ("cleared", "2026-05-16")}
_MEASURES = {
    "cha": "Do not enter. Ask the Mine Action Cell before any work within 500 m.",
    "sha": "Do not enter until surveyed.",
    "erw_spot": "Do not touch; keep 300 m away.",
    "ied_segment": "Route search before use.",
    "armed_presence": "Liaison before movement.",
    "checkpoint": "Carry the movement letter.",
    "flood": "Boat or air only.",
    "bridge_down": "Use the ford or another route.",
    "landslide": "Light vehicles, by day.",
}


def hazard_layer(rng: np.random.Generator, terrain: Terrain, places: Places) -> Layer:
    """All 30 security risks."""
    rows: list[Row] = []
    for id_, name, hazard, where, radius, (since, surveyed), text in _AREAS:
        centre = places.where[where] if isinstance(where, str) else where
        vertices = 7 if hazard in ("cha", "sha") else 18
        shape = blob(rng, centre, radius, vertices, 0.12 if id_ == "CHA-03" else 0.2)
        shape = shape.intersection(terrain.land)
        rows.append(_risk(terrain, on_earth(shape), id_, name, hazard, since, surveyed, _CONTROL.get(id_), text))
    for id_, name, hazard, spot, share, control, since, text in _SPOTS:
        place = places.bridges[spot] if isinstance(spot, str) else places.along(spot, share)
        surveyed = since if hazard == "erw_spot" else None
        rows.append(_risk(terrain, on_earth(shapely.Point(place)), id_, name, hazard, since, surveyed, control, text))
    for id_, name, road, (first, last), since, text in _SEGMENTS:
        piece = substring(shapely.LineString(places.roads[road]), first, last, normalized=True)
        rows.append(_risk(terrain, on_earth(piece), id_, name, "ied_segment", since, since, None, text))
    order = ["CHA", "SHA", "ERW", "ARM", "CHK", "IED", "FLD", "BRG", "LSL"]
    rows.sort(key=lambda row: (order.index(str(row["id"])[:3]), row["id"]))
    return Layer("orvane-security-risks", "security_risks", "EXMIS security risk register", "2026-11-11", rows)


def _risk(
    terrain: Terrain,
    shape: Any,
    id_: str,
    name: str,
    hazard: str,
    since: str,
    surveyed: str | None,
    control: str | None,
    text: str,
) -> Row:
    status, changed = _ENDED.get(id_, ("active", since))
    explosive = hazard in ("cha", "sha", "erw_spot", "ied_segment")
    source = _CELL if explosive else _ENGINEERS if hazard in ("bridge_down", "landslide", "flood") else _JOC
    return {
        "id": id_,
        "name": name,
        "hazard_type": hazard,
        "status": status,
        "status_date": changed,
        "status_by": f"Duty officer, {source}",
        "last_surveyed": surveyed,
        "start_date": since,
        "end_date": changed if status == "cleared" else None,
        "time_precision": "day",
        "controlled_by": control,
        "threat": None,
        "likelihood": None,
        "impact": None,
        "srm_area": None,
        "srm_measures": _MEASURES[hazard],
        "description": text,
        "source_name": source,
        "place_precision": "near" if hazard == "armed_presence" else "point",
        "place_radius_m": 2_000 if hazard == "armed_presence" else 0,
        **terrain.place_codes(shape),
        "geometry": shape,
    }
