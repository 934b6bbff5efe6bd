"""The files: the same bytes every time, canonical columns, areas that tile, codes that fit."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
import shapely

from data.make_sample import SAMPLE, write_sample
from data.scenario.terrain import ADMIN2
from layers.kinds import kind_of

FILES = sorted(SAMPLE.glob("*.geojson"))
LAYERS = {
    "orvane-admin1", "orvane-admin2", "orvane-sectors", "orvane-settlements", "orvane-roads", "orvane-facilities",
    "orvane-idp-sites", "orvane-idp-flows", "orvane-security-risks", "orvane-activities", "orvane-incidents",
}  # fmt: skip


def test_the_script_makes_the_same_bytes(tmp_path):
    made = write_sample(tmp_path)
    assert {p.name for p in made} == {p.name for p in FILES}
    assert {p.stem for p in made} == LAYERS
    for path in made:
        assert path.read_bytes() == (SAMPLE / path.name).read_bytes(), path.name


def test_another_seed_makes_another_country(tmp_path):
    write_sample(tmp_path, seed=7)
    assert (tmp_path / "orvane-admin1.geojson").read_bytes() != (SAMPLE / "orvane-admin1.geojson").read_bytes()


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_each_file_says_what_it_is_and_holds_valid_values(path: Path):
    document = json.loads(path.read_text(encoding="utf-8"))
    head = document["overlay"]
    assert head["layer"] == path.stem
    assert head["marking"] == "UNCLASSIFIED"
    assert head["exercise"] is True
    assert head["as_of"] <= "2026-11-12T06:00:00Z"
    kind = kind_of(head["kind"])
    rows = [feature["properties"] for feature in document["features"]]
    ids = [row["id"] for row in rows]
    assert len(set(ids)) == len(ids)
    for row in rows:
        assert set(row) <= set(kind.names)
        for name, value in row.items():
            field = kind.field_by_name[name]
            if value is None:
                continue
            if field.choices:
                assert value in {c.value for c in field.choices}, (row["id"], name, value)
            if field.type == "integer":
                assert isinstance(value, int)
                assert value >= 0
            if field.type == "date":
                assert pd.Timestamp(value) == pd.Timestamp(value).normalize()
                assert len(value) == 10
            if field.type == "moment":
                assert value.endswith("Z")
    for feature in document["features"]:
        if feature["geometry"]:
            place = shapely.geometry.shape(feature["geometry"])
            assert place.is_valid
            assert -121.2 < place.bounds[0] <= place.bounds[2] < -118.8
            assert -8.7 < place.bounds[1] <= place.bounds[3] < -7.3


def test_files_are_modest():
    assert all(path.stat().st_size < 3_000_000 for path in FILES)


def test_areas_tile_the_island_on_both_sides_of_120_west(read):
    first, second, sectors = read("admin1"), read("admin2"), read("sectors")
    land = shapely.union_all(second.geometry.to_numpy())
    for areas in (first, second, sectors):
        shapes = areas.geometry.to_numpy()
        assert shapely.union_all(shapes).symmetric_difference(land).area < 1e-12
        assert sum(a.area for a in shapes) == pytest.approx(land.area, rel=1e-9)
    assert not any(polygon.interiors for polygon in land.geoms)
    assert len(land.geoms) == 2
    assert land.bounds[0] < -120 < land.bounds[2]
    assert 200 < (land.bounds[2] - land.bounds[0]) * 110.25 < 240
    assert set(second["parent_code"]) == set(first["id"])
    assert list(second["id"]) == list(ADMIN2)
    assert list(sectors["name"]) == ["Sector North", "Sector East", "Sector West"]


@pytest.mark.parametrize(
    "layer", ["settlements", "facilities", "idp-sites", "incidents", "activities", "security-risks"]
)
def test_codes_fit_the_place(read, layer):
    areas = dict(zip(read("admin2")["id"], read("admin2")["geometry"], strict=True))
    first = dict(zip(read("admin1")["id"], read("admin1")["geometry"], strict=True))
    for row in read(layer).itertuples():
        assert row.admin1_code in first
        if row.geometry is not None and row.geometry.geom_type == "Point":
            code = row.admin2_code
            area = areas[code] if isinstance(code, str) else first[row.admin1_code]
            assert area.distance(row.geometry) < 1e-5, row.id
        if layer != "incidents":
            assert row.admin2_code.startswith(row.admin1_code)


def test_settlements_have_names_a_general_can_read(read):
    towns = read("settlements")
    assert len(towns) >= 150
    assert towns["name"].is_unique
    assert towns["population"].isna().sum() == 28
    text = " ".join(towns["name"])
    assert all(sign in text for sign in ("é", "'", "ع"))
    assert set(towns.loc[towns["settlement_type"] == "city", "name"]) >= {"Grand Marché", "Port Lantern"}


def test_roads_stay_on_land_and_heronsford_bridge_is_closed(read):
    roads = read("roads").set_index("id")
    land = shapely.union_all(read("admin1").geometry.to_numpy())
    lines = roads[roads["road_type"] == "road"]
    assert all(land.covers(line) for line in lines["geometry"])
    assert roads["road_id"].nunique() == 48
    closed = roads[(roads["road_state"] == "closed") & (roads["road_id"] == roads.index)]
    assert list(closed["name"]) == ["Heronsford bridge", "Amber Ford bridge"]
    assert closed.loc["BR-01", "state_since"] == "2026-11-01"


def test_what_is_restricted_has_a_state_for_each_class_of_vehicle(read):
    roads = read("roads").set_index("id")
    restricted = roads[(roads["road_state"] == "restricted") & (roads["road_id"] == roads.index)]
    assert len(restricted) == 8
    for road in restricted.index:
        of_class = roads[(roads["road_id"] == road) & roads["vehicle_class"].notna()].set_index("vehicle_class")
        assert of_class.loc[["light", "heavy_truck"], "road_state"].tolist() == ["open", "closed"]
        assert (of_class["load_limit_t"] == restricted.loc[road, "load_limit_t"]).all()


def test_the_readme_names_what_is_planted():
    text = (SAMPLE.parent / "README.md").read_text(encoding="utf-8")
    for word in ("ACT-008", "ACT-017", "ACT-031", "S-12", "S-29", "CHA-03", "BRG-01", "python -m data.make_sample"):
        assert word in text
