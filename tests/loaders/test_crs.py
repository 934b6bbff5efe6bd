"""Projected coordinates posing as degrees: likely systems are named, the chosen one is used."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from layers.errors import NoCrs
from loaders.formats.projection import crs_of, to_degrees
from loaders.reference import Reference

THEATRE = shapely.box(18.5, 4, 23.5, 9)
PLACES = [(lon, lat) for lon in (19.1, 21.3, 23.2) for lat in (4.3, 6.1, 8.7)]


@pytest.fixture
def reference(stored_frame):
    areas = stored_frame("admin_areas", [THEATRE], id=["CF1"], name=["All"], admin_level=["1"])
    return Reference.of([areas], [])


def projected(epsg):
    points = gpd.GeoSeries([shapely.Point(p) for p in PLACES], crs="EPSG:4326").to_crs(epsg)
    return {"x": [f"{p.x:.2f}" for p in points], "y": [f"{p.y:.2f}" for p in points], "name": list("abcdefghi")}


def places(result):
    return shapely.get_coordinates(result.frame.geometry.to_numpy())


@pytest.mark.parametrize("epsg", [32634, 3857, 32734])
def test_the_likeliest_system_is_named_first(check, reference, epsg):
    with pytest.raises(NoCrs) as caught:
        check("other", projected(epsg), reference=reference)
    assert caught.value.remedy.startswith(f"Choose the system: likely EPSG:{epsg}")
    assert "100% of the places" in caught.value.remedy


def test_without_a_theatre_no_zone_is_guessed(check):
    with pytest.raises(NoCrs, match="Load the admin layer") as caught:
        check("other", projected(32634))
    assert "EPSG" not in caught.value.remedy


def test_numbers_too_large_for_a_zone_are_web_mercator(check):
    with pytest.raises(NoCrs, match="EPSG:3857"):
        check("other", projected(3857))


@pytest.mark.parametrize("swap", [False, True])
def test_the_chosen_system_is_used_in_either_order(check, reference, swap):
    columns = projected(32634)
    if swap:
        columns["x"], columns["y"] = columns["y"], columns["x"]
    result = check("other", columns, crs="EPSG:32634", reference=reference if swap else None)
    assert np.allclose(places(result), PLACES, atol=1e-6)
    (said,) = [f for f in result.report.findings if f.code == "reprojected"]
    assert "UTM zone 34N" in said.message


def test_an_unknown_system_is_refused_by_name(check):
    with pytest.raises(NoCrs, match="EPSG:999999"):
        check("other", projected(32634), crs="EPSG:999999")


def test_degrees_are_not_moved_by_a_chosen_system(check):
    columns = {"x": ["18.5", "19"], "y": ["4.5", "5"], "name": ["a", "b"]}
    result = check("other", columns, crs="EPSG:32634")
    assert np.allclose(places(result), [(18.5, 4.5), (19, 5)])
    assert "crs_not_needed" in {f.code for f in result.report.findings}


def test_what_a_reader_does_without_a_system():
    metres = np.array([shapely.Point(612345, 487654), None, shapely.Point(612346, 487654)], dtype=object)
    kept, said = to_degrees(metres, None, "a.shp")
    assert kept is metres
    assert not said
    assert crs_of(metres) == "unknown"
    assert crs_of(np.array([shapely.Point(18, 4), shapely.Point(612345, 4)], dtype=object)) == ""


def test_a_few_swapped_rows_are_known_by_the_theatre(check, reference):
    columns = {"lat": ["4.5", "5.5", "20.5", "6.5"], "lon": ["19", "20", "5.25", "21"], "name": list("abcd")}
    result = check("other", columns, reference=reference)
    assert [f.row for f in result.report.findings if f.code == "axes_swapped"] == [4]
    assert places(result)[2].tolist() == [20.5, 5.25]
    assert result.report.rows_repaired == 1


def test_a_neighbour_s_camp_is_not_swapped(check, reference):
    columns = {"lat": ["4.5", "5.5", "15.5", "6.5"], "lon": ["19", "20", "33", "21"], "name": list("abcd")}
    assert check("other", columns, reference=reference).report.rows_repaired == 0
