"""A real server and a real Chromium on this machine, for the benches and the browser tests.

Run as a command, it makes sure that a Chromium is there: one on the PATH, else Debian's
package when root, else Playwright's own.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def on_path() -> str | None:
    """Path of an installed Chromium."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def playwrights_own() -> str | None:
    """Path of the browser that Playwright brought, if it did."""
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).is_file() else None


def chromium() -> str | None:
    """The Chromium to drive."""
    return os.environ.get("OVERLAY_CHROMIUM") or on_path() or playwrights_own()


def install() -> None:
    """Install one, the way this machine allows."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], check=False, env=quiet)
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "chromium"], check=False, env=quiet, stdout=subprocess.DEVNULL
        )
    if on_path() is None:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


@dataclass(frozen=True)
class Served:
    """A running dashboard."""

    address: str
    pid: int


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(home: Path) -> Iterator[Served]:
    """The dashboard on a port of its own, its store in `home`; stopped at the end."""
    port = free_port()
    log = home.parent / f"server-{port}.log"
    with log.open("w") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)],
            cwd=ROOT,
            env={**os.environ, "OVERLAY_HOME": str(home)},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            address = f"http://localhost:{port}"
            for _ in range(300):
                try:
                    with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1):  # noqa: S310 - loopback
                        break
                except OSError:
                    if server.poll() is not None:
                        raise RuntimeError(f"the server stopped: {log.read_text()[-2000:]}") from None
                    time.sleep(0.1)
            yield Served(address, server.pid)
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()


if __name__ == "__main__":
    if chromium() is None:
        install()
    found = chromium()
    print(f"browser: {found}" if found else "browser: none found; install Chromium, or set OVERLAY_CHROMIUM")
    sys.exit(0 if found else 1)
