"""Places as people write them: each form is read where it should be, or the row says why not."""

from __future__ import annotations

import mgrs
import numpy as np
import pandas as pd
import pytest
import shapely

from layers.geodesy import lonlat_of_mgrs
from loaders.coordinates import read_angles, read_geopoints, read_shapes
from loaders.grids import read_mgrs, read_utm, read_zoned

LAT, LON = 4 + 21 / 60 + 40 / 3600, 18 + 33 / 60 + 17 / 3600


def column(*texts):
    return pd.Series(list(texts), dtype="str")


def codes(result):
    return {f.code for f in result.report.findings}


@pytest.mark.parametrize(
    "text",
    [
        "4°21'40\"N",
        "4° 21' 40'' N",
        "4º21’40” N",
        "N 4 21 40",
        "4 21 40",
        "4:21:40",
        "04-21-40N",
        "4°21.6667'N",
        "4d21m40s N",
        "4 deg 21 min 40 sec",
        "4°21′40″ Nord",
        "٤°٢١'٤٠\" شمالا",
        "4,361111",
        "4.361111°",
    ],
)
def test_latitudes(text):
    angles = read_angles(column(text), "latitude")
    assert angles.values[0] == pytest.approx(LAT, abs=2e-6)
    assert not angles.bad.any()


@pytest.mark.parametrize(
    ("text", "degrees"),
    [
        ("18°33'17\"O", -LON),
        ("18°33'17\" Ouest", -LON),
        ("18 33 17 W", -LON),
        ("-18°33'17\"", -LON),
        ("4:21:40 S", -LAT),
        ("4d21m40s", LAT),
        ("4d21m40s S", -LAT),
        ("۱۸٫۵", 18.5),
        ("612 345", 612345),
    ],
)
def test_signs_letters_and_what_stays_a_number(text, degrees):
    assert read_angles(column(text), "longitude").values[0] == pytest.approx(degrees, abs=1e-6)


@pytest.mark.parametrize("text", ["4°61'", "4.5°21'", "north of town", "4°21'40\"N E", "-4°21'S", "190°10'E"])
def test_what_is_no_angle_is_said(text):
    assert read_angles(column(text), "latitude").bad.tolist() == [True]


@pytest.mark.parametrize(
    "text",
    [
        "4.36 18.55",
        "4.36, 18.55",
        "(4.36,18.55)",
        "4,36; 18,55",
        "4,36 18,55",
        "4.36 18.55 380 4.5",
        "4°21.6'N 18°33'E",
        "18°33'E, 4°21.6'N",
        "N4.36 E18.55",
    ],
)
def test_pairs_stand_latitude_first(text):
    placed = read_geopoints(column(text))
    assert placed.geometries[0].coords[0] == pytest.approx((18.55, 4.36))
    assert placed.radius_m[0] == (4.5 if "380" in text else pytest.approx(np.nan, nan_ok=True))


def test_traces_are_lines_and_areas_and_one_number_is_no_place():
    placed = read_geopoints(column("4 18 0 0; 5 19 0 0", "4 18 0 0;5 19 0 0;5 18 0 0;4 18 0 0", "4,36", None))
    assert [None if g is None else g.geom_type for g in placed.geometries] == ["LineString", "Polygon", None, None]
    assert placed.bad.tolist() == [False, False, True, False]


def test_shapes_written_out():
    point = shapely.Point(18, 4)
    texts = ("POINT (18 4)", "SRID=4326;POINT(18 4)", '{"type":"Point","coordinates":[18,4]}', point.wkb_hex)
    placed = read_shapes(column(*texts, "POINT (18", None), "a.csv")
    assert all(g.equals(point) for g in placed.geometries[:4])
    assert placed.bad.tolist() == [False] * 4 + [True, False]


@pytest.mark.parametrize("digits", [0, 2, 4, 6, 8, 10])
@pytest.mark.parametrize("place", [(18.55, 4.36), (-120.2, -8.1), (33.3, 14.6)])
def test_an_mgrs_reference_is_a_square(place, digits):
    reference = mgrs.MGRS().toMGRS(place[1], place[0], MGRSPrecision=digits // 2)
    placed = read_mgrs(column(f"{reference[:3]} {reference[3:5]} {reference[5:]}".lower()))
    point, side = placed.geometries[0], 10 ** (5 - digits // 2)
    if digits:  # a 100 km square may be cut by the border of its zone
        assert mgrs.MGRS().toMGRS(point.y, point.x, MGRSPrecision=digits // 2) == reference
        assert (point.x, point.y) == pytest.approx(lonlat_of_mgrs(reference), abs=1e-7)  # a typed one is read alike
    # The true place lies within the stated radius: a degree is at most 111.7 km.
    apart = np.hypot((point.x - place[0]) * np.cos(np.radians(point.y)), point.y - place[1]) * 111_000
    assert apart <= placed.radius_m[0] * 1.01
    assert placed.radius_m[0] == pytest.approx(side / np.sqrt(2), abs=1)
    expected = {0: "region", 2: "near", 4: "near"}.get(digits, "point")
    assert placed.precision[0] == expected


@pytest.mark.parametrize("text", ["33NXE123", "NE 1234 5678", "34PFL1234", "33NIO1234", "99NXE12"])
def test_what_is_no_mgrs_reference(text):
    assert read_mgrs(column(text)).bad.tolist() == [True]


@pytest.mark.parametrize(
    "text", ["34N 500000 480000", "34 N 500000mE 480000mN", "500000E 480000N 34N", "zone 34N, E 500000, N 480000"]
)
def test_utm(text):
    placed, hemisphere = read_utm(column(text))
    assert placed.geometries[0].coords[0] == pytest.approx((21.0, 4.3426), abs=1e-3)
    assert hemisphere


def test_s_is_the_south_unless_other_letters_show_bands():
    south, _ = read_utm(column("34S 500000 9520000"))
    assert south.geometries[0].y < 0
    bands, hemisphere = read_zoned(column("34S", "34P"), np.array([5e5, 5e5]), np.array([4e6, 1e6]))
    assert bands.geometries[0].y > 30
    assert not hemisphere


def test_a_layer_in_mgrs_keeps_how_coarse_it_is(check):
    result = check("incidents", {"mgrs": ["33NXE1234", "33NXE12345678", "nonsense"], "event_type": ["Battles"] * 3})
    assert result.frame["place_precision"].tolist() == ["near", "point"]
    assert result.frame["place_radius_m"].tolist() == [708, 8]
    assert result.rejected["row"].tolist() == [4]
    assert '"nonsense"' in result.rejected["reason"].iloc[0]


def test_easting_and_northing_beside_a_zone(check):
    cells = {"easting": ["500000"], "northing": ["480000"], "utm zone": ["34 N"], "event_type": ["Battles"]}
    result = check("incidents", cells)
    assert result.frame.geometry.iloc[0].coords[0] == pytest.approx((21.0, 4.3426), abs=1e-3)
    assert "hemisphere_assumed" in codes(result)


def test_one_column_stands_in_for_another(check):
    cells = {"lat": ["4.5", None, "x"], "lon": ["18.5", None, "18.5"], "gps": [None, "4.6 18.6 0 12", "4.7 18.7"]}
    result = check("other", cells)
    assert [g.x for g in result.frame.geometry] == [18.5, 18.6, 18.7]
    assert result.report.rows_repaired == 1


def test_letters_name_the_axis(check):
    result = check("other", {"lat": ["18°30'E", "4.5"], "lon": ["4°30'N", "18.5"]})
    assert [g.coords[0] for g in result.frame.geometry] == [(18.5, 4.5), (18.5, 4.5)]
    assert [f.row for f in result.report.findings if f.code == "axes_swapped"] == [2]


def test_odd_places_are_pointed_at(check):
    lat = ["4.25", "0", *["5.5"] * 24, *[f"6.{i}" for i in range(10, 40)]]
    lon = ["4.25", "0", *["18.5"] * 24, *[f"19.{i}" for i in range(10, 40)]]
    result = check("incidents", {"lat": lat, "lon": lon, "event_type": ["Battles"] * len(lat)})
    by_code = {f.code: f.row for f in result.report.findings}
    assert by_code["same_coordinate_twice"] == 2
    assert by_code["zero_place"] == 3
    assert by_code["shared_point"] is None


def test_whole_degrees_are_no_exact_places(check):
    cells = {"lat": ["4", "5", "6", "7", "8.25"], "lon": ["18", "19", "20", "21", "22.75"], "event_type": ["Riots"] * 5}
    frame = check("incidents", cells).frame
    assert frame["place_precision"].fillna("").tolist() == ["region"] * 4 + [""]
    assert frame["place_radius_m"].isna().tolist() == [False] * 4 + [True]
