"""One small layer of any kind, made from what the kind declares."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import pytest
import shapely

from layers.dataset import Dataset
from layers.kind import Field, Kind
from layers.marking import Marking
from layers.schema import conform

PLACE = {
    "point": shapely.Point(18.55, 4.36),
    "line": shapely.LineString([(18.5, 4.3), (18.6, 4.4)]),
    "polygon": shapely.box(18.5, 4.3, 18.6, 4.4),
}
VALUES: dict[str, Any] = {
    "text": "Sô, « l'île »",
    "integer": 7,
    "number": 2.5,
    "flag": True,
    "date": pd.Timestamp("2026-11-12"),
    "picture": "data:image/png;base64,iVBORw0KGgoAAAANSUhEUg==",
    "moment": pd.Timestamp("2026-11-12T06:00", tz="UTC"),
}


def _value(field: Field) -> Any:
    return field.choices[0].value if field.type == "code" else VALUES[field.type]


def _dataset_of(kind: Kind, *, exercise: bool = False) -> Dataset:
    filled = {f.name: _value(f) for f in kind.fields} | {"id": "A-1", "src_note": "=1+1"}
    blank: dict[str, Any] = dict.fromkeys(filled) | {"id": "A-2"}
    frame = pd.DataFrame([filled, blank])
    frame["geometry"] = [PLACE[kind.places[0]], None]
    return Dataset(
        kind=kind,
        frame=conform(frame, kind),
        layer=f"some {kind.id}",
        version=3,
        content_hash="0" * 64,
        source="Office of Samples",
        as_of=date(2026, 11, 12),
        received_at=datetime(2026, 11, 12, 6, tzinfo=UTC),
        marking=Marking.CONFIDENTIAL,
        exercise=exercise,
    )


@pytest.fixture
def dataset_of() -> Callable[..., Dataset]:
    """``dataset_of(kind, exercise=False)``: one full row and one with nothing but its id."""
    return _dataset_of
