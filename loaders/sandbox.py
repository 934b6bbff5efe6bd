"""The locked-down child process that opens an untrusted file.

One process per file: its environment leaves GDAL the shapefile driver alone (set before
GDAL is imported, for afterwards it has no effect), memory, time and file size are
limited, and its output is checked before it is believed. Landlock and an empty network
namespace belong to `loaders.limits`, which the worker sets on itself first of all.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

from layers import errors
from layers.errors import LoadError, TooLarge, UnreadableFile
from layers.report import Finding
from layers.settings import PROJECT, Settings
from loaders.formats.shapefile import DRIVER, SIDECARS
from loaders.limits import Limits
from loaders.raw import RawLayer, read_raw
from loaders.worker import REPORT

MAX_REPORT_BYTES = 256 * 1024 * 1024
# Every vector driver of GDAL 3.12 but the shapefile's; the worker stops if one is left over.
SKIPPED_DRIVERS = (
    "MEM,PCIDSK,PDS4,VICAR,PDF,MBTiles,EEDA,OGCAPI,GDALG,MapInfo File,LVBAG,S57,DGN,OGR_VRT,CSV,GML,GPX,LIBKML,KML,"
    "GeoJSON,GeoJSONSeq,ESRIJSON,TopoJSON,OGR_GMT,GPKG,SQLite,WAsP,OpenFileGDB,DXF,FlatGeobuf,GeoRSS,VFK,PGDUMP,OSM,"
    "GPSBabel,OGR_PDS,WFS,OAPIF,EDIGEO,Idrisi,ODS,XLSX,Elasticsearch,Carto,AmigoCloud,SXF,Selafin,JML,PLSCENES,CSW,"
    "VDV,MVT,NGW,MapML,GTFS,PMTiles,JSONFG,MiraMonVector,ADBC,AVCBin,AVCE00,AIVector,HTTP"
)


def environment() -> dict[str, str]:
    """The whole environment of the worker: nothing of ours passes but this."""
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "GDAL_SKIP": SKIPPED_DRIVERS,
        "OGR_ENABLE_PARTIAL_REPROJECTION": "NO",
        "GDAL_HTTP_PROXY": "127.0.0.1:9",
        "PROJ_NETWORK": "OFF",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


def read_in_sandbox(path: Path, drafts: Path, settings: Settings) -> tuple[list[RawLayer], list[Finding]]:
    """Read an untrusted file in a process of its own.

    Parameters
    ----------
    path : Path
        The file; a loose .shp brings the files beside it.
    drafts : Path
        Folder in which the worker gets one of its own, removed afterwards.

    Raises
    ------
    LoadError
        What the reader refused, or TooLarge when it ran over its limits.
    """
    if not path.is_file():
        raise UnreadableFile(path.name, "no such file", "a file", "Check the path.")
    limit = settings.max_file_mb * 1_000_000
    if path.stat().st_size > limit:
        size = path.stat().st_size / 1e6
        raise TooLarge(path.name, f"{size:.0f} MB", f"at most {settings.max_file_mb} MB", "Split the file.")
    folder = drafts / f"worker-{uuid.uuid4().hex}"
    folder.mkdir(parents=True)
    try:
        job = {
            "file": _stage(path, folder),
            "name": path.name,
            "max_columns": settings.max_columns,
            "max_bytes": limit,
            "limits": limits_of(settings),
        }
        (folder / "job.json").write_text(json.dumps(job), "utf-8")
        _run(folder, path.name, settings)
        return _output(folder, path.name)
    finally:
        shutil.rmtree(folder)


def limits_of(settings: Settings) -> Limits:
    """The worker's limits, from the settings."""
    return Limits(
        memory=settings.worker_memory_mb * 1024 * 1024,
        seconds=settings.worker_seconds,
        file_size=4 * settings.max_file_mb * 1_000_000,
    )


def _stage(path: Path, folder: Path) -> str:
    """Copy the file, and a shapefile's companions, under a name of our own."""
    staged = f"input{path.suffix.lower()}"
    shutil.copyfile(path, folder / staged)
    if path.suffix.lower() == ".shp":
        for beside in path.parent.iterdir():
            if beside.stem == path.stem and beside.suffix.lower() in SIDECARS and beside.is_file():
                shutil.copyfile(beside, folder / f"input{beside.suffix.lower()}")
    return staged


def _run(folder: Path, name: str, settings: Settings) -> None:
    command = [sys.executable, "-P", "-m", "loaders.worker", str((folder / "job.json").resolve())]
    seconds = settings.worker_seconds
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            command,
            cwd=folder,
            env=environment() | {"PYTHONPATH": str(PROJECT)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise TooLarge(
            name, f"a file still unread after {seconds} s", "one that is read in time", "Split or simplify it."
        ) from error
    if done.returncode == 0:
        return
    said = done.stderr.decode("utf-8", errors="replace").strip().splitlines()
    last = said[-1] if said else f"signal {-done.returncode}"
    if "MemoryError" in last or "ArrowMemoryError" in last:
        raise TooLarge(
            name, "a file that needs more memory", f"at most {settings.worker_memory_mb} MB", "Split or simplify it."
        )
    raise UnreadableFile(
        name, f"content on which the reader stopped ({last[:160]})", "a sound file", "Export it again."
    )


PROBE = """
import json, os, resource, sys
from loaders.limits import set_limits
set_limits(json.loads(sys.argv[1]))
import pyogrio
limits = {name: resource.getrlimit(getattr(resource, name))[0] for name in ("RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_FSIZE")}
network = os.readlink("/proc/self/ns/net")
print(json.dumps({"limits": limits, "drivers": sorted(pyogrio.list_drivers()), "network": network}))
"""


def safeguards(settings: Settings) -> list[dict[str, Any]]:
    """What protects this machine from the files it opens, as a process like the worker finds it.

    Returns
    -------
    list of dict
        ``name``, ``active`` and ``detail`` of each safeguard.

    Raises
    ------
    LoadError
        When such a process does not start: then no file can be opened either.
    """
    limits_set = limits_of(settings)
    memory, seconds, size = limits_set["memory"], limits_set["seconds"], limits_set["file_size"]
    done = subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-P", "-c", PROBE, json.dumps(limits_set)],
        env=environment() | {"PYTHONPATH": str(PROJECT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=seconds,
        check=False,
    )
    if done.returncode:
        raise LoadError("sandbox", "a worker that does not start", "a process of its own per file", "Run `make setup`.")
    found = json.loads(done.stdout)
    limits, drivers = found["limits"], found["drivers"]
    own_network = found["network"] != str(Path("/proc/self/ns/net").readlink())
    rows = (
        ("own process", True, "each file is opened in a process of its own, with an environment of its own"),
        ("GDAL drivers", drivers == [DRIVER], f"left of GDAL's: {', '.join(drivers)}"),
        ("memory limit", limits["RLIMIT_AS"] == memory, f"{limits['RLIMIT_AS'] / 1024**2:.0f} MB"),
        ("processor limit", limits["RLIMIT_CPU"] == seconds, f"{limits['RLIMIT_CPU']} s, and as long by the clock"),
        ("file size limit", limits["RLIMIT_FSIZE"] == size, f"{limits['RLIMIT_FSIZE'] / 1e6:.0f} MB"),
        ("own network", own_network, "no network at all" if own_network else "the worker could reach the network"),
        ("Landlock", False, "not set up: the worker could read what this user may read"),
    )
    return [{"name": name, "active": active, "detail": detail} for name, active, detail in rows]


def _output(folder: Path, name: str) -> tuple[list[RawLayer], list[Finding]]:
    report_file = folder / REPORT
    if not report_file.is_file() or report_file.stat().st_size > MAX_REPORT_BYTES:
        raise UnreadableFile(name, "content on which the reader gave no report", "a sound file", "Export it again.")
    report: dict[str, Any] = json.loads(report_file.read_text("utf-8"))
    if "error" in report:
        raise _refusal(report["error"])
    layers = [read_raw(folder / f"{number}.parquet", entry) for number, entry in enumerate(report["layers"])]
    return layers, [Finding(**finding) for finding in report["findings"]]


def _refusal(error: dict[str, str]) -> LoadError:
    """The worker's refusal as the same error here; only load errors are taken from it."""
    kind = getattr(errors, error["type"], None)
    if not (isinstance(kind, type) and issubclass(kind, LoadError)):
        kind = UnreadableFile
    return kind(error["where"], error["found"], error["expected"], error["remedy"])
