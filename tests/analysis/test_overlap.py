"""Overlap to check: two organisations, the same job, the same place, the same days."""

from __future__ import annotations

import pytest

from analysis import COVERAGE, overlap
from analysis.method import run_method
from analysis.overlap import MOST_ROWS
from layers.geodesy import GEOD
from layers.settings import Settings
from tests.analysis.sample import sample
from tests.analysis.test_coverage import AREAS, project, run, site
from tests.analysis.worlds import AS_OF, day, scattered

HERE, NEAR, FAR = (20, 5), (20.005, 5), (20.2, 5)


def job(number, at, organisation, **more):
    return project(number, at, org_acronym=organisation, activity_type="Latrines") | more


def pairs(services, areas=None, **values):
    result = run([site(1, HERE)], services, areas, **values)
    table = result.shapes.get("overlap")
    found = [] if table is None else list(zip(table["id_a"], table["id_b"], strict=True))
    assert result.summary["overlaps_to_check"] == len(found)
    return found, result


def test_the_same_job_by_two_organisations():
    services = [
        job(1, HERE, "AAA"),
        job(2, NEAR, "BBB", activity_type="latrines "),
        job(3, HERE, "AAA"),
        job(4, HERE, "BBB", activity_type="Wells"),
        job(5, HERE, "BBB", sector_code="HEA"),
        job(6, FAR, "BBB"),
        job(7, HERE, None, owner=None),
        job(8, HERE, "BBB", status="planned"),
    ]
    found, result = pairs(services)
    assert found == [("P1", "P2"), ("P2", "P3")]
    assert result.summary["overlap_not_comparable"] == 1
    table = result.shapes["overlap"]
    assert table["distance_m"].astype(float).tolist() == pytest.approx([GEOD.inv(*HERE, *NEAR)[2]] * 2, abs=0.1)
    assert table["check"].iloc[0] == "To check: AAA and BBB both report Latrines (WASH), 0.6 km apart"
    assert any("2 pairs of organisations' projects are to check" in limit for limit in result.limits)
    assert pairs(services, overlap_km=0.1)[0] == []
    assert pairs(services, overlap_km=50)[0] == [("P1", "P2"), ("P2", "P3"), ("P1", "P6"), ("P3", "P6")]


def test_days_must_meet():
    first = job(1, HERE, "AAA", end_date=day("2026-11-20"))
    services = [
        first,
        job(2, HERE, "BBB", start_date=day("2026-11-20")),
        job(3, HERE, "CCC", start_date=day("2026-11-21")),
    ]
    found, result = pairs(services, status="any")
    assert found == [("P1", "P2"), ("P2", "P3")]
    table = result.shapes["overlap"]
    assert (table["both_from"].iloc[0], table["both_until"].iloc[0]) == (day("2026-11-20"), day("2026-11-20"))
    assert table["both_until"].isna().iloc[1]


def test_known_by_area_they_are_compared_by_area():
    by_code = job(1, None, "AAA", admin2_code="X1")
    services = [by_code, job(2, (19.5, 5), "BBB"), job(3, (21, 5), "CCC"), job(4, None, "DDD", admin2_code="X1")]
    found, result = pairs(services, AREAS)
    assert found == [("P1", "P2"), ("P1", "P4"), ("P2", "P4")]
    table = result.shapes["overlap"]
    assert table["distance_m"].isna().all()
    assert table.geometry.isna().all()
    assert table["check"].str.contains("in the same admin 2").all()
    assert set(table["admin2_code"]) == {"X1"}


def test_quick_impact_projects_are_compared_only_where_they_count():
    services = [job(1, HERE, "AAA"), job(2, HERE, "BBB", activity_class="qip")]
    assert pairs(services)[0] == []
    assert pairs(services, include_qips=True)[0] == [("P1", "P2")]


def test_a_long_list_is_cut_and_the_number_stands():
    services = [job(i, HERE, f"ORG{i}") for i in range(50)]
    result = run([site(1, HERE)], services)
    assert result.summary["overlaps_to_check"] == 50 * 49 // 2
    assert len(result.shapes["overlap"]) == MOST_ROWS
    assert any(f"The nearest {MOST_ROWS:,} are listed" in limit for limit in result.limits)


def test_it_equals_every_pair_looked_at():
    services = [
        job(i, at, f"O{i % 4}", activity_type=("Latrines", "Wells")[i % 2]) for i, at in enumerate(scattered(5, 60))
    ]
    truth = {
        tuple(sorted((a["id"], b["id"])))
        for a in services
        for b in services
        if a["id"] != b["id"]
        and a["org_acronym"] != b["org_acronym"]
        and a["activity_type"] == b["activity_type"]
        and GEOD.inv(*a["at"], *b["at"])[2] <= 15_000
    }
    found, _ = pairs(services, overlap_km=15)
    assert {tuple(sorted(p)) for p in found} == truth
    assert len(truth) > 5


def test_the_sample_has_the_planted_pair():
    inputs = {"demand": sample("idp-sites"), "services": sample("activities")}
    result = run_method(COVERAGE, inputs, {}, as_of=AS_OF, settings=Settings(), today=AS_OF)
    (found,) = result.shapes["overlap"].itertuples()
    assert (found.id_a, found.id_b, found.distance_m) == ("ACT-071", "ACT-072", 0)
    assert found.check == "To check: CAS and LLA both report Humanitarian project (Education), in the same place"


def test_more_pairs_than_can_be_compared_are_not_counted_as_none(monkeypatch):
    monkeypatch.setattr(overlap, "MOST_COMPARED", 5)
    result = run([site(1, HERE)], [job(n, HERE, f"O{n}") for n in range(4)])
    assert result.summary["overlaps_to_check"] is None
    assert "overlap" not in result.shapes
    assert any("more than 5 pairs" in limit and "overlap_km" in limit for limit in result.limits)
    few = run([site(1, HERE)], [job(n, HERE, f"O{n}") for n in range(3)])
    assert few.summary["overlaps_to_check"] == 3


def test_other_jobs_near_by_are_no_pairs_to_compare(monkeypatch):
    monkeypatch.setattr(overlap, "MOST_COMPARED", 5)
    services = [job(n, HERE, f"O{n}", activity_type=f"Job {n}") for n in range(40)]
    assert run([site(1, HERE)], services).summary["overlaps_to_check"] == 0
