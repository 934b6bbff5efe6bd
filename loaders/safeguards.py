"""What protects this machine from the files it opens: measured, not claimed.

A process like the worker walls itself in and then tries what a hostile file would have
it do: read a planted file, connect, start a program. What it could not do is active.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from layers.errors import LoadError
from layers.settings import Settings
from loaders.drivers import ALLOWED_DRIVERS
from loaders.sandbox import environment, limits_of

SECONDS = 20


def safeguards(settings: Settings) -> list[dict[str, Any]]:
    """What protects this machine, as a process like the worker finds it.

    Returns
    -------
    list of dict
        ``name``, ``active`` and ``detail`` of each safeguard.

    Raises
    ------
    LoadError
        When such a process does not start: then no file can be opened either.
    """
    with (
        tempfile.TemporaryDirectory(prefix="overlay-probe-") as outside,
        tempfile.TemporaryDirectory(prefix="overlay-probe-") as inside,
        socket.create_server(("127.0.0.1", 0)) as listener,
    ):
        secret = Path(outside, "planted")
        secret.write_text("planted", "utf-8")
        job = {
            "folder": inside,
            "limits": limits_of(settings),
            "secret": str(secret),
            "outside": str(Path(outside, "written")),
            "port": listener.getsockname()[1],
        }
        found = _probe(job)
    return _rows(found, settings)


def _probe(job: dict[str, Any]) -> dict[str, Any]:
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-P", "-m", "loaders.safeguards", json.dumps(job)],
            env=environment() | {"TMPDIR": job["folder"]},
            cwd=job["folder"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=True,
        )
        return dict(json.loads(done.stdout))
    except (subprocess.SubprocessError, ValueError) as error:
        raise LoadError(
            "sandbox", "a worker that does not start", "a process of its own per file", "Run `make setup`."
        ) from error


def _rows(found: dict[str, Any], settings: Settings) -> list[dict[str, Any]]:
    limits, wanted, could, walls = found["limits"], limits_of(settings), found["could"], found["walls"]
    drivers = found["drivers"]
    stray = sorted(set(drivers) - {*ALLOWED_DRIVERS, "MEM"})
    network = {name: walls[name] for name in ("own network", "Landlock network", "system calls")}
    rows = [
        ("own process", True, "each file is opened in a process of its own, with an environment of its own"),
        ("GDAL drivers", not stray, f"left of GDAL's: {', '.join(drivers)}"),
        ("memory limit", limits["RLIMIT_AS"] == wanted["memory"], f"{limits['RLIMIT_AS'] / 1024**2:.0f} MB"),
        (
            "processor limit",
            limits["RLIMIT_CPU"] == wanted["seconds"],
            f"{limits['RLIMIT_CPU']} s, and {settings.worker_seconds} s by the clock",
        ),
        (
            "file size limit",
            limits["RLIMIT_FSIZE"] == wanted["file_size"],
            f"{limits['RLIMIT_FSIZE'] / 1e6:.0f} MB",
        ),
        ("no core dumps", limits["RLIMIT_CORE"] == 0, "memory is never written to disk"),
        _row("files closed for reading", could["read"], "tried to read a planted file", walls["Landlock"]),
        _row("files closed for writing", could["write"], "tried to write beside it", walls["Landlock"]),
        _row(
            "no network",
            could["connect"],
            "tried to connect to this machine",
            "; ".join(filter(None, network.values())),
        ),
        *(_wall(name, why) for name, why in network.items()),
        _row("no other programs", could["execute"], "tried to start one", walls["Landlock"]),
        _wall("no new privileges", walls["no new privileges"]),
        _wall("no capabilities", walls["no capabilities"]),
        _wall("ends with its parent", walls["ends with its parent"]),
    ]
    return [{"name": name, "active": active, "detail": detail} for name, active, detail in rows]


def _row(name: str, could: str, tried: str, why: str) -> tuple[str, bool, str]:
    if could:
        return name, False, f"{tried}: it could" + (f" ({why})" if why else "")
    return name, True, f"{tried}: refused"


def _wall(name: str, why: str) -> tuple[str, bool, str]:
    return name, not why, f"not on this machine: {why}" if why else "set"


def _try(what: Callable[[], object]) -> str:
    """What it gave when it should have been refused; empty when it was."""
    try:
        what()
    except OSError:
        return ""
    return "yes"


def _inside(job: dict[str, Any]) -> dict[str, Any]:
    """The probe's side: walled in as a worker is, it tries what is forbidden."""
    import resource

    from loaders.confinement import confine
    from loaders.limits import set_limits

    set_limits(job["limits"])
    walls = confine(Path(job["folder"]))
    could = {
        "read": _try(Path(job["secret"]).read_bytes),
        "write": _try(lambda: Path(job["outside"]).write_bytes(b"")),
        "connect": _try(lambda: socket.create_connection(("127.0.0.1", job["port"]), timeout=1).close()),
        "execute": _try(lambda: os.posix_spawn("/bin/true", ["true"], {})),
    }
    from loaders.drivers import import_pyogrio

    names = ("RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_CORE")
    limits = {name: resource.getrlimit(getattr(resource, name))[0] for name in names}
    return {"walls": walls, "could": could, "limits": limits, "drivers": sorted(import_pyogrio().list_drivers())}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_inside(json.loads(sys.argv[1]))))
