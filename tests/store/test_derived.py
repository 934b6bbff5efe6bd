"""What is worked out of a version: made once, kept beside it, gone with it, made again when damaged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import store
from analysis.places import places_of

ARRAYS = {"numbers": np.arange(5), "shares": np.linspace(0, 1, 3)}


class Made:
    """Counts how often it is asked to make the arrays."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> dict[str, np.ndarray]:
        self.times += 1
        return ARRAYS


@pytest.fixture
def make() -> Made:
    return Made()


def kept_files(home: Path) -> list[Path]:
    return sorted(home.glob("derived/*/*"))


def derived(access, make):
    found = access.load("sites").derived("numbers-1", make)
    assert found.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(found[name], array)


def test_made_once_for_all_who_open_the_store(access, publication, home, make):
    access.publish(publication({"a": 1}), base=None)
    derived(access, make)
    derived(access, make)
    derived(store.open(home, as_=store.OPERATOR), make)
    assert make.times == 1
    assert len(kept_files(home)) == 1


@pytest.mark.parametrize("harm", ["cut", "changed", "emptied", "renamed", "gone"])
def test_what_is_damaged_is_made_again(access, publication, home, make, harm):
    access.publish(publication({"a": 1}), base=None)
    derived(access, make)
    (file,) = kept_files(home)
    whole = file.read_bytes()
    match harm:
        case "cut":
            file.write_bytes(whole[:-10])
        case "changed":
            file.write_bytes(whole[:200] + bytes([whole[200] ^ 1]) + whole[201:])
        case "emptied":
            file.write_bytes(b"")
        case "renamed":
            file.rename(file.with_name(f"numbers-1-{'0' * 64}.npz"))
        case "gone":
            file.unlink()
    derived(access, make)
    derived(access, make)
    assert make.times == 2
    assert len(kept_files(home)) == 1


def test_other_rows_have_arrays_of_their_own(access, publication, home, make):
    access.publish(publication({"a": 1}), base=None)
    derived(access, make)
    access.publish(publication({"a": 2}), base=1)
    derived(access, make)
    assert make.times == 2
    assert access.load("sites@1").derived("numbers-1", make).keys() == ARRAYS.keys()
    assert make.times == 2


def test_goes_with_the_version(access, publication, home, make):
    access.publish(publication({"a": 1}, exercise=True), base=None)
    late = access.load("sites").derived
    derived(access, make)
    access.remove_exercise(by="chief")
    assert kept_files(home) == []
    late("numbers-1", make)  # somebody who loaded it before asks once more
    assert kept_files(home) == []


def test_what_a_killed_removal_left_is_swept(access, publication, home, make):
    access.publish(publication({"a": 1}), base=None)
    derived(access, make)
    (home / "derived" / ("0" * 64)).mkdir()
    store.open(home, as_=store.OPERATOR)
    assert [p.name for p in (home / "derived").iterdir()] == [kept_files(home)[0].parent.name]


def test_a_disk_that_takes_nothing_loses_nothing(access, publication, home, make):
    access.publish(publication({"a": 1}), base=None)
    (home / "derived").write_text("a file where the folder should be")
    derived(access, make)
    derived(access, make)
    assert make.times == 2


def test_some_columns_or_other_rows_keep_nothing(access, publication, home, make):
    access.publish(publication({"a": 1, "b": 2}), base=None)
    whole = access.load("sites")
    whole.with_frame(whole.frame.iloc[:1]).derived("numbers-1", make)
    access.load("sites", columns=("id",)).derived("numbers-1", make)
    assert make.times == 2
    assert kept_files(home) == []


def test_the_index_of_places_is_kept_and_not_believed_blindly(access, publication, home):
    access.publish(publication(dict.fromkeys("abcdef", 1)), base=None)
    made = places_of(access.load("sites")).index
    (file,) = kept_files(home)
    written = file.stat().st_mtime_ns
    again = places_of(access.load("sites")).index
    assert file.stat().st_mtime_ns == written
    assert "grid" in vars(again)
    assert again.within([18.0], [4.25], 20_000)[0].tolist() == made.within([18.0], [4.25], 20_000)[0].tolist() == [[2]]
    other = access.load("sites")
    moved = other.frame.set_geometry(other.frame.geometry.translate(1.0))
    lied_to = type(other)(**{**vars(other), "frame": moved})  # as if other rows came with the same handle
    assert places_of(lied_to).index.within([19.0], [4.25], 20_000)[0].tolist() == [[2]]
