"""Zip archives: checked whatever they hold, and unpacked by our own hand, one level deep.

`check_zip` runs before any format sees an archive, for workbooks, KMZ and data packages
are archives too: it counts what really comes out, not what the archive declares.
"""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from layers.errors import TooLarge, UnreadableFile

MAX_ENTRIES = 1_000
MAX_RATIO = 100
MAX_RATIO_OF_WORKBOOKS = 250  # a sheet of few different values shrinks to a hundredth
RATIO_FROM_BYTES = 10_000_000  # less does no harm, and a small text may well shrink a hundredfold
CHUNK = 1_048_576
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
LOCAL_HEADER = struct.Struct("<4s5H3I2H")
ENCRYPTED = 0x1


def is_zip(path: Path) -> bool:
    """Whether the content begins as a zip archive does."""
    with path.open("rb") as stream:
        return stream.read(4) in (b"PK\x03\x04", b"PK\x05\x06")


def check_zip(path: Path, name: str, max_bytes: int, max_ratio: int = MAX_RATIO) -> None:
    """Refuse an archive that is damaged, encrypted, a bomb, or that says two things at once.

    Parameters
    ----------
    max_bytes : int
        Most bytes that may come out of it.
    max_ratio : int
        How far it may be packed, unpacked bytes to packed ones.

    Raises
    ------
    UnreadableFile
        When it is truncated, damaged, encrypted or empty, names a file twice, or its
        entries lie over one another.
    TooLarge
        Over the limits of entries, bytes or ratio.
    """
    with _opened(path, name) as archive, path.open("rb") as stream:
        members = archive.infolist()
        _check_declared(members, name, max_bytes, max_ratio)
        ends = 0
        for member in sorted(members, key=lambda m: m.header_offset):
            begins = _begin_of_content(stream, member)
            if member.header_offset < ends:
                raise _dishonest(name, "entries that lie over one another")
            ends = begins + member.compress_size
            if _size_inside(stream, member) != member.file_size:
                raise _dishonest(name, "an entry of another size than it declares")


def unpack(path: Path, name: str, folder: Path, max_bytes: int) -> list[Path]:
    """Unpack the files of a checked archive into `folder`, by base name.

    Folders, links, `__MACOSX` and hidden files are left out; a nested archive stays packed.

    Raises
    ------
    UnreadableFile
        When it is damaged, or holds no file.
    TooLarge
        When more comes out than `max_bytes`.
    """
    files: list[Path] = []
    left = max_bytes
    with _opened(path, name) as archive:
        for member in filter(_wanted, archive.infolist()):
            target = _free_name(folder, PurePosixPath(_plain(member)).name)
            left -= _copy(archive, member, target, left, name)
            files.append(target)
    if not files:
        raise UnreadableFile(name, "a zip archive without files", "a zipped layer", "Zip the files of the layer.")
    return files


@contextmanager
def _opened(path: Path, name: str) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        raise UnreadableFile(
            name,
            "a zip archive that does not open: it was cut short or damaged",
            "a complete zip archive",
            "Zip or copy it again.",
        ) from error


def _plain(member: zipfile.ZipInfo) -> str:
    return member.filename.replace("\\", "/")


def _wanted(member: zipfile.ZipInfo) -> bool:
    parts = PurePosixPath(_plain(member)).parts
    link = stat.S_ISLNK(member.external_attr >> 16)
    return bool(parts) and not (member.is_dir() or link or "__MACOSX" in parts or parts[-1].startswith("."))


def _check_declared(members: list[zipfile.ZipInfo], name: str, max_bytes: int, max_ratio: int) -> None:
    if len(members) > MAX_ENTRIES:
        raise TooLarge(name, f"{len(members)} entries", f"at most {MAX_ENTRIES}", "Zip only the files of one layer.")
    if any(m.flag_bits & ENCRYPTED for m in members):
        found = "a zip archive that does not open: it is encrypted"
        raise UnreadableFile(name, found, "one without a password", "Zip it again without a password.")
    if any(m.compress_type not in METHODS for m in members):
        raise UnreadableFile(
            name, "a zip archive packed in a rare way", "the usual way (deflate)", "Zip it with another program."
        )
    twice = [file for file, count in Counter(m.filename for m in members if not m.is_dir()).items() if count > 1]
    if twice:
        raise _dishonest(name, f'the name "{twice[0][:80]}" twice')
    total = sum(m.file_size for m in members)
    packed = max(1, sum(m.compress_size for m in members))
    if total > max_bytes:
        found = f"{total / 1e6:.0f} MB unpacked"
        raise TooLarge(name, found, f"at most {max_bytes / 1e6:.0f} MB", "Split the layer into parts.")
    if total > RATIO_FROM_BYTES and total / packed > max_ratio:
        raise TooLarge(
            name, f"a compression of {total / packed:.0f} to 1", f"at most {max_ratio} to 1", "Send it unpacked."
        )


def _begin_of_content(stream: BinaryIO, member: zipfile.ZipInfo) -> int:
    """Where an entry's bytes begin, as its own header says; the stream is left there."""
    stream.seek(member.header_offset)
    header = stream.read(LOCAL_HEADER.size)
    if len(header) < LOCAL_HEADER.size:
        raise zipfile.BadZipFile("no local header")
    signature, *_, name_length, extra_length = LOCAL_HEADER.unpack(header)
    if signature != b"PK\x03\x04":
        raise zipfile.BadZipFile("no local header")
    return stream.seek(name_length + extra_length, 1)


def _size_inside(stream: BinaryIO, member: zipfile.ZipInfo) -> int:
    """Bytes that really come out of an entry, counted no further than one past what it declares."""
    left = member.compress_size
    if member.compress_type == zipfile.ZIP_STORED:
        return left
    inflate, size = zlib.decompressobj(-zlib.MAX_WBITS), 0
    while left > 0 and not inflate.eof and size <= member.file_size:
        chunk = stream.read(min(CHUNK, left))
        if not chunk:
            raise EOFError
        left -= len(chunk)
        while chunk and size <= member.file_size:
            size += len(inflate.decompress(chunk, CHUNK))
            chunk = inflate.unconsumed_tail
    if size <= member.file_size and not inflate.eof:
        raise EOFError
    return size


def _dishonest(name: str, found: str) -> UnreadableFile:
    return UnreadableFile(
        name, f"a zip archive with {found}", "an archive that any program writes", "Zip the files again."
    )


def _copy(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, left: int, name: str) -> int:
    """Write one file, counting again what comes out."""
    written = 0
    with archive.open(member) as source, target.open("xb") as out:
        while chunk := source.read(CHUNK):
            written += len(chunk)
            if written > left:
                raise TooLarge(name, "more bytes than the archive declares", "an honest archive", "Send it unpacked.")
            out.write(chunk)
    return written


def _free_name(folder: Path, base: str) -> Path:
    stem, suffix = Path(base).stem[:100], Path(base).suffix.lower()[:20]
    target, copy = folder / f"{stem}{suffix}", 2
    while target.exists():
        target, copy = folder / f"{stem}_{copy}{suffix}", copy + 1
    return target
