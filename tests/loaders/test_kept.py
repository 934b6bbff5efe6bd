"""A review on disk, and the jobs that make it."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from layers.errors import LoadError
from loaders import ingest, jobs
from loaders.kept import kept_review, make_review
from loaders.scratch import aside_folder, work_folder
from store.objects import read_written

ROWS = 40
HEADER = "event_id,event_date,event_type,latitude,longitude,fatalities,contact phone\n"


def table(rows=ROWS, *, bad=3):
    lines = [
        f"E{n},2026-10-{n % 28 + 1:02},battle,{4 + n / 100},{18 + n / 100},{n % 3},+236 70 55 0{n:03}"
        for n in range(rows)
    ]
    return (
        HEADER
        + "\n".join([*lines, *(f"B{n},2026-10-01,battle,95,200,0,+236 70 66 0{n:03}" for n in range(bad))])
        + "\n"
    )


@pytest.fixture
def draft(access, write):
    return ingest.inspect(write("incidents.csv", table()), access)[0]


def test_summary_is_the_review(access, draft):
    make_review(draft, access)
    kept, made = kept_review(draft, access), ingest.review(draft, access)
    assert (kept.report.rows_in, kept.report.rows_rejected) == (ROWS + 3, 3)
    assert replace(made.report, findings=()) == kept.report
    assert kept.placed == len(made.frame) == ROWS
    assert sum(count.count for count in kept.counts) == len(made.report.findings)
    assert read_written(kept.whole().frame, made.kind).equals(made.frame)


def test_findings_by_code_and_their_limit(access, draft):
    make_review(draft, access)
    kept = kept_review(draft, access)
    assert {f.code for f in kept.findings("rejected")} == {"out_of_range"}
    assert [f.row for f in kept.findings(code="out_of_range")] == [ROWS + 2, ROWS + 3, ROWS + 4]
    assert len(kept.findings(code="out_of_range", most=2)) == 2


def test_choices_make_a_review_out_of_date(access, draft):
    make_review(draft, access)
    draft = ingest.take_as(draft, access, kind=draft.kind, layer=draft.layer, mapping={"fatalities": ""})
    assert kept_review(draft, access) is None
    make_review(draft, access)
    assert "fatalities" not in kept_review(draft, access).mapping


def test_rejected_rows_go_back_with_what_is_about_people(access, draft, tmp_path):
    assert draft.personal == ("contact phone",)
    make_review(draft, access)
    rejected = kept_review(draft, access).rejected()
    assert rejected["contact phone"].tolist() == [f"+236 70 66 0{n:03}" for n in range(3)]
    assert rejected["reason"].str.len().gt(10).all()
    stored = b"".join(path.read_bytes() for path in access.home.rglob("*") if path.is_file())
    assert b"+236 70" not in stored
    ingest.discard(draft, access)
    assert not (aside_folder(access.home) / draft.id).exists()


def test_a_refusal_is_kept_with_its_parts(access, write):
    draft = ingest.inspect(
        write("a.csv", "event_type,fatalities\nbattle,1\n"), access, ingest.IngestOptions(kind="incidents")
    )[0]
    make_review(draft, access)
    kept = kept_review(draft, access)
    assert kept.refusal["code"] == "missing_field"
    assert kept.refusal["remedy"]
    assert kept.findings() == []


def test_changes_against_the_version_seen(access, write):
    first = ingest.inspect(
        write("sites_2026-01.csv", "site_id,latitude,longitude,individuals,households\nA,4,18,100,20\nB,5,18,200,40\n"),
        access,
    )[0]
    ingest.publish(first, access, ingest.review(first, access), base=None, by="t", note="", confirmed=True)
    second = ingest.inspect(
        write("sites_2026-02.csv", "site_id,latitude,longitude,individuals,households\nA,4,18,150,20\nC,6,18,10,2\n"),
        access,
    )[0]
    assert (second.layer, second.base, second.remembered) == (first.layer, 1, True)
    make_review(second, access)
    kept = kept_review(second, access)
    assert kept.added is not None
    assert (kept.added, kept.changed, kept.withdrawn) == (1, 1, 1) or not kept.id_stable


def finished(job, access):
    deadline = time.monotonic() + 60
    while True:
        now = next(j for j in jobs.jobs(access) if j.id == job.id)
        if now.state != "running" or time.monotonic() > deadline:
            return now
        time.sleep(0.1)


def upload(access, name, content):
    path = jobs.staging(access) / name
    path.write_text(content, "utf-8")
    return path


def test_a_file_all_the_way_by_jobs(access):
    job = finished(jobs.start_inspect(upload(access, "incidents.csv", table()), access), access)
    assert (job.state, len(job.drafts)) == ("done", 1), job.error
    draft = ingest.load_draft(access, job.drafts[0])
    assert kept_review(draft, access).report.rows_rejected == 3
    published = finished(jobs.start_publish(draft, access, note="why"), access)
    assert published.published["rows"] == ROWS, published.error
    assert access.info(draft.layer).note == "why"
    for done in (job, published):
        jobs.dismiss(done.id, access)
    assert jobs.jobs(access) == []
    assert ingest.open_drafts(access) == []


def test_a_refused_file_says_why(access):
    job = finished(jobs.start_inspect(upload(access, "a.csv", ""), access), access)
    assert job.state == "failed"
    assert job.error["code"] == "unreadable_file"
    assert "Traceback" not in str(job.error)


def test_cancelling_leaves_nothing(access):
    job = jobs.start_inspect(upload(access, "big.csv", table(200_000)), access)
    time.sleep(1.0)
    jobs.cancel(job.id, access)
    assert jobs.jobs(access) == []
    assert not any((work_folder(access.home) / "jobs").iterdir())
    assert list(access.drafts().iterdir()) == []


def test_cancelling_twice_is_no_fault(access):
    job = jobs.start_inspect(upload(access, "a.csv", table()), access)
    jobs.cancel(job.id, access)
    jobs.cancel(job.id, access)
    assert jobs.jobs(access) == []


@pytest.mark.parametrize("job_id", ["../../etc", ""])
def test_only_jobs_that_were_started(access, job_id):
    with pytest.raises(LoadError):
        jobs.cancel(job_id, access)


def test_what_a_title_says_of_people_is_not_kept(access, write):
    title = "DTM sites 2026-10-01,,\nPrepared by Jane Mukasa-Roe +236 70 55 01 23,,\n"
    path = write("sites.csv", title + "site_id,latitude,longitude,individuals\nA,4,18,100\nB,5,18,200\n")
    (draft,) = ingest.inspect(path, access)
    make_review(draft, access)
    stored = b"".join(path.read_bytes() for path in access.home.rglob("*") if path.is_file())
    assert draft.named_day.isoformat() == "2026-10-01"
    assert b"Mukasa" not in stored
    assert b"55 01 23" not in stored
