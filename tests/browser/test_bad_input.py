"""What is broken, empty, huge or hostile has a defined end on the map: drawn, or left out and said."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Watched, overlay, watched
from playwright.sync_api import Browser, expect
from region import write_region
from steps import click_feature, drawn, drop, open_page, panel, settled

from bench.browser import serving

pytestmark = pytest.mark.browser

CORNERS = 50_000
NAMES = ['It\'s "quoted"', "back`tick`", "${window.top.hacked=1}", "</script><script>window.top.hacked=1</script>"]
AS_OF = "2026-11-20"
PIXEL = """([lon, lat]) => {
    const at = window.map.latLngToLayerPoint([lat, lon]), canvas = Overlay.renderer._container;
    const scale = canvas.width / parseFloat(canvas.style.width || canvas.width), from = L.DomUtil.getPosition(canvas);
    let drawn = 0;  // of an area that is hatched, not each pixel is painted
    const [x, y] = [(at.x - from.x) * scale - 6, (at.y - from.y) * scale - 6];
    const part = canvas.getContext("2d").getImageData(x, y, 12, 12).data;
    for (let i = 3; i < part.length; i += 4) if (part[i]) drawn += 1;
    return drawn > 0;
}"""
DRAWN = """(layer) => {
    const found = [];
    window.map.eachLayer((l) => {
        const p = (l.feature || {}).properties;
        if (p && p.layer === layer) found.push(p.id);
    });
    return found.sort();
}"""


def area(*corners: tuple[float, float]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [[list(corner) for corner in corners]]}


def point(lon: float, lat: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [lon, lat]}


def collection(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"type": "GeometryCollection", "geometries": list(parts)}


def rough_circle() -> dict[str, Any]:
    """An area around 20 east, 6 north with very many corners, half a degree to each side."""
    turns = [2 * math.pi * n / CORNERS for n in range(CORNERS)]
    wide = [(turn, 0.5 + 0.02 * math.sin(40 * turn)) for turn in turns]
    corners = [(20 + radius * math.cos(turn), 6 + radius * math.sin(turn)) for turn, radius in wide]
    return area(*corners, corners[0])


LAYERS: dict[str, dict[str, dict[str, Any]]] = {
    "collections": {
        "mixed": collection(point(20, 6), area((20.1, 6.1), (20.4, 6.1), (20.4, 6.4), (20.1, 6.4), (20.1, 6.1))),
        "points": collection(point(20.5, 6), point(20.6, 6)),
        "nothing": collection(),
        "plain": point(20.8, 6.2),
    },
    "dateline": {
        "over": area((178, -17), (-178, -17), (-178, -16), (178, -16), (178, -17)),
        "beyond": area((178, -15), (182, -15), (182, -14), (178, -14), (178, -15)),
    },
    "corners": {"rough": rough_circle()},
    "names": {f"n`{n}": point(20 + n / 10, 6) for n in range(len(NAMES))},
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A file of security risks for each layer."""
    folder = tmp_path_factory.mktemp("bad")
    for layer, places in LAYERS.items():
        features = [
            {"type": "Feature", "id": id_, "geometry": geometry, "properties": {"name": name, "risk_type": "sha"}}
            for (id_, geometry), name in zip(places.items(), NAMES, strict=False)
        ]
        (folder / f"{layer}.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return {layer: folder / f"{layer}.geojson" for layer in LAYERS}


@pytest.fixture(scope="module")
def home(files: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with all of them."""
    made = tmp_path_factory.mktemp("store") / "home"
    done = overlay(made, "ingest", *map(str, files.values()), "--kind", "security_risks", "--as-of", AS_OF)
    assert done.returncode == 0, done.stderr
    (made / "basemaps").mkdir()
    return made


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    with serving(home) as served:
        yield served.address


@pytest.fixture
def seen(browser: Browser, address: str) -> Iterator[Watched]:
    with watched(browser, address) as page:
        yield page


def looking_at(seen: Watched, layer: str, lon: float, lat: float, zoom: int = 8):
    """The map with this layer alone, moved there."""
    others = {f"on.{other}": "false" for other in LAYERS if other != layer}
    open_page(seen, as_of=AS_OF, **others)
    drawn(seen)
    frame = next(f for f in seen.page.frames if "streamlit_folium" in f.url)
    frame.evaluate(f"() => {{ window.map.setView([{lat}, {lon}], {zoom}, {{ animate: false }}); }}")
    seen.page.wait_for_timeout(300)  # the canvas follows a frame later
    return frame


def test_a_collection_is_drawn_by_its_main_geometry_and_what_has_none_is_left_out(seen: Watched) -> None:
    frame = looking_at(seen, "collections", 20.4, 6.2)
    assert frame.evaluate(DRAWN, "collections") == ["mixed", "plain", "points"]
    assert frame.evaluate(PIXEL, [20.25, 6.25])
    expect(frame.locator(".overlay-legend")).to_contain_text("collections (3)")
    seen.clean()


def test_what_a_file_leaves_out_is_said_before_it_is_published(seen: Watched, files: dict[str, Path]) -> None:
    open_page(seen, "layers")
    drop(seen, files["collections"])
    said = panel(seen, "collections.geojson")
    expect(said).to_contain_text("mixed collection was reduced to its main geometry")
    expect(said).to_contain_text("No place and no P-code")
    seen.clean()


def test_an_area_over_the_180th_meridian_is_drawn_on_both_its_sides_and_not_around_the_world(seen: Watched) -> None:
    frame = looking_at(seen, "dateline", 0, -16, 2)
    assert frame.evaluate(DRAWN, "dateline") == ["over"]  # beyond 180 there is no place: said when it is loaded
    for lon, there in ((179, True), (-179, True), (170, False), (-170, False), (0, False), (90, False)):
        frame = looking_at(seen, "dateline", lon, -16.5)
        assert frame.evaluate(PIXEL, [lon, -16.5]) is there, lon
    seen.clean()


def test_an_area_of_50_000_corners_is_drawn_and_chosen(seen: Watched) -> None:
    frame = looking_at(seen, "corners", 20, 6)
    assert frame.evaluate(PIXEL, [20, 6])
    assert frame.evaluate(PIXEL, [20.45, 6])
    assert not frame.evaluate(PIXEL, [20.6, 6])
    click_feature(seen, "corners", "rough")
    expect(seen.page.locator(".o-card").first).to_contain_text(NAMES[0])
    seen.clean()


def test_names_stay_text_in_tooltip_and_card(seen: Watched) -> None:
    frame = looking_at(seen, "names", 20.15, 6, 9)
    box = seen.page.locator('iframe[title^="streamlit_folium"]').bounding_box()
    for n, name in enumerate(NAMES):
        at = frame.evaluate(
            f"() => {{ const p = window.map.latLngToContainerPoint([6, {20 + n / 10}]); return [p.x, p.y]; }}"
        )
        seen.page.mouse.move(box["x"] + at[0] - 3, box["y"] + at[1])
        seen.page.wait_for_timeout(100)  # the map looks at the pointer 30 times a second
        seen.page.mouse.move(box["x"] + at[0], box["y"] + at[1])
        expect(frame.locator(".overlay-tip")).to_contain_text(name, timeout=15_000)
    click_feature(seen, "names", "n`2")
    expect(seen.page.locator(".o-card").first).to_contain_text(NAMES[2])
    assert seen.page.evaluate("() => window.hacked") is None
    seen.clean()


def test_a_layer_of_which_the_filters_keep_nothing_leaves_the_map_and_counts_0(seen: Watched) -> None:
    open_page(seen, as_of=AS_OF, **{"names.risk_type": "uxo", **{f"on.{o}": "false" for o in LAYERS if o != "names"}})
    frame = drawn(seen)
    expect(frame.locator(".overlay-legend")).to_be_visible()
    seen.clean()


def test_a_file_without_features_is_refused_in_words(seen: Watched, tmp_path: Path) -> None:
    (tmp_path / "empty.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    open_page(seen, "layers")
    drop(seen, tmp_path / "empty.geojson")
    expect(seen.page.get_by_text("at least one feature").first).to_be_visible(timeout=60_000)
    seen.clean()


def test_a_tile_that_there_is_not_is_refused_in_words(seen: Watched) -> None:
    with seen.page.expect_request(lambda request: "/drawn/layer" in request.url and "names" in request.url) as asked:
        open_page(seen, as_of=AS_OF)
    query = asked.value.url.partition("?")[2]
    assert seen.page.request.get(f"{seen.address}/tiles/3/0/0?{query}").status == 200
    for tile in ("40/0/0", "3/8/0", "3/0/9999999", "99999999999999999999/0/0"):
        answer = seen.page.request.get(f"{seen.address}/tiles/{tile}?{query}")
        assert answer.status == 400, tile
        assert "expected" in answer.text(), tile


def test_a_broken_base_map_is_said_and_the_coastline_stays(seen: Watched, home: Path) -> None:
    whole = write_region(home / "basemaps/broken.pmtiles").read_bytes()
    (home / "basemaps/broken.pmtiles").write_bytes(whole[:-40])
    open_page(seen, base="broken.pmtiles")
    drawn(seen)
    expect(seen.page.get_by_test_id("stSidebar")).to_contain_text("it was not copied whole")
    seen.clean()


def test_a_server_that_is_gone_is_said_on_the_map(seen: Watched) -> None:
    seen.page.route("**/drawn/layer**", lambda route: route.abort())
    open_page(seen)
    notice = seen.page.frame_locator('iframe[title^="streamlit_folium"]').get_by_role("alert")
    expect(notice).to_contain_text("the server does not answer", timeout=60_000)


def test_a_server_that_does_not_answer_is_said_and_the_word_goes_once_it_has(seen: Watched) -> None:
    held: list[Any] = []
    seen.page.route("**/drawn/layer**", lambda route: held.append(route))
    open_page(seen)
    notice = seen.page.frame_locator('iframe[title^="streamlit_folium"]').get_by_role("alert")
    expect(notice).to_contain_text("the server has not answered", timeout=60_000)
    for route in held:
        route.continue_()
    drawn(seen)
    expect(notice).to_have_count(0)
    settled(seen)
    seen.clean()
