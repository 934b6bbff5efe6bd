"""What is wrong on the disk is said, with a remedy, and never spreads."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

import store
from layers.errors import AccessDenied, StoreError


def stored(home: Path) -> list[Path]:
    return sorted(home.glob("objects/*/*.parquet"), key=lambda path: path.stat().st_mtime_ns)


def test_verify_names_missing_torn_and_changed_objects(access, publication, home):
    for number in range(4):
        access.publish(publication({"a": number}), base=number or None)
    first, second, third, _ = stored(home)
    first.unlink()
    second.write_bytes(second.read_bytes()[:-40])
    third.write_bytes(first.name.encode())
    assert {(damage.version, damage.problem) for damage in access.verify()} == {
        (1, "missing"), (2, "torn"), (3, "torn"),
    }  # fmt: skip
    for ref in ("sites@1", "sites@2", "sites@3"):
        with pytest.raises(StoreError, match="restore this file from a backup"):
            access.load(ref)
        with pytest.raises(StoreError):
            access.roll_back("sites", int(ref[-1]), by="x", note="")
    assert access.load("sites@4").frame["population"].tolist() == [3]


def test_verify_names_rows_that_are_not_those_recorded(access, publication, sites, home):
    """Somebody exchanged an object and renamed it after its new bytes, in the catalogue too."""
    import sqlite3
    from contextlib import closing

    access.publish(publication({"a": 1}), base=None)
    with access._objects.writing():
        other = access._objects.put(sites({"a": 999}))
    with closing(sqlite3.connect(home / "catalogue.sqlite")) as connection:
        connection.execute("DROP TRIGGER versions_no_update")
        connection.execute("UPDATE versions SET object = ?", [other])
        connection.commit()
    assert [damage.problem for damage in access.verify()] == ["differs"]


def test_temporary_files_of_killed_writers_are_swept(access, publication, home):
    left = home / "objects" / "incoming" / "dead.parquet"
    left.write_bytes(b"half")
    with access._objects.writing():
        store.open(home, as_=store.OPERATOR)
        assert left.exists()  # somebody is writing: hands off
    store.open(home, as_=store.OPERATOR)
    assert not left.exists()


def test_an_object_of_a_killed_publish_is_swept(access, publication, sites, home):
    access.publish(publication({"a": 1}), base=None)
    (known,) = stored(home)
    with access._objects.writing():
        access._objects.put(sites({"a": 2}))  # and then the process is killed
        store.open(home, as_=store.OPERATOR)
        assert len(stored(home)) == 2  # somebody is writing: hands off
    again = store.open(home, as_=store.OPERATOR)
    assert stored(home) == [known]
    assert list((home / "objects" / "incoming").iterdir()) == []
    assert again.verify() == []


def test_an_object_that_is_also_of_another_version_is_not_swept(access, publication, home):
    given = publication({"a": 1})
    access.publish(given, base=None)
    with access._objects.writing():
        access._objects.put(given.frame)
    assert store.open(home, as_=store.OPERATOR).verify() == []


def test_a_lost_catalogue_takes_no_object_with_it(access, publication, home):
    access.publish(publication({"a": 1}), base=None)
    for file in home.glob("catalogue.sqlite*"):
        file.unlink()
    store.open(home, as_=store.OPERATOR)
    assert len(stored(home)) == 1  # the catalogue of the backup will ask for it


def test_a_full_disk_is_said_and_harms_nothing(access, publication, home, monkeypatch):
    access.publish(publication({"a": 1}), base=None)

    def full(*_args: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("store.objects.os.fsync", full)
    with pytest.raises(StoreError, match="no space left") as refusal:
        access.publish(publication({"a": 2}), base=1)
    monkeypatch.undo()
    assert "Free some space" in refusal.value.remedy
    assert access.load("sites").version == 1
    assert access.verify() == []
    assert list((home / "objects" / "incoming").iterdir()) == []


def test_a_home_that_is_a_file_is_said(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="OVERLAY_HOME"):
        store.open(tmp_path / "file", as_=store.OPERATOR)


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_home_that_cannot_be_written_is_said(tmp_path):
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(StoreError, match="permission denied"):
            store.open(tmp_path / "home", as_=store.OPERATOR)
    finally:
        tmp_path.chmod(0o700)


def test_a_home_on_a_read_only_place_is_said():
    with pytest.raises(StoreError, match=r"OVERLAY_HOME to another folder"):
        store.open(Path("/proc/overlay"), as_=store.OPERATOR)


@pytest.mark.parametrize(
    "content", [b"this is no database, though it is long enough to be read" * 4, b"SQLite format 3\0"]
)
def test_a_catalogue_that_is_none_is_said(home, content):
    home.mkdir()
    (home / "catalogue.sqlite").write_bytes(content)
    with pytest.raises(StoreError, match="backup"):
        store.open(home, as_=store.OPERATOR)


def test_a_catalogue_from_the_future_is_said(access, home):
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(home / "catalogue.sqlite")) as connection:
        connection.execute("UPDATE format SET schema = 99")
        connection.commit()
    with pytest.raises(StoreError, match="form 99"):
        store.open(home, as_=store.OPERATOR)


def test_nobody_without_a_role_gets_in(home):
    with pytest.raises(AccessDenied, match="bob"):
        store.open(home, as_=store.Principal("bob", frozenset({"viewer"})))
    assert not home.exists()


def test_a_new_home_is_for_its_owner_alone(access, home):
    assert home.stat().st_mode & 0o077 == 0
    assert access.drafts().is_dir()
