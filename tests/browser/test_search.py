"""The search of a built site: a store is found by its name, first, with what it is for."""

from __future__ import annotations

from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conftest import Site
    from playwright.sync_api import Page


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files and says nothing of it."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the base class
        """Say nothing."""


@pytest.fixture
def served() -> Iterator[Callable[[Path], str]]:
    """Return what serves a folder on the loopback interface: Sphinx's search fetches the pages that it has found."""
    servers = []

    def serve(folder: Path) -> str:
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(folder)))
        servers.append(server)
        Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("builder", ["html", "dirhtml"])
@pytest.mark.parametrize("theme", ["basic", "furo"])
def test_a_store_is_the_first_hit(
    site: Site, opened: Callable[..., Page], served: Callable[[Path], str], builder: str, theme: str
) -> None:
    """Who types a store's name gets the store first, with its backend, service and purpose, and a link to its row."""
    site.conf(f"html_theme = {theme!r}\n")
    site.write("index.rst", "Top\n===\n\n.. toctree::\n\n   auth-lock\n   stores\n")
    site.write("auth-lock.rst", "auth-lock\n=========\n\nA page on auth-lock, auth-lock and auth-lock.\n")
    site.write("stores.md", "# Stores\n\n```{statestore-table}\n```\n")
    built = site.build(builder)
    page = opened(f"{served(built.outdir)}/{'search.html' if builder == 'html' else 'search/'}")
    box = page.locator("[role=main] input[name=q], form input[name=q]").last
    box.fill("auth-lock")
    box.press("Enter")
    first = page.locator("#search-results li").first
    expect(first.locator("a").first).to_have_text("auth-lock")
    expect(first).to_contain_text("state store")
    expect(first.locator(".statestore-note")).to_have_text("Redis, Auth: Locks for auth-statestore")
    address = first.locator("a").first.get_attribute("href")
    assert address is not None
    assert address.endswith("#store-auth-lock")
    expect(page.locator(".statestore-note")).to_have_count(1)
    # Sphinx fetches the pages that it has found: closing meanwhile would be an error of its script.
    page.wait_for_load_state("networkidle")
