"""The loops behind `dashboard.map_tiles`: imported at the first tile only, as `analysis.kernels` is."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.kernels import compiled

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]


@compiled
def spread(value: Any) -> Any:
    """The 32 bits of a number at the even places of 64."""
    v = np.uint64(value)
    v = (v | (v << np.uint64(16))) & np.uint64(0x0000FFFF0000FFFF)
    v = (v | (v << np.uint64(8))) & np.uint64(0x00FF00FF00FF00FF)
    v = (v | (v << np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    v = (v | (v << np.uint64(2))) & np.uint64(0x3333333333333333)
    return (v | (v << np.uint64(1))) & np.uint64(0x5555555555555555)


@compiled
def gather(code: Any) -> Any:
    """The even bits of 64 as a number of 32."""
    v = np.uint64(code) & np.uint64(0x5555555555555555)
    v = (v | (v >> np.uint64(1))) & np.uint64(0x3333333333333333)
    v = (v | (v >> np.uint64(2))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    v = (v | (v >> np.uint64(4))) & np.uint64(0x00FF00FF00FF00FF)
    v = (v | (v >> np.uint64(8))) & np.uint64(0x0000FFFF0000FFFF)
    return (v | (v >> np.uint64(16))) & np.uint64(0x00000000FFFFFFFF)


@compiled
def codes_of(lon: Floats, lat: Floats, out: Codes) -> None:
    """Morton code of each place on the square of web Mercator, 32 bits a side."""
    for i in range(len(lon)):
        sine = math.sin(math.radians(lat[i]))
        x = (lon[i] + 180.0) / 360.0
        y = 0.5 - math.log((1.0 + sine) / (1.0 - sine)) / (4.0 * math.pi)
        col = min(max(int(x * 4294967296.0), 0), 4294967295)
        row = min(max(int(y * 4294967296.0), 0), 4294967295)
        out[i] = spread(col) | (spread(row) << np.uint64(1))


@compiled
def places_of(codes: Codes, mask: Any, columns: Numbers, rows: Numbers) -> None:
    """Column and row of each code, the bits of `mask` alone."""
    for i in range(len(codes)):
        columns[i] = gather(codes[i]) & mask
        rows[i] = gather(codes[i] >> np.uint64(1)) & mask


@compiled
def runs(code: Codes, counts: Numbers, shift: Any, cells: Codes, sums: Numbers) -> int:
    """Neighbours that share the bits above `shift` become one cell with the sum of their counts."""
    found = -1
    last = np.uint64(0)
    for i in range(len(code)):
        cell = code[i] >> shift
        if found < 0 or cell != last:
            found += 1
            cells[found] = cell
            sums[found] = 0
            last = cell
        sums[found] += counts[i]
    return found + 1


@compiled
def varint(buffer: Bytes, at: int, value: int) -> int:
    """Write a protobuf varint; where the next byte goes."""
    while value >= 128:
        buffer[at] = (value & 127) | 128
        value >>= 7
        at += 1
    buffer[at] = value
    return at + 1


@compiled
def varint_size(value: int) -> int:
    """Bytes of a protobuf varint."""
    size = 1
    while value >= 128:
        value >>= 7
        size += 1
    return size


@compiled
def features(buffer: Bytes, x: Numbers, y: Numbers, ids: Numbers, values: Numbers) -> int:
    """One vector-tile feature a point: its id, one tag (key 0, `values`), its place. How many bytes.

    Source: Vector Tile Specification 2.1.
    """
    at = 0
    for i in range(len(x)):
        zx, zy = 2 * x[i], 2 * y[i]
        tags = 1 + varint_size(values[i])
        place = 1 + varint_size(zx) + varint_size(zy)
        body = 1 + varint_size(ids[i]) + 2 + tags + 2 + 2 + place
        buffer[at] = 0x12
        at = varint(buffer, at + 1, body)
        buffer[at] = 0x08
        at = varint(buffer, at + 1, ids[i])
        buffer[at], buffer[at + 1], buffer[at + 2] = 0x12, tags, 0
        at = varint(buffer, at + 3, values[i])
        buffer[at], buffer[at + 1], buffer[at + 2], buffer[at + 3], buffer[at + 4] = 0x18, 1, 0x22, place, 9
        at = varint(buffer, varint(buffer, at + 5, zx), zy)
    return at
