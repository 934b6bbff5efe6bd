"""Risk: counts, sureness, flags and ranks, against brute force and the decided rules."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, Polygon, box

from analysis import RISK
from analysis.method import run_method
from analysis.risk import incidents_near
from layers.errors import NotEnoughData, WrongParameter
from layers.geodesy import GEOD, distance_m
from layers.settings import Settings
from tests.analysis.worlds import AS_OF, activity, day, incident, layer, moment, scattered

SETTINGS = Settings()


def run(activities, incidents, risks=None, as_of=AS_OF, **values):
    inputs = {"activities": layer("projects", activities), "incidents": layer("incidents", incidents)}
    if risks is not None:
        inputs["risks"] = layer("security_risks", risks)
    return run_method(RISK, inputs, values, as_of=as_of, settings=SETTINGS, today=date(2030, 1, 1))


def row(result, activity_id):
    return next(r for r in result.as_dict()["rows"] if r["id"] == activity_id)


def test_counts_equal_brute_force_for_any_geometry():
    uncertain = [0.0, 25_000.0, None]
    incidents = [
        incident(i, at, place_radius_m=uncertain[i % 3], place_precision="near", fatalities=i % 8,
                 ended_at=moment(("2026-11-12", "2026-11-13")[i % 5 == 0]))
        for i, at in enumerate(scattered(1, 300))
    ]  # fmt: skip
    incidents += [incident(902, None, geometry=LineString(scattered(7, 2)), ended_at=moment("2026-12-01"))]
    incidents += [incident(900, None, place_precision=None, geometry=LineString(scattered(2, 3)))]
    incidents += [incident(901, None, geometry=Polygon(scattered(3, 3)), place_radius_m=2000)]
    activities = [activity(i, at) for i, at in enumerate(scattered(4, 20))]
    activities += [activity(50, None, geometry=LineString(scattered(5, 4)))]
    activities += [activity(51, None, geometry=Polygon(scattered(6, 3)))]
    result = run(activities, incidents, radius_km=20)
    geometry = {a["id"]: a.get("geometry") or Point(a["at"]) for a in activities}
    for found in result.as_dict()["rows"]:
        for r, names in (
            (20_000, ("count_within_radius", "count_certain", "count_possible", "weighted_sum")),
            (5_000, ("within_5km", "certain_5km", "possible_5km", "weighted_5km")),
        ):
            within = certain = possible = 0
            weighted = 0.0
            for one in incidents:
                metres = distance_m(geometry[found["id"]], one.get("geometry") or Point(one["at"]))
                off = one.get("place_radius_m")
                over = str(one.get("ended_at", ""))[:10] <= str(AS_OF)
                nominal, sure = metres <= r, over and off is not None and metres + off <= r
                within, certain = within + nominal, certain + sure
                possible += not sure and (nominal if off is None else metres - off <= r)
                weighted += nominal * (0.8 + 0.2 * min(one["fatalities"], 5))
            assert tuple(found[n] for n in names) == (within, certain, possible, pytest.approx(weighted, abs=1e-6))
    assert sorted(r["rank"] for r in result.as_dict()["rows"]) == list(range(1, 23))


def test_many_uncertainties_count_the_same_as_each_alone():
    places = scattered(1, 60, spread=0.1)
    offs = np.linspace(100, 20_000, 60)
    over = np.arange(60) % 4 > 0
    ended = [moment(str(AS_OF if known else AS_OF + timedelta(days=1))) for known in over]
    incidents = [incident(i, at, place_radius_m=offs[i], ended_at=ended[i]) for i, at in enumerate(places)]
    activities = [activity(i, at) for i, at in enumerate(scattered(4, 5, spread=0.1))]
    for found in run(activities, incidents, radius_km=10).as_dict()["rows"]:
        at = Point(next(a["at"] for a in activities if a["id"] == found["id"]))
        metres = np.array([distance_m(at, Point(p)) for p in places])
        certain = over & (metres + offs <= 10_000)
        assert found["count_certain"] == certain.sum()
        assert found["count_possible"] == (~certain & (metres - offs <= 10_000)).sum()


@pytest.mark.parametrize(
    ("dates", "last_open_day"),
    [
        ({"ended_at": moment("2026-11-30"), "time_precision": "month"}, 29),
        ({"time_precision": "month"}, 29),
        ({"time_precision": "week"}, 6),
        ({"ended_at": moment("2026-11-03"), "time_precision": "day"}, 2),
    ],
)
def test_what_may_not_have_happened_by_as_of_is_possible_and_expects_nothing(dates, last_open_day):
    """A month's incident, dated from 1 November: on the first of the month nobody knew of it."""
    incidents = [incident(i, (20, 5), **dates) for i in range(30)]
    for as_of, over in ((date(2026, 11, last_open_day), False), (date(2026, 11, last_open_day + 1), True)):
        result = run([activity(1, (20, 5), start_date=day("2026-11-01"))], incidents, as_of=as_of)
        found = row(result, "P00001")
        assert found["count_within_radius"] == 30
        assert (found["count_certain"], found["certain_25km"]) == ((30, 30) if over else (0, 0))
        assert (found["count_possible"], found["possible_25km"]) == ((0, 0) if over else (30, 30))
        assert result.summary["incidents_not_over"] == (0 if over else 30)
        assert (found["expected"] is not None) == over
        assert found["few_reports"] is not over


def test_dates_that_run_past_as_of_are_said_beside_those_that_do_not():
    known = [incident(i, (20, 5)) for i in range(12)]
    result = run([activity(1, (20, 5))], [*known, incident(99, (20, 5), ended_at=moment("2026-11-30"))])
    alone = run([activity(1, (20, 5))], known)
    assert row(result, "P00001")["expected"] == row(alone, "P00001")["expected"]
    assert any("dates run past as-of: 1." in limit for limit in result.limits)
    assert not any("dates run past as-of" in limit for limit in alone.limits)


def test_data_of_years_ago_name_their_latest_dates_and_what_to_do():
    old = [incident(1, (20, 5)), incident(2, (20, 5), occurred_at=moment("2026-10-01"), ended_at=moment("2026-10-03"))]
    made = [activity(1, (20, 5), end_date=day("2026-11-20")), activity(2, (20, 5), end_date=day("2026-11-25"))]
    result = run(made, old, as_of=date(2029, 1, 1))
    assert len(result.rows) == 0
    for words in ("2 ended before 2029-01-01, the last of them on 2026-11-25", "latest incident is of 2026-11-01"):
        (limit,) = [line for line in result.limits if words in line]
        assert "--as-of" in limit
        assert "As of on the page" in limit
    for fits in (run(made, old), run(made, old, as_of=date(2027, 5, 1), window_days=None, horizon_days=None)):
        assert not any("latest incident" in limit for limit in fits.limits)
    assert not any("No activity fits" in limit for limit in run(made, old).limits)


def test_region_only_incidents_are_possible_never_certain():
    """ACT-008: nine incidents known only to the region, at the provincial capital."""
    incidents = [incident(i, (20, 5), place_precision="region") for i in range(9)]
    found = row(run([activity(8, (20, 5))], incidents), "P00008")
    assert (found["count_within_radius"], found["count_certain"], found["count_possible"]) == (9, 0, 9)


def test_each_incident_left_out_stands_under_one_reason():
    incidents = [
        incident(1, (20, 5)),
        incident(2, (20, 5), verification="discounted", occurred_at=moment("2020-01-01")),
        incident(3, (20, 5), incident_type="protest", violent=None),
        incident(4, (20, 5), occurred_at=pd.NaT),
        incident(5, (20, 5), occurred_at=moment("2026-08-14")),
        incident(6, (20, 5), occurred_at=moment("2026-11-13")),
        incident(7, None),
        incident(8, (20, 5), incident_type=None, violent=None),
    ]
    result = run([activity(1, (20, 5))], incidents)
    assert result.summary["incidents_left_out"] == {
        "discounted": 1,
        "not_violent": 1,
        "without_date": 1,
        "outside_window": 2,
        "without_place": 1,
    }
    assert result.summary["incidents_counted"] == 2
    assert result.summary["unknown_type"] == 1
    assert row(result, "P00001")["weighted_sum"] == pytest.approx(0.8 + 0.5)


def test_window_is_calendar_days_that_end_on_as_of_and_spans_count_when_they_meet_it():
    first = incident(1, (20, 5), occurred_at=moment("2026-08-15"))
    spanning = incident(2, (20, 5), occurred_at=moment("2026-08-01"), ended_at=moment("2026-08-15"))
    before = incident(3, (20, 5), occurred_at=moment("2026-08-14"))
    result = run([activity(1, (20, 5))], [first, spanning, before])
    assert row(result, "P00001")["count_within_radius"] == 2
    assert (
        row(run([activity(1, (20, 5))], [first, spanning, before], window_days="all"), "P00001")["count_within_radius"]
        == 3
    )


def test_deaths_weigh_up_to_the_cap_and_unknown_deaths_nothing():
    deaths = [None, 0, 2, 40]
    incidents = [incident(i, (20, 5), fatalities=n) for i, n in enumerate(deaths)]
    assert row(run([activity(1, (20, 5))], incidents), "P00001")["weighted_sum"] == pytest.approx(4 * 0.8 + 0.4 + 1.0)


def test_which_activities_are_asked_about():
    made = [
        activity(1, (20, 5)),
        activity(2, (20, 5), status="active", start_date=day("2026-01-01")),
        activity(3, (20, 5), status=None),
        activity(4, (20, 5), status="completed"),
        activity(5, (20, 5), start_date=pd.NaT),
        activity(6, (20, 5), start_date=day("2026-12-13")),
        activity(7, (20, 5), start_date=day("2026-01-01"), end_date=day("2026-11-11")),
        activity(8, (20, 5), activity_class="qip"),
    ]

    def ids(**values):
        result = run(made, [incident(1, (20, 5))], **values)
        return {r["id"][-1] for r in result.as_dict()["rows"]}, result.summary

    chosen, summary = ids()
    assert chosen == {"1", "2", "3", "8"}
    assert (summary["without_dates"], summary["outside_horizon"], summary["other_status"]) == (1, 2, 1)
    assert summary["status_unknown"] == 1
    assert ids(horizon_days="all")[0] == {"1", "2", "3", "5", "6", "8"}
    assert ids(status="planned")[0] == {"1", "8"}
    assert ids(status="active")[0] == {"2"}
    assert ids(status="any")[0] == {"1", "2", "3", "4", "8"}
    assert ids(activity_class="Quick-impact project")[0] == {"8"}
    assert ids(horizon_days=0)[0] == {"2"}


def test_an_activity_known_by_area_is_counted_by_its_code_and_not_by_a_centroid():
    incidents = [incident(1, (20, 5), admin2_code="X1"), incident(2, None, admin2_code="X1"), incident(3, (20, 5))]
    made = [
        activity(1, None, admin2_code="X1"),
        activity(2, (20, 5), admin2_code="X1", place_precision="area"),
        activity(3, None),
    ]
    result = run(made, incidents)
    for name in ("P00001", "P00002"):
        found = row(result, name)
        assert found["count_in_area"] == 2
        assert found["area_code"] == "X1"
        assert found["count_within_radius"] is found["weighted_sum"] is found["within_25km"] is None
        assert found["nearest_incident_m"] is found["mgrs"] is None
    assert row(result, "P00003")["count_in_area"] is None
    assert any("admin area" in limit for limit in result.limits)


def test_few_reports_is_said_whatever_the_window():
    old = [incident(i, (20, 5), occurred_at=moment("2026-02-01")) for i in range(3)]
    assert row(run([activity(1, (20, 5))], old), "P00001")["few_reports"] is False
    assert row(run([activity(1, (20, 5))], old[:2]), "P00001")["few_reports"] is True


CHA = {"id": "R1", "hazard_type": "cha", "status": "active", "geometry": box(19.99, 4.99, 20.01, 5.01)}


def test_a_red_flag_is_on_top_in_spite_of_a_count_of_zero():
    incidents = [incident(i, (22, 5), fatalities=5) for i in range(30)]
    result = run([activity(17, (20, 5)), activity(1, (22, 5))], incidents, [CHA])
    first = result.as_dict()["rows"][0]
    assert (first["id"], first["rank"], first["count_within_radius"]) == ("P00017", 1, 0)
    assert first["hard_flags"][0]["text"] == "inside a confirmed hazardous area"
    assert first["hard_flags"][0]["level"] == first["flag_level"] == "red"
    assert result.shapes["rings"].set_index("id")["level"].to_dict() == {"P00017": "red", "P00001": "counted"}


@pytest.mark.parametrize(
    ("hazard", "metres", "level"),
    [
        ("erw_spot", 99.9, "red"),
        ("erw_spot", 100.1, "amber"),
        ("ied_segment", 499.9, "amber"),
        ("sha", 500.1, None),
        ("checkpoint", 0, "amber"),
        ("checkpoint", 1999.9, "amber"),
        ("armed_presence", 2000.1, None),
        (None, 10, "amber"),
    ],
)
def test_flags_by_kind_and_distance(hazard, metres, level):
    lon, lat, _ = GEOD.fwd(20, 5, 33, metres)
    found = row(run([activity(1, (20, 5))], [], [{"id": "R", "hazard_type": hazard, "at": (lon, lat)}]), "P00001")
    assert found["flag_level"] == level
    if level:
        assert found["hard_flags"][0]["distance_m"] == pytest.approx(metres, abs=0.05)


@pytest.mark.parametrize(
    ("change", "flagged"),
    [
        ({"status": "cleared"}, False),
        ({"status": "cancelled", "status_date": day("2026-11-12")}, False),
        ({"status": "cleared", "status_date": day("2026-11-13")}, True),
        ({"status": "reduced"}, True),
        ({"end_date": day("2020-01-01")}, True),
        ({"status": "unknown"}, True),
        ({"hazard_type": "armed_presence", "status": "active", "end_date": day("2026-10-31")}, True),
        ({"hazard_type": "checkpoint", "end_date": day("2026-10-31")}, True),
        ({"hazard_type": "armed_presence", "start_date": day("2026-12-25")}, False),
        ({"hazard_type": "flood", "start_date": day("2026-05-01"), "end_date": day("2026-10-31")}, False),
        ({"hazard_type": "flood", "start_date": day("2026-11-20"), "end_date": day("2026-12-31")}, True),
        ({"hazard_type": "flood", "start_date": day("2026-12-25"), "end_date": day("2026-12-31")}, False),
    ],
)
def test_hazards_end_by_status_and_seasons_meet_the_activitys_own_days(change, flagged):
    made = activity(1, (20, 5), end_date=day("2026-12-01"))
    assert bool(row(run([made], [], [CHA | change]), "P00001")["hard_flags"]) is flagged


@pytest.mark.parametrize(
    ("hazard", "text"),
    [
        ({"hazard_type": "erw_spot", "at": (20, 5)}, "at an ERW spot"),
        ({"hazard_type": "flood", "geometry": box(19, 4, 21, 6)}, "inside a flood"),
        ({"hazard_type": "armed_presence", "geometry": box(19, 4, 21, 6)}, "inside armed presence"),
        ({"hazard_type": "checkpoint", "at": (20.01, 5)}, "1.1 km from a checkpoint"),
        (
            {"hazard_type": "armed_presence", "at": (20, 5), "status": "active", "end_date": day("2026-11-11")},
            "at armed presence, end date passed, status still active",
        ),
        ({"hazard_type": "armed_presence", "at": (20, 5), "end_date": day("2026-11-12")}, "at armed presence"),
        (
            {"hazard_type": "checkpoint", "at": (20, 5), "end_date": day("2026-11-11")},
            "at a checkpoint, end date passed, status not stated",
        ),
        (
            {"hazard_type": "sha", "at": (20.001, 5), "status": "reduced"},
            "111 m from a suspected hazardous area, reported as reduced",
        ),
    ],
)
def test_flags_in_words(hazard, text):
    assert row(run([activity(1, (20, 5))], [], [{"id": "R"} | hazard]), "P00001")["flag_text"] == text


def test_old_survey_is_said_and_the_hazard_still_flags():
    found = row(run([activity(1, (20, 5))], [], [CHA | {"last_surveyed": day("2024-05-01")}]), "P00001")
    assert found["hard_flags"][0]["text"].endswith("last surveyed 2024-05-01")
    assert found["hard_flags"][0]["last_surveyed"] == "2024-05-01"


def test_without_a_layer_of_risks_that_is_said():
    result, looked = run([activity(1, (20, 5))], []), run([activity(1, (20, 5))], [], [])
    assert any("hazards were not looked at" in limit for limit in result.limits)
    assert (result.summary["flagged_red"], result.summary["flagged_amber"]) == (None, None)
    assert (looked.summary["flagged_red"], looked.summary["flagged_amber"]) == (0, 0)


def test_nothing_to_ask_about_is_said():
    with pytest.raises(NotEnoughData, match="no activities"):
        run([], [incident(1, (20, 5))])
    empty = run([activity(1, (20, 5), status="completed")], [incident(1, (20, 5))]).as_dict()
    assert empty["rows"] == []
    assert empty["summary"]["other_status"] == 1


def test_the_incidents_behind_a_count_are_those_counted():
    incidents = [
        incident(i, at, place_radius_m=[0.0, 25_000.0, None][i % 3], place_precision=None,
                 ended_at=moment(("2026-11-01", "2026-11-20")[i % 4 == 0]))
        for i, at in enumerate(scattered(1, 200, spread=0.2))
    ]  # fmt: skip
    made = [activity(1, (20, 5)), activity(2, None, admin2_code="Z")]
    found = row(run(made, incidents, radius_km=15), "P00001")
    projects, events = layer("projects", made), layer("incidents", incidents)
    near = incidents_near("P00001", projects, events, 15, 90, AS_OF, SETTINGS)
    assert near["within"].sum() == found["count_within_radius"]
    assert near["certain"].sum() == found["count_certain"]
    assert near["possible"].sum() == found["count_possible"]
    assert near.loc[near["within"], "weight"].sum() == pytest.approx(found["weighted_sum"])
    assert near["distance_m"].is_monotonic_increasing
    assert near["distance_m"].iloc[0] == pytest.approx(found["nearest_incident_m"], abs=1e-3)
    assert incidents_near("P00002", projects, events, 15, 90, AS_OF, SETTINGS).empty
    with pytest.raises(WrongParameter, match="no such"):
        incidents_near("no such", projects, events, 15, 90, AS_OF, SETTINGS)


@hypothesis_settings(deadline=None, max_examples=15)
@given(
    st.integers(0, 1000), st.floats(0.5, 60), st.floats(0.5, 60), st.sampled_from([(20, 5), (179.99, -16), (30, 88)])
)
def test_larger_radius_counts_no_fewer_and_order_changes_nothing(seed, one, other, centre):
    incidents = [
        incident(i, at, place_radius_m=[0.0, 5000.0, None][i % 3])
        for i, at in enumerate(scattered(seed, 60, centre, 0.3))
    ]
    made = [activity(i, at) for i, at in enumerate(scattered(seed + 1, 6, centre, 0.3))]
    small, large = (run(made, incidents, radius_km=r).as_dict()["rows"] for r in sorted((one, other)))
    of_large = {r["id"]: r for r in large}
    for found in small:
        for column in ("count_within_radius", "count_certain", "weighted_sum"):
            assert found[column] <= of_large[found["id"]][column]
    shuffled = run(made[::-1], incidents[::-1], radius_km=min(one, other)).as_dict()["rows"]
    assert shuffled == small
