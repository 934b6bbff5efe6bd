"""Exercise and real never meet; the scenario can be taken away."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from layers.errors import StoreError


@pytest.mark.parametrize("first", [True, False])
def test_worlds_do_not_share_a_name(access, publication, first):
    access.publish(publication({"a": 1}, exercise=first), base=None)
    with pytest.raises(StoreError, match=r'"sites": found an? (real|exercise) layer under the name of an? (real|exe)'):
        access.publish(publication({"a": 2}, exercise=not first), base=1)
    assert [info.exercise for info in access.versions("sites")] == [first]


def test_removing_the_exercise_leaves_the_real(access, publication, home):
    access.publish(publication({"a": 1}, layer="real"), base=None)
    access.publish(publication({"a": 1}, layer="fiction", exercise=True), base=None)
    access.publish(publication({"a": 2}, layer="fiction", exercise=True), base=1)
    assert [info.layer for info in access.layers(exercise=True)] == ["fiction"]
    assert access.remove_exercise(by="chief") == ["fiction"]
    assert [info.layer for info in access.layers()] == ["real"]
    assert len(list(home.glob("objects/*/*.parquet"))) == 1  # the rows that both held stay
    assert access.verify() == []
    assert [row.action for row in access.audit()] == ["publish", "publish", "publish", "remove_exercise"]
    assert access.remove_exercise(by="chief") == []
    assert access.publish(publication({"a": 1}, layer="fiction", exercise=True), base=None).version == 1


def test_the_catalogue_itself_refuses_to_delete_real_versions(access, publication):
    access.publish(publication({"a": 1}), base=None)
    with pytest.raises(StoreError, match="never deleted"), access._catalogue.writing() as connection:
        connection.execute(text("DELETE FROM versions"))
    with pytest.raises(StoreError, match="keeps its kind and its world"), access._catalogue.writing() as connection:
        connection.execute(text("UPDATE layers SET exercise = 1"))
    assert len(access.versions("sites")) == 1
