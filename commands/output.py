"""What a command prints: one JSON document, or a short table; messages apart from both."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

WIDEST, WIDEST_LAST = 48, 120
SURROGATES = re.compile("[\ud800-\udfff]")


def print_json(document: Mapping[str, Any]) -> None:
    """The one document of `--json`. A NaN in it is a defect, and refused."""
    sys.stdout.write(_encodable(json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1)) + "\n")


def say(message: str) -> None:
    """A message for the person, on standard error."""
    sys.stderr.write(_encodable(message) + "\n")


def print_table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """A plain table; missing values are a dash, long ones are cut."""
    limits = [*[WIDEST] * (len(columns) - 1), WIDEST_LAST]
    cells = [[_short(row.get(name), limit) for name, limit in zip(columns, limits, strict=True)] for row in rows]
    widths = [max(len(line[i]) for line in ([*columns], *cells)) for i in range(len(columns))]
    for line in ([*columns], *cells):
        sys.stdout.write("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() + "\n")


def _encodable(text: str) -> str:
    """The text with U+FFFD for bytes that are no UTF-8, as names of files may hold."""
    return SURROGATES.sub("\ufffd", text)


def _short(value: Any, limit: int) -> str:
    if value is None:
        return "-"
    text = ("yes" if value else "no") if isinstance(value, bool) else str(value)
    text = "".join(c if c.isprintable() else " " for c in text)
    return text if len(text) <= limit else text[: limit - 3] + "..."
