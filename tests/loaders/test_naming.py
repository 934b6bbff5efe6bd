"""By what a file is known again."""

from __future__ import annotations

import pytest

from loaders.naming import layer_name, shape_of, stem_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("DTM_Sudan_Round 5_2024-03-25.xlsx", "DTM_Sudan_Round 6_2024-06-30.xlsx"),
        ("3w_avril2025.csv", "3w_mai2025.csv"),
        ("incidents 31 Dec 2025.csv", "incidents 7 January 2026.csv"),
        ("SITES v2 (1).csv", "sites v3.csv"),
        ("acled_20240131.csv", "acled_20240229.csv"),
    ],
)
def test_two_deliveries_are_one_layer(one, other):
    assert stem_of(one) == stem_of(other) != ""
    assert layer_name(one) == layer_name(other)


@pytest.mark.parametrize(
    ("one", "other"), [("camp1.csv", "camp2.csv"), ("cam-east.csv", "cam-adamaoua.csv"), ("adm1.shp", "adm2.shp")]
)
def test_what_is_no_date_tells_files_apart(one, other):
    assert layer_name(one) != layer_name(other)


@pytest.mark.parametrize("file", ["2024-03.csv", "2024.csv", ".csv", "🜚.csv"])
def test_every_file_gets_a_name(file):
    assert layer_name(file)


def test_arabic_names_are_kept():
    assert layer_name("مواقع النازحين.xlsx") == "مواقع_النازحين"


def test_one_more_round_is_no_other_shape():
    before = ["Site ID", "Site", "Round 1", "Round 2"]
    assert shape_of(before) == shape_of([*before, "Round 3"])
    assert shape_of(before) == shape_of(["site_id", "SITE", "round 2", "Round 3"])
    assert shape_of(before) != shape_of([*before, "Households"])
