"""Pages as people reach them, in tests: through the real frame."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest

import store
from dashboard.menu import MENU
from layers.settings import PROJECT
from loaders import ingest

FRAME = str(PROJECT / "dashboard" / "frame.py")


def load(home: Path, *files: Path, **options) -> None:
    """Load files by the ordinary road."""
    access = store.open(home, as_=store.OPERATOR)
    for file in files:
        for draft in ingest.inspect(file, access, ingest.IngestOptions(**options)):
            ingest.publish(draft, access, ingest.review(draft, access), base=None, by="test", note="")


def run(path: str) -> AppTest:
    """One page, through navigation as people reach it."""
    app = AppTest.from_file(FRAME, default_timeout=60)
    app.run()
    entry = next(e for e in MENU if e.path == path)
    if path:
        app.switch_page(str(Path(FRAME).parent / entry.script)).run()
    return app


def said(app: AppTest) -> str:
    """All that the page says."""
    words = [m.value for m in (*app.markdown, *app.info, *app.error)]
    return " ".join([*(e.proto.body for e in app.get("html")), *words])


def at_address(path: str, **parameters: str) -> AppTest:
    """A page by its address."""
    app = AppTest.from_file(FRAME, default_timeout=60)
    for name, value in parameters.items():
        app.query_params[name] = value
    app.run()
    if path:
        app.switch_page(str(Path(FRAME).parent / next(e for e in MENU if e.path == path).script)).run()
    return app
