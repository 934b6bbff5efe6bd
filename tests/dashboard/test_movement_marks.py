"""How sites and movements are drawn: size, colour, shape and safe text."""

from __future__ import annotations

import json

from analysis.movements import FLOWS
from analysis.site_changes import SITES
from dashboard.result_features import drawn_result
from tests.analysis.test_headlines import SITES as ROWS
from tests.analysis.test_headlines import site
from tests.analysis.test_movements import ask, flow
from tests.analysis.worlds import layer


def marks(result, shape):
    return [f["properties"] for f in json.loads(drawn_result(result, shape))["features"]]


def test_sites_show_their_state_by_shape_and_their_change_by_colour():
    drawn = {m["id"]: m for m in marks(ask(SITES, {"sites": layer("idp_sites", ROWS)}), "rows")}
    seen = {name: (m["s"], m["c"]) for name, m in drawn.items()}
    assert seen == {
        "S-12-6": ("circle", "grew"),
        "S-13-6": ("circle", "fell"),
        "S-29-6": ("hatched", "muted"),
        "S-30-6": ("hollow", "muted"),
        "S-40-6": ("circle", "idp"),
    }
    assert "+3,200" in drawn["S-12-6"]["t"]
    assert "last known 4,100 people (round 5)" in drawn["S-29-6"]["t"]


def test_sites_of_which_nothing_is_known_are_drawn_small():
    rows = [site("<b>x", 6, None, assessment_status="not_assessed")]
    (mark,) = marks(ask(SITES, {"sites": layer("idp_sites", rows)}), "rows")
    assert mark["r"] == 3.5
    assert "<b>x" not in mark["t"].removeprefix("<b>")
    assert "people not known" in mark["t"]


def test_the_width_of_a_movement_is_its_people():
    inputs = {"flows": layer("idp_flows", [flow(1, "A", "X", 1000), flow(2, "A", "Y", 500), flow(3, "A", "Z", 50)])}
    assert [m["w"] for m in marks(ask(FLOWS, inputs), "lines")] == [16.0, 8.0, 1.5]
    assert not any("id" in m for m in marks(ask(FLOWS, inputs), "lines"))
