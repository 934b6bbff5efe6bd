"""How files of a shape were understood is remembered when they are published."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import store
from tests.store.conftest import make_publication

KNOWN = store.Shape("a" * 64, "", "dtm sites", False, "idp_sites", "sites", {"Site": "name", "Remark": ""})


def found(access, stem="dtm sites", **changed):
    asked = {"shape": KNOWN.shape, "reading": "", "exercise": False} | changed
    return access.shape_like(asked["shape"], reading=asked["reading"], stem=stem, exercise=asked["exercise"])


def test_what_was_published_is_remembered(access):
    assert found(access) is None
    access.publish(make_publication({"A": 1}, shape=KNOWN), base=None)
    assert found(access) == KNOWN
    assert found(access, stem="another file") == KNOWN
    assert found(access, exercise=True) is None
    assert found(access, reading="flows") is None
    assert found(access, shape="b" * 64) is None


def test_the_same_name_comes_before_the_latest(access):
    other = replace(KNOWN, stem="other sites", layer="others")
    access.publish(make_publication({"A": 1}, shape=KNOWN), base=None)
    access.publish(make_publication({"A": 1}, shape=other, layer="others"), base=None)
    assert found(access, stem="dtm sites").layer == "sites"
    assert found(access, stem="other sites").layer == "others"


def test_a_refused_or_rehearsed_publication_teaches_nothing(access):
    access.rehearsing().publish(make_publication({"A": 1}, shape=KNOWN), base=None)
    assert found(access) is None


def test_an_older_catalogue_learns_to_remember(access, home):
    access.publish(make_publication({"A": 1}), base=None)
    with sqlite3.connect(home / "catalogue.sqlite") as database:
        database.execute("DROP TABLE shapes")
        database.execute("UPDATE format SET schema = 2")
    database.close()
    again = store.open(home, as_=store.OPERATOR)
    assert found(again) is None
    again.publish(make_publication({"A": 2}, shape=KNOWN), base=1)
    assert found(again) == KNOWN


def test_the_scenario_takes_its_shapes_along(access):
    access.publish(make_publication({"A": 1}, shape=replace(KNOWN, exercise=True), exercise=True), base=None)
    assert found(access, exercise=True) is not None
    access.remove_exercise(by="t")
    assert found(access, exercise=True) is None
