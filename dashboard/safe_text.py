"""Text from files is code until made safe. Every string that reaches a map comes through here."""

from __future__ import annotations

import html

# Leaflet writes text into HTML, folium into JavaScript template literals: both must be closed.
_TEMPLATE_LITERAL = str.maketrans({"`": "&#96;", "$": "&#36;", "{": "&#123;", "}": "&#125;", "\\": "&#92;"})


def safe_text(value: object, limit: int = 300) -> str:
    """A value as text that is inert in HTML and in a JavaScript template literal.

    Parameters
    ----------
    value : object
        Anything; missing values become an empty text.
    limit : int
        Longer text is cut, with an ellipsis.
    """
    if value is None or value != value:
        return ""
    text = str(value)
    text = text if len(text) <= limit else text[: limit - 1] + "…"
    return html.escape(text).translate(_TEMPLATE_LITERAL)
