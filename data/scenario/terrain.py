"""Coastline, two levels of admin areas, mission sectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from scipy.spatial import Voronoi

from data.scenario.geometry import DECIMALS, Km, catmull_rom, on_earth, roughen, wander
from data.scenario.layer import COUNTRY, Layer, Row

# Corners of the designed outline, in pixels of the drawing: 0.19 km each, 8 S 120 W at (695, 465).
_MAIN = """117,240 130,222 160,207 200,190 245,180 275,165 300,142 330,137 370,146 430,147 480,153 515,168 545,182
570,196 592,220 610,240 640,246 665,243 700,233 740,240 775,226 805,220 840,222 870,226 900,236 930,246 960,255 985,268
1010,283 1040,300 1070,315 1097,318 1125,330 1145,345 1150,372 1115,392 1078,418 1057,436 1072,446 1105,430
1135,414 1166,404 1195,422 1225,435 1255,460 1274,490 1265,515
1245,540 1225,570 1190,600 1160,625 1120,632 1070,633 1030,640 1000,655 970,680 930,693 890,690 860,695 835,715 800,718
775,735 740,745 720,760 700,785 682,800 640,795 600,780 575,755 550,747 520,745 495,720 470,705 430,700 390,700 355,695
337,690 332,668 310,645 285,632 250,622 222,605 218,575 200,560 160,545 142,525 140,495 165,465 182,445 172,425 155,405
142,380 135,355 142,320 140,295 125,265"""
_PETREL = "1120,710 1140,680 1170,670 1195,657 1207,685 1230,710 1225,728 1190,733 1165,745 1140,730"

ADMIN1 = {
    "XO01": ("Northern Cape", "Three Wells"),
    "XO02": ("Eastshore", "Grand Marché"),
    "XO03": ("Highlands", "Crane Hill"),
    "XO04": ("Delta", "Saltmarsh"),
    "XO05": ("Southern Reach", "Port Lantern"),
}
# Seat of each admin2: its name, the area's name, where it lies (km), its people.
ADMIN2: dict[str, tuple[str, str, Km, int]] = {
    "XO0101": ("Three Wells", "Three Wells", (-46.9, 34.2), 61_400),
    "XO0102": ("Gannet Head", "Gannet Coast", (-95.0, 50.5), 14_200),
    "XO0103": ("Long Strand", "Long Strand", (-63.0, 56.5), 18_900),
    "XO0104": ("Juniper Bay", "Juniper Bay", (-103.0, 17.5), 16_300),
    "XO0105": ("Larkfield", "Larkfield", (-66.0, 18.5), 21_700),
    "XO0201": ("Grand Marché", "Grand Marché", (33.4, 38.6), 84_600),
    "XO0202": ("Gull Harbour", "Gull Harbour", (57.5, 31.5), 23_100),
    "XO0203": ("L'Anse-Bleue", "Baie Bleue", (78.5, 27.5), 19_800),
    "XO0204": ("Amber Vale", "Amber Vale", (40.5, 18.0), 12_600),
    "XO0301": ("Crane Hill", "Crane Hill", (-10.3, 18.8), 27_500),
    "XO0302": ("Cloudgate", "Cloudgate", (9.0, 18.5), 9_400),
    "XO0303": ("Stone Meadow", "Stone Meadow", (-31.0, 13.5), 8_800),
    "XO0304": ("Val d'Érable", "Vallée d'Érable", (14.0, 1.5), 7_900),
    "XO0401": ("Saltmarsh", "Saltmarsh", (-70.9, -26.4), 52_300),
    "XO0402": ("Reedwater", "Reedwater", (-46.0, -29.0), 24_800),
    "XO0403": ("Ibis Landing", "Mudlark Flats", (-88.5, -6.0), 15_500),
    "XO0404": ("Twin Channels", "Twin Channels", (-53.0, -6.0), 18_100),
    "XO0405": ("Étang-Clair", "Étang-Clair", (-29.0, -46.0), 11_200),
    "XO0501": ("Port Lantern", "Port Lantern", (65.9, 3.2), 138_000),
    "XO0502": ("Heronsford", "Heronsford", (0.95, -13.7), 43_700),
    "XO0503": ("Wadi Sabz", "Wadi Sabz", (40.5, -30.6), 38_500),
    "XO0504": ("Cypress Point", "Cypress Coast", (106.0, -8.5), 13_900),
    "XO0505": ("Osprey Bay", "Osprey Coast", (7.0, -55.0), 17_400),
    "XO0506": ("Petrel Harbour", "Petrel Island", (86.0, -43.0), 6_200),
    "XO0507": ("Thornfield", "Thornfield", (31.0, -9.5), 12_100),
}
LOCAL_NAMES = {"XO0503": "وادي سبز", "XO0405": "عين القصب"}
SECTORS = {
    "SEC-NORTH": ("Sector North", ("XO01", "XO0301", "XO0303")),
    "SEC-EAST": ("Sector East", ("XO02", "XO0302", "XO0304", "XO05")),
    "SEC-WEST": ("Sector West", ("XO04",)),
}


@dataclass(frozen=True)
class Terrain:
    """The island: land and seats (by admin2) in kilometres, areas in EPSG:4326 by their code."""

    land: Any
    seats: dict[str, Km]
    admin2: dict[str, Any]
    admin1: dict[str, Any]
    sectors: dict[str, Any]

    def admin2_of(self, geometry: Any) -> str:
        """Code of the admin2 that holds the geometry (EPSG:4326), or the nearest one."""
        middle = geometry if geometry.geom_type == "Point" else geometry.interpolate(0.5, normalized=True) \
            if geometry.geom_type == "LineString" else geometry.representative_point()  # fmt: skip
        for code, area in self.admin2.items():
            if area.intersects(middle):
                return code
        return min(self.admin2, key=lambda code: float(self.admin2[code].distance(middle)))

    def place_codes(self, geometry: Any) -> Row:
        """The columns that say in which areas a geometry lies."""
        return codes_of(self.admin2_of(geometry))


def codes_of(admin2: str) -> Row:
    """Codes and names of an admin2 and what it belongs to."""
    return {
        "location_code": COUNTRY,
        "admin1_code": admin2[:4],
        "admin2_code": admin2,
        "provider_admin1_name": ADMIN1[admin2[:4]][0],
        "provider_admin2_name": ADMIN2[admin2][1],
    }


def sector_of(admin2: str) -> str:
    """Name of the mission sector that holds an admin2."""
    return next(name for name, members in SECTORS.values() if admin2 in members or admin2[:4] in members)


def build_terrain(rng: np.random.Generator) -> Terrain:
    """Draw coast and inner borders; all areas share their vertices, so they tile the land."""
    main, petrel = (_coast(rng, text, amplitude) for text, amplitude in ((_MAIN, 1.25), (_PETREL, 0.35)))
    land = shapely.MultiPolygon([main, petrel])
    seats = {code: _ashore(land, where) for code, (_, _, where, _) in ADMIN2.items()}
    inner = {code: seat for code, seat in seats.items() if code != "XO0506"}
    grid = 10.0**-DECIMALS
    lines = shapely.union_all([on_earth(main).exterior, *map(on_earth, _borders(rng, inner, main))], grid_size=grid)
    faces = [face for face in shapely.polygonize([lines]).geoms if on_earth(main).contains(face.representative_point())]
    admin2 = _faces_by_seat(faces, inner)
    admin2["XO0506"] = shapely.set_precision(on_earth(petrel), grid)
    admin2 = {code: admin2[code] for code in ADMIN2}
    admin1 = {code: _join(admin2, (code,)) for code in ADMIN1}
    sectors = {code: _join(admin2, members) for code, (_, members) in SECTORS.items()}
    return Terrain(land, seats, admin2, admin1, sectors)


def _coast(rng: np.random.Generator, corners: str, amplitude_km: float) -> Any:
    pixels = np.array([[float(v) for v in pair.split(",")] for pair in corners.split()])
    outline = catmull_rom((pixels - [695, 465]) * [0.19, -0.19], steps=10)
    ring = shapely.Polygon(roughen(rng, outline, spacing_km=0.4, amplitude_km=amplitude_km)).buffer(0)
    return max(getattr(ring, "geoms", [ring]), key=lambda part: float(part.area))


def _ashore(land: Any, where: Km) -> Km:
    """The place itself, or the nearest one 1.2 km inside the coast."""
    firm = land.buffer(-1.2)
    point = shapely.Point(where)
    if firm.contains(point):
        return where
    nearest = shapely.shortest_line(firm, point).coords[0]
    return (float(nearest[0]), float(nearest[1]))


def _borders(rng: np.random.Generator, seats: dict[str, Km], land: Any) -> list[Any]:
    """Bent edges of the Voronoi cells about the seats; far seeds close the outer cells."""
    cells = Voronoi(np.array([*seats.values(), (-400, 0), (400, 0), (0, 400), (0, -400)]))
    lines = []
    for (left, right), ends in zip(cells.ridge_points, cells.ridge_vertices, strict=True):
        if max(left, right) >= len(seats) or -1 in ends:
            continue
        a, b = (tuple(cells.vertices[i]) for i in ends)
        line = shapely.LineString(wander(rng, a, b, roughness=0.16, step_km=1.2))
        if line.intersects(land):
            lines.append(line)
    return lines


def _faces_by_seat(faces: list[Any], seats: dict[str, Km]) -> dict[str, Any]:
    """Each face by the seat that it holds; one that holds none joins its longest neighbour."""
    points = {code: on_earth(shapely.Point(seat)) for code, seat in seats.items()}
    areas: dict[str, Any] = {}
    strays = []
    for face in faces:
        codes = [code for code, point in points.items() if face.contains(point)]
        if codes:
            areas[codes[0]] = face
        else:
            strays.append(face)
    for stray in strays:
        code = max(areas, key=lambda code: float(areas[code].intersection(stray).length))
        areas[code] = areas[code].union(stray)
    return areas


def _join(admin2: dict[str, Any], members: tuple[str, ...]) -> Any:
    return shapely.union_all([area for code, area in admin2.items() if code in members or code[:4] in members])


def admin_layers(terrain: Terrain) -> list[Layer]:
    """The layers of admin areas and sectors."""
    gazetteer = "Orvane Survey Office (exercise)"
    common: Row = {"location_code": COUNTRY, "valid_on": "2025-01-15", "source_name": gazetteer}
    first = [_area(c, name, "1", COUNTRY, terrain.admin1[c], common) for c, (name, _) in ADMIN1.items()]
    second = [_area(c, seat[1], "2", c[:4], terrain.admin2[c], common) for c, seat in ADMIN2.items()]
    mission: Row = {"location_code": COUNTRY, "valid_on": "2026-07-01", "source_name": "EXMIS Joint Operations Centre"}
    sectors = [_area(c, name, "sector", COUNTRY, terrain.sectors[c], mission) for c, (name, _) in SECTORS.items()]
    return [
        Layer("orvane-admin1", "admin_areas", gazetteer, "2025-01-15", first),
        Layer("orvane-admin2", "admin_areas", gazetteer, "2025-01-15", second),
        Layer("orvane-sectors", "admin_areas", "EXMIS Joint Operations Centre", "2026-07-01", sectors),
    ]


def _area(code: str, name: str, level: str, parent: str, geometry: Any, common: Row) -> Row:
    return {
        "id": code,
        "name": name,
        "name_local": LOCAL_NAMES.get(code),
        "admin_level": level,
        "parent_code": parent,
        **common,
        "geometry": geometry,
    }
