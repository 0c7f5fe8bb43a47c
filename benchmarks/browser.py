"""The page with the full table in Chromium: what opening and scrolling it costs, and how large it is."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Playwright

#: No sandbox, since containers have none to give; nothing that would ask the network.
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_COMMANDS = ("chromium", "chromium-browser", "google-chrome")

#: Waits until the rows that are shown have been the same for a second.
_SETTLED = """async () => {
  for (let rows = -1, same = 0; same < 10; ) {
    await new Promise(done => setTimeout(done, 100));
    const shown = document.querySelectorAll("tbody tr:not([hidden])").length;
    same = shown === rows ? same + 1 : 0;
    rows = shown;
  }
}"""
#: To the end of what is there, where large tables show the rest of their rows.
_TO_THE_END = "window.scrollTo(0, document.documentElement.scrollHeight)"
#: To the end in fifty steps, each shown before the next.
_SCROLL = """async () => {
  const shown = () => new Promise(done => requestAnimationFrame(() => setTimeout(done)));
  for (let step = 1; step <= 50; step++) {
    window.scrollTo(0, document.documentElement.scrollHeight * step / 50);
    await shown();
  }
}"""


def start_chromium(playwright: Playwright) -> Browser:
    """Start Chromium: the one that ``CHROMIUM`` names, the machine's, or Playwright's own.

    Raises :exc:`playwright.sync_api.Error` when there is none.
    """
    named = [os.environ["CHROMIUM"]] if "CHROMIUM" in os.environ else []
    found = next((path for name in (*named, *_COMMANDS) if (path := shutil.which(name))), None)
    return playwright.chromium.launch(executable_path=found, args=_ARGUMENTS)


def measure_page(page: Path, *, rows: int) -> dict[str, float]:
    """Open a page, wait for all rows, and scroll to the end; return milliseconds of script, layout and all work."""
    with sync_playwright() as playwright:
        browser = start_chromium(playwright)
        tab = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
        session = tab.context.new_cdp_session(tab)
        session.send("Performance.enable")
        tab.goto(page.absolute().as_uri())
        seen = tab.locator("tbody tr").count()
        if seen != rows:
            raise ValueError(f"{page}: {seen} rows, and not {rows}")
        tab.evaluate(_TO_THE_END)
        tab.evaluate(_SETTLED)
        tab.evaluate(_SCROLL)
        found = {entry["name"]: entry["value"] for entry in session.send("Performance.getMetrics")["metrics"]}
        browser.close()
    return {
        "script_ms": round(found["ScriptDuration"] * 1000, 1),
        "layout_ms": round((found["LayoutDuration"] + found["RecalcStyleDuration"]) * 1000, 1),
        "all_ms": round(found["TaskDuration"] * 1000, 1),
    }


#: Tells when the tools of the first table are ready, without watching each row as it is parsed.
_NOTE_READY = """
new MutationObserver((changes, watch) => {
  window.toolsReady = performance.now();
  watch.disconnect();
}).observe(document, { subtree: true, attributeFilter: ["data-ready"] });
"""
#: What a reader does -> the script that does it.
_ACTIONS = {
    "filter": "box.value = 'store 99'; box.dispatchEvent(new Event('input'));",
    "all_again": "box.value = ''; box.dispatchEvent(new Event('input'));",
    "facet": "tools.querySelector('[data-field=backend]').click();",
    "facet_again": "tools.querySelector('[data-field=backend]').click();",
    "sort": "tools.querySelector('th button').click();",
    "sort_again": "tools.querySelector('th button').click();",
}
#: From the action to the frame that shows it.
_TIMED = """async () => {
  const tools = document.querySelector(".statestore-interactive");
  const box = tools.querySelector("input[type=search]");
  const start = performance.now();
  %s
  await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
  return performance.now() - start;
}"""


def measure_tools(browser: Browser, page: Path) -> dict[str, float]:
    """Open a page with an interactive table; return milliseconds until it is ready, and of what a reader does.

    ``filter_ms`` and the like are of a reader at the top of the page. ``filter_scrolled_ms`` and the like are of one
    who was further down: then all rows are laid out.
    """
    tab = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    tab.add_init_script(_NOTE_READY)
    tab.goto(page.absolute().as_uri())
    tab.wait_for_function("window.toolsReady")
    found = {"ready_ms": float(tab.evaluate("window.toolsReady"))}
    for unit in ("ms", "scrolled_ms"):
        for name, action in _ACTIONS.items():
            tab.evaluate(_SETTLED)
            found[f"{name}_{unit}"] = float(tab.evaluate(_TIMED % action))
        tab.evaluate(_TO_THE_END)
        tab.evaluate(_SETTLED)
        tab.evaluate("window.scrollTo(0, 0)")
    tab.context.close()
    return {name: round(value, 1) for name, value in found.items()}
