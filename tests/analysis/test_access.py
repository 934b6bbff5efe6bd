"""Access score: against the PyPI package, by hand, and with what is not known."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from analysis.access import Zones, two_step
from analysis.proximity import Pairs
from layers.errors import WrongParameter
from layers.geodesy import GEOD
from tests.analysis.test_coverage import facility, project, row, run, site
from tests.analysis.test_road_network import road
from tests.analysis.test_road_network import run as run_by_road
from tests.analysis.worlds import scattered

ZONES = "2:1, 8:0.68, 20:0.22"


def by_package(apart_km, people, supply, zones):
    """The scores of PyPI `access`; distances shape (places, services)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from access import Access, weights

        origin, dest = (v.ravel() for v in np.indices(apart_km.shape))
        costs = pd.DataFrame({"origin": origin, "dest": dest, "cost": apart_km.ravel()})
        model = Access(
            demand_df=pd.DataFrame({"id": range(len(people)), "pop": people}),
            demand_index="id",
            demand_value="pop",
            supply_df=pd.DataFrame({"id": range(len(supply)), "amount": supply}),
            supply_index="id",
            supply_value="amount",
            cost_df=costs[costs["cost"] <= max(zones)],
            cost_origin="origin",
            cost_dest="dest",
            cost_name="cost",
        )
        found = model.enhanced_two_stage_fca(name="s", weight_fn=weights.step_fn(zones), max_cost=max(zones))
    return found["s_amount"].reindex(range(len(people))).fillna(0).to_numpy()


@pytest.mark.parametrize("seed", range(20))
def test_it_equals_the_access_package(seed):
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(5, 60)), int(rng.integers(2, 20))
    apart_km = rng.uniform(0, 30, (n, m))
    people, supply = rng.integers(1, 5000, n).astype(float), rng.integers(1, 90, m).astype(float)
    zones = Zones.read("test", "10:1, 20:0.68, 25:0.22")
    left, right = np.nonzero(apart_km <= 25)
    pairs = Pairs(left, right, 1000 * apart_km[left, right])
    weight = zones.weight(pairs.distance_m, np.full(len(left), 9.0))
    assert two_step(pairs, weight, people, supply) == pytest.approx(
        by_package(apart_km, people, supply, {10: 1, 20: 0.68, 25: 0.22}), rel=1e-12
    )


@pytest.mark.parametrize("seed", range(3))
def test_a_run_equals_the_access_package_on_places(seed):
    at, spots = scattered(seed, 40, spread=0.1), scattered(seed + 9, 8, spread=0.1)
    beds = [10 + 7 * i for i in range(8)]
    demand = [site(i, p, 100 + 13 * i) for i, p in enumerate(at)]
    clinics = [facility(i, "clinic", at=p, capacity=b) for i, (p, b) in enumerate(zip(spots, beds, strict=True))]
    result = run(demand, clinics, kinds=("idp_sites", "facilities"), access_zones=ZONES)
    apart = np.array([[GEOD.inv(*p, *s)[2] / 1000 for s in spots] for p in at])
    truth = 10_000 * by_package(apart, [100 + 13 * i for i in range(40)], beds, {2: 1, 8: 0.68, 20: 0.22})
    found = [row(result, f"S-{i}")["access_score"] for i in range(40)]
    assert found == pytest.approx(truth.tolist(), abs=1e-5)
    assert max(found) > 0
    assert result.summary["access_supply"] == "capacity"


def test_by_hand():
    # One service; 1,000 people beside it, 500 in its second third, 100 in its last.
    demand = [site(1, (20, 5), 1000), site(2, (20.024, 5), 500), site(3, (20.04, 5), 100), site(4, (20.5, 5), 50)]
    result = run(demand, [project(1, (20, 5))], radius_km=5)
    each = 10_000 / (1000 + 0.68 * 500 + 0.22 * 100)
    found = [row(result, f"S-{i}")["access_score"] for i in (1, 2, 3, 4)]
    assert found == pytest.approx([each, 0.68 * each, 0.22 * each, 0], abs=1e-5)
    assert (result.summary["access_supply"], result.summary["access_score_zero_points"]) == ("services", 1)


def test_what_is_not_known_is_null_or_said():
    demand = [site(1, (20, 5), 1000), site(2, None, 500), site(3, (20, 5), None)]
    result = run(demand, [project(1, (20, 5))])
    assert [row(result, f"S-{i}")["access_score"] for i in (1, 2, 3)] == [10.0, None, 10.0]
    assert any("1 places of unknown population take no share" in limit for limit in result.limits)
    by_area = run(demand, [project(1, (20, 5)), project(2, None, admin2_code="X1")])
    assert row(by_area, "S-1")["access_score"] == 10.0
    assert "1 services known by admin area alone take no part in the access score." in by_area.limits
    nobody = run([site(1, (20, 5), None)], [project(1, (20, 5))])
    assert row(nobody, "S-1")["access_score"] == 0
    assert "access_score" not in run(demand, [project(1, (20, 5))], access_zones="none").rows
    part = [facility(1, "clinic", capacity=30), facility(2, "clinic")]
    assert run(demand, part, kinds=("idp_sites", "facilities")).summary["access_supply"] == "services"


def test_people_served_add_up_to_the_supply():
    demand = [site(i, at, 50 + i) for i, at in enumerate(scattered(1, 60, spread=0.1))]
    services = [project(i, at) for i, at in enumerate(scattered(2, 9, spread=0.1))]
    result = run(demand, services, access_zones="30:1")
    reached = result.rows["people"].astype(float) * result.rows["access_score"].astype(float)
    assert reached.sum() / 10_000 == pytest.approx(9, rel=1e-5)


def test_by_road_the_score_follows_the_road():
    roads = [road(1, (20, 5), (20.2, 5)), road(2, (20, 5.02), (20.2, 5.02)), road(3, (20.2, 5), (20.2, 5.02))]
    demand = [site(1, (20.05, 5), 1000), site(2, (20.06, 5.02), 200)]
    services = [project(1, (20.05, 5.02))]
    straight = run_by_road(demand, services, roads, access_zones="4:1")
    by_road = run_by_road(demand, services, roads, access_zones="4:1", measure="road")
    assert row(straight, "S-1")["access_score"] == pytest.approx(10_000 / 1200, abs=1e-5)
    assert row(by_road, "S-1")["access_score"] == 0
    assert row(by_road, "S-2")["access_score"] == pytest.approx(50, abs=1e-5)


@pytest.mark.parametrize("text", ["5", "5:2", "5:1, 3:0.5", "0:1", "5:1;8:0.5", "900:1", "a:b"])
def test_zones_that_make_no_sense_are_refused_by_name(text):
    with pytest.raises(WrongParameter, match="access_zones"):
        run([site(1, (20, 5))], [], access_zones=text)


def test_too_many_pairs_are_said_and_not_counted(monkeypatch):
    from analysis import access

    monkeypatch.setattr(access, "LARGEST_PAIRS", 3)
    result = run([site(i, (20, 5)) for i in range(4)], [project(1, (20, 5))])
    assert row(result, "S-1")["access_score"] is None
    assert any(limit.startswith("No access score") for limit in result.limits)
