"""The View's text form: the same for equal values, nothing evaluated, junk refused."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.view import Drag, LayerQuery, Question, Selection, Sketch, View, from_text, period_of, to_text
from layers.errors import WrongParameter
from layers.filters import Where
from layers.times import Period

NAMES = st.text(max_size=12)
WHERES = st.builds(
    Where,
    fields=st.dictionaries(NAMES, st.lists(NAMES, max_size=3).map(tuple), max_size=3),
    period=st.builds(lambda a, b: Period(min(a, b), max(a, b)), st.dates(), st.dates()) | st.just(Period()),
    areas=st.lists(NAMES, max_size=3).map(tuple),
    drawn=NAMES,
)


@given(ref=NAMES, where=WHERES)
def test_a_query_comes_back_equal(ref, where):
    query = LayerQuery(ref, "e", where, "a")
    assert from_text(LayerQuery, to_text(query)) == query
    assert to_text(from_text(LayerQuery, to_text(query))) == to_text(query)


def test_a_question_comes_back_equal():
    question = Question("risk", {"activities": LayerQuery("a@1", "e")}, {"radius_km": "5"}, date(2026, 11, 12))
    assert from_text(Question, to_text(question)) == question


JUNK = ["", "{", "[]", '{"ref": 1}', '{"where": {}}', "__import__('os')", '{"ref":"a","where":{"period":7}}']
BESIDE = [None, {}, {"properties": None}, {"properties": {"id": "x"}}, {"properties": {"layer": 1, "id": "x"}}, "text"]


@pytest.mark.parametrize("junk", JUNK)
def test_junk_in_an_address_is_refused_by_name(junk):
    with pytest.raises(WrongParameter, match="Open the page again"):
        from_text(LayerQuery, junk)


@pytest.mark.parametrize("text", [None, "", "layer", "/id", "layer/"])
def test_what_names_no_record_selects_nothing(text):
    assert Selection.parse(text) is None


def test_selection_round_trip_keeps_slashes_in_ids():
    chosen = Selection("orvane-idp-sites", "S-12/6")
    assert Selection.parse(chosen.text()) == chosen


@pytest.mark.parametrize("clicked", BESIDE)
def test_a_click_beside_every_record_selects_nothing(clicked):
    assert Selection.from_click(clicked) is None


def test_a_click_on_a_record_selects_it():
    clicked = {"type": "Feature", "properties": {"layer": "a", "id": "7", "t": "<b>x</b>"}}
    assert Selection.from_click(clicked) == Selection("a", "7")


def test_the_look_back_window_hides_nothing_that_is_planned():
    day = date(2026, 11, 12)
    view = View(False, day, *period_of("7 d", day), areas=("XO01",), fields={"l": {"status": ("active",)}})
    assert view.asked("l") == Where({"status": ("active",)}, Period(), ("XO01",))
    assert view.seen("l", "projects").period == Period()
    assert view.seen("l", "incidents").period == Period(date(2026, 11, 6), date(2026, 11, 12))


def test_an_area_chooses_what_is_asked_about_and_not_what_lies_around_it():
    day = date(2026, 11, 12)
    view = View(False, day, *period_of("all", day), areas=("XO01",), fields={"l": {"status": ("active",)}})
    assert view.asked("l", around=True) == Where({"status": ("active",)})


def dragged(**changes):
    feature = {
        "type": "Feature",
        "properties": {"layer": "a", "id": "7", "dragged": True},
        "geometry": {"type": "Point", "coordinates": [200.5, -8.0]},
    }
    return feature | changes


def test_a_drag_is_no_click_and_a_click_no_drag():
    assert Drag.from_map(dragged()) == Drag("a", "7", -159.5, -8.0)
    assert Selection.from_click(dragged()) is None
    assert Drag.from_map({"properties": {"layer": "a", "id": "7"}, "geometry": {"coordinates": [1, 2]}}) is None


@pytest.mark.parametrize(
    "junk",
    [
        None,
        "x",
        {},
        dragged(geometry=None),
        dragged(geometry={"coordinates": [1]}),
        dragged(geometry={"coordinates": ["1", 2]}),
        dragged(geometry={"coordinates": [1, float("nan")]}),
        dragged(geometry={"coordinates": [1, 91]}),
        dragged(geometry={"coordinates": [10**400, 2]}),
        dragged(properties={"dragged": True, "layer": 3, "id": "7"}),
    ],
)
def test_junk_from_a_map_is_no_drag(junk):
    assert Drag.from_map(junk) is None


def sketched(shape="point", coordinates=(200.5, -8.0), purpose="note", radius=0, **changes):
    kinds = {"point": "Point", "circle": "Point", "line": "LineString", "area": "Polygon"}
    feature = {
        "type": "Feature",
        "properties": {"sketch": purpose, "shape": shape, "radius_m": radius},
        "geometry": {"type": kinds.get(shape), "coordinates": json.loads(json.dumps(coordinates))},
    }
    return feature | changes


OUTLINE = [(1, 2), (3, 2), (3, 4), (1, 2)]


def test_a_shape_that_was_drawn():
    assert Sketch.from_map(sketched()) == Sketch("note", "point", ((200.5, -8.0),))
    assert Sketch.from_map(sketched("circle", (1, 2), "filter", 500.5)) == Sketch("filter", "circle", ((1, 2),), 500.5)
    assert Sketch.from_map(sketched("line", [(1, 2), (3, 4)])).places == ((1.0, 2.0), (3.0, 4.0))
    assert Sketch.from_map(sketched("area", [OUTLINE], "record")).places == ((1, 2), (3, 2), (3, 4))


def test_a_shape_is_no_click_and_no_drag():
    assert Selection.from_click(sketched()) is None
    assert Drag.from_map(sketched()) is None
    assert Sketch.from_map(dragged()) is None


@pytest.mark.parametrize(
    "junk",
    [
        *BESIDE,
        sketched(purpose="delete"),
        sketched(purpose=["filter"]),
        sketched("star"),
        sketched(properties={"sketch": "note", "shape": ["point"]}),
        sketched(geometry=None),
        sketched(geometry={"type": "Point", "coordinates": None}),
        sketched(geometry={"type": "Polygon", "coordinates": [OUTLINE]}),
        sketched(coordinates=(float("nan"), 2)),
        sketched(coordinates=(1, float("inf"))),
        sketched(coordinates=("1", 2)),
        sketched(coordinates=(10**400, 2)),
        sketched(coordinates=(True, 2)),
        sketched(coordinates=(1, 91)),
        sketched(coordinates=(1,)),
        sketched(radius=5),
        sketched("circle", (1, 2)),
        sketched("circle", (1, 2), radius=float("nan")),
        sketched("circle", (1, 2), radius="5"),
        sketched("line", [(1, 2)]),
        sketched("line", [(1, 2), 3]),
        sketched("line", [(n / 9, 0) for n in range(1001)]),
        sketched("area", []),
        sketched("area", [OUTLINE[:2]]),
        sketched("area", [OUTLINE, OUTLINE]),
        sketched("area", "x"),
    ],
)
def test_what_no_map_of_ours_sends_is_no_shape(junk):
    assert Sketch.from_map(junk) is None


def test_a_drawn_area_goes_with_the_areas_and_not_around():
    day = date(2026, 11, 12)
    view = View(False, day, *period_of("all", day), areas=("XO01",), drawn="1_2_500")
    assert view.asked("l") == Where(areas=("XO01",), drawn="1_2_500")
    assert view.asked("l", around=True) == Where()
    assert view.seen("l", "incidents").drawn == "1_2_500"
