"""Ratings: kept with their reason and history, sealed in the audit, refused where they could not hold."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from datetime import date

import geopandas as gpd
import pytest
import shapely

import store
from layers.errors import StoreError, UnknownLayer
from layers.kinds import kind_of
from layers.rating import in_force
from layers.schema import conform


def activities(*ids, **statements):
    kind = kind_of("projects")
    frame = conform(gpd.GeoDataFrame({"id": list(ids)}, geometry=[shapely.Point(18, 4)] * len(ids)), kind)
    given = {"layer": "plans", "kind": kind, "source": "t", "as_of": date(2026, 11, 1), "by": "t"} | statements
    return store.Publication(frame=frame, **given)


@pytest.fixture
def plans(access):
    access.publish(activities("A", "B"), base=None)
    return access


def test_the_last_rating_holds_and_history_stays(plans, home):
    plans.rate("plans", "A", impact=4, reason="school beside it", by="G9")
    plans.rate("plans", "B", likelihood=2, impact=1, reason="short visit")
    plans.rate("plans", "A", impact=2, reason="  moved to a weekend ", by="G9")
    history = store.open(home, as_=store.OPERATOR).ratings("plans")
    assert [(r.record, r.likelihood, r.impact, r.reason, r.by) for r in history] == [
        ("A", None, 4, "school beside it", "G9"),
        ("B", 2, 1, "short visit", plans.principal.name),
        ("A", None, 2, "moved to a weekend", "G9"),
    ]
    assert {record: rating.impact for record, rating in in_force(history).items()} == {"A": 2, "B": 1}
    plans.rate("plans", "A", reason="activity changed")
    assert set(in_force(plans.ratings("plans"))) == {"B"}
    assert len(plans.ratings("plans")) == 4


def test_each_rating_has_its_audit_row(plans):
    plans.rate("plans", "A", impact=4, reason="school beside it", by="G9")
    row = plans.audit()[-1]
    assert (row.action, row.layer, row.version, row.by) == ("rate", "plans", 1, "G9")
    assert row.note == "A: school beside it"
    assert '"impact": 4' in row.statements
    assert plans.verify() == []


def test_a_rating_outlives_the_version_it_was_given_on(plans):
    plans.rate("plans", "A", impact=4, reason="why")
    plans.publish(activities("A", "C"), base=1)
    assert in_force(plans.ratings("plans"))["A"].impact == 4


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"reason": "  "}, "no reason"),
        ({"impact": 6}, "class from 1"),
        ({"impact": 0}, "class from 1"),
        ({"likelihood": -1}, "class from 1"),
        ({"record": "Z"}, "no such record"),
    ],
)
def test_what_could_not_hold_is_refused_and_leaves_no_trace(plans, change, words):
    given = {"record": "A", "impact": 3, "reason": "why"} | change
    with pytest.raises(StoreError, match=words):
        plans.rate("plans", given.pop("record"), **given)
    assert plans.ratings("plans") == []
    assert [row.action for row in plans.audit()] == ["publish"]


def test_a_record_withdrawn_while_the_rating_waits_its_turn_is_refused(plans, home, monkeypatch):
    """Whether the record is there is looked up when nobody else can publish any more."""
    catalogue, writing = plans._catalogue, plans._catalogue.writing
    other = store.open(home, as_=store.OPERATOR)

    @contextmanager
    def late():
        other.publish(activities("B"), base=1)
        with writing() as connection:
            yield connection

    monkeypatch.setattr(catalogue, "writing", late)
    with pytest.raises(StoreError, match="no such record"):
        plans.rate("plans", "A", impact=4, reason="why")
    assert plans.ratings("plans") == []


def test_unstable_ids_other_kinds_and_unknown_layers_are_refused(access, publication):
    access.publish(activities("1", id_stable=False), base=None)
    access.publish(publication({"A": 1}), base=None)
    with pytest.raises(StoreError, match="row numbers"):
        access.rate("plans", "1", impact=3, reason="why")
    with pytest.raises(StoreError, match="kind idp_sites"):
        access.rate("sites", "A", impact=3, reason="why")
    with pytest.raises(UnknownLayer):
        access.rate("nowhere", "A", impact=3, reason="why")
    with pytest.raises(UnknownLayer):
        access.ratings("nowhere")


def by_hand(home, *statements):
    with closing(sqlite3.connect(home / "catalogue.sqlite")) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def test_ratings_are_never_changed(plans, home):
    plans.rate("plans", "A", impact=4, reason="why")
    for statement in ("UPDATE ratings SET impact = 1", "DELETE FROM ratings"):
        with pytest.raises(sqlite3.IntegrityError, match="ratings"):
            by_hand(home, statement)
    by_hand(home, "DROP TRIGGER ratings_no_update", "UPDATE ratings SET impact = 1")
    assert [(d.layer, d.problem) for d in plans.verify()] == [("plans", "statements")]


def test_the_scenario_takes_its_ratings_along(access):
    access.publish(activities("A", exercise=True), base=None)
    access.rate("plans", "A", impact=4, reason="why")
    access.remove_exercise(by="t")
    assert access.verify() == []
    access.publish(activities("A", exercise=True), base=None)
    assert access.ratings("plans") == []
    access.rate("plans", "A", impact=2, reason="again")
    assert access.verify() == []


def test_an_older_catalogue_learns_to_rate(plans, home):
    by_hand(home, "DROP TABLE ratings", "UPDATE format SET schema = 3")
    again = store.open(home, as_=store.OPERATOR)
    again.rate("plans", "A", impact=4, reason="why")
    assert in_force(again.ratings("plans"))["A"].impact == 4
    with pytest.raises(sqlite3.IntegrityError, match="never changed"):
        by_hand(home, "UPDATE ratings SET impact = 1")
