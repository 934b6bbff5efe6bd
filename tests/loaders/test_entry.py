"""Incidents entered by hand go the same road as a file, and can be amended and closed."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from layers.errors import LoadError, MissingField, StaleVersion
from layers.marking import Marking
from loaders.duplicates import Stored
from loaders.entry import Entry, check, current, entry_of, layer_of, new_id, publish_entry, read_place, within

NOW = datetime(2026, 11, 12, 6, 0, tzinfo=UTC)
AMBUSH = Entry(
    place="-8.0142, -119.7761",
    when="120215Z NOV 26",
    incident_type="clash",
    victim_group="civilian",
    fatalities="2",
    place_name="Heronsford",
    source_name="Sector East",
    description="Ambush on the road",
)


@pytest.fixture
def enter(access):
    """An entry all the way into the store."""

    def entered(entry, record=None, *, note="entered", base=None, exercise=False):
        record = record or new_id()
        checked = check(entry, record, moment=NOW)
        assert checked.accepted, checked.findings
        info = publish_entry(checked, access, exercise=exercise, moment=NOW, by="t", note=note, base=base)
        return record, info

    return entered


@pytest.mark.parametrize(
    ("text", "latitude", "longitude"),
    [
        ("-8.0142, -119.7761", -8.0142, -119.7761),
        ("-8,0142; -119,7761", -8.0142, -119.7761),
        ("8.0142 S 119.7761 W", -8.0142, -119.7761),
        ("119.7761W, 8.0142S", -8.0142, -119.7761),
        ("S8.5 W119.2", -8.5, -119.2),
        ("8°00'51\"S 119°46'34\"W", -8.014167, -119.776111),
        ("N4 24.5' E18 30'", 4.408333, 18.5),
        ("4.4 18.5", 4.4, 18.5),
    ],
)
def test_degrees_in_many_spellings(text, latitude, longitude):
    point = read_place(text)
    assert (point.latitude, point.longitude) == pytest.approx((latitude, longitude), abs=1e-6)
    assert point.radius_m == 0


@pytest.mark.parametrize(
    ("reference", "side_m"), [("11L JM 9397 1309", 10), ("11LJM9313", 1000), ("11ljm9397013098", 1)]
)
def test_a_grid_reference_is_the_middle_of_its_square(reference, side_m):
    point = read_place(reference)
    assert point.radius_m == pytest.approx(side_m / 2**0.5, abs=1)
    assert (point.latitude, point.longitude) == pytest.approx((-8.0142, -119.7761), abs=1.2 * side_m / 111_000)


@pytest.mark.parametrize("text", ["somewhere", "95, 10", "11L JM 939 13", "-8.01", "8N 9N", "11L ZZ 1 1", "5, 200"])
def test_what_is_no_place_is_refused(text):
    with pytest.raises(LoadError, match="MGRS"):
        read_place(text)


@pytest.mark.parametrize("missing", ["place", "when"])
def test_place_and_time_are_asked_for(missing):
    with pytest.raises(MissingField):
        check(replace(AMBUSH, **{missing: " "}), "ENT-1", moment=NOW)


def test_an_entry_becomes_a_record_with_a_lasting_id(enter, access):
    record, info = enter(AMBUSH)
    (row,) = access.load(info.ref).frame.to_dict("records")
    assert record.startswith("ENT-")
    assert row["id"] == record
    assert row["occurred_at"] == datetime(2026, 11, 12, 2, 15, tzinfo=UTC)
    assert (row["incident_type"], row["victim_group"], row["fatalities"]) == ("clash", "civilian", 2)
    assert (row["time_precision"], row["place_precision"], row["verification"]) == ("moment", "point", "reported")
    assert row["violent"] is True or row["violent"] == True  # noqa: E712 - a pandas boolean
    assert (info.layer, info.marking, info.exercise) == ("incidents-entered", Marking.of("UNCLASSIFIED"), False)


def test_a_second_entry_joins_the_first(enter, access):
    first, _ = enter(AMBUSH)
    second, info = enter(replace(AMBUSH, place="-8.2, -119.5", when="2026-11-11"))
    assert info.version == 2
    assert access.load(info.ref).frame["id"].tolist() == [first, second]


def test_amended_and_closed_with_a_reason(enter, access):
    record, first = enter(AMBUSH)
    stored = entry_of(access.load(first.ref).frame.to_dict("records")[0])
    assert stored == replace(AMBUSH, place="-8.014200, -119.776100", verification="reported")
    closed = replace(stored, fatalities="3", until="130000Z NOV 26", verification="discounted")
    _, info = enter(closed, record, note="a second report", base=first.version)
    (row,) = access.load(info.ref).frame.to_dict("records")
    assert (row["fatalities"], row["verification"]) == (3, "discounted")
    assert row["ended_at"] == datetime(2026, 11, 13, tzinfo=UTC)
    assert [v.note for v in access.versions(info.layer)] == ["entered", "a second report"]
    change = access.difference(f"{info.layer}@1", f"{info.layer}@2")
    assert change.changed == (record,)


def test_amending_what_somebody_else_changed_is_refused(enter):
    record, first = enter(AMBUSH)
    enter(replace(AMBUSH, when="2026-11-10"))
    with pytest.raises(StaleVersion):
        enter(replace(AMBUSH, fatalities="9"), record, base=first.version)


def test_exercise_and_real_entries_never_meet(enter, access):
    enter(AMBUSH, exercise=True)
    enter(AMBUSH)
    assert layer_of(exercise=True) != layer_of(exercise=False)
    assert {i.layer: i.exercise for i in access.layers()} == {layer_of(exercise=e): e for e in (True, False)}
    assert current(access, exercise=True) == 1


def test_hostile_text_stays_text(enter, access):
    text = "<script>alert(1)</script> ${x} =1+1"
    _, info = enter(replace(AMBUSH, description=text))
    assert access.load(info.ref).frame["description"].tolist() == [text]


def test_what_cannot_be_is_said(access):
    checked = check(replace(AMBUSH, fatalities="-3"), "ENT-1", moment=NOW)
    assert any(f.field == "fatalities" for f in checked.findings)


def test_an_entry_is_not_its_own_duplicate(enter, access):
    record, info = enter(AMBUSH)
    stored = [Stored(info.layer, access.load(info.ref).frame)]
    again = check(replace(AMBUSH, fatalities="3"), record, moment=NOW, stored=stored)
    assert not [f for f in again.findings if "duplicate" in f.code]


@pytest.mark.parametrize(
    ("text", "radius_m", "precision"),
    [
        ("-8.0142, -119.7761 within 40 m", 40, "point"),
        ("-8.0142, -119.7761, within 2.5 km", 2500, "near"),
        ("11L JM 9397 1309 within 12 KM", 12_000, "area"),
        ("8.0142 S 119.7761 W within 80,5 km", 80_500, "region"),
        ("-8.0142, -119.7761 within 1,500 m", 1500, "near"),
        ("-8.0142, -119.7761 within 1 500 m", 1500, "near"),
        ("-8.0142, -119.7761 within 1,234,567.5 m", 1_234_567.5, "region"),
        ("-8.0142, -119.7761 within 0,025 km", 25, "point"),
    ],
)
def test_a_place_that_is_less_sure_says_within_how_much(text, radius_m, precision):
    point = read_place(text)
    assert (point.radius_m, point.precision) == (radius_m, precision)
    assert (point.latitude, point.longitude) == pytest.approx((-8.0142, -119.7761), abs=1e-4)


@pytest.mark.parametrize("text", ["within 5 km", "-8, -119 within", "-8, -119 within 5 miles", "-8, -119 within -5 km"])
def test_what_does_not_say_how_much_is_refused(text):
    with pytest.raises(LoadError, match="within 5 km"):
        read_place(text)


@pytest.mark.parametrize("number", ["1.500", "1,50,000", "12,3456", "1,500,00", "1,234.567", "1 2"])
def test_a_distance_that_may_be_read_in_two_ways_is_refused(number):
    with pytest.raises(LoadError, match="reads in one way only"):
        read_place(f"-8.0142, -119.7761 within {number} m")


def test_a_place_is_no_surer_than_its_grid_square():
    square = read_place("11L JM 93 13")
    assert (square.radius_m, square.precision) == (708, "near")
    assert read_place("11L JM 93 13 within 10 m") == square
    assert read_place("11L JM 93 13 within 2 km").radius_m == 2000


@hypothesis_settings(max_examples=30, deadline=None)
@given(st.floats(1, 20_100_000))
def test_what_is_written_of_how_sure_a_place_is_reads_back_and_is_never_too_sure(metres):
    assert read_place(f"-8.0142, -119.7761{within(metres)}").radius_m == math.ceil(metres)


def test_how_sure_the_place_is_outlives_an_amendment(enter, access):
    record, first = enter(replace(AMBUSH, place="-8.0142, -119.7761 within 12 km"))
    stored = access.load(first.ref).frame.to_dict("records")[0]
    assert (stored["place_precision"], stored["place_radius_m"]) == ("area", 12_000)
    _, again = enter(replace(entry_of(stored), fatalities="3"), record, base=first.version)
    row = access.load(again.ref).frame.to_dict("records")[0]
    assert (row["place_precision"], row["place_radius_m"], row["fatalities"]) == ("area", 12_000, 3)
