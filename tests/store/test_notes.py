"""Notes: kept with who, when and where, withdrawn and never lost, sealed in the audit, worlds apart."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

import store
from layers.errors import StoreError, UnknownLayer
from layers.marking import Marking
from store.notes import rounded, said_of
from tests.store.conftest import make_publication

SPOT = shapely.Point(18.5, 4.25)
OPEN, CLOSED = Marking.UNCLASSIFIED, Marking.CONFIDENTIAL


def texts(access, *, exercise=False):
    return [(n.number, n.text, n.withdrawn is None) for n in access.notes.all(exercise=exercise)]


def by_hand(home, *statements):
    with closing(sqlite3.connect(home / "catalogue.sqlite")) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def test_a_note_is_kept_with_who_when_and_where(access, home):
    kept = access.notes.keep("  flooded since Tuesday ", SPOT, exercise=False, by="liaison")
    assert access.notes.all(exercise=False) == [kept]
    assert (kept.number, kept.text, kept.by, kept.at.year, kept.place) == (
        1,
        "flooded since Tuesday",
        "liaison",
        2026,
        SPOT,
    )
    assert store.open(home, as_=store.OPERATOR).notes.all(exercise=False) == [kept]
    row = access.audit()[-1]
    assert (row.action, row.by, row.principal) == ("note", "liaison", store.OPERATOR.name)
    assert json.loads(row.statements) == said_of(kept)
    assert access.verify() == []


def test_a_note_is_withdrawn_once_with_a_reason_and_stays(access):
    kept = access.notes.keep("bridge down", SPOT, exercise=False)
    for reason in ("", "  ", "x" * 501):
        with pytest.raises(StoreError, match="a reason of 1 to 500 characters"):
            access.notes.withdraw(1, reason=reason)
    gone = access.notes.withdraw(1, reason="rebuilt", by="engineers")
    assert (gone.withdrawn.reason, gone.withdrawn.by, gone.text) == ("rebuilt", "engineers", kept.text)
    assert access.notes.all(exercise=False) == [gone]
    with pytest.raises(StoreError, match="one that engineers withdrew"):
        access.notes.withdraw(1, reason="again")
    with pytest.raises(StoreError, match="note 9"):
        access.notes.withdraw(9, reason="no such")
    assert [row.action for row in access.audit()] == ["note", "withdraw_note"]
    assert access.verify() == []


def test_worlds_do_not_meet_and_the_scenario_takes_its_notes_along(access):
    access.publish(make_publication({"A": 1}, exercise=True), base=None)
    access.notes.keep("drill", SPOT, exercise=True, about=("sites", "A"))
    access.notes.keep("real", SPOT, exercise=False)
    access.notes.withdraw(1, reason="over")
    assert texts(access) == [(2, "real", True)]
    assert texts(access, exercise=True) == [(1, "drill", False)]
    with pytest.raises(StoreError, match="Exercise and real never mix"):
        access.notes.keep("mixed", SPOT, exercise=False, about=("sites", "A"))
    access.remove_exercise(by="t")
    assert texts(access, exercise=True) == []
    assert texts(access) == [(2, "real", True)]
    assert access.verify() == []


def test_a_note_about_a_record_is_marked_no_lower_than_its_layer(access):
    access.publish(make_publication({"A": 1}, marking=CLOSED), base=None)
    kept = access.notes.keep("about A", SPOT, exercise=False, marking=OPEN, about=("sites", "A"))
    assert (kept.marking, kept.layer, kept.record) == (CLOSED, "sites", "A")
    with pytest.raises(StoreError, match="no such record"):
        access.notes.keep("about B", SPOT, exercise=False, about=("sites", "B"))
    with pytest.raises(UnknownLayer):
        access.notes.keep("about B", SPOT, exercise=False, about=("nowhere", "B"))
    assert texts(access) == [(1, "about A", True)]


def test_reading_a_marked_real_one_is_noted(access):
    access.notes.keep("open", SPOT, exercise=False)
    access.notes.keep("closed", SPOT, exercise=False, marking=CLOSED)
    access.notes.keep("drill", SPOT, exercise=True, marking=CLOSED)
    access.notes.all(exercise=False)
    access.notes.all(exercise=True)
    read = [row for row in access.audit() if row.action == "read_note"]
    assert [json.loads(row.statements) for row in read] == [{"number": 2}]


def test_its_edition_changes_with_every_note_of_its_world_alone(access):
    seen = [access.notes.edition(exercise=False)]
    access.notes.keep("one", SPOT, exercise=False)
    seen.append(access.notes.edition(exercise=False))
    access.notes.keep("drill", SPOT, exercise=True)
    assert access.notes.edition(exercise=False) == seen[-1]
    access.notes.withdraw(1, reason="over")
    seen.append(access.notes.edition(exercise=False))
    access.notes.withdraw(2, reason="over")
    assert access.notes.edition(exercise=False) == seen[-1]
    assert seen[0] == ""
    assert len(set(seen)) == 3


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("", SPOT, "nothing"),
        (" \n ", SPOT, "nothing"),
        ("x" * 2001, SPOT, "2,001 characters"),
        ("x", shapely.Point(), "not on the map"),
        ("x", shapely.Point(181, 0), "not on the map"),
        ("x", shapely.Point(0, -91), "not on the map"),
        ("x", shapely.Point(float("nan"), 0), "not on the map"),
        ("x", shapely.Point(float("inf"), 0), "not on the map"),
        ("x", shapely.LineString([(n / 50, 0) for n in range(2001)]), "not on the map"),
    ],
)
def test_what_says_nothing_or_lies_nowhere_is_refused_and_leaves_no_trace(access, text, place, words):
    with pytest.raises(StoreError, match=words):
        access.notes.keep(text, place, exercise=False)
    assert texts(access) == []
    assert access.audit() == []


def test_a_note_is_never_changed_or_deleted(access, home):
    access.notes.keep("real", SPOT, exercise=False)
    access.notes.withdraw(1, reason="over")
    for statement in (
        "UPDATE notes SET text = 'x'", "DELETE FROM notes", "UPDATE withdrawn_notes SET reason = 'x'",
        "DELETE FROM withdrawn_notes",
    ):  # fmt: skip
        with pytest.raises(sqlite3.IntegrityError, match="never"):
            by_hand(home, statement)


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ("UPDATE notes SET text = 'x' WHERE number = 1", "note 1: text is 'x', was written as 'real'"),
        ("UPDATE notes SET place = 'POINT (1 1)' WHERE number = 1", "note 1: place is"),
        ("UPDATE notes SET exercise = 1 WHERE number = 1", "note 1: exercise is True"),
        ("DELETE FROM withdrawn_notes", "note 1: the catalogue has lost it"),
        (
            "INSERT INTO withdrawn_notes VALUES (2, 'x', 'x', '2026-01-01T00:00:00+00:00')",
            "note 2: the audit knows of no",
        ),
    ],
)
def test_verify_finds_what_was_changed_by_hand(access, home, change, detail):
    access.notes.keep("real", SPOT, exercise=False)
    access.notes.keep("another", SPOT, exercise=False)
    access.notes.withdraw(1, reason="over")
    by_hand(home, "DROP TRIGGER notes_no_update", "DROP TRIGGER withdrawn_notes_no_delete", change)
    assert [d.detail[: len(detail)] for d in access.verify()] == [detail]


def test_verify_lists_a_note_before_its_withdrawal_whatever_the_order_of_a_set(access, home):
    for n in range(12):
        access.notes.keep(f"note {n}", SPOT, exercise=False)
        access.notes.withdraw(n + 1, reason="over")
    by_hand(
        home,
        "DROP TRIGGER notes_no_update",
        "DROP TRIGGER withdrawn_notes_no_update",
        "UPDATE notes SET text = 'x'",
        "UPDATE withdrawn_notes SET reason = 'x'",
    )
    said = [d.detail.split(" is ")[0] for d in access.verify()]
    assert said == [f"note {n + 1}: {column}" for n in range(12) for column in ("text", "reason")]


def test_a_torn_one_is_said(access, home):
    access.notes.keep("real", SPOT, exercise=False)
    by_hand(home, "DROP TRIGGER notes_no_update", "UPDATE notes SET place = 'POINT (1'")
    with pytest.raises(StoreError, match=r"note 1: found a statement that cannot be read.*backup"):
        access.notes.all(exercise=False)


def test_an_older_catalogue_learns_to_keep_notes(access, home):
    access.publish(make_publication({"A": 1}), base=None)
    by_hand(home, "DROP TABLE withdrawn_notes", "DROP TABLE notes", "UPDATE format SET schema = 6")
    again = store.open(home, as_=store.OPERATOR)
    assert texts(again) == []
    again.notes.keep("first", SPOT, exercise=False)
    assert texts(again) == [(1, "first", True)]


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=2, max_size=6))
def test_a_place_comes_back_as_it_was_kept(places):
    place = rounded(shapely.LineString(places))
    again = shapely.from_wkt(shapely.to_wkt(place, rounding_precision=6))
    assert shapely.equals_exact(place, again, 1e-9)
