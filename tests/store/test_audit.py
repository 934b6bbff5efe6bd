"""The audit: written with the change, sealed, unchangeable."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import text

import store
from layers.errors import StaleVersion, StoreError
from layers.marking import Marking
from store.audit import FIRST


@pytest.fixture
def published(access, publication):
    access.publish(publication({"a": 1}, note="first"), base=None)
    access.publish(publication({"a": 2}), base=1)
    access.roll_back("sites", 1, by="chief", note="wrong file")
    return access


def test_every_change_has_a_row_sealed_with_the_one_before(published):
    rows = published.audit()
    assert [(row.number, row.action, row.version, row.by) for row in rows] == [
        (1, "publish", 1, "liaison"),
        (2, "publish", 2, "liaison"),
        (3, "roll_back", 3, "chief"),
    ]
    assert [row.previous for row in rows[1:]] == [row.hash for row in rows[:-1]]
    assert all(row.hash == row.sealed for row in rows)
    assert {row.principal for row in rows} == {published.principal.name}


def change_by_hand(home, statement):
    with closing(sqlite3.connect(home / "catalogue.sqlite")) as connection:
        for table in ("versions_no_update", "versions_no_delete", "layers_no_update"):
            connection.execute(f"DROP TRIGGER {table}")
        connection.execute(statement)
        connection.commit()


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ("marking = 'UNCLASSIFIED'", "marking is 'UNCLASSIFIED', was written as 'CONFIDENTIAL'"),
        ("rows = 7", "rows is 7, was written as 1"),
        ("as_of = '2025-01-01'", "as_of is '2025-01-01', was written as '2026-11-01'"),
        ("source = 'nobody'", "source is 'nobody', was written as 'DTM'"),
        ("redistribution = 1", "sharing is"),
    ],
)
def test_a_statement_changed_by_hand_is_found(access, publication, home, change, detail):
    access.publish(publication({"a": 1}, marking=Marking.CONFIDENTIAL), base=None)
    assert access.verify() == []
    change_by_hand(home, f"UPDATE versions SET {change}")  # noqa: S608
    (damage,) = access.verify()
    assert (damage.layer, damage.version, damage.problem) == ("sites", 1, "statements")
    assert detail in damage.detail


def test_a_layer_moved_to_the_other_world_by_hand_is_found(access, publication, home):
    access.publish(publication({"a": 1}), base=None)
    change_by_hand(home, "UPDATE layers SET exercise = 1")
    assert [damage.problem for damage in access.verify()] == ["statements"]


def test_a_version_deleted_by_hand_is_found(published, home):
    change_by_hand(home, "DELETE FROM versions WHERE version = 2")
    assert [(damage.version, damage.problem) for damage in published.verify()] == [(2, "statements")]


@pytest.mark.parametrize("change", ["marking = 'SECRET'", "as_of = 'soon'"])
def test_a_statement_that_cannot_be_read_is_said(published, home, change):
    change_by_hand(home, f"UPDATE versions SET {change}")  # noqa: S608
    with pytest.raises(StoreError, match=r"sites@\d: found a statement that cannot be read.*backup"):
        published.verify()


def test_a_removed_exercise_is_no_damage(access, publication):
    access.publish(publication({"a": 1}, exercise=True), base=None)
    access.remove_exercise(by="chief")
    access.publish(publication({"b": 1}, exercise=True, note="again"), base=None)
    assert access.verify() == []


def test_a_catalogue_of_form_1_is_brought_up(access, publication, home):
    with closing(sqlite3.connect(home / "catalogue.sqlite")) as connection:
        connection.execute("ALTER TABLE audit DROP COLUMN statements")
        connection.execute("UPDATE format SET schema = 1")
        connection.commit()
    again = store.open(home, as_=store.OPERATOR)
    again.publish(publication({"a": 1}), base=None)
    assert store.open(home, as_=store.OPERATOR).verify() == []


def test_rows_sealed_without_statements_stay_sealed():
    """The seal of form 1 covered the other cells only."""
    row = store.AuditRow(1, "2026-01-01T00:00:00+00:00", "me", "me", "publish", "sites", 1, "0", "", "", FIRST, "")
    assert row.sealed == "f4b191a521392199bf76740b1f61b6e9b4212c2d3bbd84d61c6521b3fc24de76"


@pytest.mark.parametrize("statement", ["UPDATE audit SET by = 'nobody'", "DELETE FROM audit WHERE number = 3"])
def test_rows_cannot_be_changed_or_deleted(published, statement):
    before = published.audit()
    with pytest.raises(StoreError, match="audit rows are never"), published._catalogue.writing() as connection:
        connection.execute(text(statement))
    assert published.audit() == before


def test_a_row_changed_behind_the_triggers_is_found(published, home):
    with closing(sqlite3.connect(home / "catalogue.sqlite")) as connection:
        connection.execute("DROP TRIGGER audit_no_update")
        connection.execute("UPDATE audit SET by = 'nobody' WHERE number = 2")
        connection.commit()
    damages = published.verify()
    assert [(damage.problem, damage.version) for damage in damages] == [("audit", 2)]


def test_a_row_cut_out_is_found(published, home):
    with closing(sqlite3.connect(home / "catalogue.sqlite")) as connection:
        connection.execute("DROP TRIGGER audit_no_delete")
        connection.execute("DELETE FROM audit WHERE number = 2")
        connection.commit()
    assert [(damage.problem, damage.version) for damage in published.verify()] == [("statements", 2), ("audit", 3)]


def test_a_refused_change_leaves_no_row(published, publication):
    with pytest.raises(StaleVersion):
        published.publish(publication({"a": 9}), base=1)
    assert len(published.audit()) == 3


def test_reading_what_is_sensitive_is_noted(access, publication):
    access.publish(publication({"a": 1}, layer="open"), base=None)
    access.publish(publication({"a": 1}, layer="closed", marking=Marking.CONFIDENTIAL), base=None)
    exercise = {"marking": Marking.CONFIDENTIAL, "exercise": True}
    access.publish(publication({"a": 1}, layer="fiction", **exercise), base=None)
    for layer in ("open", "closed", "fiction"):
        access.load(layer)
    assert [row.layer for row in access.audit() if row.action == "read"] == ["closed"]
