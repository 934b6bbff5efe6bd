"""The only door to what is kept in OVERLAY_HOME.

OVERLAY_HOME/catalogue.sqlite    layers, versions, ratings, notes, audit
OVERLAY_HOME/objects/            immutable GeoParquet, one file per content
OVERLAY_HOME/derived/            what was worked out of them and can be made again
OVERLAY_HOME/drafts/             files that were inspected and not yet published
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import geopandas as gpd

from layers.dataset import Dataset, Derived, made_anew
from layers.errors import AccessDenied, StoreError
from layers.kinds import KINDS, kind_of
from layers.marking import Marking
from layers.rating import Rating
from layers.schema import conform
from layers.settings import home as default_home
from store.audit import Audit, AuditRow, audit_rows
from store.catalogue import (
    Catalogue,
    add_version,
    info_of,
    objects_in_use,
    remember_shape,
    remove_layer,
    row_of,
    rows_of,
    shape_like,
)
from store.derived import DerivedFolder
from store.difference import difference, laid_over
from store.notes import Notes
from store.objects import Box, ObjectFolder, cannot_write, hash_of, read_written
from store.parts import Part
from store.ratings import Ratings
from store.records import Damage, Difference, LayerInfo, Principal, Publication, Shape, Variant, Written
from store.rules import check_merge, check_name, expect_current, says_the_same, split_ref
from store.styles import Styles
from store.variants import Variants
from store.verify import damages

KIND_ORDER = {kind.id: place for place, kind in enumerate(KINDS)}


def _now() -> datetime:
    return datetime.now(UTC)


def open(home: Path | None = None, *, as_: Principal, clock: Callable[[], datetime] = _now) -> Access:
    """Open the store of a home folder, which is made when it is not there.

    Parameters
    ----------
    home : Path, optional
        Default `layers.settings.home()`.
    as_ : Principal
        Who asks. Until there are accounts, only the operator may.
    clock : callable
        Gives the present moment in UTC.

    Raises
    ------
    AccessDenied
        When the principal may not use the store.
    StoreError
        When the folder cannot be used.
    """
    if "operator" not in as_.roles:
        raise AccessDenied(
            "store", f'"{as_.name}" without a role', "the operator of this machine", "Ask the operator to do it."
        )
    folder = (home or default_home()).resolve()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(folder, error) from error
    return Access(folder, as_, clock)


def _rows_of(publication: Publication) -> gpd.GeoDataFrame:
    """The canonical rows of a publication, from the disk where they lie there."""
    frame = publication.frame
    return read_written(frame, publication.kind) if isinstance(frame, Written) else conform(frame, publication.kind)


class Access:
    """Layers and their versions, as one principal may see and change them.

    Attributes
    ----------
    notes : Notes
        What people wrote on the map.
    styles : Styles
        How layers are drawn for all.
    """

    def __init__(self, home: Path, principal: Principal, clock: Callable[[], datetime] = _now) -> None:
        self.home = home
        self.principal = principal
        self._clock = clock
        self._objects = ObjectFolder(home / "objects")
        self._derived = DerivedFolder(home / "derived", lambda name: self._objects.path(name).exists())
        self._catalogue = Catalogue(home / "catalogue.sqlite")
        self._audit = Audit(principal, clock)
        self._ratings = Ratings(self._catalogue, self._audit, self._ids)
        self._variants = Variants(self._catalogue, self._audit)
        self.notes = Notes(self._catalogue, self._audit, self._ids)
        self.styles = Styles(self._catalogue, self._audit)
        self._rehearses = False
        self._objects.sweep(self._objects_in_use)
        self._derived.sweep()

    def layers(self, *, exercise: bool | None = None) -> list[LayerInfo]:
        """Current versions, in the order of the kinds and then by name."""
        with self._catalogue.reading() as connection:
            current = {row["layer"]: info_of(row) for row in rows_of(connection)}
        chosen = [info for info in current.values() if exercise is None or info.exercise == exercise]
        return sorted(chosen, key=lambda info: (KIND_ORDER.get(info.kind, len(KIND_ORDER)), info.layer))

    def versions(self, layer: str) -> list[LayerInfo]:
        """All versions of a layer, oldest first. Raises UnknownLayer."""
        with self._catalogue.reading() as connection:
            row_of(connection, layer)
            return [info_of(row) for row in rows_of(connection, layer)]

    def info(self, ref: str) -> LayerInfo:
        """One version, by ``LAYER`` (the current one) or ``LAYER@N``. Raises UnknownLayer."""
        with self._catalogue.reading() as connection:
            return info_of(row_of(connection, *split_ref(ref)))

    def box(self, ref: str) -> Box | None:
        """West, south, east, north of one version in degrees, without reading its rows; None where nothing has a place.

        Raises
        ------
        UnknownLayer
            When there is no such layer or version.
        """
        with self._catalogue.reading() as connection:
            return self._objects.box(row_of(connection, *split_ref(ref))["object"])

    def parts(self, ref: str) -> list[Part]:
        """The row groups of one version, for processes of the operator's own that read them by themselves.

        Noted in the audit as `load` is.

        Raises
        ------
        UnknownLayer
            When there is no such layer or version.
        StoreError
            When its object is missing or torn.
        """
        with self._catalogue.reading() as connection:
            row = row_of(connection, *split_ref(ref))
        found = self._objects.parts(row["object"])
        self._note_reading(info_of(row))
        return found

    def load(self, ref: str, columns: Sequence[str] | None = None) -> Dataset:
        """The rows of one version. Reading a real layer above UNCLASSIFIED is audited.

        Parameters
        ----------
        columns : sequence of str, optional
            Canonical columns, where a few will do: the frame then holds these and no place.

        Raises
        ------
        UnknownLayer
            When there is no such layer or version.
        StoreError
            When its object is missing or torn.
        """
        info, frame = self._read(ref) if columns is None else self._read_columns(ref, columns)
        derived = made_anew if columns is not None else self._derived_of(ref)
        self._note_reading(info)
        return Dataset(
            kind=kind_of(info.kind),
            frame=frame,
            layer=info.layer,
            version=info.version,
            content_hash=info.content_hash,
            source=info.source,
            as_of=info.as_of,
            received_at=info.received_at,
            marking=info.marking,
            exercise=info.exercise,
            id_stable=info.id_stable,
            sharing=info.sharing,
            derived=derived,
        )

    def publish(self, publication: Publication, *, base: int | None, merge: bool = False) -> LayerInfo:
        """Make a new version, if the current one is still `base`.

        Rows and statements equal to those of the current version make no new one: the
        current version comes back (``info.version == base``) and nothing is written.
        Equal rows with another source, as-of, higher marking or sharing terms do make one.
        The marking is never lower than that of the current version.

        Parameters
        ----------
        base : int or None
            The version that the publisher saw; None when the layer is new.
        merge : bool
            Lay the rows over the current version by id, instead of replacing it.

        Raises
        ------
        StaleVersion
            When somebody published in between.
        StoreError
            When the layer may not be published like this, or the disk refuses.
        """
        kind = publication.kind
        check_name(publication.layer)
        current = self._expect(publication, base)
        frame = publication.frame if isinstance(publication.frame, Written) else conform(publication.frame, kind)
        if merge and current is not None:
            check_merge(publication, current)
            frame = laid_over(self._read(current.ref)[1], _rows_of(publication), kind)
        if isinstance(frame, Written):
            content, rows = frame.content_hash, frame.rows
        else:
            content, rows = hash_of(frame, kind, publication.layer), len(frame)
        info = LayerInfo(
            layer=publication.layer,
            kind=kind.id,
            version=(base or 0) + 1,
            content_hash=content,
            rows=rows,
            as_of=publication.as_of,
            received_at=self._clock(),
            source=publication.source,
            marking=publication.marking if current is None else max(publication.marking, current.marking),
            exercise=publication.exercise,
            id_stable=publication.id_stable,
            sharing=publication.sharing,
            by=publication.by or self.principal.name,
            note=publication.note,
        )
        if current is not None and says_the_same(info, current) and self._is_whole(current):
            return current
        if self._rehearses:
            return info
        with self._objects.writing():
            name = self._objects.put(frame)
            with self._catalogue.writing() as connection:
                expect_current(connection, publication, base)
                add_version(connection, info, name)
                self._audit.add_of(connection, "merge" if merge else "publish", info, by=info.by)
                if publication.shape is not None:
                    remember_shape(connection, publication.shape, info.received_at)
            self._objects.keep(name)
        return info

    def rehearsing(self) -> Access:
        """The same store, where `publish` checks and refuses as ever and keeps nothing."""
        access = copy(self)
        access._rehearses = True
        return access

    def roll_back(self, layer: str, version: int, *, by: str, note: str) -> LayerInfo:
        """Make an old version the current one, under a new number.

        It keeps the old rows, hash and as-of, and is never marked lower than the version
        it replaces.

        Raises
        ------
        UnknownLayer
            When there is no such layer or version.
        StoreError
            When it is the current version, or its object is damaged.
        """
        with self._objects.writing(), self._catalogue.writing() as connection:
            row = row_of(connection, layer, version)
            old, current = info_of(row), info_of(row_of(connection, layer))
            if version == current.version:
                raise StoreError(f'layer "{layer}"', f"version {version}, the current one", "an older version",
                                 "Choose an older version.")  # fmt: skip
            if not self._objects.is_whole(row["object"]):
                raise StoreError(old.ref, "a stored file that is missing or damaged", "whole rows",
                                 "Restore the file from a backup, or choose another version.")  # fmt: skip
            info = replace(
                old,
                version=current.version + 1,
                received_at=self._clock(),
                marking=max(old.marking, current.marking),
                by=by or self.principal.name,
                note=note or f"rolled back to version {version}",
            )
            add_version(connection, info, row["object"])
            self._audit.add_of(connection, "roll_back", info, by=info.by)
        return info

    def difference(self, old_ref: str, new_ref: str) -> Difference:
        """Ids added, changed and withdrawn from one version to another of the same kind.

        Where ids are only row numbers, rows are told apart by content and none is "changed".

        Raises
        ------
        UnknownLayer
            When there is no such layer or version.
        StoreError
            When the two are of different kinds.
        """
        (old, old_frame), (new, new_frame) = self._read(old_ref), self._read(new_ref)
        if old.kind != new.kind:
            raise StoreError(f"{old.ref} and {new.ref}", f"{old.kind} and {new.kind}", "two layers of one kind",
                             "Compare versions of one layer.")  # fmt: skip
        return difference(old_frame, new_frame, kind_of(old.kind), by_id=old.id_stable and new.id_stable)

    def compare(self, ref: str, publication: Publication, *, merge: bool = False) -> Difference:
        """What publishing (or merging) would add, change and withdraw, against a stored version of its kind.

        Raises
        ------
        UnknownLayer
            When there is no such layer or version.
        """
        info, frame = self._read(ref)
        if info.kind != publication.kind.id:
            raise StoreError(
                f'layer "{info.layer}"',
                f"rows of kind {publication.kind.id}",
                f"kind {info.kind}, as before",
                "Give the layer another name, or choose the kind it has.",
            )
        by_id = info.id_stable and publication.id_stable
        after = _rows_of(publication)
        if merge and by_id:
            after = laid_over(frame, after, publication.kind)
        return difference(frame, after, publication.kind, by_id=by_id)

    def shape_like(self, shape: str, *, reading: str, stem: str, exercise: bool) -> Shape | None:
        """How a file with these headers was last understood; None when none was published."""
        with self._catalogue.reading() as connection:
            return shape_like(connection, shape, reading, stem, exercise=exercise)

    def rate(
        self,
        layer: str,
        record: str,
        *,
        likelihood: int | None = None,
        impact: int | None = None,
        reason: str,
        by: str = "",
    ) -> Rating:
        """Keep an officer's rating of an activity, with its audit row, in place of the one before.

        Parameters
        ----------
        likelihood, impact : int, optional
            Class 1 to 5. Neither: the rating before is withdrawn.

        Raises
        ------
        UnknownLayer
            When there is no such layer.
        StoreError
            When the rating is refused: see `store.ratings.check_rating`.
        """
        name = by or self.principal.name
        return self._ratings.keep(Rating(layer, record, likelihood, impact, reason.strip(), name, self._clock()))

    def ratings(self, layer: str) -> list[Rating]:
        """Every rating of a layer's records, oldest first; `layers.rating.in_force` gives those that hold.

        Raises
        ------
        UnknownLayer
            When there is no such layer.
        """
        return self._ratings.of(layer)

    def variants(self, *, exercise: bool | None = None) -> list[Variant]:
        """The variants kept, by name. Each real one above UNCLASSIFIED is audited as read."""
        return self._variants.all(exercise=exercise)

    def variant(self, name: str, *, exercise: bool | None = None) -> Variant:
        """A variant of layers of one world (None: of either). A real one above UNCLASSIFIED is audited as read.

        Raises
        ------
        StoreError
            When there is none of that name, or it was made for the other world.
        """
        return self._variants.named(name, exercise=exercise)

    def keep_variant(
        self, name: str, edits: str, *, exercise: bool, marking: Marking, by: str = "", note: str = ""
    ) -> Variant:
        """Keep edits under a name that is not taken; no layer is touched.

        Parameters
        ----------
        marking : Marking
            The highest of the layers that they were made for: that of the answer.

        Raises
        ------
        StoreError
            When the name is taken, or could not be written on the command line.
        """
        variant = Variant(name, exercise, edits, marking, by or self.principal.name, self._clock(), note)
        return self._variants.keep(variant)

    def remove_variant(self, name: str, *, by: str = "") -> Variant:
        """Take a variant away; the audit keeps what it was. Raises StoreError when there is none."""
        return self._variants.remove(name, by=by)

    def remove_exercise(self, *, by: str) -> list[str]:
        """Take away all exercise layers, variants and notes; the audit keeps that they were there.

        Returns
        -------
        list of str
            Names of the layers removed.
        """
        with self._objects.deleting():
            with self._catalogue.writing() as connection:
                rows = [row for row in rows_of(connection) if row["exercise"]]
                gone = {row["layer"]: info_of(row) for row in rows}
                for layer, info in gone.items():
                    self._audit.add_of(connection, "remove_exercise", info, by=by)
                    remove_layer(connection, layer)
                self._variants.remove_exercise(connection, by=by)
                self.notes.remove_exercise(connection, by=by)
                left = objects_in_use(connection)
            for name in {row["object"] for row in rows} - left:
                self._objects.delete(name)
                self._derived.delete(name)
        return list(gone)

    def verify(self) -> list[Damage]:
        """Re-hash every stored version, hold what is said of it, ratings, variants and notes against
        the audit, and walk the audit chain; what differs comes back.
        """
        return damages(self._catalogue, self._objects)

    def audit(self) -> list[AuditRow]:
        """Who did what, oldest first."""
        with self._catalogue.reading() as connection:
            return audit_rows(connection)

    def drafts(self) -> Path:
        """The folder for files inspected and not yet published."""
        folder = self.home / "drafts"
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise cannot_write(folder, error) from error
        return folder

    def _ids(self, name: str) -> Iterable[str]:
        """Identifiers of the records in an object."""
        return self._objects.columns(name, ("id",))["id"]

    def _note_reading(self, info: LayerInfo) -> None:
        if info.marking > Marking.UNCLASSIFIED and not info.exercise:
            with self._catalogue.writing() as connection:
                self._audit.add_of(connection, "read", info)

    def _read(self, ref: str) -> tuple[LayerInfo, gpd.GeoDataFrame]:
        with self._catalogue.reading() as connection:
            row = row_of(connection, *split_ref(ref))
        info = info_of(row)
        return info, conform(self._objects.get(row["object"]), kind_of(info.kind))

    def _read_columns(self, ref: str, columns: Sequence[str]) -> tuple[LayerInfo, gpd.GeoDataFrame]:
        with self._catalogue.reading() as connection:
            row = row_of(connection, *split_ref(ref))
        info = info_of(row)
        kind = kind_of(info.kind)
        these = replace(kind, fields=tuple(f for f in kind.fields if f.name in columns))
        return info, conform(self._objects.columns(row["object"], columns), these)

    def _derived_of(self, ref: str) -> Derived:
        """Where what follows from the rows of a version is kept."""
        with self._catalogue.reading() as connection:
            return partial(self._derived.get, row_of(connection, *split_ref(ref))["object"])

    def _expect(self, publication: Publication, base: int | None) -> LayerInfo | None:
        with self._catalogue.reading() as connection:
            expect_current(connection, publication, base)
            return None if base is None else info_of(row_of(connection, publication.layer))

    def _objects_in_use(self) -> set[str]:
        with self._catalogue.reading() as connection:
            return objects_in_use(connection)

    def _is_whole(self, info: LayerInfo) -> bool:
        with self._catalogue.reading() as connection:
            return bool(self._objects.is_whole(row_of(connection, info.layer, info.version)["object"]))
