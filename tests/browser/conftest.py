"""A real server and a real Chromium, every request that would leave the machine blocked."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from bench.browser import QUIET, ROOT, chromium, serving


def overlay(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line on a store."""
    return subprocess.run(
        [sys.executable, "cli.py", *arguments],
        cwd=ROOT,
        env={**os.environ, "OVERLAY_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )


@dataclass
class Watched:
    """A page with what went wrong on it."""

    page: Page
    address: str
    failed: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def clean(self) -> None:
        """No failed request, no console error, nothing asked of another machine."""
        assert self.outside == []
        assert self.failed == []
        assert self.console == []


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the sample scenario."""
    home = tmp_path_factory.mktemp("sample") / "home"
    done = overlay(home, "sample")
    assert done.returncode == 0, done.stderr
    return home


@pytest.fixture(scope="session")
def sample_address(sample_home: Path) -> Iterator[str]:
    """The dashboard on the sample scenario."""
    with serving(sample_home) as served:
        yield served.address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the session."""
    path = chromium()
    if path is None:
        pytest.fail("no Chromium: run `make browser`")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield opened
        opened.close()


@contextmanager
def watched(
    browser: Browser,
    address: str,
    *,
    dark: bool = False,
    width: int = 1280,
    height: int = 720,
    allowed: tuple[str, ...] = (),
) -> Iterator[Watched]:
    """A fresh page that records failures and blocks every outside request but those to `allowed` addresses."""
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light", accept_downloads=True
    )
    page = context.new_page()
    seen = Watched(page, address)

    def inspect(route):
        url = route.request.url
        if url.startswith((address, address.replace("http", "ws"), "data:", "blob:", *allowed)):
            route.continue_()
        else:
            seen.outside.append(url)
            route.abort()

    context.route("**/*", inspect)
    page.on(
        "requestfailed", lambda r: seen.failed.append(f"{r.url} {r.failure}") if not _aborted_by_leaving(r) else None
    )
    page.on("response", lambda r: seen.failed.append(f"{r.url} {r.status}") if r.status >= 400 else None)
    page.on("console", lambda m: seen.console.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: seen.console.append(str(e)))
    try:
        yield seen
    finally:
        context.close()


def _aborted_by_leaving(request) -> bool:
    """A request that the browser itself gave up because the page moved on, or became a download."""
    return request.failure == "net::ERR_ABORTED"


@pytest.fixture
def sample(browser: Browser, sample_address: str) -> Iterator[Watched]:
    """A fresh page on the sample scenario."""
    with watched(browser, sample_address) as seen:
        yield seen
