"""Until sign-in exists, only this machine may connect."""

import asyncio

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from dashboard.routes.guard import LoopbackOnly

APP = Starlette(
    routes=[Route("/{path:path}", lambda request: PlainTextResponse("in"), methods=["GET", "POST"])],
    middleware=[Middleware(LoopbackOnly)],
)


def respond(client="127.0.0.1", host="localhost:8501", origin=None, path="/", method="GET"):
    """First message of one request, straight through the ASGI interface."""
    headers = [(b"host", host.encode())] + ([(b"origin", origin.encode())] if origin else [])
    scope = {
        "type": "http",
        "http_version": "1.1",
        "scheme": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": headers,
        "client": (client, 5000),
        "server": ("127.0.0.1", 8501),
    }
    sent = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    asyncio.run(APP(scope, receive, send))
    return sent[0]


def answer(*args, **kwargs):
    """Status of one request."""
    return respond(*args, **kwargs)["status"]


def test_no_other_site_may_frame_ours():
    headers = dict(respond()["headers"])
    assert headers[b"x-frame-options"] == b"SAMEORIGIN"
    assert headers[b"content-security-policy"] == b"frame-ancestors 'self'; img-src 'self' data: blob:"


def test_pictures_of_another_machine_only_where_an_administrator_allowed_it(tmp_path, monkeypatch):
    monkeypatch.setenv("OVERLAY_HOME", str(tmp_path))
    (tmp_path / "overlay.toml").write_text(
        '[[base_maps]]\nname = "A"\naddress = "https://t.example:8443/a/{z}/{x}/{y}.png"\nattribution = "us"\n'
    )
    policy = dict(respond()["headers"])[b"content-security-policy"]
    assert policy == b"frame-ancestors 'self'; img-src 'self' data: blob: https://t.example:8443"


@pytest.mark.parametrize("client", ["127.0.0.1", "127.8.8.8", "::1"])
@pytest.mark.parametrize("host", ["localhost", "localhost:8501", "127.0.0.1:8501", "[::1]:8501"])
def test_this_machine_is_let_in(client, host):
    assert answer(client, host) == 200


@pytest.mark.parametrize("client", ["10.0.0.5", "192.168.1.9", "2001:db8::1", "::ffff:10.0.0.5"])
def test_other_machines_are_refused(client):
    assert answer(client) == 403


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example:8501", "", "10.0.0.5:8501", "testserver", "evil.example@localhost"]
)
def test_other_names_are_refused(host):
    assert answer(host=host) == 403


def test_other_sites_cannot_use_the_browser_of_a_user():
    assert answer(origin="http://evil.example", method="POST", path="/upload") == 403
    assert answer(origin="http://localhost:9999", method="POST", path="/upload") == 403
    assert answer(origin="null", method="POST", path="/upload") == 403
    assert answer(origin="http://localhost:8501", method="POST", path="/upload") == 200


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/_stcore/agent/x"])
def test_streamlits_side_doors_stay_closed(path):
    assert answer(path=path) == 403
