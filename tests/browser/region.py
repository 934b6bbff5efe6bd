"""A small base map file of vector tiles, made here: land, a lake and a road in each of its tiles."""

from __future__ import annotations

import math
from pathlib import Path

from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import write

Box = tuple[float, float, float, float]
BOX: Box = (-123.0, -11.0, -116.0, -5.0)
LAST_ZOOM = 7
EXTENT = 4096
LINE, POLYGON = 2, 3
Ring = list[tuple[int, int]]


def varint(number: int) -> bytes:
    """A whole number as protocol buffers write it."""
    parts = bytearray()
    while number > 127:
        parts.append(number & 127 | 128)
        number >>= 7
    return bytes([*parts, number])


def part(field: int, content: bytes | int) -> bytes:
    """One field of a message."""
    if isinstance(content, int):
        return varint(field << 3) + varint(content)
    return varint(field << 3 | 2) + varint(len(content)) + content


def geometry(points: Ring, form: int) -> bytes:
    """Move, draw and, of a polygon, close, as the vector tile specification 2.1 has it."""
    steps, last = [], (0, 0)
    for point in points:
        steps += [(b - a) << 1 ^ (b - a) >> 31 for a, b in zip(last, point, strict=True)]
        last = point
    commands = [1 | 1 << 3, *steps[:2], 2 | (len(points) - 1) << 3, *steps[2:]]
    return b"".join(map(varint, [*commands, *([7 | 1 << 3] if form == POLYGON else [])]))


def layer(name: str, points: Ring, form: int, **properties: str) -> bytes:
    """A layer of one feature."""
    tags = b"".join(varint(n) * 2 for n in range(len(properties)))
    feature = part(2, tags) + part(3, form) + part(4, geometry(points, form))
    keys = b"".join(part(3, key.encode()) for key in properties)
    values = b"".join(part(4, part(1, value.encode())) for value in properties.values())
    return part(3, part(15, 2) + part(1, name.encode()) + part(2, feature) + keys + values + part(5, EXTENT))


def square(first: int, last: int) -> Ring:
    """A square, clockwise on the screen."""
    return [(first, first), (last, first), (last, last), (first, last)]


TILE = (
    layer("earth", square(0, EXTENT), POLYGON, kind="earth")
    + layer("water", square(1024, 3072), POLYGON, kind="lake")
    + layer("roads", [(0, 300), (EXTENT, 300)], LINE, kind="highway")
)


def tile_of(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    """The tile of Web Mercator in which a place lies."""
    turn = math.asinh(math.tan(math.radians(lat)))
    return int((lon + 180) / 360 * 2**zoom), int((1 - turn / math.pi) / 2 * 2**zoom)


def write_region(file: Path, *, attribution: str = "", tile: bytes = TILE, box: Box = BOX) -> Path:
    """A file of tiles of zoom 0 to 7 in the box of the sample."""
    west, south, east, north = box
    with write(str(file)) as out:
        for zoom in range(LAST_ZOOM + 1):
            (left, top), (right, bottom) = tile_of(west, north, zoom), tile_of(east, south, zoom)
            cells = [(x, y) for x in range(left, right + 1) for y in range(top, bottom + 1)]
            for identity in sorted(zxy_to_tileid(zoom, x, y) for x, y in cells):
                out.write_tile(identity, tile)
        corners = dict(zip(("min_lon_e7", "min_lat_e7", "max_lon_e7", "max_lat_e7"), box, strict=True))
        header = {
            "tile_type": TileType.MVT,
            "tile_compression": Compression.NONE,
            **{name: int(degrees * 1e7) for name, degrees in corners.items()},
            "center_zoom": 5,
            "center_lon_e7": int(-119.5 * 1e7),
            "center_lat_e7": int(-8 * 1e7),
        }
        out.finalize(header, {"attribution": attribution} if attribution else {})
    return file
