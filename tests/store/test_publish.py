"""Publishing: versions, compare-and-swap, merging, rolling back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pandas as pd
import pytest

from layers.errors import StaleVersion, StoreError, UnknownLayer
from layers.hashing import content_hash
from layers.kinds import KINDS, kind_of
from layers.marking import Marking
from layers.schema import conform, empty
from store import OPERATOR, Publication, write_rows
from store import open as open_store


def test_what_is_published_comes_back_as_it_was(access, publication):
    given = publication({"a": 120, "b": None}, as_of=datetime(2026, 11, 1, 6, tzinfo=UTC), note="round 7")
    info = access.publish(given, base=None)
    dataset = access.load("sites")
    pd.testing.assert_frame_equal(pd.DataFrame(dataset.frame), pd.DataFrame(given.frame))
    assert dataset.frame.crs == given.frame.crs
    assert (dataset.ref, info.ref, info.rows, info.by, info.note) == ("sites@1", "sites@1", 2, "liaison", "round 7")
    assert dataset.as_of == given.as_of
    assert dataset.content_hash == content_hash(given.frame, given.kind)
    assert info.received_at == dataset.received_at == datetime(2026, 11, 12, 6, tzinfo=UTC)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)
def test_types_of_every_kind_survive_even_without_a_value(access, kind):
    frame = conform(pd.DataFrame({"id": ["x"]}), kind)
    access.publish(Publication("one", kind, frame, "us", date(2026, 1, 1)), base=None)
    access.publish(Publication("none", kind, empty(kind), "us", date(2026, 1, 1)), base=None)
    assert access.load("one").frame.dtypes.equals(frame.dtypes)
    assert access.load("none").frame.dtypes.equals(frame.dtypes)
    assert access.verify() == []


def test_versions_count_up_and_old_ones_stay(access, publication):
    for number in range(3):
        access.publish(publication({"a": number}), base=number or None)
    assert [info.version for info in access.versions("sites")] == [1, 2, 3]
    assert access.load("sites@1").frame["population"].tolist() == [0]
    assert access.load("sites").frame["population"].tolist() == [2]
    assert [info.ref for info in access.layers()] == ["sites@3"]


def test_a_stale_base_is_refused_and_says_both_versions(access, publication):
    access.publish(publication({"a": 1}), base=None)
    access.publish(publication({"a": 2}), base=1)
    with pytest.raises(StaleVersion, match=r"found version 2; expected version 1"):
        access.publish(publication({"a": 3}), base=1)
    with pytest.raises(StaleVersion, match=r"found version 2; expected a new layer"):
        access.publish(publication({"a": 3}), base=None)
    with pytest.raises(StaleVersion, match=r"found no layer of that name; expected version 4"):
        access.publish(publication({"a": 3}, layer="other"), base=4)
    assert access.info("sites").version == 2


def test_equal_content_makes_no_new_version(access, publication):
    first = access.publish(publication({"a": 1, "b": 2}), base=None)
    again = access.publish(publication({"b": 2, "a": 1} | {"a": 1}, note="sent again"), base=1)
    assert again.version == 2  # the places differ: sites() lays them out by order
    same = access.publish(publication({"b": 2, "a": 1}, note="sent again"), base=2)
    assert same == again
    assert first.version == 1
    assert len(access.audit()) == 2


@pytest.mark.parametrize(
    "statement",
    [{"source": "IOM"}, {"as_of": date(2026, 11, 2)}, {"marking": Marking.CONFIDENTIAL}, {"id_stable": False}],
    ids=str,
)
def test_equal_rows_with_another_statement_make_a_version(access, publication, statement):
    first = access.publish(publication({"a": 1}), base=None)
    second = access.publish(publication({"a": 1}, **statement), base=1)
    assert (second.version, second.content_hash) == (2, first.content_hash)


def test_publishing_equal_rows_mends_a_damaged_object(access, publication, home):
    access.publish(publication({"a": 1}), base=None)
    for stored in home.glob("objects/*/*.parquet"):
        stored.write_bytes(b"")
    access.publish(publication({"a": 1}), base=1)
    assert access.verify() == []


def test_merge_updates_by_id_and_keeps_the_rest(access, publication):
    access.publish(publication({"a": 1, "b": 2, "c": None}, marking=Marking.CONFIDENTIAL), base=None)
    info = access.publish(publication({"c": 3, "a": None, "d": 4}), base=1, merge=True)
    rows = access.load("sites").frame
    assert list(zip(rows["id"], rows["population"].astype(object), strict=True)) == [
        ("a", pd.NA), ("b", 2), ("c", 3), ("d", 4),
    ]  # fmt: skip
    assert info.marking is Marking.CONFIDENTIAL
    assert access.difference("sites@1", "sites").added == ("d",)


@pytest.mark.parametrize("merge", [False, True])
def test_a_publication_is_never_marked_lower_than_what_it_replaces(access, publication, merge):
    access.publish(publication({"a": 1}, marking=Marking.CONFIDENTIAL), base=None)
    info = access.publish(publication({"a": 2}, marking=Marking.UNCLASSIFIED), base=1, merge=merge)
    assert info.marking is access.info("sites").marking is Marking.CONFIDENTIAL
    assert access.publish(publication({"a": 2}), base=2).version == 2  # a lower marking alone is no change
    higher = access.publish(publication({"a": 2}, marking=Marking.STRICTLY_CONFIDENTIAL), base=2)
    assert higher.marking is Marking.STRICTLY_CONFIDENTIAL


def test_a_rehearsal_checks_and_keeps_nothing(access, publication, home):
    rehearsal = access.rehearsing()
    assert rehearsal.publish(publication({"a": 1}), base=None).ref == "sites@1"
    assert (access.layers(), access.audit(), list(home.glob("objects/*/*.parquet"))) == ([], [], [])
    access.publish(publication({"a": 1}), base=None)
    roads = Publication("sites", kind_of("roads"), empty(kind_of("roads")), "us", date(2026, 1, 1))
    for wrong in (publication({"a": 1}, layer="a@b"), publication({"a": 1}, exercise=True), roads):
        with pytest.raises(StoreError):
            rehearsal.publish(wrong, base=1)
    with pytest.raises(StaleVersion):
        rehearsal.publish(publication({"a": 2}), base=None)
    with pytest.raises(StoreError, match="row numbers"):
        rehearsal.publish(publication({"a": 2}, id_stable=False), base=1, merge=True)
    assert access.publish(publication({"a": 2}), base=1).version == 2  # the store itself still keeps


def test_merge_by_row_numbers_is_refused(access, publication):
    access.publish(publication({"1": 1}, id_stable=False), base=None)
    with pytest.raises(StoreError, match="row numbers"):
        access.publish(publication({"1": 2}, id_stable=False), base=1, merge=True)


def test_merge_into_nothing_is_a_publication(access, publication):
    assert access.publish(publication({"a": 1}), base=None, merge=True).version == 1


def test_rolling_back_is_a_new_number_with_the_old_hash(access, publication):
    first = access.publish(publication({"a": 1}), base=None)
    access.publish(publication({"a": 2}, marking=Marking.CONFIDENTIAL), base=1)
    back = access.roll_back("sites", 1, by="chief", note="wrong file")
    assert (back.version, back.content_hash, back.by, back.note) == (3, first.content_hash, "chief", "wrong file")
    assert back.marking is Marking.CONFIDENTIAL  # never lower than what it replaces
    assert access.load("sites").frame["population"].tolist() == [1]
    with pytest.raises(StoreError, match="the current one"):
        access.roll_back("sites", 3, by="chief", note="")
    with pytest.raises(UnknownLayer, match="no version 9"):
        access.roll_back("sites", 9, by="chief", note="")


def test_layers_stand_in_the_order_of_kinds_then_names(access):
    for kind_id, layer in (("roads", "a"), ("projects", "z"), ("incidents", "m"), ("projects", "b")):
        kind = kind_of(kind_id)
        access.publish(Publication(layer, kind, empty(kind), "us", date(2026, 1, 1)), base=None)
    assert [info.layer for info in access.layers()] == ["b", "z", "m", "a"]


HUGE = ["sites@99999999999999999999", "sites@" + "9" * 5000]


@pytest.mark.parametrize("ref", ["nowhere", "sites@9", "sites@0", "sites@x", "sites@-1", "@", "", "sites@", *HUGE])
def test_unknown_layers_are_refused_by_name(access, publication, ref):
    access.publish(publication({"a": 1}), base=None)
    for ask in (access.info, access.load):
        with pytest.raises(UnknownLayer) as refusal:
            ask(ref)
        assert all(refusal.value.as_dict().values())
    with pytest.raises(UnknownLayer):
        access.versions("nowhere")
    with pytest.raises(UnknownLayer):
        access.roll_back("sites", 10**30, by="chief", note="")


@pytest.mark.parametrize("name", ["", " ", "a@b", " a", "a\nb", "x" * 201, "a\0b"])
def test_names_that_could_not_be_written_are_refused(access, publication, name):
    with pytest.raises(StoreError, match="name of the layer"):
        access.publish(publication({"a": 1}, layer=name), base=None)


def test_a_layer_keeps_its_kind(access, publication):
    access.publish(publication({"a": 1}), base=None)
    kind = kind_of("roads")
    with pytest.raises(StoreError, match="kind idp_sites"):
        access.publish(Publication("sites", kind, empty(kind), "us", date(2026, 1, 1)), base=1)


def test_ids_that_stand_twice_are_refused(access, publication, sites):
    twice = pd.concat([sites({"a": 1}), sites({"a": 2})], ignore_index=True)
    with pytest.raises(StoreError, match="stand twice"):
        access.publish(Publication("sites", kind_of("idp_sites"), twice, "us", date(2026, 1, 1)), base=None)
    assert access.layers() == []


def test_a_store_that_is_opened_again_holds_the_same(access, publication, home):
    info = access.publish(publication({"a": 1}), base=None)
    again = open_store(home, as_=OPERATOR)
    assert again.info("sites") == info
    assert again.verify() == []


def test_rows_written_before_are_the_same_layer(access, publication, tmp_path):
    given = publication({"a": 120, "b": None})
    written = write_rows(given.frame, given.kind, "sites", tmp_path / "rows.parquet")
    plain, taken = (
        access.publish(given, base=None),
        access.publish(replace(given, frame=written, layer="taken"), base=None),
    )
    assert (plain.content_hash, plain.rows) == (taken.content_hash, taken.rows) == (written.content_hash, 2)
    pd.testing.assert_frame_equal(pd.DataFrame(access.load("taken").frame), pd.DataFrame(given.frame))
    assert access.verify() == []


def test_rows_that_changed_after_they_were_written_are_refused(access, publication, tmp_path):
    given = publication({"a": 120})
    written = write_rows(given.frame, given.kind, "sites", tmp_path / "rows.parquet")
    write_rows(publication({"a": 121}).frame, given.kind, "sites", tmp_path / "rows.parquet")
    with pytest.raises(StoreError, match="changed after the check"):
        access.publish(replace(given, frame=written), base=None)
    assert access.layers() == []
    assert access.verify() == []


def test_rows_written_before_merge_and_compare(access, publication, tmp_path):
    access.publish(publication({"a": 1, "b": 2}), base=None)
    given = publication({"b": 3})
    merging = replace(given, frame=write_rows(given.frame, given.kind, "sites", tmp_path / "rows.parquet"))
    assert access.compare("sites", merging, merge=True).changed == ("b",)
    access.publish(merging, base=1, merge=True)
    assert access.load("sites").frame["population"].tolist() == [1, 3]
