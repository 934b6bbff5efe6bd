"""`/find`: layers of one world through the same door, refusals in words, text made safe."""

from __future__ import annotations

import json
from datetime import date
from urllib.parse import urlencode

import geopandas as gpd
import pytest
from shapely import Point, box
from starlette.requests import Request

import store
from dashboard import cache
from dashboard.routes.finding import find
from layers.kinds import ADMIN_AREAS, SETTLEMENTS
from layers.schema import conform

pytestmark = pytest.mark.usefixtures("stored")
HOSTILE = "<img src=x onerror=alert(1)>`${1}`"


@pytest.fixture
def stored(tmp_path, monkeypatch):
    monkeypatch.setenv("OVERLAY_HOME", str(tmp_path))
    cache.forget_all()
    names = ["Bria", "Grand Bria", "Bria", HOSTILE]
    publish("towns", SETTLEMENTS, {"id": ["T1", "T2", "T3", "T4"], "name": names, "population": [5, 9, 7, 1]},
            [Point(21.9, 6.5), Point(22, 6), Point(20, 5), None])  # fmt: skip
    publish("drill", SETTLEMENTS, {"id": ["X1"], "name": ["Bria Drill"]}, [Point(0, 0)], exercise=True)
    publish("areas", ADMIN_AREAS, {"id": ["CF61"], "name": ["Haute-Kotto"], "admin_level": ["1"]}, [box(21, 5, 24, 9)])
    publish("many", SETTLEMENTS, {"id": [f"M{n}" for n in range(6)], "name": ["Kaga"] * 6},
            [Point(18 + n, 4 + n) for n in range(6)])  # fmt: skip
    yield
    cache.forget_all()


def publish(layer, kind, table, places, *, exercise=False):
    frame = conform(gpd.GeoDataFrame(table, geometry=places, crs=4326), kind)
    said = {"source": "test", "as_of": date(2026, 1, 1), "by": "test", "note": "", "exercise": exercise}
    return cache.access().publish(store.Publication(layer=layer, kind=kind, frame=frame, **said), base=None)


def get(**parameters):
    return find(Request({"type": "http", "headers": [], "query_string": urlencode(parameters).encode()}))


def asked(text, exercise="no"):
    answer = get(q=text, exercise=exercise)
    assert answer.status_code == 200
    return json.loads(answer.body)


def test_equal_fits_come_with_most_people_first():
    told = asked("bria")
    assert [a["id"] for a in told["answers"]] == ["T3", "T1", "T2"]
    assert told["answers"][0]["note"].startswith("settlement T3")
    assert told["said"] == []


def test_only_the_layers_of_the_world_in_view():
    assert [a["layer"] for a in asked("bria", "yes")["answers"]] == ["drill"]
    assert "drill" not in {a["layer"] for a in asked("bria")["answers"]}


@pytest.mark.parametrize("text", ["CF61", "cf 61", "haute kotto", "HAUTE-KOTTO"])
def test_an_area_by_p_code_or_name(text):
    (answer,) = asked(text)["answers"]
    assert (answer["layer"], answer["id"], answer["box"]) == ("areas", "CF61", [21, 5, 24, 9])


def test_many_of_one_name_are_one_answer_that_holds_them_all():
    (answer,) = asked("kaga")["answers"]
    assert answer["note"].startswith("6 settlements of this name")
    assert (answer["id"], answer["box"]) == ("", [18, 4, 23, 9])


def test_a_square_is_drawn_as_one():
    (answer,) = asked("34N BK 27 82")["answers"]
    assert answer["shape"]["type"] == "Polygon"
    assert answer["id"] == answer["layer"] == ""


def test_hostile_names_are_inert_and_a_record_without_place_says_so():
    (answer,) = asked("onerror")["answers"]
    assert not {"<", "`", "$", "{"} & set(answer["label"])
    assert "no place of its own" in answer["note"]
    assert answer["box"] is None


def test_nothing_found_and_only_alike_are_said():
    assert asked("zzzz") == {"answers": [], "said": ["Nothing found for &quot;zzzz&quot;."]}
    told = asked("Grnad Bria")
    assert told["answers"][0]["id"] == "T2"
    assert "spelled much like it" in told["said"][0]


def test_refusals():
    assert get(q="x").status_code == 400
    long = get(q="x" * 121, exercise="no")
    assert long.status_code == 400
    assert "at most 120" in long.body.decode()
    assert asked("   ") == {"answers": [], "said": []}


def test_what_is_new_is_found_and_what_is_gone_is_not():
    assert asked("Ouadda")["answers"] == []
    publish("late", SETTLEMENTS, {"id": ["L1"], "name": ["Ouadda"]}, [Point(22.4, 8)])
    assert asked("Ouadda")["answers"][0]["id"] == "L1"
