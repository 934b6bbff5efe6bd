"""Search: places in many spellings, names and identifiers by rank, the route. Truths by hand or by PyPI's mgrs."""

from __future__ import annotations

from datetime import UTC, datetime

import geopandas as gpd
import mgrs
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dashboard.finding import MOST_ANSWERS, Answer, degrees, read_places
from dashboard.name_index import ALIKE, EXACT, MOST_NAMES, PREFIX, WITHIN, WORD, name_index
from layers.geodesy import EQUATOR
from layers.kinds import IDP_SITES, INCIDENTS, SETTLEMENTS
from layers.mgrs_grid import SIDES_M, square_of
from layers.schema import conform

LON = st.floats(-179.9, 179.9)
LAT = st.floats(-79.9, 83.9)


# ---- MGRS -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "text",
    ["34NBK2782", "34n bk 27 82", "34N BK 2782", "34 N BK 27 82", "MGRS: 34N BK 27 82", "34N-BK-27-82", "٣٤N BK ٢٧ ٨٢"],
)
def test_mgrs_in_any_spacing_is_one_square(text: str) -> None:
    (answer,) = read_places(text).answers
    assert (answer.label, answer.note) == ("34N BK 27 82", "MGRS, square of 1 km")
    middle = mgrs.MGRS().toLatLon("34NBK27508250")
    assert answer.shape.contains(shapely.Point(middle[1], middle[0]))
    west, south, east, north = answer.shape.bounds
    assert (north - south) * 110_600 == pytest.approx(1000, rel=0.03)
    assert (east - west) * 111_320 * np.cos(np.radians(south)) == pytest.approx(1000, rel=0.03)


@given(lon=LON, lat=LAT, digits=st.integers(0, 5))
@settings(max_examples=300, deadline=None)
def test_a_place_lies_in_the_square_that_its_reference_names(lon: float, lat: float, digits: int) -> None:
    assume(abs(lat) >= EQUATOR)  # `mgrs_of` minds that
    reference = mgrs.MGRS().toMGRS(lat, lon, MGRSPrecision=digits)
    square = square_of(reference)
    assert square.reference.replace(" ", "") == reference.zfill(len(square.reference.replace(" ", "")))
    assert square.side_m == SIDES_M[digits]
    assert square.geometry.distance(shapely.Point(lon, lat)) < 2e-5  # the two series differ by less than a metre
    west, _, east, _ = square.geometry.bounds
    assert east - west < 12


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("34N BK 278 28", "as many digits east as north"),
        ("34N BK 27828", "as many digits east as north"),
        ("34N BK 123456 123456", "at most 5 each"),
        ("61N BK 27 82", "no cell 61N"),
        ("32X NF 12 12", "no cell 32X"),
        ("34I BK 27 82", "no cell 34I"),
        ("11L ZZ 1 1", "no square"),
    ],
)
def test_what_is_no_square_is_refused_in_words(text: str, said: str) -> None:
    found = read_places(text)
    assert found.answers == ()
    assert said in found.said[0]


def test_a_zone_and_a_hundred_kilometres() -> None:
    assert read_places("34N").answers[0].shape.bounds == (18, 0, 24, 8)
    assert read_places("34N BK").answers[0].note == "MGRS, square of 100 km"


# ---- degrees ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "lat", "lon"),
    [
        ("8.0142 S 119.7761 W", -8.0142, -119.7761),
        ("119.7761W, 8.0142S", -8.0142, -119.7761),
        ("S8.5 W119.2", -8.5, -119.2),
        ("8°00'51\"S 119°46'34\"W", -8.014167, -119.776111),
        ("8° 00' 51\" S, 119° 46' 34\" W", -8.014167, -119.776111),
        ("N4 24.5' E18 30'", 4.408333, 18.5),
        ("4°24′30″N 18°30′00″E", 4.408333, 18.5),
        ("4.4N, 18.5E", 4.4, 18.5),
        ("4,4 N; 18,5 E", 4.4, 18.5),
    ],
)
def test_degrees_with_letters_leave_nothing_to_assume(text: str, lat: float, lon: float) -> None:
    (answer,) = read_places(text).answers
    assert (answer.shape.y, answer.shape.x) == pytest.approx((lat, lon), abs=1e-6)
    assert "assumed" not in answer.note


@pytest.mark.parametrize("text", ["4.36, 18.55", "4.36 18.55", "4.36,18.55", "4,36; 18,55", "(4.36, 18.55)"])
def test_degrees_without_letters_say_which_order_was_assumed(text: str) -> None:
    first, second = read_places(text).answers
    assert (first.shape.y, first.shape.x) == pytest.approx((4.36, 18.55))
    assert "latitude first (assumed)" in first.note
    assert (second.shape.y, second.shape.x) == pytest.approx((18.55, 4.36))
    assert "longitude first (assumed)" in second.note


def test_only_the_order_that_is_on_the_globe_is_told() -> None:
    (answer,) = read_places("-119.7761, -8.0142").answers
    assert (answer.shape.y, answer.shape.x) == (-8.0142, -119.7761)
    assert "longitude first" in answer.note
    assert read_places("200, 10").said == ("No such place: latitude is within 90 degrees, longitude within 180.",)


@given(lon=LON, lat=LAT)
@settings(max_examples=200, deadline=None)
def test_what_the_corner_of_the_map_writes_is_read_back(lon: float, lat: float) -> None:
    (answer,) = read_places(degrees(lat, lon)).answers
    assert (answer.shape.y, answer.shape.x) == pytest.approx((lat, lon), abs=5.1e-5)


@given(lon=LON, lat=LAT)
@settings(max_examples=200, deadline=None)
def test_degrees_minutes_and_seconds_come_round(lon: float, lat: float) -> None:
    def dms(value: float, letters: str) -> str:
        seconds = round(abs(value) * 3600)
        return f"{seconds // 3600}°{seconds // 60 % 60:02d}'{seconds % 60:02d}\"{letters[value < 0]}"

    (answer,) = read_places(f"{dms(lat, 'NS')} {dms(lon, 'EW')}").answers
    assert (answer.shape.y, answer.shape.x) == pytest.approx((lat, lon), abs=0.51 / 3600)


@pytest.mark.parametrize("text", ["ACT-017", "Heronsford", "XO0301", "Route 4", "2026-11-12", "12", "", "  ", "a,b"])
def test_what_is_no_place_is_left_to_the_names(text: str) -> None:
    assert read_places(text).answers == read_places(text).said == ()


def test_text_is_made_safe() -> None:
    told = Answer("<img onerror=x>`${1}`", "<b>", shapely.Point(1, 2), "x", "y").as_json()
    assert not {"<", "`", "$", "{"} & set(str(told["label"]) + str(told["note"]))
    assert told["box"] == [1, 2, 1, 2]


# ---- names --------------------------------------------------------------------------------------
def towns(*rows: tuple[str, float | None]):
    table = {"id": [f"SET-{n:03d}" for n in range(len(rows))], "name": [r[0] for r in rows],
             "population": [r[1] for r in rows]}  # fmt: skip
    frame = gpd.GeoDataFrame(table, geometry=[shapely.Point(n, n) for n in range(len(rows))], crs=4326)
    return name_index(conform(frame, SETTLEMENTS), SETTLEMENTS)


def ranked(index, text: str) -> list[tuple[int, int]]:
    return [(hit.rank, hit.rows[0]) for hit in index.hits(text, MOST_ANSWERS)]


def test_prefix_before_later_word_before_within_and_people_decide_between_equals() -> None:
    index = towns(
        ("Marchéville", 10),
        ("Le Marché", 900),
        ("Grand Marché", 90_000),
        ("Marché", 5),
        ("Démarche", 1),
        ("Marche Bas", 400),
    )
    assert ranked(index, "MARCHE") == [(EXACT, 3), (PREFIX, 5), (PREFIX, 0), (WORD, 2), (WORD, 1), (WITHIN, 4)]


@pytest.mark.parametrize("text", ["l'anse-bleue", "L’Anse Bleue", "lanse bleue", "LANSEBLEUE", "l anse"])
def test_apostrophes_hyphens_and_spaces_do_not_part_a_name_from_itself(text: str) -> None:
    assert ranked(towns(("Port", 1), ("L'Anse-Bleue", 2)), text)[0][1] == 1


@pytest.mark.parametrize(
    ("text", "name"), [("etang", "Étang-Clair"), ("الخرطوم", "الخرطوم"), ("Ndele", "Ndélé"), ("STRASSE", "Straße")]
)
def test_accents_and_case_fold_and_other_scripts_stay(text: str, name: str) -> None:
    assert ranked(towns((name, 1)), text)


def test_spelled_alike_is_found_where_nothing_holds_the_text() -> None:
    index = towns(("Port Lantern", 5), ("Heronsford", 7))
    assert index.hits("Port Lantren", 8) == []
    (hit,) = index.alike("Port Lantren", 8)
    assert (hit.rank, hit.rows) == (ALIKE, (0,))
    assert index.alike("Xy", 8) == []


@pytest.mark.parametrize("text", ["SET-002", "set 2", "set002", "SET-2", "Set_002"])
def test_an_identifier_is_found_in_any_case_and_without_its_zeros(text: str) -> None:
    assert ranked(towns(("a", 1), ("b", 1), ("c", 1)), text)[0] == (EXACT, 2)


def test_the_beginning_of_an_identifier_is_enough() -> None:
    assert [row for _, row in ranked(towns(*[("x", 1)] * 12), "SET-01")] == [1, 10, 11]


@given(st.text(max_size=30))
@settings(max_examples=200, deadline=None)
def test_no_text_breaks_the_index(text: str) -> None:
    index = towns(("Port Lantern", 5), ("L'Anse", None), ("", 3))
    index.hits(text, 8)
    index.alike(text, 8)
    read_places(text)


@given(st.lists(st.sampled_from(["Alba", "alba", "Álba", "Bor", "Bor Sud"]), min_size=1, max_size=12))
@settings(max_examples=60, deadline=None)
def test_every_record_of_a_name_is_behind_it_once(names: list[str]) -> None:
    index = towns(*((name, n) for n, name in enumerate(names)))
    (hit,) = [h for h in index.hits("alba", 8) if h.rank == EXACT] or [None]
    bearing = [n for n, name in enumerate(names) if name != "Bor" and name != "Bor Sud"]
    assert (list(hit.rows) if hit else []) == bearing[::-1]  # the largest figure first


def test_of_a_site_the_latest_round_is_found_by_name() -> None:
    days = pd.to_datetime(["2026-01-01", "2026-02-01", "2026-01-01"])
    table = {
        "id": ["S1/1", "S1/2", "S2/1"],
        "site_id": ["S1", "S1", "S2"],
        "name": ["Mill School", "Mill School", "Other"],
        "reporting_round": ["1", "2", "1"],
        "assessed_date": days,
    }
    frame = gpd.GeoDataFrame(table, geometry=[shapely.Point(0, 0)] * 3, crs=4326)
    index = name_index(conform(frame, IDP_SITES), IDP_SITES)
    assert ranked(index, "mill school") == [(EXACT, 1)]
    assert ranked(index, "S1")[0] == (EXACT, 1)
    assert (EXACT, 0) in ranked(index, "S1/1")


def test_beyond_the_bound_of_names_a_layer_is_searched_by_identifier() -> None:
    number = MOST_NAMES + 1
    table = {"id": [f"I{n}" for n in range(number)], "place_name": [f"Place {n}" for n in range(number)],
             "occurred_at": [datetime(2026, 1, 1, tzinfo=UTC)] * number}  # fmt: skip
    frame = gpd.GeoDataFrame(table, geometry=[None] * number, crs=4326)
    index = name_index(conform(frame, INCIDENTS), INCIDENTS)
    assert index.too_many
    assert index.hits("Place 17", 8) == []
    assert ranked(index, "I50000")[0] == (EXACT, 50_000)
