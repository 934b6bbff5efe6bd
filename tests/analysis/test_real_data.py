"""Risk near made-up activities and coverage on published data, against brute force."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.geometry import LineString, Point

from analysis import COVERAGE, RISK
from analysis.method import run_method
from layers.geodesy import GEOD
from layers.settings import Settings
from tests.analysis.worlds import activity, day, layer

REAL = Path(__file__).resolve().parents[2] / "../shared/real"
CAR = REAL / "central-african-republic"
RADIUS = {1: 0.0, 2: 25_000.0}
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not CAR.exists(), reason="no published data beside the project"),
]


@pytest.fixture(scope="module")
def car():
    raw = gpd.read_file(CAR / "incidents_ucdp_ged_23_1.geojson")
    records = [
        {
            "id": str(r.id),
            "occurred_at": pd.Timestamp(r.date_start, tz="UTC"),
            "ended_at": pd.Timestamp(r.date_end, tz="UTC"),
            "time_precision": "day",
            "incident_type": "clash",
            "violent": True,
            "fatalities": r.best,
            "place_radius_m": RADIUS.get(r.where_prec),
            "place_precision": {1: "point", 2: "near"}.get(r.where_prec, "region"),
            "geometry": r.geometry,
        }
        for r in raw.itertuples()
    ]
    return layer("incidents", records, "car", exercise=False, source="UCDP GED 23.1")


@pytest.fixture(scope="module")
def prefectures():
    return gpd.read_file(f"zip://{CAR / 'admin1_ocha_cod_ab.shp.zip'}").to_crs(4326)


def brute(incidents, geometry):
    """Metres from each incident to a geometry: exact for a point, else by a vertex each 22 m."""
    lon, lat = incidents.frame.geometry.x.to_numpy(), incidents.frame.geometry.y.to_numpy()
    if geometry.geom_type == "Point":
        return GEOD.inv(lon, lat, np.full(len(lon), geometry.x), np.full(len(lon), geometry.y))[2]
    metres = np.full(len(lon), np.inf)
    vertices = shapely.get_coordinates(shapely.segmentize(geometry, 0.0002))
    for i in np.flatnonzero(shapely.distance(geometry, incidents.frame.geometry) < 0.4):
        away = np.hypot(*(vertices - (lon[i], lat[i])).T)
        x, y = vertices[away <= away.min() * 1.02 + 0.001].T
        metres[i] = GEOD.inv(np.full(len(x), lon[i]), np.full(len(x), lat[i]), x, y)[2].min()
    if shapely.get_dimensions(geometry) == 2:
        metres[shapely.intersects_xy(geometry, lon, lat)] = 0.0
    return metres


def test_risk_of_points_lines_and_polygons_near_car_incidents(car, prefectures):
    rng = np.random.default_rng(1)
    sites = car.frame.geometry.sample(25, random_state=1)
    made = [
        activity(i, (p.x + d[0], p.y + d[1]))
        for i, (p, d) in enumerate(zip(sites, rng.normal(0, 0.05, (25, 2)), strict=True))
    ]
    made += [activity(30, None, geometry=LineString([(18.55, 4.36), (17.45, 6.49), (20.65, 5.76)]))]
    made += [activity(31, None, geometry=prefectures.geometry.iloc[3].simplify(0.05))]
    geometry = {a["id"]: a.get("geometry") or Point(a["at"]) for a in made}
    result = run_method(
        RISK,
        {"activities": layer("projects", made, exercise=False), "incidents": car},
        {"radius_km": 25, "window_days": "all", "horizon_days": "all"},
        as_of=date(2026, 11, 12),
        settings=Settings(),
        today=date(2026, 11, 12),
    )
    assert sum(result.summary["incidents_left_out"].values()) + result.summary["incidents_counted"] == 1848
    off = car.frame["place_radius_m"].to_numpy(dtype=float, na_value=np.nan)
    for row in result.as_dict()["rows"]:
        metres = brute(car, geometry[row["id"]])
        slack = 0 if geometry[row["id"]].geom_type == "Point" else 1
        checks = {
            "count_within_radius": (metres, 25_000),
            "count_certain": (metres + off, 25_000),
            "within_5km": (metres, 5_000),
        }
        for column, (reach, radius) in checks.items():
            assert (reach <= radius - slack).sum() <= row[column] <= (reach <= radius + slack).sum()
        assert row["nearest_incident_m"] == pytest.approx(metres.min(), abs=0.001 if slack == 0 else 25)
    assert "UCDP GED holds lethal events only." in result.limits


def test_window_on_real_spans(car):
    as_of = date(2014, 6, 1)
    made = [activity(1, (18.55, 4.36), start_date=day("2014-06-01"))]
    result = run_method(
        RISK,
        {"activities": layer("projects", made, exercise=False), "incidents": car},
        {"radius_km": 25, "window_days": 90},
        as_of=as_of,
        settings=Settings(),
        today=as_of,
    )
    start, end = (car.frame[c].dt.date for c in ("occurred_at", "ended_at"))
    meets = ((start <= as_of) & (end >= date(2014, 3, 4))).to_numpy()
    near = brute(car, Point(18.55, 4.36)) <= 25_000
    assert result.as_dict()["rows"][0]["count_within_radius"] == (meets & near).sum()
    assert (meets & near).sum() > 0


def test_coverage_of_sudan_localities_by_health_facilities():
    points = gpd.read_file(REAL / "sudan" / "locality_points.geojson")
    facilities = gpd.read_file(f"zip://{REAL / 'sudan' / 'health_facilities_hotosm.shp.zip'}")
    demand = [
        {"id": str(i), "name": f"place {i}", "geometry": g, "population": None if i % 7 == 0 else 1000 + i}
        for i, g in enumerate(points.geometry)
    ]
    placed = facilities.geometry.to_crs(4326).representative_point()
    services = [{"id": str(i), "facility_type": "clinic", "geometry": g} for i, g in enumerate(placed)]
    inputs = {
        "demand": layer("settlements", demand, exercise=False),
        "services": layer("facilities", services, exercise=False),
    }
    today = date(2026, 11, 12)
    result = run_method(COVERAGE, inputs, {"sector": "HEA"}, as_of=None, settings=Settings(), today=today)
    lon, lat = placed.x.to_numpy(), placed.y.to_numpy()
    uncovered = people = 0
    for row in result.as_dict()["rows"]:
        place = demand[int(row["id"])]
        n = len(lon)
        metres = GEOD.inv(np.full(n, place["geometry"].x), np.full(n, place["geometry"].y), lon, lat)[2]
        assert row["distance_m"] == pytest.approx(metres.min(), abs=0.001)
        assert row["covered"] is bool(metres.min() <= 5_000)
        uncovered += metres.min() > 5_000
        people += 0 if metres.min() <= 5_000 else place["population"] or 0
    assert (result.summary["uncovered_points"], result.summary["uncovered_people"]) == (uncovered, people)
    assert result.summary["status_assumed"] == len(services)
