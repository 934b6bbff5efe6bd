"""The worker without some of its safeguards, to see whether the others hold: for the hostile set alone.

Which ones, says the variable WITHOUT. Nothing of Overlay's starts this program.
"""

from __future__ import annotations

import os
import sys
import zipfile
from pathlib import Path
from typing import Any

from loaders import worker

WITHOUT = frozenset(os.environ["WITHOUT"].split("|"))


def weaken(job: dict[str, Any]) -> None:
    """Take the safeguards out of the reader; walls and limits are left out by their own names."""
    from loaders import drivers, reader
    from loaders.formats import geojson, geopackage, json_text, xml_safe

    if WITHOUT & {"GDAL drivers", "own reader"}:
        drivers.allow_only = lambda *_: None
    if WITHOUT & {"recognition by content", "own reader"}:
        reader.read_file = read_with_gdal
    if "archive check" in WITHOUT:
        reader.check_zip = lambda *_: None
    if "own unpacking" in WITHOUT:
        reader.unpack = unpack_where_it_says
    if "depth cap" in WITHOUT:
        json_text.MAX_DEPTH = xml_safe.MAX_DEPTH = 10**9
    if "column cap" in WITHOUT:
        job["max_columns"] = 10**9
    if "crs by name" in WITHOUT:
        geojson._crs = any_crs
    if "tables only" in WITHOUT:
        geopackage._check_registers = lambda *_: None
        geopackage._tables = lambda database: (
            [name for (name,) in database.execute("SELECT table_name FROM gpkg_contents")],
            [],
        )


def read_with_gdal(path: Path, name: str, bounds: Any) -> Any:
    """Whatever it is, GDAL opens it: as a vector file, else as an image."""
    from layers.errors import UnreadableFile
    from loaders.drivers import import_pyogrio

    pyogrio = import_pyogrio()
    inside = f"/vsizip/{path}" if path.read_bytes()[:2] == b"PK" else path
    try:
        rows = [pyogrio.raw.read(inside, layer=layer) for layer, _ in pyogrio.list_layers(inside)]
        return [_as_layer(read) for read in rows], []
    except (OSError, ValueError, RuntimeError) as error:
        said = str(error)
    import rasterio

    try:
        with rasterio.open(inside) as image:
            said += str(image.read(1).sum())
    except (OSError, ValueError, RuntimeError, rasterio.errors.RasterioError) as error:
        said += str(error)
    raise UnreadableFile(name, said[:500], "what GDAL reads", "None.")


def _as_layer(read: Any) -> Any:
    import numpy as np

    from loaders.raw import RawLayer, text_array

    meta, _, geometry, fields = read
    count = len(geometry) if geometry is not None else len(fields[0]) if len(fields) else 0
    cells = [text_array([None if v is None else str(v) for v in field]) for field in fields]
    return RawLayer("", tuple(map(str, meta["fields"])), cells, np.arange(1, count + 1))


def unpack_where_it_says(path: Path, name: str, folder: Path, max_bytes: int) -> list[Path]:
    """As a careless program unpacks: paths and links as they stand in the archive."""
    files = []
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            target = folder / member.filename
            if member.is_dir():
                continue
            if (member.external_attr >> 16) & 0o170000 == 0o120000:
                target.symlink_to(archive.read(member).decode())
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(archive.read(member))
            files.append(target)
    return files


def any_crs(document: Any, name: str) -> str | None:
    """A crs as it stands, by name or by link."""
    crs = document.get("crs") or {}
    properties = crs.get("properties") or {}
    return properties.get("name") or properties.get("href")


def limit(limits: Any, without: frozenset[str]) -> None:
    """The processor's limit stays as it is where the clock alone is left out."""
    set_limits({**limits, "seconds": min(limits["seconds"], PROCESSOR_SECONDS)}, without)


work, set_limits, PROCESSOR_SECONDS = worker._work, worker.set_limits, 6


def weakened_work(folder: Path, job: dict[str, Any]) -> Any:
    weaken(job)
    return work(folder, job)


worker._work, worker.set_limits = weakened_work, limit
sys.exit(worker.main(sys.argv[1], WITHOUT))
