from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

import store.access
from loaders.ingest import IngestOptions, inspect, review
from store.records import Principal

REAL = Path(__file__).resolve().parents[2].parent / "shared" / "real"
TODAY = date(2026, 11, 20)


@pytest.fixture
def access(tmp_path):
    """A store of its own."""
    return store.access.open(tmp_path / "home", as_=Principal("tester", frozenset({"operator"})))


@pytest.fixture
def real():
    """The published data, where they are."""
    if not REAL.is_dir():
        pytest.skip("the published data are not in ../shared/real")
    return REAL


@pytest.fixture
def take(access):
    """A file all the way to its review; one layer expected."""

    def taken(path, **options):
        drafts = inspect(path, access, IngestOptions(**options))
        assert len(drafts) == 1
        return review(drafts[0], access, today=TODAY)

    return taken


@pytest.fixture
def write(tmp_path):
    """Text, bytes or features as a file of this name."""

    def written(name, content):
        path = tmp_path / name
        if isinstance(content, list):
            content = json.dumps({"type": "FeatureCollection", "features": content})
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return written


@pytest.fixture
def feature():
    """A GeoJSON feature."""

    def made(kind, coordinates, **properties):
        geometry = None if kind is None else {"type": kind, "coordinates": coordinates}
        return {"type": "Feature", "properties": properties, "geometry": geometry}

    return made
