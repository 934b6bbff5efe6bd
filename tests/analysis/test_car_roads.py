"""Ways along the road links of the Central African Republic (FLEE), through the loaders, against Floyd-Warshall."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.sparse.csgraph import floyd_warshall

import store.access
from analysis import COVERAGE
from analysis.method import run_method
from layers.geodesy import GEOD
from layers.settings import Settings
from loaders.ingest import IngestOptions, inspect, publish, review
from store.records import Principal
from tests.analysis.worlds import layer

CAR = Path(__file__).resolve().parents[2] / "../shared/real/central-african-republic"
TODAY = date(2026, 11, 20)
CLINICS = ("Bangui", "Bossangoa", "Bambari", "Berberati")
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not CAR.exists(), reason="no published data beside the project"),
]


@pytest.fixture(scope="module")
def layers(tmp_path_factory):
    access = store.access.open(tmp_path_factory.mktemp("car"), as_=Principal("tester", frozenset({"operator"})))
    for file in ("settlements_flee.csv", "roads_flee.csv"):
        for draft in inspect(CAR / file, access, IngestOptions()):
            publish(draft, access, review(draft, access, today=TODAY), base=None, by="tester", note="")
    towns = access.load("settlements_flee")
    at = towns.frame.set_index("name").geometry
    clinics = [{"id": name, "name": name, "facility_type": "clinic", "geometry": at[name]} for name in CLINICS]
    services = layer("facilities", clinics, exercise=False)
    return {"demand": towns, "services": services, "roads": access.load("roads_flee")}


def test_ways_equal_floyd_warshall_over_the_links(layers):
    result = run_method(
        COVERAGE, layers, {"radius_km": 200, "measure": "road"}, as_of=TODAY, settings=Settings(), today=TODAY
    )
    at = {name: (p.x, p.y) for name, p in layers["demand"].frame.set_index("name").geometry.items()}
    links = pd.read_csv(CAR / "roads_flee.csv")
    links.columns = [c.strip('#"') for c in links.columns]
    links = links[links["name1"].isin(at) & links["name2"].isin(at)]
    names = sorted({*links["name1"], *links["name2"]})
    table = np.full((len(names),) * 2, np.inf)
    for one, other in zip(links["name1"], links["name2"], strict=True):
        i, j = names.index(one), names.index(other)
        table[i, j] = table[j, i] = GEOD.inv(*at[one], *at[other])[2]
    truth = floyd_warshall(table)[:, [names.index(c) for c in CLINICS]].min(axis=1)
    rows = result.rows.set_index("name")
    for name, metres in zip(names, truth, strict=True):
        found = rows.loc[name, "road_m"]
        assert pd.isna(found) == np.isinf(metres)
        if np.isfinite(metres):
            # A link is straight in longitude and latitude, a little longer than the geodesic.
            assert found == pytest.approx(metres, rel=1e-4, abs=1)
            assert rows.loc[name, "covered"] == (found <= 200_000)
    assert np.isfinite(truth).sum() > 40
    assert result.summary["unreachable_points"] == np.isinf(truth).sum()
    assert any("straight links between named places" in limit for limit in result.limits)
