"""Workers count: processes of this machine, a scheduler and workers apart, one of them killed."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import psutil
import pytest
import shapely

from analysis import RISK, partitions
from analysis.method import run_method
from analysis.partitions import Questions, counted_by, index_of
from analysis.proximity import PointIndex
from commands import cluster
from commands.cluster import Crew, check_address, cluster_at, local_workers
from layers.errors import WrongParameter
from layers.settings import Settings
from store.parts import parts_of
from tests.analysis.worlds import activity, incident, layer, scattered

PROJECT = Path(__file__).resolve().parents[2]
ASKED = Questions(*(np.array(v) for v in np.array(scattered(9, 300)).T), np.array([2_000.0, 25_000.0]))


def world(number):
    lon, lat = np.array(scattered(8, number)).T
    return lon, lat, np.random.default_rng(8).choice([0.1, 0.3, 1 / 3], number)


def write_parts(folder, number, files):
    lon, lat, weight = world(number)
    for n, run in enumerate(partitions.split(number, files)):
        frame = gpd.GeoDataFrame({"weight": weight[run]}, geometry=gpd.points_from_xy(lon[run], lat[run]), crs=4326)
        frame.to_parquet(folder / f"{n}.parquet", row_group_size=-(-len(frame) // 2))
    return [part for file in sorted(folder.glob("*.parquet")) for part in parts_of(file)]


def alone(number):
    lon, lat, weight = world(number)
    return PointIndex(lon, lat).within(ASKED.lon, ASKED.lat, ASKED.radii_m, weight)


class Processes:
    """A scheduler and workers, each a process of its own on the loopback address."""

    def __init__(self, folder):
        self.folder, self.started = folder, []
        file = folder / "scheduler.json"
        self._start("scheduler", "--port", "0", "--scheduler-file", str(file))
        wait_until(lambda: file.exists() and file.read_text().strip())
        self.address = json.loads(file.read_text())["address"]
        self.workers = [self.add(), self.add()]

    def add(self):
        return self._start("worker", self.address, "--no-nanny", "--nthreads", "1", "--memory-limit", "0",
                           "--local-directory", str(self.folder))  # fmt: skip

    def _start(self, what, *arguments):
        command = [sys.executable, "-m", f"distributed.cli.dask_{what}", "--host", "127.0.0.1",
                   "--no-dashboard", "--dashboard-address", "127.0.0.1:0"]  # fmt: skip
        with (self.folder / f"{what}{len(self.started)}.log").open("w") as log:
            one = subprocess.Popen([*command, *arguments], cwd=PROJECT, stdout=log, stderr=log)
        self.started.append(one)
        return one

    def end(self):
        for one in reversed(self.started):
            one.kill()
            one.wait()


def listening(*processes):
    """Host and port of every socket that waits for connections."""
    found = (c for one in processes for c in one.net_connections("inet") if c.status == psutil.CONN_LISTEN)
    return {(c.laddr.ip, c.laddr.port) for c in found}


def wait_until(holds, seconds=60):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.05)


@pytest.fixture
def processes(tmp_path):
    folder = tmp_path / "dask"
    folder.mkdir()
    started = Processes(folder)
    yield started
    started.end()


def test_separate_processes_and_one_killed_in_the_middle(processes, tmp_path):
    number = 200_000
    counts, sums = alone(number)
    lon, lat, weight = world(number)
    with cluster_at(processes.address) as crew, counted_by(crew):
        wait_until(lambda: crew.workers == 2)
        index = index_of(lon, lat)
        assert {host for host, _ in listening(*(psutil.Process(one.pid) for one in processes.started))} == {"127.0.0.1"}
        held = index.within(ASKED.lon, ASKED.lat, ASKED.radii_m, weight)
        assert (held[0] == counts).all()
        assert (held[1] == sums).all()
        assert len(set(map(str, crew.client.who_has().values()))) > 1  # both hold some of it
        # killed between two questions: what it held is made anew
        processes.workers[0].send_signal(signal.SIGKILL)
        again = index.within(ASKED.lon, ASKED.lat, ASKED.radii_m, weight)
        assert (again[0] == counts).all()
        assert (again[1] == sums).all()
        # killed while it counts files
        parts = write_parts(tmp_path, number, 12)
        victim = processes.add()
        wait_until(lambda: crew.workers == 2)
        threading.Thread(target=kill_when_busy, args=(crew.client, victim)).start()
        tally = crew.count_files(parts * 4, ASKED, "weight")
        assert (tally.counts == 4 * counts).all()
        assert victim.wait(30) == -signal.SIGKILL


def kill_when_busy(client, victim):
    """Kill the worker once it is at work."""
    address = next(a for a, pid in client.run(os.getpid).items() if pid == victim.pid)
    wait_until(lambda: client.processing().get(address))
    victim.send_signal(signal.SIGKILL)


def test_workers_of_this_machine_listen_on_the_loopback_alone(tmp_path):
    number = 50_000
    counts, sums = alone(number)
    parts = write_parts(tmp_path, number, 3)
    assert len(parts) == 6
    with local_workers(2) as crew:
        assert crew.workers == 2
        assert {host for host, _ in listening(psutil.Process(), *psutil.Process().children(recursive=True))} == {
            "127.0.0.1"
        }
        cores = crew.client.gather(crew.client.map(lambda _: os.sched_getaffinity(0), range(8), pure=False))
        assert all(len(mine) == 1 for mine in cores)
        tally = crew.count_files(parts, ASKED, "weight")
        assert (tally.counts == counts).all()
        assert (tally.sums == sums).all()
        assert (crew.count_files(parts[:1], ASKED).counts <= tally.counts).all()
        assert tally.limits == ()
        shapes = gpd.GeoDataFrame(geometry=[shapely.Point(18, 4), shapely.LineString([(0, 0), (1, 1)]), None], crs=4326)
        shapes.to_parquet(tmp_path / "shapes.parquet")
        tally = crew.count_files([*parts[:1], *parts_of(tmp_path / "shapes.parquet")], ASKED)
        assert tally.left_out == 2
        assert tally.limits == ("2 rows stand at a line, at an area or nowhere: not counted.",)


def test_where_no_worker_is_left_it_is_said(processes, monkeypatch):
    lon, lat, weight = world(120_000)
    with cluster_at(processes.address) as crew, counted_by(crew):
        wait_until(lambda: crew.workers == 2)
        monkeypatch.setattr(cluster, "WAIT_SECONDS", 1)
        for worker in processes.workers:
            worker.kill()
        with pytest.raises(WrongParameter, match="no worker left"):
            index_of(lon, lat).within(ASKED.lon, ASKED.lat, ASKED.radii_m, weight)


def test_a_scheduler_that_ends_is_said(processes, monkeypatch):
    lon, lat, weight = world(120_000)
    with cluster_at(processes.address) as crew, counted_by(crew):
        wait_until(lambda: crew.workers == 2)
        monkeypatch.setattr(cluster, "WAIT_SECONDS", 1)
        processes.started[0].kill()
        with pytest.raises(WrongParameter, match=r"no worker left|scheduler gone"):
            index_of(lon, lat).within(ASKED.lon, ASKED.lat, ASKED.radii_m, weight)


def test_a_peer_that_is_no_scheduler_is_refused():
    with socket.create_server(("127.0.0.1", 0)) as peer:

        def answer():
            with suppress(OSError):
                while True:
                    with peer.accept()[0] as one:
                        one.sendall(b"HTTP/1.0 200 OK\r\n\r\nhello" * 50)

        threading.Thread(target=answer, daemon=True).start()
        with (
            pytest.raises(WrongParameter, match="no scheduler"),
            cluster_at(f"tcp://127.0.0.1:{peer.getsockname()[1]}"),
        ):
            pass


def test_the_command_says_the_same_with_workers(loaded, monkeypatch):
    monkeypatch.setattr(partitions, "SPREAD_FROM", 2)
    asked = ("run", "buffers", "--input", "layer=incidents", "--input", "count=sites", "--set", "radius_km=5,50")
    plain = loaded(*asked, "--json")
    said = loaded(*asked, "--workers", 2, "--json")
    assert said.code == 0
    assert said.document == plain.document


def test_risk_is_the_same_with_workers(monkeypatch):
    monkeypatch.setattr(partitions, "SPREAD_FROM", 100)
    offs = [None, 0.0, 800.0]
    incidents = [
        incident(n, at, place_radius_m=offs[n % 3], fatalities=n % 4) for n, at in enumerate(scattered(1, 2000))
    ]
    inputs = {
        "activities": layer("projects", [activity(n, at) for n, at in enumerate(scattered(2, 80))]),
        "incidents": layer("incidents", incidents),
    }

    def answer():
        return run_method(RISK, inputs, {}, as_of=None, settings=Settings(), today=date(2026, 11, 12)).as_dict()

    alone, asked, within = answer(), [], Crew.within
    monkeypatch.setattr(Crew, "within", lambda *given: asked.append(given) or within(*given))
    with local_workers(2) as crew, counted_by(crew):
        assert answer() == alone
    assert asked


@pytest.mark.parametrize("address", ["", "here", "http://127.0.0.1:1", "tcp://127.0.0.1", "tcp://:80", "tcp://[:1"])
def test_an_address_that_is_none_is_refused(address):
    with pytest.raises(WrongParameter, match="--cluster"):
        check_address(address)


def test_another_machine_in_the_clear_is_said(capsys):
    for quiet in ("tcp://127.0.0.1:8786", "tcp://localhost:8786", "tcp://[::1]:8786", "tls://10.0.0.5:8786"):
        check_address(quiet)
    assert capsys.readouterr().err == ""
    check_address("tcp://10.0.0.5:8786")
    assert "10.0.0.5 unencrypted" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "code", "found"),
    [
        (("--workers", 0), 1, "0"),
        (("--workers", 100_000), 1, "100000"),
        (("--workers", "many"), 2, "integer"),
        (("--cluster", "here"), 1, "here"),
        (("--workers", 2, "--cluster", "tcp://127.0.0.1:1"), 2, "both"),
    ],
)
def test_what_cannot_be_is_refused_by_name(loaded, options, code, found):
    said = loaded("run", "buffers", "--input", "layer=sites", *options, "--json")
    assert said.code == code
    assert found in said.error["found"]


def test_a_scheduler_without_workers_is_said(processes, monkeypatch):
    monkeypatch.setattr(cluster, "WAIT_SECONDS", 2)
    with cluster_at(processes.address) as crew:
        for worker in processes.workers:
            worker.kill()
        wait_until(lambda: crew.workers == 0)
    with pytest.raises(WrongParameter, match="no worker at tcp://127"), cluster_at(processes.address):
        pass


def test_large_parts_are_sent_without_a_warning():
    """Warnings are errors in tests; Dask warns from 10 MB on."""
    lon, lat = np.random.default_rng(1).uniform(-80, 80, (2, 1_500_000))
    few = Questions(ASKED.lon[:3], ASKED.lat[:3], ASKED.radii_m)
    with local_workers(1) as crew, counted_by(crew):
        found = index_of(lon, lat).within(few.lon, few.lat, few.radii_m)[0]
    assert (found == PointIndex(lon, lat).within(few.lon, few.lat, few.radii_m)[0]).all()


LOSING_ITS_SCHEDULER = """
import os, signal, sys
import numpy as np
from commands import cluster
from analysis.partitions import counted_by, index_of
from layers.errors import WrongParameter
cluster.WAIT_SECONDS = 3
lon, lat = np.random.default_rng(1).uniform(-80, 80, (2, 1_500_000))
try:
    with cluster.cluster_at(sys.argv[1]) as crew, counted_by(crew):
        index = index_of(lon, lat)
        index.within(np.ones(1), np.ones(1), np.array([1000.0]))
        os.kill(int(sys.argv[2]), signal.SIGKILL)
        index.within(np.ones(1), np.ones(1), np.array([1000.0]))
except WrongParameter as error:
    print(error)
"""


def test_a_peer_that_says_nothing_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1)
    monkeypatch.setattr(cluster, "WAIT_SECONDS", 1)
    with socket.create_server(("127.0.0.1", 0)) as peer:
        asked = peer.getsockname()[1]
        with pytest.raises(WrongParameter, match="nobody answering"), cluster_at(f"tcp://127.0.0.1:{asked}"):
            pass


def test_a_scheduler_of_this_machine_that_ends_is_said(monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 2)
    monkeypatch.setattr(cluster, "GONE_SECONDS", 2)
    monkeypatch.setattr(partitions, "SPREAD_FROM", 2)
    lon, lat, weight = world(1_000)
    with local_workers(1) as crew, counted_by(crew):
        crew.client.cluster.sync(crew.client.cluster.scheduler.close)
        with pytest.raises(WrongParameter, match=r"no worker left|scheduler gone"):
            index_of(lon, lat).within(ASKED.lon, ASKED.lat, ASKED.radii_m, weight)


def test_a_refusal_leaves_nothing_else_on_standard_error(processes):
    """Neither a trace of Dask's nor an "Exception ignored" at the end of the process."""
    asked = [sys.executable, "-c", LOSING_ITS_SCHEDULER, processes.address, str(processes.started[0].pid)]
    done = subprocess.run(asked, cwd=PROJECT, capture_output=True, text=True, check=True, timeout=120)
    assert "scheduler gone" in done.stdout or "no worker left" in done.stdout
    assert done.stderr == ""


def test_nobody_answering_is_said(loaded, monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1)
    said = loaded("run", "buffers", "--input", "layer=sites", "--cluster", "tcp://127.0.0.1:9", "--json")
    assert said.code == 1
    assert "nobody answering" in said.error["found"]


def test_dask_is_imported_only_when_asked_for():
    code = (
        "import sys, cli, commands.run, analysis, store; from analysis import partitions;"
        "print([m for m in ('dask', 'distributed') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
