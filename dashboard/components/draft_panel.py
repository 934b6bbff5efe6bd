"""A file that came in: what it is taken for, the account of its rows, and the way to publish it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

import streamlit as st

from dashboard import cache
from dashboard.components import look
from dashboard.components.boundary import in_words
from dashboard.components.draft_map import draft_map
from dashboard.components.findings_panel import findings_panel
from dashboard.components.job_panel import progress_line, stopped_key
from dashboard.components.mapping_panel import in_words as sureness
from dashboard.components.mapping_panel import mapping_panel
from layers.kinds import KINDS, kind_of
from layers.settings import settings
from layers.times import date_time_group
from loaders import ingest, jobs
from loaders.draft import Draft
from loaders.jobs import Job
from loaders.kept import KeptReview, kept_review

CRS_CODE = re.compile(r"EPSG:(\d{4,6})")
MOST_IDS = 8
WAITING = "_to_be_published"  # id of a draft -> the note for it


def draft_panels(*, leading: bool = True) -> None:
    """Every file that came in and was neither published nor discarded: a refresh loses none.

    `leading`: whether the page's one filled button is here.
    """
    drafts = ingest.open_drafts(cache.access())
    found = jobs.jobs(cache.access())
    busy = {job.draft: job for job in found if job.draft and job.state == "running"}
    failed = {job.draft: job for job in found if job.task == "review" and job.state == "failed"}
    _publish_next(drafts, busy, failed)
    waiting = st.session_state.get(WAITING, {})
    ready = [d for d in drafts if d.id not in busy and d.id not in waiting and _publishable(d)]
    if len(ready) > 1:
        _publish_all(ready, leads=leading)
    first = ready[0].id if leading and len(ready) == 1 else ""
    for place, draft in enumerate(drafts):
        with st.container(border=True, key=f"draft-{draft.id}"):
            folds = None if len(drafts) == 1 else place > 0
            in_words(_draft)(draft, busy.get(draft.id), failed.get(draft.id), leads=draft.id == first, folds=folds)


def _draft(draft: Draft, job: Job | None, failed: Job | None, *, leads: bool, folds: bool | None) -> None:
    _head(draft)
    if job is not None:
        st.html(progress_line(job))
        return
    if draft.id in st.session_state.get(WAITING, {}):
        st.html('<div class="o-muted">Waits to be published, one file after another.</div>')
        return
    kept = kept_review(draft, cache.access())
    _choices(draft, kept)
    if failed is not None and kept is None:
        _not_checked(draft, failed)
    elif draft.kind and kept is None:
        if st.session_state.get(stopped_key(draft.id)):
            _stopped(draft)
        else:
            jobs.start_review(draft, cache.access())
            st.rerun()
    elif kept is not None and kept.refusal is not None:
        look.refusal(kept.refusal)
        if kept.refusal.get("code") == "no_crs":
            _crs(draft, kept.refusal)
    elif kept is not None:
        _answer(draft, kept)
        _publish(draft, kept, leads=leads)
        _rows(draft, kept, folds=folds)
    _columns(draft)


def _head(draft: Draft) -> None:
    """The file, and what it was recognised as."""
    kind = kind_of(draft.kind).label if draft.kind else ""
    if draft.source:
        known = f"{draft.source_label}, {kind} · {sureness(draft.confidence)}"
    elif draft.kind:
        known = f"{kind}, by its columns · {sureness(draft.confidence)}"
    else:
        known = "not recognised: say below what it is"
    world = "EXERCISE data" if draft.exercise else "real data"
    words, act = st.columns([8, 1], vertical_alignment="center")
    words.html(
        f'<div class="o-head"><h2>{look.text(draft.shown)}</h2>'
        f"<span>{look.text(known)} · {look.counted(draft.rows, 'row')} · {world}</span></div>"
    )
    if act.button("Discard", key=f"discard.{draft.id}", type="tertiary", width="stretch"):
        ingest.discard(draft, cache.access())
        st.rerun()


def _choices(draft: Draft, kept: KeptReview | None) -> None:
    """Kind, layer and, where the file does not say it, the day it speaks of."""
    asked = draft.as_of is not None or any(c.code == "as_of_assumed" for c in (kept.counts if kept else ()))
    kind_box, name_box, *day_box = st.columns([3, 3, 2] if asked else [1, 1])
    ids = [k.id for k in KINDS]
    kind_id = kind_box.selectbox(
        "Taken as",
        ids,
        index=ids.index(draft.kind) if draft.kind else None,
        key=f"kind.{draft.id}",
        format_func=lambda i: kind_of(i).label,
        placeholder="What is it?",
    )
    layer = name_box.text_input("Layer name", draft.layer, key=f"layer.{draft.id}").strip() or draft.layer
    as_of: date | None = draft.as_of
    if asked:
        opening = draft.as_of or (kept.as_of if kept else None)
        chosen = day_box[0].date_input("As of", value=opening, key=f"as-of.{draft.id}", format="YYYY-MM-DD")
        as_of = chosen if isinstance(chosen, date) and chosen != opening else draft.as_of
    if kind_id is not None and (kind_id, layer, as_of) != (draft.kind, draft.layer, draft.as_of):
        _take(draft, kind=kind_id, layer=layer, as_of=as_of)


def _take(
    draft: Draft,
    *,
    kind: str = "",
    layer: str = "",
    mapping: Mapping[str, str] | None = None,
    crs: str | None = None,
    as_of: date | None = None,
) -> None:
    """Keep what the person said with the draft; the page then has it checked anew."""
    st.session_state.pop(stopped_key(draft.id), None)
    ingest.take_as(
        draft,
        cache.access(),
        kind=kind or draft.kind,
        layer=layer or draft.layer,
        mapping=mapping,
        crs=crs,
        as_of=as_of or draft.as_of,
    )
    st.rerun()


def _answer(draft: Draft, kept: KeptReview) -> None:
    """The account of every row, and what would change."""
    report = kept.report
    records = look.counted(report.records, "record") + (
        f", {kept.placed:,} with a place" if kept.placed != report.records else ""
    )
    st.html(
        f'<div class="o-sentence">{look.counted(report.rows_in, "row")} in: {report.rows_ok:,} ok, '
        f"{report.rows_repaired:,} repaired, {report.rows_rejected:,} rejected. "
        f'<span class="o-plain">{records}.</span></div>'
        f'<div class="o-muted">{_changes(draft, kept)}{_people(draft)}</div>'
    )


def _changes(draft: Draft, kept: KeptReview) -> str:
    """What publishing would add, change and withdraw, with the first of each."""
    if draft.base is None or kept.added is None:
        return "A new layer: nothing is replaced."
    parts = [
        f"<b>{count:,} {word}</b>{_first(ids, count)}"
        for word, count, ids in (
            ("added", kept.added, kept.first_added),
            ("changed", kept.changed or 0, kept.first_changed),
            ("withdrawn", kept.withdrawn or 0, kept.first_withdrawn),
        )
    ]
    by_row = "" if kept.id_stable else " Its rows have no identifier of their own: a change counts as both."
    against = f"Against version {draft.base} of {look.text(draft.layer)} this would be: "
    return f"{against}{', '.join(parts)}.{by_row}"


def _people(draft: Draft) -> str:
    count = len(draft.personal)
    return f" {count} {'column' if count == 1 else 'columns'} about people not stored." if count else ""


def _first(ids: tuple[str, ...], count: int) -> str:
    if not ids:
        return ""
    more = " …" if count > MOST_IDS else ""
    return f" ({look.text(', '.join(ids[:MOST_IDS]))}{more})"


def _publish(draft: Draft, kept: KeptReview, *, leads: bool) -> None:
    access = cache.access()
    if ingest.current_version(access, draft.layer) != draft.base:
        _stale(draft)
        return
    what = f"the new layer {draft.layer}" if draft.base is None else f"version {draft.base + 1} of {draft.layer}"
    note_box, publish_box = st.columns([5, 1], vertical_alignment="bottom")
    note = note_box.text_input(
        "Note", key=f"note.{draft.id}", placeholder=f"It becomes {what}", label_visibility="collapsed"
    )
    if publish_box.button(
        "Publish",
        type="primary" if leads else "secondary",
        key=f"publish.{draft.id}",
        disabled=not kept.report.records,
        help=None if kept.report.records else "Every row was rejected: there is nothing to publish.",
        width="stretch",
    ):
        jobs.start_publish(draft, access, note=note)
        st.rerun()


def _publishable(draft: Draft) -> bool:
    kept = kept_review(draft, cache.access())
    return (
        kept is not None
        and kept.refusal is None
        and bool(kept.report.records)
        and ingest.current_version(cache.access(), draft.layer) == draft.base
    )


def _publish_all(ready: list[Draft], *, leads: bool) -> None:
    """All files that wait, with one note."""
    note_box, act = st.columns([5, 1], vertical_alignment="bottom")
    note = note_box.text_input(
        "Note for all", key="note.all", placeholder="One note for all", label_visibility="collapsed"
    )
    if act.button(
        f"Publish all {len(ready)}", type="primary" if leads else "secondary", key="publish.all", width="stretch"
    ):
        st.session_state[WAITING] = {draft.id: note for draft in ready}
        st.rerun()


def _publish_next(drafts: list[Draft], busy: dict[str, Job], failed: dict[str, Job]) -> None:
    """Of those to be published, start one when none is under way: each takes its share of the machine.

    What was published just now may be what another is checked against: that one is checked anew first.
    """
    waiting: dict[str, str] = st.session_state.get(WAITING, {})
    if any(job.task == "publish" for job in busy.values()):
        return
    for draft in [d for d in drafts if d.id in waiting and d.id not in busy]:
        if _publishable(draft):
            jobs.start_publish(draft, cache.access(), note=waiting.pop(draft.id))
            st.rerun()
        elif kept_review(draft, cache.access()) is None and draft.id not in failed:
            jobs.start_review(draft, cache.access())
            st.rerun()
        else:  # not to be published
            del waiting[draft.id]


def _rows(draft: Draft, kept: KeptReview, *, folds: bool | None) -> None:
    """Row report and map; where several files wait they fold, for each map costs."""
    if folds is not None and not st.toggle("Rows and map", value=not folds, key=f"rows.{draft.id}"):
        return
    query = cache.draft_query(draft, kept)
    if not kept.placed:
        findings_panel(draft, kept, query)
        st.html('<div class="o-muted">No map: no record has a place of its own, all are known by area only.</div>')
        return
    left, right = st.columns([13, 7])
    with left:
        findings_panel(draft, kept, query)
    with right:
        draft_map(draft, kept, query)


def _columns(draft: Draft) -> None:
    if not draft.kind:
        return
    changed = mapping_panel(draft)
    if changed is not None:
        _take(draft, mapping=changed)
    if draft.crs:
        words, act = st.columns([6, 1], vertical_alignment="center")
        words.html(f'<div class="o-muted">Coordinates taken as {look.text(draft.crs)}, as you said.</div>')
        if act.button("Ask again", key=f"crs-again.{draft.id}", type="tertiary"):
            _take(draft, crs="")


def _crs(draft: Draft, refusal: Mapping[str, str]) -> None:
    """In which system the coordinates are: the likely ones as buttons, any other by its code."""
    guesses = list(dict.fromkeys(CRS_CODE.findall(" ".join(str(part) for part in refusal.values()))))[:5]
    *guess_boxes, code_box, act = st.columns([*([1] * len(guesses)), 2, 1], vertical_alignment="bottom")
    for guess, box in zip(guesses, guess_boxes, strict=True):
        if box.button(f"EPSG:{guess}", key=f"crs.{draft.id}.{guess}", width="stretch"):
            _take(draft, crs=f"EPSG:{guess}")
    code = code_box.text_input("Coordinate system", key=f"crs.{draft.id}", placeholder="EPSG code, such as 32634")
    number = code.upper().removeprefix("EPSG:").strip()
    if act.button("Take", key=f"crs-take.{draft.id}", disabled=not number.isdecimal(), width="stretch"):
        _take(draft, crs=f"EPSG:{number}")


def _not_checked(draft: Draft, failed: Job) -> None:
    look.refusal(failed.error or {})
    if st.button("Check again", key=f"again.{draft.id}"):
        jobs.dismiss(failed.id, cache.access())
        st.rerun()


def _stopped(draft: Draft) -> None:
    st.html('<div class="o-muted">You stopped the check of this file.</div>')
    if st.button("Check it", key=f"check.{draft.id}"):
        st.session_state.pop(stopped_key(draft.id), None)
        st.rerun()


def _stale(draft: Draft) -> None:
    """Somebody published in between: say so, and publish only after that was seen."""
    access = cache.access()
    now = access.info(draft.layer)
    received = date_time_group(now.received_at, settings().theatre_timezone)
    st.warning(
        f"Somebody published version {now.version} of {look.markdown(draft.layer)} since this file was looked at: "
        f"{look.counted(now.rows, 'row')}, {received}, by {look.markdown(now.by)}"
        f"{f', {look.markdown(now.note)}' if now.note else ''}. Publishing replaces it."
    )
    if st.button("I have seen it", key=f"seen.{draft.id}"):
        ingest.seen_anew(draft, access)
        st.rerun()
