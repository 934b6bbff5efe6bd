"""Flows by origin and destination, sites by round: truths counted from the files another way."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date

import numpy as np
import pandas as pd
import pytest
from shapely.geometry import LineString

from analysis.headlines import displacement
from analysis.method import run_method
from analysis.movements import FLOWS, bent
from analysis.site_changes import SITES
from layers.errors import NotEnoughData
from layers.settings import Settings
from tests.analysis.sample import FOLDER, sample
from tests.analysis.test_headlines import SITES as ROWS
from tests.analysis.test_headlines import site
from tests.analysis.worlds import AS_OF, day, layer


def ask(method, inputs, as_of=AS_OF, **values):
    return run_method(method, inputs, values, as_of=as_of, settings=Settings(), today=as_of)


def flow(number, origin, destination, people, **more):
    base = {"id": f"F{number}", "origin_admin1_code": origin, "destination_code": destination, "population": people}
    line = LineString([(20.0, 5.0), (21.0, 6.0)])
    return base | {"geometry": line, "start_date": day("2026-10-01"), "end_date": day("2026-10-31")} | more


def flows(*records, **values):
    return ask(FLOWS, {"flows": layer("idp_flows", records)}, **values)


def written(name):
    """Properties of a sample file, as they stand in it."""
    return [f["properties"] for f in json.loads((FOLDER / f"orvane-{name}.geojson").read_text("utf-8"))["features"]]


# ---- the stock ------------------------------------------------------------------------------


def test_sites_of_the_sample_that_the_scenario_plants():
    rows = ask(SITES, {"sites": sample("idp-sites")}).rows.set_index("site_id")
    assert (rows.loc["S-12", "state"], rows.loc["S-12", "change"]) == ("assessed", 3200)
    missed = rows.loc["S-29"]
    assert (missed["state"], missed["last_known_people"], missed["last_known_round"]) == ("not_assessed", 4100, "5")
    assert pd.isna(missed["people"])


def test_every_round_of_the_sample_like_for_like():
    people = defaultdict(dict)
    for row in written("idp-sites"):
        if row["assessment_status"] == "assessed":
            people[row["reporting_round"]][row["site_id"]] = row["population"]
    rounds = ask(SITES, {"sites": sample("idp-sites")}).shapes["rounds"].set_index("round")
    assert list(rounds.index) == ["1", "2", "3", "4", "5", "6"]
    for name, before in zip("123456", " 12345", strict=True):
        assert rounds.loc[name, "people"] == sum(people[name].values())
        both = people[name].keys() & people[before].keys() if before in people else set()
        assert rounds.loc[name, "sites_compared"] == len(both)
        if both:
            assert rounds.loc[name, "change"] == sum(people[name][s] - people[before][s] for s in both)


def test_the_page_says_what_the_headline_says():
    sites = sample("idp-sites")
    for as_of in (date(2026, 2, 1), date(2026, 8, 1), AS_OF):
        said, told = ask(SITES, {"sites": sites}, as_of).summary, displacement(sites, as_of)
        assert (said["change"], said["sites_compared"]) == (told.change, len(told.compared))
        assert (said["latest_round"], said["round_before"]) == (told.latest_round, told.round_before)
        assert said["sites"]["opened"] == len(told.new)


def test_states_are_told_apart_and_none_is_zero():
    result = ask(SITES, {"sites": layer("idp_sites", [*ROWS, site("S-50", 5, 70)])})
    states = dict(zip(result.rows["site_id"], result.rows["state"], strict=True))
    assert states == {
        "S-12": "assessed", "S-13": "assessed", "S-29": "not_assessed", "S-30": "closed", "S-40": "opened",
        "S-50": "not_listed",
    }  # fmt: skip
    assert result.summary["people"] == 4200 + 450 + 2000
    assert result.summary["last_known_people_not_assessed"] == 4100 + 70
    assert result.rows.set_index("site_id")["people"].isna().to_dict() == {
        "S-12": False, "S-13": False, "S-40": False, "S-29": True, "S-30": True, "S-50": True,
    }  # fmt: skip


def test_one_round_has_no_change_and_no_new_sites():
    result = ask(SITES, {"sites": layer("idp_sites", [site("S-1", 6, 10)])})
    assert result.summary["change"] is None
    assert result.rows["state"].tolist() == ["assessed"]


def test_a_list_without_rounds_or_days_is_one_round():
    rows = [site(f"S-{n}", 5, 10 * n, reporting_round=None, assessment_date=None) for n in (1, 2)]
    said = ask(SITES, {"sites": layer("idp_sites", rows)}).summary
    assert (said["latest_round"], said["people"], said["change"], said["assessed_on"]) == ("not stated", 30, None, None)


def test_a_layer_of_refugees_alone_speaks_of_refugees():
    rows = [site("C-1", n, people, population_group="refugee") for n, people in ((5, 100), (6, 160))]
    result = ask(SITES, {"sites": layer("idp_sites", rows)})
    assert (result.parameters["group"], result.summary["people"], result.summary["change"]) == ("refugee", 160, 60)
    with_idps = ask(SITES, {"sites": layer("idp_sites", [*rows, site("S-1", 6, 9)])})
    assert (with_idps.parameters["group"], with_idps.summary["people"]) == ("idp", 9)


def test_no_round_up_to_as_of_is_said():
    with pytest.raises(NotEnoughData, match="Set as-of"):
        ask(SITES, {"sites": layer("idp_sites", [site("S-1", 7, 10)])})


# ---- the flow -------------------------------------------------------------------------------


def test_pairs_of_the_sample_are_the_sums_of_its_rows():
    sums, others = defaultdict(int), 0
    for row in written("idp-flows"):
        if row["population_group"] == "idp":
            sums[row["origin_admin1_code"], row["destination_code"]] += row["population"]
        else:
            others += 1
    result = ask(FLOWS, {"flows": sample("idp-flows")}, minimum_people=0, level="reported")
    assert {(o, d): p for o, d, p in result.rows[["origin", "destination", "people"]].itertuples(index=False)} == sums
    assert result.summary["other_groups"] == others
    assert result.shapes["arrivals"]["people"].sum() == result.shapes["months"]["people"].sum() == sum(sums.values())


def test_people_are_neither_lost_nor_counted_twice():
    """What is drawn, too small, within one area and without a place is all there is."""
    records = [flow(n, f"A{n % 4}", f"B{n % 7}", n * 3, admin1_code=f"A{n % 3}") for n in range(60)]
    records[5] |= {"geometry": None, "destination_code": "nowhere", "population": 900}
    for values in ({"level": "reported"}, {"level": "admin1"}, {"level": "admin1", "minimum_people": 400}):
        said = flows(*records, **values).summary
        parts = [said[f"{part}_people"] for part in ("drawn", "below_minimum", "same_area", "without_place")]
        assert sum(parts) == said["people"] == sum(r["population"] for r in records)


def test_the_minimum_holds_for_the_line_and_not_for_the_record():
    result = flows(flow(1, "A", "X", 30), flow(2, "A", "X", 20), flow(3, "A", "Y", 49))
    assert result.shapes["lines"]["id"].tolist() == ["A > X"]
    said = result.summary
    assert (said["below_minimum_people"], said["below_minimum_records"], said["below_minimum_lines"]) == (49, 1, 1)


def test_many_lines_are_drawn_by_admin_1():
    many = [flow(n, "A", f"B{n:03d}", 60, admin1_code=f"B{n % 2}") for n in range(61)]
    assert flows(*many).summary["level"] == "admin1"
    assert len(flows(*many).shapes["lines"]) == 2
    assert flows(*many[:60]).summary["level"] == "reported"


def test_within_one_area_there_is_no_line_but_the_people_are_said():
    said = flows(flow(1, "A", "A", 80), flow(2, "A", "B", 90)).summary
    assert (said["same_area_people"], said["drawn_people"]) == (80, 90)


def test_returnees_and_incomplete_records_are_counted_apart():
    said = flows(
        flow(1, "A", "B", 90),
        flow(2, "A", "B", 500, population_group="returnee"),
        flow(3, "A", "B", None),
        flow(4, None, "B", 70),
    ).summary
    assert (said["people"], said["other_groups"], said["incomplete_records"]) == (90, 1, 2)


def test_a_flow_without_a_period_is_no_arrival_of_a_month():
    result = flows(flow(1, "A", "B", 90, start_date=None, end_date=None), flow(2, "A", "B", 60))
    assert (result.summary["undated_records"], result.summary["undated_people"]) == (1, 90)
    assert result.shapes["months"]["people"].tolist() == [60]
    assert any("state no period" in limit for limit in result.limits)


def test_an_end_lies_at_the_point_of_its_area():
    square = {"id": "A", "name": "Alpha", "at": (10.0, 1.0)}
    inputs = {"flows": layer("idp_flows", [flow(1, "A", "B", 90)]), "origins": layer("admin_areas", [square])}
    (line,) = ask(FLOWS, inputs).shapes["lines"].itertuples()
    assert line.origin_name == "Alpha"
    assert line.geometry.coords[0] == (10.0, 1.0)
    assert line.geometry.coords[-1] == (21.0, 6.0)


def test_there_and_back_lie_apart():
    a, b = np.array([20.0, 5.0]), np.array([22.0, 5.0])
    there, back = bent(a, b), bent(b, a)
    assert there.coords[0] == (20.0, 5.0)
    assert there.distance(back.interpolate(0.5, normalized=True)) > 0.2
    assert bent(a, a) is None


def test_nothing_to_speak_of_is_said():
    with pytest.raises(NotEnoughData, match="no flow with"):
        flows(flow(1, None, "B", 70))
