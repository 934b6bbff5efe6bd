"""Any layer that we write comes back equal: every script, zones, blanks, each format."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

import store
from exports import export_to
from exports.content import of_dataset
from layers.hashing import content_hash
from layers.kinds import INCIDENTS
from layers.schema import conform
from layers.settings import settings
from loaders.drafting import IngestOptions
from loaders.ingest import inspect, review

TODAY = date(2026, 11, 20)
WORDS = [
    "Bangui",
    "بانغي",
    "أبو حمد",
    "班吉",
    "Dékoa, près du marché",
    'Le "grand" pont',
    "a;b\tc",
    "=1+1",
    "-3",
    "0012",
]
TEXT = st.none() | st.sampled_from(WORDS)
MOMENTS = st.none() | st.datetimes(datetime(2020, 1, 1), datetime(2026, 11, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0)
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "occurred_at": MOMENTS,
            "incident_type": st.none() | st.sampled_from(["clash", "protest", "abduction"]),
            "violent": st.none() | st.booleans(),
            "fatalities": st.none() | st.integers(0, 5000),
            "place_name": TEXT,
            "description": TEXT,
            "admin1_code": st.sampled_from(["CF11", "SD01"]),
            "place_radius_m": st.none() | st.floats(0, 1e5, allow_nan=False).map(lambda metres: round(metres, 3)),
            "geometry": st.none()
            | st.tuples(st.floats(-179, 179), st.floats(-89, 89)).map(
                lambda pair: shapely.Point(round(pair[0], 6), round(pair[1], 6))
            ),
        }
    ),
    min_size=1,
    max_size=30,
)


@pytest.mark.parametrize("extension", ["geojson", "gpkg", "csv"])
@hypothesis_settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(rows=ROWS)
def test_what_was_written_comes_back_equal(extension, rows):
    frame = conform(pd.DataFrame(rows).assign(id=[f"E-{n}" for n in range(len(rows))]), INCIDENTS)
    with TemporaryDirectory() as folder:
        access = store.open(Path(folder) / "home", as_=store.OPERATOR)
        access.publish(store.Publication("layer", INCIDENTS, frame, "test", date(2026, 11, 1)), base=None)
        path = Path(folder) / f"export.{extension}"
        export_to(of_dataset(access.load("layer"), settings()), path)
        (draft,) = inspect(path, access, IngestOptions(kind="incidents"))
        again = review(draft, access, today=TODAY)
        assert again.report.rows_rejected == 0
        assert content_hash(again.frame, INCIDENTS) == content_hash(frame, INCIDENTS)
