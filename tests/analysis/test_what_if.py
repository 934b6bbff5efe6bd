"""What if: layers as edits assume them, and both answers side by side."""

from __future__ import annotations

import json
from datetime import date

import pandas as pd
import pytest
import shapely
from pandas.testing import assert_frame_equal
from pyproj import Geod
from shapely.geometry import LineString, box

from analysis import BUFFERS, COVERAGE, RISK
from analysis.assumed import apply_edits
from analysis.edits import Add, Close, Move, Redate
from analysis.method import run_method
from analysis.what_if import compare
from layers.errors import MixedWorlds, WrongParameter
from layers.kinds import kind_of
from layers.road_states import with_states
from layers.schema import conform
from layers.settings import Settings
from tests.analysis.worlds import AS_OF, activity, day, incident, layer

TODAY = date(2026, 11, 12)
ACTIVITIES = [
    activity(1, (20.0, 5.0), admin2_code="D1", place_precision="area", place_radius_m=9000.0),
    activity(2, (21.0, 5.0), end_date=day("2026-11-20")),
    activity(3, None, geometry=LineString([(20, 5), (20.1, 5)])),
    activity(4, None, admin2_code="D1"),
]
INCIDENTS = [incident(n, (20.0, 5.0 + n / 1000)) for n in range(6)] + [incident(9, (21.0, 5.0))]
AREAS = [
    {"id": "D1", "admin_level": "2", "name": "One", "geometry": box(19.5, 4.5, 20.5, 5.5)},
    {"id": "D2", "admin_level": "2", "name": "Two", "geometry": box(20.5, 4.5, 21.5, 5.5)},
]


def risk_inputs(**more):
    return {"activities": layer("projects", ACTIVITIES, **more), "incidents": layer("incidents", INCIDENTS, **more)}


def coverage_inputs():
    return {
        "demand": layer("settlements", [{"id": "S1", "at": (20, 5), "population": 700},
                                        {"id": "S2", "at": (21, 5), "population": 50}]),
        "services": layer("facilities", [{"id": "F1", "at": (20.01, 5), "facility_type": "clinic"}]),
        "areas": layer("admin_areas", AREAS),
    }  # fmt: skip


def asked(method, inputs, *edits, **values):
    return compare(method, inputs, edits, values, as_of=None, settings=Settings(), today=TODAY)


def row_of(result, row_id):
    return next(row for row in result.as_dict()["rows"] if row["id"] == row_id)


def test_a_moved_activity_has_the_counts_of_its_new_place():
    inputs = risk_inputs()
    compared = asked(RISK, inputs, Move("activities", "P00002", 20.0, 5.0))
    assert row_of(compared.before, "P00002")["count_within_radius"] == 1
    assert row_of(compared.after, "P00002")["count_within_radius"] == 6
    # the truth made another way: a layer that holds it there from the start
    records = [r if r["id"] != "P00002" else r | {"at": (20.0, 5.0), "place_precision": "point"} for r in ACTIVITIES]
    there = {"activities": layer("projects", records), "incidents": inputs["incidents"]}
    truth = run_method(RISK, there, {}, as_of=None, settings=Settings(), today=TODAY)
    assert compared.after.as_dict()["rows"] == truth.as_dict()["rows"]


def test_the_stored_version_is_untouched():
    inputs = risk_inputs()
    frames = {role: dataset.frame.copy() for role, dataset in inputs.items()}
    edits = [
        Move("activities", "P00001", 21, 5), Redate("activities", "P00001", end=date(2027, 1, 1)),
        Close("activities", "P00002"), Add("activities", {"lon": 1, "lat": 1}),
    ]  # fmt: skip
    assumed, _ = apply_edits(RISK, inputs, edits)
    for role, dataset in inputs.items():
        assert_frame_equal(dataset.frame, frames[role])
        assert dataset.filtered == ""
    assert assumed["incidents"] is inputs["incidents"]
    one = assumed["activities"]
    assert (one.layer, one.version, one.exercise) == ("projects", 1, True)
    assert one.content_hash != inputs["activities"].content_hash
    assert one.filtered.count("assumption: ") == 4
    assert_frame_equal(one.frame, conform(one.frame, kind_of("projects")))  # still canonical


def test_other_edits_have_another_content():
    def content(*edits):
        return apply_edits(RISK, risk_inputs(), edits)[0]["activities"].content_hash

    assert content(Move("activities", "P00001", 21, 5)) != content(Move("activities", "P00001", 21, 5.1))
    assert content(Close("activities", "P00001")) == content(Close("activities", "P00001"))


def test_a_moved_record_stands_exactly_and_keeps_its_codes_where_no_areas_are_given():
    assumed, (said,) = apply_edits(RISK, risk_inputs(), [Move("activities", "P00001", 21.0, 5.0)])
    row = assumed["activities"].frame.set_index("id").loc["P00001"]
    assert (row["place_precision"], row["admin2_code"]) == ("point", "D1")
    assert pd.isna(row["place_radius_m"])
    assert "admin codes stay as stated" in said
    kilometres = Geod(ellps="WGS84").inv(20, 5, 21, 5)[2] / 1000
    assert f"{kilometres:.1f} km away" in said
    assert "check the coordinates" not in said


def test_a_place_far_from_all_others_is_doubted():
    for edit in (Move("activities", "P00001", -120.0, -8.0), Add("activities", {"lon": 21.0, "lat": 75.0})):
        _, (said,) = apply_edits(RISK, risk_inputs(), [edit])
        assert "km outside the layer's own extent: check the coordinates" in said


def test_codes_follow_the_areas_that_are_given():
    inputs = coverage_inputs()
    inputs["services"] = layer("facilities", [{"id": "F1", "at": (20, 5), "admin1_code": "A", "admin2_code": "D1"}])
    for place, code in (((21.0, 5.0), "D2"), ((30.0, 5.0), None)):
        assumed, (said,) = apply_edits(COVERAGE, inputs, [Move("services", "F1", *place)])
        row = assumed["services"].frame.iloc[0]
        assert (row["admin2_code"] if pd.notna(row["admin2_code"]) else None) == code
        assert row["admin1_code"] == "A"  # the layer of areas has no such level
        assert f"admin2_code {code or 'unknown'}" in said


def test_a_service_more_covers_who_was_not():
    service = {"facility_type": "clinic", "lon": 21.01, "lat": 5.0}
    compared = asked(COVERAGE, coverage_inputs(), Add("services", service), sector="HEA")
    assert (compared.before.summary["uncovered_people"], compared.after.summary["uncovered_people"]) == (50, 0)
    assert compared.summary_changed["uncovered_people"] == {"before": 50, "after": 0}
    (row,) = compared.changed
    assert (row["id"], row["change"]) == ("S2", "changed")
    assert row["fields"]["covered"] == {"before": False, "after": True}
    assert row["fields"]["nearest_service_id"]["after"] == "assumed-1"
    assert set(row["fields"]) >= {"covered", "covered_by", "distance_m", "nearest_service_id", "serving_id"}
    (said,) = compared.assumptions
    assert "admin2_code D2" in said


def test_a_closed_service_leaves_a_gap():
    compared = asked(COVERAGE, coverage_inputs(), Close("services", "F1"), sector="HEA")
    assert (compared.before.summary["uncovered_people"], compared.after.summary["uncovered_people"]) == (50, 750)


def test_both_answers_have_the_same_parameters():
    """A hospital beside clinics would change the default radius; the comparison holds it."""
    hospitals = {"id": "F1", "at": (20, 5), "facility_type": "hospital"}
    inputs = coverage_inputs() | {"services": layer("facilities", [hospitals])}
    compared = asked(COVERAGE, inputs, Add("services", {"facility_type": "clinic", "lon": 25, "lat": 5}))
    assert compared.before.parameters == compared.after.parameters
    assert compared.before.parameters["radius_km"] == 25


def test_a_redated_activity_comes_into_the_horizon_or_leaves_it():
    compared = asked(RISK, risk_inputs(), Redate("activities", "P00001", start=date(2027, 6, 1)))
    assert compared.after.summary["activities_ranked"] == compared.before.summary["activities_ranked"] - 1
    assert [(row["id"], row["change"]) for row in compared.changed] == [("P00001", "withdrawn")]
    back = asked(RISK, risk_inputs(), Redate("activities", "P00002", start=date(2026, 11, 14), end=date(2026, 11, 14)))
    assert back.after.rows.set_index("id").loc["P00002", "end_date"] == pd.Timestamp("2026-11-14")


def test_an_ended_project_leaves_the_ranking():
    compared = asked(RISK, risk_inputs(), Close("activities", "P00002"))
    assert "P00002" in set(compared.before.rows["id"]) - set(compared.after.rows["id"])


def test_rank_alone_makes_no_row_a_changed_one():
    many = [activity(n, (20 + n / 50, 5.0)) for n in range(8)]
    inputs = {"activities": layer("projects", many), "incidents": layer("incidents", INCIDENTS)}
    compared = asked(RISK, inputs, Move("activities", "P00000", 30.0, 5.0))
    assert [row["id"] for row in compared.changed] == ["P00000"]
    before, after = (r.rows.set_index("id")["rank"].sort_index() for r in (compared.before, compared.after))
    assert (before != after).sum() > 1


def test_the_answer_says_what_it_assumes():
    compared = asked(RISK, risk_inputs(), Move("activities", "P00001", 21.0, 5.0))
    document = compared.as_dict()
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert set(document) - set(compared.before.as_dict()) == {"before", "assumptions", "changed", "summary_changed"}
    assert document["before"] == {k: compared.before.as_dict()[k] for k in ("summary", "rows")}
    assert document["inputs"]["activities"]["where"].startswith("assumption: activity")
    assert any(limit.startswith("Assumption: ") for limit in document["limits"])
    assert compared.after.exercise


@pytest.mark.parametrize(
    ("edit", "where", "found"),
    [
        (Move("ponies", "P00001", 1, 1), "risk, input", "ponies"),
        (Move("risks", "P00001", 1, 1), "edit 1, move", "risks"),
        (Move("activities", "nobody", 1, 1), "edit 1, move, id", "nobody"),
        (Move("activities", "P00001", 181, 1), "lon", "181"),
        (Move("activities", "P00001", 1, -90.5), "lat", "-90.5"),
        (Move("activities", "P00001", float("nan"), 1), "lon", "nan"),
        (Move("activities", "P00003", 1, 1), "id", "line"),
        (Redate("activities", "P00002"), "edit 1, redate", "no day"),
        (Redate("activities", "P00002", start=date(2026, 12, 1)), "end", "2026-11-20"),
        (Redate("activities", "P00001", end=date(2020, 1, 1)), "end", "2020-01-01"),
        (Redate("activities", "P00001", start=date(1500, 1, 1)), "redate", "1500-01-01"),
        (Redate("incidents", "I00001", start=date(2026, 1, 1)), "role", "incidents"),
        (Close("incidents", "I00001"), "role", "incidents"),
        (Add("activities", {"pony": 1, "lon": 1, "lat": 1}), "field", "pony"),
        (Add("activities", {"lon": 1}), "lat", "nothing"),
        (Add("activities", {"lon": True, "lat": 1}), "lon", "True"),
        (Add("activities", {"name": "somewhere"}), "record", "none of them"),
        (Add("activities", {"id": "P00001", "lon": 1, "lat": 1}), "id", "P00001"),
        (Add("activities", {"status": "sleeping", "lon": 1, "lat": 1}), "status", "sleeping"),
        (Add("activities", {"people_targeted": -1, "lon": 1, "lat": 1}), "people_targeted", "-1"),
        (
            Add("activities", {"people_targeted": 2**70, "lon": 1, "lat": 1}),
            "people_targeted",
            "1180591620717411303424",
        ),
        (Add("activities", {"people_targeted": 10**400, "lon": 1, "lat": 1}), "people_targeted", "1000"),
        (Add("activities", {"place_radius_m": 10**400, "lon": 1, "lat": 1}), "place_radius_m", "1000"),
        (Add("activities", {"people_targeted": 1.5, "lon": 1, "lat": 1}), "people_targeted", "1.5"),
        (Add("activities", {"name": 5, "lon": 1, "lat": 1}), "name", "5"),
        (Add("activities", {"start_date": "soon", "lon": 1, "lat": 1}), "start_date", "soon"),
        (Add("activities", {"start_date": "2026-11-12", "end_date": "2026-11-11", "lon": 1, "lat": 1}), "end", "11-11"),
        (Add("incidents", {"violent": "yes", "lon": 1, "lat": 1}), "violent", "yes"),
        (Add("incidents", {"occurred_at": "x", "lon": 1, "lat": 1}), "occurred_at", "x"),
    ],
)
def test_what_cannot_be_assumed_is_refused_by_name(edit, where, found):
    with pytest.raises(WrongParameter) as refused:
        apply_edits(RISK, risk_inputs(), [edit])
    assert where in refused.value.where
    assert found in refused.value.found


def test_an_added_record_is_canonical_whatever_it_says():
    record = {
        "incident_type": "Armed clash", "fatalities": 3, "violent": True, "occurred_at": "2026-11-10T06:00+01:00",
        "name": None, "lon": 20, "lat": 5,
    }  # fmt: skip
    assumed, _ = apply_edits(RISK, risk_inputs(), [Add("incidents", {k: v for k, v in record.items() if k != "name"})])
    frame = assumed["incidents"].frame
    assert_frame_equal(frame, conform(frame, kind_of("incidents")))
    last = frame.iloc[-1]
    assert (last["id"], last["incident_type"], last["fatalities"]) == ("assumed-1", "clash", 3)
    assert last["occurred_at"] == pd.Timestamp("2026-11-10T05:00", tz="UTC")
    again, _ = apply_edits(RISK, assumed, [Add("incidents", {"lon": 20, "lat": 5})])
    assert again["incidents"].frame["id"].iloc[-1] == "assumed-2"


def test_a_place_known_by_area_alone_may_be_added_where_the_kind_takes_it():
    assumed, (said,) = apply_edits(RISK, risk_inputs(), [Add("activities", {"admin2_code": "D1"})])
    assert shapely.is_missing(assumed["activities"].frame.geometry.to_numpy()[-1])
    assert "without a place" in said


def test_layers_with_columns_of_the_sender_take_records_too():
    mine = layer("projects", [activity(1, (20, 5), src_remark="mine"), activity(2, (20, 5), src_remark=None)])
    assumed, _ = apply_edits(RISK, risk_inputs() | {"activities": mine}, [Add("activities", {"lon": 1, "lat": 1})])
    frame = assumed["activities"].frame
    assert_frame_equal(frame, conform(frame, kind_of("projects")))
    assert frame["src_remark"].isna().tolist() == [False, True, True]
    assert frame["row"].isna().tolist() == [False, False, True]


def test_a_closed_road_is_closed():
    roads = layer("roads", [{"id": "R", "road_state": "open", "geometry": LineString([(0, 0), (1, 0)])}])
    assumed, (said,) = apply_edits(BUFFERS, {"layer": roads}, [Close("layer", "R")])
    assert assumed["layer"].frame["road_state"].tolist() == ["closed"]
    assert said == 'road "R" closed'


def test_a_road_is_closed_to_every_vehicle_whichever_of_its_rows_is_named():
    line = LineString([(0, 0), (1, 0)])
    rows = [
        {"id": "R", "road_id": "R", "road_state": "restricted", "geometry": line},
        {"id": "R-L", "road_id": "R", "road_state": "open", "vehicle_class": "light", "geometry": line,
         "state_since": pd.Timestamp("2999-01-01")},
        {"id": "S", "road_state": "open", "geometry": line},
    ]  # fmt: skip
    assumed, _ = apply_edits(BUFFERS, {"layer": layer("roads", rows)}, [Close("layer", "R-L")])
    frame = assumed["layer"].frame
    assert_frame_equal(frame, conform(frame, kind_of("roads")))
    for vehicles in ((), ("light",), ("heavy_truck",)):
        assert with_states(frame, AS_OF, vehicles)["road_state"].tolist() == ["closed", "open"]


def test_an_area_is_not_added_as_a_point():
    areas = layer("roads", [{"id": "R", "geometry": LineString([(0, 0), (1, 0)])}])
    images = layer("images", [{"id": "I", "geometry": box(0, 0, 1, 1)}])
    assert apply_edits(BUFFERS, {"layer": areas}, [Add("layer", {"lon": 1, "lat": 1})])
    with pytest.raises(WrongParameter, match="a point for kind images"):
        apply_edits(BUFFERS, {"layer": images}, [Add("layer", {"lon": 1, "lat": 1})])


def test_worlds_stay_apart():
    inputs = risk_inputs() | {"incidents": layer("incidents", INCIDENTS, exercise=False)}
    with pytest.raises(MixedWorlds):
        asked(RISK, inputs, Move("activities", "P00001", 21.0, 5.0))
