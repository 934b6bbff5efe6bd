"""Variants: edits kept under a name, each with its audit row."""

from __future__ import annotations

import json
import sqlite3

import pytest

import store
from layers.errors import StoreError
from tests.store.conftest import make_publication

EDITS = '{"edits": []}'


def test_a_variant_is_kept_read_and_removed(access):
    kept = access.keep_variant("north first", EDITS, exercise=False, by="liaison", note="for the board")
    assert access.variant("north first") == kept == access.variants()[0]
    assert (kept.by, kept.note, kept.at.year) == ("liaison", "for the board", 2026)
    assert access.remove_variant("north first", by="chief") == kept
    assert access.variants() == []
    rows = access.audit()
    assert [(row.action, row.by) for row in rows] == [("keep_variant", "liaison"), ("remove_variant", "chief")]
    assert json.loads(rows[0].statements) == {"name": "north first", "exercise": False, "edits": EDITS}
    assert "north first" in rows[0].note
    assert access.verify() == []


def test_a_name_is_taken_once_and_must_be_there(access):
    access.keep_variant("a", EDITS, exercise=False)
    with pytest.raises(StoreError, match="a name that is not taken"):
        access.keep_variant("a", EDITS, exercise=True)
    with pytest.raises(StoreError, match=r"no variant of that name; expected a\."):
        access.variant("b")
    with pytest.raises(StoreError, match="no variant"):
        access.remove_variant("b")
    assert len(access.audit()) == 1  # what was refused left no trace of having been done


@pytest.mark.parametrize("name", ["", " a", "a@1", "a\n", "x" * 201])
def test_a_name_that_cannot_be_written_is_refused(access, name):
    with pytest.raises(StoreError, match="name of the variant"):
        access.keep_variant(name, EDITS, exercise=False)
    assert access.variants() == []


def test_worlds_do_not_meet(access):
    access.keep_variant("drill", EDITS, exercise=True)
    access.keep_variant("real", EDITS, exercise=False)
    assert [v.name for v in access.variants(exercise=True)] == ["drill"]
    with pytest.raises(StoreError, match="made for exercise layers; expected one made for real layers"):
        access.variant("drill", exercise=False)


def test_the_scenario_takes_its_variants_along(access):
    access.publish(make_publication({"A": 1}, exercise=True), base=None)
    access.keep_variant("drill", EDITS, exercise=True)
    access.keep_variant("real", EDITS, exercise=False)
    assert access.remove_exercise(by="t") == ["sites"]
    assert [v.name for v in access.variants()] == ["real"]
    assert "remove_variant" in [row.action for row in access.audit()]
    assert access.verify() == []


def test_an_older_catalogue_learns_to_keep_variants(access, home):
    access.publish(make_publication({"A": 1}), base=None)
    with sqlite3.connect(home / "catalogue.sqlite") as database:
        database.execute("DROP TABLE variants")
        database.execute("UPDATE format SET schema = 3")
    database.close()
    again = store.open(home, as_=store.OPERATOR)
    assert again.variants() == []
    again.keep_variant("a", EDITS, exercise=False)
    assert [v.name for v in again.variants()] == ["a"]
