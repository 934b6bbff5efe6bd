"""Ratings in the catalogue: added, read, held against the audit; never changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from layers.errors import StoreError
from layers.rating import Rating
from store.audit import Audit, AuditRow, unlike_histories
from store.catalogue import Catalogue, info_of, row_of
from store.records import Damage, LayerInfo
from store.tables import RATINGS

RATED_KIND = "projects"
CLASSES = range(1, 6)


@dataclass(frozen=True)
class Ratings:
    """The officers' ratings in a catalogue, each with its audit row.

    Attributes
    ----------
    ids : callable
        Gives the ids of the records in an object of the store.
    """

    catalogue: Catalogue
    audit: Audit
    ids: Callable[[str], Iterable[str]]

    def keep(self, rating: Rating) -> Rating:
        """Keep one in place of the one before; see `Access.rate`."""
        with self.catalogue.writing() as connection:
            row = row_of(connection, rating.layer)
            info = info_of(row)
            check_rating(info, rating, self.ids(row["object"]))
            add_rating(connection, rating)
            self.audit.add(
                connection,
                "rate",
                by=rating.by,
                layer=info.layer,
                version=info.version,
                content_hash=info.content_hash,
                note=f"{rating.record}: {rating.reason}",
                statements=said_of(rating),
            )
        return rating

    def of(self, layer: str) -> list[Rating]:
        """All of one layer, oldest first; see `Access.ratings`."""
        with self.catalogue.reading() as connection:
            row_of(connection, layer)
            return ratings_of(connection, layer)


def check_rating(info: LayerInfo, rating: Rating, ids: Iterable[str]) -> None:
    """Refuse a rating that could not be kept to.

    Raises
    ------
    StoreError
        Without a reason or with no class from 1 to 5; of a layer that holds no activities,
        or whose ids are row numbers; of a record that is not there.
    """
    where = f'rating of "{rating.record}" in layer "{info.layer}"'
    if info.kind != RATED_KIND:
        raise StoreError(where, f"a layer of kind {info.kind}", f"kind {RATED_KIND}", "Choose a layer of activities.")
    if not info.id_stable:
        raise StoreError(where, "ids that are only row numbers", "identifiers of the records themselves",
                         "Give the activities identifiers and publish the layer again.")  # fmt: skip
    if not rating.reason.strip():
        raise StoreError(where, "no reason", "the reason in words", "Say why.")
    for name, level in (("likelihood", rating.likelihood), ("impact", rating.impact)):
        if level is not None and level not in CLASSES:
            raise StoreError(f"{where}, {name}", f'"{level}"', "a class from 1 (lowest) to 5", f"Correct {name}.")
    if rating.record not in set(ids):
        raise StoreError(where, "no such record in the current version", "the id of an activity", "Correct the id.")


def add_rating(connection: Connection, rating: Rating) -> None:
    """Add one; call inside the writing transaction."""
    number = (connection.scalar(select(func.max(RATINGS.c.number))) or 0) + 1
    connection.execute(insert(RATINGS).values(number=number, **asdict(rating) | {"at": rating.at.isoformat()}))


def ratings_of(connection: Connection, layer: str | None = None) -> list[Rating]:
    """All ratings (of one layer), oldest first."""
    query = select(RATINGS).order_by(RATINGS.c.number)
    rows = connection.execute(query if layer is None else query.where(RATINGS.c.layer == layer)).mappings()
    names = ("layer", "record", "likelihood", "impact", "reason", "by")
    return [Rating(**{name: row[name] for name in names}, at=datetime.fromisoformat(row["at"])) for row in rows]


def said_of(rating: Rating) -> dict[str, Any]:
    """What the audit keeps of a rating, as JSON values."""
    return asdict(rating) | {"at": rating.at.isoformat()}


def unlike_audited(rows: Iterable[AuditRow], ratings: Iterable[Rating]) -> list[Damage]:
    """Layers whose ratings are not those that the audit tells of."""
    return unlike_histories(rows, "rate", ((rating.layer, said_of(rating)) for rating in ratings), "ratings")
