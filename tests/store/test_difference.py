"""What changed from one version to another."""

from __future__ import annotations

import pytest

from layers.errors import StoreError
from store import Difference


def test_added_changed_withdrawn(access, publication):
    access.publish(publication({"a": 1, "b": 2, "c": None, "d": 4}), base=None)
    access.publish(publication({"a": 1, "b": None, "c": 0, "e": 4}), base=1)
    assert access.difference("sites@1", "sites@2") == Difference(("e",), ("b", "c"), ("d",))
    assert not access.difference("sites@2", "sites")


def test_a_moved_place_and_a_new_attribute_are_changes(access, publication, sites):
    access.publish(publication({"a": 1, "b": 2}), base=None)
    moved = sites({"a": 1, "b": 2})
    moved.geometry = moved.geometry.translate(0.5)
    moved.loc[0, "geometry"] = sites({"a": 1}).geometry[0]
    change = publication({"a": 1, "b": 2})
    object.__setattr__(change, "frame", moved.assign(src_new=[None, None]))
    access.publish(change, base=1)
    assert access.difference("sites@1", "sites@2").changed == ("b",)


def test_row_numbers_differ_by_content_only(access, publication):
    people = {"1": 5, "2": 6, "3": 7}
    access.publish(publication(people, id_stable=False), base=None)
    shifted = publication({"1": 4, "2": 5, "3": 6, "4": 7}, id_stable=False)
    for name, place in (("src_remark", "same"), ("geometry", shifted.frame.geometry[0])):
        shifted.frame[name] = place
    access.publish(shifted, base=1)
    access.publish(publication({"1": 4}, id_stable=False), base=2)
    found = access.difference("sites@2", "sites@2")
    assert not found
    result = access.difference("sites@1", "sites@3")
    assert (result.added, result.changed, result.withdrawn) == (("1",), (), ("1", "2", "3"))


def test_different_kinds_are_not_compared(access, publication):
    from datetime import date

    from layers.kinds import kind_of
    from layers.schema import empty
    from store import Publication

    access.publish(publication({"a": 1}), base=None)
    access.publish(Publication("roads", kind_of("roads"), empty(kind_of("roads")), "us", date(2026, 1, 1)), base=None)
    with pytest.raises(StoreError, match="two layers of one kind"):
        access.difference("sites", "roads")
