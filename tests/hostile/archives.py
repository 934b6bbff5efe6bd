"""Zip archives: bombs, paths, links, nesting, lies."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable

from tests.hostile.form import (
    ARCHIVE,
    CLOCK,
    FILE_SIZE,
    LANDLOCK,
    MEMORY,
    READER,
    UNPACKING,
    Form,
    Loads,
    Refused,
    Verdict,
    raw,
)

FAMILY = "Archives"
CSV = b"name,latitude,longitude\nBambari,5.76,20.67\nBria,6.54,21.98\n"
LARGE, BAD = Refused(("too_large",)), Refused(("unreadable_file",))
FULL = (ARCHIVE, MEMORY, CLOCK, FILE_SIZE)
LIE = (ARCHIVE, READER)
OUTSIDE = (UNPACKING, LANDLOCK)


def packed(*files: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of these."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return buffer.getvalue()


def entry(name: str, *, mode: int = stat.S_IFREG | 0o644, flags: int = 0) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr, info.compress_type = mode << 16, zipfile.ZIP_DEFLATED
    info.flag_bits |= flags
    return info


def bomb(megabytes: int, header: bytes = b"name,latitude,longitude\n", row: bytes = b"a,5,20\n") -> bytes:
    return header + row * (megabytes * 1_000_000 // len(row))


def _declaring(content: bytes, size: int) -> bytes:
    """A zip whose only entry declares another size, in both of its headers."""
    made = packed(("a.csv", content))
    real = struct.pack("<I", len(content))
    at_local, at_central = made.index(real), made.rindex(real)
    lie = struct.pack("<I", size)
    made = made[:at_local] + lie + made[at_local + 4 :]
    return made[:at_central] + lie + made[at_central + 4 :]


def _with_flag(flag: int) -> bytes:
    made = bytearray(packed(("a.csv", CSV)))
    made[6] |= flag
    made[made.index(b"PK\x01\x02") + 8] |= flag
    return bytes(made)


def _overlapping() -> bytes:
    """Many entries of the directory that all point at one compressed stream."""
    made = packed(("a.csv", bomb(1)))
    start, end = made.index(b"PK\x01\x02"), made.rindex(b"PK\x05\x06")
    central = made[start:end]
    entries = b"".join(central.replace(b"a.csv", b"%c.csv" % letter) for letter in range(ord("a"), ord("z")))
    tail = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 25, 25, len(entries), start, 0)
    return made[:start] + entries + tail


def _nested(depth: int) -> bytes:
    made = packed(("a.csv", CSV))
    for level in range(depth):
        made = packed((f"{level}.zip", made))
    return made


def _bzip2() -> bytes:
    return packed(("a.csv", bomb(3)), method=zipfile.ZIP_BZIP2)


def _twice() -> bytes:
    made = packed(("a.csv", CSV), ("b.csv", CSV.replace(b"Bria", b"Birao")))
    return made.replace(b"b.csv", b"a.csv")


def _zip_in_comment() -> bytes:
    made = packed(("a.csv", CSV))
    inner = packed(("b.csv", CSV))
    return made[:-2] + struct.pack("<H", len(inner)) + inner


def _broken_stream() -> bytes:
    made = bytearray(packed(("a.csv", CSV * 50)))
    middle = len(made) // 4
    made[middle : middle + 20] = b"\xff" * 20
    return bytes(made)


def _form(
    file: str,
    attempt: str,
    content: bytes | Callable[[], bytes],
    verdict: Verdict | tuple[Verdict, ...],
    stopped_by: tuple[str, ...],
) -> Form:
    make = raw(content) if isinstance(content, bytes) else lambda planted: content()
    return Form(FAMILY, file, attempt, make, verdict, stopped_by)


TRAVERSALS = (
    "../../../../tmp/overlay-hostile-escaped.csv",
    "/tmp/overlay-hostile-escaped.csv",  # noqa: S108 - where it would escape to
    "..\\..\\overlay-hostile-escaped.csv",
    "C:\\overlay-hostile-escaped.csv",
    "a/../../overlay-hostile-escaped.csv",
    "./././overlay-hostile-escaped.csv",
)


def forms() -> list[Form]:
    """Every form of this family."""
    made = [
        _form("bomb.zip", "300 MB out of 300 kB", lambda: packed(("a.csv", bomb(300))), LARGE, FULL),
        _form(
            "bomb_parts.zip",
            "20 files of 20 MB, all alike",
            lambda: packed(*((f"{i}.csv", bomb(20)) for i in range(20))),
            LARGE,
            FULL,
        ),
        _form("declares_less.zip", "30 MB that declare to be 10 bytes", lambda: _declaring(bomb(30), 10), BAD, LIE),
        _form("declares_more.zip", "60 bytes that declare to be 2 GB", _declaring(CSV, 2_000_000_000), LARGE, LIE),
        _form("declares_a_bit_more.zip", "an entry shorter than it declares", _declaring(CSV, 900), BAD, LIE),
        _form(
            "overlapping.zip",
            "25 entries over one stream",
            _overlapping,
            Refused(("unreadable_file", "too_large")),
            LIE,
        ),
        _form("entries.zip", "5,000 entries", lambda: packed(*((f"{i}.csv", b"") for i in range(5_000))), LARGE, LIE),
        _form("nested.zip", "archives in archives, ten deep", lambda: _nested(10), BAD, LIE),
        _form(
            "nested_bomb.zip",
            "a bomb inside of an archive",
            lambda: packed(("a.zip", packed(("a.csv", bomb(50))))),
            BAD,
            LIE,
        ),
        _form(
            "nested_book.zip",
            "a bomb that is a workbook inside of an archive",
            lambda: packed(
                ("a.xlsx", packed(("xl/workbook.xml", b"x"), ("xl/worksheets/sheet1.xml", b" " * 50_000_000)))
            ),
            LARGE,
            (ARCHIVE, MEMORY),
        ),
        _form("encrypted.zip", "content behind a password", _with_flag(1), BAD, LIE),
        _form("bzip2.zip", "a method of packing that is seldom looked at", _bzip2, BAD, LIE),
        _form("twice.zip", "one name for two contents", _twice(), BAD, LIE),
        _form("truncated.zip", "an archive without its end", packed(("a.csv", CSV * 9))[:-60], BAD, LIE),
        _form("broken.zip", "a stream that breaks off", _broken_stream(), BAD, LIE),
        _form("garbage.zip", "the beginning of an archive and nothing else", b"PK\x03\x04" + b"\xff" * 200, BAD, LIE),
        _form("empty.zip", "an archive without entries", packed(), BAD, LIE),
        _form("only_folders.zip", "folders alone", packed((entry("a/", mode=stat.S_IFDIR | 0o755), b"")), BAD, LIE),
        _form("comment.zip", "another archive in the comment", _zip_in_comment(), Loads(2), LIE),
        _form(
            "link.zip",
            "a link to a file of the machine",
            packed((entry("a.csv", mode=stat.S_IFLNK | 0o777), b"/etc/passwd")),
            BAD,
            OUTSIDE,
        ),
        _form(
            "link_then_file.zip",
            "a link, and a file through it",
            packed((entry("d", mode=stat.S_IFLNK | 0o777), b"/tmp"), ("d/a.csv", CSV)),
            Loads(2),
            OUTSIDE,
        ),
        _form(
            "device.zip",
            "a device",
            packed((entry("a.csv", mode=stat.S_IFCHR | 0o666), b""), ("b.csv", CSV)),
            Loads(2),
            OUTSIDE,
        ),
        _form(
            "ordinary.zip",
            "nothing: a folder, __MACOSX and an accented name",
            packed(("données/", b""), ("données/villes.csv", CSV), ("__MACOSX/données/._villes.csv", b"\0\1")),
            Loads(2),
            LIE,
        ),
        _form("gzip.csv.gz", "a gzip bomb", lambda: b"\x1f\x8b" + zlib.compress(bomb(20), wbits=31)[2:], BAD, LIE),
    ]
    made += [
        _form(f"traversal_{i}.zip", f"a file at {name}", packed((name, CSV)), Loads(2), OUTSIDE)
        for i, name in enumerate(TRAVERSALS)
    ]
    return made
