"""Points of a layer as vector tiles: sorted along a Morton curve, in groups where there are too many.

A tile of a zoom is one run of the sorted codes, found by two binary searches. A zoom at
which some tile would hold more than `MOST_POINTS` shows groups: cells of 1/64 tile, each
with its count; cells of one zoom are sums of those of the next, so counts add up. Tiles
have no margin: no point stands in two of them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from layers.errors import WrongParameter

EXTENT_BITS = 12
CELL_BITS = 6
"""A tile of groups is 2 ** 6 = 64 cells across: 4 pixels each."""
WIDEST_LATITUDE = math.degrees(math.atan(math.sinh(math.pi)))
"""85.05 degrees: web Mercator ends here."""
LARGEST_ZOOM = 18
MOST_POINTS = 4_000
"""Single points in a tile: what a screen can still show apart."""

Codes = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.int64]
Marks = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class TileSet:
    """The points of a filtered layer, ready to be cut into tiles.

    Attributes
    ----------
    codes : array of uint64, shape (n,)
        Morton codes, ascending.
    rows : array of int32, shape (n,)
        Which row of the layer each is.
    looks : array of uint32, shape (n,)
        How each is drawn: a position among the layer's looks.
    beyond : int
        Points poleward of 85.05 degrees, where this projection ends.
    """

    codes: Codes
    rows: npt.NDArray[np.int32]
    looks: Marks
    beyond: int = 0
    _cells: dict[int, tuple[Codes, Numbers]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def nbytes(self) -> int:
        """Memory held."""
        kept = sum(cells.nbytes + sums.nbytes for cells, sums in self._cells.values())
        return self.codes.nbytes + self.rows.nbytes + self.looks.nbytes + kept

    @cached_property
    def deepest_grouped(self) -> int:
        """The deepest zoom at which somewhere too many points share a tile; -1 where none is."""
        if len(self.codes) <= MOST_POINTS:
            return -1
        unlike = int((self.codes[:-MOST_POINTS] ^ self.codes[MOST_POINTS:]).min())
        return min((64 - unlike.bit_length()) // 2, LARGEST_ZOOM)

    def grouped(self, zoom: int) -> bool:
        """Whether a zoom shows groups, not single points."""
        return zoom <= self.deepest_grouped

    def cells(self, zoom: int) -> tuple[Codes, Numbers]:
        """The groups of a zoom: Morton codes at 64 cells a tile, ascending, and how many points each holds."""
        from dashboard import tile_kernels as kernels

        if zoom not in self._cells:
            if zoom < LARGEST_ZOOM and self.grouped(zoom + 1):
                finer, counts, shift = *self.cells(zoom + 1), 2
            else:
                finer, counts = self.codes, np.ones(len(self.codes), np.int64)
                shift = 2 * (32 - zoom - CELL_BITS)
            cells, sums = np.empty_like(finer), np.empty(len(finer), np.int64)
            found = kernels.runs(finer, counts, np.uint64(shift), cells, sums)
            self._cells[zoom] = cells[:found].copy(), sums[:found].copy()
        return self._cells[zoom]

    def tile(self, zoom: int, x: int, y: int) -> bytes:
        """A vector tile (MVT 2.1): layer ``points`` (tag ``m``, which look) or ``cells`` (tag ``n``).

        Empty bytes where nothing lies.

        Raises
        ------
        WrongParameter
            When there is no such tile.
        """
        from dashboard import tile_kernels as kernels

        check_tile(zoom, x, y)
        own = int(kernels.spread(x) | (kernels.spread(y) << np.uint64(1)))
        if self.grouped(zoom):
            codes, counts = self.cells(zoom)
            run = _run(codes, own, 2 * CELL_BITS)
            half = 1 << (EXTENT_BITS - CELL_BITS - 1)
            column, row = ((v << (EXTENT_BITS - CELL_BITS)) + half for v in _within(codes[run], CELL_BITS))
            return _layer("cells", "n", column, row, np.arange(len(column)), counts[run])
        run = _run(self.codes, own, 2 * (32 - zoom))
        column, row = _within(self.codes[run] >> np.uint64(2 * (32 - zoom - EXTENT_BITS)), EXTENT_BITS)
        return _layer("points", "m", column, row, self.rows[run], self.looks[run])


def check_tile(zoom: int, x: int, y: int) -> None:
    """Refuse a tile that there is not.

    Raises
    ------
    WrongParameter
        When the zoom is beyond `LARGEST_ZOOM` or the tile outside the world.
    """
    if not 0 <= zoom <= LARGEST_ZOOM or not (0 <= x < 1 << zoom and 0 <= y < 1 << zoom):
        raise WrongParameter(
            "map tile", f"{zoom}/{x}/{y}", f"zoom 0 to {LARGEST_ZOOM}, column and row within the world", "Move the map."
        )


def index_of(lon: npt.ArrayLike, lat: npt.ArrayLike) -> dict[str, npt.NDArray[Any]]:
    """Places in degrees along the curve: ``codes``, ``rows`` (positions among those handed in), ``beyond``.

    Places that are missing are left out; those beyond 85.05 degrees are counted in ``beyond``.
    """
    from dashboard import tile_kernels as kernels

    east, north = np.asarray(lon, float), np.asarray(lat, float)
    beyond = np.abs(north) > WIDEST_LATITUDE
    rows = np.flatnonzero(np.isfinite(east) & np.isfinite(north) & ~beyond).astype(np.int32)
    codes = np.empty(len(rows), np.uint64)
    kernels.codes_of(east[rows], north[rows], codes)
    order = np.argsort(codes, kind="stable")
    return {"codes": codes[order], "rows": rows[order], "beyond": np.array([beyond.sum()])}


def tile_set(index: Mapping[str, npt.NDArray[Any]], looks: Marks, keep: npt.NDArray[np.bool_] | None = None) -> TileSet:
    """The tiles of an index; `keep` and `looks` are by the positions that its ``rows`` name."""
    codes, rows = index["codes"], index["rows"]
    if keep is not None:
        kept = keep[rows]
        codes, rows = codes[kept], rows[kept]
    return TileSet(codes, rows, looks[rows], int(index["beyond"][0]))


def _run(codes: Codes, own: int, bits: int) -> slice:
    """Which of the ascending codes lie in a tile; `bits` are those below the tile's own."""
    low, high = own << bits, ((own + 1) << bits) - 1
    ends = np.array([low, high], np.uint64)
    return slice(int(np.searchsorted(codes, ends[0], "left")), int(np.searchsorted(codes, ends[1], "right")))


def _within(codes: Codes, bits: int) -> tuple[Numbers, Numbers]:
    """Column and row within the tile."""
    from dashboard import tile_kernels as kernels

    mask = np.uint64((1 << bits) - 1)
    columns, rows = np.empty(len(codes), np.int64), np.empty(len(codes), np.int64)
    kernels.places_of(codes, mask, columns, rows)
    return columns, rows


def _layer(name: str, key: str, x: Numbers, y: Numbers, ids: npt.NDArray[Any], figures: npt.NDArray[Any]) -> bytes:
    from dashboard import tile_kernels as kernels

    if not len(x):
        return b""
    values, position = np.unique(figures, return_inverse=True)
    buffer = np.empty(48 * len(x), np.uint8)
    size = kernels.features(buffer, x, y, np.asarray(ids, np.int64), np.asarray(position, np.int64))
    spoken = b"".join(_field(4, b"\x28" + _varint(int(value))) for value in values)
    body = b"".join(
        [b"\x78\x02", _field(1, name.encode()), buffer[:size].tobytes(), _field(3, key.encode()), spoken,
         b"\x28" + _varint(1 << EXTENT_BITS)]
    )  # fmt: skip
    return _field(3, body)


def _field(number: int, body: bytes) -> bytes:
    return bytes([number << 3 | 2]) + _varint(len(body)) + body


def _varint(value: int) -> bytes:
    out = bytearray()
    while value >= 128:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])
