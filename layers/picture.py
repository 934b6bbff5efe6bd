"""A picture as text: a data URI of PNG or WebP, as a cell of type "picture" holds it."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import Literal

MOST_BYTES = 24_000_000
# PNG and WebP by their first bytes; nothing else may stand behind the name, least of all a script.
PICTURE = re.compile(r"data:image/(?:png;base64,iVBORw0KGgo|webp;base64,UklGR)[A-Za-z0-9+/]*={0,2}")


def picture_text(content: bytes, form: Literal["png", "webp"]) -> str:
    """The bytes of a picture as a data URI."""
    return f"data:image/{form};base64,{b64encode(content).decode('ascii')}"


def is_picture(text: object) -> bool:
    """Whether a cell holds a picture of a size that can be drawn."""
    return isinstance(text, str) and len(text) <= MOST_BYTES * 4 // 3 and PICTURE.fullmatch(text) is not None
