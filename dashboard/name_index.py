"""Names and identifiers of one layer version, folded once so that a search is quick.

Names are kept once each, however many records bear them. A layer with more than
`MOST_NAMES` of them is searched by identifier only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz import fuzz, process

from layers.kind import Kind, normalise
from layers.rounds import has_rounds, latest_rounds
from layers.schema import ROW

MOST_NAMES = 50_000
LEAST_LIKE = 78.0
"""Of 100 (`rapidfuzz.fuzz.ratio`): below it two names are not held for spellings of one."""
SHORTEST_FUZZY = 4
MOST_EACH = 4
"""Records of one name in one layer that are told one by one; more are told as one answer."""
EXACT, PREFIX, WORD, WITHIN, ALIKE = range(5)
_FAR_DAY = date(2200, 12, 31)
_UNSPOKEN = r"[^\p{L}\p{N}]+"


@dataclass(frozen=True)
class Hit:
    """A name or identifier that fits.

    Attributes
    ----------
    rank : int
        `EXACT`, `PREFIX`, `WORD` (a later word begins so), `WITHIN`, `ALIKE` (spelled alike).
    likeness : float
        0 to 100, of those that are alike.
    rows : tuple of int
        The records of that name, the most important first.
    weight : float
        Figure of the most important, e.g. people.
    """

    rank: int
    rows: tuple[int, ...]
    weight: float
    likeness: float = 100.0


@dataclass(frozen=True)
class NameIndex:
    """What of a layer can be found by text.

    Attributes
    ----------
    names : tuple of str
        Folded, each once.
    rows : array of int32
        Records in the order of `names`; those of name ``i`` are ``rows[starts[i]:starts[i + 1]]``.
    weights : array of float64, shape (names,)
        The largest figure among the records of each name; 0 where it has none.
    ids : pyarrow array of large_string
        Folded identifier of each row of the layer.
    too_many : bool
        More names than are kept: `names` is empty.
    """

    names: tuple[str, ...]
    starts: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int32]
    weights: npt.NDArray[np.float64]
    ids: pa.Array
    too_many: bool = False

    @property
    def nbytes(self) -> int:
        """About how much memory it holds."""
        text = sum(len(name) for name in self.names)
        held = (self.starts, self.rows, self.weights, self.ids, self.ids)  # identifiers twice: see `bare_ids`
        return sum(part.nbytes for part in held) + 120 * len(self.names) + 2 * text

    @cached_property
    def squeezed(self) -> list[str]:
        """The names without spaces: an apostrophe or hyphen parts words for some and not for others."""
        return [name.replace(" ", "") for name in self.names]

    @cached_property
    def bare_ids(self) -> pa.Array:
        """The identifiers without leading zeros: "act 17" means ACT-017."""
        return without_zeros(self.ids)

    def hits(self, text: str, most: int) -> list[Hit]:
        """Names and identifiers that hold a text, not those that are only alike."""
        wanted = normalise(text)
        squeezed = wanted.replace(" ", "")
        if not squeezed:
            return []
        found = [*self._by_id(text, most), *self._by_name(wanted, squeezed)]
        return sorted(found, key=lambda hit: (hit.rank, -hit.weight))[:most]

    def alike(self, text: str, most: int) -> list[Hit]:
        """Names that are spelled much like a text."""
        wanted = normalise(text)
        if len(wanted) < SHORTEST_FUZZY:
            return []
        near = process.extract(wanted, self.names, scorer=fuzz.ratio, score_cutoff=LEAST_LIKE, limit=most)
        return [self._hit(ALIKE, position, score) for _, score, position in near]

    def _by_id(self, text: str, most: int) -> Iterator[Hit]:
        wanted = folded_ids(pa.array([text]))[0].as_py()
        if not wanted:
            return
        bare = without_zeros(pa.array([wanted]))[0].as_py()
        same = np.flatnonzero(pc.equal(self.bare_ids, bare).to_numpy(zero_copy_only=False))
        begins = np.flatnonzero(pc.starts_with(self.ids, wanted).to_numpy(zero_copy_only=False))
        yield from (Hit(EXACT, (row,), 0.0) for row in same[:most].tolist())
        yield from (Hit(PREFIX, (row,), 0.0) for row in np.setdiff1d(begins, same)[:most].tolist())

    def _by_name(self, wanted: str, squeezed: str) -> Iterator[Hit]:
        for position, name in enumerate(self.squeezed):
            if squeezed not in name:
                continue
            if name == squeezed:
                rank = EXACT
            elif name.startswith(squeezed):
                rank = PREFIX
            else:
                rank = WORD if f" {wanted}" in self.names[position] else WITHIN
            yield self._hit(rank, position)

    def _hit(self, rank: int, position: int, likeness: float = 100.0) -> Hit:
        rows = self.rows[self.starts[position] : self.starts[position + 1]]
        return Hit(rank, tuple(rows.tolist()), float(self.weights[position]), likeness)


def columns_read(kind: Kind) -> tuple[str, ...]:
    """The columns that an index is made of."""
    rounds = {kind.entity, "reporting_round", ROW, kind.starts, "time_precision"} if has_rounds(kind) else set()
    wanted = {"id", *_named_by(kind), kind.style.size_by, *rounds}
    return tuple(name for name in (*kind.names, ROW) if name in wanted)


def name_index(frame: pd.DataFrame, kind: Kind) -> NameIndex:
    """The index of a layer; of a thing with several rounds the latest row alone is found by name."""
    rows = latest_rounds(frame, kind, _FAR_DAY).index.to_numpy() if has_rounds(kind) else np.arange(len(frame))
    chosen = frame.loc[rows]
    weight = np.zeros(len(rows))
    if kind.style.size_by:
        weight = chosen[kind.style.size_by].astype("Float64").fillna(0).to_numpy(dtype=float)
    texts = [chosen[name].to_numpy(object) for name in _named_by(kind)]
    ids = folded_ids(pa.array(frame["id"].astype("str"), type=pa.large_string()))
    codes, uniques = pd.factorize(np.concatenate(texts) if texts else np.array([], object))
    if len(uniques) > MOST_NAMES:
        nothing = np.zeros(0)
        return NameIndex((), np.zeros(1, np.int64), nothing.astype(np.int32), nothing, ids, too_many=True)
    folds, names = pd.factorize(np.array([normalise(str(text)) for text in uniques], dtype=object))
    code, row, weight = (
        folds[codes[codes >= 0]] if len(folds) else codes[codes >= 0],
        np.tile(rows, len(texts))[codes >= 0],
        np.tile(weight, len(texts))[codes >= 0],
    )
    order = np.lexsort((-weight, code))
    code, row, weight = code[order], row[order], weight[order]
    twice = np.zeros(len(code), bool)
    twice[1:] = (code[1:] == code[:-1]) & (row[1:] == row[:-1])  # one record by two spellings of a name
    code, row, weight = code[~twice], row[~twice], weight[~twice]
    starts = np.searchsorted(code, np.arange(len(names) + 1))
    return NameIndex(tuple(map(str, names)), starts, row.astype(np.int32), weight[starts[:-1]], ids)


def _named_by(kind: Kind) -> list[str]:
    """The columns that a thing is called by."""
    wanted = [kind.title, "name", "name_local", *([kind.entity] if has_rounds(kind) else [])]
    return [name for name in dict.fromkeys(wanted) if name in kind.names]


def folded_ids(ids: pa.Array) -> pa.Array:
    """Identifiers in capitals, letters and digits alone: "act 017" and "ACT-017" are one."""
    return pc.replace_substring_regex(pc.utf8_upper(ids.cast(pa.large_string())), _UNSPOKEN, "")


def without_zeros(ids: pa.Array) -> pa.Array:
    """Folded identifiers without zeros that lead a number."""
    return pc.replace_substring_regex(ids.cast(pa.large_string()), r"(^|\D)0+(\d)", r"\1\2")
