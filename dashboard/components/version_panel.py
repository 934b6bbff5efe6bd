"""Loaded layers, their versions, what changed between two, and the way back."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import cache
from dashboard.components import look
from dashboard.components.downloads import downloads
from dashboard.components.page import Page
from layers.errors import OverlayError
from layers.kinds import kind_of
from layers.settings import settings
from layers.times import date_time_group
from store import LayerInfo

MOST_SHOWN = 20


def version_panel(page: Page) -> None:
    """The table of layers, and the chosen one's history."""
    infos = page.infos
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
    if st.session_state.get("layers.layer", names[0]) not in names:
        del st.session_state["layers.layer"]  # a layer of the other world, or one that is gone
    name = st.selectbox("Layer", names, key="layers.layer", bind="query-params")
    info = next(i for i in infos if i.layer == name)
    seen = page.seen(info)
    kept, whole = len(cache.filtered(seen)), cache.things(info)
    downloads(seen, f"Download {kept:,} of {whole:,}, as filtered" if kept != whole else f"Download all {whole:,}")
    history(info)


def history(info: LayerInfo) -> None:
    """Versions of one layer; roll back makes a new one with the old content."""
    versions = cache.access().versions(info.layer)
    look.table_card(
        f"Versions of {info.layer}",
        [
            (
                f"{v.version}",
                f"{v.rows:,} rows · {date_time_group(v.received_at, settings().theatre_timezone)} · {v.by}"
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
    change = cache.access().difference(f"{info.layer}@{old}", f"{info.layer}@{new}")
    look.table_card(
        f"From version {old} to {new}",
        [
            (
                word,
                f"{len(ids):,}"
                + (f" · {', '.join(ids[:MOST_SHOWN])}{' …' if len(ids) > MOST_SHOWN else ''}" if ids else ""),
            )
            for word, ids in (("added", change.added), ("changed", change.changed), ("withdrawn", change.withdrawn))
        ],
        ""
        if info.id_stable
        else "Its rows have no identifier of their own: a changed row counts as withdrawn and added.",
    )
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


def _hindered(old: int, info: LayerInfo, note: str) -> str:
    """Why rolling back is not possible now; empty when it is."""
    if old == info.version:
        return "That is the current version: choose an older one on the left."
    return "" if note else "Give a reason first."
