"""Which encoding a text file is in: what it says, else what its bytes show."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from layers.report import Finding

SAMPLE_BYTES = 262_144
# What offices really send when it is not UTF-8: French and the like, else Arabic or Russian.
LATIN = "cp1252"
OTHER_SCRIPTS = ["cp1256", "cp1251"]
# UTF-32's mark begins with UTF-16's, so it is looked for first.
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
UNREADABLE = "\ufffd"
BEYOND_ASCII = re.compile(rf"[^\x00-\x7f{UNREADABLE}]")
NO_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f]")


def encoding_of(path: Path, name: str, findings: list[Finding]) -> str:
    """The encoding of a text file; what was guessed goes into the findings."""
    with path.open("rb") as stream:
        start = stream.read(SAMPLE_BYTES)
    stated = next((encoding for mark, encoding in BOMS if start.startswith(mark)), None) or wide_encoding(start)
    if stated:
        return stated
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk, last in _chunks(path):
            decoder.decode(chunk, final=last)
    except UnicodeDecodeError:
        return _guessed(path, chunk, name, findings)
    return "utf-8"


def wide_encoding(start: bytes) -> str | None:
    """UTF-16 or UTF-32 without its mark: of a table's many ASCII letters, one byte alone is not zero."""
    fours = np.frombuffer(start[: min(len(start), 4096) // 4 * 4], dtype=np.uint8).reshape(-1, 4) == 0
    if len(fours) and (fours[:, 1:3].all() and fours[:, [0, 3]].any(axis=1).all()):
        return "utf-32-le" if fours[:, 3].all() else "utf-32-be"
    sample = np.frombuffer(start[: min(len(start), 4096) // 2 * 2], dtype=np.uint8)
    if not len(sample):
        return None
    even, odd = (sample[::2] == 0).mean(), (sample[1::2] == 0).mean()
    if min(even, odd) > 0 or max(even, odd) < 0.4:
        return None
    encoding = "utf-16-le" if odd > even else "utf-16-be"
    return None if NO_TEXT.search(sample.tobytes().decode(encoding, errors="ignore")) else encoding


def _chunks(path: Path) -> Iterator[tuple[bytes, bool]]:
    with path.open("rb") as stream:
        while chunk := stream.read(SAMPLE_BYTES):
            yield chunk, len(chunk) < SAMPLE_BYTES


def _guessed(path: Path, sample: bytes, name: str, findings: list[Finding]) -> str:
    """UTF-8 with a few damaged bytes, or the usual encoding of another script."""
    damaged = _damaged_utf8(path)
    if damaged:
        findings.append(
            Finding(
                "damaged_text",
                "warning",
                f"{name}: the text is UTF-8 but for {damaged} characters that cannot be read.",
                found=f"{damaged} damaged characters",
                remedy="Correct the rows that are named; save as CSV UTF-8.",
            )
        )
        return "utf-8"
    encoding = LATIN
    if _mostly_other_script(sample):
        from charset_normalizer import from_bytes  # slow to import, and seldom needed

        best = from_bytes(sample, cp_isolation=OTHER_SCRIPTS).best()
        encoding = best.encoding if best else OTHER_SCRIPTS[0]
    findings.append(
        Finding(
            "encoding_guessed",
            "warning",
            f"{name}: the text is not UTF-8; it was read as {encoding}.",
            found="not UTF-8",
            remedy="Check names with accents; save as CSV UTF-8.",
        )
    )
    return encoding


def _damaged_utf8(path: Path) -> int:
    """How many characters are damaged in what is UTF-8 for the most part; 0 when it is not."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    damaged = good = 0
    for chunk, last in _chunks(path):
        text = decoder.decode(chunk, final=last)
        damaged += text.count(UNREADABLE)
        good += len(BEYOND_ASCII.findall(text))
    # Text of another encoding hits upon a valid pair of bytes by chance alone.
    return damaged if damaged * 2 <= good else 0


def _mostly_other_script(sample: bytes) -> bool:
    """Whether bytes above ASCII stand in runs, as words of another script do; accents stand alone."""
    high = np.frombuffer(sample, dtype=np.uint8) > 127
    paired = high[1:] & high[:-1]
    return bool(paired.sum() > 0.5 * high.sum())
