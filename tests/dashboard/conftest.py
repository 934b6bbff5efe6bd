"""A store with the sample, and the dashboard pointed at a store."""

from __future__ import annotations

from pathlib import Path

import pytest
from pages import load

from dashboard import cache
from layers.settings import PROJECT


@pytest.fixture(scope="module")
def sample_store(tmp_path_factory) -> Path:
    home = tmp_path_factory.mktemp("sample")
    load(home, *sorted((PROJECT / "data" / "sample").glob("*.geojson")))
    return home


@pytest.fixture
def at(monkeypatch):
    """Point the dashboard at a store, with every cache empty."""

    def point(home: Path) -> None:
        monkeypatch.setenv("OVERLAY_HOME", str(home))
        cache.forget_all()

    return point
