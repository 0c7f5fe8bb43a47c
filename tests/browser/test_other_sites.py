"""Stores of other sites in a browser: their cards say whose they are, and the search box finds them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Server, Site
    from playwright.sync_api import Page

EVIL = "<img src=x onerror=alert(1)>"


@pytest.fixture
def linked(site: Site) -> Site:
    """A site that links to the stores of another one."""
    store = {"backend": "redis", "prefix": "m", "service": "Mail", "purpose": f"Letters {EVIL}"}
    names = ("mail-outbox", "mail-inbox")
    content = {
        "x-published": {
            "project": f"Post {EVIL}",
            "url": "https://post.example.org/",
            "stores": {name: f"m.html#store-{name}" for name in names},
        },
        "x-state-stores": dict.fromkeys(names, store),
    }
    site.write("post/statestores.json", json.dumps(content))
    site.conf('statestores_sites = {"post": "post/statestores.json"}\n')
    site.write("index.rst", "Top\n===\n\nSee :store:`mail-outbox`.\n\n.. statestore-table::\n")
    return site


def test_the_card_says_whose_it_is(linked: Site, opened: Callable[..., Page]) -> None:
    """The card at a link to another site has its facts and the site's name, as text."""
    page = opened((linked.build().outdir / "index.html").as_uri())
    page.get_by_role("link", name="mail-outbox").hover()
    card = page.locator(".statestore-card")
    expect(card.locator(".statestore-card-where")).to_have_text(f" in Post {EVIL}")
    expect(card.locator(".statestore-card-purpose")).to_have_text(f"Letters {EVIL}")
    expect(card.locator("img")).to_have_count(0)


@pytest.mark.parametrize("theme", ["basic", "furo"])
def test_the_search_finds_it(linked: Site, server: Server, opened: Callable[..., Page], theme: str) -> None:
    """The search lists stores of other sites whose names have all words, with what they are for, and no others."""
    built = linked.build(html_theme=theme)
    for path in built.outdir.rglob("*"):
        if path.is_file():
            server.answers[f"/{path.relative_to(built.outdir).as_posix()}"] = path.read_bytes()
    for words, names in (
        ("MAIL%20out", ["mail-outbox"]),
        ("mail", ["mail-outbox", "mail-inbox"]),
        ("auth", []),
        ("", []),
    ):
        page = opened(f"{server.url}search.html?q={words}")
        page.wait_for_load_state("networkidle")
        found = page.locator(".statestore-elsewhere li")
        expect(found.locator("a")).to_have_text(sorted(names))
        if names:
            link = found.locator("a").first
            assert link.get_attribute("href") == f"https://post.example.org/m.html#store-{min(names)}"
            note = f"Redis, Mail: Letters {EVIL} (in Post {EVIL})"
            expect(found.first.locator(".statestore-note")).to_have_text(note)
    assert not page.locator("img[src=x]").count()
