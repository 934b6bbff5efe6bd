"""The whole way in: a file becomes drafts, a draft is reviewed, a review is published."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from layers.dataset import Dataset
from layers.errors import MissingField, UnknownKind, UnknownLayer
from layers.kind import Kind
from layers.kinds import kind_of
from layers.marking import Marking
from layers.report import Finding, Report
from layers.settings import settings
from loaders.as_of import day_of, find_as_of, named_day
from loaders.aside import forget_aside, set_aside
from loaders.draft import Draft, columns_of, drafts_in, new_id, read_draft, read_rows, save_draft
from loaders.duplicates import Stored
from loaders.naming import layer_name, shape_of, stem_of
from loaders.personal import personal_columns, personal_finding, without_columns
from loaders.places import geometry_types
from loaders.raw import RawLayer, unfolded
from loaders.recognise import Recognition, recognise, source_of, with_choices
from loaders.reference import Reference
from loaders.sandbox import read_in_sandbox
from loaders.sources import SOURCE_BY_ID, Look, Source
from loaders.sources.source import ONE_READING, Reading
from loaders.told import told_by
from loaders.validate import validate
from store.access import Access
from store.records import Difference, LayerInfo, Publication, Shape

Progress = Callable[[str, int], None]


def unwatched(stage: str, rows: int) -> None:
    """Progress that nobody looks at."""


@dataclass(frozen=True)
class IngestOptions:
    """What the person says of the file; None leaves it to the file.

    Attributes
    ----------
    mapping : mapping, optional
        Column -> canonical field; an empty field leaves the column unmapped.
    crs : str
        Coordinate system of the file's numbers, e.g. EPSG:32634.
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
    crs: str = ""
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
    written : Path, optional
        The frame on disk, as the store writes it.
    """

    frame: gpd.GeoDataFrame
    report: Report
    rejected: pd.DataFrame
    kind: Kind
    mapping: dict[str, str]
    as_of: date
    id_stable: bool
    written: Path | None = None


def inspect(
    path: Path, access: Access, options: IngestOptions | None = None, progress: Progress = unwatched
) -> list[Draft]:
    """Open a file in the sandbox and say what it seems to hold; one draft per layer.

    Parameters
    ----------
    progress : callable
        ``(stage, rows)``, told every now and then.

    Raises
    ------
    LoadError
        When nothing in the file can be read, or the options do not fit it.
    """
    options = options or IngestOptions()
    progress("reading", 0)
    layers, findings = read_in_sandbox(path, settings(), progress=lambda rows: progress("reading", rows))
    progress("recognising", sum(map(len, layers)))
    made: list[Draft] = []
    try:
        for raw in layers:
            _inspect_layer(raw, path.name, access, options, findings, made, alone=len(layers) == 1)
    except BaseException:
        for draft in made:
            discard(draft, access)
        raise
    return made


def load_draft(access: Access, draft_id: str) -> Draft:
    """A draft by its id. Raises LoadError when there is none."""
    return read_draft(draft_id, access.drafts())


def take_as(
    draft: Draft,
    access: Access,
    *,
    kind: str,
    layer: str,
    mapping: Mapping[str, str] | None = None,
    crs: str | None = None,
    as_of: date | None = None,
) -> Draft:
    """Keep what the person says of a draft, on disk: its kind, its name, which column is which.

    Parameters
    ----------
    mapping : mapping, optional
        Column -> field, laid over what was understood; an empty field leaves the column out.
    crs : str, optional
        Coordinate system of the file's numbers.
    as_of : date, optional
        Day that the data speak of.

    Raises
    ------
    UnknownKind
        When the kind, a column or a field does not exist.
    """
    seen = recognise(draft.look, kind, source=_source_for(draft, kind))
    understood = draft.mapping if kind == draft.kind else seen.mapping
    confidences = draft.confidences if kind == draft.kind else seen.confidences
    chosen = mapping or {}
    draft = replace(
        draft,
        kind=kind,
        layer=layer,
        mapping=with_choices(draft.look, kind_of(kind), understood, chosen),
        confidences=confidences | dict.fromkeys(chosen, 1.0),
        base=draft.base if layer == draft.layer else current_version(access, layer),
        crs=draft.crs if crs is None else crs,
        as_of=draft.as_of if as_of is None else as_of,
    )
    return save_draft(draft, None, access.drafts())


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
    progress: Progress = unwatched,
) -> Review:
    """Recognise and validate the rows of a draft, with the person's choices laid over it.

    Raises
    ------
    UnknownKind
        When the draft fits no kind and none is given.
    MissingField, NoCrs
        When the file gives no place, or projected coordinates.
    """
    progress("checking", draft.rows)
    today = today or datetime.now(UTC).date()
    raw, look = read_rows(draft, access.drafts()), draft.look
    if draft.kind and kind in (None, draft.kind):
        chosen = kind_of(draft.kind)
        columns = with_choices(look, chosen, draft.mapping, mapping or {})
    else:
        seen = recognise(look, kind, mapping, source=_source_for(draft, kind))
        chosen, columns = seen.kind, seen.mapping
    around = surroundings(access, draft, chosen)
    validated = validate(
        raw,
        chosen,
        columns,
        name=draft.shown,
        look=look,
        source=_source_for(draft, chosen.id),
        as_of=day_of(draft.as_of or draft.named_day),
        reference=_reference(access, around),
        stored=[Stored(i.layer, access.load(i.ref).frame) for i in around if i.kind == chosen.id],
        crs=draft.crs,
        today=today,
    )
    as_of, said = find_as_of(draft, validated.frame, chosen, today)
    findings = (*draft.findings, *validated.report.findings, *said, *_older(draft, access, as_of))
    return Review(
        frame=validated.frame,
        report=replace(validated.report, findings=findings),
        rejected=validated.rejected,
        kind=chosen,
        mapping=columns,
        as_of=as_of,
        id_stable=validated.id_stable,
    )


def surroundings(access: Access, draft: Draft, kind: Kind) -> list[LayerInfo]:
    """The stored layers that a draft is held against: areas, towns, and those of its own kind."""
    against = {"admin_areas", "settlements", kind.id} - ({"other", "images"} & {kind.id})
    return [i for i in access.layers(exercise=draft.exercise) if i.kind in against and i.layer != draft.layer]


def changes(draft: Draft, access: Access, review: Review) -> Difference | None:
    """What publishing a review would add, change and withdraw; None for a new layer."""
    if draft.base is None or review.frame.empty:
        return None
    return access.compare(f"{draft.layer}@{draft.base}", _publication(draft, review, "", ""))


def publish(
    draft: Draft, access: Access, review: Review, *, base: int | None, by: str, note: str, merge: bool = False
) -> LayerInfo:
    """Make a reviewed draft a version of its layer; the draft is then removed.

    The mapping is remembered, for the next file of this shape.

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
    info = access.publish(_publication(draft, review, by, note), base=base, merge=merge)
    discard(draft, access)
    return info


def discard(draft: Draft, access: Access) -> None:
    """Remove a draft from the disk, and what was set aside of it."""
    shutil.rmtree(access.drafts() / draft.id, ignore_errors=True)
    forget_aside(draft.id, access.home)


def _publication(draft: Draft, review: Review, by: str, note: str) -> Publication:
    marking = draft.marking if draft.marking is not None else Marking.of(review.kind.default_marking)
    left_out = {column.name: "" for column in draft.columns if column.name not in review.mapping}
    return Publication(
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
        written=review.written,
        shape=Shape(
            shape=draft.shape,
            reading=draft.reading,
            stem=stem_of(draft.file),
            exercise=draft.exercise,
            kind=review.kind.id,
            layer=draft.layer,
            mapping=review.mapping | left_out,
        ),
    )


def _inspect_layer(
    raw: RawLayer,
    file: str,
    access: Access,
    options: IngestOptions,
    findings: list[Finding],
    made: list[Draft],
    *,
    alone: bool,
) -> None:
    """Save the drafts that one layer of a file gives; each is in `made` before it is on the disk."""
    whole = raw
    now = settings()
    personal = () if now.keep_personal_data else personal_columns(raw, frozenset(now.personal_columns_allowed))
    if personal:
        raw = without_columns(raw, personal)
        findings = [*findings, personal_finding(file, personal)]
    look = _look(raw, file)
    source, readings = _readings(look, options.kind)
    for reading in readings:
        shaped = reading.reshape(unfolded(raw), look) if reading.reshape else raw
        draft = _draft(shaped, file, access, options, findings, source, reading, alone=alone and len(readings) == 1)
        draft = replace(draft, personal=personal, rows=len(raw))
        made.append(draft)
        save_draft(draft, shaped, access.drafts())
        if personal:
            set_aside(whole, personal, draft.id, access.home)


def _readings(look: Look, kind: str | None) -> tuple[Source | None, tuple[Reading, ...]]:
    """Whose file it is, and the layers that are made of it: of the wanted kind, if one is wanted."""
    source = source_of(look)
    if source is None:
        return None, ONE_READING
    readings = source.readings(look)
    if kind is None:
        return source, readings
    wanted = tuple(r for r in readings if source.kind(replace(look, reading=r.name)) == kind)
    return (source, wanted) if wanted else (source_of(look, kind), ONE_READING)


def _draft(
    raw: RawLayer,
    file: str,
    access: Access,
    options: IngestOptions,
    findings: list[Finding],
    source: Source | None,
    reading: Reading,
    *,
    alone: bool,
) -> Draft:
    told, doubts = told_by(raw.overlay, file, exercise_known=options.exercise is not None)
    exercise = bool(told.get("exercise")) if options.exercise is None else options.exercise
    look = _look(raw, file, reading.name)
    parts = (reading.name,) if reading.name else ("" if alone else raw.name,)
    shape = shape_of([stem_of(file)] if all(c.startswith("column_") for c in raw.columns) else raw.columns)
    known = None
    if not (options.kind or options.mapping or raw.overlay):
        known = access.shape_like(shape, reading=reading.name, stem=stem_of(file), exercise=exercise)
    seen = _seen(look, source, options, known)
    kind = seen.kind.id if seen else ""
    layer = _layer(file, parts, options, told, known)
    label = options.source or told.get("source") or (seen.source_label if seen else "") or "not stated"
    return Draft(
        id=new_id(),
        file=file,
        file_layer=raw.name,
        source=seen.source if seen else "",
        source_label=label,
        confidence=seen.confidence if seen else 0.0,
        kind=kind,
        layer=layer,
        as_of=options.as_of or told.get("as_of"),
        marking=options.marking if options.marking is not None else told.get("marking"),
        exercise=exercise,
        mapping=seen.mapping if seen else {},
        columns=columns_of(raw),
        geometry=raw.geometry is not None,
        rows=len(raw),
        named_day=named_day(file) or named_day(raw.title),
        hxl=raw.hxl,
        geometries=tuple(sorted(look.geometries)),
        overlay=raw.overlay,
        findings=(*findings, *doubts),
        base=current_version(access, layer),
        confidences=seen.confidences if seen else {},
        crs=options.crs,
        remembered=known is not None,
        reading=reading.name,
        format=raw.format,
        title=raw.title,
        shape=shape,
    )


def _layer(file: str, parts: tuple[str, ...], options: IngestOptions, told: dict[str, str], known: Shape | None) -> str:
    """As the person says, else as the file or an earlier delivery of it does, else after the file."""
    if options.layer:
        return "_".join([options.layer, *(layer_name(part) for part in parts if part)])
    if told.get("layer"):
        return told["layer"]
    if known is not None and known.stem and known.stem == stem_of(file):
        return known.layer
    return layer_name(file, *parts)


def _seen(look: Look, source: Source | None, options: IngestOptions, known: Shape | None) -> Recognition | None:
    """What the layer seems to be; None when nothing fits and the person has to say."""
    kind, mapping = options.kind, options.mapping
    if known is not None:
        kind, mapping = known.kind, known.mapping
    if mapping is not None and (known is not None or look.reading):
        mapping = {column: field for column, field in mapping.items() if column in look.columns}
    if source is not None and kind is not None and source.kind(look) != kind:
        source = None
    try:
        return recognise(look, kind, mapping, source=source)
    except UnknownKind:
        if options.kind or options.mapping:
            raise
        return None


def _source_for(draft: Draft, kind: str | None) -> Source | None:
    """The draft's source, as long as the rows are taken as what it makes of them."""
    source = SOURCE_BY_ID.get(draft.source)
    return source if source is not None and kind in (None, source.kind(draft.look)) else None


def _look(raw: RawLayer, file: str, reading: str = "") -> Look:
    geometries: frozenset[str] = frozenset()
    if raw.geometry is not None:
        geometries = geometry_types(shapely.from_wkb(raw.geometry.to_numpy(zero_copy_only=False)))
    return Look(
        columns=raw.columns,
        hxl=raw.hxl,
        geometries=geometries,
        file=file,
        overlay=raw.overlay,
        title=raw.title,
        samples={column.name: column.samples for column in columns_of(raw)},
        format=raw.format,
        layer=raw.name,
        reading=reading,
    )


def _reference(access: Access, around: list[LayerInfo]) -> Reference:
    """The stored areas and towns by which places are found and checked."""
    loaded: dict[str, list[Dataset]] = {"admin_areas": [], "settlements": []}
    for info in around:
        if info.kind in loaded:
            loaded[info.kind].append(access.load(info.ref))
    return Reference.of(
        areas=[dataset.frame for dataset in loaded["admin_areas"]],
        places=[dataset.frame for dataset in loaded["settlements"]],
    )


def _older(draft: Draft, access: Access, as_of: date) -> list[Finding]:
    """A file that speaks of an earlier day than the version it would replace."""
    if draft.base is None:
        return []
    current = day_of(access.info(f"{draft.layer}@{draft.base}").as_of)
    day = day_of(as_of)
    if current is None or day is None or day >= current:
        return []
    return [
        Finding(
            "older_than_current",
            "warning",
            f"{draft.shown}: it speaks of {day.isoformat()}; version {draft.base} of {draft.layer} of"
            f" {current.isoformat()}. Publishing puts the older in the place of the newer.",
            field="as_of",
            found=day.isoformat(),
            remedy="Give the layer another name, or --merge the rows.",
        )
    ]


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
