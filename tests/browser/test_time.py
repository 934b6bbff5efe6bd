"""The bar of time below the map: brush, play, compare; on the sample, on many incidents, on real data."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from conftest import Watched, overlay, watched
from playwright.sync_api import Browser, Frame, Locator, expect
from steps import MAP, drawn, open_page, settled

import store
from bench.browser import ROOT, serving
from layers.layer_style import LayerStyle

pytestmark = pytest.mark.browser
REAL = ROOT.parent / "shared" / "real" / "central-african-republic"
NUMBER = 9_000


class Bar:
    """The bar, its controls, and what it says."""

    def __init__(self, seen: Watched) -> None:
        settled(seen)
        self.seen = seen
        self.map = drawn(seen)
        self.frame: Frame = next(f for f in seen.page.frames if "streamlit_folium" in f.url)
        self.box = self.map.locator(".overlay-time")
        expect(self.box).to_have_attribute("data-weeks", re.compile(r"\d+"))

    def button(self, name: str) -> Locator:
        return self.map.get_by_role("button", name=name, exact=True)

    def mode(self, mode: str) -> None:
        expect(self.box).to_have_attribute("data-mode", mode, timeout=30_000)

    def span(self) -> str:
        return self.box.get_attribute("data-span") or ""

    def counts(self) -> dict[str, int]:
        """Records on the map of each layer that plays, as its own numbers say."""
        return self.frame.evaluate("""() => Object.fromEntries(
            window.map.time.names.map((name, i) => [name, window.map.time.shown.numbers[0][i]]))""")

    def drag(self, begin: float, end: float) -> None:
        """Drag over the bars, from one share of their width to another."""
        plot = self.map.locator(".overlay-time .plot").bounding_box()
        y = plot["y"] + plot["height"] / 2
        mouse = self.seen.page.mouse
        mouse.move(plot["x"] + begin * plot["width"], y)
        mouse.down()
        mouse.move(plot["x"] + end * plot["width"], y, steps=4)
        mouse.up()


PAINTED = """() => { let n = 0;
  document.querySelectorAll(".leaflet-time-now-pane canvas, .leaflet-time-a-pane canvas").forEach((c) => {
    if (!c.width) return;
    const data = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
    for (let i = 3; i < data.length; i += 4) if (data[i]) n += 1; });
  return n; }"""
COVERED = """() => {
  const boxes = (names) => [...document.querySelectorAll(names)].map((b) => [b.className, b.getBoundingClientRect()]);
  const kept = boxes(".overlay-legend, .leaflet-control-scale-line, .overlay-north, .overlay-position, .overlay-tools");
  return boxes(".overlay-when, .overlay-time").flatMap(([name, a]) => kept
    .filter(([, b]) => a.left < b.right && a.right > b.left && a.top < b.bottom && a.bottom > b.top)
    .map(([covered]) => `${name} on ${covered}`)); }"""
LONE_INCIDENT = """() => {
  const time = window.map.time, place = (p) => window.map.latLngToContainerPoint(p.getLatLng()), there = [];
  window.map.eachLayer((p) => { if (p.options.look && p.there !== false) there.push(p); });
  const own = time.sides[0].layers[time.names.indexOf("Incidents")].paths.flat().filter((p) => p.there);
  const { x, y } = place(own.find((p) => there.every((q) => p === q || place(p).distanceTo(place(q)) > 25)));
  return [x, y]; }"""
LOOPS = """() => new Promise((done) => {
  const own = window.requestAnimationFrame, most = 20;
  let asked = 0, frames = 0;
  window.requestAnimationFrame = (act) => { asked += 1; return own(act); };
  const tick = () => {
    frames += 1;
    if (frames < most) { own(tick); return; }
    window.requestAnimationFrame = own;
    done(asked / most); };
  own(tick); })"""
SUM_AND_BAR = """() => {
  const time = window.map.time, { from, until } = time.shown.spans[0];
  return [time.shown.numbers[0][0], time.all(from, until)]; }"""


@pytest.fixture
def bar(sample: Watched) -> Bar:
    open_page(sample)
    return Bar(sample)


def test_it_plays_steps_and_gives_the_picture_back(bar: Bar) -> None:
    legend = bar.map.locator(".overlay-legend")
    before = legend.inner_text()
    bar.button("Step forward").click()
    bar.mode("moment")
    assert bar.span() == "2025-05-12/2025-05-18"
    assert bar.frame.evaluate(PAINTED) > 500
    expect(bar.map.locator(".overlay-when")).to_have_text("12–18 MAY 25")
    expect(legend).to_contain_text(f"Incidents ({bar.counts()['Incidents']})")
    bar.button("Step forward").click()
    assert bar.span() == "2025-05-19/2025-05-25"
    bar.button("Step back").click()
    assert bar.span() == "2025-05-12/2025-05-18"
    bar.map.get_by_label("Speed", exact=True).select_option("4")
    bar.button("Play").click()
    bar.mode("playing")
    bar.frame.wait_for_function("() => Number(document.querySelector('.overlay-time').dataset.steps) >= 5")
    bar.button("Pause").click()
    bar.mode("moment")
    bar.map.get_by_label("Window", exact=True).select_option("13")
    first, last = (pd.Timestamp(day) for day in bar.span().split("/"))
    assert (last - first).days == 7 * 13 - 1
    bar.map.get_by_label("Window", exact=True).select_option("all")
    assert bar.span().startswith("2025-05-1")
    bar.button("Stop: back to the filtered picture").click()
    bar.mode("still")
    assert legend.inner_text() == before
    assert bar.frame.evaluate("document.querySelectorAll('.overlay-when').length") == 0
    bar.seen.clean()


def test_stop_gives_back_the_same_picture_to_the_pixel(sample: Watched) -> None:
    open_page(sample, "", sel="orvane-activities/ACT-017")
    bar = Bar(sample)
    picture = "document.querySelector('.leaflet-overlay-pane canvas').toDataURL()"
    assert bar.frame.evaluate("window.map.time.scene.halos.length") > 0
    before = bar.frame.evaluate(picture)
    bar.button("Step forward").click()
    bar.mode("moment")
    bar.frame.wait_for_function(f"before => {picture} !== before", arg=before)
    bar.map.locator(".overlay-time .plot").press("Escape")
    bar.mode("still")
    bar.frame.wait_for_function(f"before => {picture} === before", arg=before)
    sample.clean()


def test_keys_do_the_same(bar: Bar) -> None:
    bar.map.locator(".overlay-time .plot").focus()
    keyboard = bar.seen.page.keyboard
    keyboard.press("ArrowRight")
    bar.mode("moment")
    at = bar.span()
    keyboard.press("ArrowRight")
    assert bar.span() > at
    keyboard.press("ArrowLeft")
    assert bar.span() == at
    keyboard.press(" ")
    bar.mode("playing")
    keyboard.press(" ")
    bar.mode("moment")
    keyboard.press("Escape")
    bar.mode("still")
    bar.seen.clean()


class Held:
    """Answers of the server that wait until they are let go."""

    def __init__(self, seen: Watched, addresses: str) -> None:
        self.page, self.addresses, self.waiting = seen.page, addresses, []
        self.page.route(addresses, lambda route: self.waiting.append(route))

    def let_go(self) -> None:
        for route in self.waiting:
            route.continue_()
        self.page.unroute(self.addresses)


@pytest.mark.parametrize(
    ("asked", "shown"),
    [(("Play", "Play"), "playing"), (("Play", "Compare"), "compare"), (("Compare", "Play"), "playing")],
)
def test_what_is_asked_for_last_while_it_loads_is_what_plays_once(bar: Bar, asked: tuple[str, str], shown: str) -> None:
    held = Held(bar.seen, "**/drawn/in-time**")
    for name in asked:
        bar.button(name).click()
    bar.mode("loading")
    bar.frame.wait_for_function("() => window.map.time.waiting")
    held.let_go()
    bar.mode(shown)
    assert len(bar.frame.evaluate("window.map.time.sides.map((side) => 1)")) == (2 if shown == "compare" else 1)
    assert bar.frame.evaluate(LOOPS) < 1.5
    bar.map.locator(".overlay-time .plot").press("Escape")
    bar.mode("still")
    bar.seen.clean()


def test_escape_while_it_loads_is_heeded(bar: Bar) -> None:
    held = Held(bar.seen, "**/drawn/in-time**")
    bar.button("Play").click()
    bar.mode("loading")
    expect(bar.box).to_contain_text("Loading")
    bar.seen.page.keyboard.press("Escape")
    bar.mode("still")
    held.let_go()
    bar.frame.wait_for_function("() => window.map.time.played")
    bar.mode("still")
    assert bar.frame.evaluate("window.map.time.sides.length") == 0
    bar.button("Play").click()
    bar.mode("playing")
    bar.seen.clean()


def test_an_escape_that_ends_something_else_keeps_the_moment(bar: Bar) -> None:
    bar.button("Step forward").click()
    bar.mode("moment")
    at, keyboard = bar.span(), bar.seen.page.keyboard
    tools = bar.map.locator(".overlay-panel")
    bar.button("Measure distance and bearing").click()
    expect(tools).to_be_visible()
    keyboard.press("Escape")
    expect(tools).to_be_hidden()
    bar.button("Draw a point, line, area or circle").click()
    bar.button("Circle").click()  # which leaves the focus nowhere
    keyboard.press("Escape")
    expect(tools).to_be_hidden()
    bar.button("Find a place or record").click()
    keyboard.press("Escape")
    bar.frame.evaluate("window.map.spread = { end() { window.map.spread = null; } }")
    keyboard.press("Escape")
    bar.frame.wait_for_function("() => window.map.spread === null")
    bar.mode("moment")
    assert bar.span() == at
    keyboard.press("Escape")
    bar.mode("still")
    bar.seen.clean()


def test_sites_come_with_their_rounds_and_hazards_go_by_status(bar: Bar) -> None:
    bar.button("Step forward").click()
    bar.mode("moment")
    early = bar.counts()
    for _ in range(2):
        bar.map.locator(".overlay-time .plot").press("ArrowLeft")
    bar.frame.evaluate("() => { window.map.time.end = window.map.time.lastWeek; window.map.time.show(); }")
    late = bar.counts()
    assert early["IDP sites"] < late["IDP sites"] == 45
    assert "Roads and bridges" not in late
    assert late["Incidents"] < 100
    bar.seen.clean()


def test_a_brush_becomes_the_period_and_is_given_back(bar: Bar) -> None:
    bar.drag(0.5, 0.7)
    head = bar.seen.page.locator(".o-head").first
    expect(head).to_contain_text("09 Feb 26 to 07 Jun 26", timeout=30_000)
    settled(bar.seen)
    bar.seen.page.wait_for_url("**from=2026-02-09&until=2026-06-07**", timeout=15_000)
    bar.map.get_by_role("slider", name="Period from").press("ArrowLeft")
    expect(head).to_contain_text("02 Feb 26 to 07 Jun 26", timeout=30_000)
    settled(bar.seen)
    expect(bar.map.locator(".overlay-time .said")).to_contain_text("02 FEB – 07 JUN 26")
    bar.button("Whole span").click()
    expect(head).to_contain_text("all until then", timeout=30_000)
    settled(bar.seen)
    bar.seen.clean()


def test_the_map_keeps_its_moment_while_the_page_answers_a_click(bar: Bar) -> None:
    bar.button("Step forward").click()
    bar.mode("moment")
    at = bar.span()
    point = bar.frame.evaluate(LONE_INCIDENT)
    box = bar.seen.page.locator(MAP).bounding_box()
    bar.seen.page.mouse.click(box["x"] + point[0], box["y"] + point[1])
    bar.seen.page.wait_for_url("**sel=**", timeout=15_000)
    settled(bar.seen)
    bar.mode("moment")
    assert bar.span() == at
    assert bar.frame.evaluate(PAINTED) > 100
    bar.seen.clean()


def test_two_moments_lie_on_both_sides_of_a_line(bar: Bar) -> None:
    bar.button("Compare").click()
    bar.mode("compare")
    labels = bar.map.locator(".overlay-when")
    expect(labels).to_have_text(["A  10–16 NOV 25", "B  09–12 NOV 26"])
    bar.map.get_by_role("slider", name="Moment A").press("ArrowRight")
    expect(labels.first).to_have_text("A  17–23 NOV 25")
    line = bar.map.get_by_role("slider", name="Line between the two moments")
    left = line.bounding_box()["x"]
    line.press("ArrowLeft")
    assert line.bounding_box()["x"] < left
    assert "polygon" in bar.frame.evaluate("document.querySelector('.leaflet-time-a-pane').style.clipPath")
    bar.button("Play").click()
    bar.mode("playing")
    assert bar.frame.evaluate("document.querySelectorAll('.overlay-swipe').length") == 0
    bar.seen.page.keyboard.press("Escape")
    bar.mode("still")
    bar.seen.clean()


LEGEND = """() => [...document.querySelectorAll(".overlay-legend > *")].map((part) => {
  const rows = part.open === undefined ? [part] : [...part.querySelectorAll(".row")];
  return [part.open === true, ...rows.map((row) => row.textContent)]; })"""


def test_the_legend_is_that_of_what_plays(browser: Browser, sample_home: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(sample_home, home)
    access = store.open(home, as_=store.OPERATOR)
    access.styles.keep("orvane-incidents", LayerStyle(draw="hexagons").text())
    access.styles.keep("orvane-idp-sites", LayerStyle(field="population").text())
    access.notes.keep("Flooded", shapely.Point(-119.8, -8.0), exercise=True)
    with serving(home) as served, watched(browser, served.address) as seen:
        open_page(seen)
        bar = Bar(seen)
        bar.map.locator(".overlay-legend summary", has_text="Incidents").click()
        before = bar.frame.evaluate(LEGEND)
        assert "hexagons)" in str(before)
        bar.map.get_by_label("Window", exact=True).select_option("all")
        bar.button("Step forward").click()
        bar.mode("moment")
        bar.frame.evaluate("() => { window.map.time.end = window.map.time.lastWeek; window.map.time.show(); }")
        plays = {lines[0].split(" (")[0]: [opened, *lines] for opened, *lines in bar.frame.evaluate(LEGEND)}
        assert "exagon" not in str(plays)
        assert plays["Notes"] == [False, "Notes (1)"]
        assert plays["Incidents"][0] is True  # as it was left
        for name in ("Incidents", "IDP sites"):
            numbers = [int(re.search(r"\(([\d,]+)\)", line)[1].replace(",", "")) for line in plays[name][1:]]
            assert len(numbers) > 3
            assert numbers[0] == sum(numbers[1:]) == bar.counts()[name] > 0
        bar.map.locator(".overlay-time .plot").press("Escape")
        bar.mode("still")
        assert bar.frame.evaluate(LEGEND) == before
        seen.clean()


@pytest.mark.parametrize("width", [1024, 1280])
def test_nothing_covers_the_legend_or_the_scale(browser: Browser, sample_address: str, width: int) -> None:
    with watched(browser, sample_address, width=width) as seen:
        open_page(seen)
        covers_nothing(Bar(seen))
        seen.clean()


def covers_nothing(bar: Bar) -> None:
    bar.button("Step forward").click()
    bar.mode("moment")
    assert bar.frame.evaluate(COVERED) == []
    bar.map.get_by_label("Window", exact=True).select_option("all")
    assert bar.frame.evaluate(COVERED) == []
    bar.button("Compare").click()
    bar.mode("compare")
    for share in (0.02, 0.5, 0.98):
        bar.frame.evaluate("share => { window.map.time.share = share; window.map.time.layLine(); }", share)
        assert bar.frame.evaluate(COVERED) == []


# ---- more than single features can show ------------------------------------------------------------


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A store with 9,000 incidents over 60 weeks, ten of them without a date."""
    folder = tmp_path_factory.mktemp("crowd")
    rng = np.random.default_rng(5)
    days = pd.Timestamp("2025-07-07") + pd.to_timedelta(np.arange(NUMBER) % 420, unit="D")
    dated = days.strftime("%Y-%m-%d").where(np.arange(NUMBER) >= 10, "")
    table = {"incident_id": [f"I{n}" for n in range(NUMBER)], "date": dated,
             "latitude": rng.normal(6, 1, NUMBER), "longitude": rng.normal(20, 2, NUMBER), "type": "Clash"}  # fmt: skip
    pd.DataFrame(table).to_csv(folder / "many.csv", index=False)
    done = overlay(folder / "home", "ingest", str(folder / "many.csv"), "--kind", "incidents", "--layer", "many",
                   "--as-of", "2026-09-01")  # fmt: skip
    assert done.returncode == 0, done.stderr
    with serving(folder / "home") as served:
        yield served.address


def test_cells_are_painted_and_count_what_the_bars_count(browser: Browser, crowded: str) -> None:
    with watched(browser, crowded) as seen:
        open_page(seen, "", period="all", as_of="2026-09-01")
        bar = Bar(seen)
        expect(bar.box).to_contain_text("10 incidents without a date, not played")
        expect(bar.box).not_to_contain_text("lines or areas")
        bar.frame.evaluate("() => { window.map.time.time.layers[0].undrawn = 3; window.map.time.tell(); }")
        expect(bar.box).to_contain_text("3 incidents are lines or areas: counted, not drawn")
        bar.button("Step forward").click()
        bar.mode("moment")
        for _ in range(3):
            told = bar.frame.evaluate(SUM_AND_BAR)
            assert told[0] == told[1] > 100
            assert bar.frame.evaluate(PAINTED) > 500
            bar.button("Step forward").click()
        bar.frame.evaluate("window.map.setZoom(9, {animate: false})")
        assert bar.frame.evaluate(PAINTED) >= 16  # a square at least
        bar.map.locator(".overlay-time .plot").press("Escape")
        bar.mode("still")
        drawn(seen, NUMBER - 10)
        seen.clean()


# ---- the real thing ------------------------------------------------------------------------------


def test_the_central_african_republic_plays_from_1991_to_2022(browser: Browser, tmp_path: Path) -> None:
    file = REAL / "incidents_ucdp_ged_23_1.geojson"
    if not file.is_file():
        pytest.skip(f"the real data of docs/real-run.md is not here ({file.name})")
    home = tmp_path / "home"
    done = overlay(home, "ingest", str(file), "--layer", "car-incidents")
    assert done.returncode == 0, done.stderr
    with serving(home) as served, watched(browser, served.address) as seen:
        open_page(seen, "", period="all", as_of="2022-12-31")
        bar = Bar(seen)
        assert int(bar.box.get_attribute("data-weeks")) > 1_600
        expect(bar.box).to_contain_text("Incidents a quarter")
        bar.map.get_by_label("Speed", exact=True).select_option("4")
        bar.map.get_by_label("Window", exact=True).select_option("52")
        bar.button("Play").click()
        bar.mode("playing")
        bar.mode("moment")  # at its end, it pauses
        assert bar.span().endswith("/2022-12-31")
        steps = int(bar.box.get_attribute("data-steps"))
        assert steps > 100
        assert bar.counts() == {"Incidents": 103}
        seen.clean()
