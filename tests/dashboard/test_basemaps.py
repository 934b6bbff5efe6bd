"""Base maps: what lies in the folder is looked at first, served in parts, and named when broken."""

from __future__ import annotations

import asyncio
import struct
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pytest
from pmtiles.tile import Compression, deserialize_header
from region import BOX, LAST_ZOOM, write_region
from starlette.applications import Starlette

from dashboard.basemaps import OPENSTREETMAP, checked, choices
from dashboard.routes import MIDDLEWARE, ROUTES
from layers.errors import UnreadableFile
from layers.settings import _load


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of base maps of a fresh store."""
    monkeypatch.setenv("OVERLAY_HOME", str(tmp_path))
    _load.cache_clear()
    made = tmp_path / "basemaps"
    made.mkdir()
    return made


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    content: bytes


APP = Starlette(routes=ROUTES, middleware=MIDDLEWARE)


def ask(path: str, part: str = "", client: str = "127.0.0.1") -> Answer:
    """One request through every route and the guard, straight through the ASGI interface."""
    headers = [(b"host", b"localhost"), *([(b"range", part.encode())] if part else [])]
    scope = {
        "type": "http",
        "http_version": "1.1",
        "scheme": "http",
        "method": "GET",
        "path": unquote(path),
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": headers,
        "client": (client, 5000),
        "server": ("127.0.0.1", 80),
    }
    sent: list[dict] = []

    async def receive():
        await asyncio.Event().wait()  # the browser stays, and has nothing more to say

    async def send(message):
        sent.append(message)

    asyncio.run(APP(scope, receive, send))
    told = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], told, b"".join(message.get("body", b"") for message in sent[1:]))


def test_without_a_folder_there_is_the_coastline_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OVERLAY_HOME", str(tmp_path / "none"))
    assert choices().usable == () == choices().broken


def test_a_file_says_where_and_how_close_it_has_tiles(folder: Path) -> None:
    file = write_region(folder / "region.pmtiles")
    told = deserialize_header(file.read_bytes()[:127])
    (base,) = choices().usable
    assert (base.name, base.form, base.bounds, base.last_zoom) == ("region.pmtiles", "pmtiles", BOX, LAST_ZOOM)
    assert base.last_zoom == told["max_zoom"]
    assert base.bounds == tuple(told[f"{edge}_e7"] / 1e7 for edge in ("min_lon", "min_lat", "max_lon", "max_lat"))


def test_a_base_map_is_sent_in_parts(folder: Path) -> None:
    whole = write_region(folder / "region.pmtiles").read_bytes()
    answer = ask("/basemap/region.pmtiles", "bytes=100-226")
    assert answer.status == 206
    assert answer.content == whole[100:227]
    assert answer.headers["content-range"] == f"bytes 100-226/{len(whole)}"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert ask("/basemap/region.pmtiles", "bytes=99999999-").status == 416


@pytest.mark.parametrize(
    "name",
    ["../overlay.toml", "..%2Foverlay.toml", "%2e%2e%2foverlay.toml", "overlay.toml", "..", "%2Fetc%2Fpasswd", "x.txt"],
)
def test_nothing_else_is_served(folder: Path, name: str) -> None:
    (folder.parent / "overlay.toml").write_text("small_number = 7")
    (folder / "x.txt").write_text("not a base map")
    assert ask(f"/basemap/{name}").status == 404


def test_the_guard_stands_before_it(folder: Path) -> None:
    write_region(folder / "region.pmtiles")
    assert ask("/basemap/region.pmtiles", client="10.0.0.5").status == 403


def broken(whole: bytes) -> dict[str, tuple[bytes, str]]:
    """How a file may be broken, and what is said of it."""
    metadata = deserialize_header(whole[:127])["metadata_offset"]

    def changed(at: int, new: bytes) -> bytes:
        return whole[:at] + new + whole[at + len(new) :]

    return {
        "empty": (b"", "does not begin as"),
        "a page": (b"<html>not found</html>" * 20, "does not begin as"),
        "header cut": (whole[:60], "ends within its header"),
        "half copied": (whole[:-10], "not copied whole"),
        "version 2": (changed(7, b"\x02"), "version 2"),
        "pictures": (changed(99, b"\x02"), "tiles are pictures"),
        "brotli": (changed(97, bytes([Compression.BROTLI.value])), "not gzip"),
        "no box": (changed(102, struct.pack("<2i", 2_000_000_000, 0)), "outside the world"),
        "zoom": (changed(101, b"\xff"), "outside the world"),
        "far away": (changed(24, struct.pack("<Q", 2**63)), "not copied whole"),
        "metadata": (changed(metadata, b"\0\0\0\0\0\0"), "metadata that cannot be read"),
    }


CASES = [
    "empty",
    "a page",
    "header cut",
    "half copied",
    "version 2",
    "pictures",
    "brotli",
    "no box",
    "zoom",
    "far away",
    "metadata",
]


@pytest.mark.parametrize("case", CASES)
def test_a_broken_file_is_named_and_never_sent(folder: Path, case: str) -> None:
    whole = write_region(folder / "good.pmtiles").read_bytes()
    assert [*broken(whole)] == CASES
    content, said = broken(whole)[case]
    (folder / "bad.pmtiles").write_bytes(content)
    found = choices()
    assert [base.name for base in found.usable] == ["good.pmtiles"]
    assert "bad.pmtiles" in str(found.broken[0])
    assert said in str(found.broken[0])
    answer = ask("/basemap/bad.pmtiles")
    assert answer.status == 422
    assert said in answer.content.decode()


def test_metadata_that_unpacks_without_end_is_bounded(folder: Path) -> None:
    with pytest.raises(UnreadableFile, match="metadata"):
        checked(write_region(folder / "bomb.pmtiles", attribution="x" * 3_000_000))


@pytest.mark.parametrize(
    ("stated", "shown"),
    [
        ("", OPENSTREETMAP),
        ("Hydrology: Basin Commission", f"{OPENSTREETMAP} · Hydrology: Basin Commission"),
        ('<a href="https://x.example">Basin</a> &amp; Co', f"{OPENSTREETMAP} · Basin & Co"),
    ],
)
def test_attribution_names_openstreetmap_and_what_the_file_states(folder: Path, stated: str, shown: str) -> None:
    assert checked(write_region(folder / "region.pmtiles", attribution=stated)).attribution == shown


def test_addresses_are_there_only_when_an_administrator_wrote_them(folder: Path) -> None:
    assert choices().usable == ()
    (folder.parent / "overlay.toml").write_text(
        'online_osm = true\n[[base_maps]]\nname = "Mission"\naddress = "https://t.example/{z}/{x}/{y}.png"\n'
        'attribution = "GIS unit"\n[[base_maps]]\nname = "Relief"\naddress = "https://t.example/wms"\n'
        'layers = "relief"\nattribution = "GIS unit"\n'
    )
    _load.cache_clear()
    forms = [(base.name, base.form, base.attribution) for base in choices().usable]
    assert forms == [
        ("Mission", "xyz", "GIS unit"),
        ("Relief", "wms", "GIS unit"),
        ("OpenStreetMap online", "xyz", OPENSTREETMAP),
    ]


@pytest.mark.parametrize(
    ("written", "form", "asked"),
    [
        ('address = "https://t.example/a/{TileMatrix}/{TileRow}/{TileCol}.png"', "xyz", "https://t.example/a/{z}/{y}/{x}.png"),
        (
            'address = "https://t.example/wmts?key=1"\nlayers = "sat & roads"\ntile_matrix_set = "WebMercatorQuad"',
            "xyz",
            "https://t.example/wmts?key=1&SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=sat+%26+roads&STYLE="
            "&TILEMATRIXSET=WebMercatorQuad&FORMAT=image%2Fpng&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}",
        ),
        ('address = "https://t.example/wms"\nlayers = "sat"\nstyle = "night"', "wms", "https://t.example/wms"),
    ],
)  # fmt: skip
def test_a_wmts_is_asked_for_the_tiles_of_web_mercator(folder: Path, written: str, form: str, asked: str) -> None:
    (folder.parent / "overlay.toml").write_text(f'[[base_maps]]\nname = "A"\nattribution = "us"\n{written}\n')
    _load.cache_clear()
    (base,) = choices().usable
    assert (base.form, base.url) == (form, asked)
    assert base.styles == ("night" if form == "wms" else "")
