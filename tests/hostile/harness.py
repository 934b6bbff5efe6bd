"""The road that every hostile form takes: sandbox, recognition, checks, store, exports; and what is watched.

A loopback listener counts whatever connects, whatever it says. A planted secret is
searched for in all that was made. `Forks` opens files by a worker that is started once
and forks for each: the same walls and the same reader in a tenth of the time.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq

import store.access
from exports import EXPORTS, export_to, of_dataset
from layers.errors import OverlayError
from layers.settings import Settings, settings
from loaders import ingest, sandbox
from loaders.draft import read_rows
from loaders.ingest import IngestOptions
from loaders.sandbox import Program, environment
from store.access import Access
from store.records import Principal
from tests.hostile.binaries import tiff
from tests.hostile.form import SECRET, Form, Planted, Refused, Verdict

TODAY = date(2026, 11, 20)
HANG_GUARD_S = 40  # far above what the settings allow
HERE = Path(__file__).resolve().parent


# ---- what is watched ---------------------------------------------------------------------------


class Canary:
    """A listener on the loopback that answers anything and remembers the first line of each request."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(2)
                try:
                    first = connection.recv(4096)
                    connection.sendall(
                        b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\nConnection: close\r\n\r\nname\ncanary\n"
                    )
                except OSError:
                    first = b""
                self.heard.append(first.split(b"\r\n")[0].decode(errors="replace"))

    def close(self) -> None:
        self._listener.close()


def plant(folder: Path) -> None:
    """The secret, in every form that a reader might follow."""
    folder.mkdir(exist_ok=True)
    (folder / "secret.csv").write_text(f"name,latitude,longitude\n{SECRET},5,20\n", "utf-8")
    point = {"type": "Point", "coordinates": [20, 5]}
    feature = {"type": "Feature", "properties": {"name": SECRET}, "geometry": point}
    (folder / "secret.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    (folder / "secret.tif").write_bytes(tiff(extra=SECRET.encode()))


def holding(folder: Path, secret: str = SECRET) -> list[Path]:
    """Files under `folder` in which the secret stands, packed columns unpacked."""
    return [f for f in folder.rglob("*") if f.is_file() and not f.is_symlink() and _holds(f, secret)]


def _holds(file: Path, secret: str) -> bool:
    if file.suffix == ".parquet":
        table = pq.read_table(file)
        return any(secret in str(cell) for column in table.columns for cell in column.to_pylist())
    return secret.encode() in file.read_bytes()


# ---- the road -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """What became of a form."""

    code: str = ""  # of the refusal, empty when it loaded
    message: str = ""
    rows_in: int = 0
    rows_rejected: int = 0
    text: str = ""  # all cells that were read
    seconds: float = 0

    @property
    def crashed(self) -> bool:
        return "reader crashed" in self.message

    def fits(self, verdict: Verdict | tuple[Verdict, ...]) -> bool:
        if isinstance(verdict, tuple):
            return any(map(self.fits, verdict))
        if isinstance(verdict, Refused):
            return self.code in verdict.codes
        return (self.code, self.rows_in, self.rows_rejected) == ("", verdict.rows_in, verdict.rows_rejected) and all(
            kept in self.text for kept in verdict.kept
        )


@dataclass
class World:
    """A store, what is planted beside it, and the listener."""

    folder: Path
    access: Access
    planted: Planted
    canary: Canary

    def write(self, form: Form) -> Path:
        """The form as a file in a folder of its own."""
        sent = self.folder / "sent" / f"{abs(hash(form.id)):x}"
        sent.mkdir(parents=True, exist_ok=True)
        for name, content in form.beside.items():
            (sent / name).write_bytes(content)
        (sent / form.file).write_bytes(form.make(self.planted))
        return sent / form.file

    def leaked(self) -> list[str]:
        """Where the secret stands that should stand nowhere, and what was asked for that should not have been."""
        places = [self.folder / name for name in ("home", "out")]
        files = [str(f.relative_to(self.folder)) for place in places if place.is_dir() for f in holding(place)]
        escaped = [str(f) for f in Path("/tmp").glob("overlay-hostile-escaped*")]  # noqa: S108 - what must not be
        return [*files, *escaped, *self.canary.heard]


@contextmanager
def world(folder: Path) -> Iterator[World]:
    """A world of its own, with nothing in it but the secret beside it."""
    plant(folder / "planted")
    canary = Canary()
    access = store.access.open(folder / "home", as_=Principal("tester", frozenset({"operator"})))
    (folder / "out").mkdir()
    try:
        yield World(folder, access, Planted(folder / "planted", canary.address), canary)
    finally:
        canary.close()


def take(form: Form, world: World, *, publish: bool = False) -> Outcome:
    """A form all the way: opened, recognised, checked, and where `publish` is set stored and exported."""
    path, began = world.write(form), time.monotonic()
    if form.only_read:
        return _only_read(path, began)
    try:
        drafts = ingest.inspect(path, world.access, IngestOptions(kind=form.kind))
    except OverlayError as error:
        return Outcome(error.code, str(error), seconds=time.monotonic() - began)
    finally:
        path.unlink()
    text, rows_in, rejected = [], 0, 0
    try:
        for draft in drafts:
            raw = read_rows(draft, world.access.drafts())
            text += [*raw.columns, *(str(cell) for column in raw.cells for cell in column.to_pylist())]
            made = ingest.review(draft, world.access, today=TODAY)
            rows_in, rejected = rows_in + made.report.rows_in, rejected + made.report.rows_rejected
            text += [finding.message for finding in made.report.findings]
            if publish and len(made.frame):
                _publish_and_export(draft, made, world)
    except OverlayError as error:
        return Outcome(error.code, str(error), text="\n".join(text), seconds=time.monotonic() - began)
    finally:
        for draft in drafts:
            ingest.discard(draft, world.access)
    return Outcome("", "", rows_in, rejected, "\n".join(text), time.monotonic() - began)


def _only_read(path: Path, began: float) -> Outcome:
    try:
        layers, findings = sandbox.read_in_sandbox(path, settings())
    except OverlayError as error:
        return Outcome(error.code, str(error), seconds=time.monotonic() - began)
    finally:
        path.unlink()
    said = [*findings, *(finding for layer in layers for finding in layer.findings)]
    rejected = {finding.row for finding in said if finding.severity == "rejected"}
    text = "\n".join(
        [finding.message for finding in said] + [str(cell) for r in layers for c in r.cells for cell in c[:100]]
    )
    return Outcome("", "", sum(map(len, layers)), len(rejected), text, time.monotonic() - began)


def _publish_and_export(draft: ingest.Draft, made: ingest.Review, world: World) -> None:
    base = ingest.current_version(world.access, draft.layer)
    info = ingest.publish(draft, world.access, made, base=base, by="tester", note="hostile")
    content = of_dataset(world.access.load(info.ref), settings())
    for export in EXPORTS:
        export_to(content, world.folder / "out" / f"{len(list((world.folder / 'out').iterdir()))}{export.extension}")


# ---- a worker that forks ----------------------------------------------------------------------------


class Forks:
    """Stands in for the start of a process: the same worker, loaded once and forked for each file."""

    def __init__(self) -> None:
        self._server = subprocess.Popen(
            [sys.executable, "-P", str(HERE / "forking.py")],
            env=environment(),
            bufsize=0,  # a line that waits in a buffer would not be seen by `select`
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def run(
        self, folder: Path, name: str, chosen: Settings, progress: sandbox.Progress, program: Program = sandbox.WORKER
    ) -> None:
        """As `sandbox._run`."""
        job = folder / "job.json"
        job.write_text(json.dumps(json.loads(job.read_text("utf-8")) | {"parent": self._server.pid}), "utf-8")
        assert self._server.stdin
        self._server.stdin.write(f"{job}\n".encode())
        self._server.stdin.flush()
        pid = self._line(HANG_GUARD_S)
        code = self._line(chosen.worker_seconds)
        if code is None and pid is not None:
            os.kill(pid, signal.SIGKILL)
            self._line(HANG_GUARD_S)
        sandbox._judge(code, folder, name, chosen)

    def _line(self, seconds: float) -> int | None:
        assert self._server.stdout
        with selectors.DefaultSelector() as selector:
            selector.register(self._server.stdout, selectors.EVENT_READ)
            if not selector.select(seconds):
                return None
        return int(self._server.stdout.readline())

    def close(self) -> None:
        assert self._server.stdin
        assert self._server.stdout
        self._server.stdin.close()
        self._server.wait(HANG_GUARD_S)
        self._server.stdout.close()


# ---- a worker with safeguards left out ------------------------------------------------------------------

ENVIRONMENT_OF = {
    "GDAL drivers": ("GDAL_SKIP", "GDAL_DRIVER_PATH"),
    "own reader": ("GDAL_SKIP", "GDAL_DRIVER_PATH"),
    "dead proxy": ("GDAL_HTTP_PROXY",),
}


def weakened(without: frozenset[str]) -> Program:
    """The worker without some of its safeguards: a program of the hostile set, never of Overlay's."""
    left_out = {name for safeguard in without for name in ENVIRONMENT_OF.get(safeguard, ())}
    kept = {name: value for name, value in environment().items() if name not in left_out}
    return Program(("-P", str(HERE / "weakened.py")), kept | {"WITHOUT": "|".join(sorted(without))})
