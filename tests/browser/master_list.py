"""A site list as DTM sends them, made in code: title lines, rounds side by side, informants, and what goes wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from openpyxl import Workbook

ROUNDS = 6
INFORMANTS = ("Zephyrine Quillfeather", "Ottoline Brackwater")
PHONES = ("+44 20 7946 0991", "+44 20 7946 0217")
TITLES = (
    ["Displacement Tracking Matrix: site list of the Delta"],
    ["Rounds 1 to 6"],
    ["Individuals present by site and round"],
)
HEADERS = (
    "SSID",
    "Site name",
    "State",
    "Latitude",
    "Longitude",
    "Name of key informant",
    "Phone of key informant",
    *(f"Round {n} individuals" for n in range(1, ROUNDS + 1)),
    "Round 6 households",
)


@dataclass(frozen=True)
class Site:
    """One row of the list; `people` by round, None where it was not visited."""

    ssid: str
    name: str
    latitude: float
    longitude: float
    people: tuple[int | None, ...]
    households: int

    def cells(self, place: int) -> list[object]:
        """The row as it stands in the sheet."""
        who = (INFORMANTS[place % 2], PHONES[place % 2])
        return [
            self.ssid, self.name, "Delta", self.latitude, self.longitude, *who, *self.people, self.households
        ]  # fmt: skip


def good_sites(count: int = 20) -> list[Site]:
    """Sites with nothing wrong."""
    return [
        Site(
            f"XO{n:03}",
            f"Site {n:02} of the Delta",
            round(-8.2 - n * 0.013, 5),
            round(-120.1 + n * 0.021, 5),
            tuple(900 + 37 * n + 11 * r for r in range(ROUNDS)),
            200 + n,
        )
        for n in range(1, count + 1)
    ]


def swapped(ssid: str, name: str, at: float) -> Site:
    """A site whose coordinates stand in each other's column."""
    return Site(ssid, name, round(-119.5 - at, 5), round(-8.4 - at, 5), tuple(400 + r for r in range(ROUNDS)), 90)


def impossible(ssid: str) -> Site:
    """A new site with fewer individuals than households."""
    return Site(ssid, "Ferry landing", -8.61, -119.91, (None, None, None, None, None, 40), 95)


def write(path: Path, sites: Sequence[Site]) -> Path:
    """The list as an XLSX file."""
    book = Workbook()
    sheet = book.active
    for line in TITLES:
        sheet.append(line)
    sheet.append(HEADERS)
    for place, site in enumerate(sites):
        sheet.append(site.cells(place))
    book.save(path)
    return path
