"""Which column is which field: what is in it, how surely it was understood, and a way to say otherwise."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.components import look
from layers.kinds import kind_of
from loaders.draft import Draft
from loaders.places import PLACE_SPELLINGS

KEPT = ""
KEPT_LABEL = "kept as attribute"
EXAMPLES, EXAMPLE_LENGTH = 3, 80
SURENESS = ((0.9, "sure"), (0.7, "likely"), (0.5, "perhaps"), (0.0, "a guess"))


def in_words(confidence: float) -> str:
    """A confidence as people say it, with its figure."""
    word = next(word for least, word in SURENESS if confidence >= least)
    return f"{word}, {confidence:.0%}"


def mapping_panel(draft: Draft) -> dict[str, str] | None:
    """Draw the columns; returns what the person changed (column -> field, empty: attribute), or None."""
    kind = kind_of(draft.kind)
    labels = {f.name: f.label for f in kind.fields} | {
        name: name.replace("_", " ").capitalize() for name in PLACE_SPELLINGS
    }
    table = _table(draft)
    people = f" · {len(draft.personal)} about people, not stored" if draft.personal else ""
    remembered = " · as in an earlier file of this shape" if draft.remembered else ""
    with st.expander(f"Columns: {len(draft.mapping)} of {len(table)} understood{people}{remembered}"):
        if draft.personal:
            st.html(
                '<div class="o-note"><b>Not stored, for they speak of people:</b> '
                f"{look.text(', '.join(draft.personal))}."
                " Rejected rows go back to the sender with them.</div>"
            )
        edited: pd.DataFrame = st.data_editor(
            table,
            hide_index=True,
            disabled=["Column", "Example", "How sure"],
            key=f"mapping.{draft.id}.{draft.kind}.{hash(tuple(draft.mapping.items()))}",
            height=min(35 * (len(table) + 1) + 3, 320),
            column_config={
                "Field": st.column_config.SelectboxColumn(
                    "Taken as",
                    options=[KEPT, *labels],
                    format_func=lambda name: labels.get(str(name), KEPT_LABEL),
                    required=True,
                )
            },
        )
    changed = edited[edited["Field"].fillna(KEPT) != table["Field"]]
    if changed.empty:
        return None
    return {str(c): str(f) for c, f in zip(changed["Column"], changed["Field"].fillna(KEPT), strict=True)}


def _table(draft: Draft) -> pd.DataFrame:
    names = [c.name for c in draft.columns]
    return pd.DataFrame(
        {
            "Column": names,
            "Example": [", ".join(list(dict.fromkeys(c.samples))[:EXAMPLES])[:EXAMPLE_LENGTH] for c in draft.columns],
            "Field": [draft.mapping.get(name, KEPT) for name in names],
            "How sure": [
                in_words(draft.confidences[name]) if name in draft.mapping and name in draft.confidences else ""
                for name in names
            ],
        }
    )
