"""The whole way in: a file becomes drafts, a draft is reviewed, a review is published."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import geopandas as gpd
import pandas as pd

from layers.dataset import Dataset
from layers.errors import MissingField, UnknownLayer
from layers.kind import Kind
from layers.kinds import kind_of
from layers.marking import Marking
from layers.report import Finding, Findings, Report
from layers.settings import settings
from loaders.as_of import day_of, find_as_of
from loaders.aside import forget_aside, set_aside
from loaders.draft import Draft, drafts_in, read_draft, read_rows, save_draft
from loaders.drafting import IngestOptions, drafts_of
from loaders.duplicates import Stored
from loaders.naming import stem_of
from loaders.recognise import recognise, with_choices
from loaders.reference import Reference
from loaders.sandbox import read_in_sandbox
from loaders.sources import SOURCE_BY_ID, Source
from loaders.validate import validate
from store.access import Access
from store.records import Difference, LayerInfo, Publication, Shape, Written

Progress = Callable[[str, int], None]
MOST_NAMED = 12  # columns in one message


def unwatched(stage: str, rows: int) -> None:
    """Progress that nobody looks at."""


@dataclass(frozen=True)
class Review:
    """A draft turned into rows of a kind, with the account of every one.

    Attributes
    ----------
    frame : GeoDataFrame or Written
        Canonical, EPSG:4326; or the same as it lies on disk.
    rejected : DataFrame
        ``row``, ``reason``, and the sender's columns.
    as_of : date or datetime
        What the data speak of.
    """

    frame: gpd.GeoDataFrame | Written
    report: Report
    rejected: pd.DataFrame
    kind: Kind
    mapping: dict[str, str]
    as_of: date
    id_stable: bool


def inspect(
    path: Path,
    access: Access,
    options: IngestOptions | None = None,
    progress: Progress = unwatched,
    saving: Callable[[Draft], None] = lambda draft: None,
) -> list[Draft]:
    """Open a file in the sandbox and say what it seems to hold; one draft per layer.

    Parameters
    ----------
    progress : callable
        ``(stage, rows)``, told every now and then.
    saving : callable
        Told each draft before it is on the disk.

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
            for draft, shaped in drafts_of(raw, path.name, access, options, findings, alone=len(layers) == 1):
                draft = replace(draft, base=current_version(access, draft.layer))
                saving(draft)
                made.append(draft)
                save_draft(draft, shaped, access.drafts())
                if draft.personal:
                    set_aside(raw, draft.personal, draft.id, access.home)
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
    asked = (*_not_understood(draft, columns), *_older(draft, access, as_of))
    also = (*said, *_marked_by_kind(draft, chosen), *asked)
    findings = Findings(draft.findings, validated.report.findings, also)
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


def changes(draft: Draft, access: Access, review: Review, *, merge: bool = False) -> Difference | None:
    """What publishing (or merging) a review would add, change and withdraw; None for a new layer."""
    if draft.base is None or not review.report.records:
        return None
    return access.compare(f"{draft.layer}@{draft.base}", _publication(draft, review, "", ""), merge=merge)


def publish(
    draft: Draft,
    access: Access,
    review: Review,
    *,
    base: int | None,
    by: str,
    note: str,
    merge: bool = False,
    confirmed: bool = False,
) -> LayerInfo:
    """Make a reviewed draft a version of its layer; the draft is then removed.

    Parameters
    ----------
    base : int or None
        Version that the person saw; None when the layer is new.
    confirmed : bool
        A person looked at kind and mapping: they are remembered for the next file of this shape.

    Raises
    ------
    MissingField
        When every row was rejected.
    StaleVersion
        When somebody published in between.
    """
    if not review.report.records:
        raise _nothing_left(draft, review.report)
    publication = _publication(draft, review, by, note)
    if merge and base is not None:  # rows that stay are not older for it
        publication = replace(publication, as_of=_later(review.as_of, access.info(f"{draft.layer}@{base}").as_of))
    if confirmed:
        publication = replace(publication, shape=_shape(draft, review))
    info = access.publish(publication, base=base, merge=merge)
    discard(draft, access)
    return info


def discard(draft: Draft, access: Access) -> None:
    """Remove a draft from the disk, and what was set aside of it."""
    shutil.rmtree(access.drafts() / draft.id, ignore_errors=True)
    forget_aside(draft.id, access.home)


def _publication(draft: Draft, review: Review, by: str, note: str) -> Publication:
    marking = draft.marking if draft.marking is not None else Marking.of(review.kind.default_marking)
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
    )


def _shape(draft: Draft, review: Review) -> Shape:
    """How the file was understood, to be remembered."""
    left_out = {column.name: "" for column in draft.columns if column.name not in review.mapping}
    return Shape(
        shape=draft.shape,
        reading=draft.reading,
        stem=stem_of(draft.file),
        exercise=draft.exercise,
        kind=review.kind.id,
        layer=draft.layer,
        mapping=review.mapping | left_out,
    )


def _later(one: date, other: date) -> date:
    return max(one, other, key=lambda moment: (day_of(moment), isinstance(moment, datetime), moment.isoformat()))


def _source_for(draft: Draft, kind: str | None) -> Source | None:
    """The draft's source, as long as the rows are taken as what it makes of them."""
    source = SOURCE_BY_ID.get(draft.source)
    return source if source is not None and kind in (None, source.kind(draft.look)) else None


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


def _not_understood(draft: Draft, mapping: Mapping[str, str]) -> list[Finding]:
    """Columns that nothing was made of; of a known source they are known to say no more."""
    left = [column.name for column in draft.columns if column.name not in mapping and column.samples]
    if draft.source or not left:
        return []
    more = f" and {len(left) - MOST_NAMED} more" if len(left) > MOST_NAMED else ""
    return [
        Finding(
            "columns_not_understood",
            "warning",
            f"{draft.shown}: {len(left)} of {len(draft.columns)} columns were not understood and are kept as they are:"
            f" {', '.join(left[:MOST_NAMED])}{more}.",
            found=left[0],
            remedy="Say which field each is, on the page or with --mapping FILE.",
        )
    ]


def _marked_by_kind(draft: Draft, kind: Kind) -> list[Finding]:
    """A marking that nobody stated, where it restricts who may see the layer."""
    marking = Marking.of(kind.default_marking)
    if draft.marking is not None or marking == min(Marking):
        return []
    return [
        Finding(
            "marking_assumed",
            "info",
            f"{draft.shown}: marked {marking.label} by default, as all layers of kind {kind.id}; --marking sets it.",
            field="marking",
            found=marking.label,
            remedy="Give it with --marking if that is wrong.",
        )
    ]


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
            remedy="Give the layer another name if both are to be kept.",
        )
    ]


def _nothing_left(draft: Draft, report: Report) -> MissingField:
    findings = Findings(report.findings)
    rejected = {code: count for (severity, code), (count, _) in findings.counts().items() if severity == "rejected"}
    code = max(rejected, key=rejected.__getitem__, default="no rows")
    count = rejected.get(code, 0)
    example = next((part for part in findings.parts if part.code == code), None)
    return MissingField(
        draft.shown,
        f"{report.rows_in} rows, none of which can be taken; {count} for {code}",
        "at least one good row",
        example.remedy if example else "Send a file with rows.",
    )
