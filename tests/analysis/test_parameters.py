"""Parameters from text, the plain form of results, and the world that a run belongs to."""

from __future__ import annotations

import json
from datetime import date, datetime

import numpy as np
import pandas as pd
import pytest

from analysis import METHODS, RISK, SITING, method_of
from analysis.method import run_method
from analysis.parameters import parse
from analysis.plain import plain
from analysis.risk import RiskParameters
from layers.errors import MixedWorlds, WrongParameter
from layers.filters import Where, filter_dataset
from layers.marking import Marking
from layers.settings import Settings
from layers.times import FIRST_DAY, LAST_DAY
from tests.analysis.worlds import activity, day, incident, layer


def test_a_text_is_kept_as_it_is_but_for_blanks_around_it():
    (control,) = (c for c in SITING.controls(Settings()) if c.name == "try_at")
    assert (control.type, control.default) == ("text", "")
    assert parse("siting", SITING.parameters, {"try_at": " 18.55, 4.36 "}).try_at == "18.55, 4.36"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"radius_km": "2.5"}, ("radius_km", 2.5)),
        ({"window_days": "ALL"}, ("window_days", None)),
        ({"window_days": None}, ("window_days", None)),
        ({"horizon_days": "7"}, ("horizon_days", 7)),
        ({"horizon_days": 7.0}, ("horizon_days", 7)),
        ({"status": "Planned or active"}, ("status", "planned_or_active")),
        ({"activity_class": "CIMIC"}, ("activity_class", "uncimic")),
    ],
)
def test_text_becomes_a_value(values, expected):
    assert getattr(parse("risk", RiskParameters, values), expected[0]) == expected[1]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"radius_km": "-5"}, "from 0.1 to 500 km"),
        ({"radius_km": "all"}, "a number"),
        ({"radius_km": "inf"}, "a number"),
        ({"window_days": "0"}, "or the word all"),
        ({"window_days": "1.5"}, "a whole number"),
        ({"status": "sleeping"}, "planned_or_active"),
    ],
)
def test_a_wrong_value_is_refused_with_what_is_taken(values, said):
    with pytest.raises(WrongParameter, match=next(iter(values))) as refused:
        parse("risk", RiskParameters, values)
    assert said in refused.value.expected


def test_settings_decide_the_defaults_and_what_is_given_wins():
    own = Settings(baseline_days=60, horizon_days=14, risk_rings_km=(3, 8))
    assert [c.default for c in RISK.controls(own)][:3] == [3, 60, 14]
    inputs = {"activities": layer("projects", [activity(1, (20, 5))]), "incidents": layer("incidents", [])}
    result = run_method(RISK, inputs, {"window_days": "all"}, as_of=None, settings=own, today=date(2030, 1, 1))
    assert result.as_dict()["parameters"]["window_days"] == "all"
    assert result.parameters["horizon_days"] == 14
    assert "within_8km" in result.rows


def test_exercise_layers_have_their_own_day_and_real_ones_today():
    for exercise, expected in ((True, date(2026, 11, 12)), (False, date(2026, 11, 20))):
        inputs = {
            "activities": layer("projects", [activity(1, (20, 5))], exercise=exercise),
            "incidents": layer("incidents", [incident(1, (20, 5))], exercise=exercise, marking=Marking.CONFIDENTIAL),
        }
        result = run_method(RISK, inputs, {}, as_of=None, settings=Settings(), today=date(2026, 11, 20))
        assert result.as_of == expected
        assert result.exercise is exercise
        assert result.marking is Marking.CONFIDENTIAL
        assert result.sources == ("test",)


def test_exercise_and_real_are_refused_by_name():
    inputs = {
        "activities": layer("projects", [activity(1, (20, 5))], "Drill"),
        "incidents": layer("incidents", [], "Reports", exercise=False),
    }
    with pytest.raises(MixedWorlds, match=r"Drill.*Reports"):
        run_method(RISK, inputs, {}, as_of=None, settings=Settings(), today=date(2026, 11, 20))


@pytest.mark.parametrize("as_of", [date.max, date.min, date(1899, 12, 31), date(2201, 1, 1)])
def test_an_as_of_that_no_data_speak_of_is_refused_by_name(as_of):
    inputs = {"activities": layer("projects", [activity(1, (20, 5))]), "incidents": layer("incidents", [])}
    with pytest.raises(WrongParameter, match="as-of") as refused:
        run_method(RISK, inputs, {}, as_of=as_of, settings=Settings(), today=date(2026, 11, 20))
    assert as_of.isoformat() in refused.value.found


@pytest.mark.parametrize("as_of", [FIRST_DAY, LAST_DAY])
def test_the_longest_window_and_horizon_fit_every_as_of(as_of):
    inputs = {
        "activities": layer("projects", [activity(1, (20, 5), start_date=day(as_of.isoformat()))]),
        "incidents": layer("incidents", [incident(1, (20, 5))]),
        "risks": layer("security_risks", [{"id": "R", "at": (20, 5), "last_surveyed": day("2024-01-01")}]),
    }
    longest = {"window_days": 36500, "horizon_days": 36500}
    result = run_method(RISK, inputs, longest, as_of=as_of, settings=Settings(), today=date(2026, 11, 20))
    assert result.as_of == as_of


def test_a_result_says_by_what_its_layers_were_filtered():
    incidents = layer("incidents", [incident(1, (20, 5)), incident(2, (20, 5), incident_type="riot")])
    kept = filter_dataset(incidents, Where(fields={"incident_type": ("Armed clash",)}))
    inputs = {"activities": layer("projects", [activity(1, (20, 5))]), "incidents": kept}
    said = run_method(RISK, inputs, {}, as_of=None, settings=Settings(), today=date(2026, 11, 20)).as_dict()["inputs"]
    assert said["activities"] == {"layer": "projects", "version": 1, "rows": 1}
    assert said["incidents"] == {"layer": "incidents", "version": 1, "rows": 1, "where": "incident_type=Armed clash"}


def test_a_result_is_strict_json():
    inputs = {"activities": layer("projects", [activity(1, None)]), "incidents": layer("incidents", [])}
    result = run_method(RISK, inputs, {}, as_of=None, settings=Settings(), today=date(2026, 11, 20)).as_dict()
    assert json.loads(json.dumps(result, allow_nan=False)) == result
    assert result["rows"][0]["nearest_incident_m"] is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (float("nan"), None),
        (pd.NA, None),
        (pd.NaT, None),
        (np.int64(3), 3),
        (np.bool_(True), True),
        (pd.Timestamp("2026-11-12"), "2026-11-12"),
        (pd.Timestamp("2026-11-12 06:00", tz="UTC"), "2026-11-12T06:00:00+00:00"),
        (datetime(2026, 11, 12), "2026-11-12"),  # noqa: DTZ001 - a day without a zone
        ({"a": (np.float64("inf"), {1})}, {"a": [None, [1]]}),
    ],
)
def test_plain(value, expected):
    assert plain(value) == expected


def test_methods_are_found_by_id():
    assert [method_of(m.id) for m in METHODS] == list(METHODS)
    with pytest.raises(WrongParameter, match="no such"):
        method_of("no such")
