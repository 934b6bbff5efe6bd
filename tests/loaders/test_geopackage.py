from __future__ import annotations

import sqlite3

import geopandas as gpd
import pytest
import shapely

from layers.errors import UnreadableFile
from loaders.ingest import inspect, review


@pytest.fixture
def package(tmp_path):
    """Two layers, one projected, and a view that never ends."""
    path = tmp_path / "two.gpkg"
    events = gpd.GeoDataFrame(
        {"event_type": ["Battles", "Riots"], "event_date": ["2024-01-02", "2024-01-03"]},
        geometry=[shapely.Point(20, 5), None],
        crs="EPSG:4326",
    )
    towns = gpd.GeoDataFrame(
        {"settlement": ["Bria"], "population": [1000]}, geometry=[shapely.Point(22, 6.5)], crs=4326
    )
    events.to_file(path, layer="events", driver="GPKG")
    towns.to_crs(32634).to_file(path, layer="towns", driver="GPKG", mode="a")
    with sqlite3.connect(path) as database:
        database.execute(
            "CREATE VIEW endless AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n"
        )
        database.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id)"
            " VALUES ('endless', 'attributes', 'e', 0)"
        )
    database.close()
    return path


def test_each_layer_is_a_draft(access, package):
    events, towns = inspect(package, access)
    assert [(d.file_layer, d.kind, d.layer) for d in (events, towns)] == [
        ("events", "incidents", "two_events"),
        ("towns", "settlements", "two_towns"),
    ]
    result = review(towns, access)
    assert result.frame.geometry.iloc[0].distance(shapely.Point(22, 6.5)) < 1e-7
    assert "reprojected" in {f.code for f in result.report.findings}
    assert result.frame["population"].tolist() == [1000]


def test_a_row_without_geometry_or_code_is_rejected(access, package):
    result = review(inspect(package, access)[0], access)
    assert (result.report.rows_in, result.report.rows_ok, result.report.rows_rejected) == (2, 1, 1)
    assert result.rejected["row"].tolist() == [2]


def test_a_damaged_package(access, package):
    package.write_bytes(package.read_bytes()[:20_000])
    with pytest.raises(UnreadableFile, match="damaged GeoPackage"):
        inspect(package, access)


def test_sqlite_that_is_no_geopackage(access, tmp_path):
    path = tmp_path / "a.gpkg"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE t (x)")
    database.close()
    with pytest.raises(UnreadableFile, match="SQLite database"):
        inspect(path, access)


def test_a_view_and_pictures_are_said_and_left_alone(access, package):
    with sqlite3.connect(package) as database:
        database.execute("CREATE TABLE photos (id INTEGER)")
        database.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES ('photos', 'tiles', 'p', 0)"
        )
    database.close()
    events, _ = inspect(package, access)
    (said,) = [f for f in review(events, access).report.findings if f.code == "not_read"]
    assert 'the view "endless"' in said.message
    assert 'the tiles "photos"' in said.message


def test_a_curve_is_named_and_the_others_stay(access, package):
    curve = bytes.fromhex("47500001e6100000" + "010800000000000000")
    with sqlite3.connect(package) as database:
        for name in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{name[0]}"')
        database.execute("UPDATE events SET geom = ? WHERE event_type = 'Riots'", (curve,))
    database.close()
    result = review(inspect(package, access)[0], access)
    assert result.rejected["row"].tolist() == [2]
    assert "bad_geometry" in {f.code for f in result.report.findings}
