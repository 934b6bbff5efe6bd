from __future__ import annotations

import json
import subprocess
import sys

import pyarrow.parquet as pq
import pytest

from layers.errors import TooLarge, UnreadableFile
from layers.settings import PROJECT, Settings
from loaders.raw import read_raw
from loaders.sandbox import environment, read_in_sandbox

CSV = "event_date,event_type,latitude,longitude\n2024-01-02,Battles,5,20\n"


def in_worker(code):
    """What the code prints in a process with the worker's environment."""
    env = environment() | {"PYTHONPATH": str(PROJECT)}
    done = subprocess.run([sys.executable, "-P", "-c", code], env=env, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_gdal_has_the_shapefile_driver_alone():
    assert in_worker("import pyogrio; print(sorted(pyogrio.list_drivers()))") == "['ESRI Shapefile']"


def test_another_driver_stops_the_worker():
    code = (
        "import os; os.environ.pop('GDAL_SKIP')\n"
        "from loaders.formats.shapefile import allowed_drivers\n"
        "import pyogrio\n"
        "try:\n    allowed_drivers(pyogrio.list_drivers())\n"
        "except RuntimeError as error:\n    print(error)"
    )
    assert "other drivers" in in_worker(code)


def test_nothing_of_our_environment_passes(monkeypatch):
    monkeypatch.setenv("OVERLAY_HOME", "/somewhere")
    monkeypatch.setenv("A_SECRET", "x")
    assert "OVERLAY_HOME" not in environment()
    assert "A_SECRET" not in environment()


def test_the_worker_loads_no_store_and_no_pandas():
    code = (
        "import sys, loaders.worker\n"
        "print([m for m in ('store', 'sqlalchemy', 'pandas', 'geopandas', 'pyogrio', 'pydantic') if m in sys.modules])"
    )
    assert in_worker(code) == "[]"


def test_its_folder_is_gone_afterwards(tmp_path, write):
    layers, _ = read_in_sandbox(write("a.csv", CSV), tmp_path / "drafts", Settings())
    assert len(layers[0]) == 1
    assert list((tmp_path / "drafts").iterdir()) == []


def test_a_file_over_the_limit(tmp_path, write):
    with pytest.raises(TooLarge, match="at most 1 MB"):
        read_in_sandbox(write("a.csv", CSV + "x" * 1_200_000), tmp_path, Settings(max_file_mb=1))


def test_memory_is_limited(tmp_path, write):
    features = ",".join(['{"type":"Feature","properties":{"a":"b"},"geometry":null}'] * 400_000)
    path = write("a.geojson", f'{{"type":"FeatureCollection","features":[{features}]}}')
    with pytest.raises(TooLarge, match="at most 256 MB"):
        read_in_sandbox(path, tmp_path / "drafts", Settings(worker_memory_mb=256))


def test_deep_nesting_is_refused(tmp_path, write):
    path = write("a.geojson", '{"type":"FeatureCollection","features":[' + "[" * 90_000 + "]" * 90_000 + "]}")
    with pytest.raises(UnreadableFile, match="too deeply"):
        read_in_sandbox(path, tmp_path / "drafts", Settings())


def test_time_is_limited(tmp_path, write):
    rows = CSV + "2024-01-02,Battles,5,20\n" * 2_000_000
    with pytest.raises(TooLarge, match="unread after 1 s"):
        read_in_sandbox(write("a.csv", rows), tmp_path / "drafts", Settings(worker_seconds=1))
    assert list((tmp_path / "drafts").iterdir()) == []


def test_output_of_another_form_is_not_believed(tmp_path, write):
    layers, _ = read_in_sandbox(write("a.csv", CSV), tmp_path / "drafts", Settings())
    file = tmp_path / "0.parquet"
    from loaders.raw import write_raw

    entry = write_raw(layers[0], tmp_path, 0)
    assert len(read_raw(file, json.loads(json.dumps(entry)))) == 1
    pq.write_table(pq.read_table(file).drop_columns(["c0"]), file)
    with pytest.raises(UnreadableFile, match="another form"):
        read_raw(file, entry)
