"""Journey 1: an analyst has ten minutes. And the other ways in: several files, loose parts, an entry by hand."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import geopandas
import master_list
import openpyxl
import pyarrow.parquet as pq
import pytest
from conftest import Watched, overlay, watched
from playwright.sync_api import expect
from steps import MAP, drawn, drop, open_page, panel, publish, settled, take_link

from bench.browser import serving
from loaders.scratch import work_folder

pytestmark = pytest.mark.browser


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def fresh(browser, home: Path) -> Iterator[Watched]:
    """A dashboard with nothing loaded, on its Layers page."""
    with serving(home) as served, watched(browser, served.address) as seen:
        open_page(seen, "layers")
        yield seen


@pytest.fixture
def scenario(browser, sample_home: Path, home: Path) -> Iterator[Watched]:
    """A dashboard on a sample scenario of its own, for it is changed."""
    shutil.copytree(sample_home, home)
    with serving(home) as served, watched(browser, served.address) as seen:
        open_page(seen, "layers")
        yield seen


def all_that_is_kept(home: Path) -> str:
    """Every byte under OVERLAY_HOME, Parquet as the text of its cells too."""
    texts = []
    for file in (f for f in home.rglob("*") if f.is_file()):
        content = file.read_bytes()
        texts.append(content.decode("latin-1"))
        if content[:4] == b"PAR1":
            texts.append(str(pq.read_table(file).to_pylist()))
    return "\n".join(texts)


def nobody_is_named_in(home: Path) -> None:
    kept = all_that_is_kept(home)
    for secret in (*master_list.INFORMANTS, *master_list.PHONES):
        for part in (secret, secret.split()[-1] if secret[0] != "+" else secret.replace(" ", "")):
            assert part not in kept


def rows_of_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as text:
        return list(csv.DictReader(text))


def test_journey_1_the_analyst_has_ten_minutes(fresh: Watched, home: Path, tmp_path: Path) -> None:
    good = master_list.good_sites()
    copy = master_list.Site(
        "XO901", good[4].name, good[4].latitude, good[4].longitude, good[4].people, good[4].households
    )
    sent = [*good, master_list.swapped("XO801", "Old mill", 0.1), master_list.swapped("XO802", "North quay", 0.2),
            master_list.impossible("XO803"), copy]  # fmt: skip
    first = master_list.write(tmp_path / "DTM_Delta_site_list_2026-09.xlsx", sent)

    drop(fresh, first)
    found = panel(fresh, first.name)
    expect(found).to_contain_text("IDP sites")
    expect(found).to_contain_text(re.compile(r"(sure|likely), \d+%"))
    expect(found.locator(".o-sentence")).to_contain_text("24 rows in: 21 ok, 2 repaired, 1 rejected.")
    found.get_by_text(re.compile("Columns: .* understood")).click()
    personal = found.locator(".o-note", has_text="Not stored")
    expect(personal).to_contain_text("Name of key informant, Phone of key informant")
    drawn(fresh, 1)
    nobody_is_named_in(home)

    found.get_by_role("radio", name=re.compile("repaired")).click()
    settled(fresh)
    assert [f["row"] for f in findings(fresh, tmp_path) if f["severity"] == "repaired" and "swap" in f["code"]]
    assert {f["found"] for f in findings(fresh, tmp_path) if f["code"] == "possible_duplicate"} == {"rows 9, 28"}
    found.get_by_role("radio", name=re.compile("to look at")).click()
    pair = found.locator(".o-card", has_text="1 pair that may be one thing; both stay")
    expect(pair).to_contain_text("row 9, Site 05 of the Delta ⇄ row 28, Site 05 of the Delta")

    take_link(fresh, "the same as CSV").save_as(tmp_path / "rejected.csv")
    (rejected,) = rows_of_csv(tmp_path / "rejected.csv")
    assert (rejected["SSID"], rejected["overlay_row"]) == ("XO803", "27")
    assert "household" in rejected["overlay_reason"]
    assert rejected["Name of key informant"] in master_list.INFORMANTS
    take_link(fresh, "1 rejected row with its reason").save_as(tmp_path / "rejected.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "rejected.xlsx").worksheets[0]
    assert [c.value for c in sheet[1]][:3] == ["overlay_row", "overlay_reason", "SSID"]
    assert sheet["C2"].value == "XO803"
    assert sheet.freeze_panes == "C2"

    publish(fresh, "September list")
    versions = fresh.page.locator(".o-card", has_text="Versions of")
    before = versions.inner_text()
    records = re.search(r"([\d,]+) rows", before)[1]
    nobody_is_named_in(home)

    grown = replace(good[-1], people=(*good[-1].people[:-1], good[-1].people[-1] + 250))
    opened = master_list.Site("XO950", "New landing", -8.7, -119.8, good[0].people, 150)
    changed = [*good[1:-1], grown, opened, *sent[20:22], copy]
    second = master_list.write(tmp_path / "DTM_Delta_site_list_2026-10.xlsx", changed)
    drop(fresh, second)
    found = panel(fresh, second.name)
    expect(found).to_contain_text("as in an earlier file of this shape")
    change = found.locator(".o-muted", has_text="Against version 1")
    expect(change).to_contain_text("6 added")
    expect(change).to_contain_text("1 changed")
    expect(change).to_contain_text("6 withdrawn")
    publish(fresh, "October list")
    difference = fresh.page.locator(".o-card", has_text="From version 1 to 2")
    expect(difference).to_contain_text("XO950")

    back = fresh.page.get_by_role("button", name="Roll back to version 1")
    expect(back).to_be_disabled()
    reason = fresh.page.get_by_label("Reason")
    reason.fill("October was sent in error")
    reason.press("Tab")
    settled(fresh)
    back.click()
    expect(versions).to_contain_text("October was sent in error", timeout=30_000)
    third = next(line for line in versions.inner_text().split("\n") if "October was sent in error" in line)
    assert f"{records} rows" in third
    nobody_is_named_in(home)
    fresh.clean()


def findings(seen: Watched, folder: Path) -> list[dict[str, str]]:
    take_link(seen, "all findings").save_as(folder / "findings.csv")
    return rows_of_csv(folder / "findings.csv")


def test_several_files_at_once_and_a_shapefile_in_parts(fresh: Watched, home: Path, tmp_path: Path) -> None:
    wells = tmp_path / "wells.csv"
    wells.write_text(
        "project_name,cluster,organisation,status,lat,lon\nOne,WASH,ZOA,planned,4.4,18.5\nTwo,WASH,ZOA,active,4.5,18.6\n"
    )
    towns = geopandas.GeoDataFrame(
        {"settlement": ["Bria", "Bangui"], "population": [40_000, 800_000]},
        geometry=geopandas.points_from_xy([21.98, 18.55], [6.54, 4.37]),
        crs="EPSG:4326",
    )
    towns.to_file(tmp_path / "towns.shp", engine="pyogrio")
    parts = sorted(tmp_path.glob("towns.*"))
    assert len(parts) >= 4
    drop(fresh, wells, *parts)
    for name in ("wells.csv", "towns.shp"):
        expect(panel(fresh, name).locator(".o-sentence")).to_contain_text("2 rows in: 2 ok")
    expect(fresh.page.locator('[class*="st-key-draft-"]')).to_have_count(2)
    fresh.page.get_by_label("Note for all").fill("both at once")
    fresh.page.get_by_label("Note for all").press("Tab")
    settled(fresh)
    fresh.page.get_by_role("button", name="Publish all 2").click()
    expect(fresh.page.get_by_text("2 loaded")).to_be_visible(timeout=60_000)
    expect(fresh.page.locator('[class*="st-key-draft-"]')).to_have_count(0)
    layers = json.loads(overlay(home, "layers", "--json").stdout)["layers"]
    assert {(layer["layer"], layer["rows"]) for layer in layers} == {("wells", 2), ("towns", 2)}
    fresh.clean()


def test_a_job_is_cancelled_and_leaves_nothing(fresh: Watched, home: Path, tmp_path: Path) -> None:
    big = tmp_path / "incidents.csv"
    row = "2024-01-{:02},Battles,Army,Group,{},{},3,a long account of what happened there and who said so\n"
    with big.open("w") as file:
        file.write("event_date,event_type,actor1,actor2,latitude,longitude,fatalities,notes\n")
        file.writelines(row.format(n % 28 + 1, 4 + n % 300 / 100, 18 + n % 700 / 100) for n in range(600_000))
    drop(fresh, big)
    line = fresh.page.locator(".o-job", has_text="incidents.csv")
    expect(line).to_contain_text(re.compile(r"\d+ s"), timeout=30_000)
    fresh.page.get_by_role("button", name="Cancel").click()
    expect(line).to_have_count(0, timeout=30_000)
    settled(fresh)
    expect(fresh.page.locator('[class*="st-key-draft-"]')).to_have_count(0)
    assert not list((home / "drafts").iterdir())
    assert not list((work_folder(home) / "jobs").iterdir())
    fresh.clean()


def test_a_refused_file_says_why_and_is_dismissed(fresh: Watched, tmp_path: Path) -> None:
    file = tmp_path / "notes.csv"
    file.write_bytes(b"\x7fELF\x00\x01\x02" * 200)
    drop(fresh, file)
    refusal = fresh.page.get_by_role("alert").filter(has_text="notes.csv")
    expect(refusal).to_contain_text("expected", timeout=30_000)
    fresh.page.get_by_role("button", name="Dismiss").click()
    expect(refusal).to_have_count(0)
    fresh.clean()


def entered_as(seen: Watched, version: int) -> None:
    """Wait until an entry is in, saying yes where the page doubts it."""
    said = seen.page.get_by_text(re.compile(f"ENT-.* is in incidents-entered-exercise, version {version}"))
    doubt = seen.page.get_by_role("button", name="Enter it all the same")
    expect(said.or_(doubt).first).to_be_visible(timeout=60_000)
    if doubt.count():
        doubt.click()
    expect(said).to_be_visible(timeout=60_000)
    settled(seen)


def test_an_incident_is_entered_by_keyboard_amended_and_closed(scenario: Watched, home: Path) -> None:
    scenario.page.get_by_text("Enter an incident").click()
    scenario.page.get_by_label("Place, MGRS or degrees").click()
    for text in ("11L JM 9397 1309", "\t", "112215Z NOV 26", "\t", "IED", "\n", "\t", "Civ", "\n", "\t", "2", "\t",
                 "Heronsford road", "\t", "Sector East", "\t", "A device beside the road", "\n"):  # fmt: skip
        if text in "\t\n":
            scenario.page.keyboard.press("Tab" if text == "\t" else "Enter")
        else:
            scenario.page.keyboard.type(text)
    entered_as(scenario, 1)
    entered = scenario.page.get_by_role("combobox", name="Which")
    entered.click()
    scenario.page.get_by_role("option", name=re.compile("ENT-")).click()
    # The old form stands beside the new one until the run ends: wait for the filled one, then for the end.
    expect(scenario.page.locator('input[aria-label="Deaths"][value="2"]')).to_be_visible(timeout=15_000)
    settled(scenario)
    scenario.page.get_by_label("Ended (closes it)").fill("120300Z NOV 26")
    scenario.page.get_by_label("Reason").first.fill("cleared by the engineers")
    scenario.page.get_by_role("button", name="Amend").click()
    entered_as(scenario, 2)
    layers = json.loads(overlay(home, "layers", "--json").stdout)["layers"]
    (layer,) = (one for one in layers if one["layer"] == "incidents-entered-exercise")
    assert (layer["version"], layer["rows"], layer["exercise"]) == (2, 1, True)
    scenario.clean()


def test_a_click_on_the_map_gives_the_place_of_an_entry(scenario: Watched) -> None:
    scenario.page.get_by_text("Enter an incident").click()
    drawn(scenario)
    box = scenario.page.locator(MAP).bounding_box()
    scenario.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(scenario.page.get_by_label("Place, MGRS or degrees")).to_have_value(
        re.compile(r"-\d+\.\d+, -1\d\d\.\d+"), timeout=15_000
    )
    scenario.clean()


def test_a_template_is_filled_in_and_loads(fresh: Watched, tmp_path: Path) -> None:
    fresh.page.get_by_role("button", name="Templates").click()
    take_link(fresh, "Facilities").save_as(tmp_path / "facilities.xlsx")
    fresh.page.keyboard.press("Escape")
    book = openpyxl.load_workbook(tmp_path / "facilities.xlsx")
    for row in book["Example"].iter_rows(min_row=2, values_only=True):
        book.worksheets[0].append(row)
    book.save(tmp_path / "our clinics.xlsx")
    drop(fresh, tmp_path / "our clinics.xlsx")
    found = panel(fresh, "our clinics.xlsx")
    expect(found).to_contain_text("Facilities")
    expect(found.locator(".o-sentence")).to_contain_text("2 rows in: 2 ok, 0 repaired, 0 rejected.")
    fresh.clean()


def test_coordinates_without_a_system_are_asked_about(fresh: Watched, tmp_path: Path) -> None:
    file = tmp_path / "towns.csv"
    rows = [f"T{n},{900 * n},{220_000 + 1000 * n},{720_000 + 900 * n}" for n in range(1, 9)]
    file.write_text("\n".join(["settlement,population,easting,northing", *rows]))
    drop(fresh, file)
    fresh.page.get_by_label("Coordinate system").fill("32634")
    fresh.page.get_by_label("Coordinate system").press("Tab")
    settled(fresh)
    fresh.page.get_by_role("button", name="Take", exact=True).click()
    found = panel(fresh, "towns.csv")
    expect(found.locator(".o-sentence")).to_contain_text("8 rows in: ")
    expect(found).to_contain_text("Coordinates taken as EPSG:32634, as you said.")
    drawn(fresh, 8)
    fresh.clean()
