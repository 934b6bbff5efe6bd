"""How bytes are read. A new format is a file beside this and its entry in `FORMATS`.

A file is recognised by its content; its name only decides what is said when the two
disagree. The order matters: the first whose `sniff` accepts the content takes it.
"""

from __future__ import annotations

from pathlib import Path

from layers.errors import UnreadableFile
from layers.report import Finding
from loaders.formats.cot import COT
from loaders.formats.feed import FEED
from loaders.formats.flatgeobuf import FLATGEOBUF
from loaders.formats.format import Format
from loaders.formats.geojson import GEOJSON
from loaders.formats.geopackage import GEOPACKAGE
from loaders.formats.geoparquet import GEOPARQUET
from loaders.formats.geotiff import GEOTIFF
from loaders.formats.gpx import GPX
from loaders.formats.kml import KML
from loaders.formats.records import RECORDS
from loaders.formats.shapefile import SHAPEFILE
from loaders.formats.spreadsheet import ODS, XLS, XLSX
from loaders.formats.tabular import TABULAR

FORMATS: tuple[Format, ...] = (
    GEOPACKAGE,
    SHAPEFILE,
    FLATGEOBUF,
    GEOPARQUET,
    GEOTIFF,
    XLSX,
    ODS,
    XLS,
    FEED,
    KML,
    GPX,
    COT,
    RECORDS,
    GEOJSON,
    TABULAR,
)

HEAD_BYTES = 65_536

# What people send by mistake: named in the refusal, never opened.
SIGNATURES = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
    (b"%PDF", "a PDF document"),
    (b"PAR1", "a Parquet file"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"SQLite format 3", "an SQLite database that is not a GeoPackage"),
    (b"PK\x03\x04", "a zip archive"),
    (b"<OGRVRT", "XML of the OGR VRT kind, which points at other files"),
    (b"<!DOCTYPE html", "a web page"),
    (b"<html", "a web page"),
    (b"<", "XML"),
)


def readable() -> str:
    """What can be read, as a message says it."""
    return ", ".join(f.label for f in FORMATS)


def describe(head: bytes) -> str:
    """What unknown content looks like."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    found = next((text for magic, text in SIGNATURES if start[: len(magic)].lower() == magic.lower()), None)
    if found:
        return found
    return "binary content of no known kind" if b"\x00" in head else "text without columns that a delimiter separates"


def format_of(path: Path, name: str) -> tuple[Format, list[Finding]]:
    """The format that the content shows.

    Raises
    ------
    UnreadableFile
        For an empty file, or content that no format takes.
    """
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    if not head.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise UnreadableFile(
            name, "an empty file" if not head else "nothing but blanks", readable(), "Export or send it again."
        )
    claimed = Path(name).suffix.lower()
    for candidate in FORMATS:
        if candidate.sniff(head, path):
            if claimed in candidate.extensions:
                return candidate, []
            return candidate, [
                Finding(
                    "name_mismatch",
                    "warning",
                    f"{name}: the content is {candidate.label}, whatever the name says; it was read as that.",
                    found=claimed or "no extension",
                    remedy=f"Name such files {candidate.extensions[0]}.",
                )
            ]
    expected = next((f.label for f in FORMATS if claimed in f.extensions), readable())
    raise UnreadableFile(name, describe(head), expected, f"Send it as one of: {readable()}.")
