"""Geometry that crosses itself is repaired, or its row rejected with the reason: never the whole file."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from loaders import places
from loaders.coordinates import read_shapes
from loaders.wkb import DEEPEST, not_deep

BOW = "POLYGON((0 0, 2 2, 2 0, 0 2, 0 0))"


def star(corners: int) -> str:
    """A ring whose every edge crosses nearly all others."""
    angles = np.arange(corners + 1) * np.pi * (1 - 1 / corners)
    return shapely.Polygon(np.column_stack([np.cos(angles), np.sin(angles)]) + 10).wkt


def codes(result):
    return {(f.code, f.severity) for f in result.report.findings}


def test_a_bow_tie_is_repaired(check):
    result = check("admin_areas", {"id": ["a"], "name": ["A"], "wkt": [BOW]})
    assert ("geometry_repaired", "repaired") in codes(result)
    assert result.frame.geometry.iloc[0].area == pytest.approx(2)


@pytest.mark.parametrize(
    ("limit", "value", "said"),
    [("MOST_VERTICES", 4, "vertices"), ("MOST_CROSSINGS", 5_000, "cross itself")],
)
def test_what_would_take_too_much_is_rejected(check, monkeypatch, limit, value, said):
    monkeypatch.setattr(places, limit, value)
    columns = {"id": ["a", "b"], "name": ["A", "B"], "wkt": [star(301), "POLYGON((0 0, 1 0, 1 1, 0 0))"]}
    result = check("admin_areas", columns)
    assert (result.report.rows_rejected, len(result.frame)) == (1, 1)
    assert said in result.rejected["reason"].iloc[0]


def test_a_library_that_gives_up_costs_one_row(check, monkeypatch):
    def gives_up(shape):
        raise shapely.errors.GEOSException("bad allocation")

    monkeypatch.setattr(shapely, "make_valid", gives_up)
    result = check("admin_areas", {"id": ["a", "b"], "name": ["A", "B"], "wkt": [BOW, "POLYGON((0 0, 1 0, 1 1, 0 0))"]})
    assert result.rejected["row"].tolist() == [2]
    assert "bad allocation" in result.rejected["reason"].iloc[0]


def test_crossings_of_an_honest_outline_are_few():
    outline = shapely.Point(20, 5).buffer(1, quad_segs=20_000)
    assert places._crossings(outline) < 1_000
    assert places._crossings(shapely.from_wkt(star(2001))) > 1_000_000


def test_collections_in_collections_are_reduced(check):
    nested = (
        "GEOMETRYCOLLECTION(GEOMETRYCOLLECTION(GEOMETRYCOLLECTION(POINT(20 5), LINESTRING(0 0, 1 1))), POINT(21 5))"
    )
    frame = check("facilities", {"name": ["a"], "wkt": [nested]}).frame
    assert frame.geometry.iloc[0].equals(shapely.MultiPoint([(20, 5), (21, 5)]))


POINT = shapely.Point(1, 2).wkb.hex()
DEEP = {
    "WKT": "GEOMETRYCOLLECTION(" * 100_000 + "POINT(1 2)" + ")" * 100_000,
    "GeoJSON": '{"type":"GeometryCollection","geometries":[' * 50_000 + "]}" * 50_000,
    "WKB": "010700000001000000" * 100_000 + POINT,
}


@pytest.mark.parametrize("form", DEEP)
def test_a_cell_nested_too_deeply_ends_no_process(form, check):
    import pandas as pd

    placed = read_shapes(pd.Series([DEEP[form], "POINT(1 2)"], dtype="str"), "a.csv")
    assert placed.bad.tolist() == [True, False]


def test_wkb_nested_too_deeply_is_told():
    deep = bytes.fromhex("010700000001000000" * (DEEPEST + 4) + POINT)
    with pytest.raises(ValueError, match="collections"):
        not_deep(deep)
    assert not_deep(bytes.fromhex(POINT)) == bytes.fromhex(POINT)
    assert not_deep(None) is None
