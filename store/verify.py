"""Is everything stored still what was stored? Objects, what is said of them, and the audit."""

from __future__ import annotations

from layers.hashing import content_hash
from layers.kinds import kind_of
from layers.schema import conform
from store.audit import audit_rows, broken_rows, unlike_audit
from store.catalogue import Catalogue, info_of, rows_of
from store.notes import notes_of, unlike_noted
from store.objects import ObjectFolder
from store.ratings import ratings_of, unlike_audited
from store.records import Damage, LayerInfo
from store.styles import styles_of, unlike_styled
from store.variants import unlike_kept, variants_of


def damages(catalogue: Catalogue, objects: ObjectFolder) -> list[Damage]:
    """All that is not as it was stored; see `Access.verify`."""
    with catalogue.reading() as connection:
        rows, audit = rows_of(connection), audit_rows(connection)
        rated, variants = ratings_of(connection), variants_of(connection)
        styles, notes = styles_of(connection), notes_of(connection)
    infos = [info_of(row) for row in rows]
    found = [_damage_of(info, row["object"], objects) for info, row in zip(infos, rows, strict=True)]
    broken = (Damage("", n, "audit", f"audit row {n} does not follow from the one before") for n in broken_rows(audit))
    said = [*unlike_audit(audit, infos), *unlike_audited(audit, rated), *unlike_kept(audit, variants)]
    said += [*unlike_styled(audit, styles), *unlike_noted(audit, notes)]
    return [*filter(None, found), *said, *broken]


def _damage_of(info: LayerInfo, name: str, objects: ObjectFolder) -> Damage | None:
    whole = objects.is_whole(name)
    where = str(objects.path(name))
    if whole is None:
        return Damage(info.layer, info.version, "missing", f"{where} is not there")
    if not whole:
        return Damage(info.layer, info.version, "torn", f"{where} does not hold the bytes that were written")
    kind = kind_of(info.kind)
    if content_hash(conform(objects.get(name), kind), kind) != info.content_hash:
        return Damage(info.layer, info.version, "differs", f"{where} does not hold the rows that were recorded")
    return None
