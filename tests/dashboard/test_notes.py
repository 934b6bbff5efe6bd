"""Notes on the pages: written, seen in their own world, withdrawn with a reason; hostile text stays text."""

from __future__ import annotations

import json
import shutil

import pytest
import shapely
from pages import at_address, run, said
from starlette.requests import Request

from dashboard import cache
from dashboard.components.note_panel import PLACED
from dashboard.components.sketching import place_of
from dashboard.routes.drawing import note_features
from dashboard.view import NOTES, Sketch
from layers.marking import Marking

SPOT = shapely.Point(-119.8, -8.0)
HOSTILE = "<img src=x onerror=alert(1)> `${alert(2)}` \\"


@pytest.fixture
def own_store(tmp_path, sample_store, at):
    """A store of this test alone."""
    home = tmp_path / "home"
    shutil.copytree(sample_store, home)
    at(home)
    return home


def button(app, label):
    return next(b for b in app.button if b.label == label)


def test_a_note_is_written_where_a_point_was_drawn(own_store):
    app = at_address("", sel="orvane-incidents/INC-00001")
    app.session_state[PLACED] = place_of(Sketch("note", "point", ((240.2, -8.0),)))
    app.run()
    assert not app.exception
    assert "EXERCISE data" in said(app)
    app.text_area(key="note.text").set_value("Road under water")
    button(app, "Keep the note").click().run()
    assert not app.exception
    (note,) = cache.notes(exercise=True)
    assert (note.text, note.place, note.by) == ("Road under water", SPOT, cache.access().principal.name)
    assert cache.notes(exercise=False) == ()
    assert app.toggle(key=f"on.{NOTES}").value is True


def test_a_note_without_a_word_is_refused(own_store):
    app = run("")
    app.session_state[PLACED] = place_of(Sketch("note", "circle", ((-119.8, -8.0),), 5000.0))
    app.run()
    button(app, "Keep the note").click().run()
    assert "found nothing" in app.error[0].value
    assert cache.notes(exercise=True) == ()


def test_the_card_of_a_note_withdraws_it(own_store):
    cache.access().notes.keep(HOSTILE, SPOT, exercise=True)
    app = at_address("", sel=f"{NOTES}/1")
    assert not app.exception
    assert "&lt;img src=x" in said(app)
    assert "<img" not in said(app)
    next(t for t in app.text_input if t.label == "Reason").set_value("the water fell")
    button(app, "Withdraw the note").click().run()
    assert not app.exception
    (note,) = cache.notes(exercise=True)
    assert note.withdrawn.reason == "the water fell"
    assert not [t for t in app.toggle if t.key == f"on.{NOTES}"]
    again = at_address("", sel=f"{NOTES}/1")
    assert "the water fell" in said(again)
    assert "withdrawn" in said(again)


def test_a_marked_note_raises_the_banner(own_store):
    assert "CONFIDENTIAL" not in said(run(""))
    cache.access().notes.keep("who was there", SPOT, exercise=True, marking=Marking.CONFIDENTIAL)
    assert "CONFIDENTIAL" in said(run(""))


def asked(**parameters):
    query = "&".join(f"{name}={value}" for name, value in parameters.items())
    return note_features(
        Request({"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": query.encode()})
    )


def test_the_map_gets_those_that_hold_with_inert_text(own_store):
    notes = cache.access().notes
    notes.keep(HOSTILE, SPOT, exercise=True)
    notes.keep("over", SPOT, exercise=True)
    notes.keep("north", shapely.box(-120, -8, -119, -7), exercise=True)
    notes.withdraw(2, reason="over")
    answer = asked(exercise="yes", edition=cache.notes_edition(exercise=True).replace("+", "%2B"))
    assert answer.status_code == 200, answer.body
    drawn = json.loads(answer.body)
    assert drawn["looks"] == [{"s": "note", "r": 8}]
    assert [f["geometry"]["type"] for f in drawn["features"]] == ["Polygon", "Point", "Point"]
    told = [f["properties"] for f in drawn["features"] if f["properties"]]
    assert [(t["layer"], t["id"]) for t in told] == [(NOTES, "1"), (NOTES, "3")]
    assert not set("<`${}\\") & set(told[0]["t"].replace("<br>", "").replace("<b>", "").replace("</b>", ""))


def test_an_address_of_other_notes_is_refused(own_store):
    cache.access().notes.keep("here", SPOT, exercise=True)
    for parameters in ({"exercise": "yes"}, {"exercise": "no", "edition": "1.0.x"}, {}):
        answer = asked(**parameters)
        assert answer.status_code >= 400 or json.loads(answer.body)["features"] == []
    assert asked(exercise="yes", edition="9.0.x").status_code >= 400


def test_a_record_tells_of_the_notes_about_it(own_store):
    info = next(i for i in cache.current_layers(exercise=True) if i.kind == "incidents")
    record = str(cache.dataset(info).frame["id"].iloc[0])
    cache.access().notes.keep("seen by patrol", SPOT, exercise=True, about=(info.layer, record))
    assert "seen by patrol" in said(at_address("", sel=f"{info.layer}/{record}"))
