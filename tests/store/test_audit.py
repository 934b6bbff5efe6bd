"""The audit: written with the change, sealed, unchangeable."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import text

from layers.errors import StaleVersion, StoreError
from layers.marking import Marking


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
    assert [damage.problem for damage in published.verify()] == ["audit"]


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
