"""The whole way in: a file becomes drafts, a draft is reviewed, a review is published."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.errors import LoadError, MissingField, UnknownKind, UnknownLayer
from layers.kind import Kind
from layers.kinds import KIND_BY_ID, kind_of
from layers.marking import Marking
from layers.report import Finding, Report
from layers.settings import settings
from loaders.as_of import day_of, find_as_of, named_day
from loaders.draft import Draft, columns_of, drafts_in, new_id, parse_as_of, read_draft, read_rows, save_draft
from loaders.places import Geometries, geometry_types
from loaders.raw import RawLayer
from loaders.recognise import Recognition, recognise, source_of, with_choices
from loaders.sandbox import read_in_sandbox
from loaders.sources import Look
from loaders.validate import validate
from store.access import Access
from store.records import LayerInfo, Publication


@dataclass(frozen=True)
class IngestOptions:
    """What the person says of the file; None leaves it to the file.

    Attributes
    ----------
    mapping : mapping, optional
        Column -> canonical field; an empty field leaves the column unmapped.
    exercise : bool, optional
        Fictional data.
    today : date, optional
        The day it is, for tests; by default the machine's, in UTC.
    """

    kind: str | None = None
    layer: str | None = None
    source: str | None = None
    as_of: date | None = None
    marking: Marking | None = None
    mapping: Mapping[str, str] | None = None
    by: str = ""
    note: str = ""
    exercise: bool | None = None
    today: date | None = None


@dataclass(frozen=True)
class Review:
    """A draft turned into rows of a kind, with the account of every one.

    Attributes
    ----------
    frame : GeoDataFrame
        Canonical, EPSG:4326.
    rejected : DataFrame
        ``row``, ``reason``, and the sender's columns.
    as_of : date or datetime
        What the data speak of.
    """

    frame: gpd.GeoDataFrame
    report: Report
    rejected: pd.DataFrame
    kind: Kind
    mapping: dict[str, str]
    as_of: date
    id_stable: bool


def inspect(path: Path, access: Access, options: IngestOptions | None = None) -> list[Draft]:
    """Open a file in the sandbox and say what it seems to hold; one draft per layer.

    Raises
    ------
    LoadError
        When nothing in the file can be read, or the options do not fit it.
    """
    options = options or IngestOptions()
    layers, findings = read_in_sandbox(path, access.drafts(), settings())
    made = []
    try:
        for raw in layers:
            draft = _draft(raw, path.name, options, findings, alone=len(layers) == 1)
            draft = replace(draft, base=current_version(access, draft.layer))
            made.append(save_draft(draft, raw, access.drafts()))
    except Exception:
        for draft in made:
            discard(draft, access)
        raise
    return made


def load_draft(access: Access, draft_id: str) -> Draft:
    """A draft by its id. Raises LoadError when there is none."""
    return read_draft(draft_id, access.drafts())


def take_as(draft: Draft, access: Access, *, kind: str, layer: str, mapping: Mapping[str, str] | None = None) -> Draft:
    """Keep what the person says of a draft, on disk: its kind, its name, which column is which.

    Parameters
    ----------
    mapping : mapping, optional
        Column -> field, laid over what was understood; an empty field leaves the column out.

    Raises
    ------
    UnknownKind
        When the kind, a column or a field does not exist.
    """
    look = _look(draft)
    understood = draft.mapping if kind == draft.kind else recognise(look, kind).mapping
    columns = with_choices(look, kind_of(kind), understood, mapping or {})
    base = draft.base if layer == draft.layer else current_version(access, layer)
    return save_draft(replace(draft, kind=kind, layer=layer, mapping=columns, base=base), None, access.drafts())


def seen_anew(draft: Draft, access: Access) -> Draft:
    """Take the layer's version of now as the one that the person saw."""
    return save_draft(replace(draft, base=current_version(access, draft.layer)), None, access.drafts())


def current_version(access: Access, layer: str) -> int | None:
    """Number of a layer's current version; None when there is no such layer."""
    try:
        return access.info(layer).version
    except UnknownLayer:
        return None


def open_drafts(access: Access) -> list[Draft]:
    """Files that came in and were neither published nor discarded, oldest first."""
    return drafts_in(access.drafts())


def review(
    draft: Draft,
    access: Access,
    mapping: Mapping[str, str] | None = None,
    kind: str | None = None,
    *,
    today: date | None = None,
) -> Review:
    """Recognise and validate the rows of a draft, with the person's choices laid over it.

    Raises
    ------
    UnknownKind
        When the draft fits no kind and none is given.
    MissingField, NoCrs
        When the file gives no place, or projected coordinates.
    """
    raw, look = read_rows(draft, access.drafts()), _look(draft)
    if draft.kind and kind in (None, draft.kind):
        chosen = kind_of(draft.kind)
        columns = with_choices(look, chosen, draft.mapping, mapping or {})
    else:
        seen = recognise(look, kind, mapping)
        chosen, columns = seen.kind, seen.mapping
    validated = validate(
        raw,
        chosen,
        columns,
        name=draft.shown,
        look=look,
        source=source_of(look, chosen.id),
        as_of=day_of(draft.as_of or draft.named_day),
        areas=_theatre(access, exercise=draft.exercise),
    )
    as_of, said = find_as_of(draft, validated.frame, chosen, today or datetime.now(UTC).date())
    findings = (*draft.findings, *validated.report.findings, *said)
    return Review(
        frame=validated.frame,
        report=replace(validated.report, findings=findings),
        rejected=validated.rejected,
        kind=chosen,
        mapping=columns,
        as_of=as_of,
        id_stable=validated.id_stable,
    )


def publish(
    draft: Draft, access: Access, review: Review, *, base: int | None, by: str, note: str, merge: bool = False
) -> LayerInfo:
    """Make a reviewed draft a version of its layer; the draft is then removed.

    Parameters
    ----------
    base : int or None
        Version that the person saw; None when the layer is new.

    Raises
    ------
    MissingField
        When every row was rejected.
    StaleVersion
        When somebody published in between.
    """
    if review.frame.empty:
        raise _nothing_left(draft, review.report)
    marking = draft.marking if draft.marking is not None else Marking.of(review.kind.default_marking)
    info = access.publish(
        Publication(
            layer=draft.layer,
            kind=review.kind,
            frame=review.frame,
            source=draft.source_label,
            as_of=review.as_of,
            marking=marking,
            exercise=draft.exercise,
            id_stable=review.id_stable,
            by=by,
            note=note,
        ),
        base=base,
        merge=merge,
    )
    discard(draft, access)
    return info


def discard(draft: Draft, access: Access) -> None:
    """Remove a draft from the disk."""
    shutil.rmtree(access.drafts() / draft.id, ignore_errors=True)


def layer_name(file: str, file_layer: str = "") -> str:
    """A layer's name from those of its file and the layer inside it.

    >>> layer_name("Incidents 2024-01.shp.zip")
    'incidents_2024_01'
    """
    stem = re.sub(r"(\.[A-Za-z]\w{0,7}){1,2}$", "", file)
    words = re.findall(r"\w+", f"{stem} {file_layer}".casefold().replace("_", " "))
    return "_".join(dict.fromkeys(words))[:80] or "layer"


def _draft(raw: RawLayer, file: str, options: IngestOptions, findings: list[Finding], *, alone: bool) -> Draft:
    told, doubts = _told(raw.overlay, file)
    if "exercise" in raw.overlay and "exercise" not in told and options.exercise is None:
        raise LoadError(
            file,
            f'rows that state exercise as "{str(raw.overlay["exercise"])[:40]}"',
            "a file of exercise data or of real data",
            "Separate the two; they never meet in one layer.",
        )
    geometries: frozenset[str] = frozenset()
    if raw.geometry is not None:
        geometries = geometry_types(shapely.from_wkb(raw.geometry.to_numpy(zero_copy_only=False)))
    look = Look(raw.columns, raw.hxl, geometries, file, raw.overlay)
    seen = _seen(look, options)
    source = options.source or told.get("source") or (seen.source_label if seen else "") or "not stated"
    return Draft(
        id=new_id(),
        file=file,
        file_layer=raw.name,
        source=seen.source if seen else "",
        source_label=source,
        confidence=seen.confidence if seen else 0.0,
        kind=seen.kind.id if seen else "",
        layer=options.layer or told.get("layer") or layer_name(file, "" if alone else raw.name),
        as_of=options.as_of or told.get("as_of"),
        marking=options.marking if options.marking is not None else told.get("marking"),
        exercise=bool(told.get("exercise")) if options.exercise is None else options.exercise,
        mapping=seen.mapping if seen else {},
        columns=columns_of(raw),
        geometry=raw.geometry is not None,
        rows=len(raw),
        named_day=named_day(file) or named_day(raw.title),
        hxl=raw.hxl,
        geometries=tuple(sorted(geometries)),
        overlay=raw.overlay,
        findings=(*findings, *doubts),
    )


def _seen(look: Look, options: IngestOptions) -> Recognition | None:
    """What the layer seems to be; None when nothing fits and the person has to say."""
    try:
        return recognise(look, options.kind, options.mapping)
    except UnknownKind:
        if options.kind or options.mapping:
            raise
        return None


def _look(draft: Draft) -> Look:
    columns = tuple(column.name for column in draft.columns)
    return Look(columns, draft.hxl, frozenset(draft.geometries), draft.file, draft.overlay)


def _told(overlay: dict[str, Any], file: str) -> tuple[dict[str, Any], list[Finding]]:
    """What a file written by Overlay says of itself, as far as it can be used."""
    told: dict[str, Any] = {}
    doubts = []
    readers = {"as_of": parse_as_of, "marking": Marking.of, "source": str, "layer": str, "exercise": _flag}
    for name, read in readers.items():
        value = overlay.get(name)
        if value is None or value == "":
            continue
        try:
            told[name] = read(value)  # type: ignore[operator]
        except (ValueError, KeyError, AttributeError, TypeError):
            doubts.append(
                Finding(
                    "overlay_member",
                    "warning",
                    f'{file}: its overlay member gives {name} "{str(value)[:60]}", which cannot be used.',
                    field=name,
                    found=str(value)[:60],
                    remedy=f"Say it with --{name.replace('_', '-')}.",
                )
            )
    if overlay.get("kind") and overlay["kind"] not in KIND_BY_ID:
        doubts.append(
            Finding("overlay_member", "warning", f"{file}: its overlay member names no known kind.", field="kind")
        )
    return told, doubts


def _flag(value: Any) -> bool:
    """True and false, as JSON or as text."""
    return {"true": True, "false": False}[str(value).lower()]


def _theatre(access: Access, *, exercise: bool) -> Geometries | None:
    """A box round each stored layer of admin areas, by which exchanged axes are noticed."""
    boxes = []
    for info in access.layers(exercise=exercise):
        if info.kind == "admin_areas":
            west, south, east, north = access.load(info.ref).frame.total_bounds
            if not np.isnan(west):
                boxes.append(shapely.box(west, south, east, north))
    return np.array(boxes, dtype=object) if boxes else None


def _nothing_left(draft: Draft, report: Report) -> MissingField:
    rejected = [f for f in report.findings if f.severity == "rejected"]
    code, count = Counter(f.code for f in rejected).most_common(1)[0] if rejected else ("no rows", 0)
    example = next((f for f in rejected if f.code == code), None)
    return MissingField(
        draft.shown,
        f"{report.rows_in} rows, none of which can be taken; {count} for {code}",
        "at least one good row",
        example.remedy if example else "Send a file with rows.",
    )
