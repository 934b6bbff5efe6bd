"""What a command prints: one JSON document, or sentences and short tables; messages apart from both."""

from __future__ import annotations

import json
import re
import shutil
import sys
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

WIDTH_ELSEWHERE = 160
"""Characters in a line where no terminal says how many it has."""
NARROWEST = 8
GAP = 2
BLANKS, JOINTS = re.compile(r"(\s+)"), re.compile(r"(\s+)|(?<=[-_/,])(?=\S)")
"""Where a line may end: at blanks; where a word is wider than the line, behind its hyphens and the like too."""
SURROGATES = re.compile("[\ud800-\udfff]")


def print_json(document: Mapping[str, Any]) -> None:
    """The one document of `--json`. A NaN in it is a defect, and refused."""
    sys.stdout.write(_encodable(json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1)) + "\n")


def say(message: str) -> None:
    """A message for the person, on standard error."""
    sys.stderr.write(_encodable(message) + "\n")


def print_sentence(text: str) -> None:
    """A sentence of the answer, whole, in lines as wide as the terminal."""
    sys.stdout.write(_encodable("\n".join(_lines(printable(text), _width()))) + "\n")


def print_table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """A plain table as wide as the terminal; nothing is cut: what is too long goes on below."""
    lines = [list(columns), *([cell(row.get(name)) for name in columns] for row in rows)]
    whole = [max(len(line[i]) for line in lines) for i in range(len(columns))]
    words = [max(_longest_word(line[i]) for line in lines) for i in range(len(columns))]
    widths = _fitted(_fitted(whole, words), [NARROWEST] * len(columns))
    for line in lines:
        parts = [_lines(text, width) for text, width in zip(line, widths, strict=True)]
        for n in range(max(map(len, parts))):
            texts = [part[n] if n < len(part) else "" for part in parts]
            joined = (" " * GAP).join(text.ljust(width) for text, width in zip(texts, widths, strict=True))
            sys.stdout.write(_encodable(joined.rstrip()) + "\n")


def say_what_was_asked(document: Mapping[str, Any]) -> None:
    """The first line of an answer: method, day and parameters."""
    say(f"{document['method']} as of {document['as_of']}: {cell(document['parameters'])}")


def split_sentences(summary: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, Any]]:
    """The sentences of a summary, to be printed whole and first, and its figures."""
    told = {name: text for name, text in summary.items() if name.endswith("sentence") and isinstance(text, str)}
    return told, {name: value for name, value in summary.items() if name not in told}


def cell(value: Any) -> str:
    """A value in words: a dash for what is missing, three digits that count, lists and groups as text."""
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {cell(part)}" for name, part in value.items()) or "none"
    if isinstance(value, list | tuple):
        return ("; " if any(isinstance(part, Mapping) for part in value) else ", ").join(map(cell, value)) or "none"
    return printable(str(value))


def printable(text: str) -> str:
    """The text with blanks for characters that a terminal would obey instead of show."""
    return "".join(c if c.isprintable() else " " for c in text)


def _number(value: float) -> str:
    """At least three digits that count, whole from 100 on, thousands apart from 10,000 on."""
    if isinstance(value, int) or abs(value) >= 100:
        whole = round(value)
        return f"{whole:,}" if abs(whole) >= 10_000 else str(whole)
    return f"{value:.2f}".rstrip("0").rstrip(".") if abs(value) >= 10 else f"{value:.3g}"


def _lines(text: str, width: int) -> list[str]:
    wrapper = textwrap.TextWrapper(width)
    wrapper.wordsep_re = JOINTS if _longest_word(text) > width else BLANKS
    return wrapper.wrap(text) or [""]


def _width() -> int:
    return shutil.get_terminal_size((WIDTH_ELSEWHERE, 0)).columns


def _longest_word(text: str) -> int:
    return max(map(len, text.split()), default=0)


def _fitted(widths: list[int], least: list[int]) -> list[int]:
    """The widths with the widest made narrower until a line fits, none narrower than its least."""
    widths = list(widths)
    while sum(widths) + GAP * (len(widths) - 1) > _width():
        spare, widest = max(
            (width if width > low else 0, i) for i, (width, low) in enumerate(zip(widths, least, strict=True))
        )
        if not spare:
            break
        widths[widest] -= 1
    return widths


def _encodable(text: str) -> str:
    """The text with U+FFFD for bytes that are no UTF-8, as names of files may hold."""
    return SURROGATES.sub("\ufffd", text)
