"""Loaded layers, their versions, what changed between two, and the way back."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import cache
from dashboard.components import look
from dashboard.components.downloads import downloads
from dashboard.components.job_panel import GO_TO
from dashboard.components.page import Page
from layers.errors import OverlayError
from layers.kinds import kind_of
from layers.settings import settings
from layers.times import date_time_group
from loaders import ingest
from store import LayerInfo

MOST_COMPARED_UNASKED = 50_000  # rows
AS_STORED = "Holds every row as it is stored, whatever the filters show"


def version_panel(page: Page) -> None:
    """The table of layers, and the chosen one's history."""
    infos = page.infos
    if not infos and ingest.open_drafts(cache.access()):
        return  # a file waits above: what to do next is said there
    if not infos:
        look.empty(
            "No layer is loaded yet", "Drop a file above, or load the sample scenario with `python cli.py sample`."
        )
        return
    zone = settings().theatre_timezone
    st.dataframe(
        pd.DataFrame(
            {
                "Layer": [i.layer for i in infos],
                "Kind": [kind_of(i.kind).label for i in infos],
                "Rows": [i.rows for i in infos],
                "Version": [i.version for i in infos],
                "As of": [date_time_group(i.as_of, zone) for i in infos],
                "Source": [i.source for i in infos],
                "Marking": [i.marking.label for i in infos],
                "Published by": [i.by for i in infos],
                "Note": [i.note for i in infos],
            }
        ),
        hide_index=True,
        height=min(31 * (len(infos) + 1) + 3, 420),
        column_config={"Rows": st.column_config.NumberColumn(format="localized")},
    )
    names = [i.layer for i in infos]
    if GO_TO in st.session_state:
        st.session_state["layers.layer"] = st.session_state.pop(GO_TO)
    if st.session_state.get("layers.layer", names[0]) not in names:
        del st.session_state["layers.layer"]  # a layer of the other world, or one that is gone
    name = st.selectbox("Layer", names, key="layers.layer", bind="query-params")
    info = next(i for i in infos if i.layer == name)
    whole, shown = st.columns([1, 1])
    with whole:
        downloads(cache.query(info), f"Download all {look.counted(info.rows, 'row')}, as stored", AS_STORED)
    seen = page.seen(info)
    if (kept := cache.count(seen)) != info.rows:
        with shown:
            downloads(seen, f"Download {kept:,} of {cache.things(info):,}, as the map shows them")
    history(info)


def history(info: LayerInfo) -> None:
    """Versions of one layer; roll back makes a new one with the old content."""
    versions, zone = cache.access().versions(info.layer), settings().theatre_timezone
    look.table_card(
        f"Versions of {info.layer}",
        [
            (
                f"{v.version}",
                f"{look.counted(v.rows, 'row')} · {date_time_group(v.received_at, zone)} · {v.by}"
                f"{f' · {v.note}' if v.note else ''} · {v.content_hash[:12]}",
            )
            for v in reversed(versions)
        ],
    )
    if len(versions) < 2:
        return
    numbers = [v.version for v in versions]
    old_box, new_box, act_box = st.columns([1, 1, 2], vertical_alignment="bottom")
    old = old_box.selectbox("From version", numbers, index=len(numbers) - 2, key="layers.old")
    new = new_box.selectbox("To version", numbers, index=len(numbers) - 1, key="layers.new")
    of = {v.version: v for v in versions}
    _difference(of[old], of[new])
    with act_box:
        note = st.text_input("Reason", key="layers.reason", placeholder="Why roll back?")
        if st.button(
            f"Roll back to version {old}",
            disabled=bool(hindered := _hindered(int(old), info, note)),
            help=hindered or None,
        ):
            try:
                cache.access().roll_back(info.layer, int(old), by=cache.access().principal.name, note=note)
            except OverlayError as error:
                look.error(error)
            else:
                st.rerun()


def _difference(old: LayerInfo, new: LayerInfo) -> None:
    """What differs; of large versions only when it is asked for, since both are read whole."""
    rows = max(old.rows, new.rows)
    if rows > MOST_COMPARED_UNASKED and not st.toggle(
        f"Compare {look.counted(rows, 'row')}", key=f"compare.{old.ref}.{new.ref}", help="Reads both versions."
    ):
        return
    change = cache.difference(old, new)
    look.table_card(
        f"From version {old.version} to {new.version}",
        [
            (word, f"{number:,}" + (f" · {', '.join(ids)}{' …' if number > len(ids) else ''}" if ids else ""))
            for word, (number, ids) in change.items()
        ],
        ""
        if new.id_stable
        else "Its rows have no identifier of their own: a changed row counts as withdrawn and added.",
    )


def _hindered(old: int, info: LayerInfo, note: str) -> str:
    """Why rolling back is not possible now; empty when it is."""
    if old == info.version:
        return "That is the current version: choose an older one on the left."
    return "" if note else "Give a reason first."
