"""Hostile text: pointers to elsewhere, JSON, delimited text, XML, and text that means something to others."""

from __future__ import annotations

import pytest

from layers.errors import LoadError
from layers.settings import Settings
from loaders import sandbox
from tests.hostile import documents, harness, markup, payloads, pointers
from tests.hostile.all_forms import every_form
from tests.hostile.form import SECRET

FORMS = [*pointers.forms(), *documents.forms(), *markup.forms(), *payloads.forms()]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.id)
def test_it_does_no_harm(form, world, forks):
    outcome = harness.take(form, world, publish=form.family == "Text" and len(form.file) < 20)
    assert outcome.fits(form.verdict), outcome
    assert SECRET not in outcome.text + outcome.message
    assert outcome.seconds < harness.HANG_GUARD_S
    assert world.canary.heard == []


def test_nothing_leaked_anywhere(world, forks):
    assert world.leaked() == []
    assert list((world.folder / "out").iterdir()) or not FORMS  # the exports were there to be searched


def test_the_watch_would_notice(world, tmp_path):
    """A leak that is made on purpose is seen: the search and the listener work."""
    import socket
    import time

    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"a": [SECRET] * 500}), tmp_path / "a.parquet", compression="zstd")
    (tmp_path / "b.json").write_text(f'{{"x": "{SECRET}"}}', "utf-8")
    assert {f.name for f in harness.holding(tmp_path)} == {"a.parquet", "b.json"}
    canary = harness.Canary()
    port = int(canary.address.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"PROPFIND /x HTTP/1.1\r\n\r\n")
        connection.recv(100)
    deadline = time.monotonic() + 5
    while not canary.heard and time.monotonic() < deadline:
        time.sleep(0.01)
    canary.close()
    assert canary.heard == ["PROPFIND /x HTTP/1.1"]


def test_there_are_enough_forms_and_each_has_its_own_name():
    forms = every_form()
    assert len({form.id for form in forms}) == len(forms) >= 150
    assert all(form.stopped_by for form in forms)


ONE_OF_EACH = ["Pointers: vrt_named.geojson", "Pointers: curl.geojson", "CRS: crs_link.geojson", "JSON: deep.geojson"]


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_it_does_no_harm_in_a_process_of_its_own(name, world):
    """The same without forks: as a file is really opened."""
    form = next(form for form in FORMS if form.id == name)
    with pytest.raises(LoadError):
        sandbox.read_in_sandbox(world.write(form), Settings())
    assert world.canary.heard == []
