"""Pictures leave as pictures and as nothing else, and only those of the layer that was asked for."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from datetime import date
from pathlib import Path
from urllib.parse import quote

import geopandas as gpd
import pytest
from shapely import box
from starlette.requests import Request

import store
from dashboard import cache
from dashboard.pictures import media_type
from dashboard.routes.downloads import download
from dashboard.routes.drawing import draft_picture, layer_features, layer_picture
from dashboard.view import DraftQuery, to_text
from layers.filters import Where
from layers.kinds import IMAGES
from layers.picture import picture_text
from layers.schema import conform

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR, drawn by nobody"
WEBP = b"RIFF\x10\x00\x00\x00WEBPVP8 "
SCRIPT = "data:image/png;base64," + b64encode(b"<script>alert(1)</script>").decode()
NEITHER = "data:image/webp;base64," + b64encode(b"RIFF\x10\x00\x00\x00AVI LIST").decode()


@pytest.fixture
def query(tmp_path, monkeypatch):
    """A published layer of images, good and bad."""
    monkeypatch.setenv("OVERLAY_HOME", str(tmp_path / "home"))
    cache.forget_all()
    pictures = {
        "png": picture_text(PNG, "png"),
        "a&b=ü/1": picture_text(WEBP, "webp"),
        "script": SCRIPT,
        "film": NEITHER,
        "none": None,
    }
    table = gpd.GeoDataFrame(
        {
            "id": list(pictures),
            "picture": list(pictures.values()),
            "picture_west": [21.0, 21.0, 21.0, 21.0, 21.0],
            "picture_south": [6.0] * 5,
            "picture_east": [22.0, 22.0, 22.0, 20.0, 22.0],
            "picture_north": [7.0] * 5,
        },
        geometry=[box(21, 6, 22, 7)] * 5,
    )
    publication = store.Publication(
        layer="drone", kind=IMAGES, frame=conform(table, IMAGES), source="test", as_of=date(2026, 11, 2)
    )
    yield cache.query(cache.access().publish(publication, base=None))
    cache.forget_all()


def get(route, query_text: str, headers: dict[str, str] | None = None, **more: str):
    """What a route answers."""
    asked = "&".join(f"{name}={quote(value, safe='')}" for name, value in {"q": query_text, **more}.items())
    sent = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
    return route(
        Request({"type": "http", "method": "GET", "path": "/", "query_string": asked.encode(), "headers": sent})
    )


@pytest.mark.parametrize(("record", "content", "kind"), [("png", PNG, "image/png"), ("a&b=ü/1", WEBP, "image/webp")])
def test_a_picture_leaves_under_its_own_type(query, record, content, kind):
    answer = get(layer_picture, to_text(query), id=record)
    assert (answer.status_code, answer.body, answer.media_type) == (200, content, kind)
    assert answer.headers["x-content-type-options"] == "nosniff"
    again = get(layer_picture, to_text(query), {"if-none-match": answer.headers["etag"]}, id=record)
    assert (again.status_code, again.body) == (304, b"")
    other = get(layer_picture, to_text(query), id="none")
    assert other.headers.get("etag") != answer.headers["etag"]


@pytest.mark.parametrize("record", ["script", "film", "none", "", "no such", "../png"])
def test_what_is_no_picture_does_not_leave(query, record):
    answer = get(layer_picture, to_text(query), id=record)
    assert answer.status_code == 400
    assert answer.media_type == "text/plain"
    assert b"<script" not in answer.body


def test_another_edition_or_a_record_that_is_filtered_out_is_refused(query):
    gone = to_text(query).replace(query.edition, "0" * len(query.edition))
    assert get(layer_picture, gone, id="png").status_code == 404
    info = cache.access().info("drone")
    without = cache.query(info, Where({"id": ("none",)}))
    assert get(layer_picture, to_text(without), id="png").status_code == 400
    assert get(layer_picture, "junk", id="png").status_code == 400
    assert get(draft_picture, to_text(DraftQuery("0" * 32, "0")), id="png").status_code == 422


def test_the_map_is_told_where_pictures_lie_and_never_what_is_in_them(query):
    drawn = json.loads(get(layer_features, to_text(query)).body)
    boxes = {f["properties"]["id"]: f["properties"].get("b") for f in drawn["features"]}
    assert boxes["png"] == [21.0, 6.0, 22.0, 7.0]
    assert boxes["film"] is None  # east of its west edge
    assert boxes["none"] is None
    assert "base64" not in json.dumps(drawn)


@pytest.mark.parametrize("form", ["csv", "geojson"])
def test_no_export_holds_a_picture(query, form):
    asked = f"format={form}&layer={quote(to_text(query))}"
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": asked.encode(), "headers": []}
    answer = download(Request(scope))
    content = Path(answer.path).read_bytes()
    asyncio.run(answer.background())
    assert b"png" in content
    assert b"base64" not in content


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"<svg>", b"RIFF", b"\x89PNG", b"%PDF-1.7"])
def test_only_png_and_webp_have_a_type(content):
    assert media_type(content) == ""
