"""The zipped XML of office programs: parts by name, sizes counted, no DOCTYPE.

The parser is the standard library's in C: defusedxml's is written in Python and takes five
times as long on a sheet. What defusedxml forbids is forbidden here before the parser sees
it: no part with a DOCTYPE or an entity of its own, nor one in an encoding that could hide it.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any
from xml.etree.ElementTree import Element, ParseError, iterparse

from layers.errors import TooLarge, UnreadableFile

MAX_PART = 2_000_000_000
MAX_RATIO, RATIO_FROM = 250, 50_000_000  # a sheet of few different values shrinks to a hundredth
MAX_PARTS = 10_000
FORBIDDEN = (b"<!DOCTYPE", b"<!ENTITY", b"<!doctype")
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ParseError, OSError)


class Package:
    """A workbook's zip archive, open for reading."""

    def __init__(self, path: Path, name: str) -> None:
        self.name = name
        try:
            self._archive = zipfile.ZipFile(path)
        except DAMAGED as error:
            raise self.damaged("it was cut short or damaged") from error
        entries = self._archive.infolist()
        if len(entries) > MAX_PARTS:
            raise TooLarge(name, f"a workbook of {len(entries)} parts", f"at most {MAX_PARTS}", "Save the sheet alone.")
        self._parts = {entry.filename.replace("\\", "/").lstrip("/").lower(): entry for entry in entries}

    def __enter__(self) -> Package:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._archive.close()
        if isinstance(error, DAMAGED):
            encrypted = "password" in str(error) or "encrypted" in str(error)
            raise self.damaged("it is encrypted" if encrypted else f"a part is damaged ({str(error)[:80]})") from error

    def damaged(self, why: str) -> UnreadableFile:
        """The refusal of a workbook that does not open."""
        return UnreadableFile(
            self.name, f"a workbook that does not open: {why}", "a complete workbook", "Save or copy it again."
        )

    def has(self, part: str) -> bool:
        """Whether there is such a part."""
        return part.lower() in self._parts

    def open(self, part: str) -> _Guarded:
        """A part as a stream that refuses what a sheet never needs."""
        entry = self._parts[part.lower()]
        ratio = entry.file_size / max(1, entry.compress_size)
        if entry.file_size > MAX_PART or (entry.file_size > RATIO_FROM and ratio > MAX_RATIO):
            size = f"a sheet of {entry.file_size / 1e6:.0f} MB, compressed {ratio:.0f} to 1"
            raise TooLarge(self.name, size, f"at most {MAX_RATIO} to 1", "Remove empty formatted rows; save again.")
        return _Guarded(self._archive.open(entry), self.name)

    def elements(self, part: str) -> Iterator[Element]:
        """Every element of a part, complete; none when there is no such part. The caller clears what is large."""
        if self.has(part):
            with self.open(part) as stream:
                for _, element in iterparse(stream):  # noqa: S314 - guarded
                    yield element


class _Guarded:
    """Bytes of a part; raises on a DOCTYPE, and on more bytes than a part may have."""

    def __init__(self, stream: Any, name: str) -> None:
        self._stream, self._name = stream, name
        self._last, self._total = b"", 0

    def read(self, size: int = -1) -> bytes:
        data: bytes = self._stream.read(size)
        self._total += len(data)
        if self._total > MAX_PART:
            raise TooLarge(self._name, "a part larger than it declares", "an honest workbook", "Save it again.")
        seen = self._last + data
        if b"\x00" in data or any(mark in seen for mark in FORBIDDEN):
            raise UnreadableFile(
                self._name,
                "XML with a DOCTYPE, entities or zero bytes inside a workbook",
                "a workbook as an office program writes it",
                "Save it again.",
            )
        self._last = data[-16:]
        return data

    def __enter__(self) -> _Guarded:
        return self

    def __exit__(self, *exception: object) -> None:
        self._stream.close()


def local(tag: str) -> str:
    """Name of an element without its namespace."""
    return tag.rpartition("}")[2]


def attribute(element: Element, name: str, default: str = "") -> str:
    """An attribute, whatever its namespace."""
    return next((value for key, value in element.attrib.items() if local(key) == name), default)
