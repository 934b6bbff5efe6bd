"""Headline tiles: a label, a figure, an explanation."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dashboard.components import look


@dataclass(frozen=True)
class Tile:
    """One headline.

    Attributes
    ----------
    note : str
        Unit, range, limits.
    about : str
        Layer, source and as-of, shown on hover.
    """

    token: str
    label: str
    figure: str
    note: str
    about: str = ""


def tiles(items: list[Tile]) -> None:
    """A row of headlines."""
    body = "".join(
        f'<div class="o-tile" title="{look.text(t.about)}">'
        f'<div class="label">{look.dot(t.token)}{look.text(t.label)}</div>'
        f'<div class="figure">{look.text(t.figure)}</div><div class="note">{look.text(t.note)}</div></div>'
        for t in items
    )
    st.html(f'<div class="o-tiles">{body}</div>')
