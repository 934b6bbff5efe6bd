"""Variants: edits kept under a name, each with its audit row."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest

import store
from layers.errors import StoreError
from layers.marking import Marking
from tests.store.conftest import make_publication

EDITS = '{"edits": []}'
OPEN, CLOSED = Marking.UNCLASSIFIED, Marking.CONFIDENTIAL


def test_a_variant_is_kept_read_and_removed(access):
    kept = access.keep_variant("north first", EDITS, exercise=False, marking=OPEN, by="liaison", note="for the board")
    assert access.variant("north first") == kept == access.variants()[0]
    assert (kept.by, kept.note, kept.at.year) == ("liaison", "for the board", 2026)
    assert access.remove_variant("north first", by="chief") == kept
    assert access.variants() == []
    rows = access.audit()
    assert [(row.action, row.by) for row in rows] == [("keep_variant", "liaison"), ("remove_variant", "chief")]
    assert json.loads(rows[0].statements) == {
        "name": "north first", "exercise": False, "edits": EDITS, "marking": "UNCLASSIFIED",
        "by": "liaison", "at": "2026-11-12T06:00:00+00:00", "note": "for the board",
    }  # fmt: skip
    assert "north first" in rows[0].note
    assert access.verify() == []


def test_a_name_is_taken_once_and_must_be_there(access):
    access.keep_variant("a", EDITS, exercise=False, marking=OPEN)
    with pytest.raises(StoreError, match="a name that is not taken"):
        access.keep_variant("a", EDITS, exercise=True, marking=OPEN)
    with pytest.raises(StoreError, match=r"no variant of that name; expected a\."):
        access.variant("b")
    with pytest.raises(StoreError, match="no variant"):
        access.remove_variant("b")
    assert len(access.audit()) == 1  # what was refused left no trace of having been done


@pytest.mark.parametrize("name", ["", " a", "a@1", "a\n", "x" * 201])
def test_a_name_that_cannot_be_written_is_refused(access, name):
    with pytest.raises(StoreError, match="name of the variant"):
        access.keep_variant(name, EDITS, exercise=False, marking=OPEN)
    assert access.variants() == []


def test_worlds_do_not_meet(access):
    access.keep_variant("drill", EDITS, exercise=True, marking=OPEN)
    access.keep_variant("real", EDITS, exercise=False, marking=OPEN)
    assert [v.name for v in access.variants(exercise=True)] == ["drill"]
    with pytest.raises(StoreError, match="made for exercise layers; expected one made for real layers"):
        access.variant("drill", exercise=False)


def test_the_scenario_takes_its_variants_along(access):
    access.publish(make_publication({"A": 1}, exercise=True), base=None)
    access.keep_variant("drill", EDITS, exercise=True, marking=OPEN)
    access.keep_variant("real", EDITS, exercise=False, marking=OPEN)
    assert access.remove_exercise(by="t") == ["sites"]
    assert [v.name for v in access.variants()] == ["real"]
    assert "remove_variant" in [row.action for row in access.audit()]
    assert access.verify() == []


def by_hand(home, *statements):
    with closing(sqlite3.connect(home / "catalogue.sqlite")) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def test_reading_a_marked_one_is_noted_listed_or_opened(access):
    access.keep_variant("closed", EDITS, exercise=False, marking=CLOSED)
    access.keep_variant("open", EDITS, exercise=False, marking=OPEN)
    access.keep_variant("drill", EDITS, exercise=True, marking=CLOSED)
    assert {v.name: v.marking for v in access.variants()} == {"closed": CLOSED, "open": OPEN, "drill": CLOSED}
    for name in ("closed", "open", "drill"):
        access.variant(name)
    rows = [row for row in access.audit() if row.action == "read_variant"]
    assert [json.loads(row.statements) for row in rows] == [{"name": "closed"}] * 2
    assert {(row.principal, row.note) for row in rows} == {(store.OPERATOR.name, 'variant "closed"; CONFIDENTIAL')}
    with pytest.raises(StoreError, match="made for real layers"):
        access.variant("closed", exercise=True)
    assert len(access.audit()) == 5, "what was refused is not read"
    assert access.verify() == []


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ("UPDATE variants SET edits = 'x'", "edits is 'x', was written as"),
        ("UPDATE variants SET marking = 'UNCLASSIFIED'", "marking is 'UNCLASSIFIED', was written as 'CONFIDENTIAL'"),
        ("UPDATE variants SET exercise = 1", "exercise is True, was written as False"),
        ("UPDATE variants SET note = 'y'", "note is 'y'"),
        ("UPDATE variants SET name = 'b'", "no such variant"),
        ("DELETE FROM variants", "lost"),
    ],
)
def test_verify_finds_one_that_was_changed_by_hand(access, home, change, detail):
    access.keep_variant("a", EDITS, exercise=False, marking=CLOSED)
    by_hand(home, "DROP TRIGGER variants_no_update", change)
    damages = access.verify()
    assert {(d.layer, d.version, d.problem) for d in damages} == {("", 0, "statements")}
    assert detail in " ".join(d.detail for d in damages)
    assert damages[-1].detail.startswith('variant "a"')


def test_a_variant_is_never_changed_and_a_torn_one_is_said(access, home):
    access.keep_variant("a", EDITS, exercise=False, marking=CLOSED)
    with pytest.raises(sqlite3.IntegrityError, match="variants are never changed"):
        by_hand(home, "UPDATE variants SET marking = 'UNCLASSIFIED'")
    by_hand(home, "DROP TRIGGER variants_no_update", "UPDATE variants SET marking = 'SECRET'")
    with pytest.raises(StoreError, match=r'variant "a": found a statement that cannot be read.*backup'):
        access.variants()


def test_a_name_kept_again_after_it_was_taken_away_is_no_damage(access):
    access.keep_variant("a", EDITS, exercise=False, marking=OPEN)
    access.remove_variant("a")
    access.keep_variant("a", '{"edits": [1]}', exercise=False, marking=CLOSED)
    assert access.verify() == []


def test_an_older_catalogue_learns_to_keep_variants(access, home):
    access.publish(make_publication({"A": 1}), base=None)
    by_hand(home, "DROP TABLE variants", "UPDATE format SET schema = 3")
    again = store.open(home, as_=store.OPERATOR)
    assert again.variants() == []
    again.keep_variant("a", EDITS, exercise=False, marking=OPEN)
    assert [v.name for v in again.variants()] == ["a"]


def test_variants_from_before_markings_are_marked_as_the_highest_of_their_world(access, home):
    access.publish(make_publication({"A": 1}, layer="closed", marking=CLOSED), base=None)
    access.publish(make_publication({"A": 1}, layer="open"), base=None)
    access.publish(make_publication({"A": 1}, layer="drill", exercise=True), base=None)
    access.keep_variant("real", EDITS, exercise=False, marking=OPEN)
    access.keep_variant("drill", EDITS, exercise=True, marking=OPEN)
    by_hand(
        home,
        "DROP TRIGGER audit_no_update",
        "UPDATE audit SET statements = json_remove(statements, '$.marking', '$.by', '$.at', '$.note')"
        " WHERE action = 'keep_variant'",  # as form 4 wrote them
        "DROP TRIGGER variants_no_update",
        "ALTER TABLE variants DROP COLUMN marking",
        "UPDATE format SET schema = 4",
    )
    again = store.open(home, as_=store.OPERATOR)
    assert {v.name: (v.marking, v.exercise, v.edits) for v in again.variants()} == {
        "real": (CLOSED, False, EDITS), "drill": (OPEN, True, EDITS),
    }  # fmt: skip
    assert [d.problem for d in again.verify() if d.problem != "audit"] == []
    with pytest.raises(sqlite3.IntegrityError, match="never changed"):
        by_hand(home, "UPDATE variants SET note = 'x'")
