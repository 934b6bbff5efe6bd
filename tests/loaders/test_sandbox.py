from __future__ import annotations

import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from layers.errors import TooLarge, UnreadableFile
from layers.settings import Settings
from loaders.drivers import ALLOWED_DRIVERS, KNOWN_DRIVERS, skipped
from loaders.output import read_output
from loaders.raw import RawLayer, read_raw, text_array, write_raw
from loaders.sandbox import PREFIX, Program, environment, read_in_sandbox
from loaders.wkb import shallow

CSV = "event_date,event_type,latitude,longitude\n2024-01-02,Battles,5,20\n"


def in_worker(code, **changes):
    """What the code prints in a process with the worker's environment."""
    env = {name: value for name, value in {**environment(), **changes}.items() if value}
    done = subprocess.run([sys.executable, "-P", "-c", code], env=env, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def worker_that(tmp_path, code):
    """A worker's program that is walled in as usual, and then runs this code in its folder."""
    script = tmp_path / "worker.py"
    script.write_text(
        "import json, os, sys\nfrom pathlib import Path\nfrom loaders.confinement import confine\n"
        "from loaders.limits import set_limits\n"
        "folder = Path(sys.argv[1]).parent\n"
        "set_limits(json.loads(Path(sys.argv[1]).read_text())['limits'])\nconfine(folder)\n" + code,
        "utf-8",
    )
    return Program(("-P", str(script)))


def left_behind():
    return {f for f in Path(tempfile.gettempdir()).glob(f"{PREFIX}{os.getpid()}-*") if f.exists()}


# ---- what the worker is given -----------------------------------------------------------


def test_gdal_has_the_allowed_drivers_alone():
    left = in_worker("import pyogrio; print(','.join(sorted(pyogrio.list_drivers())))").split(",")
    assert set(left) - {"MEM"} == set(ALLOWED_DRIVERS)


def test_another_driver_stops_the_worker():
    code = (
        "from loaders.drivers import import_pyogrio\n"
        "try:\n    import_pyogrio()\nexcept RuntimeError as error:\n    print(error)"
    )
    without_one = skipped().replace("OGR_VRT,", "")
    assert "other drivers" in in_worker(code, GDAL_SKIP=without_one)
    assert "OGR_VRT" in in_worker(code, GDAL_SKIP=without_one)


def test_rasterio_has_geotiff_alone():
    code = (
        "from loaders.drivers import import_rasterio\nimport_rasterio()\nfrom rasterio.env import Env\n"
        "with Env() as env: print(','.join(sorted(set(env.drivers()))))"
    )
    assert set(in_worker(code).split(",")) - set(ALLOWED_DRIVERS) == {"GTiff", "MEM"}


def test_every_driver_of_the_installed_gdal_is_known_by_name():
    code = (
        "import pyogrio, rasterio\nfrom rasterio.env import Env\n"
        "with Env() as env: print('|'.join({*pyogrio.list_drivers(), *env.drivers()}))"
    )
    assert set(in_worker(code, GDAL_SKIP="").split("|")) <= set(KNOWN_DRIVERS.split(","))


def test_nothing_of_our_environment_passes(monkeypatch):
    monkeypatch.setenv("OVERLAY_HOME", "/somewhere")
    monkeypatch.setenv("A_SECRET", "x")
    assert "OVERLAY_HOME" not in environment()
    assert "A_SECRET" not in environment()


def test_the_worker_imports_nothing_large_before_its_walls_stand():
    code = (
        "import sys, loaders.worker\n"
        "large = ('store', 'sqlalchemy', 'pandas', 'numpy', 'pyarrow', 'shapely', 'pyogrio', 'pydantic')\n"
        "print([m for m in large if m in sys.modules])"
    )
    assert in_worker(code) == "[]"


def test_its_folder_lies_elsewhere_and_is_gone_afterwards(tmp_path, write, monkeypatch):
    monkeypatch.setenv("OVERLAY_HOME", str(tmp_path / "home"))
    layers, _ = read_in_sandbox(write("a.csv", CSV), Settings())
    assert len(layers[0]) == 1
    assert layers[0].format == "tabular"
    assert not left_behind()
    assert not (tmp_path / "home").exists()


def test_what_a_killed_process_left_is_removed(write):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    stale = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{ended.pid}-"))
    read_in_sandbox(write("a.csv", CSV), Settings())
    assert not stale.exists()


def test_rows_are_told_while_they_are_read(tmp_path, write):
    code = (
        "import time\nfrom loaders.worker import main, _Progress\n"
        "told = _Progress(folder / 'progress')\ntold(5)\ntime.sleep(0.4)\ntold(7)\ntime.sleep(0.3)\n"
        "(folder / 'report.json').write_text('{}')\n"
    )
    said = []
    read_in_sandbox(write("a.csv", CSV), Settings(), progress=said.append, program=worker_that(tmp_path, code))
    assert said == [5, 7]


# ---- limits -------------------------------------------------------------------------------


def test_a_file_over_the_limit(write):
    with pytest.raises(TooLarge, match="at most 1 MB"):
        read_in_sandbox(write("a.csv", CSV + "x" * 1_200_000), Settings(max_file_mb=1))


@pytest.mark.parametrize(
    ("code", "error", "says"),
    [
        ("x = bytearray(10**9)", TooLarge, "more memory"),
        ("while True: pass", TooLarge, "unread after 1 s"),
        ("import time; time.sleep(60)", TooLarge, "unread after 1 s"),
        ("(folder / 'x').write_bytes(bytes(5_000_000))", TooLarge, "grows too large"),
        ("import ctypes; ctypes.string_at(0)", UnreadableFile, "crashed .SIGSEGV"),
        ("os.abort()", UnreadableFile, "crashed .SIGABRT"),
        ("os._exit(3)", UnreadableFile, "stopped .code 3"),
        ("raise ValueError('a word')", UnreadableFile, "stopped .ValueError: a word"),
        ("pass", UnreadableFile, "no report"),
    ],
)
def test_a_worker_that_fails_is_a_plain_refusal(tmp_path, write, code, error, says):
    settings = Settings(worker_memory_mb=512, worker_seconds=1 if "1 s" in says else 30, max_file_mb=1)
    with pytest.raises(error, match=says) as refused:
        read_in_sandbox(write("a.csv", CSV), settings, program=worker_that(tmp_path, code))
    assert str(refused.value).startswith("a.csv")
    assert not left_behind()


def test_memory_is_limited(write):
    features = ",".join(['{"type":"Feature","properties":{"a":"b"},"geometry":null}'] * 400_000)
    path = write("a.geojson", f'{{"type":"FeatureCollection","features":[{features}]}}')
    with pytest.raises(TooLarge, match="at most 256 MB"):
        read_in_sandbox(path, Settings(worker_memory_mb=256))


# ---- walls ----------------------------------------------------------------------------------

TRIES = {
    "read a file": "Path({secret!r}).read_text()",
    "list a folder": "os.listdir({outside!r})",
    "read its parent's environment": "Path(f'/proc/{{os.getppid()}}/environ').read_bytes()",
    "write a file": "Path({outside!r}, 'made').write_text('x')",
    "remove a file": "os.remove({secret!r})",
    "link out of its folder": "os.symlink({secret!r}, folder / 'link')",
    "hard link into its folder": "os.link({secret!r}, folder / 'link')",
    "start a program": "os.posix_spawn('/bin/true', ['true'], {{}})",
    "fork": "os.fork()",
    "connect": "__import__('socket').create_connection(('127.0.0.1', {port}), 2)",
    "send a datagram": "__import__('socket').socket(2, 2).sendto(b'x', ('127.0.0.1', {port}))",
    "a socket by path": "__import__('socket').socket(1, 1).connect({outside!r} + '/s')",
    "end its parent": "os.kill(os.getppid(), 0)",
    "raise its limits": "__import__('resource').setrlimit(9, (-1, -1))",
}


@pytest.mark.parametrize("what", TRIES)
def test_a_worker_cannot(what, tmp_path, write):
    if not walls_stand():
        pytest.skip("this machine gives neither Landlock nor seccomp")
    outside = tmp_path / "outside"
    outside.mkdir()
    secret = outside / "secret"
    secret.write_text("planted", "utf-8")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        attempt = TRIES[what].format(secret=str(secret), outside=str(outside), port=listener.getsockname()[1])
        code = (
            f"try:\n    {attempt}\nexcept (OSError, ValueError) as error:\n    raise SystemExit('refused')\n"
            "raise SystemExit('done')"
        )
        with pytest.raises(UnreadableFile, match=r"stopped .refused"):
            read_in_sandbox(write("a.csv", CSV), Settings(), program=worker_that(tmp_path, code))
    assert [f.name for f in outside.iterdir()] == ["secret"]


def walls_stand():
    from loaders.safeguards import safeguards

    active = {entry["name"]: entry["active"] for entry in safeguards(Settings())}
    return active["files closed for reading"] and active["system calls"]


# ---- what it hands over -----------------------------------------------------------------------


def handed_over(folder, change=None, geometry=None):
    """A worker's output, changed by a hand that means harm."""
    blobs = None if geometry is None else pa.array([geometry], pa.large_binary())
    layer = RawLayer("", ("a",), [text_array(["x"])], pa.array([1]).to_numpy(), geometry=blobs)
    report = {"layers": [write_raw(layer, folder, 0)], "findings": []}
    if change:
        change(report, folder)
    if not (folder / "report.json").is_symlink():
        (folder / "report.json").write_text(json.dumps(report), "utf-8")
    return read_output(folder, "report.json", "a.csv", 10_000_000)


def nested_wkb(depth):
    inner = b"\x01" + struct.pack("<Idd", 1, 1, 2)
    return b"".join(b"\x01" + struct.pack("<II", 7, 1) for _ in range(depth)) + inner


def entry_with(**changes):
    return lambda report, folder: report["layers"][0].update(changes)


def linked(name):
    def change(report, folder):
        target = folder.parent / f"other-{name}"
        target.write_bytes((folder / name).read_bytes() if (folder / name).exists() else b"{}")
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(target)

    return change


def footer_of(size):
    def change(report, folder):
        content = (folder / "0.parquet").read_bytes()
        (folder / "0.parquet").write_bytes(content[:-8] + struct.pack("<I", size) + b"PAR1")

    return change


CHANGES = {
    "an unknown key": entry_with(another=1),
    "a missing key": lambda report, folder: report["layers"][0].pop("crs"),
    "a number for a name": entry_with(name=5),
    "too few rows": entry_with(rows=0),
    "less than no rows": entry_with(rows=-1),
    "a column too many": entry_with(columns=["a", "b"]),
    "a name of a million letters": entry_with(columns=["a" * 1_000_000]),
    "an overlay of a megabyte": entry_with(overlay={"a": "x" * 1_000_000}),
    "an overlay nested without end": entry_with(overlay=json.loads('{"a":' * 900 + "1" + "}" * 900)),
    "a finding of another severity": lambda report, folder: report["findings"].append({"code": "x", "severity": "y"}),
    "a report that is a link": linked("report.json"),
    "a table that is a link": linked("0.parquet"),
    "a footer beyond the file": footer_of(2**31 - 1),
    "a table cut short": lambda report, folder: os.truncate(folder / "0.parquet", 20),
    "a report that is a list": lambda report, folder: report.clear() or report.update({"layers": 3}),
    "a thousand and one layers": lambda report, folder: report["layers"].extend(report["layers"] * 1001),
}


@pytest.mark.parametrize("name", CHANGES)
def test_output_of_another_form_is_not_believed(name, tmp_path):
    folder = tmp_path / "worker"
    folder.mkdir()
    with pytest.raises(UnreadableFile, match=r"output|another form|table"):
        handed_over(folder, CHANGES[name])


def test_honest_output_is_believed(tmp_path):
    layers, findings = handed_over(tmp_path, geometry=nested_wkb(3))
    assert len(layers[0]) == 1
    assert findings == []


def test_geometry_that_would_end_the_process_is_not_followed(tmp_path):
    with pytest.raises(UnreadableFile, match="nested too deeply"):
        handed_over(tmp_path, geometry=nested_wkb(200_000))


def test_geometry_that_cannot_be_read_is_not_believed(tmp_path):
    with pytest.raises(UnreadableFile, match="cannot be read"):
        handed_over(tmp_path, geometry=b"\x01\x01\x00\x00\x00")


@pytest.mark.parametrize(("depth", "expected"), [(1, True), (15, True), (17, False), (5_000, False)])
def test_depth_of_a_geometry(depth, expected):
    assert shallow(nested_wkb(depth)) is expected


@pytest.mark.parametrize(
    "wkt",
    [
        "POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0), (1 1, 2 1, 2 2, 1 2, 1 1))",
        "MULTIPOLYGON Z (((0 0 1, 9 0 1, 9 9 1, 0 0 1)), ((20 0 1, 29 0 1, 29 9 1, 20 0 1)))",
        "MULTIPOINT (" + ", ".join(f"{i} {i}" for i in range(100)) + ")",
        "GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (0 0, 1 1), MULTIPOINT (1 1, 2 2, 3 3, 4 4, 5 5, 6 6))",
    ],
)
@pytest.mark.parametrize("srid", [None, 4326])
def test_ordinary_geometry_is_shallow(wkt, srid):
    import shapely

    shape = shapely.set_srid(shapely.from_wkt(wkt), srid) if srid else shapely.from_wkt(wkt)
    assert shallow(shapely.to_wkb(shape, include_srid=True, flavor="extended"))
    assert shallow(shapely.to_wkb(shape, byte_order=0))


def test_a_table_of_another_schema_is_not_believed(tmp_path, write):
    layers, _ = read_in_sandbox(write("a.csv", CSV), Settings())
    file = tmp_path / "0.parquet"
    entry = write_raw(layers[0], tmp_path, 0)
    assert len(read_raw(file, json.loads(json.dumps(entry)))) == 1
    pq.write_table(pq.read_table(file).drop_columns(["c0"]), file)
    with pytest.raises(UnreadableFile, match="another form"):
        read_raw(file, entry)


def test_deep_nesting_is_refused(write):
    path = write("a.geojson", '{"type":"FeatureCollection","features":[' + "[" * 90_000 + "]" * 90_000 + "]}")
    with pytest.raises(TooLarge, match="nested deeper"):
        read_in_sandbox(path, Settings())
