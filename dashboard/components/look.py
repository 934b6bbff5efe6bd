"""The look: tokens of the theme as CSS, the marking banner, small pieces of HTML.

Streamlit's own theming (.streamlit/config.toml) comes first; this is the little that it
cannot say. Every text goes through `text`.
"""

from __future__ import annotations

import html
import re

import streamlit as st

from dashboard.assets import own_text
from dashboard.maps import THEMES
from layers.errors import OverlayError
from layers.marking import Marking

BANNER = {
    Marking.UNCLASSIFIED: ("#1B6B3A", "#FFFFFF"),
    Marking.CONFIDENTIAL: ("#1B4F8A", "#FFFFFF"),
    Marking.STRICTLY_CONFIDENTIAL: ("#A51D2D", "#FFFFFF"),
}


def theme() -> str:
    """``light`` or ``dark``, as the browser shows it."""
    return "dark" if st.context.theme.type == "dark" else "light"


def text(value: object) -> str:
    """A value as HTML text."""
    return html.escape(str(value))


def counted(number: int, word: str) -> str:
    """A number of things.

    >>> counted(1, "row"), counted(1200, "row")
    ('1 row', '1,200 rows')
    """
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def tokens() -> dict[str, str]:
    """The colours of the current theme."""
    return THEMES[theme()]


def ink_on(colour: str) -> str:
    """Black or white, whichever is read better on a colour (WCAG relative luminance).

    >>> ink_on("#F7DC8C"), ink_on("#A51D2D")
    ('#15212C', '#FFFFFF')
    """
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return "#15212C" if luminance > 0.3 else "#FFFFFF"


def bars(title: str, items: list[tuple[str, float, str]], total: str, token: str) -> None:
    """Parts of a sum as bars that add up: (label, value, figure)."""
    largest = max((value for _, value, _ in items), default=0.0) or 1.0
    lines = "".join(
        f'<div class="o-bar"><span>{text(label)}</span><i><b style="width:{100 * value / largest:.1f}%;'
        f'background:var(--{token})"></b></i><em>{text(figure)}</em></div>'
        for label, value, figure in items
    )
    st.html(f'<div class="o-card"><h3>{text(title)}</h3>{lines}<div class="o-bar sum"><span>together</span><i></i>'
            f"<em>{text(total)}</em></div></div>")  # fmt: skip


def css() -> str:
    """The style sheet of the current theme."""
    tokens = "".join(f"--{name}:{value};" for name, value in THEMES[theme()].items() if name != "name")
    return f"<style>:root {{ {tokens} }}\n{own_text('page.css')}</style>"


def banner(marking: Marking, *, exercise: bool) -> None:
    """Marking (and EXERCISE) across the top of the page."""
    background, ink = BANNER[marking]
    band = '<div class="o-exercise">EXERCISE EXERCISE EXERCISE</div>' if exercise else ""
    height = "40px" if exercise else "20px"
    st.html(
        f"<style>:root {{ --banner: {height}; }}</style>"
        f'<div class="o-banner" role="note"><div style="background:{background};color:{ink}">{marking.label}</div>'
        f"{band}</div>"
    )


def heading(title: str, explanation: str) -> None:
    """Page title with the view in words beside it."""
    st.html(f'<div class="o-head"><h1>{text(title)}</h1><span>{text(explanation)}</span></div>')


def section(title: str) -> None:
    """Small heading in the sidebar or a column."""
    st.html(f'<div class="o-section">{text(title)}</div>')


def dot(token: str) -> str:
    """A small square in a colour of the theme."""
    return f'<i class="o-dot" style="background:{THEMES[theme()].get(token, token)}"></i>'


def card(title: str, items: list[tuple[str, str, str]], footer: str = "") -> None:
    """A panel of lines: (colour token, headline, explanation)."""
    lines = "".join(
        f'<div class="item">{dot(token)}<div><b>{text(headline)}</b>'
        f"{f'<div class=muted>{text(note)}</div>' if note else ''}</div></div>"
        for token, headline, note in items
    )
    foot = f'<div class="muted" style="margin-top:6px">{text(footer)}</div>' if footer else ""
    st.html(f'<div class="o-card"><h3>{text(title)}</h3>{lines}{foot}</div>')


def table_card(
    title: str, rows: list[tuple[str, str]], footer: str = "", more: tuple[str, list[tuple[str, str]]] | None = None
) -> None:
    """A panel of names and values; `more` of them stand below, folded, under a title of their own."""
    foot = f'<div class="muted" style="margin-top:6px">{text(footer)}</div>' if footer else ""
    fold = f"<details><summary>{text(more[0])}</summary>{_table(more[1])}</details>" if more else ""
    st.html(f'<div class="o-card"><h3>{text(title)}</h3>{_table(rows)}{foot}{fold}</div>')


def _table(rows: list[tuple[str, str]]) -> str:
    return f"<table>{''.join(f'<tr><td>{text(name)}</td><td>{text(value)}</td></tr>' for name, value in rows)}</table>"


def notes(lines: list[str]) -> None:
    """What must be known, a line each."""
    st.html('<div class="o-note">' + "".join(f"<p>{text(line)}</p>" for line in lines) + "</div>")


def empty(what: str, remedy: str) -> None:
    """An empty state that says what to do next; what stands between backticks is to be typed."""
    told = re.sub("`(.+?)`", r"<code>\1</code>", text(remedy))
    st.html(f'<div class="o-card"><h3>{text(what)}</h3><div class="muted">{told}</div></div>')


def error(problem: OverlayError) -> None:
    """An expected failure: where, what was found, what was expected, the remedy."""
    refusal(problem.as_dict())


def refusal(parts: dict[str, str]) -> None:
    """The same, from the four parts."""
    where, found, expected, remedy = (
        markdown(str(parts.get(name, ""))) for name in ("where", "found", "expected", "remedy")
    )
    st.error(f"**{where}**: found {found}; expected {expected}.\n\n{remedy}", icon=":material/error:")


def failure(reference: str) -> None:
    """An unexpected failure: no traceback, a reference to the log."""
    st.error(
        f"**This page**: something failed that should not have. It is written to the server's log under the reference "
        f"`{reference}`.\n\nReload the page; if it fails again, send the reference to your administrator.",
        icon=":material/error:",
    )


def markdown(value: str) -> str:
    """Text that Markdown shows as it is."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]()<>#+-.!|~$:" else c for c in value)
