"""From the raw layers of a file to drafts: what each is, by its content, its words, and what came before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

import shapely

from layers.errors import UnknownKind
from layers.marking import Marking
from layers.report import Finding
from layers.settings import settings
from loaders.as_of import named_day
from loaders.draft import Draft, columns_of, new_id
from loaders.naming import layer_name, shape_of, stem_of
from loaders.personal import personal_columns, personal_finding, without_columns, without_personal_text
from loaders.places import geometry_types
from loaders.raw import RawLayer, unfolded
from loaders.recognise import Recognition, recognise, source_of
from loaders.sources import Look, Source
from loaders.sources.source import ONE_READING, Reading
from loaders.told import told_by
from store.access import Access
from store.records import Shape

PROPOSED = 0.4  # confidence in what a file of another name was


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
    propose : bool
        A person looks at it before it is published: what was published of a file of
        another name may be proposed for one that is not recognised.
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
    propose: bool = False


def drafts_of(
    raw: RawLayer, file: str, access: Access, options: IngestOptions, findings: list[Finding], *, alone: bool
) -> Iterator[tuple[Draft, RawLayer]]:
    """The drafts that one layer of a file gives, each with its rows; columns about people are left out.

    Parameters
    ----------
    findings : list of Finding
        Of the whole file.
    alone : bool
        Whether the file holds one layer.
    """
    now = settings()
    personal = () if now.keep_personal_data else personal_columns(raw, frozenset(now.personal_columns_allowed))
    if not now.keep_personal_data:
        raw = replace(raw, title=without_personal_text(raw.title), name=without_personal_text(raw.name))
    if personal:
        raw = without_columns(raw, personal)
        findings = [*findings, personal_finding(file, personal)]
    look = _look(raw, file)
    source, readings = _readings(look, options.kind)
    for reading in readings:
        shaped = _reshaped(raw, look, reading)
        draft = _draft(shaped, file, access, options, findings, source, reading, alone=alone and len(readings) == 1)
        yield replace(draft, personal=personal, rows=len(raw)), shaped


def _reshaped(raw: RawLayer, look: Look, reading: Reading) -> RawLayer:
    """The long form, where the reading has one; what it says of the rows begins with the file."""
    if reading.reshape is None:
        return raw
    shaped = reading.reshape(unfolded(raw), look)
    where = ", ".join(filter(None, [look.file, reading.name]))
    told = [f if look.file in f.message else replace(f, message=f"{where}: {f.message}") for f in shaped.findings]
    return replace(shaped, findings=told)


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
    seen, known = _seen(look, source, options, known)
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
        findings=(*findings, *doubts, *_said_of(known, file)),
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


def _seen(
    look: Look, source: Source | None, options: IngestOptions, known: Shape | None
) -> tuple[Recognition | None, Shape | None]:
    """What the layer seems to be, and what was published before if that was taken; None when nothing fits.

    An earlier delivery of the same name says it best. One of another name may be of
    another thing: it is only proposed, to a person, where nothing else is known.
    """
    if known is not None and known.stem and known.stem == stem_of(look.file):
        return _as_before(look, source, known), known
    mapping = options.mapping
    if mapping is not None and look.reading:
        mapping = {column: field for column, field in mapping.items() if column in look.columns}
    if source is not None and options.kind is not None and source.kind(look) != options.kind:
        source = None
    try:
        return recognise(look, options.kind, mapping, source=source), None
    except UnknownKind:
        if options.kind or options.mapping:
            raise
    if known is None or not options.propose:
        return None, None
    return replace(_as_before(look, source, known), confidence=PROPOSED), known


def _as_before(look: Look, source: Source | None, known: Shape) -> Recognition:
    mapping = {column: field for column, field in known.mapping.items() if column in look.columns}
    same = source if source is not None and source.kind(look) == known.kind else None
    return recognise(look, known.kind, mapping, source=same)


def _said_of(known: Shape | None, file: str) -> list[Finding]:
    """That an earlier file decided what this one is taken for."""
    if known is None:
        return []
    return [
        Finding(
            "mapping_remembered",
            "info" if known.stem == stem_of(file) else "warning",
            f"{file}: its kind and mapping are those of an earlier file with these headers, published as"
            f' "{known.layer}".',
            found=known.layer,
            remedy="Choose another kind or mapping if this file is of another thing.",
        )
    ]


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
