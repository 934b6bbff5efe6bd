"""The sample goes in by the ordinary road: nothing repaired, nothing rejected, nothing to say."""

from __future__ import annotations

import pytest

import store
from data.make_sample import SAMPLE
from loaders.ingest import inspect, publish, review

FILES = sorted(SAMPLE.glob("*.geojson"))


@pytest.fixture(scope="module")
def access(tmp_path_factory):
    return store.open(tmp_path_factory.mktemp("home"), as_=store.OPERATOR)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_each_file_loads_without_findings(path, access):
    (draft,) = inspect(path, access)
    seen = review(draft, access)
    assert (draft.layer, draft.exercise, seen.id_stable) == (path.stem, True, True)
    assert seen.report.findings == ()
    assert len(seen.rejected) == 0
    assert not [c for c in seen.frame.columns if str(c).startswith("src_")]
    info = publish(draft, access, seen, base=None, by="test", note="sample")
    assert (info.rows, info.exercise) == (len(seen.frame), True)
