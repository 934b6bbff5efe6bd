"""What the activities are, where, and by whom. All organisations are invented."""

from __future__ import annotations

from dataclasses import dataclass

_RELIEF = ("Three Rivers Relief", "TRR")
_KETTLE = ("Blue Kettle Network", "BKN")
_LAMP = ("Lamplight Assistance", "LLA")
_SUNBIRD = ("Sunbird Health Teams", "SHT")
_HARVEST = ("Long Harvest Trust", "LHT")
_CHALK = ("Chalk and Slate", "CAS")
_ROOF = ("Dry Roof Collective", "DROC")
_PATH = ("Quiet Path Initiative", "QPI")
ORGANISATIONS: dict[str, tuple[tuple[str, str], ...]] = {
    "WSH": (_RELIEF, _KETTLE),
    "HEA": (_SUNBIRD, _LAMP),
    "FSC": (_HARVEST, _RELIEF),
    "EDU": (_CHALK, _LAMP),
    "SHL": (_ROOF, _RELIEF),
    "NUT": (_SUNBIRD, _HARVEST),
    "PRO": (_PATH, _LAMP),
    "CCM": (_ROOF, _KETTLE),
}


@dataclass(frozen=True)
class Spec:
    """One activity before it is drawn.

    Attributes
    ----------
    town : str
        Settlement, or the admin2 code when it is known by area only.
    start : int or None
        Days after 12 November 2026; drawn when None.
    road : tuple of str or None
        The activity lies along this road.
    """

    thing: str
    town: str
    sector: str
    activity_class: str
    type: str
    status: str = "planned"
    start: int | None = None
    days: int = 14
    label: str = ""
    area_only: bool = False
    road: tuple[str, str] | None = None
    support: str | None = None
    description: str | None = None
    owner: tuple[str, str, str | None] | None = None
    at_same_place: bool = False


def _qip(sector: str, thing: str, town: str, start: int | None = None, days: int = 14, label: str = "") -> Spec:
    return Spec(thing, town, sector, "qip", "Quick-impact project", "planned", start, days, label,
                description="Quick-impact project asked for by the community.")  # fmt: skip


def _task(thing: str, town: str, start: int | None, days: int, road: tuple[str, str] | None = None) -> Spec:
    label = f"{road[0]}–{road[1]} road" if road else ""
    return Spec(thing, town, "ROA", "mission_military", "Engineer task", "planned", start, days, label, road=road,
                support="Force protection")  # fmt: skip


def _outreach(sector: str, thing: str, town: str, start: int | None, days: int = 1,
              road: tuple[str, str] | None = None) -> Spec:  # fmt: skip
    label = f"{road[0]}–{road[1]} road" if road else ""
    return Spec(thing, town, sector, "uncimic", "UN-CIMIC outreach", "planned", start, days, label, road=road,
                support="Escort" if road else None)  # fmt: skip


def _aid(sector: str, thing: str, town: str, status: str = "planned", days: int = 60) -> Spec:
    area = town.startswith("XO")
    return Spec(thing, town, sector, "humanitarian", "Humanitarian project", status, None, days, area_only=area)


def _clear(thing: str, town: str, start: int | None) -> Spec:
    return Spec(thing, town, "MIN", "mission_military", "Clearance task", "planned", start, 12, support="Medical cover")


def _talks(thing: str, town: str, start: int) -> Spec:
    return Spec(thing, town, "ERY", "development", "DDR and dialogue", "planned", start, 3, support="Transport")


PLANNED: tuple[Spec, ...] = (
    _qip("WSH", "Borehole", "Heronsford", 3, 6, "Heronsford West"),
    _qip("WSH", "Hand pump repair", "Sparrow Hill", 5, 4),
    _qip("WSH", "Spring box", "Amber Ford", 21, 15),
    _qip("WSH", "Rainwater tanks", "Gull Harbour", 30, 20),
    _qip("EDU", "School roof", "Grand Marché", 15, 10),
    _qip("EDU", "Two classrooms", "Turtle Beach", 24, 30),
    _qip("EDU", "School fence", "Lantern Hill", 4, 9),
    _qip("EDU", "Desks and blackboards", "Larkfield", 12, 3),
    _qip("HEA", "Clinic solar panels", "Red Earth", 6, 8),
    _qip("HEA", "Maternity ward roof", "Juniper Bay", 18, 14),
    _qip("HEA", "Cold chain room", "Cypress Point", 27, 14),
    _qip("FSC", "Market lights", "Cloudgate", 6, 7),
    _qip("FSC", "Fish market roof", "L'Anse-Bleue", 9, 16),
    _qip("FSC", "Grain store", "Twin Channels", 20, 20),
    _task("Bridge repair, middle span", "Heronsford", 2, 26),
    _task("Road grading", "Thornfield", 4, 12, ("Heronsford", "Thornfield")),
    _task("Culvert replacement", "Wadi Sabz", 1, 30),
    _task("Amber Ford bridge pier", "Amber Ford", 14, 40),
    _task("Airstrip drainage", "Three Wells", 7, 10),
    _task("Slope clearing", "Val d'Érable", 5, 9),
    _task("Causeway raising", "Saltmarsh", 10, 21),
    _task("Port access road patching", "Port Lantern", 16, 8),
    _outreach("HEA", "Clinic supply run", "Wadi Sabz", 3, 2, ("Heronsford", "Wadi Sabz")),
    _outreach("HEA", "Medical outreach day", "Wadi Sabz", 8, 1),
    _outreach("HEA", "Medical outreach day", "Long Strand", 6, 1),
    _outreach("HEA", "Veterinary and medical day", "Olive Grove", 13, 2),
    _outreach("EDU", "School visit", "Palm Bay", 5, 1),
    _outreach("EDU", "Mine risk talk at school", "Swallow Bridge", 4, 1),
    _outreach("EDU", "Sports day", "Gull Harbour", 9, 1),
    _outreach("FSC", "Market-day outreach", "Grand Marché", 2, 2),
    _outreach("FSC", "Market-day outreach", "Thornfield", 4, 1),
    _outreach("FSC", "Seed fair", "Osprey Bay", 17, 2),
    _aid("WSH", "Well cleaning", "Crane Hill"), _aid("WSH", "Household water filters", "XO0402"),
    _aid("WSH", "Latrine kits", "XO0404"), _aid("HEA", "Vaccination round", "Lotus Pond"),
    _aid("HEA", "Mobile clinic", "Bend of Reeds"), _aid("FSC", "Cash for food", "Thorn Cross"),
    _aid("FSC", "Seeds and tools", "XO0105"), _aid("FSC", "Food distribution", "XO0403"),
    _aid("EDU", "Temporary classrooms", "Heronsford"), _aid("SHL", "Shelter kits", "Twin Channels"),
    _aid("SHL", "Tarpaulins and rope", "Osprey Bay"), _aid("SHL", "House repair cash", "Three Wells"),
    _aid("NUT", "Child screening", "Saltmarsh"), _aid("NUT", "Mothers' groups", "XO0405"),
    _aid("PRO", "Safe space for children", "XO0501"), _aid("PRO", "Case management", "XO0503"),
    _aid("PRO", "Legal papers desk", "XO0101"), _aid("PRO", "Community listening", "XO0401"),
    _clear("Route check", "Stone Meadow", 5), _clear("Clearance of trenches", "Larkfield", 11),
    _clear("Embankment clearance", "Twin Channels", 25), _clear("Ridge marking", "Amber Vale", 34),
    _clear("Quarry clearance", "Wadi Sabz", 40), _clear("Shell removal", "Saltmarsh", 3),
    _talks("Weapons registration", "Three Wells", 8), _talks("Elders' dialogue", "Long Strand", 13),
    _talks("Pasture dialogue", "Amber Vale", 5), _talks("Fighters' reintegration course", "Gannet Head", 22),
)  # fmt: skip

_DONE, _HELD = "completed", "suspended"
REPORTED: tuple[Spec, ...] = (
    *(_aid("WSH", thing, town, "active") for thing, town in (
        ("Water trucking", "Sea Lavender"), ("Tap stands", "Cypress Point"), ("Latrines and tap", "Long Meadow"),
        ("Water treatment unit", "Étang-Clair"), ("Borehole upkeep", "Long Strand"), ("Water trucking", "Gannet Head"),
        ("Water network extension", "Port Lantern"), ("Camp water supply", "Palm Bay"),
        ("Camp water supply", "Wadi Sabz"), ("Camp latrines", "Saltmarsh"), ("Water points", "Three Wells"),
    )),
    Spec("Borehole and tank", "Thornfield", "WSH", "qip", "Quick-impact project", "active"),
    Spec("Drainage channel", "Port Lantern", "WSH", "qip", "Quick-impact project", "active"),
    _aid("WSH", "Well chlorination", "Reedwater", _HELD), _aid("WSH", "Latrine block", "Heronsford", _DONE),
    *(_aid("HEA", thing, town, status) for thing, town, status in (
        ("Primary health care", "Port Lantern", "active"), ("Camp clinic", "Palm Bay", "active"),
        ("Maternity support", "Grand Marché", "active"), ("Primary health care", "Heronsford", "active"),
        ("Camp clinic", "Saltmarsh", "active"), ("Surgery support", "Three Wells", "active"),
        ("Mobile clinic", "Cinnamon Hill", "active"), ("Mobile clinic", "Ibis Landing", _HELD),
        ("Measles campaign", "Larkfield", _DONE),
    )),
    *(_aid("FSC", thing, town, status) for thing, town, status in (
        ("Food distribution", "Port Lantern", "active"), ("Food distribution", "Wadi Sabz", "active"),
        ("Cash for work", "Heronsford", "active"), ("Fishing gear", "Gull Harbour", "active"),
        ("Food distribution", "Saltmarsh", "active"), ("Goat restocking", "Larkfield", "active"),
        ("Community bakery", "Grand Marché", "active"), ("Rice seed", "Reedwater", _HELD),
        ("Tool vouchers", "Three Wells", _DONE),
    )),
    Spec("Temporary classrooms", "Wadi Sabz", "EDU", "humanitarian", "Humanitarian project", "active",
         owner=(*_CHALK, "Wadi Sabz parents' group"), at_same_place=True, description="Six tents at Wadi Sabz School."),
    Spec("Tents for six classes", "Wadi Sabz", "EDU", "humanitarian", "Humanitarian project", "active",
         owner=(*_LAMP, "Wadi Sabz parents' group"), at_same_place=True, description="Six tents at Wadi Sabz School."),
    *(_aid("EDU", thing, town, status) for thing, town, status in (
        ("Double-shift teaching", "Port Lantern", "active"), ("School meals", "Grand Marché", "active"),
        ("Teacher pay support", "Three Wells", "active"), ("Radio lessons", "Crane Hill", "cancelled"),
    )),
    *(_aid("SHL", thing, town, status) for thing, town, status in (
        ("Camp shelters", "Port Lantern", "active"), ("Camp shelters", "Palm Bay", "active"),
        ("Camp shelters", "Gull Harbour", "active"), ("Shelter repair", "Wadi Sabz", "active"),
        ("Rope and timber", "Swallow Bridge", "active"), ("Raised floors", "Saltmarsh", "active"),
        ("Blankets", "Three Wells", _DONE),
    )),
    *(_aid("NUT", thing, town, status) for thing, town, status in (
        ("Outpatient feeding", "Port Lantern", "active"), ("Outpatient feeding", "Wadi Sabz", "active"),
        ("Stabilisation centre", "Saltmarsh", "active"), ("Supplement for mothers", "Three Wells", "active"),
        ("Child screening", "Osprey Bay", "active"), ("Porridge kitchens", "Heronsford", _DONE),
    )),
    _aid("PRO", "Safe space for women", "XO0502", "active"), _aid("PRO", "Family tracing", "XO0501", "active"),
    _aid("PRO", "Child protection teams", "XO0201", "active"), _aid("PRO", "Counselling", "XO0404", "active"),
    _aid("CCM", "Camp management", "Port Lantern", "active"), _aid("CCM", "Camp management", "Palm Bay", "active"),
    _aid("CCM", "Site committees", "Saltmarsh", "active"), _aid("CCM", "Camp management", "Three Wells", "active"),
)  # fmt: skip

# Ids that the scenario speaks of.
FIXED: dict[tuple[str, str], int] = {
    ("Market-day outreach", "Grand Marché"): 8,
    ("Borehole", "Heronsford"): 17,
    ("School roof", "Grand Marché"): 23,
    ("Market lights", "Cloudgate"): 31,
    ("Culvert replacement", "Wadi Sabz"): 40,
    ("Medical outreach day", "Wadi Sabz"): 41,
    ("Elders' dialogue", "Long Strand"): 44,
    ("Clinic supply run", "Wadi Sabz"): 52,
    ("Water trucking", "Sea Lavender"): 61,
    ("Tap stands", "Cypress Point"): 62,
    ("Latrines and tap", "Long Meadow"): 63,
    ("Water treatment unit", "Étang-Clair"): 64,
    ("Borehole upkeep", "Long Strand"): 65,
    ("Water trucking", "Gannet Head"): 66,
    ("Temporary classrooms", "Wadi Sabz"): 71,
    ("Tents for six classes", "Wadi Sabz"): 72,
}
