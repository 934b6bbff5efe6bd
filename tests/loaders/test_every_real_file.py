"""Every published file loads by itself, in one store, and each of its rows is accounted for."""

from __future__ import annotations

from datetime import date

import pytest

import store
from loaders.ingest import inspect, publish, review
from tests.loaders.conftest import REAL

pytestmark = pytest.mark.real
CAR, CAMPS, SUDAN = "central-african-republic", "central-african-republic/camp_arrivals_flee", "sudan"
TODAY = date(2026, 11, 20)
# file: source, and (kind, rows in, repaired, rejected, records) of each layer; places come first.
WHOLE = {
    f"{CAR}/admin1_ocha_cod_ab.shp.zip": ("cod_ab", ("admin_areas", 17, 1, 0, 17)),
    f"{CAR}/settlements_flee.csv": ("flee_locations", ("settlements", 63, 0, 0, 63)),
    f"{CAR}/roads_flee.csv": ("flee_roads", ("roads", 86, 0, 0, 86)),
    f"{CAR}/incidents_ucdp_ged_23_1.geojson": ("ucdp_ged", ("incidents", 1848, 0, 0, 1848)),
    f"{SUDAN}/localities_pcodes.csv": ("cod_ab", ("admin_areas", 189, 0, 0, 189)),
    f"{SUDAN}/locality_points.geojson": ("pcode_points", ("settlements", 181, 0, 0, 181)),
    f"{SUDAN}/idps_dtm_master_list_2024-03-25.csv": (
        "dtm_master_list",
        ("idp_sites", 181, 0, 0, 181),
        ("idp_flows", 181, 0, 0, 520),
    ),
    f"{SUDAN}/health_facilities_hotosm.shp.zip": ("hotosm", ("facilities", 1126, 7, 0, 1126)),
    "ethiopia/projects_3w_2025-08.csv": ("ocha_3w", ("projects", 7324, 0, 4202, 3122)),
    "feeds/dtm_api_v3_admin2_tcd.json": ("dtm", ("idp_sites", 145, 0, 0, 87)),
    "feeds/gdacs_rss.xml": ("gdacs", ("security_risks", 2, 0, 0, 2)),
    f"{CAMPS}/data_layout.csv": ("flee_layout", ("other", 16, 0, 0, 16)),
    f"{CAMPS}/refugees.csv": ("flee_total", ("other", 127, 0, 0, 127)),
}
ARRIVALS = sorted(path.name for path in (REAL / CAMPS).glob("*-*.csv")) if REAL.is_dir() else []


@pytest.fixture(scope="module")
def access(tmp_path_factory):
    if not REAL.is_dir():
        pytest.skip("the published data are not in ../shared/real")
    return store.open(tmp_path_factory.mktemp("home"), as_=store.Principal("tester", frozenset({"operator"})))


@pytest.fixture(scope="module")
def loaded(access):
    """File -> its drafts with their reviews, published one after the other."""
    found = {}
    for name in [*WHOLE, *(f"{CAMPS}/{name}" for name in ARRIVALS)]:
        pairs = [(draft, review(draft, access, today=TODAY)) for draft in inspect(REAL / name, access)]
        for draft, made in pairs:
            publish(draft, access, made, base=draft.base, by="tester", note="")
        found[name] = pairs
    return found


@pytest.mark.parametrize("name", WHOLE)
def test_source_and_account(loaded, name):
    source, *layers = WHOLE[name]
    got = []
    for draft, made in loaded[name]:
        report = made.report
        assert draft.source == source
        assert report.rows_in == report.rows_ok + report.rows_repaired + report.rows_rejected
        assert len(made.rejected) == report.rows_rejected
        got.append((made.kind.id, report.rows_in, report.rows_repaired, report.rows_rejected, len(made.frame)))
    assert got == layers


@pytest.mark.parametrize("name", ARRIVALS)
def test_arrivals_at_each_camp(loaded, name):
    ((draft, made),) = loaded[f"{CAMPS}/{name}"]
    text = (REAL / CAMPS / name).read_text("utf-8")
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#sep")]
    figures = [line.split("#")[0].replace(",\t", ",").split(",") for line in lines if line[0].isdigit()]
    assert draft.source == "flee_arrivals"
    assert made.report.rows_in == len(lines)
    assert made.frame["population"].tolist() == [int(float(number)) for _, number, *_ in figures]
    assert (made.frame["population_group"] == "refugee").all()
    assert made.frame["name"].nunique() == 1


def test_arrivals_are_placed_by_the_camp_in_their_name(loaded):
    placed = {name: loaded[f"{CAMPS}/{name}"][0][1].frame.geometry.notna().all() for name in ARRIVALS}
    assert [name for name, found in placed.items() if not found] == ["dcon-bossobolo.csv"]


def test_what_is_not_located_says_what_is_missing(loaded):
    ((_, chad),) = loaded["feeds/dtm_api_v3_admin2_tcd.json"]
    assert chad.frame.geometry.isna().all()
    assert chad.frame["admin2_code"].str.startswith("TD").all()
    (finding,) = [f for f in chad.report.findings if f.code == "not_located"]
    assert "TCD" in finding.message
    assert "admin layer" in finding.remedy


def test_the_same_file_again_changes_nothing(loaded, access):
    name = f"{CAR}/incidents_ucdp_ged_23_1.geojson"
    (draft,) = inspect(REAL / name, access)
    made = review(draft, access, today=TODAY)
    before = access.info(draft.layer)
    assert draft.base == before.version
    again = publish(draft, access, made, base=draft.base, by="tester", note="")
    difference = access.difference(f"{draft.layer}@1", draft.layer)
    assert (again.rows, difference.added, difference.withdrawn) == (1848, (), ())
