"""Small layers, and a store in a folder of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

import store
from layers.kinds import kind_of
from layers.schema import conform

KIND = kind_of("idp_sites")


def make_sites(people: dict[str, int | None]) -> gpd.GeoDataFrame:
    """IDP sites by id, each with its number of individuals."""
    table = pd.DataFrame(
        {
            "id": list(people),
            "population": pd.array(list(people.values()), dtype="Int64"),
            "src_remark": [f"remark on {name}" for name in people],
            "geometry": [shapely.Point(18 + number / 8, 4.25) for number in range(len(people))],
        }
    )
    return conform(table, KIND)


def make_publication(people: dict[str, int | None], **statements) -> store.Publication:
    """A layer "sites" as of one day."""
    given = {"layer": "sites", "kind": KIND, "source": "DTM", "as_of": date(2026, 11, 1), "by": "liaison"} | statements
    return store.Publication(frame=make_sites(people), **given)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def access(home: Path) -> store.Access:
    return store.open(home, as_=store.OPERATOR, clock=lambda: datetime(2026, 11, 12, 6, tzinfo=UTC))


@pytest.fixture
def sites() -> Callable[[dict[str, int | None]], gpd.GeoDataFrame]:
    return make_sites


@pytest.fixture
def publication() -> Callable[..., store.Publication]:
    return make_publication
