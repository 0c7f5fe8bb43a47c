"""Take the screenshots of README and documentation from the built site: ``screenshots.py SITE FOLDER``.

Needs Playwright and a Chromium that is on the path or in ``CHROMIUM``.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

#: File name -> (page, colour scheme, width, height, what is done on the page before).
SHOTS = {
    "reference-light.png": ("demo/reference.html", "light", 1280, 860, ""),
    "reference-dark.png": ("demo/reference.html", "dark", 1280, 860, ""),
    "card-light.png": ("demo/services/auth.html", "light", 1000, 640, "a.reference.internal[href*='#store-']"),
}


def _take(page: Page, site: Path, name: str, folder: Path) -> None:
    address, _, _, _, hovered = SHOTS[name]
    page.goto((site / address).resolve().as_uri())
    if hovered:
        page.locator(f"p {hovered}").first.hover()
        page.wait_for_timeout(800)
    page.screenshot(path=folder / name)


def main(site: Path, folder: Path) -> None:
    """Write all screenshots of a built site to a folder."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for name, (_, scheme, width, height, _) in SHOTS.items():
            page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
            _take(page, site, name, folder)
            page.close()
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
