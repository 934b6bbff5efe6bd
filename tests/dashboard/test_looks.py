"""Looks: each said once, each record naming its own."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from dashboard import looks
from layers.kinds import FACILITIES, INCIDENTS, ROADS
from layers.schema import conform


def incidents(deaths):
    points = shapely.points(np.arange(len(deaths), dtype=float), 0.0)
    frame = gpd.GeoDataFrame({"id": [str(n) for n in range(len(deaths))], "fatalities": deaths}, geometry=points,
                             crs="EPSG:4326")  # fmt: skip
    return conform(frame, INCIDENTS)


def test_records_of_one_figure_share_a_look():
    found = looks.looks_of(incidents([0, 25, None, 0, 400]), INCIDENTS)
    assert len(found.table) == 2
    assert [found.table[n]["r"] for n in found.index] == [3.2, 9.0, 3.2, 3.2, 9.0]


def test_parts_are_laid_together_and_what_a_record_has_not_is_not_said(monkeypatch):
    shapes = np.array(["a", None, "b", "a", "a"], object)
    monkeypatch.setattr(looks, "PARTS", (*looks.PARTS, ("s", lambda frame, kind, style: shapes)))
    found = looks.looks_of(incidents([0, 0, 0, 25, 0]), INCIDENTS)
    said = [found.table[n] for n in found.index]
    assert said == [{"r": 3.2, "s": "a"}, {"r": 3.2}, {"r": 3.2, "s": "b"}, {"r": 9.0, "s": "a"}, {"r": 3.2, "s": "a"}]
    assert len(found.table) == 4


def test_the_state_of_a_road_is_told_by_colour_dashes_and_shape():
    states = ["open", "restricted", "closed", None]
    frame = gpd.GeoDataFrame({"id": list("abcd"), "road_state": states}, geometry=shapely.points(np.arange(4.0), 0.0),
                             crs="EPSG:4326")  # fmt: skip
    found = looks.looks_of(conform(frame, ROADS), ROADS)
    said = [found.table[n] for n in found.index]
    assert [look.get("c") for look in said] == ["road_open", "road_restricted", "road_closed", None]
    assert [("d" in look, look.get("s")) for look in said] == [
        (False, None), (True, "triangle"), (True, "cross"), (False, None)
    ]  # fmt: skip


@pytest.mark.parametrize("number", [0, 3])
def test_a_kind_without_a_figure_has_one_look(number):
    frame = conform(incidents([1] * number)[["id", "geometry"]], FACILITIES)
    found = looks.looks_of(frame, FACILITIES)
    assert len(found.index) == number
    assert all(found.table[n] == {"r": 5.0} for n in found.index)
