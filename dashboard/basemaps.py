"""What may lie beneath the layers: the coastline, files of the operator, addresses that an administrator allows.

A file is looked at here before the browser is told of it: a broken one is named, never drawn.
"""

from __future__ import annotations

import gzip
import html
import json
import re
import struct
import zlib
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from urllib.parse import quote, urlencode

from dashboard.maps import Base
from layers.errors import UnreadableFile
from layers.settings import OnlineMap, home, settings

COASTLINE = "Coastline"
OPENSTREETMAP = "© OpenStreetMap contributors (ODbL)"
OSM_ONLINE = Base("OpenStreetMap online", "xyz", "https://tile.openstreetmap.org/{z}/{x}/{y}.png", OPENSTREETMAP)
ENDING = ".pmtiles"
WMTS_AS_XYZ = {"{TileMatrix}": "{z}", "{TileRow}": "{y}", "{TileCol}": "{x}"}
MOST_METADATA = 1_000_000  # bytes, unpacked
MOST_ATTRIBUTION = 200  # characters

# PMTiles specification, version 3: magic, version, offset and length of four sections, three
# counts, clustered, two compressions, tile type, zooms, corners in ten-millionths of a degree.
HEADER = struct.Struct("<7sB8Q3Q6B4iB2i")
PLAIN, GZIP = 1, 2
VECTOR_TILES = 1
REMEDY = f"Take it out of the folder basemaps, or put in a whole {ENDING} file of vector tiles."


@dataclass(frozen=True)
class Choices:
    """The base maps that there are beside the coastline, and why others are not."""

    usable: tuple[Base, ...]
    broken: tuple[UnreadableFile, ...] = ()

    def named(self, name: str) -> Base | None:
        """The base map of this name; None stands for the coastline alone."""
        return next((base for base in self.usable if base.name == name), None)


def files() -> dict[str, Path]:
    """File name -> file: what lies in the folder, so that no name can lead out of it."""
    folder = home() / "basemaps"
    if not folder.is_dir():
        return {}
    return {path.name: path for path in sorted(folder.iterdir()) if path.suffix == ENDING and path.is_file()}


def choices() -> Choices:
    """All base maps of this moment: the files, then the allowed addresses."""
    usable: list[Base] = []
    broken: list[UnreadableFile] = []
    for path in files().values():
        try:
            usable.append(checked(path))
        except UnreadableFile as error:
            broken.append(error)
    return Choices((*usable, *online()), tuple(broken))


def online() -> tuple[Base, ...]:
    """The base maps that other machines serve: those that the settings allow, and no other."""
    allowed = [_allowed(given) for given in settings().base_maps]
    return (*allowed, *([OSM_ONLINE] if settings().online_osm else []))


def _allowed(given: OnlineMap) -> Base:
    """An address as the browser asks it. In Web Mercator the tiles of a WMTS are numbered as those of XYZ."""
    if given.layers and not given.tile_matrix_set:
        return Base(given.name, "wms", given.address, given.attribution, given.layers, given.style)
    address = _by_key(given) if given.layers else given.address
    for wmts, xyz in WMTS_AS_XYZ.items():
        address = address.replace(wmts, xyz)
    return Base(given.name, "xyz", address, given.attribution)


def _by_key(given: OnlineMap) -> str:
    """The address of a tile of a WMTS, by key and value (OGC 07-057r7)."""
    asked = {
        "SERVICE": "WMTS",
        "REQUEST": "GetTile",
        "VERSION": "1.0.0",
        "LAYER": given.layers,
        "STYLE": given.style,
        "TILEMATRIXSET": given.tile_matrix_set,
        "FORMAT": "image/png",
    }
    tile = "".join(f"&{name.strip('{}').upper()}={name}" for name in WMTS_AS_XYZ)
    joint = "" if given.address.endswith(("?", "&")) else "&" if "?" in given.address else "?"
    return f"{given.address}{joint}{urlencode(asked)}{tile}"


def checked(path: Path) -> Base:
    """A file as a base map.

    Raises
    ------
    UnreadableFile
        When it is not a whole PMTiles file, version 3, of vector tiles.
    """
    try:
        stat = path.stat()
        return _checked(path, stat.st_size, stat.st_mtime_ns)
    except OSError as error:
        raise _unusable(path, f"it cannot be read ({error.strerror})") from error


@lru_cache(maxsize=64)
def _checked(path: Path, size: int, changed: int) -> Base:
    with path.open("rb") as file:
        start = file.read(HEADER.size)
        if start[:7] != b"PMTiles":
            raise _unusable(path, "it does not begin as a PMTiles file")
        if len(start) < HEADER.size:
            raise _unusable(path, "it ends within its header")
        _, version, *sections_and_counts = HEADER.unpack(start)[:13]
        (packed, tiles_packed, tile_type, _, last_zoom, west, south, east, north) = HEADER.unpack(start)[14:23]
        sections = list(zip(sections_and_counts[0:8:2], sections_and_counts[1:8:2], strict=True))
        if version != 3:
            raise _unusable(path, f"PMTiles version {version}")
        if tile_type != VECTOR_TILES:
            raise _unusable(path, "its tiles are pictures, or of a kind not known")
        if packed not in (PLAIN, GZIP) or tiles_packed not in (PLAIN, GZIP):
            raise _unusable(path, "a compression that is not gzip")
        end = max(offset + length for offset, length in sections)
        if end > size:
            raise _unusable(path, f"{size:,} of {end:,} bytes: it was not copied whole")
        box = tuple(degree / 1e7 for degree in (west, south, east, north))
        if not (-180 <= box[0] < box[2] <= 180 and -90 <= box[1] < box[3] <= 90) or last_zoom > 24:
            raise _unusable(path, "bounds or zooms outside the world")
        offset, length = sections[1]
        file.seek(offset)
        stated = _attribution(path, file.read(min(length, MOST_METADATA)), packed)
    return Base(
        path.name,
        "pmtiles",
        f"/basemap/{quote(path.name)}?v={size}-{changed}",
        stated,
        bounds=(box[0], box[1], box[2], box[3]),
        last_zoom=last_zoom,
    )


def _attribution(path: Path, metadata: bytes, packed: int) -> str:
    """Who made the file's content: OpenStreetMap, and what its metadata states."""
    try:
        text = gzip.GzipFile(fileobj=BytesIO(metadata)).read(MOST_METADATA) if packed == GZIP else metadata
        told = json.loads(text or b"{}")
    except (OSError, EOFError, zlib.error, ValueError, RecursionError) as error:
        raise _unusable(path, "metadata that cannot be read") from error
    stated = told.get("attribution") if isinstance(told, dict) else None
    words = " ".join(html.unescape(re.sub(r"<[^<>]*>", " ", stated)).split()) if isinstance(stated, str) else ""
    return " · ".join(filter(None, [OPENSTREETMAP, words[:MOST_ATTRIBUTION]]))


def _unusable(path: Path, found: str) -> UnreadableFile:
    return UnreadableFile(f"base map {path.name}", found, "a whole PMTiles file, version 3, of vector tiles", REMEDY)
