"""The tools of the map: position, measure. Truths from pyproj and PyPI's mgrs."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from conftest import Watched, watched
from playwright.sync_api import Browser, Frame, Page, expect
from pyproj import Geod
from steps import MAP, drawn, open_page, settled

from layers.geodesy import mgrs_of

pytestmark = pytest.mark.browser
GEOD = Geod(ellps="WGS84")
COUNT_TOLD = """() => {
    window.told = 0;
    window.parent.addEventListener("message", (e) => {
        if (e.data.type === "streamlit:setComponentValue") window.told += 1;
    });
}"""


def map_frame(seen: Watched) -> Frame:
    """The map's own frame, once it has drawn."""
    drawn(seen)
    settled(seen)
    return next(f for f in seen.page.frames if "streamlit_folium" in f.url)


def watch_pointer(frame: Frame) -> None:
    """Note where in the frame the pointer was last; the browser cuts it to whole pixels."""
    frame.evaluate(
        "() => window.addEventListener('mousemove', (e) => { window.pointer = [e.clientX, e.clientY]; }, true)"
    )


def lonlat(frame: Frame) -> tuple[float, float]:
    """Degrees of where the pointer was last."""
    at = frame.evaluate("() => window.map.containerPointToLatLng(window.pointer)")
    return at["lng"], at["lat"]


def shown_distance(metres: float) -> str:
    """Three figures, or whole metres."""
    if metres < 999.5:
        return f"{metres:.0f} m"
    km = metres / 1000
    return f"{km:.2f} km" if km < 9.995 else f"{km:.1f} km" if km < 99.95 else f"{km:,.0f} km"


def points_on(page: Page) -> list[tuple[float, float]]:
    """Three places on the screen, clear of every control."""
    box = page.frame_locator(MAP).locator("#map_div").bounding_box()
    return [
        (box["x"] + box["width"] * u, box["y"] + box["height"] * v) for u, v in ((0.5, 0.45), (0.55, 0.7), (0.4, 0.8))
    ]


def test_the_browser_names_places_in_mgrs_as_the_server_does(sample: Watched) -> None:
    rng = np.random.default_rng(4)
    places = [
        (float(x), float(y)) for x, y in zip(rng.uniform(-180, 180, 3000), rng.uniform(-80, 84, 3000), strict=True)
    ]
    norway = zip(rng.uniform(-1, 13, 500), rng.uniform(55, 65, 500), strict=True)
    svalbard = zip(rng.uniform(-1, 45, 500), rng.uniform(71, 84, 500), strict=True)
    corners = itertools.product(range(-180, 180, 3), range(-80, 84, 4))
    places += [(float(x), float(y)) for x, y in itertools.chain(norway, svalbard, corners)]
    open_page(sample)
    given = map_frame(sample).evaluate("(places) => places.map(([lon, lat]) => Overlay.mgrs(lat, lon))", places)
    pairs = [(g.replace(" ", ""), mgrs_of(*p, "point")) for p, g in zip(places, given, strict=True)]
    other = [(ours, truth) for ours, truth in pairs if ours != truth]
    # The two series differ by less than a metre, which tips a place over the edge of its square.
    assert len(other) < len(pairs) / 500
    for ours, truth in other:
        assert ours[:5] == truth[:5]
        assert abs(int(ours[5:9]) - int(truth[5:9])) + abs(int(ours[9:]) - int(truth[9:])) == 1


def test_no_mgrs_beyond_its_grid_and_longitudes_come_round(sample: Watched) -> None:
    open_page(sample)
    frame = map_frame(sample)
    assert frame.evaluate("Overlay.position({lat: 85, lng: 10})") == "85.0000° N 10.0000° E"
    west = frame.evaluate("Overlay.position({lat: -8.0142, lng: 360 - 119.7761})")
    assert west == frame.evaluate("Overlay.position({lat: -8.0142, lng: -119.7761})")
    assert west.endswith("8.0142° S 119.7761° W")
    assert frame.evaluate("Overlay.mgrs(-12, 180)") == frame.evaluate("Overlay.mgrs(-12, -180)")


@pytest.mark.parametrize("dark", [False, True])
def test_the_pointer_is_told_in_the_corner_and_the_page_is_not_run_again(
    browser: Browser, sample_address: str, dark: bool
) -> None:
    with watched(browser, sample_address, dark=dark) as seen:
        open_page(seen)
        frame = map_frame(seen)
        watch_pointer(frame)
        position = frame.locator(".overlay-position")
        expect(position).to_contain_text("Middle ")
        frame.evaluate(COUNT_TOLD)
        for x, y in points_on(seen.page):
            seen.page.mouse.move(x, y)
            lon, lat = lonlat(frame)
            degrees = f"{abs(lat):.4f}° {'S' if lat < 0 else 'N'} {abs(lon):.4f}° {'W' if lon < 0 else 'E'}"
            expect(position).to_contain_text(degrees)
            assert mgrs_of(lon, lat, "point") in position.inner_text().replace(" ", "")
        seen.page.wait_for_timeout(500)
        assert frame.evaluate("() => window.told") == 0
        seen.clean()


def test_controls_do_not_cover_each_other(sample: Watched) -> None:
    open_page(sample)
    frame = map_frame(sample)
    frame.get_by_role("button", name="Measure distance and bearing").click()
    names = (".leaflet-control-zoom", ".overlay-tools", ".overlay-panel", ".overlay-legend", ".overlay-position")
    names += (".overlay-find", ".overlay-view", ".leaflet-control-scale", ".overlay-north")
    names += (".leaflet-control-attribution",)
    boxes = {name: frame.locator(name).bounding_box() for name in names}
    for a, b in itertools.combinations(names, 2):
        p, q = boxes[a], boxes[b]
        across = min(p["x"] + p["width"], q["x"] + q["width"]) - max(p["x"], q["x"])
        down = min(p["y"] + p["height"], q["y"] + q["height"]) - max(p["y"], q["y"])
        assert across <= 0 or down <= 0, f"{a} and {b} overlap"


def test_measure_leg_by_leg_as_the_ellipsoid_has_it(sample: Watched) -> None:
    open_page(sample)
    frame = map_frame(sample)
    watch_pointer(frame)
    address = sample.page.url
    button = frame.get_by_role("button", name="Measure distance and bearing")
    button.focus()
    sample.page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-pressed", "true")
    places = []
    for x, y in points_on(sample.page):
        sample.page.mouse.click(x, y)
        places.append(lonlat(frame))
    lon, lat = np.array(places).T
    azimuth, _, metres = GEOD.inv(lon[:-1], lat[:-1], lon[1:], lat[1:])
    rows = frame.locator(".overlay-panel tbody tr")
    expect(rows).to_have_count(2)
    for i in range(2):
        expect(rows.nth(i).locator("td").nth(1)).to_have_text(shown_distance(metres[i]))
        expect(rows.nth(i).locator("td").nth(2)).to_have_text(f"{round(azimuth[i]) % 360:03d}°")
    expect(frame.get_by_role("status")).to_have_text(f"In all {shown_distance(metres.sum())}")
    settled(sample)
    assert sample.page.url == address, "measuring chose a record"
    sample.page.keyboard.press("Escape")
    expect(frame.locator(".overlay-panel")).to_be_hidden()
    expect(button).to_have_attribute("aria-pressed", "false")
    sample.clean()


def test_a_distance_is_told_with_three_figures(sample: Watched) -> None:
    open_page(sample)
    metres = [0, 3.4, 999.4, 999.6, 1234, 9994, 9996, 34_560, 99_940, 99_960, 1_234_567]
    shown = map_frame(sample).evaluate("(metres) => metres.map(Overlay.distance)", metres)
    assert shown == [
        "0 m",
        "3 m",
        "999 m",
        "1.00 km",
        "1.23 km",
        "9.99 km",
        "10.0 km",
        "34.6 km",
        "99.9 km",
        "100 km",
        "1,235 km",
    ]


def test_the_grid_is_laid_by_a_button_and_grows_finer(sample: Watched) -> None:
    open_page(sample)
    frame = map_frame(sample)
    button = frame.get_by_role("button", name="MGRS grid")
    expect(frame.locator(".overlay-grid")).to_have_count(0)
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(frame.locator(".overlay-grid:not(.digits)").filter(has_text="KM").first).to_be_attached()
    frame.evaluate("() => { window.map.setView([-8.0142, -119.7761], 13, {animate: false}); }")
    easting, northing = mgrs_of(-119.7761, -8.0142, "point")[5:9], mgrs_of(-119.7761, -8.0142, "point")[9:]
    for digits in (easting[:2], northing[:2]):
        expect(frame.locator(".overlay-grid.digits", has_text=digits).first).to_be_attached()
    button.click()
    expect(frame.locator(".overlay-grid")).to_have_count(0)
    sample.clean()
