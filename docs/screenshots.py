"""Take the screenshot of the README from the built site: ``python -m docs.screenshots SITE FOLDER`` in the root."""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from benchmarks.browser import start_chromium

#: File name -> (page, colour scheme).
SHOTS = {"reference-light.png": ("demo/reference.html", "light")}


def main(site: Path, folder: Path) -> None:
    """Write all screenshots of a built site to a folder."""
    with sync_playwright() as playwright:
        browser = start_chromium(playwright)
        for name, (address, scheme) in SHOTS.items():
            page = browser.new_page(viewport={"width": 1280, "height": 860}, color_scheme=scheme)
            page.goto((site / address).resolve().as_uri())
            page.screenshot(path=folder / name)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
