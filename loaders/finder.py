"""Codes and names to stored areas and towns, and an account of those that were not found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import shapely

from loaders.account import Account
from loaders.reference import LEVELS, Area, Reference, country_of, may_be_of

MOST_LISTED = 20


class Finder:
    """Finds areas and towns in a reference, and remembers what it did not find.

    Parameters
    ----------
    countries : frozenset of str
        Of which the file speaks, as far as it says: names are looked for in these alone.
    """

    def __init__(self, reference: Reference, countries: frozenset[str] = frozenset()) -> None:
        self.reference, self.countries = reference, countries
        self._missed: Counter[tuple[str, int | None, bool]] = Counter()
        self._several: dict[str, str] = {}

    def area(self, codes: Sequence[object], names: Sequence[object], count: int) -> Area | None:
        """The deepest area that codes and names of levels 1 to 3 lead to, each name within the area above it.

        Parameters
        ----------
        count : int
            Records that say so.
        """
        found: Area | None = None
        for level, code, name in zip(LEVELS, codes, names, strict=True):
            area = self.reference.listed.get(code) if isinstance(code, str) else None
            if area is None and isinstance(name, str):
                area = self._one(self._named(name, level, found), name, level, count)
            elif area is None and isinstance(code, str):
                self._miss(code, level, count)
            found = area or found
        return found

    def end(self, codes: Sequence[object], names: Sequence[object], count: int) -> shapely.Point | None:
        """Where a flow or a road begins or ends: at an area of this code, or an area or town of this name."""
        for code in codes:
            if isinstance(code, str) and code in self.reference.listed:
                return self.reference.point_of(self.reference.listed[code])
        stated = [n for n in names if isinstance(n, str)]
        for name in stated:
            areas = self._named(name)
            # An area and its capital bear one name: the greater is meant.
            greatest = [a for a in areas if a.level == min(b.level for b in areas)]
            if greatest and (area := self._one(greatest, name, None, count)) is not None:
                return self.reference.point_of(area)
            if not areas and (town := self.reference.town(name)) is not None:
                return town.point
        missed = next((c for c in (*stated, *codes) if isinstance(c, str)), None)
        if missed is not None and missed not in self._several:
            self._miss(missed, None, count)
        return None

    def town(self, name: str, count: int, *, expected: bool) -> shapely.Point | None:
        """The point of the one settlement of this name.

        Parameters
        ----------
        expected : bool
            Whether a name that is not found is worth saying.
        """
        town = self.reference.town(name)
        if town is None and expected:
            self._missed[name, None, True] += count
        return town.point if town else None

    def note(self, account: Account) -> None:
        """Say what was not found, each with the nearest spelling."""
        if not self._missed:
            return
        most = self._missed.most_common(MOST_LISTED)
        more = f" and {len(self._missed) - MOST_LISTED} more" if len(self._missed) > MOST_LISTED else ""
        account.note(
            "unmatched_places",
            f"{len(self._missed)} codes or names in {sum(self._missed.values())} records are not those of one loaded"
            f" area or settlement: {'; '.join(self._said(*key) for key, _ in most)}{more}.",
            severity="warning",
            field="geometry",
            found="; ".join(text for (text, *_), _ in most)[:400],
            remedy="Correct the spelling, or add the P-code.",
        )

    def _named(self, name: str, level: int | None = None, within: Area | None = None) -> list[Area]:
        return [a for a in self.reference.named(name, level, within) if may_be_of(self.countries, a.countries)]

    def _one(self, areas: Iterable[Area], name: str, level: int | None, count: int) -> Area | None:
        """The only one of these areas; otherwise it is noted."""
        areas = list(areas)
        if len(areas) == 1:
            return areas[0]
        if areas:
            self._several[name] = ", ".join(sorted(a.code or a.name for a in areas)[:4])
        self._miss(name, level, count)
        return None

    def _miss(self, text: str, level: int | None, count: int) -> None:
        self._missed[text, level, False] += count

    def _said(self, text: str, level: int | None, town: bool) -> str:
        if text in self._several:
            return f'"{text}" (several: {self._several[text]})'
        own = country_of(text)
        within = frozenset({own}) if own else self.countries
        near = self.reference.nearest_spelling(text, level, towns=town, countries=within)
        if not near and level is None:
            near = self.reference.nearest_spelling(text, towns=not town, countries=within)
        return f'"{text}" (nearest: {near})' if near else f'"{text}"'
