"""Zip archives, unpacked by our own hand: sizes counted, names cut to the base, one level deep."""

from __future__ import annotations

import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from layers.errors import TooLarge, UnreadableFile

MAX_ENTRIES = 1_000
MAX_RATIO = 100
RATIO_FROM_BYTES = 1_048_576  # a small text file may well shrink a hundredfold
CHUNK = 1_048_576


def is_zip(path: Path) -> bool:
    """Whether the content begins as a zip archive does."""
    with path.open("rb") as stream:
        return stream.read(4) == b"PK\x03\x04"


def unpack(path: Path, name: str, folder: Path, max_bytes: int) -> list[Path]:
    """Unpack the files of an archive into `folder`, by base name.

    Folders, links, `__MACOSX` and hidden files are left out; a nested archive stays packed.

    Raises
    ------
    UnreadableFile
        When the archive is truncated, damaged, encrypted or empty.
    TooLarge
        Over the limits of entries, bytes or ratio.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = [m for m in archive.infolist() if _wanted(m)]
            _check_declared(archive.infolist(), members, name, max_bytes)
            files: list[Path] = []
            left = max_bytes
            for member in members:
                target = _free_name(folder, PurePosixPath(member.filename.replace("\\", "/")).name)
                left -= _copy(archive, member, target, left, name)
                files.append(target)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        reason = "it is encrypted" if "password" in str(error) else "it was cut short or damaged"
        raise UnreadableFile(
            name, f"a zip archive that does not open: {reason}", "a complete zip archive", "Zip or copy it again."
        ) from error
    if not files:
        raise UnreadableFile(name, "a zip archive without files", "a zipped layer", "Zip the files of the layer.")
    return files


def _wanted(member: zipfile.ZipInfo) -> bool:
    parts = PurePosixPath(member.filename.replace("\\", "/")).parts
    link = stat.S_ISLNK(member.external_attr >> 16)
    return bool(parts) and not (member.is_dir() or link or "__MACOSX" in parts or parts[-1].startswith("."))


def _check_declared(
    everything: list[zipfile.ZipInfo], members: list[zipfile.ZipInfo], name: str, max_bytes: int
) -> None:
    if len(everything) > MAX_ENTRIES:
        raise TooLarge(name, f"{len(everything)} entries", f"at most {MAX_ENTRIES}", "Zip only the files of one layer.")
    total = sum(m.file_size for m in members)
    packed = max(1, sum(m.compress_size for m in members))
    if total > max_bytes:
        raise TooLarge(
            name, f"{total / 1e6:.0f} MB unpacked", f"at most {max_bytes / 1e6:.0f} MB", "Split the layer into parts."
        )
    if total > RATIO_FROM_BYTES and total / packed > MAX_RATIO:
        raise TooLarge(
            name, f"a compression of {total / packed:.0f} to 1", f"at most {MAX_RATIO} to 1", "Send it unpacked."
        )


def _copy(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, left: int, name: str) -> int:
    """Write one file, counting what really comes out, not what the archive declares."""
    written = 0
    with archive.open(member) as source, target.open("xb") as out:
        while chunk := source.read(CHUNK):
            written += len(chunk)
            if written > left:
                raise TooLarge(name, "more bytes than the archive declares", "an honest archive", "Send it unpacked.")
            out.write(chunk)
    return written


def _free_name(folder: Path, base: str) -> Path:
    stem, suffix = Path(base).stem, Path(base).suffix.lower()
    target, copy = folder / f"{stem}{suffix}", 2
    while target.exists():
        target, copy = folder / f"{stem}_{copy}{suffix}", copy + 1
    return target
