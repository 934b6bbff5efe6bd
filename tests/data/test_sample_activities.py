"""The planted activities, against incidents, hazards and sites."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely

from data.make_sample import SAMPLE
from data.scenario.geometry import KM_PER_LAT, KM_PER_LON

LAST, FIRST = pd.Timestamp("2026-11-12T23:59Z"), pd.Timestamp("2026-08-15", tz="UTC")
EXPLOSIVE = ("cha", "sha", "erw_spot", "ied_segment")


@pytest.fixture
def activities(read):
    return read("activities").set_index("id")


@pytest.fixture
def violent(read):
    """Violent incidents of the last 90 days."""
    frame = read("incidents")
    when = pd.to_datetime(frame["occurred_at"])
    return frame[frame["violent"] & when.between(FIRST, LAST)]


def rings(place, incidents, metres, radius_m=5_000):
    """Certain and possible within the radius, and by nominal distance."""
    far = np.array([metres(place, p) for p in incidents["geometry"]])
    blur = incidents["place_radius_m"].to_numpy(dtype=float)
    certain = far + blur <= radius_m
    possible = ~certain & np.where(np.isnan(blur), far <= radius_m, far - blur <= radius_m)
    return int(certain.sum()), int(possible.sum()), int((far <= radius_m).sum())


def to_metres(shape):
    return shapely.transform(shape, lambda c: c * [KM_PER_LON * 1000, KM_PER_LAT * 1000])


def test_sectors_and_planned_classes(activities):
    assert list(activities.index) == [f"ACT-{i:03d}" for i in range(1, 121)]
    assert activities["sector_code"].value_counts().to_dict() == {
        "WSH": 22, "HEA": 18, "FSC": 18, "EDU": 14, "SHL": 10, "NUT": 8, "PRO": 8, "ROA": 8, "MIN": 6, "CCM": 4,
        "ERY": 4,
    }  # fmt: skip
    planned = activities[activities["status"] == "planned"]
    assert planned["activity_type"].value_counts().to_dict() == {
        "Humanitarian project": 18, "Quick-impact project": 14, "UN-CIMIC outreach": 10, "Engineer task": 8,
        "Clearance task": 6, "DDR and dialogue": 4,
    }  # fmt: skip
    aid = planned[planned["activity_class"] == "humanitarian"]
    assert aid["geometry"].isna().sum() == 9
    assert activities.loc[activities["sector_code"] == "PRO", "geometry"].isna().all()
    assert planned[["start_date", "end_date"]].notna().all().all()
    assert (planned["start_date"] > "2026-11-12").all()
    mine = planned[planned["activity_class"].isin(["mission_military", "uncimic", "qip"])]
    assert (mine["mission_sector"] == "Sector East").sum() >= 20
    soon = planned[planned["start_date"] <= "2026-11-19"]
    assert 10 <= (soon["mission_sector"] == "Sector East").sum() <= 25


def test_act_017_lies_in_a_hazardous_area_without_incidents(activities, violent, read, metres):
    row = activities.loc["ACT-017"]
    assert (row["name"], row["start_date"], row["end_date"]) == (
        "Borehole, Heronsford West", "2026-11-15", "2026-11-20",
    )  # fmt: skip
    assert (row["activity_class"], row["mission_sector"]) == ("qip", "Sector East")
    assert rings(row["geometry"], violent, metres) == (0, 2, 0)
    area = to_metres(read("security-risks").set_index("id").loc["CHA-03", "geometry"])
    place = to_metres(row["geometry"])
    assert area.contains(place)
    for angle in np.radians(range(0, 360, 15)):
        moved = shapely.Point(place.x + 1_000 * np.cos(angle), place.y + 1_000 * np.sin(angle))
        assert area.distance(moved) > 510


def test_act_017_alone_is_flagged_by_explosives_in_the_next_7_days_of_sector_east(activities, read):
    risks = read("security-risks")
    explosive = risks[risks["hazard_type"].isin(EXPLOSIVE) & ~risks["status"].isin(["cleared", "cancelled"])]
    hazards = shapely.union_all([to_metres(g) for g in explosive["geometry"]])
    soon = activities[
        activities["status"].isin(["planned", "active"])
        & (activities["start_date"] <= "2026-11-19")
        & (activities["mission_sector"] == "Sector East")
        & activities["geometry"].notna()
    ]
    near = [id_ for id_, g in soon["geometry"].items() if to_metres(g).distance(hazards) < 600]
    assert near == ["ACT-017"]


def test_act_008_has_nine_possible_and_none_certain(activities, violent, metres):
    row = activities.loc["ACT-008"]
    assert (row["mission_sector"], row["admin2_code"], row["activity_class"]) == ("Sector East", "XO0201", "uncimic")
    assert rings(row["geometry"], violent, metres) == (0, 9, 9)
    within = violent[[metres(row["geometry"], g) <= 5_000 for g in violent["geometry"]]]
    assert set(within["place_precision"]) == {"region"}


def test_act_031_lies_where_few_report(activities, read, metres):
    row = activities.loc["ACT-031"]
    assert row["name"] == "Market lights, Cloudgate"
    assert (row["mission_sector"], row["admin1_code"]) == ("Sector East", "XO03")
    frame = read("incidents")
    assert rings(row["geometry"], frame, metres, 25_000) == (1, 0, 1)
    assert rings(row["geometry"], frame, metres) == (0, 0, 0)


def test_a_day_and_thirty_days_in_the_same_place(activities, violent, metres):
    long, short = activities.loc["ACT-040"], activities.loc["ACT-041"]
    assert long["geometry"].equals(short["geometry"])
    assert (pd.Timestamp(long["end_date"]) - pd.Timestamp(long["start_date"])).days == 29
    assert short["start_date"] == short["end_date"]
    assert rings(long["geometry"], violent, metres)[0] > 3


def uncovered(read, metres, day):
    """Sites with no active WASH project within 5 km, QIPs left out, as coverage counts them."""
    projects = read("activities")
    projects = projects[(projects["sector_code"] == "WSH") & (projects["status"] == "active")]
    projects = projects[projects["activity_class"] != "qip"]
    projects = projects[(projects["start_date"] <= day) & (projects["end_date"].fillna("9999") >= day)]
    sites = read("idp-sites")
    sites = sites[(sites["reporting_round"] == "6") & (sites["assessment_status"] == "assessed")].set_index("site_id")
    far = sites["geometry"].map(lambda s: min(metres(s, p) for p in projects["geometry"]))
    assert not far.between(4_900, 5_100).any()
    return sites[far > 5_000], set(projects["id"])


def test_the_wash_gap_grows_by_the_people_of_six_ending_projects(read, metres):
    now, running = uncovered(read, metres, "2026-11-12")
    then, still = uncovered(read, metres, "2026-12-12")
    assert sorted(running - still) == [f"ACT-06{i}" for i in range(1, 7)]
    ended = read("activities").set_index("id").loc[sorted(running - still)]
    assert ended["end_date"].between("2026-11-13", "2026-12-02").all()
    new = then.loc[sorted(set(then.index) - set(now.index))]
    assert list(new.index) == ["S-10", "S-11", "S-13", "S-21", "S-34", "S-40", "S-42"]
    grows = int(then["population"].sum() - now["population"].sum())
    assert grows == int(new["population"].sum())
    readme = (SAMPLE.parent / "README.md").read_text("utf-8")
    assert f"{grows:,}" in readme
    for place in ended["geometry"]:
        assert any(metres(place, s) <= 5_000 for s in new["geometry"])


def test_two_organisations_report_the_same_job(activities):
    one, two = activities.loc["ACT-071"], activities.loc["ACT-072"]
    assert one["org_acronym"] != two["org_acronym"]
    assert one["geometry"].equals(two["geometry"])
    assert (one["sector_code"], one["description"]) == (two["sector_code"], two["description"])


def test_the_mix_of_security_risks(read):
    risks = read("security-risks")
    assert risks["hazard_type"].value_counts().to_dict() == {
        "cha": 4, "sha": 3, "erw_spot": 2, "armed_presence": 5, "checkpoint": 6, "ied_segment": 3, "flood": 4,
        "bridge_down": 2, "landslide": 1,
    }  # fmt: skip
    posts = risks[risks["hazard_type"] == "checkpoint"]["controlled_by"]
    assert (posts.isin(["National Armed Forces", "Police"]).sum(), posts.isna().sum()) == (3, 1)
    bridge = risks.set_index("id").loc["BRG-01"]
    assert (bridge["name"], bridge["start_date"]) == ("Heronsford bridge", "2026-11-01")
