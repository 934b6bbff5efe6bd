"""Tables by mission sector: told by place, adding up to the whole."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
import shapely

from analysis import COVERAGE, RISK
from analysis.method import run_method
from layers.settings import Settings
from tests.analysis.sample import sample

AS_OF = date(2026, 11, 12)
ROLES = {
    COVERAGE.id: {"demand": "idp-sites", "services": "facilities"},
    RISK.id: {"activities": "activities", "incidents": "incidents", "risks": "security-risks"},
}


def run(method, **more):
    inputs = {role: sample(name) for role, name in {**ROLES[method.id], **more}.items()}
    return run_method(method, inputs, {}, as_of=AS_OF, settings=Settings(), today=date(2030, 1, 1))


def inside(geometries, sector):
    polygon = sample("sectors").frame.set_index("id").geometry[sector]
    points = shapely.point_on_surface(geometries[~shapely.is_missing(geometries)])
    return int(shapely.intersects(polygon, points).sum())


def test_coverage_by_sector_adds_up_and_counts_what_lies_there():
    result = run(COVERAGE, sectors="sectors")
    table = result.shapes["by_sector"]
    assert "by_sector" in result.tables
    for figure in ("demand_points", "people", "uncovered_points", "uncovered_people"):
        assert int(table[figure].sum()) == result.summary[figure]
    placed = result.rows[result.rows["distance_m"].notna()].geometry.to_numpy()
    of_sector = table.dropna(subset="area_code").set_index("area_code")["demand_points"]
    assert of_sector.to_dict() == {sector: inside(placed, sector) for sector in of_sector.index}
    assert int(table["services"].sum()) > 0


def test_risk_by_sector_adds_up_and_counts_the_activities_that_lie_there():
    result = run(RISK, sectors="sectors")
    table = result.shapes["by_sector"]
    assert int(table["activities"].sum()) == len(result.rows)
    assert int(table["flagged_red"].sum()) == result.summary["flagged_red"]
    named = table.dropna(subset="area_code").set_index("area_code")
    assert sorted(named["name"]) == sorted(sample("sectors").frame["name"])
    placed = result.rows.geometry.to_numpy()
    assert named["activities"].to_dict() == {sector: inside(placed, sector) for sector in named.index}
    assert 0 < int(named["incidents"].sum()) <= result.summary["incidents_counted"]
    highest = np.nanmax(result.rows["p_any"].to_numpy(dtype=float, na_value=np.nan))
    assert table["highest_p_any"].max() == pytest.approx(highest)


@pytest.mark.parametrize("method", [COVERAGE, RISK], ids=lambda method: method.id)
def test_without_sectors_there_is_no_such_table(method):
    result = run(method)
    assert "by_sector" not in result.shapes
    assert "by_sector" not in result.tables
