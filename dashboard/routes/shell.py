"""The page that starts the app, told where its server is.

Without that, Streamlit looks for its server below each page's own path first, and every
copied link would open with failed requests.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import streamlit
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

INDEX = Path(streamlit.__file__).parent / "static" / "index.html"
WHERE = '<script>window.__streamlit = { BACKEND_BASE_URL: window.location.origin + "/" }</script>'


@lru_cache(maxsize=1)
def _page() -> str:
    before, script, after = INDEX.read_text(encoding="utf-8").partition('<script type="module"')
    return before + WHERE + script + after


def shell(request: Request) -> Response:
    """The same page for every path of the menu; what is on it follows from the address."""
    return HTMLResponse(_page(), headers={"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"})
