"""What the store refuses, and what it takes for the same."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from layers.errors import StaleVersion, StoreError, UnknownLayer
from store.catalogue import current_version, layer_row
from store.records import LayerInfo, Publication

NAME_LENGTH = 200
VERSION_DIGITS = 18  # more do not fit a whole number of the catalogue


def split_ref(ref: str) -> tuple[str, int | None]:
    """Name and version of ``LAYER`` or ``LAYER@N``.

    Raises
    ------
    UnknownLayer
        When what follows the @ is no whole number, or one that no version can have.
    """
    layer, at, version = ref.rpartition("@")
    if not at:
        return ref, None
    if not (version.isascii() and version.isdigit() and len(version) <= VERSION_DIGITS):
        shown = version if len(version) <= VERSION_DIGITS else f"{version[:VERSION_DIGITS]}..."
        raise UnknownLayer(
            f'layer "{layer}"', f'version "{shown}"', "the number of a version", "Write LAYER or LAYER@NUMBER."
        )
    return layer, int(version)


def check_name(name: str, of: str = "layer") -> None:
    """Refuse a name of a layer or variant that could not be written on the command line.

    Raises
    ------
    StoreError
        When the name is empty, too long, or holds @ or an invisible character.
    """
    if not name or name != name.strip() or len(name) > NAME_LENGTH or "@" in name or not name.isprintable():
        raise StoreError(
            f"name of the {of}",
            repr(name[:60]),
            f"1 to {NAME_LENGTH} visible characters without @ or blanks at either end",
            f"Give the {of} another name.",
        )


def expect_current(connection: Connection, publication: Publication, base: int | None) -> None:
    """Compare the layer with what the publisher saw; call inside the writing transaction.

    Raises
    ------
    StaleVersion
        When the current version is not `base`.
    StoreError
        When the layer is of another kind, or of the other world (exercise, real).
    """
    layer = layer_row(connection, publication.layer)
    where = f'layer "{publication.layer}"'
    if layer is not None and layer["exercise"] != publication.exercise:
        worlds = ("a real layer", "an exercise layer")
        raise StoreError(where, f"{worlds[publication.exercise]} under the name of {worlds[layer['exercise']]}",
                         "exercise and real layers apart", "Give the layer another name.")  # fmt: skip
    if layer is not None and layer["kind"] != publication.kind.id:
        raise StoreError(where, f"rows of kind {publication.kind.id}", f"kind {layer['kind']}, as before",
                         "Give the layer another name, or choose the kind it has.")  # fmt: skip
    current = current_version(connection, publication.layer)
    if current != base:
        stands = "no layer of that name" if current is None else f"version {current}"
        seen = "a new layer" if base is None else f"version {base}"
        raise StaleVersion(where, stands, f"{seen}, which the publisher saw",
                           "Somebody published in between: look at the difference and publish again.")  # fmt: skip


def check_merge(publication: Publication, current: LayerInfo) -> None:
    """Refuse to merge by ids that are only row numbers.

    Raises
    ------
    StoreError
        When either side's ids say nothing beyond their file.
    """
    if not (publication.id_stable and current.id_stable):
        raise StoreError(
            f'layer "{publication.layer}"',
            "ids that are only row numbers",
            "identifiers of the records themselves",
            "Publish the whole layer instead of merging.",
        )


def says_the_same(new: LayerInfo, current: LayerInfo) -> bool:
    """Whether rows and statements are equal, whoever published them and when."""
    return new == replace(current, version=new.version, received_at=new.received_at, by=new.by, note=new.note)
