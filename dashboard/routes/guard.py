"""Until people can sign in, only this machine may connect.

Pure ASGI, so that the websocket and every route, Streamlit's own included, pass through.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.basemaps import online

LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
NEVER_FRAMED = (
    (b"x-frame-options", b"SAMEORIGIN"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
)
REFUSAL = (
    "Overlay answers this machine only until sign-in is set up. Found a connection from elsewhere or under another "
    "name; expected http://localhost. Open it on the machine itself.\n"
)
CLOSED_PATHS = ("/_stcore/metrics", "/_stcore/agent")


def is_loopback(host: str) -> bool:
    """Whether an address is of this machine."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host in LOCAL_NAMES


def host_name(value: str) -> str:
    """Host without its port."""
    return urlsplit(f"//{value}").hostname or ""


def content_policy() -> bytes:
    """Who may frame our pages (nobody else), and whose pictures they may show: ours, and of allowed base maps."""
    allowed = [base.url for base in online()]
    hosts = dict.fromkeys(f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, allowed))
    return " ".join(["frame-ancestors 'self'; img-src 'self' data: blob:", *hosts]).encode()


def never_framed(send: Send) -> Send:
    """Add the headers that keep another site from framing ours and stealing clicks."""

    ours = (*NEVER_FRAMED, (b"content-security-policy", content_policy()))

    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = {name.lower() for name, _ in message["headers"]}
            message["headers"] = [*message["headers"], *(h for h in ours if h[0] not in given)]
        await send(message)

    return with_headers


class LoopbackOnly:
    """Refuses other machines, other host names (DNS rebinding) and other sites' requests."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a connection through, or answer 403 (close a websocket)."""
        if scope["type"] == "lifespan" or self.allowed(scope):
            await self.app(scope, receive, never_framed(send) if scope["type"] == "http" else send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": "this machine only"})
        else:
            await PlainTextResponse(REFUSAL, status_code=403)(scope, receive, send)

    @staticmethod
    def allowed(scope: Scope) -> bool:
        """Client, Host and (where sent) Origin must be this machine; some paths stay closed."""
        client = scope.get("client")
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if client and not is_loopback(client[0]):
            return False
        host = headers.get("host", "")
        if "@" in host or host_name(host) not in LOCAL_NAMES:
            return False
        origin = headers.get("origin")
        if origin and origin != "null" and urlsplit(origin).netloc != host:
            return False
        if origin == "null" and scope.get("method") == "POST":
            return False
        return not scope["path"].startswith(CLOSED_PATHS)
