"""Two writers at once, killed in the middle: nothing acknowledged is lost, nothing is torn."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from datetime import date
from pathlib import Path

import pandas as pd

import store
from layers.kinds import kind_of
from layers.schema import conform

PROJECT = Path(__file__).resolve().parents[2]
WRITER = Path(__file__).with_name("publish_forever.py")
ROUNDS = 3  # two kills each


def start(home: Path, notes: Path, seed: int) -> subprocess.Popen[bytes]:
    environment = os.environ | {"PYTHONPATH": str(PROJECT)}
    return subprocess.Popen([sys.executable, str(WRITER), str(home), str(notes), str(seed)], env=environment)


def wait_for(notes: Path, size: int, writers: list[subprocess.Popen[bytes]]) -> None:
    deadline = time.monotonic() + 60
    while not notes.exists() or notes.stat().st_size <= size:
        assert all(writer.poll() is None for writer in writers), "a writer stopped by itself"
        assert time.monotonic() < deadline, "no publication within a minute"
        time.sleep(0.005)


def test_no_acknowledged_publication_is_lost_or_torn(home, tmp_path):
    notes, dice = tmp_path / "notes", random.Random(7)  # noqa: S311
    for round_ in range(ROUNDS):
        before = notes.stat().st_size if notes.exists() else 0
        writers = [start(home, notes, 2 * round_ + seed) for seed in range(2)]
        try:
            wait_for(notes, before, writers)
            for writer in writers:
                time.sleep(dice.uniform(0.02, 0.3))
                writer.kill()
        finally:
            for writer in writers:
                writer.kill()
                writer.wait()
    acknowledged = dict(line.split() for line in notes.read_text().splitlines())
    access = store.open(home, as_=store.OPERATOR)
    versions = access.versions("layer")
    assert access.verify() == []
    assert [info.version for info in versions] == list(range(1, len(versions) + 1))
    assert {str(info.version): info.content_hash for info in versions}.items() >= acknowledged.items()
    assert len(acknowledged) >= ROUNDS
    assert len(access.audit()) == len(versions)
    assert list((home / "objects" / "incoming").iterdir()) == []


def test_many_threads_open_a_new_home_and_publish_at_once(home):
    kind, count = kind_of("other"), 6
    together, failures = threading.Barrier(count), []

    def publish(number: int) -> None:
        together.wait()
        try:
            frame = conform(pd.DataFrame({"id": [str(number)]}), kind)
            access = store.open(home, as_=store.OPERATOR)
            access.publish(store.Publication(f"layer {number}", kind, frame, "us", date(2026, 1, 1)), base=None)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=publish, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    access = store.open(home, as_=store.OPERATOR)
    assert len(access.layers()) == count
    assert access.verify() == []
