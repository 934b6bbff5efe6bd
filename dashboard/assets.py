"""The browser files, served by us: npm packages pinned in package-lock.json and our own.

A map asks this machine, under `/vendor`, and no other for anything.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path

import geopandas as gpd
import shapely

from layers.errors import OverlayError
from layers.kinds import KINDS

PROJECT = Path(__file__).resolve().parent.parent
PACKAGES = PROJECT / "node_modules"
OWN = Path(__file__).resolve().parent / "static"
GLYPHS = PACKAGES / "@mapbox/maki/icons"
OUTLINE = re.compile(r'\sd="([^"]*)"')
VENDOR_PATH = "/vendor"

VENDOR_FILES: dict[str, Path] = {
    "leaflet.js": PACKAGES / "leaflet/dist/leaflet.js",
    "leaflet.css": PACKAGES / "leaflet/dist/leaflet.css",
    "images/layers.png": PACKAGES / "leaflet/dist/images/layers.png",
    "images/layers-2x.png": PACKAGES / "leaflet/dist/images/layers-2x.png",
    "images/marker-icon.png": PACKAGES / "leaflet/dist/images/marker-icon.png",
    "images/marker-icon-2x.png": PACKAGES / "leaflet/dist/images/marker-icon-2x.png",
    "images/marker-shadow.png": PACKAGES / "leaflet/dist/images/marker-shadow.png",
    "protomaps-leaflet.js": PACKAGES / "protomaps-leaflet/dist/protomaps-leaflet.js",
    "mgrs.js": PACKAGES / "mgrs/dist/mgrs.min.js",
    "geographiclib-geodesic.js": PACKAGES / "geographiclib-geodesic/geographiclib-geodesic.min.js",
    "milsymbol.js": PACKAGES / "milsymbol/dist/milsymbol.js",
    "overlay-symbols.js": OWN / "overlay-symbols.js",
    "overlay-map.js": OWN / "overlay-map.js",
    "overlay-base.js": OWN / "overlay-base.js",
    "overlay-tiles.js": OWN / "overlay-tiles.js",
    "overlay-tools.js": OWN / "overlay-tools.js",
    "overlay-find.js": OWN / "overlay-find.js",
    "overlay-draw.js": OWN / "overlay-draw.js",
    "overlay-spread.js": OWN / "overlay-spread.js",
    "overlay-sheet.js": OWN / "overlay-sheet.js",
    "overlay-moments.js": OWN / "overlay-moments.js",
    "overlay-bars.js": OWN / "overlay-bars.js",
    "overlay-time.js": OWN / "overlay-time.js",
    "overlay-time.css": OWN / "overlay-time.css",
    "overlay-map.css": OWN / "overlay-map.css",
    "overlay-draw.css": OWN / "overlay-draw.css",
    "overlay-sheet.css": OWN / "overlay-sheet.css",
}

OPENING = "opening"
MAP_SCRIPTS = (
    "leaflet.js",
    "protomaps-leaflet.js",
    "mgrs.js",
    "geographiclib-geodesic.js",
    OPENING,
    "overlay-symbols.js",
    "overlay-map.js",
    "overlay-base.js",
    "overlay-tiles.js",
    "overlay-tools.js",
    "overlay-find.js",
    "overlay-draw.js",
    "overlay-spread.js",
    "overlay-moments.js",
    "overlay-bars.js",
    "overlay-time.js",
    "overlay-sheet.js",
)
"""What a map is made of, in this order; each of ours adds to the one object `Overlay`, which `OPENING` makes."""
MAP_STYLES = ("leaflet.css", "overlay-map.css", "overlay-draw.css", "overlay-sheet.css", "overlay-time.css")
BUNDLES: dict[str, tuple[str, ...]] = {"map.js": MAP_SCRIPTS, "map.css": MAP_STYLES}
"""Sent as one file each: streamlit-folium would fetch them one after another, while the page waits."""


class MissingBrowserFiles(OverlayError):
    """The pinned browser packages are not installed."""


def check_installed() -> None:
    """Refuse to start without the browser files.

    Raises
    ------
    MissingBrowserFiles
        Names the first file that is not there.
    """
    for name, path in VENDOR_FILES.items():
        if not path.is_file():
            raise MissingBrowserFiles(
                "browser files",
                f"no {name}",
                "the packages of package-lock.json in node_modules",
                "Run `make setup`, then start again.",
            )


def own_text(name: str) -> str:
    """The text of one of our own browser files, for what is placed inside a page."""
    return (OWN / name).read_text(encoding="utf-8")


def vendor(name: str) -> str:
    """Address of one of our files or bundles; it changes when a file does."""
    changed = max(int(VENDOR_FILES[p].stat().st_mtime) for p in BUNDLES.get(name, (name,)) if p != OPENING)
    return f"{VENDOR_PATH}/{name}?v={changed}"


def bundle(name: str) -> bytes:
    """The files of a bundle, one after another."""
    return b"\n".join(_opening() if part == OPENING else VENDOR_FILES[part].read_bytes() for part in BUNDLES[name])


def _opening() -> bytes:
    """The one object that our scripts share, with the pictograms that kinds are drawn with.

    Source: Maki, 15 pixels square, CC0.
    """
    names = sorted({symbol.glyph for kind in KINDS for symbol in kind.style.symbols if symbol.glyph})
    glyphs = {name: OUTLINE.findall((GLYPHS / f"{name}.svg").read_text(encoding="utf-8")) for name in names}
    return f"window.Overlay = {{ theme: {{}}, files: new Map(), shown: 0, glyphs: {json.dumps(glyphs)} }};".encode()


@lru_cache(maxsize=8)
def coastline(west: float, south: float, east: float, north: float) -> bytes:
    """Land within a box of degrees, as GeoJSON bytes.

    Source: Natural Earth 1:10m under 30 degrees of width, else 1:50m, by way of the npm
    package world-atlas. No borders: the base shows none of our own choosing.
    """
    scale = "10m" if east - west < 30 else "50m"
    land = gpd.read_file(PACKAGES / f"world-atlas/land-{scale}.json").geometry.to_numpy()
    parts = shapely.get_parts(land)
    clipped = shapely.clip_by_rect(shapely.make_valid(parts), west, south, east, north)
    clipped = clipped[~shapely.is_empty(clipped)]
    features = ",".join(
        f'{{"type":"Feature","properties":{{}},"geometry":{geometry}}}' for geometry in shapely.to_geojson(clipped)
    )
    return f'{{"type":"FeatureCollection","features":[{features}]}}'.encode()
