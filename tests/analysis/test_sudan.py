"""Sudan: IDPs by locality against health facilities, through the loaders; totals by pandas and Geod."""

from __future__ import annotations

from datetime import date
from itertools import combinations
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import store.access
from analysis import COVERAGE, SITING
from analysis.method import run_method
from layers.geodesy import GEOD
from layers.settings import Settings
from loaders.ingest import IngestOptions, inspect, publish, review
from store.records import Principal

SUDAN = Path(__file__).resolve().parents[2] / "../shared/real/sudan"
TODAY = date(2026, 11, 20)
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not SUDAN.exists(), reason="no published data beside the project"),
]


@pytest.fixture(scope="module")
def layers(tmp_path_factory):
    """IDPs and facilities, published and loaded again."""
    access = store.access.open(tmp_path_factory.mktemp("sudan"), as_=Principal("tester", frozenset({"operator"})))
    files = ("locality_points.geojson", "idps_dtm_master_list_2024-03-25.csv", "health_facilities_hotosm.shp.zip")
    for file in files:
        for draft in inspect(SUDAN / file, access, IngestOptions()):
            publish(draft, access, review(draft, access, today=TODAY), base=None, by="tester", note="")
    return {"demand": access.load("idps_dtm_master_list"), "services": access.load("health_facilities_hotosm")}


@pytest.fixture(scope="module")
def plain():
    """The same read with pandas alone: a row a locality, with metres to each facility."""
    table = pd.read_csv(SUDAN / "idps_dtm_master_list_2024-03-25.csv", skiprows=3, encoding="utf-8-sig").iloc[1:]
    table.columns = [str(c).strip() for c in table.columns]
    table = table[table["LOCALITY CODE"].notna()]
    table["people"] = table["IDPs"].astype(str).str.replace(",", "").astype(float)
    points = gpd.read_file(SUDAN / "locality_points.geojson").set_index("locality_code").geometry
    points = points[table["LOCALITY CODE"].str.strip()]
    return table.reset_index(drop=True), points.x.to_numpy(), points.y.to_numpy()


@pytest.fixture(scope="module")
def apart(plain, layers):
    """Metres from each locality's point to each facility that is of health by its type or sector."""
    _, lon, lat = plain
    facilities = layers["services"].frame
    health = facilities[facilities["sector_code"].eq("HEA") | facilities["facility_type"].isin(HEALTH)]
    at = health.geometry.representative_point()
    x, y = at.x.to_numpy(), at.y.to_numpy()
    one = np.ones(len(x))
    return np.array([GEOD.inv(one * a, one * b, x, y)[2] for a, b in zip(lon, lat, strict=True)])


HEALTH = ["hospital", "clinic", "pharmacy", "laboratory", "dentist"]


def run(method, layers, **values):
    return run_method(
        method, layers, {"sector": "HEA"} | values, as_of=date(2026, 11, 12), settings=Settings(), today=TODAY
    )


def test_known_by_locality_they_are_not_judged_by_the_point_unless_asked(layers):
    result = run(COVERAGE, layers)
    assert "can be judged: the places of all 181 are known to an area only." in result.summary["sentence"]
    assert "areas_as_points=yes" in result.summary["sentence"]
    assert (result.summary["uncovered_points"], result.summary["cover_unknown_points"]) == (None, 181)
    assert result.summary["people"] == 6_552_118


def test_the_sentence_and_the_table_by_state(layers, plain, apart):
    table, _, _ = plain
    beyond = apart.min(axis=1) > 5_000
    result = run(COVERAGE, layers, areas_as_points=True)
    said = result.summary
    assert said["people"] == table["people"].sum() == 6_552_118
    assert said["uncovered_points"] == beyond.sum() == 166
    assert said["uncovered_people"] == table["people"][beyond].sum()
    people = f"{round(table['people'][beyond].sum(), -2):,.0f}"
    assert said["sentence"] == (
        f"166 of 181 areas with IDPs ({people} people) have no reported health facility within 5 km of the point that"
        " stands for the area. 1,126 facilities, taken as active: none states a status."
    )
    states = result.shapes["by_admin1"].set_index("area_code")
    truth = table.assign(out=table["people"] * beyond).groupby("STATE CODE")[["people", "out"]].sum()
    assert states["people"].astype(float).to_dict() == truth["people"].to_dict()
    assert states["uncovered_people"].astype(float).to_dict() == truth["out"].to_dict()
    assert states["name"].to_dict() == table.groupby("STATE CODE")["STATE OF DISPLACEMET"].first().to_dict()
    assert states["people"].sum() == 6_552_118


@pytest.mark.parametrize("radius_km", [5, 60])
def test_three_new_places(layers, plain, apart, radius_km):
    table, lon, lat = plain
    people = table["people"].to_numpy()
    left = people * (apart.min(axis=1) > 1000 * radius_km)
    one = np.ones(len(lon))
    near = np.array(
        [GEOD.inv(one * a, one * b, lon, lat)[2] <= 1000 * radius_km for a, b in zip(lon, lat, strict=True)]
    )
    most = 0.0
    for i, j in combinations(range(len(lon)), 2):  # every choice of three
        both = near[i] | near[j]
        most = max(most, left[both].sum() + (near @ np.where(both, 0.0, left)).max())
    result = run(SITING, layers, areas_as_points=True, k=3, radius_km=radius_km)
    assert result.summary["people_gained"] == most > 0
    assert result.summary["people_covered_before"] == people.sum() - left.sum()
    assert (result.summary["solver"], result.summary["optimality_gap"]) == ("milp", 0)
    assert len(result.rows) == 3
    assert result.rows["mgrs"].notna().all()
