"""Screenshots of every page into docs/pictures: `make pictures`. 1280 x 720 light and dark, and a tablet."""

from __future__ import annotations

import tempfile
from pathlib import Path

from conftest import overlay, watched
from playwright.sync_api import sync_playwright
from steps import drawn, open_page, settled

from bench.browser import QUIET, chromium, serving

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"
PAGES = {
    "picture": ("", {"sel": "orvane-activities/ACT-017"}),
    "risk": ("risk", {"area": "Sector+East", "risk.horizon_days": "7"}),
    "coverage": ("coverage", {"coverage.sector": "WASH", "coverage.look_ahead_days": "30"}),
    "movements": ("movements", {}),
    "buffers": ("buffers", {}),
    "layers": ("layers", {}),
}


VIEWS = {"light": (False, 1280, 720), "dark": (True, 1280, 720), "tablet": (False, 1024, 768)}
"""What a picture is called -> dark or not, and its size in pixels."""


def main() -> None:
    """Take them all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        home = Path(folder) / "home"
        overlay(home, "sample")
        browser = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        with serving(home) as served:
            for name, (path, parameters) in PAGES.items():
                for view, (dark, width, height) in VIEWS.items():
                    with watched(browser, served.address, dark=dark, width=width, height=height) as seen:
                        open_page(seen, path, **parameters)
                        settled(seen)
                        if name != "layers":
                            drawn(seen)
                        seen.page.wait_for_timeout(1500)
                        seen.page.screenshot(path=FOLDER / f"{name}-{view}.png")
                        seen.clean()
        browser.close()


if __name__ == "__main__":
    main()
