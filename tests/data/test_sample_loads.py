"""The sample goes in by the ordinary road: nothing repaired, nothing rejected, and no more to say than was planted."""

from __future__ import annotations

import pytest

import store
from commands.sample import sample_files
from data.make_sample import SAMPLE
from loaders.ingest import inspect, publish, review

FILES = sample_files(SAMPLE)
# Incidents told twice are planted, and some activities name their area only (data/README.md).
SAID = {"orvane-incidents": {"possible_duplicate"}, "orvane-activities": {"placed_by_name"}}


@pytest.fixture(scope="module")
def access(tmp_path_factory):
    return store.open(tmp_path_factory.mktemp("home"), as_=store.OPERATOR)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_each_file_says_only_what_was_planted(path, access):
    (draft,) = inspect(path, access)
    seen = review(draft, access)
    assert (draft.layer, draft.exercise, seen.id_stable) == (path.stem, True, True)
    assert {finding.code for finding in seen.report.findings} == SAID.get(path.stem, set())
    assert seen.report.rows_ok == seen.report.rows_in
    assert len(seen.rejected) == 0
    assert not [c for c in seen.frame.columns if str(c).startswith("src_")]
    info = publish(draft, access, seen, base=None, by="test", note="sample")
    assert (info.rows, info.exercise) == (len(seen.frame), True)
