"""How deep a geometry is nested, read from its bytes before GEOS follows it.

GEOS reads collections inside collections by recursion without end: a few hundred
kilobytes of nested headers end the process.
"""

from __future__ import annotations

import struct

DEEPEST = 16
SMALLEST_CONTAINER = 9  # bytes: order, type, count
LINES, POLYGONS = (2, 8), (3, 17)
CONTAINERS = (4, 5, 6, 7, 9, 10, 11, 12, 15, 16)
HAS_Z, HAS_M, HAS_SRID = 0x80000000, 0x40000000, 0x20000000


def shallow(blob: bytes, deepest: int = DEEPEST) -> bool:
    """Whether a WKB geometry is nested no deeper than `deepest`.

    False also for bytes that end too soon, or a type that is unknown.
    """
    if len(blob) < deepest * SMALLEST_CONTAINER:
        return True  # too short to be deep: nearly all are, and are not walked
    try:
        return _walk(blob, deepest)
    except (struct.error, IndexError):
        return False


def not_deep(blob: bytes | None) -> bytes | None:
    """The same WKB, fit to be read by GEOS.

    Raises
    ------
    ValueError
        When it is nested too deeply.
    """
    if blob is not None and not shallow(blob):
        raise ValueError(f"collections in collections, more than {DEEPEST} deep, or bytes that end too soon")
    return blob


def _walk(blob: bytes, deepest: int) -> bool:
    position, waiting = 0, [1]  # members still to come, at each level
    while waiting:
        if waiting[-1] == 0:
            waiting.pop()
            continue
        waiting[-1] -= 1
        order = "<" if blob[position] else ">"
        (code,) = struct.unpack_from(f"{order}I", blob, position + 1)
        position += 5 + (4 if code & HAS_SRID else 0)
        kind, width = _kind(code), 8 * _dimensions(code)
        if kind == 1:
            position += width
            continue
        (count,) = struct.unpack_from(f"{order}I", blob, position)
        position += 4
        if kind in LINES:
            position += count * width
        elif kind in POLYGONS:
            for _ in range(count):
                (points,) = struct.unpack_from(f"{order}I", blob, position)
                position += 4 + points * width
        elif kind in CONTAINERS and len(waiting) <= deepest:
            waiting.append(count)
        else:
            return False
    return position <= len(blob)


def _kind(code: int) -> int:
    return (code & 0x0FFFFFFF) % 1000


def _dimensions(code: int) -> int:
    thousands = (code & 0x0FFFFFFF) // 1000
    z = bool(code & HAS_Z) or thousands in (1, 3)
    m = bool(code & HAS_M) or thousands in (2, 3)
    return 2 + z + m
