"""A file that came in: what it is taken for, its columns, its rows, and the way to publish it."""

from __future__ import annotations

from urllib.parse import quote

import pandas as pd
import streamlit as st

from dashboard import cache
from dashboard.components import look
from dashboard.components.draft_map import draft_map
from dashboard.view import DraftQuery, to_text
from layers.errors import OverlayError, UnknownLayer
from layers.kinds import KINDS, kind_of
from layers.report import Report
from loaders import ingest
from loaders.draft import Draft
from loaders.ingest import Review
from loaders.places import PLACE_SPELLINGS

KEPT = "keep as it is"
MOST_FINDINGS = 1000
SEVERITY_ORDER = ("refused", "rejected", "repaired", "warning", "info")


def draft_panel(draft_id: str) -> None:
    """Everything about one draft; gone from the address once it is published or discarded."""
    try:
        draft = ingest.load_draft(cache.access(), draft_id)
        with st.container(border=True, key=f"draft-{draft_id}"):
            _draft(draft)
    except OverlayError as error:
        look.error(error)
        if st.button("Put it aside", key=f"drop.{draft_id}"):
            _forget(draft_id)
            st.rerun()


def _draft(draft: Draft) -> None:
    source = f"{draft.source_label} · " if draft.source else ""
    known = (
        f"recognised with {draft.confidence:.0%} confidence" if draft.source or draft.confidence else "not recognised"
    )
    st.html(
        f'<div class="o-head"><h1>{look.text(draft.shown)}</h1><span>{look.text(source + known)}, '
        f"{draft.rows:,} rows</span></div>"
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
    layer = draft.layer
    try:
        current = cache.access().info(layer)
    except UnknownLayer:
        current = None
    note_box, publish_box, discard_box = st.columns([3, 1, 1], vertical_alignment="bottom")
    what = f"becomes version {current.version + 1} of {layer}" if current else f"becomes the new layer {layer}"
    note = note_box.text_input("Note", key=f"note.{draft.id}", placeholder=f"It {what}")
    if publish_box.button(
        "Publish", type="primary", key=f"publish.{draft.id}", disabled=review.frame.empty, width="stretch"
    ):
        info = ingest.publish(
            draft,
            cache.access(),
            review,
            base=current.version if current else None,
            by=cache.access().principal.name,
            note=note,
        )
        _forget(draft.id)
        st.toast(f"Published {info.layer}, version {info.version}: {info.rows:,} rows.")
        st.rerun()
    if discard_box.button("Discard", key=f"discard.{draft.id}", width="stretch"):
        ingest.discard(draft, cache.access())
        _forget(draft.id)
        st.rerun()


def _forget(draft_id: str) -> None:
    st.query_params["draft"] = [d for d in st.query_params.get_all("draft") if d != draft_id]
