"""A file that came in: what it is taken for, its columns, its rows, and the way to publish it."""

from __future__ import annotations

from urllib.parse import quote

import pandas as pd
import streamlit as st

from dashboard import cache
from dashboard.components import look
from dashboard.components.boundary import in_words
from dashboard.components.draft_map import draft_map
from dashboard.components.filter_bar import look_at
from dashboard.view import DraftQuery, to_text
from layers.kinds import KINDS, kind_of
from layers.report import Report
from loaders import ingest
from loaders.draft import Draft
from loaders.ingest import Review
from loaders.places import PLACE_SPELLINGS

KEPT = "keep as it is"
MOST_FINDINGS = 1000
SEVERITY_ORDER = ("refused", "rejected", "repaired", "warning", "info")


def draft_panels() -> None:
    """Every file that came in and was neither published nor discarded: a refresh loses none."""
    for draft in ingest.open_drafts(cache.access()):
        with st.container(border=True, key=f"draft-{draft.id}"):
            in_words(_draft)(draft)
            if st.button("Discard this file", key=f"discard.{draft.id}", type="tertiary"):
                ingest.discard(draft, cache.access())
                st.rerun()


def _draft(draft: Draft) -> None:
    source = f"{draft.source_label} · " if draft.source else ""
    known = (
        f"recognised with {draft.confidence:.0%} confidence" if draft.source or draft.confidence else "not recognised"
    )
    world = "EXERCISE data" if draft.exercise else "real data"
    st.html(
        f'<div class="o-head"><h1>{look.text(draft.shown)}</h1><span>{look.text(source + known)}, '
        f"{draft.rows:,} rows · {world}</span></div>"
    )
    kind_box, name_box = st.columns(2)
    ids = [k.id for k in KINDS]
    kind_id = kind_box.selectbox(
        "Taken as",
        ids,
        index=ids.index(draft.kind) if draft.kind else None,
        key=f"kind.{draft.id}",
        format_func=lambda i: kind_of(i).label,
        placeholder="What is it?",
    )
    layer = name_box.text_input("Layer name", draft.layer, key=f"layer.{draft.id}") or draft.layer
    if kind_id is None:
        return
    if (kind_id, layer) != (draft.kind, draft.layer):
        draft = ingest.take_as(draft, cache.access(), kind=kind_id, layer=layer)
    _mapping(draft)
    query = DraftQuery(draft.id, draft.kind, cache.areas_edition(exercise=draft.exercise), draft.mapping)
    review = cache.review(query)
    _account(review.report)
    address = quote(to_text(query))
    if len(review.frame):
        draft_map(review.frame, draft.kind, f"/drawn/draft?q={address}", exercise=draft.exercise, key=f"map.{draft.id}")
    _findings(review, address)
    _publish(draft, review)


def _mapping(draft: Draft) -> None:
    """Which column is which field; a change is kept with the draft at once."""
    fields = [KEPT, *kind_of(draft.kind).names, *PLACE_SPELLINGS]
    table = pd.DataFrame(
        {
            "Column": [c.name for c in draft.columns],
            "Example": [", ".join(c.samples)[:80] for c in draft.columns],
            "Field": [draft.mapping.get(c.name, KEPT) for c in draft.columns],
        }
    )
    with st.expander(f"Columns: {len(draft.mapping)} of {len(table)} understood", expanded=False):
        edited = st.data_editor(
            table,
            hide_index=True,
            disabled=["Column", "Example"],
            key=f"mapping.{draft.id}.{hash(tuple(draft.mapping.items()))}",
            column_config={"Field": st.column_config.SelectboxColumn(options=fields, required=True)},
        )
    changed = edited[edited["Field"] != table["Field"]]
    if len(changed):
        said = {c: "" if f == KEPT else f for c, f in zip(changed["Column"], changed["Field"], strict=True)}
        ingest.take_as(draft, cache.access(), kind=draft.kind, layer=draft.layer, mapping=said)
        st.rerun()


def _account(report: Report) -> None:
    st.html(
        f'<div class="o-sentence">{report.rows_in:,} rows in: {report.rows_ok:,} ok, '
        f"{report.rows_repaired:,} repaired, {report.rows_rejected:,} rejected. {report.records:,} records.</div>"
    )


def _findings(review: Review, address: str) -> None:
    findings = sorted(review.report.findings, key=lambda f: SEVERITY_ORDER.index(f.severity))
    if not findings:
        return
    shown = findings[:MOST_FINDINGS]
    more = f" (the first {MOST_FINDINGS:,} shown)" if len(findings) > MOST_FINDINGS else ""
    with st.expander(
        f"{len(findings):,} findings{more}", expanded=any(f.severity in {"refused", "rejected"} for f in shown)
    ):
        st.dataframe(
            pd.DataFrame(
                {
                    "What": [f.severity for f in shown],
                    "Row": pd.array([f.row for f in shown], dtype="Int64"),
                    "Field": [f.field or "" for f in shown],
                    "Found": [f.found for f in shown],
                    "In words": [f.message for f in shown],
                    "Remedy": [f.remedy for f in shown],
                }
            ),
            hide_index=True,
            height=min(260, 36 * (len(shown) + 1)),
        )
        if len(review.rejected):
            st.html(
                f'<div class="o-card"><a href="/rejected?q={address}" download>Download the '
                f"{len(review.rejected):,} rejected rows with their reasons (CSV)</a></div>"
            )


def _publish(draft: Draft, review: Review) -> None:
    access = cache.access()
    what = f"the new layer {draft.layer}" if draft.base is None else f"version {draft.base + 1} of {draft.layer}"
    note_box, publish_box = st.columns([4, 1], vertical_alignment="bottom")
    note = note_box.text_input("Note", key=f"note.{draft.id}", placeholder=f"It becomes {what}")
    if ingest.current_version(access, draft.layer) != draft.base:
        _stale(draft)
    elif publish_box.button(
        "Publish", type="primary", key=f"publish.{draft.id}", disabled=review.frame.empty, width="stretch"
    ):
        info = ingest.publish(draft, access, review, base=draft.base, by=access.principal.name, note=note)
        look_at(exercise=info.exercise)
        st.toast(f"Published {info.layer}, version {info.version}: {info.rows:,} rows, {info.marking.label}.")
        st.rerun()


def _stale(draft: Draft) -> None:
    """Somebody published in between: say so, and publish only after that was seen."""
    access = cache.access()
    now = access.info(draft.layer)
    st.warning(
        f"Somebody published version {now.version} of {look.markdown(draft.layer)} since this file was looked at: "
        f"{now.rows:,} rows, by {look.markdown(now.by)}{f', {look.markdown(now.note)}' if now.note else ''}. "
        "Publishing replaces it."
    )
    if st.button("I have seen it", key=f"seen.{draft.id}"):
        ingest.seen_anew(draft, access)
        st.rerun()
