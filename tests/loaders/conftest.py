from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import store.access
from layers.kinds import kind_of
from layers.schema import conform
from loaders.ingest import IngestOptions, inspect, review
from loaders.raw import RawLayer, text_array
from loaders.recognise import recognise, with_choices
from loaders.sources import Look
from loaders.validate import validate
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


@pytest.fixture
def check():
    """Columns of text to what validation makes of them, without a file."""

    def checked(kind, columns, *, mapping=None, rows=None, spare=(), today=TODAY, **options):
        count = len(next(iter(columns.values())))
        numbers = np.arange(2, count + 2) if rows is None else np.array(rows)
        cells = [text_array(values) for values in columns.values()]
        raw = RawLayer("", tuple(columns), cells, numbers.astype(np.int64), spare=spare)
        look = Look(raw.columns, file="rows.csv")
        found = with_choices(look, kind_of(kind), recognise(look, kind).mapping, mapping or {})
        return validate(raw, kind_of(kind), found, name="rows.csv", look=look, today=today, **options)

    return checked


@pytest.fixture
def stored_frame():
    """A canonical frame as the store would give it."""

    def made(kind, geometry=None, **columns):
        count = len(next(iter(columns.values())))
        frame = pd.DataFrame(columns).assign(geometry=[None] * count if geometry is None else geometry)
        return conform(frame, kind_of(kind))

    return made
