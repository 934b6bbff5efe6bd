"""JSON from strangers: its encoding, its depth, its odd numbers, and cells of text made of its values."""

from __future__ import annotations

import codecs
import gc
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from layers.errors import TooLarge, UnreadableFile
from layers.report import Finding
from loaders.formats.format import Opened

# Half a character, as JSON can escape it: no text can hold it.
HALF_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
HALF = re.compile("[\ud800-\udfff]")
LONGEST_NUMBER = 400  # digits; more is beyond any number that can be kept
MAX_DEPTH = 64
CHUNK = 16_777_216
STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|[{}\[\]:,]', re.DOTALL)
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@contextmanager
def uncollected() -> Iterator[None]:
    """Without the search for cycles: JSON has none, and among millions of objects it doubles the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def begin(head: bytes) -> str:
    """The beginning of a file as text, without marks and blanks before it."""
    if head.startswith(UTF16):
        return head.decode("utf-16", errors="ignore").lstrip("\ufeff \r\n\t")
    return head.replace(codecs.BOM_UTF8, b"").decode("utf-8", errors="replace").lstrip("\ufeff\x1e \r\n\t")


def members(text: str) -> tuple[list[str], bool]:
    """Names of the outermost members as far as the text goes, and whether a second value begins after the first."""
    names: list[str] = []
    depth, last = 0, None
    for token in TOKEN.finditer(text):
        mark = token[0]
        if mark in "{[":
            if depth == 0 and last is not None:
                return names, True
            depth += 1
        elif mark in "}]":
            depth -= 1
        elif mark == ":" and depth == 1 and last is not None and last[1] is not None:
            names.append(last[1])
        last = token
    return names, False


def content_of(opened: Opened, what: str) -> tuple[bytes, list[Finding]]:
    """The file's bytes as UTF-8 without a mark; what had to be guessed is said.

    Raises
    ------
    TooLarge
        When it is nested too deeply.
    """
    content, findings = opened.path.read_bytes(), []
    if content.startswith(UTF16):
        content = content.decode("utf-16", errors="replace").encode()
    while content.startswith(codecs.BOM_UTF8):
        content = content.removeprefix(codecs.BOM_UTF8)
    if not _is_utf8(content):
        content = content.decode("cp1252", errors="replace").encode()
        findings.append(
            Finding(
                "encoding_guessed",
                "warning",
                f"{opened.name}: the text is not UTF-8, as {what} must be; it was read as Windows-1252.",
                found="not UTF-8",
                remedy="Check names with accents; export as UTF-8.",
            )
        )
    if _depth(content) > MAX_DEPTH and _depth(STRING.sub(b'""', content)) > MAX_DEPTH:
        raise TooLarge(opened.name, f"JSON nested deeper than {MAX_DEPTH}", "flatter JSON", "Export it again.")
    return content, findings


def _pieces(content: bytes) -> Iterator[memoryview]:
    view = memoryview(content)
    return (view[start : start + CHUNK] for start in range(0, len(content), CHUNK))


def _is_utf8(content: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for piece in _pieces(content):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _depth(content: bytes) -> int:
    """Deepest nesting, brackets inside of texts counted too."""
    steps = np.zeros(256, np.int8)
    steps[[ord("{"), ord("[")]], steps[[ord("}"), ord("]")]] = 1, -1
    deepest = depth = 0
    for piece in _pieces(content):
        change = steps[np.frombuffer(piece, np.uint8)]
        change = change[change != 0]
        if len(change):
            levels = depth + np.cumsum(change, dtype=np.int64)
            deepest, depth = max(deepest, int(levels.max())), int(levels[-1])
    return deepest


def loads(text: str) -> Any:
    """JSON without what no column can hold: NaN, endless numbers, half characters."""

    def plain(text: str) -> Any:
        return json.loads(text, parse_constant=lambda _: None, parse_int=_integer)

    document = plain(text)
    if not HALF_ESCAPE.search(text):
        return document
    return plain(HALF.sub("\ufffd", json.dumps(document, ensure_ascii=False)))


def parse(content: bytes, name: str, expected: str) -> Any:
    """The whole document.

    Raises
    ------
    UnreadableFile
        When it is cut short or no JSON, with line and column.
    """
    text = content.decode("utf-8", errors="replace")
    try:
        return loads(text)
    except json.JSONDecodeError as error:
        cut = not text.rstrip().endswith(("}", "]"))
        raise UnreadableFile(
            f"{name}, line {error.lineno}, column {error.colno}",
            "a file that ends before the JSON is complete: it was cut short" if cut else f"no JSON: {error.msg}",
            f"complete {expected}",
            "Export or copy the file again.",
        ) from error
    except RecursionError as error:
        raise UnreadableFile(name, "JSON nested too deeply", expected, "Export it again.") from error


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= LONGEST_NUMBER else digits


def cell(value: Any) -> str | None:
    """A value of JSON as the text of a cell."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)
