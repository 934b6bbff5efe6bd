"""Work on files: how far it is, a way to stop it, and why it failed when it did."""

from __future__ import annotations

import streamlit as st

from dashboard import cache
from dashboard.components import look
from dashboard.components.boundary import in_words
from dashboard.components.filter_bar import look_at
from loaders import jobs
from loaders.jobs import Job

EVERY_S = 0.5
GO_TO = "_go_to_layer"  # the layer whose history is opened on the next run
STAGES = {
    "starting": "Starting",
    "reading": "Reading in the sandbox",
    "recognising": "Recognising",
    "checking": "Checking every row",
    "comparing": "Comparing with what is stored",
    "publishing": "Publishing",
}
TASKS = {"inspect": "being opened", "review": "being checked", "publish": "being published"}


def job_panel() -> None:
    """The jobs that run or failed; looks again by itself while one runs, and shows the outcome when it ends."""
    found = jobs.jobs(cache.access())
    running = {job.id for job in found if job.state == "running"}
    for job in found:
        if job.state == "done":
            _ended(job)
        elif job.state == "failed" and job.task != "review":
            _failed(job)
    if running:
        st.fragment(in_words(_running), run_every=EVERY_S)(frozenset(running))


def _running(known: frozenset[str]) -> None:
    """What runs. Another set of jobs than the page was made with: the page is made anew."""
    found = [job for job in jobs.jobs(cache.access()) if job.state == "running"]
    if {job.id for job in found} != known:
        st.rerun()
    for job in found:
        with st.container(key=f"job-{job.id}"):
            words, act = st.columns([6, 1], vertical_alignment="center")
            words.html(progress_line(job))
            if act.button("Cancel", key=f"cancel.{job.id}", type="tertiary", width="stretch"):
                jobs.cancel(job.id, cache.access())
                if job.draft and job.task == "review":
                    st.session_state[stopped_key(job.draft)] = True
                st.rerun()


def progress_line(job: Job) -> str:
    """How far a job is, in words."""
    rows = f"{job.rows:,} rows · " if job.rows else ""
    stage = STAGES.get(job.stage, job.stage.capitalize())
    return (
        f'<div class="o-job" role="status"><i></i><b>{look.text(job.file)}</b> '
        f"<span>{look.text(stage)} · {rows}{job.seconds:,.0f} s</span></div>"
    )


def stopped_key(draft_id: str) -> str:
    """Where it is kept that the person stopped the check of a draft: it then does not begin again by itself."""
    return f"stopped.{draft_id}"


def _ended(job: Job) -> None:
    """The outcome is on the page already; a publication is said, and its history opened."""
    jobs.dismiss(job.id, cache.access())
    if job.published is None:
        return
    made = job.published
    st.toast(
        f"Published {look.markdown(str(made['layer']))}, version {made['version']}: {made['rows']:,} rows, "
        f"{made['marking']}."
    )
    look_at(exercise=bool(made["exercise"]))
    st.session_state[GO_TO] = made["layer"]
    st.rerun()


def _failed(job: Job) -> None:
    """Why nothing came of it; dismissed by the person."""
    words, act = st.columns([6, 1], vertical_alignment="center")
    with words:
        look.refusal(job.error or {})
    if act.button("Dismiss", key=f"dismiss.{job.id}", width="stretch"):
        jobs.dismiss(job.id, cache.access())
        st.rerun()
