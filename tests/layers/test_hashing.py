"""The content hash: what makes no difference to it, and what does."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.hashing import content_hash
from layers.kind import Field
from layers.kinds import KINDS, kind_of
from layers.schema import conform, empty

KIND = kind_of("incidents")
TEXT = st.none() | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
PLACES = st.none() | st.builds(
    shapely.Point, st.floats(-180, 180, allow_nan=False), st.floats(-90, 90, allow_nan=False)
)
MOMENTS = st.none() | st.datetimes(datetime(1990, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
ROWS = st.fixed_dictionaries(
    {
        "actor1": TEXT,
        "fatalities": st.none() | st.integers(0, 2**40),
        "place_radius_m": st.none() | st.floats(0, 1e9),
        "violent": st.none() | st.booleans(),
        "occurred_at": MOMENTS,
        "src_remark": TEXT,
        "geometry": PLACES,
    }
)
TABLES = st.lists(ROWS, min_size=1, max_size=8)


def frame_of(rows: list[dict]) -> gpd.GeoDataFrame:
    table = pd.DataFrame(rows, dtype=object).assign(id=[f"r{number}" for number in range(len(rows))])
    for name, dtype in (("fatalities", "Int64"), ("place_radius_m", "Float64"), ("violent", "boolean")):
        table[name] = pd.array(table[name].tolist(), dtype=dtype)
    table["occurred_at"] = pd.to_datetime(table["occurred_at"], utc=True)
    return conform(table, KIND)


@settings(max_examples=60, deadline=None)
@given(TABLES, st.randoms(use_true_random=False))
def test_order_of_rows_and_columns_makes_no_difference(rows, random):
    frame = frame_of(rows)
    order = list(range(len(frame)))
    random.shuffle(order)
    shuffled = frame.iloc[order].reset_index(drop=True)[list(reversed(frame.columns))]
    assert content_hash(shuffled, KIND) == content_hash(frame, KIND)


@settings(max_examples=60, deadline=None)
@given(TABLES)
def test_geoparquet_and_back_makes_no_difference(rows):
    frame = frame_of(rows)
    file = io.BytesIO()
    frame.to_parquet(file, index=False)
    assert content_hash(conform(gpd.read_parquet(file), KIND), KIND) == content_hash(frame, KIND)


@settings(max_examples=60, deadline=None)
@given(TABLES, st.data())
def test_one_changed_cell_changes_it(rows, data):
    number = data.draw(st.integers(0, len(rows) - 1))
    name = data.draw(st.sampled_from([n for n in rows[0] if n != "geometry"]))
    other = data.draw(ROWS)[name]
    changed = [dict(row) for row in rows]
    changed[number][name] = other
    same = rows[number][name] == other  # 0.0 is -0.0
    assert (content_hash(frame_of(changed), KIND) == content_hash(frame_of(rows), KIND)) == same


def test_null_is_not_zero_nor_empty():
    row = {"actor1": None, "fatalities": None, "place_radius_m": None, "violent": None, "occurred_at": None}
    row |= {"src_remark": None, "geometry": None}
    variants = [row, *(row | change for change in ({"fatalities": 0}, {"place_radius_m": 0.0}, {"violent": False},
                                                   {"actor1": ""}, {"actor1": "nan"}))]  # fmt: skip
    assert len({content_hash(frame_of([variant, row]), KIND) for variant in variants}) == len(variants)


def test_values_do_not_slide_between_neighbours():
    rows = [{"actor1": "ab", "src_remark": "c"}, {"actor1": "a", "src_remark": "bc"}]
    one, other = (conform(pd.DataFrame([row | {"id": "x"}]), KIND) for row in rows)
    assert content_hash(one, KIND) != content_hash(other, KIND)


def test_place_matters_to_the_last_bit():
    one, other = (frame_of([{"geometry": shapely.Point(x, 0)} | blank()]) for x in (0.1 + 0.2, 0.3))
    assert content_hash(one, KIND) != content_hash(other, KIND)


def blank() -> dict:
    return dict.fromkeys(("actor1", "fatalities", "place_radius_m", "violent", "occurred_at", "src_remark"))


def test_the_senders_row_number_makes_no_difference():
    frame = frame_of([blank() | {"geometry": None}])
    assert content_hash(frame.assign(row=pd.array([99], dtype="Int64")), KIND) == content_hash(frame, KIND)


def test_a_field_that_the_kind_gains_leaves_old_hashes_alone():
    frame = frame_of([blank() | {"fatalities": 3, "geometry": None}])
    grown = replace(KIND, fields=(*KIND.fields, Field("later", "number", "Came later")))
    assert content_hash(conform(frame, grown), grown) == content_hash(frame, KIND)


def test_it_is_the_same_on_every_machine():
    frame = frame_of([blank() | {"actor1": "é", "fatalities": 2, "geometry": shapely.Point(18.5, 4.25)}])
    assert content_hash(frame, KIND) == "6c862a5d7820ce11922822b10eee68877d0fa43fae344b58ecdb9c3a785bafdc"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)
def test_every_kind_hashes_empty_and_differs(kind):
    assert len(content_hash(empty(kind), kind)) == 64
    assert len({content_hash(empty(other), other) for other in KINDS}) == len(KINDS)


@pytest.mark.parametrize("ids", [["a", "a"], ["a", None]])
def test_ids_that_decide_nothing_are_refused(ids):
    with pytest.raises(ValueError, match="unique"):
        content_hash(conform(pd.DataFrame({"id": ids}), KIND), KIND)
