"""Edits as text: strictly read, plainly refused."""

from __future__ import annotations

import json
import random
from datetime import date

import mgrs
import pytest
from pyproj import Proj

from analysis.edits import Add, Close, Move, Redate, edits_text, read_edits
from layers.errors import WrongParameter
from layers.geodesy import lonlat_of_mgrs

MOVE = {"edit": "move", "role": "activities", "id": "A", "lon": 18.6, "lat": 4}


def read(*edits):
    return read_edits(json.dumps({"edits": edits}), "plan.json")


def test_every_edit_is_read_and_comes_back_from_its_text():
    edits = read(
        MOVE,
        {"edit": "redate", "role": "activities", "id": "A", "start": "2026-11-20"},
        {"edit": "add", "role": "services", "record": {"name": "New", "capacity": 3, "lon": 1.5, "lat": 2}},
        {"edit": "close", "role": "roads", "id": "R"},
    )
    assert edits == (
        Move("activities", "A", 18.6, 4.0),
        Redate("activities", "A", start=date(2026, 11, 20)),
        Add("services", {"name": "New", "capacity": 3, "lon": 1.5, "lat": 2}),
        Close("roads", "R"),
    )
    assert read_edits(edits_text(edits)) == edits


@pytest.mark.parametrize(
    ("edit", "where", "found"),
    [
        (MOVE | {"pony": 1}, "edits[0]", "pony"),
        (MOVE | {"edit": "teleport"}, "edits[0].edit", "teleport"),
        (MOVE | {"lon": "far"}, "edits[0].lon", "str"),
        ({"edit": "move", "role": "activities", "id": "A"}, "edits[0]", "lon"),
        ({"edit": "close", "role": "roads"}, "edits[0]", "id"),
        ({"edit": "redate", "role": "a", "id": "A", "start": "20 November"}, "edits[0].start", "date"),
        ({"edit": "add", "role": "a", "record": {"name": ["list"]}}, "edits[0].record", "array"),
        (MOVE | {"mgrs": "34NBL1234"}, "edits[0]", "mgrs beside lon and lat"),
        ({"edit": "move", "role": "a", "id": "A", "mgrs": "nowhere"}, "edits[0], mgrs", "nowhere"),
        ("move", "edits[0]", "str"),
    ],
)
def test_what_is_no_edit_is_refused_with_its_place(edit, where, found):
    with pytest.raises(WrongParameter) as refused:
        read(edit)
    assert where in refused.value.where
    assert refused.value.where.startswith("plan.json")
    assert found in refused.value.found


@pytest.mark.parametrize("text", ["", "[]", "{}", "not json", '{"edits": []}', '{"edits": {}}', "\x00", b"\xff\xfe"])
def test_what_is_no_document_is_refused(text):
    with pytest.raises(WrongParameter, match="edits"):
        read_edits(text, "edits")


def test_mgrs_stands_for_the_middle_of_its_square():
    (edit,) = read({"edit": "move", "role": "a", "id": "A", "mgrs": "34N BL 12 34"})
    east, north = Proj("EPSG:32634")(edit.lon, edit.lat)
    assert (east % 100_000, north % 100_000) == pytest.approx((12_500, 34_500), abs=1)
    (added,) = read({"edit": "add", "role": "a", "record": {"mgrs": "34NBL1234"}})
    assert added.record == {"lon": edit.lon, "lat": edit.lat}


@pytest.mark.parametrize("digits", [1, 2, 3, 4, 5])
def test_the_middle_lies_in_its_own_square(digits):
    rng = random.Random(digits)  # noqa: S311 - no secret
    grid = mgrs.MGRS()
    for _ in range(40):
        square = grid.toMGRS(rng.uniform(-79, 83), rng.uniform(-180, 180), MGRSPrecision=digits)
        lon, lat = lonlat_of_mgrs(square)
        assert grid.toMGRS(lat, lon, MGRSPrecision=digits)[-2 * digits - 2 :] == square[-2 * digits - 2 :]


@pytest.mark.parametrize("text", ["", "34", "34NBL", "34NBL123", "99NBL12", "34NIO12", "33XXX0101", "34NZZ99"])
def test_no_square_no_place(text):
    with pytest.raises(ValueError, match="no MGRS"):
        lonlat_of_mgrs(text)


@pytest.mark.parametrize("text", ["[" * 200_000, '{"edits": [{"a": ' + "[" * 5000 + "]" * 5000 + "}]}"])
def test_a_document_nested_too_deep_is_refused(text):
    with pytest.raises(WrongParameter, match="recursion"):
        read_edits(text)


def test_json_keeps_its_name_in_a_refusal():
    with pytest.raises(WrongParameter) as refused:
        read_edits("{pony")
    assert refused.value.found.startswith("JSON is malformed")


def test_more_edits_than_a_what_if_holds_are_refused():
    assert len(read(*[MOVE] * 1000)) == 1000
    with pytest.raises(WrongParameter, match="1,001 edits"):
        read(*[MOVE] * 1001)
