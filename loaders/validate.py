"""A raw layer and a mapping to a clean canonical frame, and an account of every row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.errors import MissingField
from layers.kind import Kind, normalise
from layers.report import Report
from layers.schema import ATTRIBUTE_PREFIX, ROW, conform
from loaders.account import Account, Mask
from loaders.admin_codes import name_areas
from loaders.consistency import check_together, warn_of_site_twice
from loaders.convert import convert_columns
from loaders.coordinates import Placed
from loaders.derive import add_computed, add_prepared
from loaders.duplicates import Stored, warn_of_duplicates
from loaders.formats.encoding import UNREADABLE
from loaders.located import locate
from loaders.personal import personal_text, warn_of_personal_text
from loaders.place_columns import read_places
from loaders.places import PLACE_SPELLINGS, WHOLE_DEGREE_M, Geometries, checked, whole_degrees
from loaders.raw import RawLayer, unique_headers
from loaders.reference import Reference
from loaders.sources import Look, Source
from loaders.values import clean_text, holds

# Kinds whose rows are areas: their P-code names them where they have no other id.
NAMED_BY_PCODE = frozenset({"settlements", "admin_areas"})
CORES = 2  # of the machine that figures are promised for
PCODES = ("admin3_code", "admin2_code", "admin1_code")


@dataclass(frozen=True)
class Validated:
    """What came of a raw layer.

    Attributes
    ----------
    frame : GeoDataFrame
        Canonical columns, EPSG:4326, accepted rows only.
    report : Report
        ``rows_in = rows_ok + rows_repaired + rows_rejected``.
    rejected : DataFrame
        ``row``, ``reason``, and the sender's own columns.
    id_stable : bool
        False when ids are row numbers.
    """

    frame: gpd.GeoDataFrame
    report: Report
    rejected: pd.DataFrame
    id_stable: bool


def validate(
    raw: RawLayer,
    kind: Kind,
    mapping: dict[str, str],
    *,
    name: str,
    look: Look,
    source: Source | None = None,
    as_of: date | None = None,
    reference: Reference | None = None,
    stored: Sequence[Stored] = (),
    crs: str = "",
    today: date,
) -> Validated:
    """Validate all rows of a raw layer.

    Parameters
    ----------
    mapping : dict
        Column -> canonical field, "latitude", "longitude" or "wkt".
    name : str
        File, as messages call it.
    source : Source, optional
        Derives the fields that its columns imply.
    as_of : date, optional
        What day the data speak of; some sources date rows by it.
    reference : Reference, optional
        Stored admin areas and settlements of the same world.
    stored : sequence of Stored
        Layers of the same kind, in which duplicates are looked for.
    crs : str
        System that the person chose for coordinates that cannot be degrees.
    today : date
        What happened cannot lie after it.

    Raises
    ------
    NoCrs
        When coordinates are projected and no system is stated.
    """
    account = Account(name, raw.rows, raw.spare)
    account.take(raw.findings)
    texts = _texts(raw, account)
    _reject_empty(texts, raw, account)
    column_of = _one_column_each(mapping, kind, texts, account)
    with ThreadPoolExecutor(1) as beside:  # free text is searched while places are made
        in_text = beside.submit(personal_text, texts)
        placed = read_places(_own_geometry(raw), texts, column_of, account, crs=crs, reference=reference)
    warn_of_personal_text(in_text.result(), account)
    geometries = checked(placed.geometries, kind, account, reference)
    columns, spoilt = convert_columns(texts, kind, column_of, account, frozenset(raw.numeric))
    if source is not None:
        add_prepared(columns, source.prepare(texts, look, as_of), kind, column_of, account)
    add_computed(columns, kind, account)
    _fill_precision(columns, placed, geometries, kind, account)
    name_areas(columns, geometries, kind, account, reference)
    geometries = _with_located(columns, geometries, kind, account, reference)
    check_together(columns, account, today)
    _require(columns, geometries, kind, account)
    warn_of_site_twice(columns, kind, account)
    ids, id_stable = _ids(columns, raw, kind, column_of, account)
    if "id" in column_of and ids is not columns["id"]:
        spoilt.add(column_of["id"])
    columns["id"] = ids
    warn_of_duplicates(columns, geometries, kind, account, stored)
    drawn = set(PLACE_SPELLINGS) if raw.geometry is None else set()
    taken = {c for f, c in column_of.items() if f in kind.field_by_name or f in drawn} - spoilt
    frame = pd.concat([pd.DataFrame(columns, index=texts.index), _attributes(texts, taken)], axis=1)
    frame[ROW] = raw.rows
    return Validated(
        frame=conform(_accepted(frame, geometries, account), kind),
        report=account.report(records=int((~account.rejected).sum())),
        rejected=account.rejected_rows(texts),
        id_stable=id_stable,
    )


def _accepted(frame: pd.DataFrame, geometries: Geometries, account: Account) -> pd.DataFrame:
    """The rows that were not rejected, with their places."""
    kept = ~account.rejected
    if not kept.all():
        frame, geometries = frame[kept].reset_index(drop=True), geometries[kept]
    frame["geometry"] = geometries
    return frame


def _texts(raw: RawLayer, account: Account) -> pd.DataFrame:
    """The sender's columns as trimmed text, blanks as null."""
    columns = {}
    with ThreadPoolExecutor(CORES) as pool:
        cleaned = list(pool.map(clean_text, raw.cells, raw.columns))
    for header, (column, dirty) in zip(raw.columns, cleaned, strict=True):
        if dirty.any():
            account.repair(
                dirty, "control_characters", "invisible characters were taken out", "Check the text.", header
            )
        account.warn(
            holds(column, UNREADABLE),
            "unreadable_characters",
            f"characters that could not be read stand as {UNREADABLE}",
            "Correct the text at the source.",
            header,
            column,
        )
        columns[header] = column
    return pd.DataFrame(columns, index=pd.RangeIndex(len(raw)))


def _reject_empty(texts: pd.DataFrame, raw: RawLayer, account: Account) -> None:
    empty = texts.isna().all(axis=1).to_numpy(bool)
    if raw.geometry is not None:
        empty = empty & np.asarray(raw.geometry.is_null())
    account.reject(empty, "empty_row", "every cell is blank", "Delete the empty rows at the source.")


def _one_column_each(mapping: dict[str, str], kind: Kind, texts: pd.DataFrame, account: Account) -> dict[str, str]:
    """Field -> column. Of several filled columns the canonical name wins, then the earlier alias."""
    candidates: dict[str, list[str]] = defaultdict(list)
    for column, field in mapping.items():
        candidates[field].append(column)
    chosen = {}
    for field, columns in candidates.items():
        ranked = sorted(columns, key=lambda column, field=field: _rank(column, field, kind, texts))  # type: ignore[misc]
        chosen[field] = ranked[0]
        for other in ranked[1:]:
            account.note(
                "two_columns_one_field",
                f'"{ranked[0]}" and "{other}" both mean {field}; "{ranked[0]}" was taken,'
                f' "{other}" stays as an attribute.',
                severity="warning",
                field=other,
                found=other,
                remedy="Map the columns otherwise if that is wrong.",
            )
    return chosen


def _rank(column: str, field: str, kind: Kind, texts: pd.DataFrame) -> tuple[bool, bool, int]:
    if field in PLACE_SPELLINGS:
        order = [normalise(s) for s in PLACE_SPELLINGS[field]]
    else:
        order = [normalise(s) for s in (kind.field_by_name[field].aliases)]
    folded = normalise(column)
    empty = bool(texts[column].isna().all())
    return empty, column.strip().lower() != field, order.index(folded) if folded in order else len(order)


def _own_geometry(raw: RawLayer) -> Geometries | None:
    """What the format itself holds, in its own numbers."""
    return None if raw.geometry is None else shapely.from_wkb(raw.geometry.to_numpy(zero_copy_only=False))


def _fill_precision(
    columns: dict[str, pd.Series], placed: Placed, geometries: Geometries, kind: Kind, account: Account
) -> None:
    """How surely the places are known, as their own cells say, where no column says it."""
    if "place_radius_m" not in kind.field_by_name:
        return
    whole = whole_degrees(geometries, account)
    radius = pd.Series(np.where(whole, WHOLE_DEGREE_M, placed.radius_m)).astype("Float64")
    words = pd.Series(np.where(whole, "region", placed.precision), dtype="str")
    for name, stated in (("place_radius_m", radius), ("place_precision", words.mask(words == ""))):
        if stated.notna().any():
            columns[name] = columns[name].fillna(stated) if name in columns else stated


def _with_located(
    columns: dict[str, pd.Series],
    geometries: Geometries,
    kind: Kind,
    account: Account,
    reference: Reference | None,
) -> Geometries:
    """Geometry with the rows that only codes and names place; `columns` gets what was learnt of those."""
    located = locate(columns, geometries, kind, account, reference)
    found = pd.Series(located.precision, dtype="str")
    found = found.mask(found == "")
    if found.notna().any():
        # Whatever the sender calls it, a place known by its area is known to its area.
        columns["place_precision"] = found.fillna(columns["place_precision"]) if "place_precision" in columns else found
    for name, codes in located.codes.items():
        known = pd.Series(codes, dtype="str")
        columns[name] = columns[name].fillna(known) if name in columns else known
    return located.geometries


def _require(columns: dict[str, pd.Series], geometries: Geometries, kind: Kind, account: Account) -> None:
    """Reject rows without what the kind cannot do without.

    Raises
    ------
    MissingField
        When no column of the whole file gives it.
    """
    nowhere = np.zeros(len(geometries), bool)

    def filled(name: str) -> Mask:
        if name == "geometry":
            return ~shapely.is_missing(geometries)
        return columns[name].notna().to_numpy(bool) if name in columns else nowhere

    for field in kind.fields:
        if field.required:
            account.reject(~filled(field.name), "missing_value", f"{field.label} is missing", "Fill it.", field.name)
    for group in kind.required_any:
        lacking = ~np.logical_or.reduce([filled(name) for name in group])
        place = "geometry" in group
        if bool(np.all(lacking | account.rejected)) and not any(n in columns and n != "geometry" for n in group):
            _refuse_group(group, account)
        code, what = (
            ("no_place", "no place and no P-code") if place else ("missing_value", f"none of {', '.join(group)}")
        )
        account.reject(lacking, code, what, "Give coordinates, or the P-code of its area." if place else "Fill one.")


def _refuse_group(group: tuple[str, ...], account: Account) -> None:
    """Refuse a file whose columns give none of a group, unless its rows were rejected already for a reason."""
    if bool(account.rejected.all()):
        return
    fields = ", ".join(n for n in group if n != "geometry")
    if "geometry" in group:
        raise MissingField(
            account.name,
            "no coordinates and no P-codes in any column",
            f"latitude and longitude, or one of {fields}",
            "Add such columns, or say with --mapping which columns they are. Where only names tell the place, load the"
            " admin layer or the settlements of these names first.",
        )
    raise MissingField(
        account.name, f"no column for {fields}", "one of them", "Add it, or say with --mapping which column it is."
    )


def _ids(
    columns: dict[str, pd.Series], raw: RawLayer, kind: Kind, column_of: dict[str, str], account: Account
) -> tuple[pd.Series, bool]:
    """Ids and whether they are the sender's own; see "Records and layers" in docs/adr."""
    kept = ~account.rejected
    candidates = [("id", columns.get("id"))]
    if raw.feature_ids is not None:
        candidates.append(("the feature id", pd.Series(raw.feature_ids.to_pandas(), dtype="str")))
    if kind.entity != "id" and kind.entity in columns:
        candidates.append(_by_round(columns, kind))
    if kind.id in NAMED_BY_PCODE:
        candidates += [(code, columns.get(code)) for code in PCODES]
    for label, ids in candidates:
        if ids is None:
            continue
        ids_kept = ids if kept.all() else ids[kept]
        blank, unique = ids_kept.isna(), ids_kept.is_unique
        if unique and not blank.any():
            if label != "id":
                account.note("id_from", f"records are named by {label}.", field="id")
            return ids, True
        if label == "id" and "id" in column_of:
            copies = ids_kept.duplicated(keep=False) & ~blank
            account.note(
                "id_not_unique",
                f"{int(copies.sum())} rows share an identifier and {int(blank.sum())} have none, so it cannot name"
                " the records.",
                severity="warning",
                field="id",
                found=str(ids_kept[copies].iloc[0]) if copies.any() else "",
                remedy="Give each row its own identifier.",
            )
    account.note(
        "id_from_row",
        "records are named by their row number: versions of this layer differ only as added and withdrawn.",
        field="id",
        remedy="Add a column with a lasting identifier.",
    )
    return pd.Series(raw.rows, index=pd.RangeIndex(len(raw))).astype("str"), False


def _by_round(columns: dict[str, pd.Series], kind: Kind) -> tuple[str, pd.Series]:
    """Ids of things that stand once a round, and what to call them: the thing, and its round or else its day."""
    thing = columns[kind.entity]
    when = columns.get("reporting_round", pd.Series(None, index=thing.index, dtype="str"))
    if kind.starts in columns:
        when = when.fillna(columns[kind.starts].dt.strftime("%Y-%m-%d").astype("str"))
    label = f"{kind.entity} and its round or day" if when.notna().any() else kind.entity
    return label, (thing + "/" + when).fillna(thing)


def _attributes(texts: pd.DataFrame, taken: set[str]) -> pd.DataFrame:
    """The sender's columns that no field took, or that say more than the field."""
    kept = [c for c in texts.columns if c not in taken and texts[c].notna().any()]
    named = [c if c.startswith(ATTRIBUTE_PREFIX) else f"{ATTRIBUTE_PREFIX}{c}" for c in kept]
    names, _ = unique_headers(named, "")
    return texts[kept].set_axis(list(names), axis=1)
