"""Cells that a spreadsheet opens safely, whoever wrote the text in them.

Text that a spreadsheet would run as a formula gets an apostrophe in front; numbers stay
numbers, also those that came as text.
"""

from __future__ import annotations

import json
import re
from typing import Any

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
NEGATIVE = re.compile(r"-\d+(\.\d+)?", re.ASCII)


def cell(value: Any) -> str | int | float:
    """One value as it stands in the file; missing is blank.

    >>> cell("=1+1"), cell("-1+1"), cell("-1"), cell(-5), cell(None)
    ("'=1+1", "'-1+1", '-1', -5, '')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return value
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, allow_nan=False)
    return f"'{text}" if text.startswith(FORMULA_STARTS) and not NEGATIVE.fullmatch(text) else text
