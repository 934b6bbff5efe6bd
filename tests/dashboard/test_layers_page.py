"""The Layers page: what comes in is bounded, what is shown is the file's own account, what leaves is safe."""

from __future__ import annotations

import asyncio
import io
import json
import re
import time
from pathlib import Path
from urllib.parse import quote, urlsplit

import openpyxl
import pytest
from pages import at_address
from starlette.requests import ClientDisconnect, Request
from streamlit.testing.v1 import AppTest

from dashboard import cache
from dashboard.components.draft_map import shown_words
from dashboard.components.findings_panel import grouped, in_words, pair_in_words, searched
from dashboard.components.mapping_panel import in_words as sureness
from dashboard.components.version_panel import _hindered
from dashboard.routes.downloads import download, findings, rejected_rows, template
from dashboard.routes.drawing import draft_features
from dashboard.routes.uploads import parts_of, staged_name, upload
from dashboard.view import DraftQuery, from_text, to_text
from layers.errors import LoadError
from layers.report import Finding
from layers.settings import PROJECT, settings
from loaders import ingest, jobs
from loaders.kept import kept_review, make_review
from loaders.scratch import work_folder

FRAME = str(PROJECT / "dashboard" / "frame.py")
SITES = (
    "id,site_name,individuals,households,latitude,longitude,Key informant name,Phone\n"
    "S1,<b>Mill</b>,500,100,6.5,21.9,Zephyrine Quillfeather,+44 20 7946 0991\n"
    "S2,Quay,400,80,6.6,21.8,Ottoline Brackwater,+44 20 7946 0217\n"
    "S3,Lost,300,60,north,21.7,Zephyrine Quillfeather,+44 20 7946 0991\n"
)


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """A store of its own, under the dashboard."""
    monkeypatch.setenv("OVERLAY_HOME", str(tmp_path / "home"))
    cache.forget_all()
    yield tmp_path / "home"
    cache.forget_all()


@pytest.fixture
def access(home):
    return cache.access()


@pytest.fixture
def draft(access, tmp_path):
    """A site list that came in and was checked."""
    file = tmp_path / "sites.csv"
    file.write_text(SITES)
    (made,) = ingest.inspect(file, access)
    make_review(made, access)
    return made


def query_of(draft) -> str:
    return to_text(cache.draft_query(draft, kept_review(draft, cache.access())))


def request(path: str, *, headers: dict[str, str] | None = None, chunks: list[bytes] | None = None, gone: bool = False):
    """A request as the server hands it over."""
    path, _, asked = path.partition("?")
    waiting = [*(chunks or [])]
    scope = {
        "type": "http",
        "method": "POST" if chunks is not None else "GET",
        "path": path,
        "query_string": asked.encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()],
    }

    async def receive():
        if waiting:
            return {"type": "http.request", "body": waiting.pop(0), "more_body": bool(waiting) or gone}
        return {"type": "http.disconnect"} if gone else {"type": "http.request", "body": b"", "more_body": False}

    return Request(scope, receive)


def body_of(response) -> bytes:
    """All that a response sends."""
    if hasattr(response, "body_iterator"):

        async def collected():
            return b"".join([part async for part in response.body_iterator])

        return asyncio.run(collected())
    return response.body


def send(chunks: list[bytes], parts: list[tuple[str, int]] | None = None, **more):
    """Upload and answer (status, document)."""
    headers = {} if parts is None else {"X-File-Parts": quote(json.dumps(parts))}
    answer = asyncio.run(
        upload(request("/upload", headers={**headers, **more.pop("headers", {})}, chunks=chunks, **more))
    )
    return answer.status_code, json.loads(answer.body)


def nothing_staged(home: Path) -> bool:
    folder = work_folder(home) / "jobs"
    return not folder.is_dir() or not list(folder.iterdir())


# ---- what comes in --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "staged"),
    [
        ("../../etc/passwd", "passwd"),
        ("a\x00b.csv", "a_b.csv"),
        ("..", "upload"),
        ("C:\\x\\y.csv", "y.csv"),
        ("n" * 300 + ".geojson", "n" * 60 + ".geojson"),
    ],
)
def test_a_name_is_no_path(sent, staged):
    assert staged_name(sent) == staged
    assert parts_of(quote(json.dumps([[sent, 3]])), "")[0].name == staged
    assert parts_of("", quote(sent))[0].name == staged


def test_the_parts_of_a_shapefile_come_under_one_stem():
    sent = [["Roads.SHP", 9], ["roads.dbf", 8], ["ROADS.prj", 7], ["Roads.shp.xml", 1]]
    names = [part.name for part in parts_of(quote(json.dumps(sent)), "")]
    assert names == ["Roads.shp", "Roads.dbf", "Roads.prj", "Roads.xml"]


@pytest.mark.parametrize(
    "said",
    [
        "",
        "junk",
        "[]",
        "{}",
        json.dumps([["a.csv", -1]]),
        json.dumps([["a.csv", "x"]]),
        json.dumps([["a.csv", 1], ["b.csv", 1]]),
        json.dumps([["a.dbf", 1], ["a.shp", 1]]),
        json.dumps([["a.shp", 1], ["../b.dbf", 1]]),
        json.dumps([["a.shp", 1], ["a.dbf", 1], ["A.DBF", 1]]),
        json.dumps([["a.shp", 1], *([f"a.x{n}", 1] for n in range(20))]),
        "[" * 5000,
    ],
)
def test_other_lists_of_files_are_refused(home, said):
    with pytest.raises(LoadError, match="page"):
        parts_of(quote(said), "")
    status, answer = send([b"x"], headers={"X-File-Parts": quote(said)} if said else {})
    assert (status, set(answer)) == (422, {"error"})
    assert nothing_staged(home)


def test_a_file_streams_into_a_job_and_becomes_a_draft(home, access):
    content = SITES.encode()
    status, answer = send([content[:50], content[50:51], content[51:]], [("sites.csv", len(content))])
    assert status == 200
    for _ in range(600):
        (job,) = jobs.jobs(access)
        if job.state != "running":
            break
        time.sleep(0.05)
    assert (job.id, job.state, job.error) == (answer["job"], "done", None)
    (draft,) = ingest.open_drafts(access)
    assert draft.personal == ("Key informant name", "Phone")
    assert kept_review(draft, access).report.rows_rejected == 1


@pytest.mark.parametrize("cut", [1, 7, 10, 12])
def test_parts_are_cut_where_they_were_said_to_end(home, access, monkeypatch, cut):
    kept = {}

    def look(path, access):
        kept.update({file.name: file.read_bytes() for file in path.parent.iterdir()})
        raise LoadError("a", "b", "c", "d")

    monkeypatch.setattr(jobs, "start_inspect", look)
    body = b"shpshpsDBFxPRJ"
    chunks = [body[i : i + cut] for i in range(0, len(body), cut)]
    send(chunks, [("a.shp", 7), ("a.dbf", 4), ("a.cpg", 0), ("a.prj", 3)])
    assert kept == {"a.shp": b"shpshps", "a.dbf": b"DBFx", "a.cpg": b"", "a.prj": b"PRJ"}
    assert nothing_staged(home)


@pytest.mark.parametrize("body", [b"short", b"much longer than was said"])
def test_a_body_of_another_length_is_refused(home, body):
    status, answer = send([body], [("a.csv", 10)])
    assert (status, answer["error"]["code"]) == (422, "load_error")
    assert nothing_staged(home)


def test_a_body_over_the_limit_is_refused_before_it_is_whole(home, monkeypatch):
    monkeypatch.setattr("dashboard.routes.uploads.settings", lambda: settings().model_copy(update={"max_file_mb": 1}))
    status, answer = send([bytes(600_000)] * 40, headers={"X-File-Name": "big.csv"})
    assert (status, answer["error"]["code"]) == (422, "too_large")
    assert nothing_staged(home)


def test_a_sender_who_goes_away_leaves_nothing(home):
    with pytest.raises(ClientDisconnect):
        send([b"half"], [("a.csv", 10)], gone=True)
    assert nothing_staged(home)


# ---- what leaves ----------------------------------------------------------------------------


def test_rejected_rows_leave_with_reason_and_every_cell_that_was_sent(draft):
    asked = quote(query_of(draft))
    text = body_of(rejected_rows(request(f"/rejected?q={asked}&format=csv"))).decode("utf-8-sig")
    head, row = text.strip().split("\r\n")
    assert head.startswith("overlay_row,overlay_reason,id")
    assert row.startswith("4,")
    assert "Zephyrine Quillfeather" in row
    answer = rejected_rows(request(f"/rejected?q={asked}&format=xlsx"))
    sheet = openpyxl.load_workbook(io.BytesIO(body_of(answer))).active
    assert sheet.max_row == 2
    assert answer.headers["cache-control"] == "no-store"
    assert rejected_rows(request(f"/rejected?q={asked}&format=exe")).status_code == 400


def test_findings_leave_whole(draft):
    text = body_of(findings(request(f"/findings?q={quote(query_of(draft))}"))).decode("utf-8-sig")
    kept = kept_review(draft, cache.access())
    assert text.count("\r\n") == 1 + sum(count.count for count in kept.counts)
    assert "Quillfeather" not in text


def test_the_preview_is_drawn_with_safe_names(draft):
    answer = draft_features(request(f"/drawn/draft?q={quote(query_of(draft))}"))
    drawn = json.loads(answer.body)
    assert len(drawn["features"]) == 2
    assert "<b>Mill" not in drawn["features"][0]["properties"]["t"].removeprefix("<b>")


@pytest.mark.parametrize("route", [rejected_rows, findings, draft_features])
def test_another_check_or_no_draft_is_refused(draft, route):
    asked = from_text(DraftQuery, query_of(draft))
    for wrong in (DraftQuery(asked.draft, "0"), DraftQuery("0" * 32, asked.review), DraftQuery("../..", "0")):
        assert route(request(f"/x?q={quote(to_text(wrong))}")).status_code == 422
    assert route(request("/x?q=junk")).status_code == 400
    ingest.take_as(draft, cache.access(), kind="settlements", layer="x")
    assert route(request(f"/x?q={quote(to_text(asked))}")).status_code == 422


def test_templates_leave_by_kind(home):
    answer = template(request("/template?kind=incidents"))
    assert answer.status_code == 200
    assert 'filename="template-incidents.xlsx"' in answer.headers["content-disposition"]
    assert template(request("/template?kind=../x")).status_code == 422


# ---- what is shown --------------------------------------------------------------------------


def page() -> AppTest:
    app = AppTest.from_file(FRAME, default_timeout=60).run()
    return app.switch_page(str(PROJECT / "dashboard/views/layers.py")).run()


def said(app: AppTest) -> str:
    return " ".join([*(e.proto.body for e in app.get("html")), *(m.value for m in (*app.markdown, *app.error))])


def test_the_page_gives_the_account_and_one_filled_button(draft):
    app = page()
    assert not app.exception
    assert not app.error
    assert "3 rows in: 2 ok, 0 repaired, 1 rejected." in said(app)
    assert "Key informant name, Phone" in said(app)
    assert "Quillfeather" not in said(app)
    assert "A new layer: nothing is replaced." in said(app)
    filled = [b.label for b in app.button if b.proto.type == "primary"]
    assert filled == ["Publish"]


def test_what_would_change_is_said_before_publishing(draft, access, tmp_path):
    ingest.publish(draft, access, kept_review(draft, access).whole(), base=None, by="t", note="")
    file = tmp_path / "sites.csv"
    file.write_text(SITES.replace("500,100", "510,100").replace("S2,Quay", "S9,Quay"))
    (again,) = ingest.inspect(file, access)
    make_review(again, access)
    words = said(page())
    assert "Against version 1 of sites this would be: <b>1 added</b>" in words
    assert "<b>1 changed</b>" in words
    assert "<b>1 withdrawn</b>" in words


def test_a_choice_starts_a_check_and_the_page_does_not_wait(draft, access):
    app = page()
    app.selectbox(key=f"kind.{draft.id}").select("settlements").run()
    assert not app.exception
    assert ingest.load_draft(access, draft.id).kind == "settlements"
    for job in jobs.jobs(access):
        assert job.task == "review"
        jobs.cancel(job.id, access)


def test_somebody_published_in_between(draft, access):
    frame = kept_review(draft, access).whole()
    ingest.save_draft(draft, None, access.drafts())
    other = ingest.replace(draft, id="f" * 32)
    ingest.publish(other, access, frame, base=None, by="another", note="first")
    make_review(draft, access)
    app = page()
    assert "Somebody published version 1" in " ".join(w.value for w in app.warning)
    assert not [b for b in app.button if b.label == "Publish"]


def test_words():
    assert [sureness(c) for c in (0.97, 0.75, 0.5, 0.1)] == ["sure, 97%", "likely, 75%", "perhaps, 50%", "a guess, 10%"]
    assert shown_words(2, 2, 2) == "All 2 shown."
    assert shown_words(5000, 1_000_000, 1_000_000).startswith("5,000 of 1,000,000 shown")
    found = Finding("bad", "rejected", "a.csv, row 4, lat: found x, no number. Mend it.", 4, "lat", "north")
    assert in_words(found) == "Found x, no number. Mend it."
    assert searched([found], "4 NORTH") == [found]
    assert searched([found], "south") == []
    pair = Finding("possible_duplicate", "warning", "", 28, "id", "rows 9, 28")
    assert pair_in_words(pair, {9: "Mill"}) == "row 9, Mill ⇄ row 28"


def test_why_a_roll_back_is_not_possible(draft, access):
    info = ingest.publish(draft, access, kept_review(draft, access).whole(), base=None, by="t", note="")
    assert "reason" in _hindered(0, info, "")
    assert "current" in _hindered(1, info, "why")
    assert _hindered(0, info, "why") == ""


def test_what_repeats_for_a_row_is_said_once_with_its_count():
    lost = Finding("bad", "repaired", "a.csv, row 4, lat: found x. Mend it.", 4, "lat", "x", "Mend it.")
    other = Finding("bad", "repaired", "a.csv, row 5, lat: found x. Mend it.", 5, "lat", "x", "Mend it.")
    assert grouped([lost, other, lost, lost]) == [(lost, 3), (other, 1)]


def test_more_rejected_rows_than_a_sheet_takes_are_said_beside_the_link(draft, monkeypatch):
    monkeypatch.setattr("dashboard.components.findings_panel.MOST_IN_A_SHEET", 0)
    words = said(page())
    assert "the first 0 of 1 rejected row" in words
    assert "all of them as CSV" in words


def test_files_are_published_one_after_another(draft, access, tmp_path, monkeypatch):
    file = tmp_path / "wells.csv"
    file.write_text("id,site_name,individuals,households,latitude,longitude\nW1,One,500,100,6.5,21.9\n")
    (other,) = ingest.inspect(file, access)
    make_review(other, access)
    started, running = [], []

    def start(draft, access, *, note):
        started.append((draft.id, note))
        running.append(jobs.Job("1" * 32, "publish", draft.file, draft.id, "running", "publishing", 0, 0.0))

    monkeypatch.setattr(jobs, "start_publish", start)
    monkeypatch.setattr(jobs, "jobs", lambda access: list(running))
    app = page()
    app.text_input(key="note.all").set_value("both")
    app.button(key="publish.all").click().run()
    assert not app.exception
    app.run()
    assert started == [(draft.id, "both")]
    assert "Waits to be published" in said(app)
    running.clear()
    app.run()
    assert started == [(draft.id, "both"), (other.id, "both")]


@pytest.mark.parametrize(
    ("chosen", "shown"), [("", "48 of 48"), ("Heavy truck or trailer", "48 of 48"), ("Closed", "2 of 48")]
)
def test_all_of_a_layer_is_every_row_as_it_is_stored(chosen, shown, sample_store, at):
    at(sample_store)
    field = "road_state" if chosen == "Closed" else "vehicle_class"
    app = at_address(
        "layers", **{"layers.layer": "orvane-roads"} | ({f"orvane-roads.{field}": chosen} if chosen else {})
    )
    menus = {p.proto.popover.label: p for p in app.get("popover") if "Download" in p.proto.popover.label}
    assert list(menus) == ["Download all 72 rows, as stored", f"Download {shown}, as the map shows them"]
    rows = [_rows_downloaded(next(iter(menu.get("html"))).proto.body) for menu in menus.values()]
    assert rows == [72, int(shown.split()[0])]


def _rows_downloaded(menu):
    link = re.search(r'href="(/download\?format=geojson[^"]*)"', menu)[1]
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": urlsplit(link).query.encode(), "headers": []}
    answer = download(Request(scope))
    content = json.loads(Path(answer.path).read_bytes())
    asyncio.run(answer.background())
    return len(content["features"])
